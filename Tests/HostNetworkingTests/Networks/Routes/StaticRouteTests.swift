import Testing

@testable import HostNetworking

/// The grammar of `other-config:static-routes`: what XAPI reads, what voids it, what was meant.
@Suite struct StaticRouteTests {
  @Test(arguments: ["10.88.0.0/14/10.88.113.193", "10.0.0.0/24/192.168.1.1", "192.0.2.7/32/10.0.4.1", "0.0.0.0/0/10.0.4.1", "10.0.0.0/8/10.0.4.1"])
  func whatIsRightStaysAsItIs(_ text: String) throws {
    let item = RouteItem(text)
    #expect(item.problem == nil && item.meant == nil)
    #expect(try #require(item.route).item == text)
  }

  /// XAPI cannot read them, and drops the whole list.
  @Test(arguments: [
    ("", nil), ("10.0.0.0/8", nil), ("10.0.0.0/8/10.0.4.1/x", nil), (" 10.0.0.0/8/10.0.4.1", "10.0.0.0/8/10.0.4.1"),
    ("10.0.0.0 /8/10.0.4.1", "10.0.0.0/8/10.0.4.1"), ("10.0.0.0/255.0.0.0/10.0.4.1", "10.0.0.0/8/10.0.4.1"),
    ("10.0.0.5/255.255.255.0/10.0.4.1", "10.0.0.0/24/10.0.4.1"), ("10.0.0.0/8 via 10.0.4.1", "10.0.0.0/8/10.0.4.1"), ("10.0.0.0/x/10.0.4.1", nil),
    ("10.0.0.0/-1/10.0.4.1", nil), ("10.0.0.0//10.0.4.1", nil), ("10.0.0/8/10.0.4.1", nil), ("10.0.0.0/8/10.0.4", nil),
    ("010.0.0.0/8/10.0.4.1", nil), ("10.0.0.0/8/router", nil), ("10.0.0.0/255.0.255.0/10.0.4.1", nil), ("10.0.0.0/9999999999999999999999/10.0.4.1", nil),
  ])
  func whatCannotBeReadVoids(_ text: String, _ meant: String?) {
    let item = RouteItem(text)
    #expect(item.route == nil && item.voids)
    #expect(item.meant?.item == meant)
    #expect(RouteRecord(text.isEmpty ? "," : text).inForce.isEmpty)
  }

  /// XAPI passes them on; the kernel refuses them, and them alone.
  @Test(arguments: [("10.0.0.5/24/10.0.4.1", "10.0.0.0/24/10.0.4.1"), ("10.0.0.0/33/10.0.4.1", nil), ("10.0.0.0/999/10.0.4.1", nil)])
  func whatTheKernelRefusesHarmsNothingElse(_ text: String, _ meant: String?) {
    let item = RouteItem(text)
    #expect(item.route == nil && !item.voids && item.problem != nil)
    #expect(item.meant?.item == meant)
    #expect(RouteRecord("\(text),10.9.0.0/16/10.0.4.1").inForce.map(\.item) == ["10.9.0.0/16/10.0.4.1"])
  }

  @Test func noRecordIsNoRoutes() {
    for text in [nil, ""] { #expect(RouteRecord(text).items.isEmpty && RouteRecord(text).text == nil && !RouteRecord(text).isVoid) }
    #expect(RouteRecord("10.0.0.0/8/10.0.4.1,").isVoid)
  }

  /// Written and read again, valid records are the same, whatever they hold.
  @Test func readingIsTheReverseOfWriting() {
    var random = Seeded(state: 42)
    for _ in 0..<500 {
      let routes = (0..<Int.random(in: 1...6, using: &random)).map { _ in StaticRoute.any(&random) }
      let record = RouteRecord(items: routes.map { RouteItem($0.item) })
      let again = RouteRecord(record.text)
      #expect(again == record && again.routes == routes && again.inForce == routes && !again.isVoid)
      #expect(again.text == record.text)
    }
  }

  /// One bad item never hides the others from the console, and mending keeps every good one.
  @Test func oneBadItemNeverHidesTheOthers() {
    var random = Seeded(state: 7)
    let alphabet = Array("0123456789./ ax-:")
    for _ in 0..<500 {
      let routes = (0..<Int.random(in: 1...5, using: &random)).map { place in
        // Different destinations, so that none replaces another.
        StaticRoute(IPv4Prefix(IPv4Address(bits: UInt32(11 + place) << 24), length: 8), via: .any(&random))
      }
      var texts = routes.map(\.item)
      let junk = String((0..<Int.random(in: 0...20, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "x" })
      guard RouteItem(junk).route == nil, RouteItem(junk).meant == nil else { continue }
      texts.insert(junk, at: Int.random(in: 0...texts.count, using: &random))
      let record = RouteRecord(texts.joined(separator: ","))
      #expect(record.routes == routes)
      #expect(record.text == texts.joined(separator: ","))
      #expect(record.inForce == (RouteItem(junk).voids ? [] : routes))
      let mended = record.mended
      #expect(!mended.isVoid && mended.inForce == routes && mended.mended == mended)
    }
  }

  @Test func mendingKeepsTheLastOfTwoWays() {
    let record = RouteRecord("10.0.0.0/8/10.0.4.1,10.0.0.0/255.0.0.0/10.0.4.2,10.0.4.5/24/10.0.4.9")
    #expect(record.mended.text == "10.0.0.0/8/10.0.4.2,10.0.4.0/24/10.0.4.9")
  }

  @Test func actionsAreReadAsTheyWereWritten() throws {
    let route = KernelRoute(try #require(RouteItem("10.0.0.0/8/10.0.4.1").route), on: "xenbr0")
    let actions: [RouteAction] = [
      .record(RecordChange(network: "u", was: nil, becomes: "a,b")), .record(RecordChange(network: "u", was: "a,b", becomes: nil, isWayBack: true)), .kernel(present: [route], absent: []), .kernel(present: [], absent: [route]),
      .restart(.toolstack), .restart(.xapi), .restart(.networkd), .awaitXAPI, .checkUnits([]), .checkUnits(["xapi.service"]),
    ]
    for action in actions {
      #expect(RouteAction(action.json) == action)
      #expect(ChangeAction(ChangeAction.routes(action).json) == .routes(action))
    }
    #expect(RouteAction(["set": "kernel", "present": [["route": "x", "dev": "d"]], "absent": []]) == nil)
    #expect(RouteAction(["set": "of tomorrow"]) == nil)
  }
}

struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

extension IPv4Address {
  static func any(_ random: inout Seeded) -> IPv4Address { IPv4Address(bits: .random(in: .min ... .max, using: &random)) }
}

extension StaticRoute {
  static func any(_ random: inout Seeded) -> StaticRoute {
    StaticRoute(IPv4Prefix(.any(&random), length: .random(in: 0...32, using: &random)), via: .any(&random))
  }
}
