import JSON
import XenAPI

extension BondAction {
  // MARK: Whether it is so

  func isReached(_ scene: ChangeScene) -> Bool? {
    switch self {
    case .createNetwork(_, _, _, let mark): return scene.network(mark: mark) != nil
    case .create(let spec):
      guard let host = BondScene(scene, spec.owner), let bond = host.bond(of: spec.members), let row = host.row(bond) else { return false }
      return row.mode == spec.mode && bond.pif.network == scene.network(spec.network) && host.isWhole(bond)
    case .dress(let choice, let traits): return scene.network(choice).flatMap { scene.database.networks[$0] }.map { Self.has($0, traits) } ?? false
    case .destroy(let owner, let members, let pick):
      guard let host = BondScene(scene, owner) else { return true }
      return host.bonds(within: members, pick, scene).isEmpty && host.strays(of: members).isEmpty
    case .setMode(let owner, let members, let mode): return Self.row(scene, owner, members)?.mode == mode
    case .setProperties(let owner, let members, let values):
      return Self.row(scene, owner, members).map { row in values.allSatisfy { row.properties[$0.key] == $0.value } } ?? false
    case .setDelay(let owner, let members, let delay):
      return Self.bond(scene, owner, members).map { ($0.pif.otherConfig[BondSettingsPlanner.delayKey] ?? "") == delay } ?? false
    case .unplug(let owner, let members): return Self.bond(scene, owner, members).map { !$0.pif.currentlyAttached } ?? true
    case .setAddress(let owner, let nic, let settings):
      guard let host = BondScene(scene, owner), let node = host.tree[nic] else { return false }
      // A member has no address of its own: the way back was gone already, and its bond has it.
      return IPv4Settings(node.pif).isAs(settings) || host.tree.bond(ofMember: node.ref) != nil
    case .manage(let owner, let members, let place):
      guard let host = BondScene(scene, owner), let node = host.node(place, members: members) else { return false }
      return node.pif.management || host.tree.bond(ofMember: node.ref).map { host.carriesManagement([$0]) } ?? false
    case .hear: return nil
    case .createVLAN(let owner, let tag, let members, let choice):
      return Self.vlan(scene, owner, tag, members).map { $0.pif.network == scene.network(choice) && $0.pif.currentlyAttached } ?? false
    case .destroyVLAN(let owner, let tag, let members): return Self.vlan(scene, owner, tag, members) == nil
    case .settle(let layout):
      guard let host = BondScene(scene, layout.owner) else { return true }
      return BondSettling.isDone(layout, host)
    }
  }

  private static func bond(_ scene: ChangeScene, _ owner: BondOwner, _ members: [String]) -> InterfaceTree.Node? {
    BondScene(scene, owner)?.bond(of: members)
  }

  private static func row(_ scene: ChangeScene, _ owner: BondOwner, _ members: [String]) -> Bond? {
    guard let host = BondScene(scene, owner) else { return nil }
    return host.bond(of: members).flatMap { host.row($0) }
  }

  private static func vlan(_ scene: ChangeScene, _ owner: BondOwner, _ tag: Int, _ members: [String]) -> InterfaceTree.Node? {
    guard let host = BondScene(scene, owner), let bond = host.bond(of: members) else { return nil }
    return host.tree.vlans(on: bond.ref).first { $0.pif.vlan == Int64(tag) }
  }

  // MARK: Doing it

  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) {
    switch self {
    case .createNetwork(let name, let description, let mtu, let mark):
      let record: JSONValue = [
        "name_label": .string(name), "name_description": .string(description), "MTU": .int(Int64(mtu)), "bridge": "",
        "managed": true, "tags": [], "other_config": .object(JSONObject([(ChangeAction.markKey, .string(mark))])),
      ]
      try await calls.call("network.create", [record])
    case .create(let spec): try await Self.create(spec, calls)
    case .dress(let choice, let traits):
      guard let ref = calls.scene.network(choice), let now = calls.scene.database.networks[ref] else { throw ChangeFailure("the network is not there") }
      for (key, value) in traits.config.sorted(by: { $0.key < $1.key }) where now.otherConfig[key] != value {
        if now.otherConfig[key] != nil { try await calls.call("network.remove_from_other_config", [ref.json, .string(key)]) }
        try await calls.call("network.add_to_other_config", [ref.json, .string(key), .string(value)])
      }
      if let mode = traits.lockingMode, now.defaultLockingMode != mode {
        try await calls.call("network.set_default_locking_mode", [ref.json, .string(mode.rawValue)])
      }
      for purpose in traits.purpose where !now.purpose.contains(purpose) {
        try await calls.call("network.add_purpose", [ref.json, .string(purpose)])
      }
    case .destroy(let owner, let members, let pick):
      let host = try Self.host(owner, calls.scene)
      try await Self.clear(members, pick, host, calls)
    case .setMode(let owner, let members, let mode):
      try await calls.task("Bond.set_mode", [try Self.ref(owner, members, calls.scene).json, .string(mode.rawValue)])
    case .setProperties(let owner, let members, let values):
      let ref = try Self.ref(owner, members, calls.scene)
      let now = calls.scene.database.bonds[ref]?.properties ?? [:]
      for (key, value) in values.sorted(by: { $0.key < $1.key }) where now[key] != value {
        try await calls.task("Bond.set_property", [ref.json, .string(key), .string(value)])
      }
    case .setDelay(let owner, let members, let delay):
      let bond = try Self.node(owner, members, calls.scene)
      let key = BondSettingsPlanner.delayKey
      if bond.pif.otherConfig[key] != nil { try await calls.call("PIF.remove_from_other_config", [bond.ref.json, .string(key)]) }
      if !delay.isEmpty { try await calls.call("PIF.add_to_other_config", [bond.ref.json, .string(key), .string(delay)]) }
      // What was written into the record is looked at when it is plugged.
      if bond.pif.currentlyAttached { try await calls.task("PIF.plug", [bond.ref.json]) }
    case .unplug(let owner, let members): try await calls.task("PIF.unplug", [try Self.node(owner, members, calls.scene).ref.json])
    case .setAddress(let owner, let nic, let settings): try await calls.set(settings, on: try Self.nic(owner, nic, calls.scene))
    case .manage(let owner, let members, let place):
      guard let node = try Self.host(owner, calls.scene).node(place, members: members) else {
        throw ChangeFailure("what carried management is not there\(owner.words)")
      }
      try await calls.task("host.management_reconfigure", [node.ref.json])
    case .hear: break
    case .createVLAN(let owner, let tag, let members, let choice):
      let host = try Self.host(owner, calls.scene)
      guard let bond = host.bond(of: members) else { throw ChangeFailure("the bond of \(members.andList) is not there") }
      guard let network = calls.scene.network(choice) else { throw ChangeFailure("the network for VLAN \(tag) is not there") }
      // A call that failed has left it behind, unplugged.
      if let vlan = Self.vlan(calls.scene, owner, tag, members), vlan.pif.network == network {
        return try await calls.task("PIF.plug", [vlan.ref.json])
      }
      try await calls.task("VLAN.create", [bond.ref.json, .int(Int64(tag)), network.json])
    case .destroyVLAN(let owner, let tag, let members):
      guard let row = Self.vlan(calls.scene, owner, tag, members)?.pif.vlanMasterOf else { return }
      try await calls.task("VLAN.destroy", [row.json])
    case .settle(let layout): try await BondSettling(layout, calls).run()
    }
  }

  private static func has(_ network: Network, _ traits: BondNetworkTraits) -> Bool {
    traits.config.allSatisfy { network.otherConfig[$0.key] == $0.value } && traits.lockingMode.map { $0 == network.defaultLockingMode } ?? true
      && traits.purpose.allSatisfy { network.purpose.contains($0) }
  }

  private static func host(_ owner: BondOwner, _ scene: ChangeScene) throws(ChangeFailure) -> BondScene {
    guard let host = BondScene(scene, owner) else {
      throw ChangeFailure("\(owner.label.isEmpty ? "this host" : owner.label) is not in the pool any more")
    }
    return host
  }

  private static func node(_ owner: BondOwner, _ members: [String], _ scene: ChangeScene) throws(ChangeFailure) -> InterfaceTree.Node {
    guard let bond = try host(owner, scene).bond(of: members) else {
      throw ChangeFailure("the bond of \(members.andList) is not there\(owner.words)")
    }
    return bond
  }

  private static func nic(_ owner: BondOwner, _ name: String, _ scene: ChangeScene) throws(ChangeFailure) -> InterfaceTree.Node {
    guard let node = try host(owner, scene).tree[name] else { throw ChangeFailure("\(name) is not there\(owner.words)") }
    return node
  }

  private static func ref(_ owner: BondOwner, _ members: [String], _ scene: ChangeScene) throws(ChangeFailure) -> Ref<Bond> {
    guard let ref = try node(owner, members, scene).pif.bondMasterOf.first else {
      throw ChangeFailure("the bond of \(members.andList) is not there\(owner.words)")
    }
    return ref
  }

  private static func create(_ spec: BondSpec, _ calls: ChangeCalls) async throws(ChangeFailure) {
    let host = try host(spec.owner, calls.scene)
    guard let network = calls.scene.network(spec.network) else { throw ChangeFailure("the network for \(spec.name) is not there") }
    var members: [JSONValue] = []
    for name in spec.members {
      guard let node = host.tree[name] else { throw ChangeFailure("\(name) is not there\(spec.owner.words)") }
      members.append(node.ref.json)
    }
    // What a call that was cut off has left behind goes; what somebody else has made stays.
    let own = host.bonds(within: spec.members, BondPick(network: spec.network), calls.scene)
    let foreign = spec.members.first { name in
      guard let bond = host.database.pifs[host.tree[name]?.ref]?.bondSlaveOf else { return false }
      return host.database.bonds[bond] != nil && !own.contains(bond)
    }
    if let foreign {
      let bond = host.tree[foreign].flatMap { host.tree.bond(ofMember: $0.ref) }?.name ?? "another bond"
      throw ChangeFailure("\(foreign) has become a member of \(bond)\(spec.owner.words) in the meantime: look again")
    }
    try await clear(spec.members, BondPick(network: spec.network), host, calls)
    let properties = spec.mode == .lacp ? spec.properties : [:]
    try await calls.task(
      "Bond.create", [network.json, .array(members), .string(spec.mac), .string(spec.mode.rawValue), properties.json])
  }

  /// Bonds of these members go, and before them what a call that was cut off has left on them.
  private static func clear(
    _ members: [String], _ pick: BondPick, _ host: BondScene, _ calls: ChangeCalls
  ) async throws(ChangeFailure) {
    let strays = host.strays(of: members)
    for row in strays.vlans { try await calls.task("VLAN.destroy", [row.json]) }
    for upper in strays.uppers { try await calls.call("PIF.db_forget", [upper.json]) }
    for bond in host.bonds(within: members, pick, calls.scene) { try await calls.task("Bond.destroy", [bond.json]) }
    for stray in strays.bonds { try await calls.call("PIF.db_forget", [stray.json]) }
  }
}

extension BondScene {
  /// Everything that lay on its members has come to the bond.
  func isWhole(_ bond: InterfaceTree.Node) -> Bool {
    bond.members.allSatisfy { member in
      guard let pif = database.pifs[member] else { return false }
      return tree.vlans(on: member).isEmpty && !pif.management && !pif.disallowUnplug
        && (pif.ipConfigurationMode == .none || bond.pif.ipConfigurationMode != .none)
        && !tree.nodes.contains { $0.kind == .tunnel && $0.base == member }
        // XAPI moves them last. Machines are known to those who have asked for them.
        && !vifs(on: pif.network).contains { $0.vif.currentlyAttached && $0.vm.residentOn == host }
    }
  }

  /// Rows that XAPI began and did not finish.
  struct Strays {
    /// VLANs whose upper interface does not know of them, or is gone.
    var vlans: [Ref<VLAN>] = []
    /// Upper interfaces of no VLAN.
    var uppers: [Ref<PIF>] = []
    /// Interfaces of bonds that are none.
    var bonds: [Ref<PIF>] = []

    var isEmpty: Bool { vlans.isEmpty && uppers.isEmpty && bonds.isEmpty }
  }

  func strays(of members: [String]) -> Strays {
    var strays = Strays()
    let macs = Set(members.compactMap { tree[$0]?.pif.mac })
    let own = (database.hosts[host]?.pifs ?? []).compactMap { ref in database.pifs[ref].map { (ref, $0) } }
    for (ref, pif) in own where !pif.physical && pif.tunnelAccessPIFOf.isEmpty && pif.sriovLogicalPIFOf.isEmpty {
      let isBond = pif.device.hasPrefix("bond")
      if pif.vlan == -1 {
        if isBond, pif.bondMasterOf.isEmpty, macs.contains(pif.mac) { strays.bonds.append(ref) }
      } else if isBond || members.contains(pif.device), database.vlans[pif.vlanMasterOf] == nil {
        let rows = database.vlans.all.filter { $0.record.untaggedPIF == ref }.map(\.ref)
        if rows.isEmpty { strays.uppers.append(ref) } else { strays.vlans += rows }
      }
    }
    let carriers = Set(own.filter { members.contains($0.1.device) || $0.1.device.hasPrefix("bond") }.map(\.0))
    for (ref, vlan) in database.vlans.all where vlan.taggedPIF.map({ carriers.contains($0) }) == true {
      if database.pifs[vlan.untaggedPIF] == nil { strays.vlans.append(ref) }
    }
    return strays
  }
}
