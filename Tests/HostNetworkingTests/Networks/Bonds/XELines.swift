import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Runs the lines that plans show, as a shell and xe would: enough of both for plans about bonds.
struct XELines {
  private let host: ChangeHost
  private var variables: [String: String] = [:]

  init(_ host: ChangeHost) { self.host = host }

  mutating func run(_ lines: [String]) async throws {
    for line in lines { try await run(line) }
  }

  private mutating func run(_ line: String) async throws {
    guard line.hasPrefix("xe ") || line.contains("=$(xe ") else { return }
    if let equals = line.firstIndex(of: "="), line[line.index(after: equals)...].hasPrefix("$(xe "), !line.hasPrefix("xe ") {
      let name = String(line[..<equals])
      variables[name] = try await evaluated(String(line[line.index(after: equals)...]))
      return
    }
    _ = try await command(words(try await substituted(line)))
  }

  // MARK: A shell

  private func evaluated(_ text: String) async throws -> String {
    try await command(words(try await substituted(String(text.dropFirst(2).dropLast()))))
  }

  /// `$(...)` from the inside outwards, and `$NET`.
  private func substituted(_ line: String) async throws -> String {
    var line = line
    while let start = line.range(of: "$(", options: .backwards), let end = line[start.upperBound...].firstIndex(of: ")") {
      let answer = try await command(words(try await substituted(String(line[start.upperBound..<end]))))
      #expect(!answer.isEmpty && !answer.contains(","), "\(line[start.lowerBound...end]): \(answer)")
      line.replaceSubrange(start.lowerBound...end, with: answer)
    }
    for (name, value) in variables.sorted(by: { $0.key.count > $1.key.count }) { line = line.replacing("$\(name)", with: value) }
    return line
  }

  private func words(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    for character in line {
      switch character {
      case "'": isQuoted.toggle()
      case " " where !isQuoted:
        if !word.isEmpty { words.append(word) }
        word = ""
      default: word.append(character)
      }
    }
    return word.isEmpty ? words : words + [word]
  }

  // MARK: xe

  private func ref(_ owner: String, _ uuid: String) async throws -> JSONValue { try await host.client.call("\(owner).get_by_uuid", [.string(uuid)]) }

  private func command(_ words: [String]) async throws -> String {
    guard words.first == "xe", words.count > 1 else {
      Issue.record("no xe: \(words)")
      return ""
    }
    var values: [String: String] = [:]
    var maps: [String: [(String, String)]] = [:]
    for word in words.dropFirst(2) where word != "--minimal" {
      let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      #expect(halves.count == 2, "\(word)")
      let key = halves[0].split(separator: ":", maxSplits: 1).map(String.init)
      if key.count == 2 { maps[key[0], default: []].append((key[1], halves[1])) } else { values[halves[0]] = halves[1] }
    }
    func value(_ key: String) -> String { values[key] ?? "" }
    func text(_ key: String) -> JSONValue { .string(value(key)) }
    func call(_ method: String, _ parameters: JSONValue...) async throws { _ = try await host.client.call(method, parameters) }
    let verb = words[1]
    switch verb {
    case "pif-list", "bond-list", "vlan-list", "tunnel-list": return try await list(verb, values)
    case "network-create":
      let made = try await host.client.call(
        "network.create",
        [["name_label": text("name-label"), "name_description": text("name-description"), "MTU": .int(Int64(value("MTU")) ?? 1500), "other_config": [:]]])
      return try await host.client.call("network.get_uuid", [made]).string ?? ""
    case "network-destroy": try await call("network.destroy", try await ref("network", value("uuid")))
    case "network-param-add": try await call("network.add_purpose", try await ref("network", value("uuid")), text("param-key"))
    case "bond-create":
      var members: [JSONValue] = []
      for uuid in value("pif-uuids").split(separator: ",") { members.append(try await ref("PIF", String(uuid))) }
      try await call(
        "Bond.create", try await ref("network", value("network-uuid")), .array(members), text("mac"), text("mode"),
        .object(JSONObject((maps["properties"] ?? []).map { ($0.0, .string($0.1)) })))
    case "bond-destroy": try await call("Bond.destroy", try await ref("Bond", value("uuid")))
    case "bond-set-mode": try await call("Bond.set_mode", try await ref("Bond", value("uuid")), text("mode"))
    case "vlan-create":
      try await call(
        "VLAN.create", try await ref("PIF", value("pif-uuid")), .int(Int64(value("vlan")) ?? -1), try await ref("network", value("network-uuid")))
    case "pif-plug": try await call("PIF.plug", try await ref("PIF", value("uuid")))
    case "pif-unplug": try await call("PIF.unplug", try await ref("PIF", value("uuid")))
    case "pif-reconfigure-ip":
      try await call("PIF.reconfigure_ip", try await ref("PIF", value("uuid")), text("mode"), text("IP"), text("netmask"), text("gateway"), text("DNS"))
    case "pif-reconfigure-ipv6":
      try await call("PIF.reconfigure_ipv6", try await ref("PIF", value("uuid")), text("mode"), text("IPv6"), text("gateway"), text("DNS"))
    case "pif-param-remove": try await call("PIF.remove_from_other_config", try await ref("PIF", value("uuid")), text("param-key"))
    case "host-management-reconfigure": try await call("host.management_reconfigure", try await ref("PIF", value("pif-uuid")))
    case "vif-move": try await call("VIF.move", try await ref("VIF", value("uuid")), try await ref("network", value("network-uuid")))
    case "pif-param-set", "bond-param-set", "vlan-param-set", "network-param-set":
      let owner = ["pif": "PIF", "bond": "Bond", "vlan": "VLAN", "network": "network"][String(verb.prefix { $0 != "-" })] ?? ""
      let target = try await ref(owner, value("uuid"))
      for (key, value) in maps["properties"] ?? [] { try await call("Bond.set_property", target, .string(key), .string(value)) }
      for (key, value) in maps["other-config"] ?? [] {
        try await call("\(owner).remove_from_other_config", target, .string(key))
        try await call("\(owner).add_to_other_config", target, .string(key), .string(value))
      }
      if let protected = values["disallow-unplug"] { try await call("PIF.set_disallow_unplug", target, .bool(protected == "true")) }
      if let mode = values["default-locking-mode"] { try await call("network.set_default_locking_mode", target, .string(mode)) }
      if let mtu = values["MTU"].flatMap({ Int64($0) }) { try await call("network.set_MTU", target, .int(mtu)) }
    default: Issue.record("not known: \(words)")
    }
    return ""
  }

  private func list(_ verb: String, _ values: [String: String]) async throws -> String {
    let database = try await host.facts().database
    func uuid(_ ref: Ref<PIF>?) -> String { database.pifs[ref]?.uuid ?? "" }
    switch verb {
    case "pif-list":
      return database.pifs.all.map(\.record).filter { pif in
        values.allSatisfy { key, value in
          switch key {
          case "host-uuid": database.hosts[pif.host]?.uuid == value
          case "device": pif.device == value
          case "VLAN": "\(pif.vlan)" == value
          case "physical": "\(pif.physical)" == value
          case "network-uuid": database.networks[pif.network]?.uuid == value
          default: false
          }
        }
      }.map(\.uuid).joined(separator: ",")
    case "bond-list": return database.bonds.all.map(\.record).filter { uuid($0.interface) == values["master"] }.map(\.uuid).joined(separator: ",")
    case "vlan-list": return database.vlans.all.map(\.record).filter { uuid($0.untaggedPIF) == values["untagged-PIF"] }.map(\.uuid).joined(separator: ",")
    default: return database.tunnels.all.map(\.record).filter { uuid($0.accessPIF) == values["access-PIF"] }.map(\.uuid).joined(separator: ",")
    }
  }
}

/// A plan's lines, by hand, do what the plan does.
struct BondLineTests {
  @Test(arguments: BondCase.all) func byHandItIsTheSame(_ one: BondCase) async throws {
    var layouts: [[String]] = []
    for byHand in [false, true] {
      try await ChangeHost.quick(one.scenario) { host in
        try await one.prepare(host)
        let plan = try await host.plan(one.intent)
        if byHand {
          var lines = XELines(host)
          try await lines.run(plan.steps.flatMap(\.commands))
        } else {
          _ = await host.run(plan, host.settings(confirmWithin: 600))
          if plan.isProvisional { _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep() }
        }
        // XAPI notes name servers down on whichever interface it takes for the leading one.
        layouts.append(try await host.layout().map { $0.replacing("10.0.4.2,10.0.4.3", with: "") })
      }
    }
    let found = difference(layouts[0], layouts[1])
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }
}
