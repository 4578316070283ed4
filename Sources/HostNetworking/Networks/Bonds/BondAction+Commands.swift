import XenAPI

extension BondAction {
  func commands(_ commands: ChangeCommands) -> [String] {
    let lines = BondCommands(commands)
    switch self {
    case .createNetwork(let name, let description, let mtu, let mark):
      return [
        "\(BondCommands.variable(mark))=$(xe network-create name-label=\(ShellWord.quoted(name))"
          + (description.isEmpty ? "" : " name-description=\(ShellWord.quoted(description))") + (mtu == 1500 ? "" : " MTU=\(mtu)") + ")"
      ]
    case .create(let spec):
      let members = spec.members.map { lines.carrier($0, spec.owner) }.joined(separator: ",")
      return [
        "xe bond-create network-uuid=\(lines.network(spec.network)) pif-uuids=\(members) mode=\(spec.mode.rawValue)"
          + (spec.mac.isEmpty ? "" : " mac=\(spec.mac)") + (spec.mode == .lacp ? BondCommands.pairs("properties", spec.properties) : "")
      ]
    case .dress(let choice, let traits):
      let uuid = lines.network(choice)
      let config = BondCommands.pairs("other-config", traits.config) + (traits.lockingMode.map { " default-locking-mode=\($0.rawValue)" } ?? "")
      return (config.isEmpty ? [] : ["xe network-param-set uuid=\(uuid)\(config)"])
        + traits.purpose.map { "xe network-param-add uuid=\(uuid) param-name=purpose param-key=\($0)" }
    case .destroy(let owner, let members, let pick):
      // One that is there for a moment may have the members of the one that is there now.
      return ["xe bond-destroy uuid=\(pick.primary == nil ? lines.bond(members, owner) : lines.freshBond(members, owner))"]
    case .setMode(let owner, let members, let mode): return ["xe bond-set-mode uuid=\(lines.bond(members, owner)) mode=\(mode.rawValue)"]
    case .setProperties(let owner, let members, let values):
      return ["xe bond-param-set uuid=\(lines.bond(members, owner))" + BondCommands.pairs("properties", values)]
    case .setDelay(let owner, let members, let delay):
      let uuid = lines.bondPIF(members, owner)
      let key = BondSettingsPlanner.delayKey
      return [
        delay.isEmpty
          ? "xe pif-param-remove uuid=\(uuid) param-name=other-config param-key=\(key)"
          : "xe pif-param-set uuid=\(uuid) other-config:\(key)=\(delay)"
      ] + (lines.isPlugged(members, owner) ? ["xe pif-plug uuid=\(uuid)"] : [])
    case .unplug(let owner, let members): return ["xe pif-unplug uuid=\(lines.bondPIF(members, owner))"]
    case .setAddress(let owner, let nic, let settings):
      return [
        "xe pif-reconfigure-ip uuid=\(lines.carrier(nic, owner)) mode=\(settings.mode.rawValue.lowercased())"
          + [("IP", settings.address), ("netmask", settings.netmask), ("gateway", settings.gateway), ("DNS", settings.dns)]
          .filter { !$0.1.isEmpty }.map { " \($0.0)=\($0.1)" }.joined()
      ]
    case .manage(let owner, let members, let place): return ["xe host-management-reconfigure pif-uuid=\(lines.place(place, members, owner))"]
    case .hear(let owner, let members): return ["ovs-appctl lacp/show \(lines.nextDevice(members, owner))"]
    case .createVLAN(let owner, let tag, let members, let choice):
      return ["xe vlan-create pif-uuid=\(lines.bondPIF(members, owner)) vlan=\(tag) network-uuid=\(lines.network(choice))"]
    case .destroyVLAN(let owner, let tag, let members):
      return ["xe vlan-destroy uuid=\(lines.vlan(tag, lines.bondDevice(members, owner), owner))"]
    case .settle(let layout):
      return layout.interfaces.flatMap { lines.settle($0, layout) } + layout.tunnels.flatMap { lines.tunnel($0, layout) } + lines.rest(layout)
    }
  }
}

/// Lines about bonds for a shell. What does not exist yet, or will be made anew, is looked up in the line itself.
struct BondCommands {
  private let scene: ChangeScene
  private let commands: ChangeCommands

  init(_ commands: ChangeCommands) {
    self.commands = commands
    scene = commands.scene
  }

  /// A plan makes several networks; the marks of those for VLANs end in `-20`.
  static func variable(_ mark: String) -> String {
    guard let tag = mark.split(separator: "-").dropFirst().last else { return "NET" }
    return "NET_\(tag)"
  }

  func network(_ choice: NetworkChoice) -> String {
    if case .mark(let mark) = choice, scene.network(mark: mark) == nil { return "$\(Self.variable(mark))" }
    return commands.network(choice)
  }

  static func pairs(_ name: String, _ values: [String: String]) -> String {
    values.sorted { $0.key < $1.key }.map { " " + ShellWord.quoted("\(name):\($0.key)=\($0.value)") }.joined()
  }

  private func host(_ owner: BondOwner) -> BondScene? { BondScene(scene, owner) }

  func carrier(_ device: String, _ owner: BondOwner) -> String {
    host(owner)?.tree[device]?.pif.uuid ?? "$(xe pif-list host-uuid=\(owner.uuid) device=\(device) physical=true --minimal)"
  }

  func bondDevice(_ members: [String], _ owner: BondOwner) -> String {
    host(owner).flatMap { $0.bond(of: members) }?.pif.device ?? nextDevice(members, owner)
  }

  /// What a bond of these members is called that a step of the plan makes.
  func nextDevice(_ members: [String], _ owner: BondOwner) -> String {
    guard let host = host(owner) else { return "bond0" }
    // The plan takes one apart first when it makes another of its members.
    let gone = host.tree.nodes.first { $0.kind == .bond && !Set(host.devices($0)).isDisjoint(with: members) }
    return host.nextName(without: gone?.name)
  }

  /// Looked up even if it is there: it may have been made anew by then.
  func bondPIF(_ members: [String], _ owner: BondOwner) -> String {
    "$(xe pif-list host-uuid=\(owner.uuid) device=\(bondDevice(members, owner)) VLAN=-1 --minimal)"
  }

  func bond(_ members: [String], _ owner: BondOwner) -> String {
    if let host = host(owner), let bond = host.bond(of: members), let row = host.row(bond) { return row.uuid }
    return "$(xe bond-list master=\(bondPIF(members, owner)) --minimal)"
  }

  func freshBond(_ members: [String], _ owner: BondOwner) -> String {
    "$(xe bond-list master=$(xe pif-list host-uuid=\(owner.uuid) device=\(nextDevice(members, owner)) VLAN=-1 --minimal) --minimal)"
  }

  func vlan(_ tag: Int, _ device: String, _ owner: BondOwner) -> String {
    "$(xe pif-list host-uuid=\(owner.uuid) device=\(device) VLAN=\(tag) --minimal)"
  }

  func isPlugged(_ members: [String], _ owner: BondOwner) -> Bool {
    host(owner).flatMap { $0.bond(of: members) }?.pif.currentlyAttached ?? true
  }

  /// One that is there is made anew on its transport.
  func tunnel(_ tunnel: BondLayout.Tunnel, _ layout: BondLayout) -> [String] {
    ["xe tunnel-create pif-uuid=\(place(tunnel.place, layout)) network-uuid=\(tunnel.network) protocol=\(tunnel.kind)"]
      + (tunnel.otherConfig.isEmpty
        ? []
        : [
          "xe tunnel-param-set uuid=$(xe tunnel-list access-PIF=$(xe pif-list host-uuid=\(layout.owner.uuid) network-uuid=\(tunnel.network) --minimal) --minimal)"
            + Self.pairs("other-config", tunnel.otherConfig)
        ])
  }

  private func place(_ place: BondLayout.Place, _ layout: BondLayout) -> String { self.place(place, layout.members, layout.owner) }

  func place(_ place: BondLayout.Place, _ members: [String], _ owner: BondOwner) -> String {
    let device = place.nic ?? bondDevice(members, owner)
    if let tag = place.tag { return vlan(tag, device, owner) }
    return place.nic.map { carrier($0, owner) } ?? bondPIF(members, owner)
  }

  func settle(_ interface: BondLayout.Interface, _ layout: BondLayout) -> [String] {
    let uuid = place(interface.place, layout)
    var lines: [String] = []
    let now = host(layout.owner).flatMap { $0.node(interface.place, layout) }?.pif.ipv6ConfigurationMode
    if let ipv6 = interface.ipv6, ipv6.mode != .none || now.map({ $0 != .none }) == true {
      lines.append(
        "xe pif-reconfigure-ipv6 uuid=\(uuid) mode=\(ipv6.mode.rawValue.lowercased())"
          + [("IPv6", ipv6.address), ("gateway", ipv6.gateway), ("DNS", ipv6.dns)].filter { !$0.1.isEmpty }
          .map { " \($0.0)=\($0.1)" }.joined())
    }
    let config = interface.addedConfig.merging(interface.otherConfig ?? [:]) { _, all in all }
    if !config.isEmpty {
      lines.append("xe pif-param-set uuid=\(uuid)" + Self.pairs("other-config", config))
      lines.append("xe pif-plug uuid=\(uuid)")
    }
    if let vlan = interface.vlanConfig, !vlan.isEmpty {
      lines.append("xe vlan-param-set uuid=$(xe vlan-list untagged-PIF=\(uuid) --minimal)" + Self.pairs("other-config", vlan))
    }
    let isProtected = host(layout.owner).flatMap { $0.node(interface.place, layout) }?.pif.disallowUnplug
    if let wanted = interface.isProtected, wanted || isProtected == true { lines.append("xe pif-param-set uuid=\(uuid) disallow-unplug=\(wanted)") }
    if interface.isAttached == false { lines.append("xe pif-unplug uuid=\(uuid)") }
    return lines
  }

  func rest(_ layout: BondLayout) -> [String] {
    // What is where it should be is left out.
    let vifs = layout.vifs.sorted { $0.key < $1.key }.compactMap { ref, network -> String? in
      guard let vif = Ref<VIF>(ref).flatMap({ scene.database.vifs[$0] }), scene.database.networks[vif.network]?.uuid != network else { return nil }
      return "xe vif-move uuid=\(vif.uuid) network-uuid=\(network)"
    }
    let mtus = layout.mtus.filter { mtu in scene.network(uuid: mtu.key).map { scene.database.networks[$0]?.mtu != Int64(mtu.value) } ?? false }
    let config = layout.bondConfig ?? [:]
    return vifs + mtus.sorted { $0.key < $1.key }.map { "xe network-param-set uuid=\($0.key) MTU=\($0.value)" }
      + (config.isEmpty ? [] : ["xe bond-param-set uuid=\(bond(layout.members, layout.owner))" + Self.pairs("other-config", config)])
  }
}
