import JSON

extension OpenVSwitch {
  /// One call, and so one moment, for all three tables. The limit is the tool's own: without it ovs-vsctl waits for
  /// ever when the database server is gone.
  static let command =
    ["ovs-vsctl", "--timeout=5", "--format=json", "list", "bridge", "--", "list", "port", "--", "list", "interface"]

  public static func read(from system: HostSystem) async throws(LiveFailure) -> OpenVSwitch {
    try parse(try await system.answer(of: command, timeLimit: .seconds(6), outputLimit: 16 << 20))
  }

  /// What `ovs-vsctl --format=json list bridge -- list port -- list interface` wrote: a table for each.
  public static func parse(_ answer: [UInt8]) throws(LiveFailure) -> OpenVSwitch {
    let tables = try OVSTable.parse(answer)
    guard tables.count == 3 else { throw .garbage(tool: "ovs-vsctl", reason: "\(tables.count) tables instead of 3") }
    let interfaces = try byUUID(tables[2], "interface") { row throws(LiveFailure) in try Interface(row: row) }
    let ports = try byUUID(tables[1], "port") { row throws(LiveFailure) in
      try Port(row: row, interfaces: row.list("interfaces").compactMap { interfaces[$0] })
    }
    var bridges: [Bridge] = []
    for row in tables[0].rows {
      bridges.append(try Bridge(row: row, ports: row.list("ports").compactMap { ports[$0] }))
    }
    return OpenVSwitch(bridges: bridges.sorted { $0.name < $1.name })
  }

  private static func byUUID<Value>(
    _ table: OVSTable, _ name: String, _ make: (OVSTable.Row) throws(LiveFailure) -> Value
  ) throws(LiveFailure) -> [String: Value] {
    var values: [String: Value] = [:]
    for row in table.rows { values[try row.required("_uuid", of: name)] = try make(row) }
    return values
  }
}

extension OpenVSwitch.Bridge {
  init(row: OVSTable.Row, ports: [OpenVSwitch.Port]) throws(LiveFailure) {
    self.init(
      name: try row.required("name", of: "bridge"), uuid: try row.required("_uuid", of: "bridge"),
      ports: ports.sorted { $0.name < $1.name }, externalIDs: row.map("external_ids"),
      otherConfig: row.map("other_config"), failMode: row.text("fail_mode"), datapath: row.text("datapath_type") ?? "",
      hasController: !row.list("controller").isEmpty)
  }
}

extension OpenVSwitch.Port {
  init(row: OVSTable.Row, interfaces: [OpenVSwitch.Interface]) throws(LiveFailure) {
    let isFakeBridge = row.bool("fake_bridge") ?? false
    let (mode, lacp) = (row.text("bond_mode"), row.text("lacp"))
    let bond = OpenVSwitch.Bond(
      mode: mode, lacp: lacp, activeMAC: row.text("bond_active_slave"), upDelay: row.number("bond_updelay"),
      downDelay: row.number("bond_downdelay"))
    self.init(
      name: try row.required("name", of: "port"), uuid: try row.required("_uuid", of: "port"),
      interfaces: interfaces.sorted { $0.name < $1.name }, tag: row.number("tag"), isFakeBridge: isFakeBridge,
      bond: interfaces.count > 1 || mode != nil || lacp != nil ? bond : nil, mac: row.text("mac"),
      externalIDs: Self.externalIDs(row.map("external_ids"), ofFakeBridge: isFakeBridge),
      otherConfig: row.map("other_config"))
  }

  /// ovs-vsctl keeps what it is told of a fake bridge in its port, under names of its own.
  private static func externalIDs(_ ids: [String: String], ofFakeBridge isFakeBridge: Bool) -> [String: String] {
    guard isFakeBridge else { return ids }
    let prefix = "fake-bridge-"
    var all = ids
    for (key, value) in ids where key.hasPrefix(prefix) { all[String(key.dropFirst(prefix.count))] = value }
    return all
  }
}

extension OpenVSwitch.Interface {
  init(row: OVSTable.Row) throws(LiveFailure) {
    self.init(
      name: try row.required("name", of: "interface"), uuid: try row.required("_uuid", of: "interface"),
      type: row.text("type") ?? "", isUp: row.text("admin_state").map { $0 == "up" },
      hasLink: row.text("link_state").map { $0 == "up" },
      // Bit/s there.
      speed: row.number("link_speed").flatMap { NetworkDevice.knownSpeed($0 / 1_000_000) },
      isFullDuplex: row.text("duplex").map { $0 == "full" }, mac: row.text("mac_in_use"), mtu: row.number("mtu"),
      portNumber: row.number("ofport"), error: row.text("error"), status: row.map("status"),
      statistics: row.map("statistics").compactMapValues { Int64($0) }, externalIDs: row.map("external_ids"),
      options: row.map("options"))
  }
}
