import JSON
import Testing

@testable import SimulatedHost

@Suite struct BootTests {
  @Test(arguments: [Scenario.standalone, .pool, .member, .stranded])
  func aBootWithoutAResetChangesNothing(scenario: Scenario) async throws {
    try await Bench.with(scenario) { bench in
      let before = await (bench.pifs("uuid"), bench.pifs("IP"), bench.pifs("management"))
      let predicted = try #require(await bench.host.outcomeOfBoot())
      await bench.host.boot()
      #expect(await bench.host.lastBoot == predicted)
      #expect(predicted.problems == [])
      #expect(predicted.flagged?.bridge == predicted.management?.bridge)
      #expect(await bench.pifs("uuid") == before.0)
      #expect(await bench.pifs("IP") == before.1)
      #expect(await bench.pifs("management") == before.2)
      // VLANs without an address wait until a guest needs them.
      let attached = await bench.pifs("currently_attached")
      #expect(attached["eth2"] == true)
      if scenario == .pool { #expect(attached["bond0.10"] == false && attached["bond0.90"] == true) }
    }
  }

  @Test func aStandaloneHostIsResetToAnotherCard() async throws {
    try await Bench.with(.stranded) { bench in
      let networks = await bench.host.refs(class: "network").count
      try await bench.prepare(.init())
      await bench.host.boot()
      let outcome = try #require(await bench.host.lastBoot)
      #expect(outcome.wasReset && !outcome.isTriggerLeft && outcome.emergency == nil)
      #expect(outcome.management?.device == "eth2")
      #expect(outcome.management?.ipv4 == .dhcp(lease: "10.0.4.102/24"))
      #expect(outcome.flagged?.bridge == "xenbr2")
      #expect(!bench.tree.exists(Bench.trigger))
      #expect(bench.inventory("MANAGEMENT_INTERFACE") == "xenbr2")
      #expect(await Set(bench.pifs("uuid").keys) == ["eth0", "eth1", "eth2", "eth3"])
      #expect(await bench.host.refs(class: "Bond") == [])
      #expect(await bench.host.refs(class: "VLAN") == [])
      #expect(await bench.host.refs(class: "network").count == networks)
      #expect(await bench.pifs("management")["eth2"] == true)
      #expect(bench.text(Bench.networkd).contains("xenbr2"))
      // The reboot pulled the guests' plugs.
      #expect(await bench.host.refs(class: "VM", where: ["power_state": "Running", "is_control_domain": false]) == [])
      #expect(await bench.host.refs(class: "VIF", where: ["currently_attached": true]) == [])
      #expect(!bench.tree.exists("/sys/class/net/xapi2"))
    }
  }

  /// Nothing restores a coordinator's bonds and VLANs; the other hosts keep theirs.
  @Test func aCoordinatorIsResetAndStaysBare() async throws {
    try await Bench.with(.strandedCoordinator) { bench in
      #expect(await bench.host.outcomeOfBoot()?.management?.ipv4 == .dhcp(lease: nil))
      try await bench.prepare(
        .init(device: "eth2", mode: "static", ip: "10.0.4.11", netmask: "255.255.255.0", gateway: "10.0.4.1"))
      await bench.host.boot()
      let outcome = try #require(await bench.host.lastBoot)
      #expect(outcome.role == .coordinator && outcome.wasReset)
      #expect(outcome.flagged?.ipv4 == .fixed("10.0.4.11/24", router: "10.0.4.1"))
      #expect(await Set(bench.pifs("uuid").keys) == ["eth0", "eth1", "eth2", "eth3"])
      #expect(await bench.host.refs(class: "Bond").count == 2)
    }
  }

  @Test func aCoordinatorsVLANNetworkIsUsedAgain() async throws {
    try await Bench.with(.pool) { bench in
      // Another host of the pool has this tag on the same device.
      await bench.host.change { world in
        let other = world.database.refs("host").first { $0 != world.thisHost } ?? ""
        let base = PIFCalls.base(world, device: "eth2", host: other) ?? ""
        let network = world.create("network", ["name_label": "Rescue", "bridge": "xapi50", "managed": true])
        _ = VLANCalls.addRows(&world, on: base, tag: 42, network: network)
      }
      try await bench.prepare(
        .init(
          device: "eth2", mode: "static", vlan: 42, ip: "10.0.4.50", netmask: "255.255.255.0", gateway: "10.0.4.1",
          dns: "10.0.4.2"))
      await bench.host.boot()
      let outcome = try #require(await bench.host.lastBoot)
      #expect(outcome.wasReset)
      #expect(outcome.flagged?.bridge == "xapi50")
      #expect(outcome.flagged?.vlan == 42 && outcome.flagged?.dns == ["10.0.4.2"])
      #expect(outcome.management?.ipv4 == .fixed("10.0.4.50/24", router: "10.0.4.1"))
      #expect(bench.inventory("MANAGEMENT_INTERFACE") == "xapi50")
      #expect(await !bench.output("ovs-vsctl", "list-br").contains("xentemp"))
    }
  }

  @Test func aVLANThatNobodyHasGetsANetworkOfItsOwn() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.prepare(.init(device: "eth1", vlan: 7))
      await bench.host.boot()
      #expect(await bench.host.lastBoot?.wasReset == true)
      let name: JSONValue = "Pool-wide network associated with eth1 on VLAN7"
      #expect(await bench.host.refs(class: "network", where: ["name_label": name]).count == 1)
    }
  }

  /// HA wipes the rows, then refuses: the trigger stays and the address goes (notes on XAPI §4.6).
  @Test func highAvailabilityMakesAResetHarmful() async throws {
    try await Bench.with(.pool) { bench in
      await bench.host.change { $0.database.set("pool", $0.pool, "ha_enabled", true) }
      #expect(bench.text("/var/lib/xcp/local.db").contains("key=\"ha.armed\" value=\"true\""))
      try await bench.prepare(.init())
      await bench.host.boot()
      let outcome = try #require(await bench.host.lastBoot)
      #expect(outcome.isTriggerLeft && !outcome.wasReset)
      #expect(outcome.problems.contains { $0.contains("HA_IS_ENABLED") })
      #expect(outcome.management?.ipv4 == BootOutcome.Addressing.none)
      #expect(await bench.host.refs(class: "Bond", where: [:]).count == 2)
    }
  }

  /// Disarming the host alone is not enough; after a restart of the toolstack it is.
  @Test func disarmingIsEnoughOnlyAfterARestart() async throws {
    try await Bench.with(.pool) { bench in
      await bench.host.change { $0.database.set("pool", $0.pool, "ha_enabled", true) }
      _ = await bench.tool("xe", "host-emergency-ha-disable", "force=true")
      #expect(bench.text("/var/lib/xcp/local.db").contains("key=\"ha.armed\" value=\"false\""))
      #expect(await bench.host.world.database.bool("pool", bench.host.world.pool, "ha_enabled"))
      _ = await bench.tool("xe-toolstack-restart")
      #expect(await !bench.host.world.database.bool("pool", bench.host.world.pool, "ha_enabled"))
      try await bench.prepare(.init())
      #expect(await bench.host.outcomeOfBoot()?.wasReset == true)
    }
  }

  @Test func aCardThatIsNotThereEndsTheReset() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.prepare(.init(device: "eth7"))
      await bench.host.boot()
      let outcome = try #require(await bench.host.lastBoot)
      #expect(!outcome.wasReset && !outcome.isTriggerLeft)
      #expect(outcome.problems.contains { $0.contains("eth7") })
      #expect(outcome.management?.device == nil)
    }
  }

  @Test func aBadAddressKeepsTheTrigger() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.prepare(.init(device: "eth1", mode: "static", ip: "10.0.4.500", netmask: "255.255.255.0"))
      await bench.host.boot()
      let outcome = try #require(await bench.host.lastBoot)
      #expect(outcome.isTriggerLeft && outcome.management?.ipv4 == BootOutcome.Addressing.none)
      #expect(outcome.problems.contains { $0.contains("IP '10.0.4.500' is no address") })
      // The next start tries again; with a sound file it comes through.
      let sound = Bench.Reset(device: "eth1", mode: "static", ip: "10.0.4.50", netmask: "255.255.255.0")
      try bench.tree.put(Bench.trigger, .text(sound.trigger))
      _ = await bench.tool("systemctl", "restart", "xapi")
      #expect(await bench.host.lastBoot?.wasReset == true)
    }
  }

  // MARK: Broken files

  @Test func brokenFilesAreTakenAsTheRealOnesTakeThem() async throws {
    try await Bench.with(.standalone) { bench in
      try bench.tree.put(Bench.networkd, .text("{\"interface_config\":{\"xen"))
      let corrupt = try #require(await bench.host.outcomeOfBoot())
      #expect(corrupt.problems.first?.contains("networkd.db cannot be read") == true)
      #expect(corrupt.management?.ipv4 == .fixed("10.0.4.11/24", router: "10.0.4.1"))
      bench.tree.remove(Bench.networkd)
      try bench.tree.put(Bench.management, .text("MODE='dhcp'\n"))
      let labelless = try #require(await bench.host.outcomeOfBoot())
      #expect(labelless.problems.contains { $0.contains("LABEL is missing") })
      try bench.tree.put(Bench.pool, .text("slav"))
      #expect(await bench.host.outcomeOfBoot()?.emergency == "HOST_BROKEN")
      bench.tree.remove(Bench.inventory)
      let lost = try #require(await bench.host.outcomeOfBoot())
      #expect(lost.problems.contains { $0.contains("the inventory is missing") })
    }
  }

  @Test func lookingAheadChangesNothing() async throws {
    try await Bench.with(.stranded) { bench in
      try await bench.prepare(.init())
      let files = [Bench.trigger, Bench.inventory, Bench.management, Bench.pool].map(bench.text)
      let generation = await bench.host.generation()
      #expect(await bench.host.outcomeOfBoot()?.wasReset == true)
      #expect([Bench.trigger, Bench.inventory, Bench.management, Bench.pool].map(bench.text) == files)
      #expect(await bench.host.generation() == generation)
      #expect(!bench.tree.exists(Bench.networkd))
    }
  }

  /// The same NIC, untagged before and tagged now, with the old bridge's name still in the inventory: the VLAN would
  /// have to stand on itself.
  @Test func aVLANOnItsOwnParentsNameLeadsNowhere() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.prepare(.init(device: "eth0", vlan: 7))
      try bench.setInventory(["MANAGEMENT_INTERFACE": "xenbr0"])
      var sequence = BootSequence(world: await bench.host.world, tree: bench.tree, layout: Dom0Layout())
      sequence.startNetworkd()
      #expect(sequence.live.bridges["xenbr0"]?.ports.isEmpty == true)
    }
  }

  /// The old bridge's name with the new card: there is an address, but XAPI's reset cannot take the card.
  @Test func anOldBridgeWithTheNewCardHasAnAddress() async throws {
    try await Bench.with(.pool) { bench in
      try await bench.prepare(.init(device: "eth2"))
      try bench.setInventory(["MANAGEMENT_INTERFACE": "xapi1"])
      let outcome = try #require(await bench.host.outcomeOfBoot())
      #expect(outcome.management?.bridge == "xapi1" && outcome.management?.device == "eth2")
      #expect(outcome.management?.ipv4 == .dhcp(lease: "10.0.4.102/24"))
      #expect(outcome.isTriggerLeft)
      #expect(outcome.problems.contains { $0.contains("eth2 is a port of xapi1") })
    }
  }

  // MARK: Names of cards

  @Test func cardsAreCalledWhatTheRulesSay() async throws {
    try await Bench.with(.standalone) { bench in
      let path = "\(InterfaceRename.folder)/dynamic-rules.json"
      let cards = await bench.host.ownCards
      var swapped = cards
      swapped[0].device = "eth1"
      swapped[1].device = "eth0"
      try bench.tree.put(path, .text(InterfaceRename.dynamicRules(swapped)))
      await bench.host.boot()
      #expect(await bench.pifs("MAC")["eth1"] == .string(cards[0].mac))
      // Static rules win over what was last.
      try bench.tree.put(
        "\(InterfaceRename.folder)/static-rules.conf", .text("eth0:mac=\"\(cards[0].mac.uppercased())\"\n"))
      try bench.tree.put(path, .text("{ not json"))
      await bench.host.boot()
      #expect(await bench.pifs("MAC")["eth0"] == .string(cards[0].mac))
      #expect(await bench.host.lastBoot?.problems.contains { $0.contains("dynamic-rules.json") } == true)
    }
  }

  @Test func aRebootByToolComesBack() async throws {
    try await Bench.with(.stranded) { bench in
      let path = bench.root + "/var/lib/xcp/xapi"
      try await bench.host.start(socketPath: path)
      try await bench.prepare(.init())
      #expect(await bench.tool("systemctl", "reboot")?.code == 0)
      await bench.host.rebootFinished()
      #expect(await bench.host.boots == 1)
      #expect(await bench.host.lastBoot?.wasReset == true)
      #expect(bench.tree.exists("/var/lib/xcp/xapi"))
      #expect(bench.tree.exists("/run/xapi_init_complete.cookie"))
    }
  }

  /// XAPI that does not run comes back with a boot: the whole machine starts anew.
  @Test func aBootMendsXAPI() async throws {
    try await Bench.with(.xapiDown) { bench in
      try await bench.host.start(socketPath: bench.root + "/var/lib/xcp/xapi")
      #expect(await bench.output("systemctl", "is-active", "xapi") == "failed\n")
      #expect(bench.tree.exists("/var/lib/xcp/state.db"))
      try await bench.prepare(.init(device: "eth1"))
      await bench.host.boot()
      #expect(bench.tree.exists("/var/lib/xcp/xapi"))
      #expect(await bench.host.lastBoot?.flagged?.device == "eth1")
    }
  }
}
