import Testing

@testable import HostNetworking

/// The doctor in front of real gateways, cables and switches: nothing is faked.
@Suite(.serialized, .enabled(if: LabParts.mayRun, LabParts.comment)) struct RealDoctorTests {
  private func texts(_ report: DoctorReport, where isWanted: (DoctorLine.State) -> Bool) -> [String] {
    report.lines.filter { isWanted($0.state) }.map { "\($0.title): \($0.text)" }
  }

  /// What is wrong, and nothing else.
  private func wrong(_ report: DoctorReport) -> [String] { texts(report, where: \.isBad) }

  private func text(_ report: DoctorReport, _ rung: DoctorRung, _ subject: String = "") -> String? {
    report.lines.first { $0.id == DoctorLine.ID(rung, subject) }?.text
  }

  @Test func allIsWell() async throws {
    try await GatewayLab.with { lab in
      let clock = try await LabServer.time(by: lab.maker(of: "far"))
      let report = await lab.report()
      #expect(wrong(report) == [])
      #expect(texts(report) { if case .skipped = $0 { true } else { false } } == [])
      #expect(text(report, .link) == "eth0 is up")
      #expect(text(report, .address) == "10.0.4.12/24 on eth0, set by hand")
      #expect(text(report, .duplicate, "IPv6") == "nobody else has fd00:4::12")
      #expect(text(report, .vlan) == "untagged: the gateway answers")
      #expect(text(report, .gateway, "IPv6")?.hasPrefix("fd00:4::1 answers in ") == true)
      #expect(text(report, .loss)?.hasPrefix("5 of 5 pings answered") == true)
      #expect(text(report, .mtu, "IPv6") == "packets of 1500 bytes reach the gateway")
      #expect(text(report, .mtu, "beyond") == "packets of 1500 bytes reach 10.9.0.2")
      #expect(text(report, .name) == "time.lab.example is 10.9.0.2")
      #expect(text(report, .time)?.contains("time.lab.example answers and the clock is right") == true)
      withExtendedLifetime(clock) {}
    }
  }

  @Test func theCableIsOut() async throws {
    try await GatewayLab.with { lab in
      try await lab.inside("switch", "ip", "link", "set", "p0", "down")
      let report = await lab.report()
      #expect(wrong(report) == ["Link: eth0 has no link"])
      #expect(text(report, .gateway) == "not tried: no link")
      #expect(text(report, .gateway, "IPv6") == "not tried: no link")
      #expect(text(report, .dns, "10.0.4.2") == "not tried: no link")
      #expect(report.lines.allSatisfy { $0.state.isOver })
    }
  }

  @Test func theGatewayIsOff() async throws {
    try await GatewayLab.with { lab in
      try await lab.inside("gate", "ip", "link", "set", "lan", "down")
      let report = await lab.report()
      #expect(
        wrong(report).prefix(2) == [
          "Gateway: the gateway 10.0.4.1 does not answer", "Gateway IPv6: the gateway fd00:4::1 does not answer",
        ])
      #expect(text(report, .loss) == "not tried: the gateway does not answer")
      #expect(text(report, .dns, "10.9.0.2") == "not tried: the gateway does not answer")
      #expect(text(report, .vlan) == "not tried: nobody answers, with this tag or another")
    }
  }

  // MARK: VLANs

  /// The tag of the host, that of the others, and what is said of it.
  private static let vlans: [(tag: Int?, served: Int?, found: String)] = [
    (10, 20, "10.0.4.1 answers on VLAN 20, not on VLAN 10"), (10, nil, "10.0.4.1 answers untagged, not on VLAN 10"),
    (nil, 20, "10.0.4.1 answers on VLAN 20, not untagged"),
  ]

  @Test(arguments: vlans) func theVLANIsAnother(tag: Int?, served: Int?, found: String) async throws {
    try await GatewayLab.with(tag: tag, served: served, ipv6: false) { lab in
      // The host has that VLAN for something else.
      if let served { try await lab.run("ovs-vsctl", "--timeout=20", "add-br", "xapi9", "xenbr0", "\(served)") }
      let report = await lab.report()
      #expect(text(report, .vlan) == found)
      let word = report.lines.first { $0.id.rung == .vlan }?.word
      #expect(word?.remedy.contains(tag.map { "let it carry VLAN \($0) tagged" } ?? "native VLAN") == true)
      #expect(wrong(report).contains("Gateway: the gateway 10.0.4.1 does not answer"))
    }
  }

  @Test func theVLANIsAnotherWithIPv6() async throws {
    try await GatewayLab.with(tag: 10, served: nil) { lab in
      try await lab.run("ip", "addr", "del", "10.0.4.12/24", "dev", lab.bridge)
      let report = await lab.report()
      #expect(text(report, .vlan) == "fd00:4::1 answers untagged, not on VLAN 10")
      #expect(!report.lines.contains { $0.title == "Gateway" && $0.text.contains("10.0.4.1") })
    }
  }

  @Test func theRightVLANIsSeenToBeRight() async throws {
    try await GatewayLab.with(tag: 20, served: 20) { lab in
      let report = await lab.report()
      #expect(text(report, .vlan) == "VLAN 20: the gateway answers")
      #expect(text(report, .address) == "10.0.4.12/24 on VLAN 20 on eth0, set by hand")
      // The gateway gone, others in the same VLAN tell that it is the right one.
      try await lab.inside("gate", "ip", "addr", "del", "10.0.4.1/24", "dev", "lan")
      try await lab.inside("gate", "ip", "addr", "add", "10.0.4.2/24", "dev", "lan")
      try await lab.inside("gate", "ip", "addr", "del", "fd00:4::1/64", "dev", "lan")
      let later = await lab.report()
      #expect(text(later, .vlan) == "VLAN 20: 10.0.4.2 answers")
      #expect(text(later, .gateway) == "the gateway 10.0.4.1 does not answer")
    }
  }

  // MARK: Addresses

  @Test(arguments: ["10.0.4.12/24", "fd00:4::12/64"]) func theAddressIsSomebodyElsesToo(address: String) async throws {
    try await GatewayLab.with { lab in
      try await lab.inside("peer", "ip", "addr", "add", address, "dev", "nic", "nodad")
      let mac = try await lab.inside("peer", "cat", "/sys/class/net/nic/address").split(separator: "\n")[0]
      let report = await lab.report()
      let family = address.contains(":") ? "IPv6" : ""
      let bare = address.prefix { $0 != "/" }
      #expect(text(report, .duplicate, family) == "\(bare) is also in use by \(mac)")
      #expect(report.lines.filter { $0.id.rung == .duplicate && $0.state.isBad }.count == 1)
    }
  }

  @Test func theKernelKeepsOffADuplicateIPv6Address() async throws {
    try await GatewayLab.with { lab in
      try await lab.inside("peer", "ip", "addr", "add", "fd00:4::13/64", "dev", "nic", "nodad")
      try await lab.run("ip", "addr", "add", "fd00:4::13/64", "dev", "xenbr0")
      var report = await lab.report()
      for _ in 0..<50 where !report.lines.contains(where: { $0.id == DoctorLine.ID(.address, "IPv6") && $0.state.isBad }) {
        report = await lab.report()
      }
      #expect(text(report, .address, "IPv6") == "somebody else has fd00:4::13: the kernel does not use it")
    }
  }

  // MARK: Names

  @Test func deadNameServersAreNamed() async throws {
    try await GatewayLab.with { lab in
      try lab.write("etc/resolv.conf", "nameserver 10.0.4.30\nnameserver fd00:4::99\nnameserver 10.0.4.2\n")
      let report = await lab.report()
      #expect(text(report, .dns, "10.0.4.30") == "10.0.4.30: no name server runs there")
      #expect(text(report, .dns, "fd00:4::99")?.hasPrefix("fd00:4::99: ") == true)
      #expect(report.lines.first { $0.id == DoctorLine.ID(.dns, "fd00:4::99") }?.state.isBad == true)
      #expect(text(report, .dns, "10.0.4.2")?.hasPrefix("answers in") == true)
      #expect(text(report, .name) == "time.lab.example is 10.9.0.2")
      #expect(wrong(report).filter { $0.hasPrefix("DNS") }.count == 2)
    }
  }

  @Test func anUnknownTimeServerIsNamed() async throws {
    try await GatewayLab.with { lab in
      try lab.write("etc/chrony.conf", "server tine.lab.example iburst\n")
      let report = await lab.report()
      let name = text(report, .name)
      #expect(name?.hasPrefix("tine.lab.example is not known (10.0.4.2: ") == true, "\(name ?? "")")
      #expect(report.lines.first { $0.id.rung == .name }?.state.isBad == true)
    }
  }

  @Test func aClockThatIsWrongIsNamed() async throws {
    try await GatewayLab.with { lab in
      let clock = try await LabServer.time(ahead: 400, by: lab.maker(of: "far"))
      let report = await lab.report()
      #expect(text(report, .time) == "the clock is 6 minutes behind time.lab.example")
      withExtendedLifetime(clock) {}
    }
  }

  // MARK: Packet sizes

  @Test func aGatewayThatTakesLessIsNamed() async throws {
    try await GatewayLab.with { lab in
      try await lab.inside("gate", "ip", "link", "set", "lan", "mtu", "1400")
      let report = await lab.report()
      // The kernel lets four bytes more through, for the tag of a VLAN.
      let found = "packets of more than 1404 bytes do not reach the gateway, though the MTU of xenbr0 is 1500"
      #expect(text(report, .mtu) == found)
      #expect(text(report, .mtu, "IPv6") == found)
    }
  }

  @Test(arguments: ["10.9.0.2", "fd00:9::2"]) func aBlackHoleBeyondTheGatewayIsNamed(far: String) async throws {
    try await GatewayLab.with { lab in
      try lab.write("etc/resolv.conf", "nameserver \(far)\n")
      // What is too long for it is dropped at the far end of the cable, and nobody says so.
      try await lab.inside("far", "ip", "link", "set", "far0", "mtu", "1400")
      let report = await lab.report()
      #expect(text(report, .mtu, "beyond") == "packets of more than 1404 bytes to \(far) vanish")
      #expect(text(report, .mtu) == "packets of 1500 bytes reach the gateway")
    }
  }

  @Test(arguments: ["10.9.0.2", "fd00:9::2"]) func aShorterPathThatSaysSoIsNoFault(far: String) async throws {
    try await GatewayLab.with { lab in
      try lab.write("etc/resolv.conf", "nameserver \(far)\n")
      try await lab.inside("gate", "ip", "link", "set", "wan", "mtu", "1400")
      let report = await lab.report()
      // It has two addresses here, and may speak from either.
      let gate = far.contains(":") ? "fd00:4::" : "10.0.4."
      let found = text(report, .mtu, "beyond")
      #expect(found?.hasPrefix("packets of 1400 bytes reach \(far), and \(gate)") == true, "\(found ?? "")")
    }
  }

  // MARK: Routes

  @Test func routesThatLeadAstrayAreNamed() async throws {
    try await GatewayLab.with(ipv6: false) { lab in
      try await lab.run("ip", "route", "del", "default")
      let report = await lab.report()
      #expect(text(report, .route) == "no default route: this host reaches its own networks only")
      try await lab.run("ip", "route", "add", "default", "via", "10.0.5.1", "dev", "xenbr0", "onlink")
      let later = await lab.report()
      #expect(text(later, .route) == "the gateway 10.0.5.1 is not in the network of 10.0.4.12/24")
    }
  }

  // MARK: Any address

  @Test func anyAddressOrNameCanBeTested() async throws {
    try await GatewayLab.with { lab in
      let server = try await LabServer.tcp(port: 443, by: lab.maker(of: "far"))
      let doctor = Doctor(lab.system, client: nil, probes: lab.probes, timing: GatewayLab.timing)
      let good = await doctor.test(try DoctorTarget(parsing: "time.lab.example:443"))
      #expect(wrong(good) == [])
      #expect(text(good, .resolve)?.hasPrefix("time.lab.example is 10.9.0.2, fd00:9::2 (by 10.0.4.2") == true)
      #expect(text(good, .connect)?.hasPrefix("port 443 of 10.9.0.2 accepts connections") == true)
      let shut = await doctor.test(try DoctorTarget(parsing: "[fd00:9::2]:22"))
      #expect(text(shut, .echo)?.hasPrefix("5 of 5 answered") == true)
      #expect(text(shut, .connect) == "port 22 of fd00:9::2 refuses connections")
      let gone = await doctor.test(try DoctorTarget(parsing: "10.0.4.99"))
      #expect(text(gone, .neighbour) == "10.0.4.99 does not answer on the link of xenbr0")
      let unknown = await doctor.test(try DoctorTarget(parsing: "nobody.lab.example"))
      #expect(text(unknown, .resolve)?.hasPrefix("nobody.lab.example is not known") == true)
      #expect(text(unknown, .echo) == "not tried: the name is not known")
      withExtendedLifetime(server) {}
    }
  }
}
