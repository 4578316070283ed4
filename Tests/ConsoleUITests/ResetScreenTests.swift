import Synchronization
import TerminalUI
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// The pages of the emergency network reset, without a host: facts in, frames and errands out.
@Suite struct ResetScreenTests {
  private static func facts() throws -> ResetFacts {
    var facts = ResetFacts()
    facts.hostname = "xcp2"
    facts.role = .member(coordinator: "10.0.4.11")
    facts.coordinatorReach = .answers(milliseconds: 3)
    facts.devices = [
      ResetDevice(name: "eth0", mac: "ec:f4:bb:c3:af:a8", link: .down, use: "bond0 member"),
      ResetDevice(name: "eth1", mac: "ec:f4:bb:c3:af:aa", link: .up, speed: 10_000, use: "bond0 member"),
      ResetDevice(name: "eth4", mac: "00:24:81:7f:cf:8b", link: .up, speed: 1000, use: "unused", nameAfterReset: .other("eth2")),
    ]
    facts.now.device = "bond0"
    facts.now.members = ["eth0", "eth1"]
    facts.now.vlan = 20
    facts.now.ipv4 = .fixed(try IPv4Prefix(parsing: "10.0.4.12/24"), gateway: try IPv4Address(parsing: "10.0.4.1"))
    facts.now.dns = [try InternetAddress(parsing: "10.0.4.2")]
    facts.deleted = ["bond0 (eth0, eth1)", "VLAN 20", "VLAN 30", "tunnel \"Private 7\""]
    facts.deletedSource = .xapi
    facts.networks = 14
    facts.vifs = 31
    facts.isThisMachine = true
    return facts
  }

  private static func plan() throws -> ResetPlan {
    ResetPlan(
      request: ResetRequest(device: "eth1"),
      steps: [
        ResetStep(.backup, "Copy the present files"), ResetStep(.stopXAPI, "Stop XAPI"),
        ResetStep(.inventory, "Name xenbr1 as the management bridge in the inventory"),
      ])
  }

  /// A desk on the page with the list of NICs, which has been told of them.
  private func atDevices(_ change: (inout ResetFacts) -> Void = { _ in }) throws -> Desk {
    var desk = Desk()
    desk.press(.character("6"))
    var facts = try Self.facts()
    change(&facts)
    desk.hears(.resetFacts(facts))
    return desk
  }

  @Test func theMenuLeadsThereAndLooksAtOnce() {
    var desk = Desk()
    desk.press(.character("6"))
    #expect(desk.screen.contains("which NIC is to carry management?"))
    #expect(desk.screen.contains("Looking at the host ..."))
    #expect(desk.errands.names == ["lookForReset"])
  }

  @Test func theFirstChoiceIsAManagementNICThatHasALink() throws {
    let desk = try atDevices()
    #expect(desk.lines.contains { $0.contains(">eth1") && $0.contains("10 Gb/s") && $0.contains("bond0 member") })
    #expect(desk.lines.contains { $0.contains(" eth0") && $0.contains("DOWN") })
    #expect(desk.screen.contains("member; coordinator 10.0.4.11 answers (3 ms)"))
    #expect(desk.screen.contains("bond0 (eth0, eth1), VLAN 20, VLAN 30, tunnel \"Private 7\""))
  }

  @Test func aHostWithoutNICsSaysWhy() throws {
    let desk = try atDevices { facts in
      facts.devices = []
      facts.devicesProblem = "/sys/class/net is missing"
    }
    #expect(desk.screen.contains("No NIC found: /sys/class/net is missing."))
  }

  @Test func theFormBeginsWithWhatIsThere() throws {
    var desk = try atDevices()
    desk.press(.enter)
    for part in ["VLAN", "20", "static", "10.0.4.12", "255.255.255.0", "10.0.4.1", "10.0.4.2", "10.0.4.11, as now"] {
      #expect(desk.screen.contains(part), "\(part)")
    }
  }

  @Test func aGatewayElsewhereIsRefusedByNameWhileItIsTyped() throws {
    var desk = try atDevices()
    desk.press(.enter, .tab, .tab, .tab, .tab)
    desk.press(.control("u"))
    desk.type("10.0.9.1")
    desk.press(.tab)
    #expect(desk.lines.contains { $0.contains("! ") && $0.contains("10.0.4") }, "\(desk.screen)")
  }

  @Test func dhcpNeedsNoAddress() throws {
    var desk = try atDevices()
    desk.press(.enter, .tab, .left)
    #expect(desk.screen.contains("< DHCP >"))
    #expect(!desk.screen.contains("Netmask"))
    #expect(!desk.screen.contains("DNS servers"))
  }

  @Test func aNICThatWillBeCalledDifferentlyIsToldOf() throws {
    var desk = try atDevices()
    desk.press(.down, .enter)
    #expect(desk.screen.contains("this NIC will be called eth2"))
  }

  /// From the list to the last page, with DHCP.
  private func atReview(_ change: (inout ResetFacts) -> Void = { _ in }) throws -> Desk {
    var desk = try atDevices(change)
    desk.press(.enter)
    desk.press(.control("u"), .tab, .left)
    for _ in 0..<8 { desk.press(.enter) }
    return desk
  }

  @Test func theLastPageShowsOldAndNewSideBySide() throws {
    var desk = try atReview()
    desk.hears(.resetPlanned(try Self.plan(), try Self.facts(), []))
    #expect(desk.lines.contains { $0.contains("now") && $0.contains("after the reboot") })
    #expect(desk.lines.contains { $0.contains("bond0, VLAN 20") && $0.contains("eth1, no VLAN") }, "\(desk.screen)")
    #expect(desk.lines.contains { $0.contains("10.0.4.12/24 gw 10.0.4.1") && $0.contains("DHCP") })
    #expect(desk.screen.contains("14 networks, 31 VIFs, all VMs and disks"))
    #expect(desk.screen.contains("Type this host's name, xcp2, to reset and reboot:"))
  }

  @Test func nothingHappensUntilTheNameIsRight() throws {
    var desk = try atReview()
    desk.hears(.resetPlanned(try Self.plan(), try Self.facts(), []))
    desk.press(.enter)
    desk.type("xcp3")
    desk.press(.enter)
    #expect(!desk.errands.names.contains("reset"))
    desk.press(.backspace)
    desk.type("2")
    desk.press(.enter)
    #expect(desk.errands.names.last == "reset")
  }

  @Test func whatBlocksLeavesNoFieldToType() throws {
    var desk = try atReview()
    let hazard = Hazard(.blocking, "High availability is on: the reset would leave this host unreachable.", remedy: "Switch it off first.")
    desk.hears(.resetPlanned(try Self.plan(), try Self.facts(), [hazard]))
    #expect(desk.screen.contains("!! High availability is on"))
    #expect(desk.screen.contains("Switch it off first."))
    #expect(!desk.screen.contains("Type this host's name"))
    desk.type("xcp2")
    desk.press(.enter)
    #expect(!desk.errands.names.contains("reset"))
  }

  @Test func runningVMsAreOfferedACleanShutdown() throws {
    let vms = ["web1", "db1"].map { ResetFacts.VM(uuid: $0, name: $0, ref: "OpaqueRef:\($0)") }
    var desk = try atReview { facts in
      facts.runningVMs = vms
      facts.runningVMsSource = .xapi
    }
    #expect(desk.screen.contains("2 VMs run here."))
    desk.press(.character("s"))
    #expect(desk.errands.names.last == "shutDown")
    desk.hears(.shutdown(vms[0], .done("is down")))
    desk.hears(.shutdown(vms[1], .running("asked to shut down")))
    #expect(desk.screen.contains("1 of 2 VMs is down."))
    desk.press(.down, .character("f"))
    #expect(desk.errands.names.last == "giveUp")
    desk.hears(.shutdown(vms[1], .done("forced off")))
    desk.press(.enter)
    var after = try Self.facts()
    after.runningVMsSource = .xapi
    desk.hears(.resetPlanned(try Self.plan(), after, []))
    #expect(desk.screen.contains("none runs here"))
  }

  private func afterReset(_ outcome: ResetOutcome) throws -> Desk {
    var desk = try atReview()
    desk.hears(.resetPlanned(try Self.plan(), try Self.facts(), []))
    desk.type("xcp2")
    desk.press(.enter)
    desk.hears(.resetStep(.stopXAPI, .running("up to 3 minutes")))
    #expect(desk.press(.control("c")) == .continue)
    desk.hears(.resetOver(outcome))
    return desk
  }

  @Test func theCountdownCanBeStopped() throws {
    var desk = try afterReset(.ready)
    #expect(desk.screen.contains("The host reboots in 10 s."))
    desk.clock.advance(seconds: 3)
    desk.tick()
    #expect(desk.screen.contains("The host reboots in 7 s."))
    desk.press(.escape)
    desk.clock.advance(seconds: 30)
    desk.tick()
    #expect(!desk.errands.names.contains("reboot"))
    #expect(desk.screen.contains("the reset happens at the next boot"))
    desk.press(.character("u"))
    #expect(desk.errands.names.last == "undoReset")
  }

  @Test func theCountdownEndsInAReboot() throws {
    var desk = try afterReset(.ready)
    desk.clock.advance(seconds: 10)
    desk.tick()
    desk.tick()
    #expect(desk.errands.names.filter { $0 == "reboot" }.count == 1)
    #expect(desk.screen.contains("The host reboots."))
  }

  @Test func aResetThatFailedSaysThatAllIsAsBefore() throws {
    let desk = try afterReset(.undone(reason: "xapi could not be stopped: systemctl gave no answer within 180 s."))
    #expect(desk.screen.contains("xapi could not be stopped"))
    #expect(desk.screen.contains("the host is as before"))
  }
}
