import Dom0

extension DoctorFacts {
  /// Whether an address can be reached without a gateway.
  func isOnLink(_ address: InternetAddress) -> Bool { subnets.contains { $0.contains(address) } }
}

extension IPAddress {
  func contains(_ other: InternetAddress) -> Bool {
    switch (InternetAddress(address), other) {
    case (.v4(let own)?, .v4(let other)): IPv4Prefix(own, length: prefixLength).contains(other)
    case (.v6(let own)?, .v6(let other)): IPv6Prefix(own, length: prefixLength).contains(other) || other.isLinkLocal
    default: false
    }
  }

  var words: String { "\(address)/\(prefixLength)" }
}

extension DoctorFacts.Management {
  /// Nothing can be sent: all other questions are idle.
  var obstacle: String? {
    if hasBridge == false { return "no bridge" }
    guard !nics.isEmpty, nics.allSatisfy({ $0.isMissing || $0.hasLink == false }) else { return nil }
    return "no link"
  }

  /// The card to ask with tags of our own: the one that carries the traffic.
  var askingNIC: String? {
    let linked = nics.filter { !$0.isMissing && $0.hasLink != false }
    let active = bond?.state?.activeMember ?? bond?.kernel?.active
    return (linked.first { $0.name == active } ?? linked.first)?.name
  }

  var tagWords: String { tag.map { "VLAN \($0)" } ?? "untagged" }

  /// Whom a family's packets go to first, and through which device; nil when there is no such machine.
  func gateway(of family: DoctorFacts.Family) -> (address: InternetAddress, device: String)? {
    let route = family.routes?.first { $0.device == bridge && !$0.address.isEmpty }
      ?? family.routes?.first { !$0.address.isEmpty }
    if let route, let address = InternetAddress(route.address) { return (address, route.device) }
    // The kernel takes no route while there is no address; the gateway can be asked all the same.
    return InternetAddress(family.configuredGateway).map { ($0, bridge) }
  }
}
