import Testing

@testable import HostNetworking

/// Each question to the network, asked of a real one.
@Suite(.serialized, .enabled(if: LabParts.mayRun, LabParts.comment)) struct RealProbeTests {
  private func address(_ text: String) throws -> InternetAddress { try InternetAddress(parsing: text) }

  @Test func theLinkTellsWhoHasAnAddress() async throws {
    try await GatewayLab.with { lab in
      let probes = lab.probes
      let mac = try await lab.inside("gate", "cat", "/sys/class/net/lan/address").split(separator: "\n").map { String($0) }[0]
      for text in ["10.0.4.1", "fd00:4::1"] {
        let target = try address(text)
        guard case .answers(let first, others: []) = await probes.answers(gateway: target, on: ProbeLink("xenbr0")) else {
          Issue.record("\(text) does not answer")
          continue
        }
        #expect(first.mac == mac)
        #expect(first.tag == nil)
        guard case .taken(let found) = await probes.duplicate(of: target, on: ProbeLink("xenbr0")) else {
          Issue.record("\(text) counts as free")
          continue
        }
        #expect(found.map(\.mac) == [mac])
        // From a card without addresses as well: before a change there is none.
        #expect(await probes.duplicate(of: target, on: ProbeLink("eth0")) != .free)
      }
      // Our own address is nobody else's, and an unused one is free.
      for text in ["10.0.4.12", "fd00:4::12", "10.0.4.77", "fd00:4::77"] {
        #expect(await probes.duplicate(of: try address(text), on: ProbeLink("xenbr0"), limit: .milliseconds(500)) == .free)
      }
      #expect(
        await probes.answers(gateway: try address("10.0.4.77"), on: ProbeLink("xenbr0"), limit: .milliseconds(400)) == .silent)
    }
  }

  @Test func twoThatAnswerAreBothTold() async throws {
    try await GatewayLab.with(ipv6: false) { lab in
      try await lab.inside("peer", "ip", "addr", "add", "10.0.4.1/24", "dev", "nic")
      guard case .answers(_, let others) = await lab.probes.answers(gateway: try address("10.0.4.1"), on: ProbeLink("xenbr0"))
      else {
        Issue.record("nobody answers")
        return
      }
      #expect(others.count == 1)
    }
  }

  @Test func whatCannotBeAskedIsSaid() async throws {
    try await GatewayLab.with(ipv6: false) { lab in
      let target = try address("10.0.4.1")
      #expect(await lab.probes.duplicate(of: target, on: ProbeLink("eth7")) == .notAsked("there is no device eth7"))
      try await lab.run("ip", "link", "set", "xenbr0", "down")
      #expect(await lab.probes.answers(gateway: target, on: ProbeLink("xenbr0")) == .notAsked("xenbr0 is down"))
    }
  }

  @Test func tagsAreSentAndRead() async throws {
    try await GatewayLab.with(served: 20) { lab in
      let probes = lab.probes
      for text in ["10.0.4.1", "fd00:4::1"] {
        let target = try address(text)
        guard case .answers(let found) = await probes.tags(
          answering: target, on: "eth0", asking: [nil, 10, 20, 30], limit: .seconds(2))
        else {
          Issue.record("\(text) does not answer")
          continue
        }
        #expect(found.map(\.tag) == [20])
        #expect(await probes.answers(gateway: target, on: ProbeLink("eth0", tag: 10), limit: .milliseconds(400)) == .silent)
        guard case .answers(let first, _) = await probes.answers(gateway: target, on: ProbeLink("eth0", tag: 20)) else {
          Issue.record("\(text) does not answer with its tag")
          continue
        }
        #expect(first.tag == 20)
        #expect(await probes.duplicate(of: target, on: ProbeLink("eth0", tag: 20)) != .free)
        #expect(await probes.duplicate(of: target, on: ProbeLink("eth0", tag: 30), limit: .milliseconds(400)) == .free)
      }
    }
  }

  @Test func echoesAreCounted() async throws {
    try await GatewayLab.with { lab in
      for text in ["10.9.0.2", "fd00:9::2"] {
        var request = EchoRequest(try address(text), count: 4)
        request.interval = .milliseconds(20)
        request.size = 1000
        let answer = await lab.probes.echo(request)
        #expect(answer.sent == 4 && answer.received == 4 && answer.problem == nil)
        #expect((answer.shortest ?? .zero) <= (answer.longest ?? .zero))
        // Nobody there: a router on the way says so, or nobody says anything.
        var lost = EchoRequest(try address(text.contains(":") ? "fd00:77::1" : "10.77.0.1"))
        lost.patience = .milliseconds(300)
        let none = await lab.probes.echo(lost)
        #expect(none.received == 0 && none.sent == 1)
      }
      try await lab.run("ip", "route", "del", "default")
      let answer = await lab.probes.echo(EchoRequest(try address("10.9.0.2")))
      #expect(answer.problem == .notSent("Network is unreachable"))
    }
  }

  @Test func aRouterThatKnowsNoWayIsQuoted() async throws {
    try await GatewayLab.with { lab in
      for (text, gate) in [("10.77.0.1", "10.0.4."), ("fd00:77::1", "fd00:4::")] {
        var request = EchoRequest(try address(text))
        request.patience = .seconds(3)
        guard case .unreachable(let by?, let reason)? = await lab.probes.echo(request).problem else {
          Issue.record("nobody said anything of \(text)")
          continue
        }
        #expect("\(by)".hasPrefix(gate))
        #expect(reason == "no route to its network")
      }
    }
  }

  @Test func pathsAreMeasured() async throws {
    try await GatewayLab.with { lab in
      try await lab.inside("gate", "ip", "link", "set", "wan", "mtu", "1300")
      for text in ["10.9.0.2", "fd00:9::2"] {
        let found = await lab.probes.pathMTU(to: try address(text), PathMTURequest(most: 1500))
        guard case .limited(1300, by: _?) = found else {
          Issue.record("\(text): \(found)")
          continue
        }
      }
      // Longer than the device itself takes: the kernel says so at once.
      #expect(await lab.probes.pathMTU(to: try address("10.0.4.1"), PathMTURequest(most: 9000)) == .limited(to: 1500, by: nil))
    }
  }

  // MARK: Names, time, connections

  @Test func nameServersAreUnderstood() async throws {
    try await GatewayLab.with { lab in
      func ask(_ name: String, _ kind: DNSQuestion.Kind = .a, at server: String = "10.0.4.2") async throws -> DNSReply? {
        guard case .reply(let reply) = await lab.probes.dns(DNSQuestion(name, kind), at: try address(server)) else { return nil }
        return reply
      }
      let plain = try await ask("time.lab.example")
      #expect(plain?.addresses == [try address("10.9.0.2")])
      #expect(plain?.alias == nil && plain?.code == 0 && plain?.overTCP == false)
      #expect(try await ask("TIME.lab.Example.", .aaaa, at: "fd00:4::2")?.addresses == [try address("fd00:9::2")])
      let alias = try await ask("alias.lab.example")
      #expect(alias?.addresses == [try address("10.9.0.2")])
      #expect(alias?.alias == "time.lab.example")
      #expect(try await ask("nobody.lab.example")?.code == 3)
      // Too long for a datagram: asked for again over TCP.
      let many = try await ask("many.lab.example")
      #expect(many?.addresses.count == 60)
      #expect(many?.overTCP == true)
      #expect(await lab.probes.dns(DNSQuestion("a..b"), at: try address("10.0.4.2")) == .notAsked("a..b is not a domain name"))
      #expect(
        await lab.probes.dns(.root, at: try address("10.0.4.30")) == .silent("no name server runs there"))
    }
  }

  @Test func timeServersAreUnderstood() async throws {
    try await GatewayLab.with { lab in
      let server = try await LabServer.time(ahead: -90, by: lab.maker(of: "far"))
      for text in ["10.9.0.2", "fd00:9::2"] {
        guard case .reply(let reply) = await lab.probes.time(of: try address(text)) else {
          Issue.record("\(text) is silent")
          continue
        }
        #expect(reply.stratum == 2 && !reply.isUnsynchronized)
        #expect(abs(reply.offset + 90) < 1)
      }
      #expect(await lab.probes.time(of: try address("10.0.4.1"), limit: .seconds(2)) == .silent("no time server runs there"))
      withExtendedLifetime(server) {}
    }
  }

  @Test func connectionsAreTried() async throws {
    try await GatewayLab.with { lab in
      let server = try await LabServer.tcp(port: 443, by: lab.maker(of: "far"))
      for text in ["10.9.0.2", "fd00:9::2"] {
        guard case .connected = await lab.probes.tcp(try address(text), port: 443) else {
          Issue.record("\(text) accepts no connection")
          continue
        }
        guard case .refused = await lab.probes.tcp(try address(text), port: 444) else {
          Issue.record("\(text) does not refuse")
          continue
        }
      }
      try await lab.inside("far", "ip", "link", "set", "far0", "down")
      let silent = await lab.probes.tcp(try address("10.9.0.2"), port: 443, limit: .milliseconds(300))
      if case .silent = silent {} else { Issue.record("\(silent)") }
      withExtendedLifetime(server) {}
    }
  }

  @Test func aQuestionEndsAtOnceWhenNobodyWantsToKnow() async throws {
    try await GatewayLab.with(ipv6: false) { lab in
      let target = try address("10.0.4.99")
      let asked = Task { await lab.probes.answers(gateway: target, on: ProbeLink("xenbr0"), limit: .seconds(3600)) }
      try await Task.sleep(for: .milliseconds(50))
      asked.cancel()
      #expect(await asked.value == .silent)
    }
  }
}
