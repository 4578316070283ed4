import Dom0
import Testing

@testable import HostNetworking

/// The live view of a bond over a real Open vSwitch whose frames go through real cables.
@Suite(.serialized, .enabled(if: LabParts.mayRun, LabParts.comment)) struct BondRealTests {
  private func waits(_ lab: GatewayLab, _ isSo: (BondLive) -> Bool, meanwhile: () async throws -> Void = {}) async throws -> BondLive {
    let watch = BondWatch("bond0", lab.system)
    var sample = await watch.look()
    try await meanwhile()
    for _ in 0..<300 where !isSo(sample.live) {
      try await Task.sleep(for: .milliseconds(100))
      sample = await watch.look(sample)
    }
    return sample.live
  }

  @Test func aSwitchThatLearnsLACPIsSeenToDoSo() async throws {
    try await GatewayLab.with(ipv6: false) { lab in
      for number in 0...1 {
        try await lab.run("ip", "link", "add", "m\(number)", "type", "veth", "peer", "name", "s\(number)")
        try await lab.run("ip", "link", "set", "s\(number)", "netns", "switch")
        try await lab.run("ip", "link", "set", "m\(number)", "up")
        try await lab.inside("switch", "ip", "link", "set", "s\(number)", "up")
      }
      try await lab.run("ovs-vsctl", "--timeout=20", "add-br", "xapi9", "--", "set", "bridge", "xapi9", "datapath_type=netdev")
      try await lab.run(
        "ovs-vsctl", "--timeout=20", "add-bond", "xapi9", "bond0", "m0", "m1", "--", "set", "port", "bond0", "lacp=active",
        "bond_mode=balance-tcp", "other-config:lacp-time=fast", "bond_updelay=0")
      let silent = try await waits(lab) { $0.lacp?.advice != nil && $0.lacp?.isNegotiated == false }
      #expect(silent.members.map(\.name).sorted() == ["m0", "m1"] && silent.linksUp == 2)
      #expect(silent.remarks.contains { $0.text.hasPrefix("The switch does not speak LACP with bond0.") }, "\(silent)")
      try await lab.onSwitch([
        "add-bond", "sw", "lag", "s0", "s1", "--", "set", "port", "lag", "lacp=active", "bond_mode=balance-tcp", "other-config:lacp-time=fast",
      ])
      let agreed = try await waits(lab) { $0.lacp?.isNegotiated == true && $0.lacp?.advice == nil && $0.members.allSatisfy { $0.received != nil } }
      #expect(agreed.lacp?.partners.count == 1 && agreed.lacp?.rate == "fast", "\(agreed)")
      #expect(agreed.members.allSatisfy { $0.isUsed == true && $0.partner != nil })
      let halved = try await waits(lab) {
        $0.linksUp == 1 && $0.active == "m0"
      } meanwhile: {
        try await lab.inside("switch", "ip", "link", "set", "s1", "down")
      }
      #expect(halved.remarks.first?.text.hasPrefix("m1 has no link.") == true, "\(halved)")
      #expect(halved.members.first { $0.name == "m1" }?.since != nil)
    }
  }
}
