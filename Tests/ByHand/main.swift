import Glibc
import JSON
import XenAPI

// Stands for `xe` where tests run the lines that a plan shows: the same words, the same calls (`reference/dom0.md`, "xe"), on XAPI's
// socket that XE_SOCKET names. Only what those lines use is here; anything else is refused.

struct Refusal: Error { let text: String }

let words = CommandLine.arguments.dropFirst()
guard let command = words.first, let socket = getenv("XE_SOCKET").map({ String(cString: $0) }) else { exit(2) }
let isMinimal = words.contains("--minimal")
/// In the order given; a key may come once.
let pairs: [(key: String, value: String)] = words.dropFirst().filter { $0 != "--minimal" }.map { word in
  let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
  return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
}
let client = XenClient(.unixSocket(path: socket))

func refuse(_ text: String) -> Refusal { Refusal(text: "xe \(command): \(text)") }

func call(_ method: String, _ parameters: [JSONValue]) async throws -> JSONValue {
  do { return try await client.call(method, parameters, limit: .seconds(60)) } catch { throw refuse("\(method): \(error)") }
}

func given(_ key: String) throws -> String {
  guard let value = pairs.first(where: { $0.key == key })?.value, !value.isEmpty else { throw refuse("\(key) is missing") }
  return value
}

func optional(_ key: String) -> String { pairs.first { $0.key == key }?.value ?? "" }

/// Nothing but these words: xe complains of others as well.
func only(_ keys: String..., map: String? = nil) throws {
  for (key, _) in pairs where !keys.contains(key) {
    if let map, key.hasPrefix(map + ":") { continue }
    throw refuse("\(key) is no word of it")
  }
}

func ref(_ owner: String, _ uuid: String) async throws -> JSONValue { try await call("\(owner).get_by_uuid", [.string(uuid)]) }

func mapped(_ name: String) -> JSONValue {
  .object(JSONObject(pairs.filter { $0.key.hasPrefix(name + ":") }.map { (String($0.key.dropFirst(name.count + 1)), .string($0.value)) }))
}

func say(_ line: String) { print(line) }

func uuid(_ owner: String, _ ref: JSONValue) async throws -> String { try await call("\(owner).get_uuid", [ref]).string ?? "" }

/// The commands that begin with the name of a class.
let classes = ["pif": "PIF", "bond": "Bond", "network": "network", "vlan": "VLAN", "vif": "VIF", "host": "host", "pool": "pool", "vm": "VM", "sr": "SR", "tunnel": "tunnel"]

func list(_ owner: String) async throws {
  let records = try await call("\(owner).get_all_records", [])
  var found: [String] = []
  for (_, record) in records.object ?? JSONObject() {
    var fits = true
    for (key, wanted) in pairs where key != "params" {
      let names = ["host-uuid": "host", "network-uuid": "network", "vm-uuid": "VM", "untagged-PIF": "untagged_PIF", "access-PIF": "access_PIF", "master": "master"]
      let field = names[key] ?? key.replacing("-", with: "_")
      guard let value = record[field] else { throw refuse("\(key) is no field to look for") }
      if names[key] != nil {
        let other = ["host": "host", "network": "network", "VM": "VM"][field] ?? "PIF"
        let named = try await ref(other, wanted)
        fits = fits && value == named
      } else {
        let text = value.string ?? value.int.map { "\($0)" } ?? value.bool.map { "\($0)" } ?? ""
        fits = fits && text == wanted
      }
    }
    if fits, let uuid = record["uuid"]?.string { found.append(uuid) }
  }
  guard isMinimal else { throw refuse("only with --minimal") }
  say(found.joined(separator: ","))
}

func setParameters(_ owner: String) async throws {
  let object = try await ref(owner, try given("uuid"))
  let record = try await call("\(owner).get_record", [object])
  for (key, value) in pairs where key != "uuid" {
    let parts = key.split(separator: ":", maxSplits: 1).map(String.init)
    let field = parts[0].replacing("-", with: "_")
    if parts.count == 2 {
      if owner == "Bond" && field == "properties" || owner == "PIF" && field == "properties" {
        _ = try await call("\(owner).set_property", [object, .string(parts[1]), .string(value)])
        continue
      }
      if record[field]?[parts[1]] != nil { _ = try await call("\(owner).remove_from_\(field)", [object, .string(parts[1])]) }
      _ = try await call("\(owner).add_to_\(field)", [object, .string(parts[1]), .string(value)])
      continue
    }
    let typed: JSONValue =
      switch record[field] {
      case .bool?: .bool(value == "true")
      case .int?: Int64(value).map { .int($0) } ?? .string(value)
      case .array?: .array(value.split(separator: ",").map { .string(String($0)) })
      case nil: throw refuse("\(key) is no field")
      default: .string(value)
      }
    _ = try await call("\(owner).set_\(field)", [object, typed])
  }
}

func changeParameter(_ owner: String, adds: Bool) async throws {
  let object = try await ref(owner, try given("uuid"))
  let field = try given("param-name").replacing("-", with: "_")
  let record = try await call("\(owner).get_record", [object])
  let key = try given("param-key")
  if record[field]?.object != nil {
    if adds { throw refuse("words for maps are given to param-set") }
    _ = try await call("\(owner).remove_from_\(field)", [object, .string(key)])
  } else {
    _ = try await call("\(owner).\(adds ? "add" : "remove")_\(field)", [object, .string(key)])
  }
}

func run() async throws {
  let parts = command.split(separator: "-", maxSplits: 1).map(String.init)
  if parts.count == 2, let owner = classes[parts[0]] {
    switch parts[1] {
    case "list": return try await list(owner)
    case "param-set": return try await setParameters(owner)
    case "param-add": return try await changeParameter(owner, adds: true)
    case "param-remove": return try await changeParameter(owner, adds: false)
    case "param-clear":
      try only("uuid", "param-name")
      let field = try given("param-name").replacing("-", with: "_")
      _ = try await call("\(owner).set_\(field)", [try await ref(owner, try given("uuid")), []])
      return
    default: break
    }
  }
  func plain(_ method: String, _ owner: String) async throws {
    try only("uuid")
    _ = try await call(method, [try await ref(owner, try given("uuid"))])
  }
  switch command {
  case "network-create":
    try only("name-label", "name-description", "MTU", "bridge", "managed")
    let network = try await call(
      "network.create",
      [[
        "name_label": .string(try given("name-label")), "name_description": .string(optional("name-description")),
        "MTU": .int(Int64(optional("MTU")) ?? 1500), "other_config": [:], "bridge": .string(optional("bridge")), "managed": .bool(optional("managed") != "false"),
      ]])
    say(try await uuid("network", network))
  case "network-destroy": try await plain("network.destroy", "network")
  case "vlan-create", "pool-vlan-create":
    try only("pif-uuid", "vlan", "network-uuid")
    let pif = try await ref("PIF", try given("pif-uuid"))
    let network = try await ref("network", try given("network-uuid"))
    guard let tag = Int64(try given("vlan")) else { throw refuse("vlan is no number") }
    if command == "vlan-create" {
      let vlan = try await call("VLAN.create", [pif, .int(tag), network])
      say(try await uuid("PIF", try await call("VLAN.get_untagged_PIF", [vlan])))
    } else {
      let pifs = try await call("pool.create_VLAN_from_PIF", [pif, network, .int(tag)])
      for pif in pifs.array ?? [] { say(try await uuid("PIF", pif)) }
    }
  case "vlan-destroy":
    try only("uuid")
    // That of the VLAN, or of the PIF above it.
    let records = try await call("VLAN.get_all_records", []).object ?? JSONObject()
    let name = try given("uuid")
    for (vlan, record) in records {
      let upper = record["untagged_PIF"] ?? .null
      if record["uuid"]?.string == name { _ = try await call("VLAN.destroy", [.string(vlan)]); return }
      if try await uuid("PIF", upper) == name { _ = try await call("VLAN.destroy", [.string(vlan)]); return }
    }
    throw refuse("there is no VLAN \(name)")
  case "bond-create":
    try only("network-uuid", "pif-uuids", "mode", "mac", map: "properties")
    var members: [JSONValue] = []
    for member in try given("pif-uuids").split(separator: ",") { members.append(try await ref("PIF", String(member))) }
    let bond = try await call(
      "Bond.create",
      [try await ref("network", try given("network-uuid")), .array(members), .string(optional("mac")), .string(optional("mode")), mapped("properties")])
    say(try await uuid("Bond", bond))
  case "bond-destroy": try await plain("Bond.destroy", "Bond")
  case "bond-set-mode":
    try only("uuid", "mode")
    _ = try await call("Bond.set_mode", [try await ref("Bond", try given("uuid")), .string(try given("mode"))])
  case "tunnel-create":
    try only("pif-uuid", "network-uuid", "protocol")
    let tunnel = try await call(
      "tunnel.create",
      [try await ref("PIF", try given("pif-uuid")), try await ref("network", try given("network-uuid"))]
        + (optional("protocol").isEmpty ? [] : [.string(optional("protocol"))]))
    say(try await uuid("tunnel", tunnel))
  case "tunnel-destroy": try await plain("tunnel.destroy", "tunnel")
  case "network-sriov-destroy": try await plain("network_sriov.destroy", "network_sriov")
  case "pif-plug": try await plain("PIF.plug", "PIF")
  case "pif-unplug": try await plain("PIF.unplug", "PIF")
  case "pif-forget": try await plain("PIF.forget", "PIF")
  case "pif-reconfigure-ip":
    try only("uuid", "mode", "IP", "netmask", "gateway", "DNS")
    _ = try await call(
      "PIF.reconfigure_ip",
      [try await ref("PIF", try given("uuid")), .string(mode(try given("mode")))] + ["IP", "netmask", "gateway", "DNS"].map { .string(optional($0)) })
  case "pif-reconfigure-ipv6":
    try only("uuid", "mode", "IPv6", "gateway", "DNS")
    _ = try await call(
      "PIF.reconfigure_ipv6",
      [try await ref("PIF", try given("uuid")), .string(mode(try given("mode")))] + ["IPv6", "gateway", "DNS"].map { .string(optional($0)) })
  case "pif-set-primary-address-type":
    try only("uuid", "primary_address_type")
    let family = try given("primary_address_type").lowercased() == "ipv6" ? "IPv6" : "IPv4"
    _ = try await call("PIF.set_primary_address_type", [try await ref("PIF", try given("uuid")), .string(family)])
  case "host-management-reconfigure":
    try only("pif-uuid")
    _ = try await call("host.management_reconfigure", [try await ref("PIF", try given("pif-uuid"))])
  case "pool-management-reconfigure":
    try only("network-uuid")
    _ = try await call("pool.management_reconfigure", [try await ref("network", try given("network-uuid"))])
  case "vif-create":
    try only("device", "network-uuid", "vm-uuid", "mac")
    let vif = try await call(
      "VIF.create",
      [[
        "device": .string(try given("device")), "network": try await ref("network", try given("network-uuid")),
        "VM": try await ref("VM", try given("vm-uuid")), "MAC": .string(optional("mac") == "random" ? "" : optional("mac")), "MTU": 1500,
        "other_config": [:], "qos_algorithm_type": "", "qos_algorithm_params": [:],
      ]])
    say(try await uuid("VIF", vif))
  case "vif-move":
    try only("uuid", "network-uuid")
    _ = try await call("VIF.move", [try await ref("VIF", try given("uuid")), try await ref("network", try given("network-uuid"))])
  case "vif-plug": try await plain("VIF.plug", "VIF")
  case "vif-unplug": try await plain("VIF.unplug", "VIF")
  case "vif-destroy": try await plain("VIF.destroy", "VIF")
  case "vif-configure-ipv4", "vif-configure-ipv6":
    try only("uuid", "mode", "address", "gateway")
    _ = try await call(
      "VIF.configure_\(command.hasSuffix("6") ? "ipv6" : "ipv4")",
      [try await ref("VIF", try given("uuid")), .string(mode(try given("mode"))), .string(optional("address")), .string(optional("gateway"))])
  default: throw refuse("is not known here")
  }
}

/// `static` as XAPI spells it.
func mode(_ text: String) -> String {
  switch text.lowercased() {
  case "dhcp": "DHCP"
  case "static": "Static"
  case "autoconf": "Autoconf"
  default: "None"
  }
}

do {
  try await run()
  await client.logout()
} catch let refusal as Refusal {
  let line = Array((refusal.text + "\n").utf8)
  _ = write(STDERR_FILENO, line, line.count)
  await client.logout()
  exit(1)
}
