import Dom0
import Testing
import XenAPI

@testable import HostNetworking

/// Time servers, SSH and the host's name while XAPI is silent: by files and tools, to the byte, and back.
@Suite struct ServicesWithoutXAPITests {
  private static let nobody = XenClient(.unixSocket(path: "/nonexistent/xapi"))

  private static let chrony = """
    # Use public servers
    server 0.xcpng.pool.ntp.org iburst
    server 1.xcpng.pool.ntp.org iburst
    driftfile /var/lib/chrony/drift
    an unknown line\t with tabs
    sourcedir /run/chrony-dhcp

    """

  private static let running = FakeUnits.Unit(isActive: true, isEnabled: true)
  private static let stopped = FakeUnits.Unit(isActive: false, isEnabled: false)

  private func run(_ plan: ChangePlan, _ host: FileHost) async throws(ChangeFailure) {
    for step in plan.steps { try await ServiceHands(Self.nobody, host.system).perform(step.action) }
  }

  private func takeBack(_ plan: ChangePlan, _ host: FileHost) async throws(ChangeFailure) {
    for step in plan.steps.reversed() {
      for action in step.undo { try await ServiceHands(Self.nobody, host.system).perform(action) }
    }
  }

  private func facts(_ host: FileHost) async -> ServicesFacts { await ServicesLook(Self.nobody, host.system).facts() }

  @Test func chronyGetsServersAndKeepsTheRest() async throws {
    let host = try FileHost(
      ["/etc/chrony.conf": Self.chrony, TimeConf.dhcpHook: "#\n"], FakeUnits(["chronyd": Self.running]),
      modes: [TimeConf.dhcpHook: 0o644])
    defer { host.remove() }
    let facts = await facts(host)
    #expect(facts.time.mode == .factory)
    #expect(facts.silence != nil)
    let plan = try TimeServersPlanner(facts).plan(TimeServerRequest(mode: .custom, servers: ["10.0.4.9", "ntp.lab.example"]))
    #expect(
      plan.steps.first?.commands == [
        "sed -i -E '/^(server|pool|peer)[[:space:]]/d' /etc/chrony.conf",
        "printf 'server %s iburst\\n' 10.0.4.9 ntp.lab.example >> /etc/chrony.conf",
        "chmod 644 /etc/dhcp/dhclient.d/chrony.sh", "systemctl enable chronyd", "systemctl restart chronyd",
      ])
    #expect(!plan.isProvisional)
    try await run(plan, host)
    #expect(
      host.text("/etc/chrony.conf") == """
        # Use public servers
        server 10.0.4.9 iburst
        server ntp.lab.example iburst
        driftfile /var/lib/chrony/drift
        an unknown line\t with tabs
        sourcedir /run/chrony-dhcp

        """)
    #expect(host.tools.changes == ["systemctl enable chronyd", "systemctl restart chronyd"])
    try await takeBack(plan, host)
    #expect(host.text("/etc/chrony.conf") == Self.chrony)
    let again = try TimeServersPlanner(await self.facts(host)).plan(TimeServerRequest(mode: .factory))
    #expect(again.isEmpty)
  }

  @Test func serversFromDHCPAreTakenFromTheLeasesAtOnce() async throws {
    let lease = """
      lease {
        interface "xenbr0";
        fixed-address 10.0.4.12;
        option ntp-servers 10.0.4.7,10.0.4.8;
      }

      """
    let host = try FileHost(
      [
        "/etc/chrony.conf": Self.chrony, TimeConf.dhcpHook: "#\n", "/var/lib/xcp/dhclient-xenbr0.leases": lease,
      ], FakeUnits(["chronyd": Self.running]), modes: [TimeConf.dhcpHook: 0o644])
    defer { host.remove() }
    let plan = try TimeServersPlanner(await facts(host)).plan(TimeServerRequest(mode: .dhcp))
    try await run(plan, host)
    #expect(host.text("/run/chrony-dhcp/xenbr0.sources") == "server 10.0.4.7 iburst prefer\nserver 10.0.4.8 iburst prefer\n")
    #expect(try TimeConf.usesDHCP(on: host.system))
    #expect(try TimeConf(of: host.system).servers.isEmpty)
    let after = await facts(host)
    #expect(after.time.mode == .dhcp)
    #expect(after.time.dhcpServers == ["10.0.4.7", "10.0.4.8"])
    try await takeBack(plan, host)
    #expect(host.text("/run/chrony-dhcp/xenbr0.sources") == nil)
    #expect(try !TimeConf.usesDHCP(on: host.system))
    #expect(await facts(host).time.mode == .factory)
  }

  @Test func ntpdIsSetByItsOwnFile() async throws {
    let conf = "driftfile /var/lib/ntp/drift\nrestrict default nomodify\nserver 0.xenserver.pool.ntp.org iburst\n"
    let peers = """
           remote           refid      st t when poll reach   delay   offset  jitter
      ==============================================================================
      *10.0.4.9        .GPS.            1 u   33   64  377    0.123  -95000.1  0.789

      """
    let host = try FileHost(
      ["/etc/ntp.conf": conf], FakeUnits(["ntpd": Self.running], answers: ["ntpq -pn": peers]))
    defer { host.remove() }
    let facts = await facts(host)
    #expect(facts.time.daemon == .ntpd)
    #expect(facts.time.mode == .factory)
    #expect(facts.time.followed?.name == "10.0.4.9")
    #expect(facts.time.isFarOff)
    let plan = try TimeServersPlanner(facts).plan(TimeServerRequest(mode: .custom, servers: ["2001:db8::7"]))
    #expect(plan.hazards.contains { $0.weight == .warning && $0.text.contains("95 s off") })
    try await run(plan, host)
    #expect(
      host.text("/etc/ntp.conf") == "driftfile /var/lib/ntp/drift\nrestrict default nomodify\nserver 2001:db8::7 iburst\n")
    #expect(host.tools.changes == ["systemctl enable ntpd", "systemctl restart ntpd"])
    #expect(host.text("/etc/chrony.conf") == nil)
  }

  @Test func offStopsTheDaemonAndKeepsItsFile() async throws {
    let host = try FileHost(["/etc/chrony.conf": Self.chrony], FakeUnits(["chronyd": Self.running]))
    defer { host.remove() }
    let plan = try TimeServersPlanner(await facts(host)).plan(TimeServerRequest(mode: .off))
    #expect(plan.hazards.contains { $0.text.contains("will drift") })
    try await run(plan, host)
    #expect(host.text("/etc/chrony.conf") == Self.chrony)
    #expect(host.tools.changes == ["systemctl stop chronyd", "systemctl disable chronyd"])
    #expect(await facts(host).time.mode == .off)
    try await takeBack(plan, host)
    #expect(await facts(host).time.mode == .factory)
  }

  @Test func aDaemonThatIsNotThereBlocks() async throws {
    let host = try FileHost(["/etc/chrony.conf": Self.chrony], FakeUnits([:]))
    defer { host.remove() }
    let plan = try TimeServersPlanner(await facts(host)).plan(TimeServerRequest(mode: .custom, servers: ["10.0.4.9"]))
    #expect(plan.isBlocked)
    #expect(plan.hazards.contains { $0.text == "chronyd is not installed on this host" })
  }

  @Test func wrongServersAreNamed() async throws {
    let planner = TimeServersPlanner(ServicesFacts())
    #expect(throws: ChangeProblem("a time server is wrong: 10.0.4.999 is neither an address nor a name")) {
      try planner.plan(TimeServerRequest(mode: .custom, servers: ["10.0.4.9", "10.0.4.999"]))
    }
    #expect(throws: ChangeProblem.self) { try planner.plan(TimeServerRequest(mode: .custom)) }
  }

  @Test func sshIsSwitchedBySystemd() async throws {
    let host = try FileHost([:], FakeUnits(["sshd": Self.running]))
    defer { host.remove() }
    var facts = await facts(host)
    facts.session.peer = "10.0.4.77"
    let plan = try RemoteAccessPlanner(facts).plan(RemoteAccessRequest(isOn: false, startsAtBoot: false))
    #expect(plan.steps.first?.commands == ["systemctl disable sshd", "systemctl stop sshd"])
    #expect(plan.hazards.contains { $0.weight == .warning && $0.text.contains("connected over SSH from 10.0.4.77") })
    #expect(plan.consequences.contains { $0.contains("sessions that are open stay open") })
    try await run(plan, host)
    #expect(host.tools.changes == ["systemctl disable sshd", "systemctl stop sshd"])
    try await takeBack(plan, host)
    #expect(host.tools.state.withLock { $0.units["sshd"].map { $0.isActive && $0.isEnabled } } == true)
    let same = try RemoteAccessPlanner(await self.facts(host)).plan(RemoteAccessRequest(isOn: true, startsAtBoot: true))
    #expect(same.isEmpty)
  }

  @Test func withoutSSHThereIsNothingToSwitch() async throws {
    let host = try FileHost([:], FakeUnits([:]))
    defer { host.remove() }
    let facts = await facts(host)
    #expect(throws: ChangeProblem("there is no sshd on this host")) {
      try RemoteAccessPlanner(facts).plan(RemoteAccessRequest(isOn: true, startsAtBoot: true))
    }
  }

  @Test func aNameIsSetByTheTool() async throws {
    let setter = "/opt/xensource/libexec/set-hostname xcp9.lab.example"
    let host = try FileHost(["/etc/hostname": "xcp1\n"], FakeUnits([:], answers: [setter: ""]))
    defer { host.remove() }
    let plan = try HostNamePlanner(await facts(host)).plan(HostNameRequest(hostname: "xcp9.lab.example"))
    #expect(plan.steps.map(\.commands) == [[setter]])
    #expect(plan.steps.map(\.undo) == [[.setHostname("xcp1")]])
    // The tool says yes and does nothing: that is told.
    await #expect(throws: ChangeFailure.self) { try await self.run(plan, host) }
    #expect(host.tools.changes == [setter])
  }

  @Test(arguments: [
    ("", "needed"), ("-xcp", "hyphen"), ("xcp_1", "underscore"), ("xcp1.", "dot"), ("a..b", "two dots"), ("10.0.4.1", "address"),
    (String(repeating: "a", count: 65), "64"), ("ä", "letters"),
  ])
  func badNamesAreRefusedByReason(name: String, reason: String) {
    #expect(HostNamePlanner.problem(name)?.contains(reason) == true, "\(HostNamePlanner.problem(name) ?? "taken")")
  }

  @Test(arguments: ["xcp1", "XCP-1.lab.example", "1host", String(repeating: "a", count: 63)])
  func goodNamesAreTaken(name: String) { #expect(HostNamePlanner.problem(name) == nil) }

  @Test func serversCannotBeSetWithoutXAPI() async throws {
    let host = try FileHost(["/etc/resolv.conf": "search lab.example\nnameserver 10.0.4.2\n"], FakeUnits([:]))
    defer { host.remove() }
    let facts = await facts(host)
    #expect(facts.nameServers == ["10.0.4.2"])
    #expect(throws: ChangeProblem.self) {
      try NameServersPlanner(facts).plan(NameServerRequest(servers: [], searchDomains: []))
    }
  }
}
