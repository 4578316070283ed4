import XenAPI

extension HostJoin {
  /// This host's interfaces: NICs, bonds and the rest by name, each followed by what stands on top of it.
  func interfaces() -> [InterfaceView] {
    pifs.map { interface($0.ref, $0.record) }.arranged()
  }

  private func interface(_ ref: Ref<PIF>, _ pif: PIF) -> InterfaceView {
    let metrics = database.pifMetrics[pif.metrics]
    let network = database.networks[pif.network]
    let pci = database.pcis[pif.pci]
    let link = link(pif, metrics)
    let kind = kind(pif)
    return InterfaceView(
      id: kind.id(device: pif.device), ref: ref, uuid: pif.uuid, kind: kind, device: pif.device, mac: pif.mac,
      linkByXAPI: link,
      speed: link.carries ? metrics.map { Int(clamping: max(0, $0.speed)) } : nil,
      fullDuplex: link.carries ? metrics?.duplex : nil,
      vendor: metrics?.vendorName.nonEmpty ?? pci?.vendorName ?? "",
      model: metrics?.deviceName.nonEmpty ?? pci?.deviceName ?? "",
      driver: pci?.driverName ?? "",
      pci: pif.physical ? metrics?.pciBusPath.nonEmpty ?? pci?.pciID ?? "" : "",
      mtu: pif.mtu < 0 ? nil : Int(pif.mtu),
      ipv4: .init(
        mode: pif.ipConfigurationMode,
        addresses: pif.ip.isEmpty ? [] : [pif.ip + (prefixLength(ofMask: pif.netmask).map { "/\($0)" } ?? "")],
        gateway: pif.gateway),
      ipv6: .init(
        mode: pif.ipv6ConfigurationMode, addresses: pif.ipv6, gateway: pif.ipv6Gateway),
      dns: pif.dns.split(separator: ",").map { String($0).trimmed },
      memberOf: pif.bondSlaveOf.flatMap { database.bonds[$0]?.interface }.flatMap { database.pifs[$0]?.device },
      vlans: pif.vlanSlaveOf.compactMap { database.vlans[$0].map { Int($0.tag) } }.sorted(),
      network: pif.network.flatMap { networkIDs[$0] }, networkName: network?.nameLabel ?? "",
      bridge: network?.bridge ?? "",
      isManagement: pif.management, isAttached: pif.currentlyAttached, isManaged: pif.managed,
      isUnplugForbidden: pif.disallowUnplug, capabilities: pif.capabilities,
      vms: pif.network.flatMap { users[$0]?.here } ?? [])
  }

  /// The order of the questions is XAPI's own (`reference/xapi.md` §2.1).
  private func kind(_ pif: PIF) -> InterfaceView.Kind {
    if let tunnel = pif.tunnelAccessPIFOf.first.flatMap({ database.tunnels[$0] }) {
      return .tunnel(tunnel.protocol, over: device(tunnel.transportPIF))
    }
    if pif.vlanMasterOf != nil { return .vlan(tag: Int(pif.vlan), on: pif.device) }
    if !pif.sriovLogicalPIFOf.isEmpty { return .sriov(on: pif.device) }
    if let bond = pif.bondMasterOf.first.flatMap({ database.bonds[$0] }) {
      return .bond(mode: bond.mode, members: bond.members.map(device).sorted(by: comesBefore))
    }
    return pif.vlan >= 0 ? .vlan(tag: Int(pif.vlan), on: pif.device) : .nic
  }

  private func device(_ ref: Ref<PIF>?) -> String { database.pifs[ref]?.device ?? "?" }

  private func link(_ pif: PIF, _ metrics: PIFMetrics?) -> LinkState {
    // VLANs and SR-IOV share the measurements of the interface below: of a bond, its own count tells more.
    if let bond = bond(of: pif) {
      let up = bond.members.count { database.pifMetrics[database.pifs[$0]?.metrics]?.carrier ?? false }
      return .partly(up: up, of: bond.members.count)
    }
    guard let metrics else { return .unknown }
    return metrics.carrier ? .up : .down
  }

  /// The bond this interface is, or stands on.
  private func bond(of pif: PIF) -> Bond? {
    if let bond = pif.bondMasterOf.first { return database.bonds[bond] }
    guard let vlan = pif.vlanMasterOf, let base = database.vlans[vlan]?.taggedPIF else { return nil }
    return database.pifs[base]?.bondMasterOf.first.flatMap { database.bonds[$0] }
  }

  // MARK: Networks

  func networks(_ interfaces: [InterfaceView]) -> [NetworkView] {
    var here: [NetworkID: InterfaceView] = [:]
    for interface in interfaces { if let network = interface.network { here[network] = interface } }
    return database.networks.all
      .compactMap { ref, record in networkIDs[ref].map { network(ref, $0, record, here[$0]) } }
      .inOrder
  }

  private func network(_ ref: Ref<Network>, _ id: NetworkID, _ network: Network, _ interface: InterfaceView?)
    -> NetworkView
  {
    NetworkView(
      id: id, ref: ref, uuid: network.uuid, name: network.nameLabel, description: network.nameDescription,
      bridge: network.bridge, kind: kind(network, interface), interface: interface?.id,
      interfaceName: interface?.name ?? "", link: interface?.link ?? .unknown,
      hosts: network.pifs.count, vifs: network.vifs.count,
      runningVMs: users[ref]?.running ?? [], otherVMs: users[ref]?.others ?? [],
      mtu: Int(network.mtu), lockingMode: network.defaultLockingMode, purpose: network.purpose, tags: network.tags,
      isManaged: network.managed, isManagement: interface?.isManagement ?? false, memberOf: interface?.memberOf)
  }

  private func kind(_ network: Network, _ interface: InterfaceView?) -> NetworkView.Kind {
    if network.otherConfig["is_host_internal_management_network"] == "true" { return .hostInternal }
    // A network that this host has no interface on is judged by another host's.
    guard let kind = interface?.kind ?? network.pifs.lazy.compactMap({ database.pifs[$0] }).first.map(kind) else {
      return .privateToHost
    }
    return NetworkView.Kind(kind)
  }
}

extension String {
  var nonEmpty: String? { isEmpty ? nil : self }
}

/// `255.255.255.0` is 24; nil when the mask is malformed or has a gap.
func prefixLength(ofMask mask: String) -> Int? {
  let octets = mask.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
  guard octets.count == 4 else { return nil }
  var bits: UInt32 = 0
  for octet in octets {
    guard let octet else { return nil }
    bits = bits << 8 | UInt32(octet)
  }
  let length = (~bits).leadingZeroBitCount
  return bits == (length == 0 ? 0 : ~UInt32(0) << (32 - length)) ? length : nil
}
