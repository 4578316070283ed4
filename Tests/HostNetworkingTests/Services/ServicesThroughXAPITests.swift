import Dom0
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// DNS, names, clock and SSH through XAPI, on the simulated host.
@Suite struct ServicesThroughXAPITests {
  private func facts(_ host: ChangeHost) async -> ServicesFacts { await ServicesLook(host.client, host.system).facts() }

  private func plan(_ intent: Intent, _ host: ChangeHost) async throws -> ChangePlan {
    try await ServicesPlanning.plan(intent, host.client, host.system)
  }

  private func takeBack(_ plan: ChangePlan, _ host: ChangeHost) async throws {
    var hands = ChangeHands(host.client, host.system)
    for step in plan.steps.reversed() {
      for action in step.undo { _ = try await hands.perform(action) }
    }
  }

  private func addresses(_ texts: [String]) throws -> [InternetAddress] { try texts.map { try InternetAddress(parsing: $0) } }

  // MARK: DNS

  @Test func serversAndDomainsChangeAndNothingElse() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      let request = NameServerRequest(servers: try addresses(["10.0.4.3", "10.0.4.2"]), searchDomains: ["lab.example", "example"])
      let plan = try await plan(.nameServers(request), host)
      #expect(!plan.isProvisional && !plan.isBlocked)
      #expect(plan.steps.map(\.sentence) == ["Search lab.example, example for names (eth0)", "Give eth0 DNS 10.0.4.3, 10.0.4.2"])
      #expect(plan.steps.last?.commands.first?.hasPrefix("xe pif-reconfigure-ip uuid=") == true)
      #expect(plan.steps.last?.commands.first?.contains(" mode=static IP=") == true)
      #expect(plan.steps.last?.commands.first?.hasSuffix(" DNS=10.0.4.3,10.0.4.2") == true)
      #expect(await host.run(plan) == .done)
      let pif = try #require(try await host.scene().tree.management?.pif)
      #expect(pif.dns == "10.0.4.3,10.0.4.2")
      #expect(pif.searchDomains == ["lab.example", "example"])
      let resolver = try ResolvConf(of: host.system)
      #expect(resolver.nameServers == ["10.0.4.3", "10.0.4.2"])
      #expect(resolver.searchDomains == ["lab.example", "example"])
      #expect(ChangeLog(host.system).read().entries.count == 2)
      try await takeBack(plan, host)
      #expect(try await host.picture() == before)
      #expect(try await self.plan(.nameServers(request), host).steps.count == 2)
    }
  }

  @Test func highAvailabilityDoesNotStandInTheWayOfDNSAlone() async throws {
    try await ChangeHost.with(.standalone) { host in
      let pool = try #require(await host.host.refs(class: "pool").first)
      await host.host.mutate(class: "pool", ref: pool, field: "ha_enabled", value: true)
      let plan = try await plan(.nameServers(NameServerRequest(servers: try addresses(["10.0.4.9"]), searchDomains: [])), host)
      #expect(!plan.isBlocked)
      #expect(await host.run(plan) == .done)
      #expect(try await host.scene().tree.management?.pif.dns == "10.0.4.9")
      // IPv6 servers would need the IPv6 settings to be written, which are not static.
      let other = try await self.plan(
        .nameServers(NameServerRequest(servers: try addresses(["10.0.4.9", "2001:db8::53"]), searchDomains: [])), host)
      #expect(other.isBlocked)
    }
  }

  @Test func serversOfBothFamiliesGoToTheirOwnCalls() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      let request = NameServerRequest(servers: try addresses(["2001:db8::53", "10.0.4.9"]), searchDomains: [])
      let plan = try await plan(.nameServers(request), host)
      let calls = plan.steps.flatMap(\.commands).compactMap { $0.split(separator: " ").dropFirst().first.map { String($0) } }
      #expect(calls.suffix(2) == ["pif-reconfigure-ip", "pif-reconfigure-ipv6"])
      #expect(await host.run(plan) == .done)
      #expect(try await host.scene().tree.management?.pif.dns == "2001:db8::53,10.0.4.9")
      try await takeBack(plan, host)
      #expect(try await host.picture() == before)
    }
  }

  @Test func dhcpKeepsItsOwnServers() async throws {
    try await ChangeHost.with(.standalone) { host in
      let management = try #require(await host.host.refs(class: "PIF", where: JSONObject([("management", true)])).first)
      await host.host.mutate(class: "PIF", ref: management, field: "ip_configuration_mode", value: "DHCP")
      let plan = try await plan(.nameServers(NameServerRequest(servers: try addresses(["10.0.4.9"]), searchDomains: [])), host)
      #expect(plan.isBlocked)
      #expect(plan.hazards.first?.text.contains("eth0 has its address from DHCP") == true)
      #expect(try await self.plan(.nameServers(NameServerRequest(servers: [], searchDomains: [])), host).isEmpty)
    }
  }

  @Test func noServerAtAllIsWarnedOf() async throws {
    try await ChangeHost.with(.standalone) { host in
      let plan = try await plan(.nameServers(NameServerRequest(servers: [], searchDomains: [])), host)
      #expect(plan.hazards.contains { $0.weight == .warning && $0.text.contains("Without a DNS server") })
      let four = NameServerRequest(servers: try addresses(["10.0.4.2", "10.0.4.3", "10.0.4.4", "10.0.4.5"]), searchDomains: [])
      #expect(try await self.plan(.nameServers(four), host).hazards.contains { $0.text.contains("first three") })
    }
  }

  // MARK: The name

  @Test func nameAndLabelAreSetAndTakenBack() async throws {
    try await ChangeHost.with(.standalone) { host in
      let old = try #require(await facts(host).services)
      let plan = try await plan(.hostName(HostNameRequest(hostname: "xcp9.lab.example", label: "Rack 4, lowest")), host)
      #expect(
        plan.steps.map(\.commands) == [
          ["xe host-set-hostname-live host-uuid=\(old.uuid) host-name=xcp9.lab.example"],
          ["xe host-param-set uuid=\(old.uuid) name-label='Rack 4, lowest'"],
        ])
      #expect(await host.run(plan) == .done)
      let new = await facts(host)
      #expect(new.hostname == "xcp9.lab.example")
      #expect(new.services?.hostname == "xcp9.lab.example")
      #expect(new.services?.label == "Rack 4, lowest")
      try await takeBack(plan, host)
      #expect(await facts(host).services?.hostname == old.hostname)
      #expect(await facts(host).services?.label == old.label)
      #expect(try await self.plan(.hostName(HostNameRequest(hostname: old.hostname, label: old.label)), host).isEmpty)
    }
  }

  // MARK: The clock

  @Test func customServersGoThroughXAPIAndBack() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = await facts(host)
      #expect(before.services?.mode == .factory)
      let plan = try await plan(.timeServers(TimeServerRequest(mode: .custom, servers: ["10.0.4.1", "10.0.4.2"])), host)
      let uuid = try #require(before.services?.uuid)
      #expect(
        plan.steps.first?.commands == [
          "xe host-param-set uuid=\(uuid) ntp-custom-servers=10.0.4.1,10.0.4.2", "xe host-param-set uuid=\(uuid) ntp-mode=Custom",
        ])
      #expect(await host.run(plan) == .done)
      var after = await facts(host)
      #expect(after.services?.mode == .custom)
      #expect(after.time.servers.map(\.host) == ["10.0.4.1", "10.0.4.2"])
      try await takeBack(plan, host)
      after = await facts(host)
      #expect(after.services?.mode == .factory)
      #expect(after.services?.ntpServers == before.services?.ntpServers)
      #expect(after.time.servers.map(\.host) == before.time.servers.map(\.host))
    }
  }

  @Test func offAndOnAgain() async throws {
    try await ChangeHost.with(.standalone) { host in
      let off = try await plan(.timeServers(TimeServerRequest(mode: .off)), host)
      #expect(await host.run(off) == .done)
      #expect(await facts(host).time.mode == .off)
      let on = try await plan(.timeServers(TimeServerRequest(mode: .factory)), host)
      #expect(await host.run(on) == .done)
      #expect(await facts(host).time.mode == .factory)
    }
  }

  /// XAPI does nothing when it believes to be there already, whatever the files say.
  @Test func filesThatSomebodyChangedBehindXAPIAreSetRight() async throws {
    try await ChangeHost.with(.standalone) { host in
      let conf = try TimeConf(of: host.system)
      try conf.setting(servers: ["10.9.9.9"]).write(to: host.system)
      _ = try await host.system.tools.run(Command(["systemctl", "restart", "chronyd"]))
      let plan = try await plan(.timeServers(TimeServerRequest(mode: .factory)), host)
      #expect(!plan.isEmpty)
      #expect(await host.run(plan) == .done)
      #expect(await facts(host).time.isFactory)
    }
  }

  @Test func dhcpIsOfferedOnlyWhereThereIsSome() async throws {
    try await ChangeHost.with(.standalone) { host in
      for pif in await host.host.refs(class: "PIF") {
        await host.host.mutate(class: "PIF", ref: pif, field: "ip_configuration_mode", value: "None")
      }
      let plan = try await plan(.timeServers(TimeServerRequest(mode: .dhcp)), host)
      #expect(plan.isBlocked)
    }
  }

  // MARK: SSH

  @Test func sshIsSwitchedThroughXAPIAndBack() async throws {
    try await ChangeHost.with(.standalone) { host in
      let uuid = try #require(await facts(host).services?.uuid)
      // Begin with auto mode off, whatever the scenario has.
      var hands = ChangeHands(host.client, host.system)
      _ = try await hands.perform(.setRemoteAccess(RemoteAccessRequest(isOn: true, startsAtBoot: true, autoMode: false)))
      let plan = try await plan(.remoteAccess(RemoteAccessRequest(isOn: false, startsAtBoot: false, autoMode: false)), host)
      #expect(plan.steps.first?.commands == ["xe host-disable-ssh host=\(uuid)"])
      #expect(await host.run(plan) == .done)
      var after = await facts(host)
      #expect(!after.access.isOn && !after.access.startsAtBoot)
      #expect(after.services?.isSSHOn == false)
      try await takeBack(plan, host)
      after = await facts(host)
      #expect(after.access.isOn && after.access.startsAtBoot && after.services?.isSSHOn == true)
    }
  }

  @Test func offMeansOffWithAutoModeToo() async throws {
    try await ChangeHost.with(.standalone) { host in
      var hands = ChangeHands(host.client, host.system)
      let auto = try await plan(.remoteAccess(RemoteAccessRequest(isOn: false, startsAtBoot: true, autoMode: true)), host)
      #expect(await host.run(auto) == .done)
      #expect(await facts(host).services?.sshAutoMode == true)
      let off = RemoteAccessRequest(isOn: false, startsAtBoot: false, autoMode: false)
      let uuid = try #require(await facts(host).services?.uuid)
      let plan = try await plan(.remoteAccess(off), host)
      #expect(
        plan.steps.first?.commands == [
          "xe host-param-set uuid=\(uuid) ssh-auto-mode=false", "xe host-disable-ssh host=\(uuid)",
        ])
      _ = try await hands.perform(.setRemoteAccess(off))
      let after = await facts(host)
      #expect(after.services?.sshAutoMode == false)
      #expect(after.access.monitor?.isActive == false)
      #expect(!after.access.isOn && !after.access.startsAtBoot)
    }
  }

  @Test func theTimeoutGoesToXAPI() async throws {
    try await ChangeHost.with(.standalone) { host in
      let request = RemoteAccessRequest(isOn: true, startsAtBoot: true, autoMode: false, timeout: 3600)
      #expect(await host.run(try await plan(.remoteAccess(request), host)) == .done)
      let services = try #require(await facts(host).services)
      #expect(services.sshTimeout == 3600)
      #expect(services.sshExpiry != nil)
      #expect(throws: ChangeProblem.self) {
        try RemoteAccessPlanner(ServicesFacts.withSSH).plan(RemoteAccessRequest(isOn: true, startsAtBoot: true, timeout: 200_000))
      }
    }
  }

  @Test func withXAPIStoppedTheHostItselfDoesIt() async throws {
    try await ChangeHost.with(.standalone) { host in
      _ = try await host.system.tools.run(Command(["systemctl", "stop", "xapi"]))
      let ssh = try await plan(.remoteAccess(RemoteAccessRequest(isOn: false, startsAtBoot: false)), host)
      #expect(await host.run(ssh) == .done)
      let time = try await plan(.timeServers(TimeServerRequest(mode: .custom, servers: ["10.0.4.1"])), host)
      #expect(await host.run(time) == .done)
      let name = try await plan(.hostName(HostNameRequest(hostname: "xcp9")), host)
      #expect(name.steps.map(\.commands) == [["/opt/xensource/libexec/set-hostname xcp9"]])
      #expect(await host.run(name) == .done)
      let after = await facts(host)
      #expect(!after.access.isOn)
      #expect(after.time.servers.map(\.host) == ["10.0.4.1"])
      #expect(after.hostname == "xcp9")
    }
  }

  @Test func theHostIsKnownByItsKeys() async throws {
    try await ChangeHost.with(.standalone) { host in
      let access = await facts(host).access
      #expect(access.hostKeys.contains { $0.kind == "ED25519" && $0.fingerprint.hasPrefix("SHA256:") })
      #expect(access.certificate?.fingerprint.split(separator: ":").count == 32)
    }
  }
}

extension ServicesFacts {
  /// A host with sshd, and nothing else known.
  static var withSSH: ServicesFacts {
    var facts = ServicesFacts()
    facts.access.ssh = SystemUnit(name: "sshd.service", active: "active", sub: "running", result: nil, load: "loaded", enabled: "enabled")
    return facts
  }
}
