import JSON
import Testing
import XenAPI

@testable import HostNetworking

/// The lines that plans about VIFs show, against XAPI's published data model.
@Suite struct VIFLineTests {
  private static let model = PublishedModel.whole

  /// What xe calls things: the call that a command stands for, and its words by the names of the model.
  private static let commands: [String: (call: String, words: [String: String])] = [
    "vif-destroy": ("destroy", ["uuid": "self"]), "vif-plug": ("plug", ["uuid": "self"]), "vif-unplug": ("unplug", ["uuid": "self"]),
    "vif-move": ("move", ["uuid": "self", "network-uuid": "network"]),
    "vif-configure-ipv4": ("configure_ipv4", ["uuid": "self", "mode": "mode", "address": "address", "gateway": "gateway"]),
    "vif-configure-ipv6": ("configure_ipv6", ["uuid": "self", "mode": "mode", "address": "address", "gateway": "gateway"]),
  ]
  /// Words of `vif-create` by the fields they set.
  private static let created = ["vm-uuid": "VM", "network-uuid": "network", "device": "device", "mac": "MAC"]
  /// Parameters that can be set, by the calls behind them.
  private static let settable = [
    "locking-mode": "set_locking_mode", "ipv4-allowed": "set_ipv4_allowed", "ipv6-allowed": "set_ipv6_allowed", "other-config": "add_to_other_config",
    "qos_algorithm_type": "set_qos_algorithm_type", "qos_algorithm_params": "add_to_qos_algorithm_params",
  ]

  @Test(.enabled(if: model != nil, "../shared/xapi/datamodel.json is not here"))
  func everyLineStandsForACall() async throws {
    let vif = try #require(Self.model?["classes"]?["VIF"])
    try await ChangeHost.with(.pool) { host in
      try await host.dress(try await host.vif("web-01"))
      let row = try await host.vif("web-01")
      let (voice, other) = (try await host.uuid("Voice"), try await host.vif("web-02"))
      let intents: [VIFIntent] = [
        .create(VIFDraft(vm: row.vmUUID, network: voice)), .move(vif: row.uuid, network: voice), .unplug(vif: row.uuid), .destroy(vif: row.uuid),
        .lock(VIFLock(vif: row.uuid, mode: .unlocked)), .lock(VIFLock(vif: other.uuid, mode: .locked, ipv4: ["10.0.10.80", "10.0.10.81"], ipv6: ["fd00::80"])),
        .address(VIFAddress(vif: row.uuid, address: "10.0.10.81/24", gateway: "10.0.10.1")), .address(VIFAddress(vif: row.uuid, address: nil)),
        .address(VIFAddress(vif: row.uuid, isIPv6: true, address: "fd00::81/64")),
      ]
      var lines: [String] = []
      for intent in intents {
        let plan = try await host.plan(intent)
        lines += plan.commands
        // The way back is told in lines as well.
        let commands = ChangeCommands(scene: ChangeScene(try await host.facts().database, host: try await host.facts().host))
        lines += plan.steps.flatMap(\.undo).flatMap { commands.lines($0) }
      }
      #expect(lines.count > 25, "\(lines)")
      for line in lines { check(line, vif) }
      #expect(Set(lines.compactMap { $0.split(separator: " ").first { $0.hasPrefix("vif-") } }).count >= 8)
    }
  }

  private func check(_ line: String, _ vif: JSONValue) {
    var words = line.replacing("VIF=$(", with: "").replacing(")", with: "").split(separator: " ").map(String.init)
    guard words.count > 2, words.removeFirst() == "xe" else {
      Issue.record("\(line)")
      return
    }
    let command = words.removeFirst()
    let keys = words.compactMap { word in word.firstIndex(of: "=").map { String(word[..<$0]).replacing("'", with: "") } }
    switch command {
    case "vif-create":
      for key in keys { #expect(Self.created[key].map { vif["fields"]?[$0] != nil } == true, "\(line)") }
    case "vif-param-set":
      for key in keys where key != "uuid" {
        let name = String(key.prefix { $0 != ":" })
        #expect(Self.settable[name].map { vif["messages"]?[$0] != nil || vif["fields"]?[name.replacing("-", with: "_")]?["qualifier"] == "RW" } == true, "\(line)")
      }
    case "vif-param-clear":
      let name = words.first { $0.hasPrefix("param-name=") }.map { String($0.dropFirst(11)) } ?? ""
      #expect(Self.settable[name].map { vif["messages"]?[$0] != nil } == true, "\(line)")
    default:
      guard let known = Self.commands[command] else {
        Issue.record("\(line)")
        return
      }
      let parameters = Set((vif["messages"]?[known.call]?["params"]?.array ?? []).compactMap { $0.array?.first?.string })
      #expect(parameters == Set(known.words.values).union(["session_id"]), "\(line): \(parameters)")
      // Addresses have defaults.
      let left = Set(known.words.keys).subtracting(keys)
      #expect(Set(keys).isSubset(of: known.words.keys) && left.isSubset(of: ["address", "gateway"]), "\(line)")
    }
    #expect(!line.contains("uuid= ") && !line.contains("Optional"), "\(line)")
  }
}
