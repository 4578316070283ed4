import JSON
import Testing

@testable import SimulatedHost

@Suite struct MemberBootTests {
  @Test func aMemberIsResetToACardThatReachesTheCoordinator() async throws {
    try await Bench.with(.emergency) { bench in
      #expect(await bench.host.outcomeOfBoot()?.emergency == "HOST_HAS_NO_MANAGEMENT_IP")
      try await bench.prepare(.init())
      await bench.host.boot()
      let outcome = try #require(await bench.host.lastBoot)
      #expect(outcome.role == .member(of: "10.0.4.11"))
      #expect(outcome.reachesCoordinator == true && outcome.wasReset && outcome.emergency == nil)
      #expect(outcome.flagged?.device == "eth2")
      // Bonds and VLANs come back from the coordinator, without addresses, VLANs unplugged.
      #expect(await bench.pifs("currently_attached")["bond0"] == true)
      #expect(await bench.pifs("currently_attached")["bond0.10"] == false)
      #expect(await bench.pifs("ip_configuration_mode")["bond0.90"] == "None")
    }
  }

  /// The card on which the reset put management is a member of the coordinator's bond: management moves onto the bond
  /// again.
  @Test func managementMovesOntoACopiedBond() async throws {
    try await Bench.with(.member) { bench in
      try await bench.prepare(
        .init(device: "eth0", mode: "static", ip: "10.0.4.12", netmask: "255.255.255.0", gateway: "10.0.4.1"))
      await bench.host.boot()
      #expect(await bench.host.lastBoot?.wasReset == true)
      #expect(await bench.pifs("management")["bond0"] == true)
      #expect(await bench.pifs("IP")["bond0"] == "10.0.4.12")
      #expect(bench.inventory("MANAGEMENT_INTERFACE") == "xapi1")
    }
  }

  /// Without its coordinator a member never gets to its reset: it has the new address, and the trigger waits.
  @Test func withoutItsCoordinatorTheResetWaits() async throws {
    try await Bench.with(.member) { bench in
      await bench.host.setWiring(Wiring(segments: [.init(devices: ["eth3"], subnet: "10.9.9")]))
      try await bench.prepare(.init(device: "eth3"))
      await bench.host.boot()
      let outcome = try #require(await bench.host.lastBoot)
      #expect(outcome.emergency == "HOST_STILL_BOOTING")
      #expect(outcome.isTriggerLeft && !outcome.wasReset && outcome.reachesCoordinator == false)
      #expect(outcome.management?.ipv4 == .dhcp(lease: "10.9.9.103/24"))
      #expect(await bench.host.refs(class: "Bond").count == 3)
      // As soon as it answers, XAPI goes on where it stood.
      await bench.host.setWiring(Wiring(segments: [.init(devices: ["eth3"], subnet: "10.0.4", router: "10.0.4.1")]))
      #expect(await bench.host.lastBoot?.wasReset == true)
      #expect(!bench.tree.exists(Bench.trigger))
      #expect(bench.tree.exists("/run/xapi_init_complete.cookie"))
    }
  }

  @Test func aMovedCoordinatorIsFoundAtItsNewAddress() async throws {
    try await Bench.with(.movedCoordinator) { bench in
      #expect(bench.text(Bench.pool) == "slave:10.0.4.11")
      #expect(await bench.host.outcomeOfBoot()?.emergency == "HOST_STILL_BOOTING")
      let reset = Bench.Reset(
        device: "eth2", mode: "static", ip: "10.0.4.12", netmask: "255.255.255.0", gateway: "10.0.4.1",
        coordinator: "10.0.4.99")
      try await bench.prepare(reset)
      await bench.host.boot()
      let outcome = try #require(await bench.host.lastBoot)
      #expect(outcome.role == .member(of: "10.0.4.99"))
      #expect(outcome.reachesCoordinator == true && outcome.wasReset)
      #expect(bench.text(Bench.pool) == "slave:10.0.4.99")
    }
  }

  @Test func aMemberThatNamesItselfIsItsOwnSlave() async throws {
    try await Bench.with(.member) { bench in
      try bench.tree.put(Bench.pool, .text("slave:10.0.4.12\n"))
      #expect(await bench.host.outcomeOfBoot()?.emergency == "HOST_ITS_OWN_SLAVE")
    }
  }

  /// A bond that needs a partner on the switch carries nothing without one.
  @Test func aBondWithoutItsPartnerCarriesNothing() async throws {
    try await Bench.with(.member) { bench in
      await bench.host.change { world in
        let bond =
          world.database.strings("PIF", world.managementPIF(of: world.thisHost) ?? "", "bond_master_of").first ?? ""
        world.database.set("Bond", bond, "properties", ["lacp-fallback-ab": "false"])
      }
      await bench.host.setWiring(
        Wiring(segments: [.init(devices: ["eth0", "eth1"], subnet: "10.0.4", router: "10.0.4.1")], hasLACP: false))
      #expect(await bench.host.outcomeOfBoot()?.reachesCoordinator == false)
      await bench.host.setWiring(
        Wiring(segments: [.init(devices: ["eth0", "eth1"], subnet: "10.0.4", router: "10.0.4.1")], hasLACP: true))
      #expect(await bench.host.outcomeOfBoot()?.reachesCoordinator == true)
    }
  }

  /// What an emergency call decides is in `pool.conf` before XAPI starts anew.
  @Test func emergencyCallsWritePoolConf() async throws {
    try await Bench.with(.movedCoordinator) { bench in
      await bench.host.change { $0.role = .member(of: "10.0.4.99") }
      #expect(bench.text(Bench.pool) == "slave:10.0.4.99")
      await bench.host.restartToolstack(downFor: .zero)
      #expect(await bench.host.lastBoot?.reachesCoordinator == true)
      await bench.host.change { $0.role = .coordinator }
      #expect(bench.text(Bench.pool) == "master")
    }
  }
}
