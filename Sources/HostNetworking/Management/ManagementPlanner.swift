import XenAPI

/// Thinks a change of the management interface through. Pure: the same facts and the same wish make the same plan.
struct ManagementPlanner {
  let request: ManagementRequest
  let facts: ChangeFacts
  let scene: ChangeScene
  /// The interface that management shall be on; nil while it is not there.
  let target: InterfaceTree.Node?
  /// The one below a VLAN that is to be made.
  let base: InterfaceTree.Node?
  /// Where management is now; nil when it is off.
  let present: InterfaceTree.Node?
  /// Tells the network that this plan makes from others.
  let mark: String

  /// - Parameter mark: tells the network that this plan makes from others; any text of its own.
  init(_ request: ManagementRequest, _ facts: ChangeFacts, mark: String? = nil) {
    self.request = request
    self.facts = facts
    let scene = ChangeScene(facts.database, host: facts.host)
    self.scene = scene
    target = scene.tree[request.target.name]
    base = if case .newVLAN(_, let base) = request.target { scene.tree[base] } else { nil }
    present = scene.tree.management
    self.mark = mark ?? ChangeMark.new()
  }

  var name: String { request.target.name }
  var isMove: Bool { present?.name != name }
  var host: Host? { facts.database.hosts[facts.host] }
  var isMember: Bool { facts.database.pools.first?.record.coordinator.map { $0 != facts.host } ?? false }

  func plan() -> ChangePlan {
    let steps = self.steps()
    return ChangePlan(
      intent: .management(request), title: title, differences: differences(), consequences: consequences(),
      hazards: hazards(hasSteps: !steps.isEmpty), steps: steps, isProvisional: true, expectation: expectation)
  }

  private var title: String {
    let words = isIPv6 ? request.ipv6.words : request.ipv4.words
    return isMove ? "Management on \(name), \(words)" : "Management address \(words) on \(name)"
  }

  var isIPv6: Bool { request.primary == .ipv6 }

  /// The NICs that carry it.
  var cards: [InterfaceTree.Node] {
    guard let node = target ?? base else { return [] }
    return scene.cards(below: node)
  }

  private var expectation: Expectation {
    var expectation = Expectation(interface: name, cards: cards.map(\.pif.device), isIPv6: isIPv6)
    if isIPv6 {
      if case .fixed(let prefix, let gateway) = request.ipv6 {
        expectation.address = "\(prefix.address)"
        expectation.gateway = gateway.map { "\($0)" }
      }
    } else if case .fixed(let prefix, let gateway) = request.ipv4 {
      expectation.address = "\(prefix.address)"
      expectation.gateway = gateway.map { "\($0)" }
    }
    expectation.servers = request.dns.map { "\($0)" }
    if isMember, let coordinator = facts.database.pools.first?.record.coordinator {
      expectation.coordinator = facts.database.hosts[coordinator]?.address
    }
    return expectation
  }

  // MARK: Settings

  var ipv4: IPv4Settings {
    switch request.ipv4 {
    case .none: return .none
    case .dhcp: return IPv4Settings(mode: .dhcp)
    case .fixed(let prefix, let gateway):
      return IPv4Settings(
        mode: .static, address: "\(prefix.address)", netmask: "\(prefix.netmask)",
        gateway: gateway.map { "\($0)" } ?? "", dns: request.servers(ipv6: false))
    }
  }

  var ipv6: IPv6Settings {
    let dns = request.servers(ipv6: true)
    switch request.ipv6 {
    case .none: return IPv6Settings(mode: .none, dns: dns)
    case .dhcp: return IPv6Settings(mode: .dhcp, dns: dns)
    case .autoconf: return IPv6Settings(mode: .autoconf, dns: dns)
    case .fixed(let prefix, let gateway):
      return IPv6Settings(mode: .static, address: "\(prefix)", gateway: gateway.map { "\($0)" } ?? "", dns: dns)
    }
  }

  var family: AddressFamily { request.primary }
}

/// Names for what a change makes.
enum ChangeMark {
  static func new() -> String {
    String(UInt64.random(in: 0...UInt64.max), radix: 36)
  }
}

extension ManagementRequest {
  func servers(ipv6: Bool) -> String {
    dns.filter { $0.isIPv6 == ipv6 }.map { "\($0)" }.joined(separator: ",")
  }
}

extension ResetRequest.IPv4 {
  /// `10.0.4.12/24`, `DHCP`, `none`.
  var words: String {
    switch self {
    case .none: "none"
    case .dhcp: "DHCP"
    case .fixed(let prefix, _): "\(prefix)"
    }
  }
}

extension ResetRequest.IPv6 {
  var words: String {
    switch self {
    case .none: "none"
    case .dhcp: "DHCP"
    case .autoconf: "autoconf"
    case .fixed(let prefix, _): "\(prefix)"
    }
  }
}

extension ChangeScene {
  /// The NICs that an interface rests on.
  func cards(below node: InterfaceTree.Node) -> [InterfaceTree.Node] {
    switch node.kind {
    case .nic: [node]
    case .bond: node.members.compactMap { tree[$0] }
    case .vlan, .tunnel, .sriov: tree[node.base].map { cards(below: $0) } ?? []
    }
  }
}
