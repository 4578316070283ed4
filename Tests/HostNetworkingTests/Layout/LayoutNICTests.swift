import Dom0
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// NICs that are not where they were.
struct LayoutNICTests {
  /// The layout as it would have been with other MACs.
  private func layout(_ layout: NetworkLayout, macs: [String: String]) -> NetworkLayout {
    var copy = layout
    for index in copy.nics.indices {
      if let mac = macs[copy.nics[index].device] { copy.nics[index].mac = mac }
    }
    return copy
  }

  @Test func swappedNICsAreFollowed() async throws {
    try await LayoutHost.with(.pool) { host in
      let now = try await host.layout()
      let macs = Dictionary(uniqueKeysWithValues: now.nics.map { ($0.device, $0.mac) })
      let saved = layout(now, macs: ["eth2": try #require(macs["eth3"]), "eth3": try #require(macs["eth2"])])
      let plan = try await host.plan(saved)
      #expect(plan.nics.prefix(4).map(\.kind) == [.same, .same, .renamed, .renamed])
      #expect(
        plan.hazards.contains {
          $0.text.contains("eth3 is on network \"Storage B\" here, not on network \"Storage A\"")
        })
      // What was eth2's address goes where its card is now.
      let step = try #require(plan["IPv4 eth2"])
      #expect(step.sentence.contains("on eth3"))
      #expect(step.commands.first?.contains("IP=10.0.20.11") == true)
    }
  }

  @Test func aMissingMemberMakesASmallerBond() async throws {
    try await LayoutHost.with(.pool) { host in
      let saved = layout(try await host.layout(), macs: ["eth1": "02:00:00:00:00:99"])
      try await host.reset()
      let plan = try await host.plan(saved)
      #expect(plan.nics[1].kind == .missing(likely: "eth1"))
      let bond = try #require(plan["create bond0"])
      #expect(bond.blocked == nil)
      #expect(bond.hazards.contains { $0.text == "bond0 gets 1 of its 2 members: eth1 missing" })
      let outcome = await host.run(plan)
      #expect(outcome.isComplete, "\(outcome.states)")
      let after = try await host.layout()
      #expect(after.bonds.map(\.members) == [["eth0"]])
      #expect(after.vlans.count == 12)
      #expect(try await host.plan(saved).isComplete)
    }
  }

  @Test func aReplacedBoardNeedsAMapping() async throws {
    try await LayoutHost.with(.pool) { host in
      let was = try await host.layout()
      var macs: [String: String] = [:]
      for (index, nic) in was.nics.enumerated() { macs[nic.device] = "02:00:00:00:00:0\(index)" }
      let saved = layout(was, macs: macs)
      try await host.reset()
      var plan = try await host.plan(saved)
      #expect(plan["create bond0"]?.blocked == "none of its NICs (eth0, eth1) is in this host")
      #expect(plan["create VLAN 20 on bond0"]?.blocked == "bond0 cannot be made")
      #expect(plan.leftOut().count == plan.steps.count)
      let mapping = try NICMapping(parsing: was.nics.map { "\($0.device)=\($0.mac)" })
      plan = try await host.plan(saved, mapping: mapping)
      #expect(plan.nics.allSatisfy { $0.kind == .mapped })
      let outcome = await host.run(plan)
      #expect(outcome.isComplete, "\(outcome.states)")
      let after = try await host.layout()
      #expect(after.difference(from: was) == [])
      #expect(try await host.plan(saved, mapping: mapping).isComplete)
    }
  }

  @Test(arguments: [
    ("eth9=eth0", "the layout has no NIC eth9"), ("eth0=eth9", "this host has no NIC eth9"),
    ("eth0", "takes SAVED=PRESENT"), ("=eth0", "takes SAVED=PRESENT"),
  ])
  func wrongMappingsAreRefused(word: String, rule: String) async throws {
    let saved = [
      SavedNIC(device: "eth0", mac: "02:00:00:00:00:01"), SavedNIC(device: "eth1", mac: "02:00:00:00:00:02"),
    ]
    #expect {
      try NICMatch.all(saved, saved, try NICMapping(parsing: [word]))
    } throws: { "\($0)".hasPrefix("--map \(word): \(rule)") }
  }

  @Test func oneNICStandsForOneOnly() {
    let saved = [
      SavedNIC(device: "eth0", mac: "02:00:00:00:00:01"), SavedNIC(device: "eth1", mac: "02:00:00:00:00:02"),
    ]
    #expect(throws: LayoutError.mapping(text: "eth1=eth0", rule: "eth0 stands for eth0 already")) {
      try NICMatch.all(saved, saved, try NICMapping(parsing: ["eth0=eth0", "eth1=eth0"]))
    }
    #expect(throws: LayoutError.mapping(text: "eth0=eth1", rule: "eth0 is mapped twice")) {
      try NICMapping(parsing: ["eth0=eth0", "eth0=eth1"])
    }
  }
}
