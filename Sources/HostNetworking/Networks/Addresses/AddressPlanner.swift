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
  /// The default route leaves by another interface from then on, or by another gateway.
  var movesDefaultRoute: Bool { wasDefaultRoute != request.isDefaultRoute || (wasDefaultRoute && changesIPv4) }
  /// Who has the default route when this interface does not: another that is set to have it, else management.
  var otherWayOut: InterfaceTree.Node? {
    scene.tree.nodes.first { $0.ref != node.ref && $0.pif.otherConfig[Self.routeKey] == "true" && $0.pif.currentlyAttached } ?? scene.tree.management
  }
  private var hasAddress: Bool { ipv4.mode != .none || ipv6.mode != .none }

  // MARK: The plan

  func plan() -> ChangePlan {
    let steps = self.steps
    var plan = ChangePlan(
      intent: .addresses(.set(request)), title: title, differences: differences, consequences: steps.isEmpty ? [] : consequences,
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps)
    if !steps.isEmpty, movesDefaultRoute || carriesSession || !captured.isEmpty || !storage.isEmpty {
      plan.isProvisional = true
      plan.expectation = .asNow(scene)
    }
    return plan
  }

  /// The person who asks for it is connected over an address here or above that is set up anew.
  var carriesSession: Bool { (changesIPv4 || changesIPv6) && facts.sessionAddress(over: node.ref, scene.tree) != nil }

  var bridge: String { facts.database.networks[pif.network]?.bridge ?? "" }

  /// Those whom this host would reach by the new network instead.
  var captured: [String] {
    guard changesIPv4, case .fixed(let prefix, _) = request.ipv4 else { return [] }
    return scene.captured(prefix, on: bridge, facts)
  }

  /// Storage in the network that is left.
  var storage: [String] {
    guard changesIPv4, let before = pif.ipv4Prefix else { return [] }
    if case .fixed(let after, _) = request.ipv4, after.contains(before.network), after.length <= before.length { return [] }
    return facts.storage.filter { before.contains($0.address) }.map { "\"\($0.name)\" (\($0.address))" }.sorted(by: comesBefore)
  }

  private var title: String {
    var words: [String] = []
    if changesIPv4 { words.append(request.ipv4 == .none ? "no IPv4 address" : request.ipv4.words) }
    if changesIPv6 { words.append(request.ipv6 == .none ? "no IPv6 address" : request.ipv6.words) }
    if wasDefaultRoute != request.isDefaultRoute { words.append(request.isDefaultRoute ? "default route by it" : "default route not by it") }
    if (pif.otherConfig[Self.purposeKey] ?? "") != request.purpose { words.append(request.purpose.isEmpty ? "no purpose" : "purpose \(request.purpose)") }
    if pif.disallowUnplug != request.isProtected { words.append(request.isProtected ? "unplugging forbidden" : "unplugging allowed") }
    return "\(name): \(words.isEmpty ? "as it is" : PoolWords.list(words))"
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
      steps.append(step(.setOtherConfig(name, keys), undo: [.setOtherConfig(name, before)] + (movesDefaultRoute ? wayOutBefore : [])))
    }
    // XAPI leaves an interface unplugged when its settings could not be set up.
    let plugged: [ChangeAction] = pif.currentlyAttached ? [.plug(name)] : []
    if changesIPv4 { steps.append(step(.setIPv4(name, ipv4), undo: [.setIPv4(name, IPv4Settings(pif))] + plugged)) }
    if changesIPv6 { steps.append(step(.setIPv6(name, ipv6), undo: [.setIPv6(name, IPv6Settings(pif))] + plugged)) }
    if hasAddress, !pif.currentlyAttached { steps.append(step(.plug(name), undo: [.unplug(name)])) }
    if movesDefaultRoute, !changesIPv4, !changesIPv6, pif.currentlyAttached { steps.append(step(.replug(name), undo: [])) }
    // The network daemon sets a default route only when it sets up the interface that has it.
    if wasDefaultRoute, !request.isDefaultRoute, let other = otherWayOut { steps.append(step(.replug(other.name), undo: [])) }
    // Last, for on the way back it would keep the interface from being unplugged.
    if pif.disallowUnplug != request.isProtected {
      steps.append(step(.addresses(.protect(name, request.isProtected)), undo: [.addresses(.protect(name, pif.disallowUnplug))]))
    }
    return steps.numbered
  }

  /// What had the default route is plugged anew once it is to have it again.
  private var wayOutBefore: [ChangeAction] {
    let own: [ChangeAction] = pif.currentlyAttached ? [.replug(name)] : []
    return own + (wasDefaultRoute ? [] : otherWayOut.map { [.replug($0.name)] } ?? [])
  }

  private func step(_ action: ChangeAction, undo: [ChangeAction]) -> ChangeStep {
    ChangeStep(0, action.sentence, commands: ChangeCommands(scene: scene).lines(action), action: action, undo: undo)
  }
}
