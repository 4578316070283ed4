import JSON
import Testing

@testable import SimulatedHost

/// Coordinator and members that lose each other and find each other again.
@Suite struct ContactTests {
  private func bench(_ scenario: Scenario, _ body: (Bench) async throws -> Void) async throws {
    var options = SimulatedHost.Options()
    options.contactTime = .milliseconds(30)
    options.restartTime = .zero
    try await Bench.with(SimulatedHost(scenario: scenario, options: options), body)
  }

  private func isLive(_ bench: Bench, _ name: String) async throws -> Bool {
    let host = try #require(try await bench.call("host.get_by_name_label", .string(name)).array?.first)
    let metrics = try await bench.call("host.get_metrics", host)
    return try await bench.call("host_metrics.get_live", metrics) == true
  }

  private let mask: JSONValue = "255.255.255.0"

  /// Members look for their coordinator where it was, until it tells them.
  @Test func aCoordinatorThatMovesLosesItsMembers() async throws {
    try await bench(.pool) { bench in
      let pif = await bench.pif("bond0")
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.21", mask, "10.0.4.1", "10.0.4.2")
      try await bench.waits("members are lost") { try await !isLive(bench, "xcp2") }
      #expect(try await !isLive(bench, "xcp3"))
      let theirs = await bench.host.refs(class: "PIF", where: ["device": "eth3"])
      let here = await bench.host.pif("eth3")
      let other = try #require(theirs.first { $0 != here })
      #expect(try await bench.failure("PIF.plug", .string(other)).first == "HOST_OFFLINE")
      #expect(try await bench.failure("PIF.plug", .string(here)) == [])
      let recovered = try await bench.call("pool.recover_slaves").array ?? []
      #expect(recovered.count == 2)
      try await bench.waits("members are back") { try await isLive(bench, "xcp2") }
      #expect(try await isLive(bench, "xcp3"))
      #expect(try await bench.failure("PIF.plug", .string(other)) == [])
    }
  }

  /// Taken back in time, nobody has noticed.
  @Test func aMoveTakenBackLosesNobody() async throws {
    try await bench(.pool) { bench in
      await bench.host.setContactTime(.seconds(600))
      let pif = await bench.pif("bond0")
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.21", mask, "10.0.4.1", "10.0.4.2")
      await bench.host.setContactTime(.milliseconds(1))
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.11", mask, "10.0.4.1", "10.0.4.2")
      try await Task.sleep(for: .milliseconds(50))
      let both = [try await isLive(bench, "xcp2"), try await isLive(bench, "xcp3")]
      #expect(both == [true, true])
    }
  }

  @Test func theWholePoolMovesAndRecovers() async throws {
    try await bench(.pool) { bench in
      let network = try #require(try await bench.call("network.get_by_name_label", "Storage A").array?.first)
      try await bench.call("pool.management_reconfigure", network)
      let addresses = try await bench.call("host.get_all_records").object?.map { $0.1["address"] } ?? []
      #expect(Set(addresses) == ["10.0.20.11", "10.0.20.12", "10.0.20.13"])
      try await Task.sleep(for: .milliseconds(100))
      let both = [try await isLive(bench, "xcp2"), try await isLive(bench, "xcp3")]
      #expect(both == [true, true])
      #expect(bench.inventory("MANAGEMENT_INTERFACE") == "xenbr2")
    }
  }

  /// A coordinator nobody gets through to: a wrong VLAN, a cable.
  @Test func aCoordinatorOutOfReachLosesItsMembers() async throws {
    try await bench(.pool) { bench in
      for device in ["eth0", "eth1"] { await bench.host.setCarrier(device: device, up: false) }
      try await bench.waits("members are lost") { try await !isLive(bench, "xcp2") }
      await bench.host.setCarrier(device: "eth0", up: true)
      try await bench.waits("members are back") { try await isLive(bench, "xcp2") }
    }
  }

  /// A host that is switched off is not told, and not brought to life.
  @Test func whoIsSwitchedOffIsNotRecovered() async throws {
    try await bench(.pool) { bench in
      try await bench.wish(["peer": ["name": "xcp3", "up": false]])
      #expect(try await bench.call("pool.recover_slaves").array?.count == 1)
      #expect(try await !isLive(bench, "xcp3"))
    }
  }

  /// The reply still comes; then the member's XAPI finds nobody, and serves the emergency calls alone.
  @Test func aMemberWithAWrongAddressGoesToEmergencyMode() async throws {
    try await bench(.member) { bench in
      let pif = await bench.pif("bond0")
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.9.4.12", mask, "10.9.4.1", "")
      try await bench.waits("emergency") { await bench.host.emergencyCode != nil }
      #expect(await bench.host.emergencyCode == "HOST_STILL_BOOTING")
      let refused = await #expect(throws: TestClient.Failure.self) { try await bench.call("pool.get_all") }
      #expect(refused?.text == "HOST_STILL_BOOTING")
      #expect(!bench.tree.exists("/run/xapi_init_complete.cookie"))
      // Its settings are corrected by its files: the coordinator answers again.
      _ = await bench.tool("systemctl", "stop", "xcp-networkd")
      bench.tree.remove(Bench.networkd)
      try bench.tree.put(
        Bench.management,
        .text("LABEL='eth0'\nMODE='static'\nIP='10.0.4.12'\nNETMASK='255.255.255.0'\nGATEWAY='10.0.4.1'\n"))
      _ = await bench.tool("systemctl", "start", "xcp-networkd")
      #expect(await bench.host.emergencyCode == nil)
      #expect(try await bench.call("PIF.get_IP", pif) == "10.9.4.12", "its database was not touched")
    }
  }

  /// One on the coordinator's network needs no gateway; one elsewhere needs the right one.
  @Test func aWrongGatewayCountsOnlyWhereItIsNeeded() async throws {
    try await bench(.member) { bench in
      let pif = await bench.pif("bond0")
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.12", mask, "10.0.4.254", "")
      try await Task.sleep(for: .milliseconds(100))
      #expect(await bench.host.emergencyCode == nil)
      await bench.host.setCoordinator(address: "10.0.9.99")
      try await bench.waits("emergency") { await bench.host.emergencyCode != nil }
    }
  }

  @Test func aWaitingListenerIsToldOfTheEmergency() async throws {
    try await withServer(.member) { client in
      let session = try await client.login()
      async let event = client.raw("event.from", [session, ["pool"], "00000000000000009999,00000000000000000000", 30.0])
      try await Task.sleep(for: .milliseconds(100))
      _ = try await client.post("/simulate", Array(#"{"emergency": "HOST_STILL_BOOTING"}"#.utf8))
      #expect(try await event["error"] == ["HOST_STILL_BOOTING"])
    }
  }
}

/// DHCP: an address comes when a server has given it.
@Suite struct LeaseTests {
  private func address(_ bench: Bench, _ bridge: String) async throws -> JSONValue? {
    try await bench.json("ip", "-4", "-j", "addr", "show", "dev", bridge).array?.compactMap { $0["addr_info"]?.array }
      .joined().first?["local"]
  }

  @Test func addressesComeLater() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.wish(["dhcp": ["seconds": 0.3]])
      let pif = await bench.pif("eth0")
      try await bench.call("PIF.reconfigure_ip", pif, "DHCP", "", "", "", "")
      #expect(try await bench.call("PIF.get_IP", pif) == "")
      #expect(try await address(bench, "xenbr0") == nil)
      let host = JSONValue.string(await bench.host.thisHostRef)
      #expect(try await bench.call("host.get_address", host) == "")
      try await bench.waits("a lease") { try await bench.call("PIF.get_IP", pif) == "10.0.4.100" }
      #expect(try await address(bench, "xenbr0") == "10.0.4.100")
      #expect(try await bench.call("host.get_address", host) == "10.0.4.100")
      #expect(try await bench.call("PIF.get_gateway", pif) == "10.0.4.1")
      #expect(bench.text("/var/lib/xcp/dhclient-xenbr0.leases").contains("fixed-address 10.0.4.100;"))
      // A client that runs keeps its lease: the bridge stays while the interface is configured anew.
      try await bench.call("PIF.reconfigure_ip", pif, "DHCP", "", "", "", "")
      #expect(try await bench.call("PIF.get_IP", pif) == "10.0.4.100")
    }
  }

  @Test func eventsTellOfALease() async throws {
    try await withServer(.standalone) { client in
      func steer(_ wish: JSONValue) async throws {
        #expect(try await client.post("/simulate", wish.encoded).status == 200)
      }
      try await steer(["dhcp": ["answers": false, "seconds": 0.01]])
      let session = try await client.login()
      let pifs = try await client.call("PIF.get_all_records", session).object ?? [:]
      let pif = try #require(pifs.first { $0.1["device"] == "eth1" }).0
      _ = try await client.call("PIF.reconfigure_ip", session, .string(pif), "DHCP", "", "", "", "")
      var token: JSONValue = ""
      var seen: [JSONValue] = []
      let first = try await client.call("event.from", session, [.string("pif/\(pif)")], token, 20.0)
      seen += (first["events"]?.array ?? []).compactMap { $0["snapshot"]?["IP"] }
      token = first["token"] ?? ""
      try await steer(["dhcp": ["answers": true]])
      while seen.last != "10.0.4.101", seen.count < 20 {
        let batch = try await client.call("event.from", session, [.string("pif/\(pif)")], token, 20.0)
        token = batch["token"] ?? ""
        seen += (batch["events"]?.array ?? []).compactMap { $0["snapshot"]?["IP"] }
      }
      #expect(seen.first == "" && seen.last == "10.0.4.101")
    }
  }

  @Test func withoutAServerThereIsNone() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.wish(["dhcp": ["answers": false, "seconds": 0.01]])
      let pif = await bench.pif("eth1")
      try await bench.call("PIF.reconfigure_ip", pif, "DHCP", "", "", "", "")
      try await Task.sleep(for: .milliseconds(100))
      #expect(try await bench.call("PIF.get_IP", pif) == "")
      #expect(try await address(bench, "xenbr1") == nil)
      // A client goes on asking.
      try await bench.wish(["dhcp": ["answers": true]])
      try await bench.waits("a lease") { try await bench.call("PIF.get_IP", pif) == "10.0.4.101" }
      // A wired network without a server gives nothing either.
      await bench.host.setWiring(
        Wiring(segments: [.init(devices: ["eth2"], subnet: "10.0.9", router: "10.0.9.1", hasDHCP: false)]))
      try await bench.call("PIF.reconfigure_ip", await bench.pif("eth2"), "DHCP", "", "", "", "")
      try await Task.sleep(for: .milliseconds(100))
      #expect(try await address(bench, "xenbr2") == nil)
    }
  }

  @Test func anAddressIsGivenUpWithItsMode() async throws {
    try await Bench.with(.standalone) { bench in
      let pif = await bench.pif("eth1")
      try await bench.call("PIF.reconfigure_ip", pif, "DHCP", "", "", "", "")
      #expect(try await address(bench, "xenbr1") == "10.0.4.101")
      try await bench.call("PIF.reconfigure_ip", pif, "None", "", "", "", "")
      #expect(try await address(bench, "xenbr1") == nil)
      try await bench.wish(["dhcp": ["seconds": 600]])
      try await bench.call("PIF.reconfigure_ip", pif, "DHCP", "", "", "", "")
      #expect(try await address(bench, "xenbr1") == nil, "a new client asks anew")
    }
  }
}

/// XAPI that dies in the middle of its work.
@Suite struct DeathTests {
  private let fields = ["ip_configuration_mode", "IP", "netmask", "gateway"]

  private func settings(_ bench: Bench) async -> [JSONValue?] {
    let record = await bench.host.record(class: "PIF", ref: await bench.host.pif("eth0")) ?? [:]
    return fields.map { record[$0] }
  }

  @Test(arguments: 0...6) func theDatabaseIsAsAfterTheLastFieldWritten(_ writes: Int) async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.host.start(socketPath: bench.root + "/var/lib/xcp/xapi")
      let client = TestClient(path: bench.root + "/var/lib/xcp/xapi")
      let session = try await client.login()
      let before = await settings(bench)
      let after: [JSONValue?] = ["Static", "10.0.4.33", "255.255.0.0", "10.0.4.9"]
      await bench.host.die(in: "PIF.reconfigure_ip", afterWrites: writes)
      await #expect(throws: (any Error).self, "nobody answers any more") {
        _ = try await client.call(
          "PIF.reconfigure_ip", session, await bench.pif("eth0"), "Static", "10.0.4.33", "255.255.0.0", "10.0.4.9", "")
      }
      try await bench.waits("XAPI is dead") { !bench.tree.exists("/var/lib/xcp/xapi") }
      #expect(await bench.output("systemctl", "is-active", "xapi") == "failed\n")
      #expect(await settings(bench) == Array(after.prefix(writes) + before.dropFirst(min(writes, 4))))
      // networkd is told when all fields are written and the interface is marked as unplugged.
      #expect(await bench.output("ip", "addr").contains(writes < 6 ? "10.0.4.11" : "10.0.4.33"))
      #expect(await bench.host.record(class: "PIF", ref: await bench.host.pif("eth0"))?["currently_attached"] == .bool(writes < 6))
      #expect(await bench.tool("systemctl", "start", "xapi")?.code == 0)
      #expect(await settings(bench) == Array(after.prefix(writes) + before.dropFirst(min(writes, 4))))
      _ = try await client.login()
    }
  }

  /// Unplugged in the middle of being plugged anew, with the management flag still on it: the next start mends it.
  @Test func itComesBackByItself() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.host.start(socketPath: bench.root + "/var/lib/xcp/xapi")
      let client = TestClient(path: bench.root + "/var/lib/xcp/xapi")
      let session = try await client.login()
      try await bench.wish(["call": ["name": "PIF.reconfigure_ip", "dies": 6, "seconds": 0.05]])
      _ = try? await client.call(
        "Async.PIF.reconfigure_ip", session, await bench.pif("eth0"), "Static", "10.0.4.33", "255.255.255.0", "10.0.4.1", "")
      try await bench.waits("XAPI is back") { (try? await client.login()) != nil }
      #expect(try await bench.call("PIF.get_IP", await bench.pif("eth0")) == "10.0.4.33")
      #expect(try await bench.call("PIF.get_currently_attached", await bench.pif("eth0")) == true)
      #expect(await bench.output("ip", "addr").contains("10.0.4.33"))
      // The old session went with it.
      #expect(try await client.raw("pool.get_all", session)["error"]?["message"] == "SESSION_INVALID")
    }
  }

  /// What a task had not done when XAPI was stopped is never done.
  @Test(arguments: ["stop", "kill"]) func aTaskEndsWithIt(_ how: String) async throws {
    try await Bench.with(.standalone) { bench in
      await bench.host.setTaskTime(.milliseconds(200))
      let pif = await bench.pif("eth0")
      let task = try await bench.call(
        "Async.PIF.reconfigure_ip", pif, "Static", "10.0.4.33", "255.255.255.0", "10.0.4.1", "")
      if how == "stop" {
        _ = await bench.tool("systemctl", "stop", "xapi")
      } else {
        try await bench.wish(["kill": ["unit": "xapi"]])
        #expect(await bench.output("systemctl", "is-active", "xapi") == "failed\n")
      }
      try await Task.sleep(for: .milliseconds(400))
      _ = await bench.tool("systemctl", "start", "xapi")
      #expect(try await bench.call("PIF.get_IP", pif) == "10.0.4.11")
      #expect(try await bench.failure("task.get_status", task).first == "HANDLE_INVALID")
    }
  }
}

/// Older hosts.
@Suite struct VersionTests {
  @Test(arguments: [
    "host.set_ntp_mode", "host.set_ntp_custom_servers", "host.get_ntp_mode", "host.enable_ssh", "host.disable_ssh",
    "host.set_ssh_auto_mode", "host.get_ssh_enabled", "host.set_ssh_enabled_timeout", "host.get_ntp_synchronized",
  ]) func theOldOneKnowsNothingOfIt(_ call: String) async throws {
    var options = SimulatedHost.Options()
    options.version = .v8_2
    try await Bench.with(SimulatedHost(scenario: .standalone, options: options)) { (bench: Bench) async throws in
      let host = JSONValue.string(await bench.host.thisHostRef)
      #expect(try await bench.failure(call, host, "x") == ["MESSAGE_METHOD_UNKNOWN", call])
      let record = await bench.host.record(class: "host", ref: await bench.host.thisHostRef) ?? [:]
      #expect(record["ssh_enabled"] == nil && record["ntp_mode"] == nil && record["hostname"] == "xcp1")
      #expect(bench.inventory("PRODUCT_VERSION") == "8.2.1")
      #expect(bench.text("/opt/xensource/bin/xe-reset-networking").contains("'/tmp/network-reset'"))
      #expect(await bench.tool("ping", "-c", "1", "10.0.4.1")?.code == 0)
    }
  }

  @Test func itIsSteeredFromOutside() async throws {
    try await Bench.with(.pool) { bench in
      let host = JSONValue.string(await bench.host.thisHostRef)
      let before = try await bench.call("PIF.get_all").array?.count
      try await bench.wish(["version": "8.2"])
      #expect(try await bench.failure("host.get_ntp_mode", host) == ["MESSAGE_METHOD_UNKNOWN", "host.get_ntp_mode"])
      #expect(try await bench.call("PIF.get_all").array?.count == before)
      #expect(bench.inventory("PRODUCT_VERSION") == "8.2.1")
      let network = try await bench.call("network.create", ["name_label": "New", "other_config": [:]])
      let vlan = try await bench.call("VLAN.create", await bench.pif("bond0"), 321, network)
      #expect(try await bench.call("VLAN.get_tag", vlan) == 321)
      try await bench.wish(["version": "8.3"])
      #expect(try await bench.call("host.get_ntp_mode", host) == "Factory")
      #expect(bench.inventory("PRODUCT_VERSION") == "8.3.0")
    }
  }
}
