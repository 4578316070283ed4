import XenAPI

extension PoolShape {
  /// - Parameter here: this machine; nil when it is not known which it is.
  init(_ database: XenDatabase, here: Ref<XenAPI.Host>?) {
    let networkRows = database.networks.all.sorted { ($0.record.nameLabel, $0.record.uuid) < ($1.record.nameLabel, $1.record.uuid) }
    networks = networkRows.map { Network($0.record) }
    let networkPlaces = Dictionary(
      networkRows.enumerated().map { ($0.element.ref, $0.offset) }, uniquingKeysWith: { first, _ in first })
    let coordinator = database.pools.first?.record.coordinator
    let hostRows = database.hosts.all.sorted { left, right in
      left.record.nameLabel == right.record.nameLabel
        ? left.record.uuid < right.record.uuid : comesBefore(left.record.nameLabel, right.record.nameLabel)
    }
    hosts = hostRows.map { row in
      var host = Host(row.record)
      host.isHere = row.ref == here
      host.isCoordinator = row.ref == coordinator
      host.isLive = database.hostMetrics[row.record.metrics]?.live ?? true
      // Of a row that is just coming or going, one end may be there before the other.
      let refs = row.record.pifs.filter { database.pifs[$0] != nil }
      let places = Dictionary(refs.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
      host.interfaces = Self.arranged(refs.compactMap { ref in database.pifs[ref].map { Interface($0, database, networkPlaces, places) } })
      return host
    }
  }
}

extension PoolShape.Network {
  init(_ network: Network) {
    self.init(uuid: network.uuid, name: network.nameLabel, bridge: network.bridge)
    isInternal = network.bridge == "xenapi" || network.otherConfig["is_host_internal_management_network"] == "true"
    hasVIFs = !network.vifs.isEmpty
  }
}

extension PoolShape.Host {
  init(_ host: Host) {
    self.init(uuid: host.uuid, name: host.nameLabel.nonEmpty ?? host.hostname)
    backend = host.softwareVersion["network_backend"] ?? ""
  }
}

extension PoolShape.Interface {
  fileprivate init(_ pif: PIF, _ database: XenDatabase, _ networks: [Ref<Network>: Int], _ places: [Ref<PIF>: Int]) {
    self.init(kind: .nic, uuid: pif.uuid, device: pif.device, network: pif.network.flatMap { networks[$0] })
    if let ref = pif.vlanMasterOf {
      kind = .vlan
      let vlan = database.vlans[ref]
      base = vlan?.taggedPIF.flatMap { places[$0] }
      vlanUUID = vlan?.uuid ?? ""
      tag = pif.vlan >= 0 ? Int(pif.vlan) : vlan.map { Int($0.tag) }
    } else if let ref = pif.tunnelAccessPIFOf.first {
      kind = .tunnel
      base = database.tunnels[ref]?.transportPIF.flatMap { places[$0] }
    } else if let ref = pif.sriovLogicalPIFOf.first {
      kind = .sriov
      base = database.sriovs[ref]?.physicalPIF.flatMap { places[$0] }
    } else if let ref = pif.bondMasterOf.first {
      kind = .bond
      if let bond = database.bonds[ref] {
        self.bond = PoolShape.Bond(
          uuid: bond.uuid, mode: bond.mode, properties: bond.properties, members: bond.members.compactMap { places[$0] })
      }
    }
    memberOf = database.bonds[pif.bondSlaveOf]?.interface.flatMap { places[$0] }
    mac = pif.mac
    mtu = pif.mtu > 0 ? Int(pif.mtu) : nil
    ownMTU = pif.otherConfig["mtu"]
    (isAttached, isManagement, disallowsUnplug) = (pif.currentlyAttached, pif.management, pif.disallowUnplug)
    (ipv4, ip, netmask, gateway) = (pif.ipConfigurationMode, pif.ip, pif.netmask, pif.gateway)
    ipv6 = pif.ipv6ConfigurationMode
    // Most have none, and XAPI writes one empty text then.
    ipv6Addresses = pif.ipv6.isEmpty ? [] : pif.ipv6.filter { !$0.isEmpty && !$0.lowercased().hasPrefix("fe80:") }
    primaryFamily = pif.primaryAddressType
    // VLANs share what belongs to the interface below.
    guard kind == .nic, let metrics = database.pifMetrics[pif.metrics] else { return }
    hasLink = metrics.carrier
    speed = metrics.carrier && metrics.speed > 0 ? Int(clamping: metrics.speed) : nil
    let pci = database.pcis[pif.pci]
    let ids = [metrics.vendorId, metrics.deviceId].filter { !$0.isEmpty }.joined(separator: ":")
    card.name = pci?.deviceName.nonEmpty ?? metrics.deviceName
    card.id = ids.nonEmpty ?? card.name
    card.driver = pci?.driverName ?? ""
    card.slot = pci?.pciID.nonEmpty ?? metrics.pciBusPath
  }
}
