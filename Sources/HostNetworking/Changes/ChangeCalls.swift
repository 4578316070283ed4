import JSON
import XenAPI

/// The calls of each kind of action, on the database as it is right before.
struct ChangeCalls: Sendable {
  let client: XenClient
  let scene: ChangeScene
  let limit: Duration
  let progress: @Sendable (Double) -> Void

  /// Calls that are made as tasks, and may be at work when nobody waits for them any more.
  static let tasks: Set<String> = [
    "VLAN.create", "VLAN.destroy", "PIF.plug", "PIF.unplug", "PIF.reconfigure_ip", "PIF.reconfigure_ipv6",
    "PIF.set_primary_address_type", "host.management_reconfigure", "pool.management_reconfigure", "PIF.scan", "PIF.introduce",
    "PIF.forget", "PIF.set_property", "VIF.move", "Bond.create", "Bond.destroy",
    "Bond.set_mode", "Bond.set_property", "pool.create_VLAN_from_PIF", "tunnel.create", "tunnel.destroy",
  ]

  /// A task of XAPI's that a step of a change may have begun, and that is still at work.
  static func pendingTask(_ client: XenClient) async -> String? {
    guard let tasks = try? await client.call("task.get_all_records", limit: .seconds(10)).object else { return nil }
    return tasks.values.first { task in
      guard task["status"]?.string == "pending", let name = task["name_label"]?.string else { return false }
      return Self.tasks.contains { name == $0 || name == "Async.\($0)" }
    }?["name_label"]?.string
  }

  func perform(_ action: ChangeAction) async throws(ChangeFailure) {
    switch action {
    case .createNetwork(let name, let mark): try await createNetwork(name, mark)
    case .destroyNetwork(let mark):
      guard let network = scene.network(mark: mark) else { return }
      try await destroy(network)
    case .createVLAN(let tag, let base, let choice):
      guard let network = scene.network(choice) else { throw ChangeFailure("the network for VLAN \(tag) is not there") }
      try await task("VLAN.create", [try node(base).ref.json, .int(Int64(tag)), network.json])
    case .destroyVLAN(let tag, let base):
      guard let row = scene.vlan(tag, on: base)?.pif.vlanMasterOf else { return }
      try await task("VLAN.destroy", [row.json])
    case .plug(let name): try await task("PIF.plug", [try node(name).ref.json])
    case .unplug(let name): try await task("PIF.unplug", [try node(name).ref.json])
    case .setIPv4(let name, let settings): try await set(settings, on: try node(name))
    case .setIPv6(let name, let settings): try await set(settings, on: try node(name))
    case .setSearchDomains(let name, let domains): try await set(domains, on: try node(name))
    case .setPrimaryAddressType(let name, let family):
      try await task("PIF.set_primary_address_type", [try node(name).ref.json, .string(family.rawValue)])
    case .manage(let name): try await task("host.management_reconfigure", [try node(name).ref.json])
    // Not as a task: it is never passed on to the coordinator, and a task would be.
    case .disableManagement: try await call("host.management_disable", [])
    case .managePool(let uuid):
      guard let network = scene.network(uuid: uuid) else { throw ChangeFailure("the network is not there any more") }
      try await task("pool.management_reconfigure", [network.json])
    case .recoverMembers: try await task("pool.recover_slaves", [])
    case .scanNICs: try await task("PIF.scan", [scene.host.json])
    case .introduceNIC(let device, let mac, let isManaged):
      try await task("PIF.introduce", [scene.host.json, .string(mac), .string(device), .bool(isManaged)])
    case .forgetNIC(let device): try await task("PIF.forget", [try node(device).ref.json])
    case .replug(let name): try await task("PIF.plug", [try node(name).ref.json])
    case .setOtherConfig(let name, let values): try await set(values, on: try node(name))
    case .setNetworkMTU(let uuid, let mtu):
      guard let network = scene.network(uuid: uuid) else { throw ChangeFailure("the network is not there any more") }
      try await call("network.set_MTU", [network.json, .int(Int64(mtu))])
    case .applyMTU(let uuid, let name, _):
      guard let pif = scene.pif(uuid: uuid) else { throw ChangeFailure("\(name) is not there any more") }
      try await task("PIF.plug", [pif.ref.json])
    case .moveVIFs(let vifs, let from, let to):
      guard let target = scene.network(uuid: to) else { throw ChangeFailure("the network that the VIFs go to is not there any more") }
      let origin = scene.network(uuid: from)
      // What somebody has put elsewhere in the meantime is left there.
      for (ref, vif) in scene.vifs(vifs) where vif.network == origin && vif.network != target { try await task("VIF.move", [ref.json, target.json]) }
    case .setDisallowUnplug(let name, let isProtected):
      try await call("PIF.set_disallow_unplug", [try node(name).ref.json, .bool(isProtected)])
    case .setProperties(let name, let values):
      for (key, value) in values.sorted(by: { $0.key < $1.key }) where try node(name).pif.properties[key] != value {
        try await task("PIF.set_property", [try node(name).ref.json, .string(key), .string(value)])
      }
    case .destroyBridgeNetwork(let bridge):
      guard let network = scene.network(bridge: bridge) else { return }
      try await destroy(network)
    case .destroyEmptyNetwork(let uuid):
      guard let network = scene.network(uuid: uuid) else { return }
      try await destroy(network)
    case .setHostname, .setLabel, .setTimeServers, .setRemoteAccess: break
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: try await action.group?.perform(self)
    case .setFeatures, .setRings, .setLinkMode, .setFCoE, .putBackUnits, .setNICNames, .resetNICNames, .putBackNICNames: break
    }
  }

  private func set(_ values: [String: String?], on node: InterfaceTree.Node) async throws(ChangeFailure) {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      // add refuses a key that is there; remove does not mind one that is not.
      if node.pif.otherConfig[key] != nil { try await call("PIF.remove_from_other_config", [node.ref.json, .string(key)]) }
      if let value { try await call("PIF.add_to_other_config", [node.ref.json, .string(key), .string(value)]) }
    }
  }

  func node(_ name: String) throws(ChangeFailure) -> InterfaceTree.Node {
    guard let node = scene.tree[name] else { throw ChangeFailure("\(name) is not there") }
    return node
  }

  // MARK: Settings

  func set(_ settings: IPv4Settings, on node: InterfaceTree.Node) async throws(ChangeFailure) { try await set(settings, on: node.ref) }
  func set(_ settings: IPv6Settings, on node: InterfaceTree.Node) async throws(ChangeFailure) { try await set(settings, on: node.ref) }

  func set(_ settings: IPv4Settings, on pif: Ref<PIF>) async throws(ChangeFailure) {
    try await task(
      "PIF.reconfigure_ip",
      [
        pif.json, .string(settings.mode.rawValue), .string(settings.address), .string(settings.netmask),
        .string(settings.gateway), .string(settings.dns),
      ])
  }

  func set(_ settings: IPv6Settings, on pif: Ref<PIF>) async throws(ChangeFailure) {
    try await task(
      "PIF.reconfigure_ipv6",
      [
        pif.json, .string(settings.mode.rawValue), .string(settings.address), .string(settings.gateway),
        .string(settings.dns),
      ])
  }

  /// The record is looked at when the address is set the next time: so it is set once more, as it is. XAPI allows that
  /// even under high availability, for static addresses.
  private func set(_ domains: [String], on node: InterfaceTree.Node) async throws(ChangeFailure) {
    try await call("PIF.remove_from_other_config", [node.ref.json, "domain"])
    if !domains.isEmpty {
      try await call(
        "PIF.add_to_other_config", [node.ref.json, "domain", .string(domains.joined(separator: ","))])
    }
    guard node.pif.currentlyAttached else { return }
    if node.pif.primaryAddressType == .ipv6 {
      if node.pif.ipv6ConfigurationMode == .static { try await set(IPv6Settings(node.pif), on: node) }
    } else if node.pif.ipConfigurationMode == .static {
      try await set(IPv4Settings(node.pif), on: node)
    }
  }

  func createNetwork(_ name: String, _ mark: String) async throws(ChangeFailure) {
    let record: JSONValue = [
      "name_label": .string(name), "name_description": "", "MTU": 1500, "bridge": "", "managed": true, "tags": [],
      "other_config": .object(JSONObject([(ChangeAction.markKey, .string(mark))])),
    ]
    try await call("network.create", [record])
  }

  /// XAPI deletes the VIFs on a network with it, as long as they are not attached: somebody may have put VMs there since
  /// the change was planned.
  private func destroy(_ network: Ref<Network>) async throws(ChangeFailure) {
    guard let record = scene.database.networks[network] else { return }
    let users = [(record.pifs.count, "interface"), (record.vifs.count, "VIF")].filter { $0.0 > 0 }
      .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
    guard users.isEmpty else {
      let name = record.nameLabel.isEmpty ? record.bridge : record.nameLabel
      throw ChangeFailure("network \"\(name)\" is in use (\(NameList.words(users))) and was left: move those away first")
    }
    try await call("network.destroy", [network.json])
  }

  // MARK: Calling

  func call(_ method: String, _ parameters: [JSONValue]) async throws(ChangeFailure) { _ = try await answer(method, parameters) }

  func answer(_ method: String, _ parameters: [JSONValue]) async throws(ChangeFailure) -> JSONValue {
    do {
      return try await client.call(method, parameters, limit: min(limit, .seconds(60)))
    } catch {
      if case .failure = error { throw failure(error, isUnknown: false) }
      throw failure(error, isUnknown: true)
    }
  }

  func task(_ method: String, _ parameters: [JSONValue]) async throws(ChangeFailure) {
    switch await client.runTask(method, parameters, limit: limit, progress: progress) {
    case .success: return
    case .failure(let error): throw failure(error, isUnknown: false)
    case .unknown(let error): throw failure(error, isUnknown: true)
    }
  }

  private func failure(_ error: XenError, isUnknown: Bool) -> ChangeFailure {
    guard let failure = error.failure else { return ChangeFailure("\(error)", isUnknown: isUnknown) }
    let explanation = failure.explained(by: scene.database.names(on: scene.host))
    return ChangeFailure(
      explanation.remedy.map { "\(explanation.sentence). \($0)" } ?? explanation.sentence, isUnknown: isUnknown)
  }
}
