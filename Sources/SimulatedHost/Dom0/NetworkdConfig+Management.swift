/// networkd without `networkd.db`: it reads `management.conf` (notes on XAPI §4.3, on dom0 §2.2).
extension NetworkdConfig {
  struct ManagementFailure: Error { let reason: String }

  /// - Parameters:
  ///   - bridge: the inventory's management interface; empty lets networkd choose.
  ///   - cards: this host's, to number them.
  init(managementConf text: String, bridge: String, cards: [NIC]) throws(ManagementFailure) {
    let file = KeyFile(text)
    func value(_ key: String) -> String? { file[key].flatMap { $0.isEmpty ? nil : $0 } }
    let members =
      value("BOND_MODE") == nil ? nil : value("BOND_MEMBERS")?.split(separator: ",").first.map { String($0) }
    guard let device = members ?? value("LABEL") else { throw ManagementFailure(reason: "LABEL is missing") }
    guard value("MODE") != nil || value("MODEV6") != nil else {
      throw ManagementFailure(reason: "neither MODE nor MODEV6 is there")
    }
    let card = cards.first { $0.device == device }
    let mac = card?.mac
    let parent = card.map { "xenbr\($0.position)" } ?? Self.bridge(named: device)
    let tag = value("VLAN").flatMap { Int64($0) }
    let name = bridge.isEmpty ? (tag == nil ? parent : "xentemp") : bridge

    interfaces[device] = Interface(isPersistent: true)
    interfaces[name] = try Self.interface(value)
    gatewayInterface = name
    dnsInterface = name
    if let tag, name != parent {
      bridges[parent] = Bridge(ports: [device: Port(interfaces: [device])], mac: mac, isPersistent: true)
      interfaces[parent] = Interface(ipv6: .linkLocal, isPersistent: true)
      bridges[name] = Bridge(vlan: VLAN(parent: parent, tag: tag), mac: mac, isPersistent: true)
    } else if tag != nil {
      // A VLAN's bridge cannot be its own parent: Open vSwitch refuses, and nothing leads out.
      bridges[name] = Bridge(mac: mac, isPersistent: true)
    } else {
      bridges[name] = Bridge(ports: [device: Port(interfaces: [device])], mac: mac, isPersistent: true)
    }
  }

  /// `xenbr0` of `eth0`, else `br` and the device's name.
  static func bridge(named device: String) -> String {
    guard device.hasPrefix("eth"), let number = Int(device.dropFirst(3)) else { return "br\(device)" }
    return "xenbr\(number)"
  }

  private static func interface(_ value: (String) -> String?) throws(ManagementFailure) -> Interface {
    var interface = Interface(isPersistent: true)
    switch value("MODE") {
    case "static":
      let (ip, mask) = (value("IP") ?? "", value("NETMASK") ?? "")
      guard IPv4Text.isValid(ip) else { throw ManagementFailure(reason: "IP '\(ip)' is no address") }
      guard let prefix = IPv4Text.prefix(ofMask: mask) else {
        throw ManagementFailure(reason: "NETMASK '\(mask)' is no netmask")
      }
      interface.ipv4 = .fixed([Address(ip: ip, prefix: prefix)])
      if let gateway = value("GATEWAY") {
        guard IPv4Text.isValid(gateway) else { throw ManagementFailure(reason: "GATEWAY '\(gateway)' is no address") }
        interface.ipv4Gateway = gateway
      }
    case "dhcp": interface.ipv4 = .dhcp
    default: break
    }
    switch value("MODEV6") {
    case "static":
      guard let address = value("IPv6").flatMap({ Address($0) }) else {
        throw ManagementFailure(reason: "IPv6 '\(value("IPv6") ?? "")' is no address with a length")
      }
      interface.ipv6 = .fixed([address])
      interface.ipv6Gateway = value("IPv6_GATEWAY")
    case "dhcp": interface.ipv6 = .dhcp
    case "autoconf": interface.ipv6 = .autoconf
    default: break
    }
    // Servers are set only where search domains are given as well.
    if let servers = value("DNS"), let domains = value("DOMAIN") {
      interface.dns = DNS(
        servers: servers.split(separator: ",").map { String($0) },
        domains: domains.split(separator: " ").map { String($0) })
    }
    return interface
  }
}
