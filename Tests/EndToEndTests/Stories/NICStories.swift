import EndToEndSupport
import JSON
import Testing

extension Stories {
  /// Which port is this cable?
  @Suite struct LookingAtNICs {
    @Test(arguments: Screen.sizes)
    func detailsOfANIC(_ screen: Screen) async throws {
      let place = try Distant("standalone")
      let console = try place.console(screen)
      try await console.sees("XAPI ok")
      try console.press("2", "/")
      try console.type("eth1")
      try console.press("Enter", "Enter")
      try await console.sees("up, 1 Gb/s, full duplex, autonegotiation on", "sw-r4-b, port GigabitEthernet1/0/8", "jenkins")
      // Parts come one by one: the end is further down with each.
      for _ in 0..<100 where try !console.rows().contains(where: { $0.holds("rx_crc_errors 17") }) {
        try console.press("End")
        try await Task.sleep(for: .milliseconds(50))
      }
      try await console.sees("on: rx tx sg tso gso gro", "rx_crc_errors 17")
      // What goes over it moves, and so do its errors.
      try await console.waits(for: "traffic") { rows in rows.contains { $0.holds("rx ") && $0.holds("Mb/s") } }
      try place.host.steer(["errors": ["device": "eth1", "rate": 5]])
      try await console.waits(for: "errors") { rows in
        rows.contains { $0.holds("errors rx ") && !$0.holds("errors rx 0 ") } || rows.contains { $0.holds("errors and drops +") && !$0.holds("+0/s") }
      }
      try console.press("Escape")
      try await console.seesRow(">eth1")
    }

    @Test(arguments: [Screen(80, 24, "vt100"), Screen(160, 50)])
    func pullingACable(_ screen: Screen) async throws {
      let place = try Distant("many-nics")
      let console = try place.console(screen)
      try await console.sees("XAPI ok")
      try console.press("2", "w")
      try await console.sees("Links: 11 of 16 up")
      try await console.seesRow("eth14", "off", "NOT IN XAPI")
      try place.host.steer(["carrier": ["device": "eth6", "up": false]])
      try await console.seesRow("* eth6", "DOWN", " 1 ")
      try await console.sees("Links: 10 of 16 up")
      // In and out again faster than anybody looks: the kernel has counted.
      try place.host.steer(["carrier": ["device": "eth6", "up": true]])
      try place.host.steer(["carrier": ["device": "eth6", "up": false]])
      try await console.seesRow("eth6", "DOWN", " 3 ")
      try console.press("o", "Home")
      try await console.waits(for: "eth6 on top") { $0.count > 3 && $0[3].holds("eth6") }
      try console.press("Enter")
      try await console.sees("DOWN: no carrier", "out of reach: without a link")
    }

    @Test(arguments: Screen.sizes)
    func findingAPortByItsLight(_ screen: Screen) async throws {
      let place = try Distant("standalone")
      let console = try place.console(screen)
      try await console.sees("XAPI ok")
      try console.press("2", "/")
      try console.type("eth0")
      try console.press("Enter", "Enter", "b")
      try await console.sees("The light of eth0 is blinking.", "by itself in 0:2")
      #expect(try place.lights() == 1)
      // Not this one: the light goes along.
      try console.press("n")
      try await console.sees("The light of eth1 is blinking.")
      #expect(try place.lights() == 1)
      try console.press("Escape")
      try await console.sees("Traffic over")
      try await place.waits("the light's end", within: .seconds(10)) { try place.lights() == 0 }
      // Whoever leaves the console leaves no light behind.
      try console.press("b")
      try await console.sees("The light of eth0 is blinking.")
      try console.press("C-c")
      _ = try await console.ends()
      try await place.waits("the light's end", within: .seconds(10)) { try place.lights() == 0 }
    }

    @Test func onTheCommandLine() async throws {
      let place = try Distant("many-nics")
      let list = try place.run("nic", "list")
      #expect(list.ending == .exited(0))
      #expect(list.output.split(separator: "\n").count == 17)
      #expect(list.output.holds("side-1842-eth15  off"))
      let entries = try JSONValue(parsing: Array(try place.run("nic", "list", "--json").output.utf8))["nics"]?.array ?? []
      #expect(entries.count == 16 && entries.first?["management"] == true && entries.first?["link"] == "up")

      let shown = try place.run("nic", "show", "eth7")
      #expect(shown.ending == .exited(0) && shown.output.holds("sw-r4-b, port TwentyFiveGigE1/0/14"))
      // With XAPI down as well.
      try place.host.steer(["fault": "refuse"])
      let json = try JSONValue(parsing: Array(try place.run("nic", "show", "eth7", "--json").output.utf8))
      #expect(json["driver"]?["name"] == "mlx5_core" && json["neighbour"]?["vlan"] == 40 && json["carrier"] == true)
      let saved = try place.run("nic", "list")
      #expect(saved.ending == .exited(0) && saved.error.holds("XAPI does not answer: networks and users are from this host's own files"))
      #expect(try JSONValue(parsing: Array(try place.run("nic", "list", "--json").output.utf8))["xapi"] == false)
      #expect(try place.run("nic", "show", "eth77").ending == .exited(1))

      #expect(try place.run("nic", "blink", "eth14").ending == .exited(1))
      let blink = try place.run("nic", "blink", "eth0", "--seconds", "1")
      #expect(blink.ending == .exited(0) && blink.output.holds("has stopped"))
      #expect(try place.run("nic", "blink", "eth0", "--seconds", "0").ending == .exited(2))
      let watch = try place.run("nic", "watch", "--seconds", "1", "--json")
      #expect(watch.ending == .exited(0) && watch.output.split(separator: "\n").count == 16)
    }
  }
}

extension Distant {
  /// How many ports' lights blink.
  func lights() throws -> Int64 {
    let answer = try UnixHTTP.post("/simulate", Array(#"{"lights": null}"#.utf8), to: folder.path + "/tools")
    return try JSONValue(parsing: answer.body)["changed"]?.int ?? -1
  }
}
