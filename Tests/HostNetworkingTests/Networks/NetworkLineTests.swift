import JSON
import Testing
import XenAPI

@testable import HostNetworking

/// The lines that plans show, against XAPI's published data model: every command stands for a call, every parameter for one of its own.
@Suite struct NetworkLineTests {
  private static let model = PublishedModel.whole

  /// How xe calls things: the command, the class and call it stands for, and its words by the names of the model.
  private static let commands: [String: (owner: String, call: String, words: [String: String])] = [
    "vlan-create": ("VLAN", "create", ["pif-uuid": "tagged_PIF", "vlan": "tag", "network-uuid": "network"]),
    "pool-vlan-create": ("pool", "create_VLAN_from_PIF", ["pif-uuid": "pif", "vlan": "VLAN", "network-uuid": "network"]),
    "vlan-destroy": ("VLAN", "destroy", ["uuid": "self"]), "network-destroy": ("network", "destroy", ["uuid": "self"]),
    "pif-plug": ("PIF", "plug", ["uuid": "self"]), "tunnel-destroy": ("tunnel", "destroy", ["uuid": "self"]),
  ]
  /// Words of xe for fields, of which it makes `_` out of `-`.
  private static let settable: Set<String> = ["name-label", "name-description", "MTU", "default-locking-mode"]
  private static let listed: [String: (add: String, remove: String)] = ["tags": ("add_tags", "remove_tags"), "purpose": ("add_purpose", "remove_purpose")]

  @Test(.enabled(if: model != nil, "../shared/xapi/datamodel.json is not here"))
  func everyLineStandsForACall() async throws {
    let classes = try #require(Self.model?["classes"])
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("VIF", [:], "currently_attached", false)
      await host.mutate("PIF", ["VLAN": 70], "currently_attached", false)
      try await host.addTunnels()
      var edit = NetworkEdit(try await host.uuid("Private lab"))
      (edit.name, edit.description, edit.mtu, edit.lockingMode) = ("a b", "c", 1400, .disabled)
      (edit.purpose, edit.tags) = ([NetworkPurpose.nbd], ["x"])
      let plans = [
        try await host.plan(.new("77,78", on: "bond0", mtu: 1400)), try await host.plan(.new("77", on: "bond0", pool: false)),
        try await host.plan(.new("70", on: "bond0")),
        try await host.plan(VLANRemoval(.tags(TagList([200, 4000]), on: "bond0"), isPoolWide: true, withNetwork: true)), try await host.plan(edit),
        try await host.plan(NetworkRemoval(try await host.uuid("Heartbeat"))), try await host.plan(NetworkRemoval(try await host.uuid("overlay"))),
        try await host.plan(NetworkDraft(name: "x", description: "d", mtu: 9000, tags: ["t"], lockingMode: .disabled, purpose: ["nbd"])),
      ]
      let lines = plans.flatMap(\.commands)
      #expect(lines.count > 20)
      for line in lines { check(line, classes) }
    }
  }

  private func check(_ line: String, _ classes: JSONValue) {
    var words = line.replacing("NET=$(", with: "").replacing(")", with: "").split(separator: " ").map(String.init)
    guard words.count > 2, words.removeFirst() == "xe" else {
      Issue.record("\(line)")
      return
    }
    let command = words.removeFirst()
    func message(_ owner: String, _ call: String) -> JSONValue? { classes[owner]?["messages"]?[call] }
    func field(_ key: String) -> JSONValue? { classes["network"]?["fields"]?[key.replacing("-", with: "_")] }
    let keys = words.compactMap { word in word.firstIndex(of: "=").map { String(word[..<$0]).replacing("'", with: "") } }
    switch command {
    case "network-create":
      for key in keys { #expect(field(key) != nil, "\(line)") }
    case "network-param-set":
      for key in keys where key != "uuid" {
        let isWritable = field(key)?["qualifier"] == "RW" || message("network", "set_\(key.replacing("-", with: "_"))") != nil
        #expect(Self.settable.contains(key) && isWritable, "\(line)")
      }
    case "network-param-add", "network-param-remove":
      let name = words.first { $0.hasPrefix("param-name=") }.map { String($0.dropFirst(11)) } ?? ""
      let calls = Self.listed[name]
      #expect(message("network", (command == "network-param-add" ? calls?.add : calls?.remove) ?? "?") != nil, "\(line)")
    default:
      guard let known = Self.commands[command] else {
        Issue.record("\(line)")
        return
      }
      let call = message(known.owner, known.call)
      #expect(call != nil, "\(line)")
      #expect(Set(keys) == Set(known.words.keys), "\(line)")
      let parameters = Set((call?["params"]?.array ?? []).compactMap { $0.array?.first?.string })
      #expect(parameters == Set(known.words.values).union(["session_id"]), "\(line): \(parameters)")
      #expect(!line.contains("=?") && !line.contains("uuid= "), "\(line)")
    }
  }
}
