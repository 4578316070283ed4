import XenAPI

/// The `xe` lines that do the same as a step. What does not exist yet is looked up in the line itself, so that the
/// lines of a plan can be pasted into a shell one after the other.
struct RestoreCommands {
  let resolver: LayoutResolver
  let hostUUID: String
  /// Devices that planned bonds will get, by their name in the layout.
  var plannedDevices: [String: String] = [:]

  func interface(_ name: String) -> String {
    if let node = resolver.node(name) { return node.pif.uuid }
    guard let saved = resolver.layout.interface(name) else { return "?" }
    let vlan = resolver.layout.vlans.first { $0.name == name }
    let device = plannedDevices[vlan?.base ?? name] ?? saved.device
    let tag = vlan.map { String($0.tag) } ?? "-1"
    return "$(xe pif-list host-uuid=\(hostUUID) device=\(shell(device)) VLAN=\(tag) --minimal)"
  }

  func network(_ id: String) -> String {
    if let network = resolver.database.networks[resolver.network(id)] { return network.uuid }
    return "$(xe network-list name-label=\(shell(resolver.layout.network(id)?.name ?? id)) --minimal)"
  }

  private func bond(_ bond: SavedBond) -> String {
    let uuid = resolver.node(bond.name).flatMap { resolver.database.bonds[$0.pif.bondMasterOf.first] }?.uuid
    return uuid ?? "$(xe pif-param-get uuid=\(interface(bond.name)) param-name=bond-master-of)"
  }

  func lines(_ action: RestoreAction) -> [String] {
    switch action {
    case .createNetwork(let network): return create(network)
    case .changeNetwork(let network, let changes): return changes.map { change(self.network(network.id), $0) }
    case .createBond(let bond):
      let members = resolver.members(of: bond).map(\.pif.uuid).joined(separator: ",")
      let mac = bond.mac.isEmpty ? "" : " mac=\(bond.mac)"
      let network = resolver.layout.interface(bond.name)?.network ?? ""
      return [
        "xe bond-create network-uuid=\(self.network(network)) pif-uuids=\(members) "
          + "mode=\(shell(bond.mode.rawValue))\(mac)" + pairs("properties", bond.createProperties)
      ]
    case .setBondMode(let bond): return ["xe bond-set-mode uuid=\(self.bond(bond)) mode=\(shell(bond.mode.rawValue))"]
    case .setBondProperties(let bond, let values):
      return ["xe bond-param-set uuid=\(self.bond(bond))\(pairs("properties", values))"]
    case .createVLAN(let vlan): return [create(vlan)]
    case .replaceVLAN(let vlan): return ["xe vlan-destroy uuid=\(interface(vlan.name))", create(vlan)]
    case .createTunnel(let tunnel):
      let network = resolver.layout.interface(tunnel.name)?.network ?? ""
      return [
        "xe tunnel-create pif-uuid=\(interface(tunnel.base)) network-uuid=\(self.network(network)) "
          + "protocol=\(shell(tunnel.protocol.rawValue))"
      ]
    case .createSRIOV(let sriov):
      let network = resolver.layout.interface(sriov.name)?.network ?? ""
      return ["xe network-sriov-create pif-uuid=\(interface(sriov.base)) network-uuid=\(self.network(network))"]
    case .setOtherConfig(let owner, let values): return setOtherConfig(owner, values)
    case .setProperties(let saved, let values):
      return ["xe pif-param-set uuid=\(interface(saved.name))\(pairs("properties", values))"]
    case .setPrimaryAddressType(let saved):
      return [
        "xe pif-set-primary-address-type uuid=\(interface(saved.name)) "
          + "primary_address_type=\(shell(saved.primary.rawValue.lowercased()))"
      ]
    case .setIPv4(let saved):
      var line =
        "xe pif-reconfigure-ip uuid=\(interface(saved.name)) mode=\(shell(saved.ipv4.mode.rawValue.lowercased()))"
      if saved.ipv4.mode == .static {
        line += " IP=\(shell(saved.ipv4.address)) netmask=\(shell(saved.ipv4.netmask))"
        if !saved.ipv4.gateway.isEmpty { line += " gateway=\(shell(saved.ipv4.gateway))" }
        if !saved.dns4.isEmpty { line += " DNS=\(shell(saved.dns4.joined(separator: ",")))" }
      }
      return [line]
    case .setIPv6(let saved):
      var line =
        "xe pif-reconfigure-ipv6 uuid=\(interface(saved.name)) mode=\(shell(saved.ipv6.mode.rawValue.lowercased()))"
      if saved.ipv6.mode == .static {
        line += " IPv6=\(shell(saved.ipv6.addresses.first ?? ""))"
        if !saved.ipv6.gateway.isEmpty { line += " gateway=\(shell(saved.ipv6.gateway))" }
        if !saved.dns6.isEmpty { line += " DNS=\(shell(saved.dns6.joined(separator: ",")))" }
      }
      return [line]
    case .plug(let saved): return ["xe pif-plug uuid=\(interface(saved.name))"]
    case .protect(let saved): return ["xe pif-param-set uuid=\(interface(saved.name)) disallow-unplug=true"]
    case .moveManagement(let saved): return ["xe host-management-reconfigure pif-uuid=\(interface(saved.name))"]
    }
  }

  private func create(_ vlan: SavedVLAN) -> String {
    let network = resolver.layout.interface(vlan.name)?.network ?? ""
    return "xe vlan-create pif-uuid=\(interface(vlan.base)) vlan=\(vlan.tag) network-uuid=\(self.network(network))"
  }

  private func create(_ network: SavedNetwork) -> [String] {
    var lines = [
      "xe network-create name-label=\(shell(network.name)) name-description=\(shell(network.description)) "
        + "MTU=\(network.mtu)"
    ]
    let uuid = self.network(network.id)
    if !network.otherConfig.isEmpty {
      lines.append("xe network-param-set uuid=\(uuid)\(pairs("other-config", network.otherConfig))")
    }
    lines += network.tags.map { change(uuid, .addTag($0)) }
    lines += network.afterCreation.map { change(uuid, $0) }
    return lines
  }

  private func change(_ uuid: String, _ change: NetworkChange) -> String {
    switch change {
    case .name(let name): "xe network-param-set uuid=\(uuid) name-label=\(shell(name))"
    case .description(let text): "xe network-param-set uuid=\(uuid) name-description=\(shell(text))"
    case .mtu(let mtu): "xe network-param-set uuid=\(uuid) MTU=\(mtu)"
    case .otherConfig(let key, let value): "xe network-param-set uuid=\(uuid)\(pairs("other-config", [key: value]))"
    case .addTag(let tag): "xe network-param-add uuid=\(uuid) param-name=tags param-key=\(shell(tag))"
    case .addPurpose(let purpose): "xe network-param-add uuid=\(uuid) param-name=purpose param-key=\(shell(purpose))"
    case .locking(let mode): "xe network-param-set uuid=\(uuid) default-locking-mode=\(shell(mode.rawValue))"
    }
  }

  private func setOtherConfig(_ owner: ConfigOwner, _ values: [String: String]) -> [String] {
    let pairs = pairs("other-config", values)
    switch owner {
    case .interface(let saved):
      var lines = ["xe pif-param-set uuid=\(interface(saved.name))\(pairs)"]
      if let bond = resolver.layout.bond(ofMember: saved.name) {
        if resolver.node(bond.name) != nil { lines.append("xe pif-plug uuid=\(interface(bond.name))") }
      } else {
        lines.append("xe pif-plug uuid=\(interface(saved.name))")
      }
      return lines
    case .bond(let saved): return ["xe bond-param-set uuid=\(bond(saved))\(pairs)"]
    case .vlan(let saved):
      return ["xe vlan-param-set uuid=$(xe vlan-list untagged-PIF=\(interface(saved.name)) --minimal)\(pairs)"]
    case .tunnel(let saved):
      return ["xe tunnel-param-set uuid=$(xe tunnel-list access-PIF=\(interface(saved.name)) --minimal)\(pairs)"]
    }
  }

  private func pairs(_ map: String, _ values: [String: String]) -> String {
    values.sorted { $0.key < $1.key }.map { " " + shell("\(map):\($0.key)=\($0.value)") }.joined()
  }

  private func shell(_ word: String) -> String { ShellWord.quoted(word) }
}

extension SavedBond {
  /// XAPI takes properties of LACP bonds only (`reference/xapi.md` §3.7).
  var createProperties: [String: String] { mode == .lacp ? properties : [:] }
}

extension SavedNetwork {
  /// What `network.create` does not take.
  var afterCreation: [NetworkChange] {
    purpose.map { .addPurpose($0) } + (locking == .unlocked ? [] : [.locking(locking)])
  }
}

extension SavedInterface {
  /// The IPv4 servers: XAPI keeps those of both families in one list and sets them apart.
  var dns4: [String] { dns.filter { !$0.contains(":") } }
  var dns6: [String] { dns.filter { $0.contains(":") } }
}
