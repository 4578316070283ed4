import Dom0
import TerminalUI
import TestSupport
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// Routes, addresses and the path to storage, as frames.
@Suite struct RouteScreenTests {
  private static let sizes = [Size(columns: 80, rows: 22), Size(columns: 160, rows: 48)]

  private static func row(_ text: String, _ state: RouteTable.State, network: String? = "u1", name: String = "Storage A") -> RouteTable.Row {
    let item = RouteItem(text)
    return RouteTable.Row(
      network: network, name: name, bridge: "xenbr2", interface: "eth2", text: text, route: item.route, state: state, meant: item.meant,
      elsewhere: item.route == nil ? [] : ["xcp2: 10.0.20.12/24, gateway within reach"])
  }

  private static func table(_ rows: [RouteTable.Row], silence: String? = nil) -> RouteTable {
    var table = RouteTable(RouteFacts(kernel: .success([])))
    table.rows = rows
    table.silence = silence
    table.networks = [RouteTable.Network(uuid: "u1", name: "Storage A", bridge: "xenbr2", interface: "eth2", address: "10.0.20.11/24", isFit: true)]
    return table
  }

  private static let mixed = [
    row("10.40.0.0/16/10.0.20.1", .inForce), row("10.41.0.0/16/10.0.20.1", .missing("not applied on this host yet")),
    row("10.42.0.0/255.255.0.0/10.0.20.1", .bad(.voids("255.255.0.0 is not a length in digits, such as 24"))),
    row("10.43.0.0/16/10.0.20.9", .leftOver, network: nil),
  ]

  @Test(arguments: sizes) func everyStateHasAWordAndTheChosenOneAReason(_ size: Size) {
    var page = Page(RoutesScreen(), size: size)
    #expect(page.screen.errand.map { "\($0)".hasPrefix("routes") } == true)
    page.hears(.routes(.table(Self.table(Self.mixed))))
    #expect(page.has("10.40.0.0/16", "10.0.20.1", "in force", "Storage A"))
    #expect(page.has("10.41.0.0/16", "NOT SET"))
    #expect(page.has("10.42.0.0/255.255", "BAD"))
    #expect(page.has("10.43.0.0/16", "left over"))
    page.press(.down)
    #expect(page.has("NOT SET: not applied on this host yet.") && page.has("Elsewhere", "xcp2: 10.0.20.12/24"))
    page.press(.down)
    #expect(page.has("surely 10.42.0.0/16/10.0.20.1: m mends it"))
    #expect(size.columns < 160 || page.has("Why"))
  }

  @Test func keysLeadToTheReviewOfWhatTheySay() {
    var page = Page(RoutesScreen())
    page.hears(.routes(.table(Self.table(Self.mixed))))
    page.press(.character("-"))
    #expect(page.intent == .routes(.change(RouteRequest(network: "u1", drops: ["10.40.0.0/16/10.0.20.1"]))))
    page.press(.character("p"))
    #expect(page.intent == .routes(.apply(network: "u1", .plug)))
    page.press(.down, .down, .character("m"))
    #expect(page.intent == .routes(.change(RouteRequest(network: "u1", mends: true))))
    page.press(.down, .character("x"))
    guard case .routes(.clear(let routes))? = page.intent else {
      Issue.record("nothing is deleted")
      return
    }
    #expect(routes.map { "\($0)" } == ["10.43.0.0/16 via 10.0.20.9 on xenbr2"])
    // What only the kernel has cannot be taken from a record.
    page.press(.character("-"))
    #expect(page.intent == nil)
  }

  @Test(arguments: sizes) func nothingAndSilenceAreSaid(_ size: Size) {
    var page = Page(RoutesScreen(), size: size)
    #expect(page.has("Looking ..."))
    page.hears(.routes(.table(Self.table([]))))
    #expect(page.has("There are no static routes"))
    page.hears(.routes(.table(Self.table([], silence: "connection refused"))))
    #expect(page.text.contains("XAPI does not answer"))
    page.press(.character("+"))
    #expect(page.intent == nil)
  }

  @Test(arguments: sizes) func aRouteIsAskedForAndCheckedWhileItIsTyped(_ size: Size) {
    var page = Page(RouteFormScreen(Self.table([]).networks, network: "u1", hosts: 1), size: size)
    // Nothing in an empty field looks like a value, and one host has no pool to tell.
    #expect(page.has("Gateway", "a router there") && !page.text.contains("10.20.0.0") && !page.text.contains("Pool "), "\(page.text)")
    #expect(Page(RouteFormScreen(Self.table([]).networks, network: "u1", hosts: 3), size: size).has("Pool", "every host of the pool"))
    #expect(page.has("Storage A (eth2, 10.0.20.11/24)") && page.has("the gateway must be in that network"))
    page.press(.tab)
    page.type("10.40.0.5/16")
    page.press(.tab)
    #expect(page.text.contains("the first address of that network is 10.40.0.0"))
    page.press(.backTab)
    for _ in 0..<20 { page.press(.backspace) }
    page.type("10.40.0.0/16")
    page.press(.tab)
    page.type("10.0.20.1")
    page.press(.enter, .enter)
    #expect(page.intent == .routes(.change(RouteRequest(network: "u1", adds: [RouteItem("10.40.0.0/16/10.0.20.1").route!]))))
  }

  @Test(arguments: sizes) func aPathTestTellsLineByLine(_ size: Size) throws {
    let test = PathTest(own: nil, target: try #require(InternetAddress("10.0.20.100")), mtu: 9000)
    var page = Page(PathTestScreen(test, on: "VLAN 20 on eth2"), size: size)
    guard case .addresses(.test(_, let run))? = page.screen.errand else {
      Issue.record("nothing is asked")
      return
    }
    #expect(page.has("Asking ..."))
    let line = PathTest.Line(name: "Packet size", text: "1500 bytes arrive, 1504 vanish without a word", verdict: .bad)
    page.hears(.addresses(.tested(PathTest.Result(lines: [line], isOver: true), run: run)))
    #expect(page.has("!!", "Packet size") && page.has("Something is wrong"))
  }
}
