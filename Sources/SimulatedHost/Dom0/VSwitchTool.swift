import JSON

/// `ovs-vsctl` (notes on dom0 §3.6): names, parents, and the tables as JSON.
struct VSwitchTool {
  static let noDatabase =
    "ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed (No such file or directory)"

  private let world: World
  private let live: NetworkdConfig
  private let kernel: KernelView

  init(_ world: World, _ live: NetworkdConfig) {
    self.world = world
    self.live = live
    kernel = KernelView(world, live)
  }

  /// Several commands, parted by `--`, answer one after the other; the options stand before the first.
  func run(_ arguments: [String]) -> SimulatedTool {
    let options = Array(arguments.prefix { $0.hasPrefix("-") && $0 != "--" })
    let commands = arguments.dropFirst(options.count).split(separator: "--")
    guard commands.count > 1 else { return runOne(arguments) }
    var all = SimulatedTool()
    for command in commands {
      let one = runOne(options + Array(command))
      guard one.code == 0 else { return one }
      all.output += one.output
    }
    return all
  }

  private func runOne(_ arguments: [String]) -> SimulatedTool {
    if arguments.contains("-V") || arguments.contains("--version") {
      return SimulatedTool("ovs-vsctl (Open vSwitch) 2.17.7\nDB Schema 8.3.0\n")
    }
    let isJSON = arguments.contains("--format=json") || IPTool.following("-f", in: arguments) == "json"
    let words = IPTool.operands(of: arguments, taking: ["-f", "-t"])
    let bridge = words.dropFirst().first ?? ""
    switch words.first {
    case "list-br":
      let names = bridges.filter { name in
        let isFake = live.bridges[name]?.vlan != nil
        return arguments.contains("--real") ? !isFake : arguments.contains("--fake") ? isFake : true
      }
      return SimulatedTool(names.map { $0 + "\n" }.joined())
    case "br-exists": return SimulatedTool(code: live.bridges[bridge] == nil ? 2 : 0)
    case "list", "find": return table(words.dropFirst().first ?? "", isJSON: isJSON)
    case "list-ports", "list-ifaces", "br-to-parent", "br-to-vlan", "br-get-external-id":
      guard live.bridges[bridge] != nil else { return .failure(1, "ovs-vsctl: no bridge named \(bridge)") }
      return about(bridge, words[0])
    case "get-controller", "get-manager", "get-fail-mode": return SimulatedTool("")
    case "show": return SimulatedTool(show)
    default: return .failure(1, "ovs-vsctl: unknown command '\(words.first ?? "")'; use --help for help")
    }
  }

  private var bridges: [String] { live.bridges.keys.sorted(by: KernelView.isBefore) }
  private var realBridges: [String] { bridges.filter { live.bridges[$0]?.vlan == nil } }

  private func about(_ bridge: String, _ what: String) -> SimulatedTool {
    let content = live.bridges[bridge] ?? .init()
    let ports = content.ports.sorted { $0.key < $1.key }
    let lines: [String]
    switch what {
    case "list-ports": lines = ports.map(\.key)
    case "list-ifaces": lines = ports.flatMap(\.value.interfaces)
    case "br-to-parent": lines = [live.base(of: bridge)]
    case "br-to-vlan": lines = [String(content.vlan?.tag ?? 0)]
    default: lines = ["xs-network-uuids=\(content.otherConfig["network-uuids"]?.string ?? "")"]
    }
    return SimulatedTool(lines.map { $0 + "\n" }.joined())
  }

  /// `ovs-vsctl show`.
  private var show: String {
    var text = "5c9d1b2e-70f3-4c1f-9a74-6a4de0d4c0aa\n"
    for bridge in realBridges {
      text += "    Bridge \(bridge)\n        fail_mode: standalone\n"
      for port in ports(of: bridge) {
        text += "        Port \(port.name)\n" + (port.tag.map { "            tag: \($0)\n" } ?? "")
        for interface in port.interfaces {
          text += "            Interface \(interface)\n" + (port.isInternal ? "                type: internal\n" : "")
        }
      }
    }
    return text + "    ovs_version: \"2.17.7\"\n"
  }

  // MARK: Rows

  private struct Port {
    var name: String
    var interfaces: [String]
    var tag: Int64?
    var isInternal: Bool
    var content: NetworkdConfig.Port?
  }

  /// The bridge's own port, those of the VLANs on it, and the way out.
  private func ports(of bridge: String) -> [Port] {
    var found = [Port(name: bridge, interfaces: [bridge], isInternal: true)]
    for (name, port) in (live.bridges[bridge]?.ports ?? [:]).sorted(by: { $0.key < $1.key }) {
      found.append(Port(name: name, interfaces: port.interfaces, isInternal: false, content: port))
    }
    for vlan in live.vlans(on: bridge).sorted(by: KernelView.isBefore) {
      found.append(Port(name: vlan, interfaces: [vlan], tag: live.bridges[vlan]?.vlan?.tag, isInternal: true))
    }
    return found
  }

  /// A row's uuid, made of what it is, so that it stays.
  private static func uuid(_ kind: String, _ name: String) -> JSONValue {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(kind)/\(name)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    var names = Names(seed: hash)
    return ["uuid", .string(names.uuid())]
  }

  private static func set(_ values: [JSONValue]) -> JSONValue {
    values.count == 1 ? values[0] : ["set", .array(values)]
  }

  private static func map(_ members: JSONObject) -> JSONValue {
    ["map", .array(members.map { [.string($0.0), .string($0.1.string ?? $0.1.description)] })]
  }

  private static let none: JSONValue = ["set", []]

  private func table(_ name: String, isJSON: Bool) -> SimulatedTool {
    let rows: [JSONObject]
    switch name {
    case "bridge", "Bridge": rows = realBridges.map(bridgeRow)
    case "port", "Port": rows = realBridges.flatMap { bridge in ports(of: bridge).map { portRow($0, of: bridge) } }
    case "interface", "Interface":
      rows = realBridges.flatMap { bridge in
        ports(of: bridge).flatMap { port in port.interfaces.map { interfaceRow($0, of: port) } }
      }
    default: return .failure(1, "ovs-vsctl: unknown table '\(name)'")
    }
    if isJSON {
      let headings = rows.first?.keys.sorted() ?? []
      let data = rows.map { row in JSONValue.array(headings.map { row[$0] ?? Self.none }) }
      let answer: JSONValue = ["headings": .array(headings.map { .string($0) }), "data": .array(data)]
      return SimulatedTool(answer.description + "\n")
    }
    let blocks = rows.map { row in
      row.map {
        "\($0.0)\(String(repeating: " ", count: max(0, 20 - $0.0.count))): \($0.1.string ?? $0.1.description)\n"
      }.joined()
    }
    return SimulatedTool(blocks.joined(separator: "\n"))
  }

  private func bridgeRow(_ name: String) -> JSONObject {
    let bridge = live.bridges[name] ?? .init()
    let uuids = bridge.otherConfig["network-uuids"]?.string ?? ""
    return [
      "_uuid": Self.uuid("bridge", name), "controller": Self.none, "datapath_type": "", "name": .string(name),
      "external_ids": Self.map(["bridge-id": .string(name), "xs-network-uuids": .string(uuids)]),
      "fail_mode": "standalone", "mcast_snooping_enable": .bool(bridge.snoopsIGMP),
      "other_config": Self.map(bridge.mac.map { ["hwaddr": .string($0)] } ?? [:]),
      "ports": Self.set(ports(of: name).map { Self.uuid("port", $0.name) }), "protocols": Self.none,
      "stp_enable": false,
    ]
  }

  private func portRow(_ port: Port, of bridge: String) -> JSONObject {
    let properties = port.content?.bondProperties ?? [:]
    let mode = properties["mode"]?.string
    let active = BondTool.active(of: port.interfaces, world)
    func number(_ key: String) -> JSONValue { .int(properties[key]?.string.flatMap { Int64($0) } ?? 0) }
    let isBalanced = properties["hashing-algorithm"]?.string == "src_mac"
    let ovsMode: JSONValue =
      mode == nil ? Self.none : mode == "lacp" ? (isBalanced ? "balance-slb" : "balance-tcp") : .string(mode ?? "")
    let network = live.bridges[port.name]?.otherConfig["network-uuids"]?.string
    return [
      "_uuid": Self.uuid("port", port.name), "name": .string(port.name),
      "bond_active_slave": mode == nil ? Self.none : active.map { .string($0.mac) } ?? Self.none,
      "bond_downdelay": number("downdelay"), "bond_fake_iface": false, "bond_mode": ovsMode,
      "bond_updelay": number("updelay"),
      "external_ids": Self.map(network.map { ["xs-network-uuids": .string($0)] } ?? [:]),
      "fake_bridge": .bool(port.tag != nil && port.isInternal),
      "interfaces": Self.set(port.interfaces.map { Self.uuid("interface", $0) }),
      "lacp": mode == nil ? Self.none : mode == "lacp" ? "active" : "off",
      "mac": port.content?.bondMAC.map { .string($0) } ?? Self.none,
      "other_config": Self.map(
        mode == "lacp"
          ? [
            "lacp-fallback-ab": properties["lacp-fallback-ab"] ?? "false",
            "lacp-time": properties["lacp-time"] ?? "slow",
          ] : [:]),
      "tag": port.tag.map { .int($0) } ?? Self.none, "trunks": Self.none, "vlan_mode": Self.none,
    ]
  }

  private func interfaceRow(_ name: String, of port: Port) -> JSONObject {
    let device = kernel.device(name)
    var status: JSONObject = ["driver_name": "openvswitch"]
    if case .card(let card)? = device?.kind {
      status = ["driver_name": .string(card.driver), "driver_version": .string(EthtoolTool.version(of: card.driver))]
    }
    let isUp = device.map { $0.isUp && $0.hasCarrier } ?? false
    return [
      "_uuid": Self.uuid("interface", name), "name": .string(name), "type": port.isInternal ? "internal" : "",
      "admin_state": device == nil ? Self.none : device?.isUp == true ? "up" : "down",
      "duplex": device?.speed == nil ? Self.none : "full",
      "error": device == nil ? .string("could not open network device \(name) (No such device)") : Self.none,
      "external_ids": Self.map([:]), "link_speed": device?.speed.map { .int($0 * 1_000_000) } ?? Self.none,
      "link_state": device == nil ? Self.none : isUp ? "up" : "down",
      "mac_in_use": device.map { .string($0.mac) } ?? Self.none, "mtu": device.map { .int($0.mtu) } ?? Self.none,
      "ofport": device == nil ? -1 : port.isInternal && port.tag == nil ? 65534 : .int(Int64(device?.index ?? 1)),
      "options": Self.map([:]), "statistics": Self.map([:]), "status": Self.map(status),
    ]
  }
}
