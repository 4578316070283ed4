import EndToEndSupport
import Testing

extension Stories {
  /// A host that lost its network, and somebody in front of it: the emergency network reset, the reboot, and back to the
  /// bonds and VLANs of before. The host is a simulated one inside the program, with its files, tools and boot.
  @Suite struct Rescue {
    private func demo(_ scenario: String, _ screen: Screen = Screen()) throws -> Session {
      try Console.start(screen, ["--demo=\(scenario)"])
    }

    /// From the menu to the last page, with the settings as they are offered.
    private func reachesTheLastPage(_ console: Session, nic: String) async throws {
      try console.press("6")
      try await console.seesRow(">\(nic)", "up")
      try console.press("Enter")
      try await console.sees("Emergency network reset: \(nic)")
      for _ in 0..<4 { try console.press("Enter") }
    }

    private func shutsVMsDown(_ console: Session, _ count: Int) async throws {
      try await console.sees("\(count) VMs run here.")
      try console.press("s")
      try await console.sees("\(count) of \(count) VMs are down.")
      try console.press("c")
    }

    private func resets(_ console: Session, host: String) async throws {
      try await console.sees("Type this host's name, \(host), to reset and reboot:")
      // The wrong name, and Enter alone, do nothing.
      try console.type("x")
      try console.press("Enter")
      try await console.sees("Type this host's name")
      try console.press("BSpace")
      try console.type(host)
      try console.press("Enter")
      try await console.sees("Everything is written. The host reboots in")
      try console.press("b")
    }

    @Test(arguments: Screen.sizes)
    func fullCircle(_ screen: Screen) async throws {
      let console = try demo("stranded", screen)
      try await console.sees("NO ADDRESS", "What is wrong", "bond0 (management) has no link")
      try await reachesTheLastPage(console, nic: "eth2")
      try await shutsVMsDown(console, 3)
      try await console.seesRow("Management", "bond0", "eth2, no VLAN")
      try await console.seesRow("Deleted", "bond0 (eth0, eth1)")
      try await resets(console, host: "xcp7")
      // The host comes back; XAPI has carried the reset out.
      try await console.sees("The network reset is done: management is on eth2")
      try await console.seesRow("address", "ok", "eth2")
      try await console.seesRow("layout", "not back yet: bond0")
      try console.press("Enter")
      try await console.seesRow("[x]", "Create bond0 from eth0 and eth1")
      // The bond's NICs have no link: management stays where it is unless somebody insists.
      try await console.seesRow("[ ]", "Move management from eth2 to bond0")
      try console.press("y")
      try await console.sees("Put this back?")
      try console.press("y")
      try await console.seesRow("ok", "Create VLAN 30 on bond0")
      try await console.seesRow("left", "Move management")
      try await console.seesRow("address", "ok", "eth2")
      try console.press("Escape", "2")
      try await console.seesRow("bond0", "DOWN")
      try await console.seesRow("eth2", "MANAGEMENT")
      // It has been put back: the same layout asks for less now.
      try console.press("Escape", "7")
      try await console.sees("Saved network layouts: 1")
      try console.press("Enter")
      try await console.loses("Create bond0")
      try console.press("Escape", "Escape", "q")
      #expect(try await console.ends() == 0)
    }

    @Test func theCountdownStopsAndEverythingIsTakenBack() async throws {
      let console = try demo("stranded")
      try await console.sees("XAPI ok")
      try await reachesTheLastPage(console, nic: "eth2")
      try await console.sees("3 VMs run here.")
      try console.press("c")
      try await console.sees("Type this host's name, xcp7, to reset and reboot:")
      try console.type("xcp7")
      try console.press("Enter")
      try await console.sees("The host reboots in")
      try console.press("Escape")
      try await console.sees("the reset happens at the next boot")
      try await console.sees("RESET PENDING")
      try console.press("u")
      try await console.sees("the host is as before")
      try console.press("Enter")
      try await console.sees("XAPI ok", "bond0 (management) has no link")
      try await console.loses("RESET PENDING")
    }

    @Test func aCoordinatorIsTakenFromItsBondAndPutBack() async throws {
      let console = try demo("pool", Screen(160, 50))
      try await console.sees("XAPI ok")
      try console.press("6")
      try await console.seesRow(">eth0", "bond0")
      try console.press("Enter")
      try await console.sees("Emergency network reset: eth0")
      for _ in 0..<12 { try console.press("Enter") }
      try await console.sees("VMs run here.")
      try console.press("c")
      try await console.seesRow("Management", "bond0", "eth0, no VLAN")
      try await console.sees("reset it first, its members afterwards")
      try await resets(console, host: "xcp1")
      try await console.sees("The network reset is done: management is on eth0")
      try console.press("Enter")
      try await console.seesRow("Create bond0 from eth0 and eth1")
      try console.press("y")
      try await console.sees("Put this back?")
      try console.press("y")
      try await console.sees("Everything was put back.")
      try console.press("Escape")
      try await console.sees("10.0.4.11", "bond0 2/2", "XAPI ok")
    }

    @Test func aMemberIsToldOfItsCoordinator() async throws {
      let console = try demo("member")
      try await console.sees("XAPI ok")
      try console.press("6")
      try await console.sees("member; coordinator 10.0.4.11 answers")
      try console.press("Escape")
      try await console.sees("Emergency network reset")
    }
  }
}
