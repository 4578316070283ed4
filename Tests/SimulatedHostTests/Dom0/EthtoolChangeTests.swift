import JSON
import Testing

@testable import SimulatedHost

/// `ethtool` changes cards as drivers and the kernel let it, and says what it really says.
@Suite struct EthtoolChangeTests {
  private func errors(_ tool: SimulatedTool?) -> String { String(decoding: tool?.errors ?? [], as: UTF8.self) }

  @Test func featuresStandOnEachOther() async throws {
    try await Bench.with(.standalone) { bench in
      let off = await bench.tool("ethtool", "-K", "eth1", "tx", "off")
      #expect(off?.code == 0)
      let said = String(decoding: off?.output ?? [], as: UTF8.self)
      #expect(said.hasPrefix("Actual changes:\n"))
      var text = await bench.output("ethtool", "-k", "eth1")
      #expect(text.contains("\ntx-checksumming: off\n") && text.contains("\ntcp-segmentation-offload: off\n"))
      #expect(text.contains("\ttx-tcp-segmentation: off [requested on]\n"))
      #expect(await bench.tool("ethtool", "-K", "eth1", "tx", "on")?.code == 0)
      text = await bench.output("ethtool", "-k", "eth1")
      #expect(text.contains("\ntcp-segmentation-offload: on\n"))
      #expect(await bench.output("ethtool", "-k", "eth0").contains("\ntx-checksumming: on\n"))
    }
  }

  @Test func whatIsFixedIsRefused() async throws {
    try await Bench.with(.standalone) { bench in
      let refused = await bench.tool("ethtool", "-K", "eth1", "lro", "on")
      #expect(refused?.code == 1)
      #expect(errors(refused) == "Cannot change large-receive-offload\nCould not change any device features\n")
      // ixgbe can.
      #expect(await bench.tool("ethtool", "-K", "eth2", "lro", "on")?.code == 0)
      #expect(await bench.tool("ethtool", "-K", "eth1", "flying", "on")?.code == 1)
      #expect(await bench.tool("ethtool", "-K", "eth1", "tx", "maybe")?.code == 1)
    }
  }

  @Test func rings() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(await bench.tool("ethtool", "-G", "eth1", "rx", "400")?.code == 0)
      #expect(await bench.output("ethtool", "-g", "eth1").contains("Current hardware settings:\nRX:\t\t400\n"))
      #expect(await bench.tool("ethtool", "-G", "eth1", "rx", "400")?.code == 80)
      #expect(errors(await bench.tool("ethtool", "-G", "eth1", "rx", "4000")) == "Cannot set device ring parameters: Invalid argument\n")
      await bench.host.boot()
      #expect(await bench.output("ethtool", "-g", "eth1").contains("Current hardware settings:\nRX:\t\t200\n"))
    }
  }

  /// What the other end does not understand has no link; what it does not hear of it keeps.
  @Test func speeds() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(await bench.tool("ethtool", "-s", "eth1", "speed", "100", "duplex", "full", "autoneg", "on")?.code == 0)
      #expect(await bench.output("ethtool", "eth1").contains("Speed: 100Mb/s"))
      #expect(await bench.tool("ethtool", "-s", "eth1", "speed", "100", "duplex", "full", "autoneg", "off")?.code == 0)
      let down = await bench.output("ethtool", "eth1")
      #expect(down.contains("Auto-negotiation: off") && down.contains("Link detected: no"))
      #expect(errors(await bench.tool("ethtool", "-s", "eth1", "speed", "2500")).hasPrefix("Cannot set new settings: Invalid argument\n"))
      // The cable alone does not help.
      await bench.host.setCarrier(device: "eth1", up: false)
      await bench.host.setCarrier(device: "eth1", up: true)
      #expect(await bench.output("ethtool", "eth1").contains("Link detected: no"))
      #expect(await bench.tool("ethtool", "-s", "eth1", "autoneg", "on")?.code == 0)
      #expect(await bench.output("ethtool", "eth1").contains("Speed: 1000Mb/s"))
      await bench.host.setCarrier(device: "eth1", up: false)
      #expect(await bench.tool("ethtool", "-s", "eth1", "autoneg", "on")?.code == 0)
      #expect(await bench.output("ethtool", "eth1").contains("Link detected: no"))
    }
  }

  /// XAPI's words are applied at a plug; those it does not know are passed over.
  @Test func aPlugAppliesWhatIsKept() async throws {
    try await Bench.with(.standalone) { bench in
      let pif = try #require(await bench.host.refs(class: "PIF", where: ["device": "eth1"]).first)
      for (key, value) in [("ethtool-gso", "off"), ("ethtool-tso", "no"), ("mtu", "9000")] {
        try await bench.call("PIF.add_to_other_config", .string(pif), .string(key), .string(value))
      }
      #expect(await bench.output("ethtool", "-k", "eth1").contains("\ngeneric-segmentation-offload: on\n"))
      try await bench.call("PIF.plug", .string(pif))
      let text = await bench.output("ethtool", "-k", "eth1")
      #expect(text.contains("\ngeneric-segmentation-offload: off\n") && text.contains("\ntcp-segmentation-offload: on\n"))
      #expect(bench.text("/sys/class/net/eth1/mtu") == "9000\n")
      // Dropping a key does not undo it: nobody tells the card.
      try await bench.call("PIF.remove_from_other_config", .string(pif), "ethtool-gso")
      try await bench.call("PIF.plug", .string(pif))
      #expect(await bench.output("ethtool", "-k", "eth1").contains("\ngeneric-segmentation-offload: off\n"))
      await bench.host.boot()
      #expect(await bench.output("ethtool", "-k", "eth1").contains("\ngeneric-segmentation-offload: on\n"))
    }
  }

  @Test func unitsAreMaskedAndUnmasked() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(await bench.output("systemctl", "is-enabled", "xs-fcoe") == "enabled\n")
      #expect(await bench.tool("systemctl", "stop", "xs-fcoe")?.code == 0)
      #expect(await bench.tool("systemctl", "mask", "xs-fcoe")?.code == 0)
      #expect(await bench.output("systemctl", "is-enabled", "xs-fcoe") == "masked\n")
      #expect(await bench.tool("systemctl", "start", "xs-fcoe")?.code == 1)
      await bench.host.boot()
      #expect(await bench.output("systemctl", "is-active", "xs-fcoe") == "inactive\n")
      #expect(await bench.tool("systemctl", "unmask", "xs-fcoe")?.code == 0)
      #expect(await bench.output("systemctl", "is-enabled", "xs-fcoe") == "enabled\n")
      #expect(await bench.tool("systemctl", "start", "xs-fcoe")?.code == 0)
      #expect(await bench.output("systemctl", "is-active", "xs-fcoe") == "active\n")
      // Without a card that can, its condition is not met.
      #expect(await bench.tool("systemctl", "start", "fcoe")?.code == 0)
      #expect(await bench.output("systemctl", "is-active", "fcoe") == "inactive\n")
    }
  }
}
