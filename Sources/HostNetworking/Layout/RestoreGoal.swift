import XenAPI

extension LayoutResolver {
  /// Whether what a step is for is so already: because somebody did it, an earlier run did, or XAPI did by itself.
  func isReached(_ action: RestoreAction) -> Bool {
    switch action {
    case .createNetwork(let saved): return network(saved.id) != nil
    case .changeNetwork(let saved, let changes):
      guard let now = database.networks[network(saved.id)] else { return false }
      return changes.allSatisfy { now.has($0) }
    case .createBond(let bond): return node(bond.name) != nil
    case .setBondMode(let bond): return row(bond)?.mode == bond.mode
    case .setBondProperties(let bond, let values): return row(bond)?.properties.contains(values) == true
    case .createVLAN(let vlan), .replaceVLAN(let vlan): return isOnItsNetwork(vlan.name)
    case .createTunnel(let tunnel): return isOnItsNetwork(tunnel.name)
    case .createSRIOV(let sriov): return isOnItsNetwork(sriov.name)
    case .setOtherConfig(let owner, let values): return config(of: owner)?.contains(values) == true
    case .setProperties(let saved, let values): return node(saved.name)?.pif.properties.contains(values) == true
    case .setPrimaryAddressType(let saved): return node(saved.name)?.pif.primaryAddressType == saved.primary
    case .setIPv4(let saved): return now(saved.name)?.hasSameIPv4(as: saved) == true
    case .setIPv6(let saved): return now(saved.name)?.hasSameIPv6(as: saved) == true
    case .plug(let saved): return node(saved.name)?.pif.currentlyAttached == true
    case .protect(let saved): return node(saved.name)?.pif.disallowUnplug == true
    case .moveManagement(let saved): return node(saved.name)?.pif.management == true
    }
  }

  /// An interface as it is now, in the layout's terms.
  func now(_ name: String) -> SavedInterface? { node(name).map { SavedInterface($0, network: "") } }

  private func row(_ bond: SavedBond) -> Bond? { database.bonds[node(bond.name)?.pif.bondMasterOf.first] }

  private func isOnItsNetwork(_ name: String) -> Bool {
    guard let node = node(name), let saved = layout.interface(name) else { return false }
    return saved.network.isEmpty || node.pif.network == network(saved.network)
  }

  private func config(of owner: ConfigOwner) -> [String: String]? {
    switch owner {
    case .interface(let saved): node(saved.name)?.pif.otherConfig
    case .bond(let saved): row(saved)?.otherConfig
    case .vlan(let saved): database.vlans[node(saved.name)?.pif.vlanMasterOf]?.otherConfig
    case .tunnel(let saved): database.tunnels[node(saved.name)?.pif.tunnelAccessPIFOf.first]?.otherConfig
    }
  }
}

extension Network {
  fileprivate func has(_ change: NetworkChange) -> Bool {
    switch change {
    case .name(let name): nameLabel == name
    case .description(let text): nameDescription == text
    case .mtu(let mtu): self.mtu == mtu
    case .otherConfig(let key, let value): otherConfig[key] == value
    case .addTag(let tag): tags.contains(tag)
    case .addPurpose(let value): purpose.contains(value)
    case .locking(let mode): defaultLockingMode == mode
    }
  }
}

extension [String: String] {
  fileprivate func contains(_ other: [String: String]) -> Bool { other.allSatisfy { self[$0.key] == $0.value } }
}
