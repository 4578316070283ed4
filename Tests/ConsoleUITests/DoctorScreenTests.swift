import TerminalUI
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// The screens that test the network, without one: lines in, frames and errands out.
@Suite struct DoctorScreenTests {
  private static let dark = DoctorWord(
    "eth0 has no link", means: "Nobody is at the other end of the cable. Nothing can be sent or received.",
    next: "Check the cable and the switch port of eth0.")

  private static let ids = [DoctorLine.ID(.speed), DoctorLine.ID(.link), DoctorLine.ID(.gateway, "IPv6"), DoctorLine.ID(.dns, "10.0.4.2")]

  /// A desk with the screen open, and the number of its run.
  private func open(_ screen: TestNetworkScreen = TestNetworkScreen()) throws -> (Bench, UInt64) {
    guard case .doctor(let run)? = screen.errand else { throw Missing() }
    return (Bench(screen), run)
  }

  private struct Missing: Error {}

  /// One screen, its keys and its frame.
  private struct Bench {
    var screen: any Screen
    var size = Size(columns: 80, rows: 22)
    var opened: (any Screen)?
    var asked: [Errand] = []

    private var context: Context { Context(host: nil, now: Moment(instant: .now, wall: 0)) }

    init(_ screen: any Screen) { self.screen = screen }

    mutating func hears(_ report: ErrandReport) { _ = screen.receive(report, context, room: size) }

    mutating func press(_ key: Key) {
      switch screen.handle(key, context, room: size) {
      case .open(let screen): opened = screen
      case .ask(let errand): asked.append(errand)
      default: break
      }
    }

    var text: String {
      var frame = Frame(size: size)
      screen.draw(into: &frame, in: Rect(column: 0, row: 0, columns: size.columns, rows: size.rows), context)
      return frame.lines.joined(separator: "\n")
    }
  }

  @Test func linesAppearAsTheyAreLookedAt() throws {
    var (bench, run) = try open()
    #expect(bench.text.contains("looking at this host"))
    bench.hears(.doctor(.began(Self.ids.map { DoctorLine($0) }), run: run))
    #expect(bench.text.contains("Test the network: testing"))
    bench.hears(.doctor(.line(DoctorLine(Self.ids[0], .ok("10 Gb/s, full duplex"))), run: run))
    bench.hears(.doctor(.line(DoctorLine(Self.ids[2], .running)), run: run))
    #expect(bench.text.contains("ok  Speed             10 Gb/s, full duplex"))
    #expect(bench.text.contains("... Gateway IPv6"))
    // What belongs to another run is passed over.
    bench.hears(.doctor(.line(DoctorLine(Self.ids[1], .bad(Self.dark))), run: run &+ 1))
    #expect(!bench.text.contains("!!"))
  }

  @Test func whatIsWrongExplainsItself() throws {
    var (bench, run) = try open()
    bench.hears(.doctor(.began(Self.ids.map { DoctorLine($0) }), run: run))
    bench.hears(.doctor(.line(DoctorLine(Self.ids[1], .bad(Self.dark))), run: run))
    #expect(bench.text.contains(">!!  Link              eth0 has no link"))
    #expect(bench.text.contains("It means    Nobody is at the other end of the cable."))
    #expect(bench.text.contains("What to do  Check the cable and the switch port of eth0."))
    let lines = [
      DoctorLine(Self.ids[0], .ok("10 Gb/s")), DoctorLine(Self.ids[1], .bad(Self.dark)), DoctorLine(Self.ids[2], .skipped("no link")),
      DoctorLine(Self.ids[3], .skipped("no link")),
    ]
    bench.hears(.doctorOver(DoctorReport(lines: lines, took: .seconds(1)), run: run))
    #expect(bench.text.contains("Test the network: one thing is wrong"))
    #expect(bench.text.contains("-   DNS 10.0.4.2      not tried: no link"))
    // Whoever has chosen a line keeps it.
    bench.press(.up)
    bench.hears(.doctor(.line(DoctorLine(Self.ids[1], .bad(Self.dark))), run: run))
    #expect(bench.text.contains(">ok  Speed"))
    #expect(bench.text.contains("Looks at"))
    bench.press(.down)
    bench.press(.enter)
    let full = try #require(bench.opened)
    #expect(Bench(full).text.contains("Nobody is at the other end of the cable."))
  }

  @Test func itIsTestedAgainWithANumberOfItsOwn() throws {
    var (bench, run) = try open()
    bench.hears(.doctor(.began(Self.ids.map { DoctorLine($0) }), run: run))
    bench.press(.character("r"))
    guard case .doctor(let second)? = bench.asked.last else { throw Missing() }
    #expect(second != run)
    #expect(bench.text.contains("Looking at this host ..."))
    bench.hears(.doctor(.began(Self.ids.map { DoctorLine($0) }), run: run))
    #expect(bench.text.contains("Looking at this host ..."))
  }

  /// More lines than rows: nothing is cut that cannot be reached.
  @Test func aLongLadderScrolls() throws {
    var (bench, run) = try open()
    let lines = (1...30).map { DoctorLine(DoctorLine.ID(.dns, "10.0.4.\($0)"), .ok("answers in \($0) ms")) }
    bench.hears(.doctorOver(DoctorReport(lines: lines, took: .seconds(1)), run: run))
    #expect(!bench.text.contains("10.0.4.30"))
    bench.press(.end)
    #expect(bench.text.contains(">ok  DNS 10.0.4.30"))
    #expect(bench.text.contains("all is well"))
  }

  @Test func anAddressIsAskedForAndTested() throws {
    var (bench, _) = try open()
    bench.press(.character("p"))
    var form = Bench(try #require(bench.opened))
    for character in "10.0.4.999" { form.press(.character(character)) }
    form.press(.tab)
    #expect(form.text.contains("! 999 is more than 255"))
    form.press(.backTab)
    for _ in 0..<3 { form.press(.backspace) }
    form.press(.character("1"))
    form.press(.enter)
    for character in "443" { form.press(.character(character)) }
    form.press(.enter)
    let screen = try #require(form.opened)
    guard case .probe(let target, let run)? = screen.errand else { throw Missing() }
    #expect("\(target)" == "10.0.4.1:443")
    var page = Bench(screen)
    page.hears(.doctor(.began([DoctorLine(DoctorLine.ID(.echo))]), run: run))
    page.hears(.doctor(.line(DoctorLine(DoctorLine.ID(.echo), .ok("5 of 5 answered"))), run: run))
    #expect(page.text.contains("Test 10.0.4.1:443: testing"))
    #expect(page.text.contains("ok  Ping              5 of 5 answered"))
  }
}
