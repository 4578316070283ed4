import JSON
import Testing

@testable import SimulatedHost

/// interface-rename on the simulated host: its words, its files, its boots.
struct RenameTests {
  private static let dynamic = "\(InterfaceRename.folder)/dynamic-rules.json"

  private func said(_ tool: SimulatedTool?) -> String { String(decoding: tool?.errors ?? [], as: UTF8.self) }

  @Test func itListsWhatThereIs() async throws {
    try await Bench.with(.standalone) { bench in
      let lines = await bench.output("interface-rename", "--list").split(separator: "\n")
      #expect(lines[0].hasPrefix("Name  MAC                PCI              ethN  Phys  SMBios            Driver  Version"))
      #expect(lines[3].hasPrefix("eth2  a0:36:9f:00:0d:13  0000:5e:00.0[0]  eth2  em3   Integrated NIC 3  ixgbe   5.9.4"))
      #expect(lines.count == 5)
    }
  }

  @Test func anUpdateWritesRulesAndRenamesNothing() async throws {
    try await Bench.with(.standalone) { bench in
      let cards = await bench.host.ownCards
      let tool = await bench.tool("interface-rename", "--update", "eth2=\(cards[3].mac)", "eth3=em3")
      #expect(tool?.code == 0)
      #expect(
        said(tool).split(separator: "\n").map { $0.drop { $0 != "]" }.dropFirst(2) }
          == ["Performing manual update of rules.  Not actually renaming interfaces", "All done"])
      #expect(await bench.host.ownCards == cards)
      let rules = InterfaceRename.rules(in: bench.tree).lastBoot
      #expect(rules.first { $0.mac == cards[3].mac }?.name == "eth2" && rules.first { $0.mac == cards[2].mac }?.name == "eth3")

      await bench.host.boot()
      let macs = await bench.pifs("MAC")
      #expect(macs["eth2"] == .string(cards[3].mac) && macs["eth3"] == .string(cards[2].mac))
      #expect(bench.text("/sys/class/net/eth2/address") == cards[3].mac + "\n")
      // Where a card sits does not change with its name.
      let names = await bench.output("biosdevname", "--policy", "physical", "-d", "-x")
      #expect(names.range(of: "BIOS device: em4\nKernel name: eth2\n") != nil)
      // One that is named alone pushes the other away.
      _ = await bench.tool("interface-rename", "-u", "eth1=\(cards[2].mac)")
      await bench.host.boot()
      #expect(await bench.pifs("MAC")["eth1"] == .string(cards[2].mac))
      #expect(bench.text("/sys/class/net/eth4/address") == cards[1].mac + "\n")
    }
  }

  /// Cables, and what lies behind them, are plugged into cards, not into names.
  @Test func cablesStayInTheirCards() async throws {
    try await Bench.with(.standalone) { bench in
      let cards = await bench.host.ownCards
      await bench.host.setCarrier(device: "eth3", up: true)
      await bench.host.setCarrier(device: "eth2", up: false)
      await bench.host.setPathLimit("eth2", most: 1400)
      await bench.host.setPathLimit("eth3", most: 1450)
      #expect(await bench.tool("interface-rename", "--update", "eth2=\(cards[3].mac)", "eth3=\(cards[2].mac)")?.code == 0)
      // A boot sets all cards anew: the second one under the names that the first one gave.
      for _ in 0..<2 { await bench.host.boot() }
      let after = await bench.host.ownCards
      #expect(after.first { $0.device == "eth2" }?.mac == cards[3].mac && after.first { $0.device == "eth2" }?.carrier == true)
      #expect(after.first { $0.device == "eth3" }?.mac == cards[2].mac && after.first { $0.device == "eth3" }?.carrier == false)
      let limits = await bench.host.world.outside.pathLimits
      #expect(limits["eth2"]?.most == 1450 && limits["eth3"]?.most == 1400)
    }
  }

  @Test func whatIsNotUnderstoodIsPassedOver() async throws {
    try await Bench.with(.standalone) { bench in
      let before = bench.text(Self.dynamic)
      let nothing = await bench.tool("interface-rename", "--update", "eth2=00:00:00:00:00:99", "nonsense")
      #expect(nothing?.code == 1 && said(nothing).range(of: "No valid update rules after processing.  Doing nothing") != nil)
      let twice = await bench.tool("interface-rename", "--update", "eth2=em3", "eth2=em4")
      #expect(twice?.code == 1 && said(twice).range(of: "alias the same eth name") != nil)
      let dry = await bench.tool("interface-rename", "--dry-run", "--update", "eth7=em4")
      #expect(dry?.code == 0)
      #expect(bench.text(Self.dynamic) == before)
      #expect(await bench.tool("interface-rename", "--list", "--update")?.code == 2)
      #expect(await bench.tool("interface-rename")?.code == 2)
    }
  }

  @Test func theInstallationComesBack() async throws {
    try await Bench.with(.standalone) { bench in
      let before = bench.text(Self.dynamic)
      _ = await bench.tool("interface-rename", "--update", "eth7=em4")
      #expect(bench.text(Self.dynamic) != before)
      #expect(await bench.tool("interface-rename", "--reset-to-install")?.code == 0)
      #expect(bench.text(Self.dynamic) == before)
      bench.tree.remove("\(InterfaceRename.folder)/.from_install/dynamic-rules.json")
      #expect(await bench.tool("interface-rename", "--reset-to-install")?.code == 1)
    }
  }

  @Test func cardsThatAreGoneAreRemembered() async throws {
    try await Bench.with(.standalone) { bench in
      let gone = await bench.host.ownCards[3]
      await bench.host.change { $0.nics.removeAll { $0.mac == gone.mac } }
      await bench.host.boot()
      #expect(InterfaceRename.rules(in: bench.tree).old.map(\.mac) == [gone.mac])
      // XAPI keeps its record until it is told to forget it.
      #expect(await bench.pifs("MAC")["eth3"] == .string(gone.mac))
      await bench.host.change { $0.nics.append(gone) }
      await bench.host.boot()
      #expect(InterfaceRename.rules(in: bench.tree).old.isEmpty)
      #expect(bench.text("/sys/class/net/eth3/address") == gone.mac + "\n")
    }
  }

  @Test func aCardCanStayAside() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.wish(["rename": ["device": "eth3", "fails": true]])
      await bench.host.boot()
      let aside = bench.tree.names(in: "/sys/class/net").filter { $0.hasPrefix("side-") }
      #expect(aside.count == 1 && aside[0].hasSuffix("-eth3"))
      #expect(await bench.host.lastBoot?.problems.contains { $0.hasPrefix("Unable to rename link side-") } == true)
      try await bench.wish(["rename": ["device": "eth3", "fails": false]])
      await bench.host.boot()
      #expect(bench.tree.exists("/sys/class/net/eth3/address"))
    }
  }

  /// A scan begins with a look at the cards that have records already.
  @Test func aScanTakesOverAddresses() async throws {
    try await Bench.with(.standalone) { bench in
      let cards = await bench.host.ownCards
      await bench.host.mutate(class: "PIF", ref: await bench.host.pif("eth2"), field: "MAC", value: "00:00:00:00:00:99")
      let this = await bench.host.thisHostRef
      try await bench.call("PIF.scan", .string(this))
      #expect(await bench.pifs("MAC")["eth2"] == .string(cards[2].mac))
    }
  }
}
