import XenAPI

extension RestorePlanner {
  // MARK: SR-IOV

  mutating func plan(_ sriov: SavedSRIOV) {
    guard let settings = layout.interface(sriov.name) else { return }
    if let node = resolver.node(sriov.name) {
      present.append(sriov.name)
      expected[sriov.name] = .there(node)
      tellOtherNetwork(settings, node)
      return
    }
    guard let nic = resolver.node(sriov.base) else {
      expected[sriov.name] = .lost("\(sriov.base) is not in this host")
      add(
        "create \(sriov.name)", .createSRIOV(sriov), "Enable \(sriov.name)", undo: "",
        blocked: "\(sriov.base) is not in this host")
      return
    }
    let blocked =
      nic.pif.capabilities.contains("sriov") ? networkConflict(of: settings) : "\(nic.name) is not capable of SR-IOV"
    let id = add(
      "create \(sriov.name)", .createSRIOV(sriov),
      "Enable SR-IOV on \(nic.name), on \(layout.network(settings.network)?.title ?? "its network")",
      undo: "disable SR-IOV", needs: [blocked == nil ? networkStep(of: settings) : nil],
      hazards: [Hazard(.notice, "Some NICs need a reboot before SR-IOV works")], blocked: blocked)
    expected[sriov.name] = .planned(id, SavedInterface(name: sriov.name, kind: .sriov, device: nic.pif.device))
  }

  // MARK: VLANs

  mutating func plan(_ vlan: SavedVLAN) {
    guard let settings = layout.interface(vlan.name) else { return }
    switch expected[vlan.base] ?? .lost("\(vlan.base) is not in the layout") {
    case .lost(let reason):
      expected[vlan.name] = .lost("\(vlan.name) cannot be made")
      add("create \(vlan.name)", .createVLAN(vlan), "Create \(vlan.name)", undo: "", blocked: reason)
    case .there(let base):
      guard let node = tree.vlans(on: base.ref).first(where: { $0.pif.vlan == vlan.tag }) else {
        return make(vlan, settings, on: base.pif.device, needs: [])
      }
      keep(vlan, settings, node, title: node.name, needs: [])
    case .planned(let step, _):
      let device = commands.plannedDevices[vlan.base] ?? vlan.base
      // XAPI moves the VLANs of a bond's members to the bond: what is there already comes along.
      let members = layout.bonds.first { $0.name == vlan.base }.map { resolver.members(of: $0) } ?? []
      guard let node = members.flatMap({ tree.vlans(on: $0.ref) }).first(where: { $0.pif.vlan == vlan.tag }) else {
        return make(vlan, settings, on: device, needs: [step])
      }
      keep(vlan, settings, node, title: SavedInterface.vlanName(vlan.tag, on: device), needs: [step])
    }
  }

  private mutating func make(
    _ vlan: SavedVLAN, _ settings: SavedInterface, on device: String, needs: [RestoreStep.ID]
  ) {
    let network = layout.network(settings.network)
    let id = add(
      "create \(vlan.name)", .createVLAN(vlan),
      "Create VLAN \(vlan.tag) on \(device), on \(network?.title ?? "its network")", undo: "destroy the VLAN",
      needs: needs + [networkStep(of: settings)], blocked: networkConflict(of: settings))
    var now = SavedInterface(name: vlan.name, kind: .vlan, device: device)
    now.primary = settings.primary
    expected[vlan.name] = .planned(id, now)
    planSettings(of: settings, now: now, nil, made: id)
    planConfig(.vlan(vlan), vlan.name, vlan.otherConfig, now: [:], needs: [id])
  }

  /// A VLAN that is there, or will be when the bond below it is made.
  /// - Parameter node: the present one, which a bond to come replaces.
  private mutating func keep(
    _ vlan: SavedVLAN, _ settings: SavedInterface, _ node: InterfaceTree.Node, title: String, needs: [RestoreStep.ID]
  ) {
    let isMoved = !needs.isEmpty
    let now = SavedInterface(node, network: "")
    if let network = layout.network(settings.network), node.pif.network != resolver.network(network.id) {
      return replace(vlan, settings, node, title: title, on: network, needs: needs)
    }
    present.append(isMoved ? "\(title), with the bond" : title)
    guard isMoved else {
      expected[vlan.name] = .there(node)
      planSettings(of: settings, now: now, node, made: nil)
      let config = database.vlans[node.pif.vlanMasterOf]?.otherConfig ?? [:]
      return planConfig(.vlan(vlan), vlan.name, vlan.otherConfig, now: config, needs: [])
    }
    var moved = now
    moved.otherConfig = [:]
    expected[vlan.name] = .planned(needs[0], moved)
    planSettings(of: settings, now: moved, nil, made: needs[0])
    planConfig(.vlan(vlan), vlan.name, vlan.otherConfig, now: [:], needs: needs)
  }

  private mutating func replace(
    _ vlan: SavedVLAN, _ settings: SavedInterface, _ node: InterfaceTree.Node, title: String, on network: SavedNetwork,
    needs: [RestoreStep.ID]
  ) {
    let isManagement = node.pif.management
    var hazards = [Hazard(.notice, "VMs on \(network.title) are connected again; VMs on the other network no longer")]
    if isManagement { hazards.append(Hazard(.warning, "Management goes down and comes up again with it")) }
    var blocked = networkConflict(of: settings)
    if isManagement {
      blocked = blocked ?? addressGuard
      if isMember { blocked = blocked ?? "management is on it, and a pool member cannot be without" }
      if layout.management != vlan.name { blocked = blocked ?? "management is on it: move it first" }
    }
    let was = database.networks[node.pif.network]?.nameLabel ?? ""
    let id = add(
      "replace \(vlan.name)", .replaceVLAN(vlan), "Put \(title) back on \(network.title); it is on \"\(was)\" here",
      undo: "make it again on \"\(was)\"", needs: needs + [networkStep(of: settings)], hazards: hazards,
      blocked: blocked,
      touchesManagement: isManagement)
    var now = SavedInterface(name: vlan.name, kind: .vlan, device: node.pif.device)
    now.primary = settings.primary
    if isManagement {
      now.ipv4 = settings.ipv4
      now.ipv6 = settings.ipv6
      now.dns = settings.dns
    }
    expected[vlan.name] = .planned(id, now)
    planSettings(of: settings, now: now, nil, made: id)
    planConfig(.vlan(vlan), vlan.name, vlan.otherConfig, now: [:], needs: [id])
  }

  // MARK: Tunnels

  mutating func plan(_ tunnel: SavedTunnel) {
    guard let settings = layout.interface(tunnel.name) else { return }
    if let node = resolver.node(tunnel.name) {
      present.append(tunnel.name)
      expected[tunnel.name] = .there(node)
      planSettings(of: settings, now: SavedInterface(node, network: ""), node, made: nil)
      let config = database.tunnels[node.pif.tunnelAccessPIFOf.first]?.otherConfig ?? [:]
      return planConfig(.tunnel(tunnel), tunnel.name, tunnel.otherConfig, now: config, needs: [])
    }
    var (needs, blocked): ([RestoreStep.ID?], String?) = ([ipv4Steps[tunnel.base]], networkConflict(of: settings))
    var address = IPConfigurationMode.none
    switch expected[tunnel.base] ?? .lost("\(tunnel.base) is not in the layout") {
    case .lost(let reason): blocked = reason
    case .there(let node): address = node.pif.ipConfigurationMode
    case .planned(let step, let now):
      needs.append(step)
      address = now.ipv4.mode
    }
    if address == .none, ipv4Steps[tunnel.base] == nil {
      blocked = blocked ?? "\(tunnel.base) has no address, which a tunnel needs"
    }
    let backend = database.hosts[hostRef]?.softwareVersion["network_backend"]
    if backend == "bridge" { blocked = blocked ?? "tunnels need Open vSwitch, this host uses Linux bridges" }
    if blocked == nil { needs.append(networkStep(of: settings)) }
    let network = layout.network(settings.network)
    let id = add(
      "create \(tunnel.name)", .createTunnel(tunnel),
      "Create a \(tunnel.protocol) tunnel over \(tunnel.base), on \(network?.title ?? "its network")",
      undo: "destroy the tunnel", needs: needs, blocked: blocked)
    let now = SavedInterface(name: tunnel.name, kind: .tunnel, device: tunnel.name)
    expected[tunnel.name] = blocked == nil ? .planned(id, now) : .lost("\(tunnel.name) cannot be made")
    if blocked == nil { planSettings(of: settings, now: now, nil, made: id) }
    planConfig(.tunnel(tunnel), tunnel.name, tunnel.otherConfig, now: [:], needs: [id])
  }
}
