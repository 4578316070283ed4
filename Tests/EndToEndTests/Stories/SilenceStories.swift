import EndToEndSupport
import Testing

extension Stories {
  /// XAPI is away, hangs, restarts or talks nonsense; the person at the console never waits for it.
  @Suite struct Silence {
    @Test(arguments: Screen.all)
    func absentAtFirst(_ screen: Screen) async throws {
      let lonely = try LonelyConsole(screen)
      let console = lonely.console
      try await console.sees("XAPI down 0:", "Nothing is known from XAPI yet.")
      try console.press("2")
      try await console.sees("Nothing is known of this host's interfaces yet.")
      let host = try HostProcess("standalone", folder: lonely.folder)
      try await console.sees("XAPI ok", "Network interfaces: 4")
      try await console.seesRow(">eth0", "MANAGEMENT")
      withExtendedLifetime(host) {}
    }

    /// The clock in the header runs while XAPI is away, and `r` asks again.
    @Test func theClockRuns() async throws {
      let lonely = try LonelyConsole()
      let console = lonely.console
      try await console.sees("XAPI down 0:01")
      try await console.sees("XAPI down 0:02")
      try console.press("r")
      try await console.sees("XAPI down 0:03")
    }

    @Test(arguments: Screen.sizes)
    func hungFromTheStart(_ screen: Screen) async throws {
      let scene = try Scene("standalone", screen, options: ["--fault", "hang"])
      let console = scene.console
      try await console.sees("XAPI silent 0:", "XAPI does not answer; still waiting.")
      try await answers(console)
      try scene.host.steer(["fault": .null])
      try console.press("r")
      try await console.sees("XAPI ok", "10.0.4.11/24")
    }

    /// What was known stays, with its age, and every key works.
    @Test func hungInTheMiddle() async throws {
      let scene = try Scene("standalone", Screen(80, 24, "linux"))
      let console = scene.console
      try await console.sees("XAPI ok")
      try scene.host.steer(["fault": "hang"])
      try console.press("2")
      try await console.seesRow(">eth0", "MANAGEMENT")
      try console.press("Escape")
      try await answers(console)
      try await console.sees("XAPI silent", "Shown is what was known at")
      try await answers(console)
      try console.press("2")
      try await console.seesRow(">eth0", "10.0.4.11/24")
      try scene.host.steer(["fault": .null])
      try console.press("r")
      try await console.sees("XAPI ok")
      try await console.loses("Shown is what was known at")
    }

    /// `xe-toolstack-restart`: silent for a while, then live again by itself.
    @Test(arguments: Screen.sizes)
    func restarted(_ screen: Screen) async throws {
      let scene = try Scene("standalone", screen)
      let console = scene.console
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.seesRow(">eth0", "10.0.4.11/24")
      try scene.host.steer(["restart": ["seconds": 2]])
      try await console.sees("XAPI down", "Shown is what was known at")
      try await console.seesRow(">eth0", "10.0.4.11/24")
      try await console.sees("XAPI ok")
      try await console.loses("Shown is what was known at")
      // Live indeed: sessions and tokens of before are worth nothing.
      try scene.host.steer(["carrier": ["device": "eth1", "up": false]])
      try await console.seesRow("eth1", "DOWN")
    }

    @Test func killedAndStartedAgain() async throws {
      let folder = try ScratchFolder()
      let first = try HostProcess("standalone", folder: folder)
      let console = try Console.start(Screen(), Console.arguments(socket: first.socket, root: folder))
      try await console.sees("XAPI ok")
      first.stop()
      try await console.sees("XAPI down", "Shown is what was known at", "10.0.4.11/24")
      let second = try HostProcess("pool", folder: folder)
      // Another host altogether: nothing of the first is left.
      try await console.sees("XAPI ok", "coordinator of \"Rack 4\"")
      try console.press("2")
      try await console.sees("Network interfaces: 17")
      withExtendedLifetime(second) {}
    }

    @Test(arguments: ["close", "garbage", "http500", "slow", "refuse"])
    func misbehaving(_ fault: String) async throws {
      let scene = try Scene("standalone", options: ["--fault", fault])
      let console = scene.console
      try await console.sees(fault == "refuse" ? "XAPI down 0:" : "XAPI silent 0:")
      try await answers(console)
      #expect(console.isRunning)
    }

    /// Each key is answered while XAPI is not there to ask. How fast is printed.
    private func answers(_ console: Session) async throws {
      var times: [Duration] = []
      for (key, sign) in [
        ("Home", ">1 Status"), ("Down", ">2 Network"), ("Down", ">3 Networks"),
        ("9", "Interfaces, networks, VMs"), ("Escape", ">9 Find"),
        ("Up", ">8 Recent"), ("?", "Keys that work everywhere"), ("Escape", ">8 Recent"), ("Home", ">1 Status"),
      ] {
        try console.press(key)
        times.append(try await console.sees(sign))
      }
      let texts = times.map { "\(Int($0.seconds * 1000))" }.joined(separator: " ")
      print("keys answered while XAPI was not, within ms: \(texts) (\(console.screen))")
    }
  }
}
