import JSON
import XenAPI

/// Brings interfaces and VIFs to what a layout says of them, as far as they differ.
struct BondSettling {
  /// In the other-config of a network on which VIFs wait while their VLAN is made on another carrier.
  static let parkingKey = "xcpconsole-parking"

  let layout: BondLayout
  let calls: ChangeCalls

  init(_ layout: BondLayout, _ calls: ChangeCalls) {
    self.layout = layout
    self.calls = calls
  }

  // MARK: Whether it is so

  static func isDone(_ layout: BondLayout, _ host: BondScene) -> Bool {
    layout.interfaces.allSatisfy { wanted in
      // One that is gone for good is nothing to wait for; VLANs can be made.
      if isTaken(wanted.place, layout, host) { return true }
      guard let node = host.node(wanted.place, layout) else { return wanted.place.tag == nil || wanted.network == nil }
      return Self.isSo(wanted, node, host)
    } && doubles(layout, host).isEmpty && misled(layout, host).isEmpty && strayed(layout, host).isEmpty && mtus(layout, host).isEmpty && isConfigSo(layout, host) && parking(host).isEmpty
  }

  /// Somebody has put the NIC into another bond in the meantime: what was on it is theirs now.
  static func isTaken(_ place: BondLayout.Place, _ layout: BondLayout, _ host: BondScene) -> Bool {
    guard let nic = place.nic, let node = host.tree[nic], let bond = host.tree.bond(ofMember: node.ref) else { return false }
    return Set(host.devices(bond)) != Set(layout.members)
  }

  static func isSo(_ wanted: BondLayout.Interface, _ node: InterfaceTree.Node, _ host: BondScene) -> Bool {
    let pif = node.pif
    func isSame<Value: Equatable>(_ wanted: Value?, _ now: Value) -> Bool { wanted.map { $0 == now } ?? true }
    return (wanted.ipv4.map { IPv4Settings(pif).isAs($0) } ?? true) && (wanted.ipv6.map { IPv6Settings(pif).isAs($0) } ?? true)
      && isSame(wanted.otherConfig, pif.otherConfig) && wanted.addedConfig.allSatisfy { pif.otherConfig[$0.key] == $0.value }
      && isSame(wanted.vlanConfig, host.database.vlans[pif.vlanMasterOf]?.otherConfig ?? [:])
      && isSame(wanted.isProtected, pif.disallowUnplug) && isSame(wanted.isAttached, pif.currentlyAttached)
      && (wanted.place.tag == nil || isSame(wanted.network, host.database.networks[pif.network]?.uuid ?? ""))
  }

  /// VLANs that a call which was cut off has made a second time: on another carrier than theirs, with the same network.
  private static func doubles(_ layout: BondLayout, _ host: BondScene) -> [InterfaceTree.Node] {
    layout.interfaces.flatMap { wanted -> [InterfaceTree.Node] in
      guard !isTaken(wanted.place, layout, host), wanted.place.tag != nil, let uuid = wanted.network, let node = host.node(wanted.place, layout),
        host.database.networks[node.pif.network]?.uuid == uuid
      else { return [] }
      return host.tree.nodes.filter { $0.kind == .vlan && $0.ref != node.ref && $0.pif.network == node.pif.network }
    }
  }

  /// VIFs that are on another network than they should be, and where they belong.
  private static func strayed(_ layout: BondLayout, _ host: BondScene) -> [(vif: Ref<VIF>, network: Ref<Network>)] {
    guard !layout.vifs.isEmpty else { return [] }
    var places: [String: Ref<Network>] = [:]
    var now: [Ref<VIF>: Ref<Network>] = [:]
    for (ref, network) in host.database.networks.all {
      places[network.uuid] = ref
      for vif in network.vifs { now[vif] = ref }
    }
    return layout.vifs.sorted { $0.key < $1.key }.compactMap { text, uuid in
      guard let vif = Ref<VIF>(text), let wanted = places[uuid], let present = now[vif], present != wanted else { return nil }
      if let node = host.tree.interface(on: wanted), node.kind == .nic, isTaken(BondLayout.Place(nic: node.name), layout, host) { return nil }
      return (vif, wanted)
    }
  }

  private static func mtus(_ layout: BondLayout, _ host: BondScene) -> [(network: Ref<Network>, mtu: Int)] {
    host.database.networks.all.compactMap { ref, network in
      guard let wanted = layout.mtus[network.uuid], Int64(wanted) != network.mtu else { return nil }
      return (ref, wanted)
    }
  }

  private static func isConfigSo(_ layout: BondLayout, _ host: BondScene) -> Bool {
    guard let wanted = layout.bondConfig, let row = host.bond(of: layout.members).flatMap({ host.row($0) }) else { return true }
    return row.otherConfig == wanted
  }

  private static func parking(_ host: BondScene) -> [Ref<Network>] {
    host.database.networks.all.filter { $0.record.otherConfig[parkingKey] == host.owner.uuid }.map(\.ref)
  }

  // MARK: Doing it

  func run() async throws(ChangeFailure) {
    var reader = DatabaseReader(calls.client, classes: DatabaseReader.networking + ["vm", "vif"])
    func look() async throws(ChangeFailure) -> BondScene {
      do {
        let scene = ChangeScene(try await reader.read(limit: .seconds(20)), host: calls.scene.host)
        if let host = BondScene(scene, layout.owner) { return host }
      } catch {
        throw ChangeFailure("XAPI could not be asked how things are: \(error)", isUnknown: true)
      }
      throw ChangeFailure("\(layout.owner.label.isEmpty ? "this host" : layout.owner.label) is not in the pool any more")
    }
    var host = try await look()
    let interfaces = layout.interfaces.filter { !Self.isTaken($0.place, layout, host) }
    for wanted in interfaces where wanted.place.tag != nil && host.node(wanted.place, layout) == nil {
      try await place(wanted, host)
      host = try await look()
    }
    for double in Self.doubles(layout, host) {
      guard let row = double.pif.vlanMasterOf, !double.pif.management else { continue }
      try await emptied(double.pif.network, host) { () async throws(ChangeFailure) in try await calls.task("VLAN.destroy", [row.json]) }
      host = try await look()
    }
    for wanted in interfaces {
      guard let node = host.node(wanted.place, layout), !Self.isSo(wanted, node, host) else { continue }
      try await bring(node, to: wanted, host)
      host = try await look()
    }
    for wanted in Self.misled(layout, host) {
      try await lead(wanted, host, look)
      host = try await look()
    }
    for (vif, network) in Self.strayed(layout, host) { try await calls.task("VIF.move", [vif.json, network.json]) }
    for (network, mtu) in Self.mtus(layout, host) { try await calls.call("network.set_MTU", [network.json, .int(Int64(mtu))]) }
    if let wanted = layout.bondConfig, let bond = host.bond(of: layout.members), let row = bond.pif.bondMasterOf.first {
      _ = try await set(wanted, was: host.row(bond)?.otherConfig ?? [:], "Bond", row.json, removes: true)
    }
    host = try await look()
    for network in Self.parking(host) {
      guard host.database.networks[network]?.vifs.isEmpty == true else {
        throw ChangeFailure("VIFs wait on network \"\(host.database.networks[network]?.nameLabel ?? "")\": move them to where they belong")
      }
      try await calls.call("network.destroy", [network.json])
    }
  }

  /// Makes a VLAN where it belongs; one with its network that is on another carrier goes. Machines that run on it wait on a
  /// network of their own: XAPI takes no VLAN away from under them.
  private func place(_ wanted: BondLayout.Interface, _ host: BondScene) async throws(ChangeFailure) {
    let carrierPlace = BondLayout.Place(nic: wanted.place.nic)
    guard let tag = wanted.place.tag, let uuid = wanted.network else { return }
    guard let carrier = host.node(carrierPlace, layout) else { throw ChangeFailure("\(layout.name(carrierPlace)) is not there") }
    guard let network = host.database.networks.all.first(where: { $0.record.uuid == uuid })?.ref else {
      throw ChangeFailure("the network of \(layout.name(wanted.place)) is not there any more")
    }
    guard let there = host.tree.interface(on: network) else {
      return try await calls.task("VLAN.create", [carrier.ref.json, .int(Int64(tag)), network.json])
    }
    guard there.kind == .vlan, let row = there.pif.vlanMasterOf else {
      throw ChangeFailure("\(there.name) is on the network of \(layout.name(wanted.place))")
    }
    if there.pif.management { throw ChangeFailure("management is on \(there.name): XAPI cannot move it to \(carrier.name)") }
    try await emptied(network, host) { () async throws(ChangeFailure) in
      try await calls.task("VLAN.destroy", [row.json])
      try await calls.task("VLAN.create", [carrier.ref.json, .int(Int64(tag)), network.json])
    }
  }

  /// Does something to a network's VLAN while no machine that runs here is on it.
  func emptied(
    _ network: Ref<Network>?, _ host: BondScene, _ work: () async throws(ChangeFailure) -> Void
  ) async throws(ChangeFailure) {
    let running = host.vifs(on: network).filter { $0.vif.currentlyAttached && $0.vm.residentOn == host.host }
    if !running.isEmpty { try await park(running.map(\.ref)) }
    try await work()
    guard let network else { return }
    for vif in running { try await calls.task("VIF.move", [vif.ref.json, network.json]) }
  }

  private func park(_ vifs: [Ref<VIF>]) async throws(ChangeFailure) {
    let record: JSONValue = [
      "name_label": "xcpconsole: for a moment", "name_description": "VIFs wait here while their VLAN changes its carrier",
      "MTU": 1500, "bridge": "", "managed": true, "tags": [],
      "other_config": .object(JSONObject([(Self.parkingKey, .string(layout.owner.uuid))])),
    ]
    var answer: JSONValue?
    do { answer = try await calls.client.call("network.create", [record], limit: .seconds(60)) } catch {
      throw ChangeFailure("no network could be made for VIFs to wait on: \(error)")
    }
    guard let network = answer else { return }
    for vif in vifs { try await calls.task("VIF.move", [vif.json, network]) }
  }

  func bring(_ node: InterfaceTree.Node, to wanted: BondLayout.Interface, _ host: BondScene) async throws(ChangeFailure) {
    let pif = node.pif
    if let ipv6 = wanted.ipv6, !IPv6Settings(pif).isAs(ipv6) { try await calls.set(ipv6, on: node) }
    if let ipv4 = wanted.ipv4, !IPv4Settings(pif).isAs(ipv4) { try await calls.set(ipv4, on: node) }
    var hasNewConfig = false
    if let config = wanted.otherConfig {
      hasNewConfig = try await set(config, was: pif.otherConfig, "PIF", node.ref.json, removes: true)
    }
    if try await set(wanted.addedConfig, was: pif.otherConfig, "PIF", node.ref.json, removes: false) { hasNewConfig = true }
    if let config = wanted.vlanConfig, let row = pif.vlanMasterOf {
      _ = try await set(config, was: host.database.vlans[row]?.otherConfig ?? [:], "VLAN", row.json, removes: true)
    }
    let isMember = node.kind == .nic && host.tree.bond(ofMember: node.ref) != nil
    if !isMember {
      let isWanted = wanted.isAttached ?? pif.currentlyAttached
      // What was written into the record is looked at when it is plugged.
      if isWanted, !pif.currentlyAttached || hasNewConfig { try await calls.task("PIF.plug", [node.ref.json]) }
      if !isWanted, pif.currentlyAttached { try await calls.task("PIF.unplug", [node.ref.json]) }
    }
    if let isProtected = wanted.isProtected, isProtected != pif.disallowUnplug {
      try await calls.call("PIF.set_disallow_unplug", [node.ref.json, .bool(isProtected)])
    }
  }

  /// - Returns: whether anything was written.
  func set(
    _ wanted: [String: String], was: [String: String], _ name: String, _ ref: JSONValue, removes: Bool
  ) async throws(ChangeFailure) -> Bool {
    let changed = wanted.filter { was[$0.key] != $0.value }
    let gone = removes ? was.keys.filter { wanted[$0] == nil } : []
    for key in changed.keys.filter({ was[$0] != nil }) + gone {
      try await calls.call("\(name).remove_from_other_config", [ref, .string(key)])
    }
    for (key, value) in changed.sorted(by: { $0.key < $1.key }) {
      try await calls.call("\(name).add_to_other_config", [ref, .string(key), .string(value)])
    }
    return !changed.isEmpty || !gone.isEmpty
  }
}
