import XenAPI

extension RestorePlanner {
  // MARK: NICs

  mutating func plan(_ match: NICMatch) {
    guard let saved = match.saved, let settings = layout.interface(saved.device) else { return }
    guard let node = resolver.node(saved.device) else {
      expected[saved.device] = .lost("\(saved.device) is not in this host")
      return
    }
    present.append(node.pif.device == saved.device ? saved.device : "\(saved.device) as \(node.pif.device)")
    expected[saved.device] = .there(node)
    if let network = layout.network(settings.network), let ref = resolver.network(network.id), ref != node.pif.network,
      let now = database.networks[node.pif.network]
    {
      hazards.append(
        Hazard(
          .warning, "\(node.pif.device) is on network \"\(now.nameLabel)\" here, not on \(network.title)",
          remedy: "XAPI ties a NIC's network to the NIC's name: give the NICs their old names back, or move the VMs"))
    }
    planSettings(of: settings, now: SavedInterface(node, network: ""), node, made: nil)
  }

  // MARK: Bonds

  mutating func plan(_ bond: SavedBond) {
    guard let settings = layout.interface(bond.name) else { return }
    if let node = resolver.node(bond.name) { return compare(bond, settings, node) }
    let members = resolver.members(of: bond)
    let lost = bond.members.filter { resolver.node($0) == nil }
    guard !members.isEmpty else {
      let reason = "none of its NICs (\(bond.members.joined(separator: ", "))) is in this host"
      expected[bond.name] = .lost("\(bond.name) cannot be made")
      add("create \(bond.name)", .createBond(bond), "Create \(bond.name)", undo: "", blocked: reason)
      return
    }
    let primary = primary(of: bond, members)
    let before = prepare(members, primary)
    let carries = members.contains { tree.carriesManagement($0.ref) }
    let device = nextBondDevice()
    commands.plannedDevices[bond.name] = device
    let network = layout.network(settings.network)
    let names = members.map(\.pif.device)
    let blocked = blocked(bond, settings, members, carries: carries)
    let needs = [blocked == nil ? networkStep(of: settings) : nil] + before
    let id = add(
      "create \(bond.name)", .createBond(bond),
      "Create \(device) from \(names.joined(separator: " and ")), \(bond.mode), on \(network?.title ?? "its network")",
      undo: "destroy the bond: addresses, VLANs and management go back to \(primary.pif.device)", needs: needs,
      hazards: hazards(of: bond, device, lost: lost, primary: primary, carries: carries),
      blocked: blocked, touchesManagement: carries)
    expected[bond.name] = .planned(id, assumed(settings, primary, members))
    if carries { management = managementAfter(bond, members) }
    planSettings(of: settings, now: assumed(settings, primary, members), nil, made: id)
    planConfig(.bond(bond), bond.name, bond.otherConfig, now: [:], needs: [id])
  }

  private mutating func compare(_ bond: SavedBond, _ settings: SavedInterface, _ node: InterfaceTree.Node) {
    present.append(node.pif.device == bond.name ? bond.name : "\(bond.name) as \(node.pif.device)")
    expected[bond.name] = .there(node)
    commands.plannedDevices[bond.name] = node.pif.device
    let now = database.bonds[node.pif.bondMasterOf.first]
    let carries = tree.carriesManagement(node.ref)
    var modeStep: RestoreStep.ID?
    if let now, now.mode != bond.mode {
      modeStep = add(
        "mode \(bond.name)", .setBondMode(bond), "Change \(node.pif.device) from \(now.mode) to \(bond.mode)",
        undo: "set the mode \(now.mode)",
        hazards: [Hazard(.warning, "\(node.pif.device) is interrupted for a few seconds")],
        touchesManagement: carries)
    }
    let values = bond.createProperties.filter { now?.properties[$0.key] != $0.value }
    if !values.isEmpty {
      add(
        "properties of bond \(bond.name)", .setBondProperties(bond, values),
        "Set \(values.listed) of bond \(node.pif.device)", undo: "set what was before", needs: [modeStep],
        touchesManagement: carries)
    }
    tellOtherNetwork(settings, node)
    planSettings(of: settings, now: SavedInterface(node, network: ""), node, made: nil)
    planConfig(.bond(bond), bond.name, bond.otherConfig, now: now?.otherConfig ?? [:], needs: [])
  }

  /// XAPI takes the management interface, else the first with an address, else the first (§3.7).
  private func primary(of bond: SavedBond, _ members: [InterfaceTree.Node]) -> InterfaceTree.Node {
    let first = members.first { resolver.savedName(of: $0.ref) == bond.primary } ?? members[0]
    return members.first { $0.pif.management } ?? members.first { $0.pif.ipConfigurationMode != .none } ?? first
  }

  /// Members must be alike and have one address among them.
  private mutating func prepare(
    _ members: [InterfaceTree.Node], _ primary: InterfaceTree.Node
  ) -> [RestoreStep.ID?] {
    var needs: [RestoreStep.ID?] = []
    for node in members where node.ref != primary.ref {
      guard let name = resolver.savedName(of: node.ref), var saved = layout.interface(name) else { continue }
      if node.pif.properties != primary.pif.properties {
        needs.append(
          add(
            "properties \(name)", .setProperties(saved, primary.pif.properties),
            "Set \(primary.pif.properties.listed) of \(node.pif.device), as of \(primary.pif.device)",
            undo: "set what was before"))
      }
      if node.pif.ipConfigurationMode != .none {
        saved.ipv4 = SavedInterface.IPv4()
        needs.append(
          add(
            "IPv4 \(name)", .setIPv4(saved), "Remove the IPv4 address of \(node.pif.device)",
            undo: "set it again", blocked: addressGuard))
      }
    }
    return needs
  }

  private func blocked(
    _ bond: SavedBond, _ settings: SavedInterface, _ members: [InterfaceTree.Node], carries: Bool
  ) -> String? {
    for node in members {
      if let other = tree.bond(ofMember: node.ref) { return "\(node.name) is a member of \(other.name) here" }
    }
    if let member = bond.members.first(where: { layout.interface($0)?.kind != .nic }) {
      return "\(member) is not a NIC: XAPI could make the bond, but not take it apart again"
    }
    if carries, pool?.haEnabled == true { return addressGuard }
    return networkConflict(of: settings)
  }

  private func hazards(
    of bond: SavedBond, _ device: String, lost: [String], primary: InterfaceTree.Node, carries: Bool
  ) -> [Hazard] {
    var hazards: [Hazard] = []
    if !lost.isEmpty {
      let missing = lost.joined(separator: ", ")
      hazards.append(
        Hazard(
          .warning,
          "\(device) gets \(bond.members.count - lost.count) of its \(bond.members.count) members: \(missing) missing",
          remedy: "Map the missing NIC, or add it later by making the bond anew"))
    }
    if carries {
      hazards.append(
        Hazard(
          .warning, "Management moves from \(primary.name) to \(device): no connection for some seconds",
          remedy: bond.mode == .lacp ? "The switch must speak LACP on these ports" : nil))
    } else if bond.mode == .lacp {
      hazards.append(Hazard(.notice, "The switch must speak LACP on these ports"))
    }
    return hazards
  }

  /// The smallest number that is free, as XAPI counts.
  private mutating func nextBondDevice() -> String {
    var number = 0
    while bondDevices.contains("bond\(number)") { number += 1 }
    bondDevices.insert("bond\(number)")
    return "bond\(number)"
  }

  /// What a new bond takes over from its members.
  private func assumed(
    _ settings: SavedInterface, _ primary: InterfaceTree.Node, _ members: [InterfaceTree.Node]
  ) -> SavedInterface {
    let from = SavedInterface(primary, network: "")
    var now = SavedInterface(name: settings.name, kind: .bond, device: settings.device)
    now.ipv4 = from.ipv4
    now.dns = from.dns4
    now.properties = from.properties
    now.primary = from.primary
    now.protected = members.contains { $0.pif.disallowUnplug }
    return now
  }

  /// Management goes with a member to the bond, or with a VLAN of a member to the same VLAN of the bond.
  private func managementAfter(_ bond: SavedBond, _ members: [InterfaceTree.Node]) -> String? {
    guard let now = tree.management else { return nil }
    if members.contains(where: { $0.ref == now.ref }) { return bond.name }
    return layout.vlans.first { $0.base == bond.name && $0.tag == now.pif.vlan }?.name
  }

  // MARK: Differences that only hands can mend

  mutating func tellOtherNetwork(_ settings: SavedInterface, _ node: InterfaceTree.Node) {
    guard let network = layout.network(settings.network), resolver.network(network.id) != node.pif.network else {
      return
    }
    let now = database.networks[node.pif.network]?.nameLabel ?? ""
    hazards.append(
      Hazard(
        .warning, "\(node.name) is on network \"\(now)\" here, not on \(network.title)",
        remedy: "Destroy \(node.name) and plan again to have it there"))
  }
}
