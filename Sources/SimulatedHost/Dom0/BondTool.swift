import JSON

/// `ovs-appctl bond/list`, `bond/show`, `lacp/show` (notes on dom0 §3.6), in the words of 2.17 or of 2.5.
struct BondTool {
  static let noDaemon =
    "ovs-appctl: cannot read pidfile \"/var/run/openvswitch/ovs-vswitchd.pid\" (No such file or directory)"

  private let world: World
  private let live: NetworkdConfig
  private let word: String
  private let isNew: Bool

  init(_ world: World, _ live: NetworkdConfig, speaksOfMembers: Bool) {
    self.world = world
    self.live = live
    isNew = speaksOfMembers
    word = speaksOfMembers ? "member" : "slave"
  }

  /// The member that carries: the first with a link.
  static func active(of members: [String], _ world: World) -> NIC? {
    members.lazy.compactMap { name in world.nics.first { $0.host == world.thisHost && $0.device == name && $0.carrier }
    }.first
  }

  private var bonds: [(name: String, port: NetworkdConfig.Port)] {
    live.bridges.values.flatMap { $0.ports.filter(\.value.isBond).map { ($0.key, $0.value) } }.sorted {
      $0.name < $1.name
    }
  }

  func run(_ arguments: [String]) -> SimulatedTool {
    let words = IPTool.operands(of: arguments, taking: ["-t", "-T"])
    guard let command = words.first else {
      return .failure(1, "ovs-appctl: at least one non-option argument is required")
    }
    let wanted = words.dropFirst().first
    if let wanted, command.hasSuffix("/show"), !bonds.contains(where: { $0.name == wanted }) {
      let error = command == "bond/show" ? "no such bond" : "no such lacp object"
      return .failure(2, "\(error)\novs-appctl: ovs-vswitchd: server returned an error")
    }
    let chosen = bonds.filter { wanted == nil || $0.name == wanted }
    switch command {
    case "bond/show": return SimulatedTool(chosen.map { show($0.name, $0.port) }.joined(separator: "\n"))
    case "lacp/show":
      return SimulatedTool(
        chosen.filter { Self.isLACP($0.port) }.map { lacp($0.name, $0.port) }.joined(separator: "\n"))
    case "bond/list":
      let rows = bonds.map { "\($0.name)\t\(Self.mode($0.port))\t0\t\($0.port.interfaces.joined(separator: ", "))\n" }
      return SimulatedTool("bond\ttype\trecircID\t\(word)s\n" + rows.joined())
    case "fdb/show": return SimulatedTool(" port  VLAN  MAC                Age\n")
    default:
      return .failure(2, "\"\(command)\" is not a valid command\novs-appctl: ovs-vswitchd: server returned an error")
    }
  }

  private static func isLACP(_ port: NetworkdConfig.Port) -> Bool { port.bondProperties["mode"]?.string == "lacp" }

  private static func mode(_ port: NetworkdConfig.Port) -> String {
    guard isLACP(port) else { return port.bondProperties["mode"]?.string ?? "balance-slb" }
    return port.bondProperties["hashing-algorithm"]?.string == "src_mac" ? "balance-slb" : "balance-tcp"
  }

  private var hasPartner: Bool { world.wiring?.hasLACP ?? true }

  private func carries(_ card: String) -> Bool {
    world.nics.contains { $0.host == world.thisHost && $0.device == card && $0.carrier }
  }

  private func show(_ name: String, _ port: NetworkdConfig.Port) -> String {
    let active = Self.active(of: port.interfaces, world)
    let isLACP = Self.isLACP(port)
    let anyUp = port.interfaces.contains(where: carries)
    let status = !isLACP ? "off" : hasPartner && anyUp ? "negotiated" : "configured"
    var lines = [
      "---- \(name) ----", "bond_mode: \(Self.mode(port))",
      isNew
        ? "bond may use recirculation: \(isLACP ? "yes, Recirc-ID : 1" : "no, Recirc-ID : -1")"
        : "bond may use recirculation: no, Recirc-ID : -1",
      "bond-hash-basis: 0",
    ]
    if isNew { lines.append("lb_output action: disabled, bond-id: -1") }
    lines += [
      "updelay: \(port.bondProperties["updelay"]?.string ?? "0") ms",
      "downdelay: \(port.bondProperties["downdelay"]?.string ?? "0") ms",
    ]
    if Self.mode(port) != "active-backup", isNew { lines.append("next rebalance: 6428 ms") }
    lines.append("lacp_status: \(status)")
    if isNew {
      lines.append("lacp_fallback_ab: \(port.bondProperties["lacp-fallback-ab"]?.string ?? "false")")
      lines.append("active-backup primary: <none>")
    }
    let activeText = active.map { "\($0.mac)(\($0.device))" } ?? "00:00:00:00:00:00(none)"
    lines.append("active \(word) mac: \(activeText)")
    var text = lines.map { $0 + "\n" }.joined()
    let indent = isNew ? "  " : "\t"
    for card in port.interfaces {
      let isUp = carries(card) && (!isLACP || hasPartner)
      text += "\n\(word) \(card): \(isUp ? "enabled" : "disabled")\n"
      if isUp, card == active?.device { text += "\(indent)active \(word)\n" }
      text += "\(indent)may_enable: \(isUp)\n"
      if isUp, Self.mode(port) != "active-backup" { text += hashes(on: card, of: port, bond: name).map { "\(indent)hash \($0): 12 kB load\n" }.joined() }
    }
    return text
  }

  /// Senders are spread over the members that carry, by a number from 0 to 255 made of their MACs.
  private func hashes(on card: String, of port: NetworkdConfig.Port, bond: String) -> [Int] {
    let carrying = port.interfaces.filter(carries)
    guard let place = carrying.firstIndex(of: card) else { return [] }
    let networks = world.database.strings("host", world.thisHost, "PIFs").filter { world.database.string("PIF", $0, "device") == bond }
      .map { world.database.string("PIF", $0, "network") }
    let vifs = networks.flatMap { world.database.strings("network", $0, "VIFs") }.filter { vif in
      world.database.bool("VIF", vif, "currently_attached")
        && world.database.string("VM", world.database.string("VIF", vif, "VM"), "resident_on") == world.thisHost
    }
    let all = vifs.map { vif in
      world.database.string("VIF", vif, "MAC").split(separator: ":").compactMap { Int($0, radix: 16) }.reduce(0, ^)
    }
    return Set(all).filter { $0 % carrying.count == place }.sorted()
  }

  private func lacp(_ name: String, _ port: NetworkdConfig.Port) -> String {
    let indent = isNew ? "  " : "\t"
    let mac = port.bondMAC ?? "00:00:00:00:00:00"
    let anyUp = port.interfaces.contains(where: carries)
    var lines = [
      "---- \(name) ----", "\(indent)status: active\(hasPartner && anyUp ? " negotiated" : "")",
      "\(indent)sys_id: \(mac)",
      "\(indent)sys_priority: 65534", "\(indent)aggregation key: 1",
      "\(indent)lacp_time: \(port.bondProperties["lacp-time"]?.string ?? "slow")", "",
    ]
    for (index, card) in port.interfaces.enumerated() {
      let talks = carries(card) && hasPartner
      let partner = talks ? "00:1c:73:aa:bb:cc" : "00:00:00:00:00:00"
      lines += [
        "\(word): \(card): \(talks ? "current attached" : "defaulted detached")", "\(indent)port_id: \(index + 1)",
        "\(indent)port_priority: 65535", "\(indent)may_enable: \(talks)", "", "\(indent)actor sys_id: \(mac)",
        "\(indent)actor sys_priority: 65534", "\(indent)actor port_id: \(index + 1)",
        "\(indent)actor port_priority: 65535",
        "\(indent)actor key: 1",
        "\(indent)actor state: activity aggregation\(talks ? " synchronized collecting distributing" : " defaulted")",
        "",
        "\(indent)partner sys_id: \(partner)", "\(indent)partner sys_priority: \(talks ? 32768 : 0)",
        "\(indent)partner port_id: \(talks ? 11 + index : 0)", "\(indent)partner port_priority: \(talks ? 32768 : 0)",
        "\(indent)partner key: \(talks ? 5 : 0)",
        "\(indent)partner state:\(talks ? " activity timeout aggregation synchronized collecting distributing" : "")",
        "",
      ]
    }
    return lines.joined(separator: "\n")
  }
}
