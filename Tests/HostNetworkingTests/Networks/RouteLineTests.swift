import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// The lines that plans about routes, addresses, storage and VIFs show, against XAPI's published data model: every command stands for
/// a call, every parameter for one of its own, every field for one that may be written.
@Suite struct RouteLineTests {
  private static let model = PublishedModel.whole

  /// How xe calls things: the command, the class and call it stands for, its words by the names of the model, and those that may be left out.
  private static let commands: [String: (owner: String, call: String, words: [String: String], optional: Set<String>)] = [
    "pif-plug": ("PIF", "plug", ["uuid": "self"], []), "pif-unplug": ("PIF", "unplug", ["uuid": "self"], []),
    "pif-reconfigure-ip": (
      "PIF", "reconfigure_ip", ["uuid": "self", "mode": "mode", "IP": "IP", "netmask": "netmask", "gateway": "gateway", "DNS": "DNS"],
      ["IP", "netmask", "gateway", "DNS"]
    ),
    "pif-reconfigure-ipv6": (
      "PIF", "reconfigure_ipv6", ["uuid": "self", "mode": "mode", "IPv6": "IPv6", "gateway": "gateway", "DNS": "DNS"], ["IPv6", "gateway", "DNS"]
    ),
    "vlan-create": ("VLAN", "create", ["pif-uuid": "tagged_PIF", "vlan": "tag", "network-uuid": "network"], []),
    "vif-destroy": ("VIF", "destroy", ["uuid": "self"], []), "vif-move": ("VIF", "move", ["uuid": "self", "network-uuid": "network"], []),
    "vif-plug": ("VIF", "plug", ["uuid": "self"], []), "vif-unplug": ("VIF", "unplug", ["uuid": "self"], []),
    "vif-configure-ipv4": (
      "VIF", "configure_ipv4", ["uuid": "self", "mode": "mode", "address": "address", "gateway": "gateway"], ["address", "gateway"]
    ),
    "vif-configure-ipv6": (
      "VIF", "configure_ipv6", ["uuid": "self", "mode": "mode", "address": "address", "gateway": "gateway"], ["address", "gateway"]
    ),
  ]

  @Test(.enabled(if: model != nil, "../shared/xapi/datamodel.json is not here"))
  func everyLineStandsForACall() async throws {
    let classes = try #require(Self.model?["classes"])
    try await ChangeHost.quick(.pool) { host in
      let row = try await host.vif("web-01")
      let storage = try await host.uuid("Storage A")
      await host.setRecord("10.60.0.0/16/10.0.20.1", on: "Storage A")
      await host.giveTools("web-01")
      let facts = try await host.facts()
      var six = AddressRequest(interface: "eth3", ipv4: .dhcp, ipv6: .fixed(IPv6Prefix(IPv6Address("fd00::1")!, length: 64), gateway: nil), purpose: "it's mine")
      six.isProtected = true
      let vms = try await host.vifs().vms
      let web = try #require(vms.first { $0.name == "web-01" })
      var plans = [
        try await host.plan(RouteIntent.change(RouteRequest(network: storage, adds: [try route("10.40.0.0/16/10.0.20.1")]))),
        try await host.plan(RouteIntent.change(RouteRequest(network: storage, drops: ["10.60.0.0/16/10.0.20.1"], way: .toolstack))),
        try AddressPlanner(six, facts).plan(), try AddressPlanner(AddressRequest(interface: "eth2"), facts).plan(),
        try StoragePlanner(StorageRequest(base: "eth3", tag: 77, address: try IPv4Prefix(parsing: "10.7.0.1/24"), mtu: 4000), facts, mark: "m").plan(),
        try await host.plan(.create(VIFDraft(vm: web.uuid, network: storage))), try await host.plan(.move(vif: row.uuid, network: storage)),
        try await host.plan(.destroy(vif: row.uuid)), try await host.plan(.lock(VIFLock(vif: row.uuid, mode: .locked, ipv4: ["10.0.0.1"], ipv6: ["fd00::1"]))),
        try await host.plan(.address(VIFAddress(vif: row.uuid, address: "10.0.0.1/24", gateway: "10.0.0.2"))),
        try await host.plan(.address(VIFAddress(vif: row.uuid, isIPv6: true, address: "fd00::1/64"))),
      ]
      try await host.dress(row)
      plans.append(try await host.plan(.lock(VIFLock(vif: row.uuid, mode: .networkDefault))))
      // A VIF that is made again, too.
      let scene = try await host.scene()
      let back = try await host.plan(.destroy(vif: row.uuid)).steps.last?.undo.flatMap { ChangeCommands(scene: scene).lines($0) } ?? []
      let lines = plans.flatMap(\.commands) + back
      #expect(lines.count > 35)
      for line in lines where !line.hasPrefix("ip route ") { check(line, classes) }
      #expect(back.contains("xe vif-param-set uuid=$VIF 'other-config:owner=it'\\''s me'") && back.contains("xe vif-param-set uuid=$VIF locking-mode=locked"))
      #expect(lines.filter { $0.hasPrefix("ip route ") } == ["ip route replace 10.40.0.0/16 via 10.0.20.1 dev xenbr2"])
    }
  }

  private func check(_ line: String, _ classes: JSONValue) {
    if ["xe-toolstack-restart"].contains(line) || line.hasPrefix("xapi-wait-init-complete ") { return }
    var words = Self.words(line.replacing("NET=$(", with: "").replacing("VIF=$(", with: ""))
    guard words.count > 2, words.removeFirst() == "xe" else {
      Issue.record("\(line)")
      return
    }
    let command = words.removeFirst()
    func message(_ owner: String, _ call: String) -> JSONValue? { classes[owner]?["messages"]?[call] }
    let keys = words.compactMap { word in word.firstIndex(of: "=").map { String(word[..<$0]) } }
    #expect(!line.contains("=?") && !line.contains("uuid= "), "\(line)")
    let parts = command.split(separator: "-", maxSplits: 1).map { String($0) }
    let owner = ["network": "network", "pif": "PIF", "vif": "VIF"][parts[0]] ?? "?"
    func field(_ key: String) -> String {
      let name = key.split(separator: ":")[0].replacing("-", with: "_")
      return ["vm_uuid": "VM", "network_uuid": "network", "mac": "MAC"][name] ?? String(name)
    }
    func isWritable(_ name: String) -> Bool {
      classes[owner]?["fields"]?[name]?["qualifier"] == "RW" || message(owner, "set_\(name)") != nil
    }
    switch parts[1] {
    case "create" where owner != "?":
      for key in keys { #expect(classes[owner]?["fields"]?[field(key)] != nil, "\(line): \(key)") }
    case "param-set":
      for key in keys where key != "uuid" { #expect(isWritable(field(key)), "\(line): \(key)") }
    case "param-remove", "param-clear":
      let name = words.first { $0.hasPrefix("param-name=") }.map { field(String($0.dropFirst(11))) } ?? "?"
      #expect(isWritable(name) || message(owner, "remove_from_\(name)") != nil, "\(line)")
    default:
      guard let known = Self.commands[command] else {
        Issue.record("\(line)")
        return
      }
      #expect(Set(keys).subtracting(known.words.keys).isEmpty && Set(known.words.keys).subtracting(known.optional).isSubset(of: keys), "\(line)")
      let parameters = Set((message(known.owner, known.call)?["params"]?.array ?? []).compactMap { $0.array?.first?.string })
      #expect(parameters == Set(known.words.values).union(["session_id"]), "\(line): \(parameters)")
    }
  }

  /// Words as a shell takes them; what is looked up in the line itself is one of them.
  private static func words(_ line: String) -> [String] {
    var words: [String] = []
    var (word, isQuoted, depth) = ("", false, 0)
    for character in line {
      if character == "'" { isQuoted.toggle() } else if character == "(" { depth += 1 } else if character == ")" { depth -= 1 }
      if character == " ", !isQuoted, depth <= 0 {
        words.append(word)
        word = ""
      } else if character != "'" {
        word.append(character)
      }
    }
    return words + [word]
  }
}
