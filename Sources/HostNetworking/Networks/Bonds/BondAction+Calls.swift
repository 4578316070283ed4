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
    case .destroy(let owner, let members, let sparing):
      guard let host = BondScene(scene, owner) else { return true }
      return host.bonds(within: members, sparing: sparing).isEmpty && host.strays(of: members).isEmpty
    case .setMode(let owner, let members, let mode): return Self.row(scene, owner, members)?.mode == mode
    case .setProperties(let owner, let members, let values):
      return Self.row(scene, owner, members).map { row in values.allSatisfy { row.properties[$0.key] == $0.value } } ?? false
    case .createVLAN(let owner, let tag, let members, let choice):
      return Self.vlan(scene, owner, tag, members).map { $0.pif.network == scene.network(choice) && $0.pif.currentlyAttached } ?? false
    case .destroyVLAN(let owner, let tag, let members): return Self.vlan(scene, owner, tag, members) == nil
    case .settle(let layout):
      guard let host = BondScene(scene, layout.owner) else { return true }
      return BondSettling.isDone(layout, host)
    }
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
    case .destroy(let owner, let members, let sparing):
      let host = try Self.host(owner, calls.scene)
      try await Self.destroy(host.bonds(within: members, sparing: sparing), host, calls)
      for stray in host.strays(of: members) { try await calls.call("PIF.db_forget", [stray.json]) }
    case .setMode(let owner, let members, let mode):
      try await calls.task("Bond.set_mode", [try Self.ref(owner, members, calls.scene).json, .string(mode.rawValue)])
    case .setProperties(let owner, let members, let values):
      let ref = try Self.ref(owner, members, calls.scene)
      let now = calls.scene.database.bonds[ref]?.properties ?? [:]
      for (key, value) in values.sorted(by: { $0.key < $1.key }) where now[key] != value {
        try await calls.task("Bond.set_property", [ref.json, .string(key), .string(value)])
      }
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

  private static func host(_ owner: BondOwner, _ scene: ChangeScene) throws(ChangeFailure) -> BondScene {
    guard let host = BondScene(scene, owner) else {
      throw ChangeFailure("\(owner.label.isEmpty ? "this host" : owner.label) is not in the pool any more")
    }
    return host
  }

  private static func ref(_ owner: BondOwner, _ members: [String], _ scene: ChangeScene) throws(ChangeFailure) -> Ref<Bond> {
    let host = try host(owner, scene)
    guard let ref = host.bond(of: members)?.pif.bondMasterOf.first else {
      throw ChangeFailure("the bond of \(members.andList) is not there")
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
    // What a call that was cut off has left behind.
    try await destroy(host.bonds(within: spec.members, sparing: []), host, calls)
    for stray in host.strays(of: spec.members) { try await calls.call("PIF.db_forget", [stray.json]) }
    let properties = spec.mode == .lacp ? spec.properties : [:]
    try await calls.task(
      "Bond.create", [network.json, .array(members), .string(spec.mac), .string(spec.mode.rawValue), properties.json])
  }

  private static func destroy(_ bonds: [InterfaceTree.Node], _ host: BondScene, _ calls: ChangeCalls) async throws(ChangeFailure) {
    for bond in bonds {
      guard let row = bond.pif.bondMasterOf.first else { continue }
      try await calls.task("Bond.destroy", [row.json])
    }
  }
}

extension BondScene {
  /// Everything that lay on its members has come to the bond.
  func isWhole(_ bond: InterfaceTree.Node) -> Bool {
    bond.members.allSatisfy { member in
      guard let pif = database.pifs[member] else { return false }
      return tree.vlans(on: member).isEmpty && !pif.management && !pif.disallowUnplug
        && (pif.ipConfigurationMode == .none || bond.pif.ipConfigurationMode != .none)
    }
  }

  /// Rows of bonds that XAPI began and did not finish: an interface of its own kind that belongs to nothing.
  func strays(of members: [String]) -> [Ref<PIF>] {
    let macs = Set(members.compactMap { tree[$0]?.pif.mac })
    return (database.hosts[host]?.pifs ?? []).filter { ref in
      guard let pif = database.pifs[ref] else { return false }
      return !pif.physical && pif.vlan == -1 && pif.device.hasPrefix("bond") && pif.bondMasterOf.isEmpty && pif.vlanMasterOf == nil
        && pif.tunnelAccessPIFOf.isEmpty && pif.sriovLogicalPIFOf.isEmpty && macs.contains(pif.mac)
    }
  }
}
