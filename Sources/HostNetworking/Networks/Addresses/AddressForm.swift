import XenAPI

/// The address of an interface beside management as a person typed it: the rules of IP, and what is refused at once.
public struct AddressForm: Hashable, Sendable {
  public enum Field: Hashable, Sendable {
    case address(AddressAnswers.Field)
    case purpose, isProtected, isDefaultRoute
  }

  public var interface: String
  public var addresses = AddressAnswers()
  public var purpose = ""
  public var isProtected = false
  public var isDefaultRoute = false

  /// Filled in with what the interface has now; nil when this host has no such interface.
  public init?(_ interface: String, _ facts: ChangeFacts) {
    guard let pif = facts.tree[interface]?.pif else { return nil }
    self.interface = interface
    switch pif.ipConfigurationMode {
    case .none: addresses.mode = .none
    case .static: addresses.mode = .fixed
    default: addresses.mode = .dhcp
    }
    if pif.ipConfigurationMode == .static { (addresses.ip, addresses.netmask, addresses.gateway) = (pif.ip, pif.netmask, pif.gateway) }
    switch pif.ipv6ConfigurationMode {
    case .dhcp: addresses.modeV6 = .dhcp
    case .autoconf: addresses.modeV6 = .autoconf
    case .static: addresses.modeV6 = .fixed
    default: addresses.modeV6 = .none
    }
    if pif.ipv6ConfigurationMode == .static {
      addresses.ipv6 = pif.ipv6.first { !$0.isEmpty && !$0.lowercased().hasPrefix("fe80:") } ?? ""
      addresses.gatewayV6 = pif.ipv6Gateway
    }
    purpose = pif.otherConfig[AddressPlanner.purposeKey] ?? ""
    isProtected = pif.disallowUnplug
    isDefaultRoute = pif.otherConfig[AddressPlanner.routeKey] == "true"
  }

  /// Checks every answer at once.
  public func checked() -> AnswerCheck<AddressRequest, Field> {
    var checker = AddressChecker(addresses)
    let (ipv4, ipv6) = (checker.ipv4(), checker.ipv6())
    // A missing gateway is as it should be here.
    let problems = checker.problems.filter { $0.isRefused || ![.gateway, .gatewayV6].contains($0.field) }
      .map { AnswerProblem(Field.address($0.field), $0.text, isRefused: $0.isRefused) }
    let isRefused = problems.contains(where: \.isRefused)
    return AnswerCheck(
      request: isRefused
        ? nil
        : AddressRequest(
          interface: interface, ipv4: ipv4, ipv6: ipv6, purpose: purpose.stripped, isProtected: isProtected, isDefaultRoute: isDefaultRoute),
      problems: problems)
  }
}

/// The addresses of this host, interface by interface, for those who ask.
public struct AddressList: Hashable, Sendable {
  public struct Row: Hashable, Sendable {
    public var interface: String
    public var network: String
    public var isManagement: Bool
    public var isAttached: Bool
    /// `static`, `DHCP`, `none`.
    public var mode: String
    public var modeV6: String
    /// With prefix lengths, as the kernel has them; as XAPI has them when it could not be asked.
    public var addresses: [String]
    public var gateway: String
    public var purpose: String
    public var isProtected: Bool
    public var isDefaultRoute: Bool
    public var mtu: Int
  }

  public var rows: [Row]

  public init(_ facts: ChangeFacts) {
    let tree = facts.tree
    rows = tree.nodes.filter { tree.bond(ofMember: $0.ref) == nil }.map { node in
      let pif = node.pif
      let network = facts.database.networks[pif.network]
      let recorded = [pif.ipv4Prefix.map { "\($0)" }].compactMap { $0 } + pif.ipv6.filter { !$0.isEmpty }
      return Row(
        interface: node.name, network: network?.nameLabel ?? "", isManagement: pif.management, isAttached: pif.currentlyAttached,
        mode: pif.ipConfigurationMode.rawValue, modeV6: pif.ipv6ConfigurationMode.rawValue,
        addresses: facts.addresses.map { $0[network?.bridge ?? ""]?.filter { !$0.hasPrefix("fe80:") } ?? [] } ?? recorded,
        gateway: pif.gateway, purpose: pif.otherConfig[AddressPlanner.purposeKey] ?? "", isProtected: pif.disallowUnplug,
        isDefaultRoute: pif.otherConfig[AddressPlanner.routeKey] == "true", mtu: Int(network?.mtu ?? 1500))
    }
  }
}
