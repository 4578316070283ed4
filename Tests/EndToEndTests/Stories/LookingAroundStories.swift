import EndToEndSupport
import Testing

extension Stories {
  /// Somebody looks around on a host where all is well, or nearly.
  @Suite struct LookingAround {
    @Test(arguments: Screen.all)
    func startAndStatus(_ screen: Screen) async throws {
      let scene = try Scene("pool", screen)
      let console = scene.console
      try await console.sees("xcp1", "coordinator of \"Rack 4\"", "10.0.4.11 bond0 2/2", "XAPI ok")
      try await console.sees("Management  10.0.4.11/24", "Gateway", "DNS", "eth3 has no link, but 2 VMs")
      try console.press("1")
      try await console.sees("Up/Down choose, scroll", "Look at", "10.0.4.1")
      // What deserves a look is chosen already: Enter goes to the interface.
      try console.press("Enter")
      try await console.sees("Network interfaces: 17")
      try await console.seesRow(">eth3", "DOWN", "!")
      try console.press("Escape")
      try await console.sees(">2 Network interfaces")
      try console.press("q")
      #expect(try await console.ends() == 0)
    }

    @Test(arguments: Screen.all)
    func interfaces(_ screen: Screen) async throws {
      let scene = try Scene("pool", screen)
      let console = scene.console
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.sees("Network interfaces: 17")
      try await console.seesRow(">bond0", "2/2", "b0:26:28:", "MANAGEMENT", "10.0.4.11/24")
      try await console.seesRow("VLAN 90", "IP", "10.0.90.11/24")
      try await console.sees("bond of eth0 and eth1, LACP")
      if screen.columns >= 160 { try await console.seesRow("Device", "Network", "Card") }
      // A filter, kept, and the details of what it left.
      try console.press("/")
      try console.type("eth3")
      try await console.sees("1 of 17")
      try await console.seesRow(">eth3", "DOWN")
      try console.press("Enter", "Enter")
      try await console.sees("DOWN: no carrier", "Storage B", "UUID")
      // Its network, and back through where we came from.
      try console.press("Enter")
      try await console.sees("Networks, VLANs and bonds: 19")
      try await console.seesRow(">Storage B", "eth3")
      try console.press("Escape")
      try await console.sees(">3 Networks, VLANs and bonds")
    }

    @Test(arguments: Screen.all)
    func networks(_ screen: Screen) async throws {
      let scene = try Scene("pool", screen)
      let console = scene.console
      try await console.sees("XAPI ok")
      try console.press("3")
      try await console.sees("Networks, VLANs and bonds: 19")
      try await console.seesRow(">Backup", "VLAN 90 on bond0", "xapi10")
      try await console.sees("Nightly, 01:00 to 05:00")
      try console.press("/")
      try console.type("wi-fi")
      try await console.seesRow(">Guest Wi-Fi", "VLAN 50")
      try console.press("Escape")
      try await console.seesRow("Backup", "VLAN 90")
      // The choice stays with the thing.
      try await console.seesRow(">Guest Wi-Fi")
      try console.press("Enter")
      try await console.sees("Description", "Bridge", "portal-wifi", "Locking")
      try console.press("Escape")
      try await console.seesRow(">Guest Wi-Fi")
    }

    @Test(arguments: Screen.sizes)
    func findGoesThere(_ screen: Screen) async throws {
      let scene = try Scene("pool", screen)
      let console = scene.console
      try await console.sees("XAPI ok")
      for (words, what, place) in [
        ("10.0.90.11", ">interface", "> VLAN 90"), ("gitlab", ">VM", "Networks, VLANs and bonds: 19"),
        ("dmz", ">network", ">DMZ"), ("interf men", ">menu", "Network interfaces: 17"),
      ] {
        try console.press("/")
        try await console.sees("Interfaces, networks, VMs, addresses, menu items.")
        try console.type(words)
        try await console.seesRow(what)
        try console.press("Enter")
        try await console.sees(place)
        try console.press("Escape")
        try await console.sees("q quit")
      }
      try console.press("/")
      try console.type("no such thing")
      try await console.sees("Nothing matches \"no such thing\".")
      try console.press("Escape")
      try await console.sees("q quit")
    }

    @Test(arguments: Screen.all)
    func help(_ screen: Screen) async throws {
      let lonely = try LonelyConsole(screen)
      let console = lonely.console
      try await console.sees("q quit")
      try console.press("?")
      try await console.sees("Help: Console", "Keys that work everywhere", "Ctrl-L")
      try console.press("Escape")
      try await console.loses("Keys that work everywhere")
      // It is about the screen it was asked on.
      try console.press("2")
      try await console.sees("Network interfaces: 0")
      try console.press("?")
      try await console.sees("Help: Network interfaces", "NICs, bonds, VLANs and tunnels")
      try console.press("Escape")
      try await console.sees("Network interfaces: 0")
    }

    /// Arrows as the terminal sends them, letters, and the digits that a colleague on the phone says.
    @Test(arguments: Screen.all)
    func movingInTheMenu(_ screen: Screen) async throws {
      let lonely = try LonelyConsole(screen)
      let console = lonely.console
      try await console.sees(">1 Status")
      try console.press("Down")
      try await console.sees(">2 Network interfaces")
      try console.press("j")
      try await console.sees(">3 Networks")
      try console.press("Up", "k")
      try await console.sees(">1 Status")
      try console.press("End")
      try await console.sees(">  Leave")
      try console.press("Home")
      try await console.sees(">1 Status")
      try console.press("Right")
      try await console.sees("Up/Down choose, scroll")
      try console.press("Left")
      try await console.sees("q quit")
      // One Esc too many does not end the console.
      try console.press("Escape", "Escape")
      try console.press("2")
      try await console.sees("Network interfaces: 0")
      #expect(console.isRunning)
      try console.press("C-c")
      #expect(try await console.ends() == 0)
    }

    @Test(arguments: Screen.sizes)
    func member(_ screen: Screen) async throws {
      let scene = try Scene("member", screen)
      let console = scene.console
      try await console.sees("xcp2", "member of xcp1 10.0.4.11", "10.0.4.12 bond0 2/2", "XAPI ok")
      try console.press("1")
      try await console.sees("member of \"Rack 4\"", "Coordinator")
    }

    @Test(arguments: Screen.sizes)
    func stranded(_ screen: Screen) async throws {
      let scene = try Scene("stranded", screen)
      let console = scene.console
      try await console.sees("NO ADDRESS bond0 NO LINK")
      try await console.sees("bond0 (management) has no link.", "No management address on bond0")
      try console.press("1", "Enter")
      try await console.seesRow(">bond0", "MANAGEMENT")
    }

    @Test(arguments: Screen.sizes)
    func emergency(_ screen: Screen) async throws {
      let scene = try Scene("emergency", screen)
      let console = scene.console
      try await console.sees("XAPI cut off 0:")
      try await console.sees("HOST_HAS_NO_MANAGEMENT_IP")
      try console.press("2")
      try await console.sees("Network interfaces: 0")
    }

    /// Hundreds of interfaces on one host, tens of thousands in the pool.
    @Test func large() async throws {
      let scene = try Scene("large", Screen(80, 24, "linux"))
      let console = scene.console
      let took = try await console.sees("XAPI ok")
      print("large: on screen after \(took) (debug build)")
      try console.press("2")
      try await console.sees("Network interfaces: 409")
      let first = try console.rows()
      for _ in 0..<3 { try console.press("NPage") }
      try await console.waits(for: "another page") { $0 != first && $0.contains { $0.holds("▲") } }
      try console.press("End")
      try await console.waits(for: "the last page") { rows in
        rows.contains { $0.holds("▲") } && !rows.contains { $0.holds("▼") }
      }
      try console.press("Home")
      try await console.waits(for: "the first page") { $0[2..<14] == first[2..<14] }
      try console.press("Escape", "3")
      try await console.sees("Networks, VLANs and bonds: 4")
    }
  }
}
