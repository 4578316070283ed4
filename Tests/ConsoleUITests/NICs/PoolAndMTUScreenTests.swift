import SimulatedHost
import TerminalUI
import TestSupport
import Testing
import XenAPI

@testable import ConsoleUI
@testable import HostNetworking

/// One screen, its keys and its frame.
private struct Bench {
  var screen: any ConsoleUI.Screen
  var size: Size
  var opened: (any ConsoleUI.Screen)?
  var asked: [Errand] = []
  var isLeft = false

  private var context: Context { Context(host: nil, now: Moment(instant: .now, wall: 1_795_366_000)) }

  init(_ screen: any ConsoleUI.Screen, _ size: Size = Size(columns: 80, rows: 22)) {
    self.screen = screen
    self.size = size
  }

  mutating func hears(_ report: ErrandReport) { _ = screen.receive(report, context, room: size) }

  mutating func press(_ keys: Key...) {
    for key in keys {
      switch screen.handle(key, context, room: size) {
      case .open(let screen): opened = screen
      case .ask(let errand): asked.append(errand)
      case .back: isLeft = true
      default: break
      }
    }
  }

  var keys: [String] { screen.keys(context).map(\.key) }

  var lines: [String] {
    var frame = Frame(size: size)
    screen.draw(into: &frame, in: Rect(column: 0, row: 0, columns: size.columns, rows: size.rows), context)
    return frame.lines
  }
  var text: String { lines.joined(separator: "\n") }
}

@Suite struct PoolComparisonScreenTests {
  /// Hosts with one NIC each, of which some are marked.
  private func comparison(hosts: Int, odd: [Int] = [], rows: Int = 3) -> PoolComparison {
    var comparison = PoolComparison(XenDatabase(), here: nil)
    comparison.hosts = (1...hosts).map { .init(name: "node\($0)", isHere: $0 == 1, isCoordinator: $0 == 2, isLive: $0 != 3) }
    comparison.rows = (0..<rows).map { row in
      PoolComparison.Row(
        name: "eth\(row)",
        cells: (1...hosts).map { host in
          let isOdd = row == 1 && odd.contains(host)
          return [
            .init(aspect: .link, text: "25 Gb/s"), .init(aspect: .network, text: "Storage"),
            .init(aspect: .mtu, text: isOdd ? "MTU 1500" : "MTU 9000", differs: isOdd), .init(aspect: .driver, text: "mlx5_core"),
          ]
        })
    }
    comparison.differences = odd.map { host in
      PoolDifference(
        kind: .mtu, weight: .warning, text: "eth1 of node\(host) has MTU 1500, 9000 on the others", meaning: "Longer packets are lost.",
        mending: [.init("xe pif-plug uuid=1234", on: "node\(host)")], hosts: ["node\(host)"], devices: ["eth1"])
    }
    return comparison
  }

  @Test func hostsStandBesideEachOther() {
    var bench = Bench(PoolComparisonScreen())
    #expect(bench.text.contains("Looking at the pool: XAPI is asked, which may take 20 s ..."))
    bench.hears(.compared(.success(comparison(hosts: 3, odd: [2]))))
    #expect(bench.lines[1].contains("node1 (here)") && bench.lines[1].contains("node2 (coordinator)") && bench.lines[1].contains("node3 (off)"))
    #expect(bench.lines[2].contains("25 Gb/s, Storage"))
    // What differs comes first, and is marked without colour.
    #expect(bench.lines[3].contains("│!eth1") && bench.lines[3].contains("! MTU 1500, 25 Gb/s"))
    #expect(bench.text.contains("─ 1 difference ─"))
    #expect(bench.text.contains("!  eth1 of node2 has MTU 1500, 9000 on the others."))
    #expect(!bench.keys.contains("Left/Right"))
    bench.press(.enter)
    let page = bench.opened.map { Bench($0) }
    #expect(page?.text.contains("Longer packets are lost.") == true)
    #expect(page?.text.contains("[node2] xe pif-plug uuid=1234") == true)
    // A wide screen says more of each.
    var wide = Bench(PoolComparisonScreen(), Size(columns: 160, rows: 48))
    wide.hears(.compared(.success(comparison(hosts: 3, odd: [2]))))
    #expect(wide.lines[2].contains("25 Gb/s, Storage, MTU 9000, mlx5_core"))
  }

  @Test func manyHostsAreScrolledAndFound() {
    var bench = Bench(PoolComparisonScreen())
    bench.hears(.compared(.success(comparison(hosts: 64, odd: [2, 40, 64]))))
    #expect(bench.text.contains("hosts 1-3 of 64"))
    #expect(bench.keys.contains("Left/Right"))
    bench.press(.right)
    #expect(bench.text.contains("hosts 4-6 of 64"))
    // The host that the chosen difference is about is shown.
    bench.press(.down)
    #expect(bench.text.contains("node40") && bench.text.contains("! MTU 1500"))
    bench.press(.down)
    #expect(bench.text.contains("hosts 62-64 of 64"))
    // Only differences: three hosts, one device, and before them a host that is as it should be.
    bench.press(.character("d"))
    #expect(bench.text.contains("hosts 1-3 of 4") && bench.lines[2].contains("25 Gb/s, Storage"))
    #expect(bench.lines[1].contains("node1 (here)") && bench.lines[1].contains("node2") && bench.lines[1].contains("node40"))
    bench.press(.right)
    #expect(bench.lines[1].contains("node64"))
    bench.press(.left)
    #expect(bench.lines[2].contains("!eth1") && !bench.text.contains("eth0"))
    // At the left end, left leaves.
    bench.press(.left)
    #expect(bench.isLeft)
  }

  @Test func alikeAloneAndSilentAreSaid() {
    var bench = Bench(PoolComparisonScreen())
    bench.hears(.compared(.success(comparison(hosts: 3))))
    #expect(bench.text.contains("All 3 hosts are alike.") && bench.text.contains("nothing differs"))
    bench.press(.character("d"))
    #expect(bench.text.contains("Nothing differs (d shows all)."))
    bench.hears(.compared(.success(comparison(hosts: 1))))
    #expect(bench.text.contains("alone in its pool"))
    bench.press(.left)
    #expect(bench.isLeft)
    var saved = comparison(hosts: 3, odd: [1])
    saved.source = .saved(at: 1_795_360_000, because: "XAPI is not running")
    bench.hears(.compared(.success(saved)))
    #expect(bench.text.contains("XAPI cannot be asked (XAPI is not running)"))
    bench.hears(.compared(.failure(ChangeProblem("the pool cannot be looked at", remedy: "XAPI must answer"))))
    #expect(bench.text.contains("!! The pool cannot be looked at."))
    bench.press(.character("r"))
    #expect(bench.text.contains("Looking at the pool: XAPI is asked, which may take 20 s ...") && bench.asked.count == 1)
  }
}

@Suite struct MTUScreenTests {
  private static let target = DoctorTarget.Place.address(.v4(IPv4Address(bits: 0x0a00_140d)))

  private var places: MTUPlaces {
    var places = MTUPlaces()
    places.places = [
      MTUPlace(kind: .storage, who: "storage \"iSCSI A\"", target: "10.0.20.200", interface: "eth2", network: "Storage A"),
      MTUPlace(kind: .host, who: "xcp2", target: "10.0.4.12", interface: "bond0", network: "Management"),
      MTUPlace(kind: .dns, who: "DNS server", target: "9.9.9.9", interface: "", network: ""),
    ]
    places.sources = [MTUSource(name: "bond0", network: "Management", mtu: 1500), MTUSource(name: "eth2", network: "Storage A", mtu: 9000)]
    return places
  }

  @Test func machinesAreOfferedThoseOfTheChosenNetworkFirst() throws {
    var bench = Bench(MTUCheckFormScreen(near: "bond0"))
    bench.hears(.mtuPlaces(places))
    #expect(bench.lines[2].contains(">xcp2") && bench.lines[3].contains("storage \"iSCSI A\""))
    #expect(bench.text.contains("what the interface sends, 1500 bytes"))
    bench.press(.down)
    #expect(bench.text.contains("what the interface sends, 9000 bytes"))
    bench.press(.character("s"))
    #expect(bench.text.contains("1500 bytes (s changes it)"))
    bench.press(.enter)
    guard case .checkMTU(let request, _)? = bench.opened?.errand else {
      Issue.record("nothing is tested")
      return
    }
    #expect(request == MTUCheckRequest(.address(try InternetAddress(parsing: "10.0.20.200")), size: 1500))
  }

  @Test func anyAddressAndSizeCanBeTyped() {
    var bench = Bench(MTUAddressFormScreen(places.sources, from: "eth2", size: nil))
    for character in "10.0.20.13" { bench.press(.character(character)) }
    bench.press(.enter, .right, .right, .right)
    #expect(bench.text.contains("Bytes"))
    bench.press(.enter)
    for character in "99999" { bench.press(.character(character)) }
    bench.press(.enter)
    #expect(bench.text.contains("576 to 65535 bytes"))
    bench.press(.backTab)
    for _ in 0..<5 { bench.press(.backspace) }
    for character in "4000" { bench.press(.character(character)) }
    bench.press(.enter, .enter)
    guard case .checkMTU(let request, _)? = bench.opened?.errand else {
      Issue.record("nothing is tested")
      return
    }
    #expect(request == MTUCheckRequest(Self.target, size: 4000, interface: "eth2"))
  }

  @Test func enterAtTheEndGoesToWhatIsWrong() {
    var bench = Bench(MTUAddressFormScreen(places.sources, from: "eth2", size: nil))
    bench.press(.enter, .enter, .enter)
    #expect(bench.text.contains("! this is needed") && bench.opened == nil)
    // The address has the keyboard.
    for character in "10.0.20.13" { bench.press(.character(character)) }
    bench.press(.enter, .enter, .enter)
    #expect(bench.opened != nil)
  }

  @Test(arguments: [Size(columns: 80, rows: 22), Size(columns: 160, rows: 48)]) func aBlackHoleIsShownAsItIsFound(size: Size) throws {
    let request = MTUCheckRequest(Self.target)
    var bench = Bench(MTUCheckScreen(request, who: "xcp3"), size)
    guard case .checkMTU(_, let run)? = bench.screen.errand else { return }
    #expect(bench.text.contains("Looking for the way ..."))
    let way = MTUWay(
      address: .v4(IPv4Address(bits: 0x0a00_140d)), interface: "eth2", device: "xenbr2", isChosen: false, gateway: nil, own: [],
      network: "Storage A", size: 9000,
      layers: [.init(kind: .network, name: "network \"Storage A\"", mtu: 9000), .init(kind: .bridge, name: "bridge xenbr2", mtu: 9000), .init(kind: .nic, name: "NIC eth2", mtu: 1500)])
    bench.hears(.mtu(.way(way), run: run))
    let tries = [MTUTry(size: 9000, outcome: .lost), MTUTry(size: 1500, outcome: .arrives(after: .microseconds(400)))]
    for tried in tries { bench.hears(.mtu(.tried(tried), run: run)) }
    // Those of another run are passed over.
    bench.hears(.mtu(.tried(tries[0]), run: run &+ 1))
    #expect(bench.text.contains("To xcp3, 10.0.20.13") && bench.text.contains("By eth2, on its link"))
    #expect(bench.text.contains("9000  network \"Storage A\"") && bench.text.contains("!1500  NIC eth2"))
    #expect(bench.text.contains("9000  lost") && bench.text.contains("1500  arrives, 0.4 ms"))
    #expect(bench.text.contains("Testing ..."))
    bench.hears(.mtu(.over(MTUCheckReport(request, way: way, tries: tries, verdict: .blackHole(passes: 1500, lost: 1504))), run: run))
    #expect(bench.text.contains("─ Black hole ─"))
    #expect(bench.text.contains("1500 bytes reach 10.0.20.13, 1504 are lost without a word."))
    #expect(bench.text.contains("Set MTU 9000 on every switch port"))
    bench.press(.character("r"))
    #expect(bench.asked.count == 1 && bench.text.contains("Looking for the way ..."))
  }

  /// Nothing of what it means and what to do is cut at 80x24, whatever came of it.
  @Test func everyVerdictFits() throws {
    let router = try InternetAddress(parsing: "10.0.4.1")
    let verdicts: [MTUCheckReport.Verdict] = [
      .fits(9000), .ownLimit(1500), .limited(to: 1400, by: router), .blackHole(passes: 1500, lost: 1504), .silent(isThere: true),
      .silent(isThere: false), .silent(isThere: nil), .notTested("this host has no route to 10.0.20.13"),
    ]
    for verdict in verdicts {
      let request = MTUCheckRequest(Self.target)
      let way = MTUWay(
        address: .v4(IPv4Address(bits: 0x0a00_140d)), interface: "VLAN 4000 on bond0", device: "xapi1", isChosen: false, gateway: nil, own: [],
        network: "Storage A of the rack", networkUUID: "", interfaceUUID: "2f4b6c1e-77aa-4a3c-9f64-1b9a52b3c6d1", size: 9000,
        layers: [.init(kind: .network, name: "network \"Storage A of the rack\"", mtu: 9000), .init(kind: .bridge, name: "bridge xapi1", mtu: 1500)])
      let report = MTUCheckReport(request, way: way, verdict: verdict)
      var bench = Bench(MTUCheckScreen(request, who: "xcp3"))
      guard case .checkMTU(_, let run)? = bench.screen.errand else { return }
      bench.hears(.mtu(.over(report), run: run))
      let shown = bench.text.filter { !$0.isWhitespace && $0 != "│" }
      for text in [report.text, report.meaning, report.remedy] {
        #expect(shown.contains(String(text.filter { !$0.isWhitespace }.suffix(12))), "\(text)")
      }
    }
  }
}
