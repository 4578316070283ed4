import Dom0
import Foundation
import JSON
import Testing
import XenAPI

@testable import HostNetworking

/// What is written down of a change.
struct ChangeRecordTests {
  private static let actions: [ChangeAction] = [
    .createNetwork(name: "VLAN 42 \"é\"", mark: "m"), .destroyNetwork(mark: "m"),
    .createVLAN(tag: 42, on: "bond0", network: .mark("m")), .createVLAN(tag: 0, on: "eth1", network: .uuid("u")),
    .destroyVLAN(tag: 4094, on: "eth1"), .plug("eth0"), .unplug("VLAN 42 on eth1"),
    .setIPv4("eth0", IPv4Settings(mode: .static, address: "10.0.4.11", netmask: "255.255.255.0", gateway: "10.0.4.1", dns: "10.0.4.2")),
    .setIPv4("eth0", .none), .setIPv6("eth0", IPv6Settings(mode: .autoconf, dns: "fd00::2")),
    .setSearchDomains("eth0", ["lab.example", "example"]), .setSearchDomains("eth0", []),
    .setPrimaryAddressType("eth0", .ipv6), .manage("bond0"), .disableManagement, .managePool(network: "u"), .recoverMembers,
    .setHostname("xcp1"), .setLabel("Host 1"), .setTimeServers(TimeServerRequest(mode: .custom, servers: ["a", "b"])),
    .setRemoteAccess(RemoteAccessRequest(isOn: false, startsAtBoot: true, autoMode: true)),
    .setRemoteAccess(RemoteAccessRequest(isOn: true, startsAtBoot: false)),
  ]

  @Test(arguments: actions) func anActionIsReadBackAsItWasWritten(_ action: ChangeAction) throws {
    #expect(ChangeAction(try JSONValue(parsing: action.json.encoded)) == action)
  }

  @Test func whatIsNoActionIsNone() throws {
    for text in ["{}", "{\"do\":\"fly\"}", "{\"do\":\"manage\"}", "{\"do\":\"destroy-vlan\",\"on\":\"eth0\",\"tag\":4095}", "[]"] {
      #expect(ChangeAction(try JSONValue(parsing: Array(text.utf8))) == nil)
    }
  }

  private static let change = PendingChange(
    id: "20261122T205439Z-1", state: .waiting, title: "Management on eth1", intent: "configure management",
    steps: [.init(sentence: "Move", undo: actions), .init(sentence: "Name", undo: [])], begun: 1, deadline: 1234.5,
    bootID: "boot", began: 7, who: "root on pts/0 from 10.0.4.77",
    expectation: Expectation(
      interface: "eth1", cards: ["eth1"], isIPv6: false, address: "10.0.4.12", gateway: "10.0.4.1", servers: ["10.0.4.2"],
      coordinator: "10.0.4.10"), remark: "")

  private func inFolder(_ body: (HostSystem) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("record-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(HostSystem(root: folder))
  }

  @Test func aRecordIsReadBackAsItWasWritten() throws {
    try inFolder { system in
      let store = PendingStore(system)
      #expect(store.standing() == .none)
      try store.begin(Self.change)
      #expect(store.standing() == .there(Self.change, secondsLeft: 0))
      #expect(try system.status(PendingStore.path).mode == 0o600)
      #expect(throws: ChangeFailure.self) { try store.begin(Self.change) }
      let other = try store.update("another", in: [.waiting]) { $0.begun = 2 }
      #expect(other == nil)
      let late = try store.update(Self.change.id, in: [.applying]) { $0.begun = 2 }
      #expect(late == nil)
      #expect(try store.end(Self.change.id, in: [.waiting], "kept") == true)
      #expect(try store.end(Self.change.id, in: [.waiting], "kept") == false)
      #expect(store.standing() == .none)
      #expect(store.lastEnd()?.end == "kept")
    }
  }

  /// A record cut short, or with something in it that this version does not know, is told of and not guessed at.
  @Test func aDamagedRecordIsSaidToBeOne() throws {
    try inFolder { system in
      let store = PendingStore(system)
      try store.begin(Self.change)
      let whole = try system.read(PendingStore.path)
      for length in [0, 1, whole.count / 2, whole.count - 3] {
        try system.replace(PendingStore.path, with: Array(whole[..<length]))
        guard case .damaged = store.standing() else {
          Issue.record("\(length) of \(whole.count) bytes are taken for a record")
          continue
        }
      }
      for (old, new) in [("\"waiting\"", "\"dreaming\""), ("\"version\":1", "\"version\":2"), ("\"manage\"", "\"fly\"")] {
        let text = String(decoding: whole, as: UTF8.self).replacingOccurrences(of: old, with: new)
        #expect(text != String(decoding: whole, as: UTF8.self))
        try system.replace(PendingStore.path, with: Array(text.utf8))
        guard case .damaged = store.standing() else {
          Issue.record("\(new) is taken for a record")
          continue
        }
      }
    }
  }
}
