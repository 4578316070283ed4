import XenAPI

/// Plans the address of an interface that is not management.
struct AddressPlanner {
  static let purposeKey = "management_purpose"
  static let routeKey = "defaultroute"

  let request: AddressRequest
  let facts: ChangeFacts
  let scene: ChangeScene
  let node: InterfaceTree.Node

  init(_ request: AddressRequest, _ facts: ChangeFacts) throws(ChangeProblem) {
    let scene = ChangeScene(facts.database, host: facts.host)
    guard let node = scene.tree[request.interface] else {
      throw ChangeProblem("this host has no interface \(request.interface)", remedy: "xcpconsole address show tells which there are")
    }
    (self.request, self.facts, self.scene, self.node) = (request, facts, scene, node)
  }

  var pif: PIF { node.pif }
  var name: String { node.name }

  // MARK: Settings

  var ipv4: IPv4Settings {
    switch request.ipv4 {
    case .none: .none
    case .dhcp: IPv4Settings(mode: .dhcp)
    case .fixed(let prefix, let gateway):
      // Name servers of an interface beside management are not asked; what is on record stays.
      IPv4Settings(
        mode: .static, address: "\(prefix.address)", netmask: "\(prefix.netmask)", gateway: gateway.map { "\($0)" } ?? "",
        dns: IPv4Settings(pif).dns)
    }
  }

  var ipv6: IPv6Settings {
    switch request.ipv6 {
    case .none: .none
    case .dhcp: IPv6Settings(mode: .dhcp)
    case .autoconf: IPv6Settings(mode: .autoconf)
    case .fixed(let prefix, let gateway):
      IPv6Settings(mode: .static, address: "\(prefix)", gateway: gateway.map { "\($0)" } ?? "", dns: IPv6Settings(pif).dns)
    }
  }

  var changesIPv4: Bool { !IPv4Settings(pif).isAs(ipv4) }
  var changesIPv6: Bool { !IPv6Settings(pif).isAs(ipv6) }
  /// Keys of other-config that differ, with what they become.
  private var keys: [String: String?] {
    var keys: [String: String?] = [:]
    if (pif.otherConfig[Self.purposeKey] ?? "") != request.purpose { keys[Self.purposeKey] = .some(request.purpose.isEmpty ? nil : request.purpose) }
    if wasDefaultRoute != request.isDefaultRoute { keys[Self.routeKey] = .some(request.isDefaultRoute ? "true" : nil) }
    return keys
  }
  var wasDefaultRoute: Bool { pif.otherConfig[Self.routeKey] == "true" }
  var movesDefaultRoute: Bool { wasDefaultRoute != request.isDefaultRoute }
  private var hasAddress: Bool { ipv4.mode != .none || ipv6.mode != .none }

  // MARK: The plan

  func plan() -> ChangePlan {
    let steps = self.steps
    var plan = ChangePlan(
      intent: .addresses(.set(request)), title: title, differences: differences, consequences: steps.isEmpty ? [] : consequences,
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps)
    if !steps.isEmpty, movesDefaultRoute || carriesSession, let expectation = scene.presentManagement(facts) {
      plan.isProvisional = true
      plan.expectation = expectation
    }
    return plan
  }

  /// The person who asks for it is connected to an address that changes.
  var carriesSession: Bool {
    guard let local = facts.session.local, changesIPv4 || changesIPv6 else { return false }
    return pif.ip == local || pif.ipv6.contains { $0.hasPrefix("\(local)/") }
  }

  private var title: String {
    let words = [request.ipv4 == .none ? nil : request.ipv4.words, request.ipv6 == .none ? nil : request.ipv6.words].compactMap { $0 }
    return words.isEmpty ? "No address on \(name)" : "\(name): \(words.joined(separator: " and "))"
  }

  private var differences: [ChangePlan.Difference] {
    func words(_ mode: IPConfigurationMode, _ address: String) -> String {
      switch mode {
      case .none: "none"
      case .static: address.isEmpty ? "none" : address
      default: mode.rawValue + (address.isEmpty ? "" : " (\(address) now)")
      }
    }
    let purpose = pif.otherConfig[Self.purposeKey] ?? ""
    var lines = [
      ChangePlan.Difference("IPv4", now: words(pif.ipConfigurationMode, pif.ipv4Prefix.map { "\($0)" } ?? ""), after: request.ipv4.words),
      ChangePlan.Difference("IPv6", now: words(pif.ipv6ConfigurationMode, pif.ipv6.first ?? ""), after: request.ipv6.words),
    ]
    if case .fixed(_, let gateway?) = request.ipv4 { lines.append(.init("Gateway", now: pif.gateway.isEmpty ? "none" : pif.gateway, after: "\(gateway)")) }
    lines += [
      ChangePlan.Difference("Purpose", now: purpose.isEmpty ? "none" : purpose, after: request.purpose.isEmpty ? "none" : request.purpose),
      ChangePlan.Difference("Unplugging", now: pif.disallowUnplug ? "forbidden" : "allowed", after: request.isProtected ? "forbidden" : "allowed"),
      ChangePlan.Difference("Default", now: wasDefaultRoute ? "by its gateway" : "not by it", after: request.isDefaultRoute ? "by its gateway" : "not by it"),
    ]
    return lines.filter { $0.isChange || ["IPv4", "Unplugging", "Purpose"].contains($0.name) }
  }

  // MARK: Steps

  private var steps: [ChangeStep] {
    var steps: [ChangeStep] = []
    // Before the address: XAPI looks for the default route when it plugs.
    if !keys.isEmpty {
      let before = keys.keys.reduce(into: [String: String?]()) { $0[$1] = .some(pif.otherConfig[$1]) }
      steps.append(step(.setOtherConfig(name, keys), undo: [.setOtherConfig(name, before)] + (movesDefaultRoute && pif.currentlyAttached ? [.replug(name)] : [])))
    }
    // XAPI leaves an interface unplugged when its settings could not be set up.
    let plugged: [ChangeAction] = pif.currentlyAttached ? [.plug(name)] : []
    if changesIPv4 { steps.append(step(.setIPv4(name, ipv4), undo: [.setIPv4(name, IPv4Settings(pif))] + plugged)) }
    if changesIPv6 { steps.append(step(.setIPv6(name, ipv6), undo: [.setIPv6(name, IPv6Settings(pif))] + plugged)) }
    if pif.disallowUnplug != request.isProtected {
      steps.append(step(.addresses(.protect(name, request.isProtected)), undo: [.addresses(.protect(name, pif.disallowUnplug))]))
    }
    if hasAddress, !pif.currentlyAttached { steps.append(step(.plug(name), undo: [.unplug(name)])) }
    if movesDefaultRoute, !changesIPv4, !changesIPv6, pif.currentlyAttached {
      steps.append(step(.replug(name), undo: []))
    }
    return steps.numbered
  }

  private func step(_ action: ChangeAction, undo: [ChangeAction]) -> ChangeStep {
    ChangeStep(0, action.sentence, commands: ChangeCommands(scene: scene).lines(action), action: action, undo: undo)
  }
}
