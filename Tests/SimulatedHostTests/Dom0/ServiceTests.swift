import Foundation
import JSON
import Testing

@testable import SimulatedHost

/// SSH, the clock, networkd, units of one's own: what calls and commands do to each other and to the files.
@Suite struct ServiceTests {
  // MARK: The clock

  @Test func timeServersByCalls() async throws {
    try await Bench.with(.standalone) { bench in
      let host = JSONValue.string(await bench.host.thisHostRef)
      func servers() -> [String] {
        bench.text("/etc/chrony.conf").split(separator: "\n").filter { $0.hasPrefix("server ") }.map { String($0) }
      }
      func runsHook() -> Bool { bench.tree.mode("/etc/dhcp/dhclient.d/chrony.sh").map { $0 & 0o100 != 0 } ?? false }
      #expect(try await bench.call("host.get_ntp_mode", host) == "Factory")
      #expect(servers().count == 4 && !runsHook())
      #expect(try await bench.failure("host.set_ntp_mode", host, "Custom").first == "INVALID_NTP_CONFIG")
      try await bench.call("host.set_ntp_custom_servers", host, ["10.0.4.2", "10.0.4.77"])
      #expect(servers().count == 4, "not in use yet")
      try await bench.call("host.set_ntp_mode", host, "Custom")
      #expect(servers() == ["server 10.0.4.2 iburst", "server 10.0.4.77 iburst"])
      #expect(bench.text("/etc/chrony.conf").contains("makestep 1.0 3\n"), "other lines stay")
      #expect(
        try await bench.call("host.get_ntp_servers_status", host) == ["10.0.4.2": "synced", "10.0.4.77": "unreachable"])
      #expect(try await bench.call("host.get_ntp_synchronized", host) == true)
      #expect(try await bench.failure("host.set_ntp_custom_servers", host, []).first == "INVALID_NTP_CONFIG")
      try await bench.call("host.set_ntp_custom_servers", host, ["10.0.4.3"])
      #expect(servers() == ["server 10.0.4.3 iburst"])
      try await bench.call("host.set_ntp_mode", host, "DHCP")
      #expect(servers().isEmpty && runsHook())
      #expect(await bench.output("systemctl", "is-active", "chronyd") == "active\n")
      try await bench.call("host.set_ntp_mode", host, "Disabled")
      #expect(await bench.output("systemctl", "is-active", "chronyd") == "inactive\n")
      #expect(await bench.output("systemctl", "is-enabled", "chronyd") == "disabled\n")
      #expect(await bench.output("timedatectl").contains("NTP enabled: no"))
      try await bench.call("host.set_ntp_mode", host, "Factory")
      #expect(servers().count == 4 && !runsHook())
      #expect(await bench.output("systemctl", "is-active", "chronyd") == "active\n")
    }
  }

  @Test func timeServersFromDHCP() async throws {
    try await Bench.with(.standalone) { bench in
      let host = JSONValue.string(await bench.host.thisHostRef)
      try await bench.call("PIF.reconfigure_ip", await bench.pif("eth0"), "DHCP", "", "", "", "")
      try await bench.call("host.set_ntp_mode", host, "DHCP")
      #expect(bench.text("/run/chrony-dhcp/xenbr0.sources") == "server 10.0.4.3 iburst prefer\n")
      #expect(bench.text("/var/lib/xcp/dhclient-xenbr0.leases").contains("option ntp-servers 10.0.4.3;"))
      #expect(await bench.output("chronyc", "-c", "sources").hasPrefix("^,*,10.0.4.3,"))
      try await bench.call("host.set_ntp_mode", host, "Factory")
      #expect(!bench.tree.exists("/run/chrony-dhcp/xenbr0.sources"))
    }
  }

  /// With XAPI dead the files are changed by hand, and the daemon reads them when it starts.
  @Test func timeServersByHand() async throws {
    try await Bench.with(.standalone) { bench in
      try bench.tree.put("/etc/chrony.conf", .text("server 10.0.4.3 iburst\n"))
      #expect(await bench.output("chronyc", "-c", "sources").split(separator: "\n").count == 4)
      #expect(await bench.tool("systemctl", "restart", "chronyd")?.code == 0)
      #expect(await bench.output("chronyc", "-c", "sources").hasPrefix("^,*,10.0.4.3,"))
      #expect(await bench.output("chronyc", "-c", "tracking").contains(",10.0.4.3,3,"))
      await bench.host.setCarrier(device: "eth0", up: false)
      #expect(await bench.output("chronyc", "-c", "sources").hasPrefix("^,?,10.0.4.3,"))
      #expect(await bench.output("timedatectl").contains("NTP synchronized: no"))
      #expect(await bench.output("chronyc", "-c", "tracking").hasSuffix(",Not synchronised\n"))
      #expect(await bench.tool("timedatectl", "set-ntp", "false")?.code == 0)
      #expect(await bench.tool("chronyc", "-c", "sources")?.code == 1)
      #expect(await bench.tool("timedatectl", "set-ntp", "true")?.code == 0)
      #expect(await bench.tool("chronyc", "makestep")?.code == 0)
    }
  }

  @Test func ntpdInChronysPlace() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.wish(["ntp": "ntpd"])
      #expect(bench.text("/etc/ntp.conf").contains("server 0.xcpng.pool.ntp.org iburst\n"))
      #expect(!bench.tree.exists("/etc/chrony.conf"))
      #expect(await bench.output("systemctl", "is-active", "ntpd") == "active\n")
      #expect(await bench.output("systemctl", "is-active", "chronyd") == "unknown\n")
      #expect(await bench.tool("systemctl", "stop", "ntpd")?.code == 0)
      #expect(await bench.output("systemctl", "is-active", "ntpd") == "inactive\n")
    }
  }

  // MARK: SSH

  @Test func sshByCalls() async throws {
    try await Bench.with(.standalone) { bench in
      let host = JSONValue.string(await bench.host.thisHostRef)
      #expect(try await bench.call("host.get_ssh_enabled", host) == true)
      try await bench.call("host.disable_ssh", host)
      #expect(await bench.output("systemctl", "is-active", "sshd") == "inactive\n")
      #expect(await bench.output("systemctl", "is-enabled", "sshd") == "disabled\n")
      #expect(try await bench.call("host.get_ssh_enabled", host) == false)
      try await bench.call("host.set_ssh_auto_mode", host, true)
      #expect(await bench.output("systemctl", "is-enabled", "sshd") == "enabled\n")
      #expect(await bench.output("systemctl", "is-active", "sshd") == "inactive\n")
      // While XAPI is not well there is SSH.
      _ = await bench.tool("systemctl", "stop", "xapi")
      #expect(await bench.output("systemctl", "is-active", "sshd") == "active\n")
      _ = await bench.tool("systemctl", "start", "xapi")
      #expect(await bench.output("systemctl", "is-active", "sshd") == "inactive\n")
      // Switched off by hand, the unit stays enabled as long as the automatic is on.
      try await bench.call("host.disable_ssh", host)
      #expect(await bench.output("systemctl", "is-enabled", "sshd") == "enabled\n")
      try await bench.call("host.enable_ssh", host)
      #expect(try await bench.call("host.get_ssh_auto_mode", host) == false)
      #expect(await bench.output("systemctl", "is-active", "sshd") == "active\n")
    }
  }

  @Test func sshForAWhile() async throws {
    try await Bench.with(.standalone) { bench in
      let host = JSONValue.string(await bench.host.thisHostRef)
      #expect(
        try await bench.failure("host.set_ssh_enabled_timeout", host, 172_801).prefix(3)
          == ["VALUE_NOT_SUPPORTED", "ssh_enabled_timeout", "172801"])
      try await bench.call("host.set_ssh_auto_mode", host, true)
      try await bench.call("host.set_ssh_enabled_timeout", host, 1)
      #expect(try await bench.call("host.get_ssh_expiry", host) == "19700101T00:00:00Z")
      try await bench.call("host.enable_ssh", host)
      #expect(try await bench.call("host.get_ssh_expiry", host) != "19700101T00:00:00Z")
      try await bench.waits("SSH ends by itself") { try await bench.call("host.get_ssh_enabled", host) == false }
      #expect(try await bench.call("host.get_ssh_auto_mode", host) == true)
      #expect(try await bench.call("host.get_ssh_expiry", host) == "19700101T00:00:00Z")
      #expect(await bench.output("systemctl", "is-active", "sshd") == "inactive\n")
    }
  }

  @Test func sshByCommands() async throws {
    try await Bench.with(.standalone) { (bench: Bench) async throws in
      #expect(await bench.tool("systemctl", "disable", "--now", "sshd")?.code == 0)
      #expect(await bench.tool("systemctl", "is-enabled", "sshd")?.code == 1)
      #expect(await bench.output("systemctl", "show", "-p", "ActiveState,UnitFileState", "sshd")
        == "ActiveState=inactive\nUnitFileState=disabled\n")
      // XAPI writes down what it finds when it starts.
      let host = JSONValue.string(await bench.host.thisHostRef)
      #expect(try await bench.call("host.get_ssh_enabled", host) == true)
      _ = await bench.tool("systemctl", "restart", "xapi")
      #expect(try await bench.call("host.get_ssh_enabled", host) == false)
      await bench.host.boot()
      #expect(await bench.output("systemctl", "is-active", "sshd") == "inactive\n", "disabled, it does not come up")
    }
  }

  // MARK: Keys

  @Test func fingerprintsAreThoseOfTheRealTools() async throws {
    try await Bench.with(.pool) { bench in
      let keys = ["rsa", "ecdsa", "ed25519"].map { "/etc/ssh/ssh_host_\($0)_key.pub" }
      for path in keys {
        let line = await bench.output("ssh-keygen", "-lf", path)
        #expect(line.contains(" SHA256:") && line.contains("root@xcp1 ("))
        if let real = Self.real(["/usr/bin/ssh-keygen", "-lf", bench.root + path]) { #expect(line == real) }
      }
      let path = "/etc/xensource/xapi-ssl.pem"
      let line = await bench.output("openssl", "x509", "-fingerprint", "-sha256", "-noout", "-in", path)
      #expect(line.hasPrefix("SHA256 Fingerprint=DD:E8:32:"))
      if let real = Self.real(["/usr/bin/openssl", "x509", "-fingerprint", "-sha256", "-noout", "-in", bench.root + path]) {
        #expect(line.lowercased() == real.lowercased())
      }
      #expect(await bench.tool("ssh-keygen", "-lf", "/etc/ssh/none.pub")?.code == 255)
      #expect(await bench.tool("openssl", "x509", "-fingerprint", "-in", "/etc/hostname")?.code == 1)
    }
    // Another host has other keys.
    #expect(HostKeys("xcp1").entries["/etc/ssh/ssh_host_rsa_key.pub"] != HostKeys("xcp2").entries["/etc/ssh/ssh_host_rsa_key.pub"])
  }

  @Test func digests() {
    func hex(_ text: String) -> String {
      SHA256.digest(Array(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
    // FIPS 180-4's examples, and lengths about the end of a block.
    #expect(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(hex(String(repeating: "a", count: 119)) == "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb")
    for text in ["", "a", "ab", "abc", "abcd"] {
      #expect(Base64.text(Array(text.utf8)) == Data(text.utf8).base64EncodedString())
      #expect(Base64.bytes(Base64.text(Array(text.utf8), padded: false)) == Array(text.utf8))
    }
  }

  /// What a program of this machine says; nil where there is none.
  private static func real(_ words: [String]) -> String? {
    guard FileManager.default.isExecutableFile(atPath: words[0]) else { return nil }
    let (process, pipe) = (Process(), Foundation.Pipe())
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }

  // MARK: networkd

  /// With XAPI dead: networkd stopped, its file removed, `management.conf` corrected, networkd started.
  @Test func networkdReadsItsFilesAnew() async throws {
    try await Bench.with(.standalone) { bench in
      let pif = await bench.pif("eth0")
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.11", "255.255.255.0", "10.0.4.254", "10.0.4.77")
      _ = await bench.tool("systemctl", "stop", "xapi")
      _ = await bench.tool("systemctl", "stop", "xcp-networkd")
      bench.tree.remove(Bench.networkd)
      try bench.tree.put(
        Bench.management,
        .text("LABEL='eth0'\nMODE='static'\nIP='10.0.4.12'\nNETMASK='255.255.255.0'\nGATEWAY='10.0.4.1'\nDNS='10.0.4.2'\nDOMAIN='a.b'\n"))
      _ = await bench.tool("systemctl", "start", "xcp-networkd")
      let links = try await bench.json("ip", "-j", "addr", "show", "dev", "xenbr0").array ?? []
      #expect(links.compactMap { $0["addr_info"]?.array }.joined().first?["local"] == "10.0.4.12")
      #expect(await bench.tool("ping", "-c", "1", "1.1.1.1")?.code == 0)
      #expect(bench.text("/etc/resolv.conf") == "search a.b\nnameserver 10.0.4.2\n")
      #expect(bench.text(Bench.networkd).contains("10.0.4.12"))
      // XAPI restores its own view when it starts.
      _ = await bench.tool("systemctl", "start", "xapi")
      #expect(try await bench.call("PIF.get_IP", pif) == "10.0.4.11")
      #expect(try await bench.json("ip", "-j", "route").array?.first?["gateway"] == "10.0.4.254")
    }
  }

  /// Beside a living XAPI, what networkd read stays until XAPI tells it something new about that interface.
  @Test func aLivingXAPIDoesNotUndoIt() async throws {
    try await Bench.with(.standalone) { bench in
      _ = await bench.tool("systemctl", "stop", "xcp-networkd")
      bench.tree.remove(Bench.networkd)
      try bench.tree.put(
        Bench.management, .text("LABEL='eth0'\nMODE='static'\nIP='10.0.4.12'\nNETMASK='255.255.255.0'\n"))
      _ = await bench.tool("systemctl", "start", "xcp-networkd")
      func address() async throws -> JSONValue? {
        try await bench.json("ip", "-j", "addr", "show", "dev", "xenbr0").array?.compactMap { $0["addr_info"]?.array }
          .joined().first?["local"]
      }
      #expect(try await address() == "10.0.4.12")
      await bench.host.setCarrier(device: "eth1", up: false)
      try await bench.call("PIF.reconfigure_ip", await bench.pif("eth2"), "Static", "10.9.9.9", "255.255.255.0", "", "")
      #expect(try await address() == "10.0.4.12")
      #expect(await bench.output("ip", "addr").contains("10.9.9.9"))
      try await bench.call("PIF.reconfigure_ip", await bench.pif("eth0"), "Static", "10.0.4.13", "255.255.255.0", "", "")
      #expect(try await address() == "10.0.4.13")
    }
  }

  // MARK: systemd-run

  @Test func transientUnits() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(!bench.tree.exists("/run/systemd/system"))
      #expect(await bench.tool("systemd-run", "--unit=x", "true")?.code == 1, "no systemd here")
      try await bench.wish(["systemd": true])
      #expect(bench.tree.exists("/run/systemd/system"))
      // 219 knows no --collect.
      let old = try #require(await bench.tool("systemd-run", "--collect", "--unit=x", "true"))
      #expect(old.code == 1 && String(decoding: old.errors, as: UTF8.self).contains("unrecognized option '--collect'"))
      let made = try #require(
        await bench.tool("systemd-run", "--unit=guard", "--on-active=90", "--property=Type=oneshot", "/usr/bin/guard", "--now"))
      #expect(made.code == 0 && String(decoding: made.errors, as: UTF8.self).contains("guard.timer"))
      let unit = try #require(await bench.host.transientUnits["guard"])
      #expect(unit.arguments == ["/usr/bin/guard", "--now"] && unit.delay == .seconds(90))
      #expect(unit.properties == ["Type=oneshot"])
      #expect(await bench.output("systemctl", "is-active", "guard.timer") == "active\n")
      #expect(await bench.output("systemctl", "is-active", "guard") == "inactive\n")
      #expect(await bench.tool("systemd-run", "--unit=guard", "true")?.code == 1, "the name is taken")
      #expect(await bench.tool("systemctl", "stop", "guard.timer")?.code == 0)
      #expect(await bench.output("systemctl", "is-active", "guard.timer") == "unknown\n")
      #expect(await bench.host.transientUnits.isEmpty)
    }
  }

  @Test func transientUnitsRunWhenAsked() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.wish(["systemd": ["runs": true]])
      let file = bench.root + "/ran"
      #expect(await bench.tool("systemd-run", "--unit=soon", "--on-active=100ms", "touch", file)?.code == 0)
      try await bench.waits("the program runs") { FileManager.default.fileExists(atPath: file) }
      try await bench.waits("and has ended") { await bench.host.transientUnits["soon"]?.isActive == false }
      #expect(await bench.tool("systemd-run", "--unit=never", "--on-active=1h", "touch", file + "2")?.code == 0)
      #expect(await bench.tool("systemctl", "stop", "never.timer")?.code == 0)
      // Again and again, until it is stopped.
      let again = ["systemd-run", "--unit=again", "--on-active=10ms", "--on-unit-inactive=20ms", "mktemp", file + "-XXXXXX"]
      #expect(await bench.host.runTool(again)?.code == 0)
      func times() -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: bench.root)) ?? []).count { $0.hasPrefix("ran-") }
      }
      try await bench.waits("it runs twice") { times() >= 2 }
      #expect(await bench.output("systemctl", "is-active", "again.timer") == "active\n")
      #expect(await bench.tool("systemctl", "stop", "again.timer")?.code == 0)
      // One that runs is asked to end.
      #expect(await bench.tool("systemd-run", "--unit=long", "sleep", "600")?.code == 0)
      #expect(await bench.output("systemctl", "is-active", "long") == "active\n")
      #expect(await bench.tool("systemctl", "stop", "long")?.code == 0)
      #expect(await bench.output("systemctl", "is-active", "long") == "unknown\n")
    }
  }

  /// A boot starts what is enabled and wanted.
  @Test func enabledUnitsRunAtBoot() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.wish(["systemd": ["runs": true]])
      let wants = "/etc/systemd/system/multi-user.target.wants"
      for (name, condition) in [("one", "/etc/hostname"), ("two", "/nowhere")] {
        let text = "[Unit]\nConditionPathExists=\(condition)\n[Service]\nExecStart=touch \(bench.root)/\(name)\n"
        try bench.tree.put("/etc/systemd/system/\(name).service", .text(text))
        try bench.tree.put("\(wants)/\(name).service", .link("../\(name).service"))
      }
      await bench.host.boot()
      try await bench.waits("the program runs") { FileManager.default.fileExists(atPath: bench.root + "/one") }
      #expect(!FileManager.default.fileExists(atPath: bench.root + "/two"))
    }
  }

  @Test(arguments: [
    ("90", Duration.seconds(90)), ("1min 30s", .seconds(90)), ("500ms", .milliseconds(500)), ("2h", .seconds(7200)),
  ]) func timeSpans(_ text: String, _ span: Duration) {
    #expect(SimulatedHost.timeSpan(text) == span)
  }

  @Test func nonsenseIsNoTimeSpan() {
    #expect(SimulatedHost.timeSpan("soon") == nil && SimulatedHost.timeSpan("") == nil && SimulatedHost.timeSpan("5x") == nil)
  }

  // MARK: Names

  @Test func hostNames() async throws {
    try await Bench.with(.standalone) { bench in
      let host = JSONValue.string(await bench.host.thisHostRef)
      try await bench.call("host.set_hostname_live", host, "rack4-a")
      #expect(bench.text("/etc/hostname") == "rack4-a\n")
      // The field alone names nothing.
      try await bench.call("host.set_hostname", host, "other")
      #expect(bench.text("/etc/hostname") == "rack4-a\n")
      #expect(await bench.output("hostname") == "rack4-a\n")
      #expect(await bench.tool("/opt/xensource/libexec/set-hostname", "by-hand")?.code == 0)
      #expect(bench.text("/etc/hostname") == "by-hand\n")
      #expect(try await bench.call("host.get_hostname", host) == "other")
      // XAPI reads it again when it is told that something has changed.
      try await bench.call("host.signal_networking_change")
      #expect(try await bench.call("host.get_hostname", host) == "by-hand")
      #expect(try await bench.call("host.get_name_label", host) == "xcp1")
      #expect(
        try await bench.failure("host.set_hostname_live", host, .string(String(repeating: "a", count: 256)))
          == ["HOST_NAME_INVALID", "hostname is too long"])
    }
  }
}
