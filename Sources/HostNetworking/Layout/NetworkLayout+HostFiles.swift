import Dom0
import XenAPI

extension NetworkLayout {
  /// Takes the layout from what the host's network daemon saved: what is really configured, but without names, and
  /// without what the daemon does not keep.
  /// - Parameter system: for the MACs of the NICs, and which bridge carries management.
  init(daemon file: NetworkdDB, inventory: Inventory?, of system: HostSystem, at: Int64, why: String) {
    var host = SavedHost()
    host.uuid = inventory?.installationUUID ?? ""
    host.name = ((try? system.hostname()) ?? nil) ?? ""
    host.product = HostView.product(inventory?.productBrand, inventory?.productVersion) ?? ""
    let missing = [
      "names and descriptions of networks are not known, only their bridges",
      "VLANs without an address may be missing, and so are tunnels, SR-IOV, other-config and private networks",
    ]
    self.init(taken: Taken(at: at, from: .hostFiles, why: why, missing: missing + file.problems), host: host)
    var owners: [String: String] = [:]
    for bridge in file.bridges.sorted(by: { comesBefore($0.name, $1.name) }) where bridge.vlan == nil {
      guard let name = addPorts(of: bridge, file, system) else { continue }
      owners[bridge.name] = name
    }
    for bridge in file.bridges {
      guard let vlan = bridge.vlan, let base = owners[vlan.parent], (0...4094).contains(vlan.tag) else { continue }
      let saved = SavedVLAN(base: base, tag: Int64(vlan.tag))
      guard interface(saved.name) == nil else { continue }
      vlans.append(saved)
      add(SavedInterface(name: saved.name, kind: .vlan, device: interface(base)?.device ?? base), on: bridge, file)
      owners[bridge.name] = saved.name
    }
    vlans.sort { comesBefore($0.name, $1.name) }
    nics.sort { comesBefore($0.device, $1.device) }
    interfaces.sort { $0.kind == $1.kind ? comesBefore($0.name, $1.name) : $0.kind.rank < $1.kind.rank }
    management = inventory?.managementInterface.flatMap { owners[$0] }
  }

  /// The NIC or bond of a bridge.
  /// - Returns: its name.
  private mutating func addPorts(
    of bridge: NetworkdDB.Bridge, _ file: NetworkdDB, _ system: HostSystem
  ) -> String? {
    guard let port = bridge.ports.first(where: { !$0.interfaces.isEmpty }) else { return nil }
    for device in port.interfaces where interface(device) == nil {
      nics.append(SavedNIC(device: device, system))
      var saved = SavedInterface(name: device, kind: .nic, device: device)
      saved.plugged = !port.isBond
      interfaces.append(saved)
    }
    guard port.isBond else {
      let device = port.interfaces[0]
      interfaces.removeAll { $0.name == device }
      add(SavedInterface(name: device, kind: .nic, device: device), on: bridge, file)
      return device
    }
    let mode = BondMode(rawValue: port.bondProperties["mode"] ?? BondMode.balanceSLB.rawValue)
    var bond = SavedBond(name: port.name, mode: mode, members: port.interfaces.sorted(by: comesBefore))
    bond.primary = port.interfaces[0]
    bond.properties = mode == .lacp ? Self.lacpProperties(port.bondProperties) : [:]
    guard interface(bond.name) == nil else { return nil }
    bonds.append(bond)
    add(SavedInterface(name: port.name, kind: .bond, device: port.name), on: bridge, file)
    return port.name
  }

  /// The daemon spells one of them its own way.
  private static func lacpProperties(_ daemon: [String: String]) -> [String: String] {
    var properties: [String: String] = [:]
    for (ours, theirs) in [
      ("hashing_algorithm", "hashing-algorithm"), ("lacp-time", "lacp-time"),
      ("lacp-aggregation-key", "lacp-aggregation-key"), ("lacp-fallback-ab", "lacp-fallback-ab"),
    ] {
      if let value = daemon[theirs] { properties[ours] = value }
    }
    return properties
  }

  private mutating func add(_ interface: SavedInterface, on bridge: NetworkdDB.Bridge, _ file: NetworkdDB) {
    // The network's own uuid comes first, those of the networks below follow.
    let uuid = bridge.otherConfig["network-uuids"]?.split(separator: ";").first.map { String($0) } ?? ""
    var network = SavedNetwork(uuid: uuid, name: "", bridge: bridge.name)
    var saved = interface
    if let settings = file.interface(bridge.name) {
      network.mtu = Int64(settings.mtu)
      saved.take(settings)
    }
    if self.network(network.id) == nil { networks.append(network) }
    saved.network = network.id
    interfaces.append(saved)
  }
}

extension SavedInterface {
  /// Takes over the addresses that the network daemon has for this interface's bridge.
  mutating func take(_ settings: NetworkdDB.Interface) {
    ipv4 = IPv4()
    switch settings.ipv4 {
    case .off: break
    case .dhcp: ipv4.mode = .dhcp
    case .static(let addresses):
      guard let first = addresses.first else { break }
      ipv4.mode = .static
      ipv4.address = first.address
      ipv4.netmask = "\(IPv4Prefix.netmask(length: first.prefix))"
      ipv4.gateway = settings.ipv4Gateway ?? ""
    }
    ipv6 = IPv6()
    switch settings.ipv6 {
    case .off, .linkLocal: break
    case .dhcp: ipv6.mode = .dhcp
    case .autoconf: ipv6.mode = .autoconf
    case .static(let addresses):
      ipv6.mode = .static
      ipv6.addresses = addresses.map(\.description)
      ipv6.gateway = settings.ipv6Gateway ?? ""
    }
    if ipv4.mode == .static || ipv6.mode == .static || !settings.nameServers.isEmpty { dns = settings.nameServers }
    if !settings.searchDomains.isEmpty { otherConfig["domain"] = settings.searchDomains.joined(separator: ",") }
  }
}

extension SavedInterface.Kind {
  fileprivate var rank: Int { [.nic, .bond, .sriov, .vlan, .tunnel].firstIndex(of: self) ?? 0 }
}

extension SavedNIC {
  /// What the kernel tells of a NIC.
  fileprivate init(device: String, _ system: HostSystem) {
    let folder = "/sys/class/net/\(device)"
    let address = ((try? system.text(folder + "/address", limit: 64)) ?? "").trimmedLine.lowercased()
    self.init(device: device, mac: address.isMAC ? address : "")
    readSlot(system)
  }

  /// XAPI's saved database does not tell the slot; the kernel's link to the card ends in it.
  mutating func readSlot(_ system: HostSystem) {
    guard pci.isEmpty, let target = system.linkTarget("/sys/class/net/\(device)/device") else { return }
    let slot = target.split(separator: "/").last.map { String($0) } ?? ""
    if slot.filter({ $0 == ":" }).count == 2 { pci = slot }
  }
}

extension String {
  fileprivate var trimmedLine: String { String(prefix { !$0.isNewline }).trimmed }
}
