import XenAPI

/// Which DNS servers XAPI has for this host, and on which interface.
public struct NameServerState: Hashable, Sendable {
  /// `eth0`, `VLAN 42 on bond0`.
  public var interface: String
  /// Its address comes from DHCP, and the servers with it: nothing can be set by hand.
  public var isFromDHCP: Bool
  /// Set by hand, in the order in which they are asked.
  public var servers: [String]
  public var searchDomains: [String]
  /// It is not the management interface: `other-config:peerdns` names it.
  public var isNamed: Bool
}

extension ServicesFacts {
  /// nil while XAPI has not told, and when no interface has management.
  public var names: NameServerState? {
    guard let change, let node = NameServersPlanner.carrier(InterfaceTree(change.database, host: change.host)) else {
      return nil
    }
    let isFromDHCP = node.pif.mainMode == .dhcp
    return NameServerState(
      interface: node.name, isFromDHCP: isFromDHCP, servers: isFromDHCP ? [] : node.pif.dnsServers,
      searchDomains: isFromDHCP ? [] : node.pif.searchDomains, isNamed: !node.pif.management)
  }
}
