import Dom0
import XenAPI

/// What the kernel says of addresses and routes.
extension DoctorFacts.Management {
  func addressVerdict(_ family: DoctorFacts.Family) -> DoctorLine.State {
    if hasBridge == false {
      return .bad(
        DoctorWord(
          "the bridge \(bridge) is not there", means: "Management is to be on a bridge that nobody has made.",
          next: "Restart xcp-networkd, then XAPI; if that does not bring it, an emergency network reset does."))
    }
    guard let there = family.addresses else { return .skipped("the kernel could not be asked") }
    if let lost = there.first(where: \.isDuplicate) {
      return .bad(
        DoctorWord(
          "somebody else has \(lost.address): the kernel does not use it",
          means: "Before it uses an IPv6 address the kernel asks whether it is free. Somebody said no.",
          next: "Give this host another address, or the other machine. \(DoctorWord.findMAC)"))
    }
    let missing = family.configured.filter { wanted in !there.contains { Self.same(wanted, $0) } }
    if let wanted = missing.first { return .bad(Self.notThere(wanted, there, name)) }
    if there.isEmpty { return nothing(family) }
    if there.allSatisfy(\.isTentative) {
      return .notice(
        DoctorWord(
          "\(there[0].words) is being checked", means: "The kernel asks whether the address is free, which takes a second or two.",
          next: "Test again in a few seconds."))
    }
    return .ok("\(there.map(\.words).joined(separator: ", ")) on \(name), \(family.mode.words)")
  }

  private static func same(_ wanted: String, _ there: IPAddress) -> Bool {
    let bare = String(wanted.prefix { $0 != "/" })
    guard let own = InternetAddress(bare), own == InternetAddress(there.address) else { return false }
    return !wanted.contains("/") || wanted.hasSuffix("/\(there.prefixLength)")
  }

  private static func notThere(_ wanted: String, _ there: [IPAddress], _ name: String) -> DoctorWord {
    let instead = there.isEmpty ? "" : "; it has \(there.map(\.words).joined(separator: ", "))"
    return DoctorWord(
      "\(wanted) is set up, but \(name) does not have it\(instead)",
      means: "Somebody changed the address by hand, or xcp-networkd could not set it.",
      next: "Restart xcp-networkd: it sets the address up again.")
  }

  private func nothing(_ family: DoctorFacts.Family) -> DoctorLine.State {
    switch family.mode {
    case .dhcp:
      let last = family.lease.map { " The last one it gave was \($0.address)." } ?? ""
      return .bad(
        DoctorWord(
          "no address: no answer from DHCP",
          means: "No DHCP server has answered on \(tag.map { "VLAN \($0) of " } ?? "")\(nics.map(\.name).joinedWithAnd).\(last)",
          next: "Check the DHCP server and the VLAN of the switch port, or give the host a static address."))
    case .autoconf:
      return .bad(
        DoctorWord(
          "no IPv6 address: no router announces a network",
          means: "With autoconf the network comes from a router's announcement. None has come.",
          next: "Check that the router sends announcements (RA) into this network, and the VLAN of the switch port."))
    default:
      return .bad(
        DoctorWord(
          "no \(family.name) address is set up on \(name)", means: "Without an address nobody can reach this host.",
          next: "Give management an address: menu item Management interface, or the emergency network reset."))
    }
  }

  // MARK: Routes

  func routeVerdict(_ family: DoctorFacts.Family) -> DoctorLine.State {
    guard let routes = family.routes else { return .skipped("the kernel could not be asked") }
    if let word = stranger(family) { return .bad(word) }
    guard let first = routes.first else { return noRoute(family) }
    if Set(routes.map(\.device)).count > 1 {
      let ways = routes.map { "\($0.address) on \($0.device)" }
      return .bad(
        DoctorWord(
          "\(routes.count) default routes: \(ways.joinedWithAnd)",
          means: "What belongs to other networks goes out one way or the other, and answers get lost.",
          next: "Only management should have a gateway: take it away from the other interface."))
    }
    guard first.device == bridge else {
      let word = DoctorWord(
        "the default route leads through \(first.device), not through management (\(bridge))",
        means: "Answers to other networks leave by another interface than questions came in by; firewalls drop such answers.",
        next: "Give management the gateway, and take it away from the interface on \(first.device).")
      return family.configuredGateway.isEmpty ? .notice(word) : .bad(word)
    }
    return .ok("through \(first.address.isEmpty ? first.device : first.address)")
  }

  /// A gateway that no packet can be handed to.
  private func stranger(_ family: DoctorFacts.Family) -> DoctorWord? {
    let text = family.routes?.first { $0.device == bridge }?.address ?? family.configuredGateway
    guard let gateway = InternetAddress(text), !gateway.isLinkLocal, let own = family.usable.first,
      !family.usable.contains(where: { $0.contains(gateway) })
    else { return nil }
    return DoctorWord(
      "the gateway \(gateway) is not in the network of \(own.words)",
      means: "A gateway must be a neighbour. To this host it is not: the address, the prefix length or the gateway is wrong.",
      next: "Compare the three with the plan of the network, and set them: menu item Management interface.")
  }

  private func noRoute(_ family: DoctorFacts.Family) -> DoctorLine.State {
    if family.addresses?.isEmpty == true { return .skipped("no address") }
    guard family.configuredGateway.isEmpty else {
      return .bad(
        DoctorWord(
          "no default route, though the gateway \(family.configuredGateway) is set up",
          means: "Only machines of its own networks can be reached.", next: "Restart xcp-networkd: it sets the route up again."))
    }
    return .notice(
      DoctorWord(
        "no default route: this host reaches its own networks only",
        means: family.mode == .dhcp ? "The DHCP server names no router." : "No gateway is set up. That may be meant so.",
        next: "If other networks are to be reached, set a gateway: menu item Management interface."))
  }
}

extension InternetAddress {
  /// Of no use beyond the link.
  var isLinkLocal: Bool {
    switch self {
    case .v4(let address): address.isLinkLocal
    case .v6(let address): address.isLinkLocal
    }
  }
}

extension DoctorWord {
  static let findMAC = "The switch's table of MACs tells at which port the other one is."
}

extension IPConfigurationMode {
  fileprivate var words: String {
    switch self {
    case .dhcp: "by DHCP"
    case .static: "static"
    case .autoconf: "by autoconf"
    default: "set by hand"
    }
  }
}
