import Glibc
import Testing

@testable import TerminalUI

/// A main menu with details beside it, as the console's first screen has them.
private func menuScreen(selected: Int, details: Int, size: Size) -> Frame {
  var frame = Frame(size: size)
  let (header, below) = frame.bounds.splitTop(1)
  let (footer, body) = below.splitBottom(1)
  frame.fill(header, .header)
  frame.draw("xcp1  coordinator of \"Rack 4\"", at: header.origin, style: .header)
  let (menu, pane) = body.splitLeft(36)
  frame.box(menu, title: "Console")
  let items = [
    "Status", "Network interfaces", "Networks, VLANs and bonds", "Management interface", "Test the network",
    "Emergency network reset", "Pool and host", "Recent changes", "Reboot, shutdown, shell",
  ]
  for (row, item) in items.enumerated() {
    let line = Rect(column: menu.column + 1, row: menu.row + 1 + row, columns: menu.columns - 2, rows: 1)
    frame.draw("\(row + 1) \(item)", at: Point(column: line.column + 1, row: line.row))
    if row == selected { frame.restyle(line, .selection) }
  }
  frame.box(pane, title: "Status")
  let texts = [
    [
      "Management  10.0.4.11/24, static, xenbr0", "            eth0 10 Gb/s, up 41 days",
      "Gateway     10.0.4.1 answers (0.4 ms)", "DNS         10.0.4.2 ok, 10.0.4.3 silent",
      "Pool        3 hosts, HA off", "VMs         18 running, 2 halted", "", "1 thing to look at:",
      "! eth3 has no link, but 2 VMs use", "  its network \"Storage B\"",
    ],
    [
      "eth0   up    10 Gb  ec:f4:bb:c3:af:a8", "eth1   up    10 Gb  ec:f4:bb:c3:af:aa",
      "bond0  2/2   LACP   ec:f4:bb:c3:af:a8", "eth2   up     1 Gb  ec:f4:bb:c3:af:ac",
      "eth3   DOWN     -   ec:f4:bb:c3:af:ae", "eth4   up     1 Gb  00:24:81:7f:cf:8b",
    ],
  ]
  for (row, text) in texts[details].enumerated() {
    frame.draw(text, at: Point(column: pane.column + 2, row: pane.row + 1 + row))
  }
  KeyLegend([("Up/Down", "choose"), ("Enter", "open"), ("/", "find"), ("?", "help"), ("q", "quit")])
    .draw(into: &frame, row: footer.row)
  return frame
}

extension NcursesTests {
  @Suite struct PaintingTests {
    @Test(arguments: ["vt100", "vt220", "linux", "xterm-256color"], ["C", "C.UTF-8"])
    func movingTheHighlightCostsASerialLineLittle(term: String, locale: String) throws {
      let session = try Session(
        term: term, locale: locale,
        react: { key, state in if key == .down { state += 1 } },
        drawing: { menuScreen(selected: $0, details: 0, size: $1) })
      let first = session.firstFrame()
      #expect(first.count > 500 && first.count < 4000)
      for _ in 0..<6 {
        let moved = session.bytes(afterTyping: "\u{1B}[B")
        #expect(!moved.isEmpty && moved.count < 200, "\(moved.count): \(moved.readable)")
      }
      _ = session.quit()
    }

    @Test(arguments: ["vt100", "linux", "xterm-256color"])
    func changingTheDetailsCostsLittle(term: String) throws {
      let session = try Session(
        term: term,
        react: { key, state in if key == .down { state += 1 } },
        drawing: { menuScreen(selected: $0, details: $0 % 2, size: $1) })
      _ = session.firstFrame()
      for _ in 0..<4 {
        let changed = session.bytes(afterTyping: "\u{1B}[B")
        #expect(!changed.isEmpty && changed.count < 600, "\(changed.count)")
      }
      _ = session.quit()
    }

    @Test func anUnchangedFrameCostsNothing() throws {
      let session = try Session(term: "vt100", drawing: { _, size in menuScreen(selected: 0, details: 0, size: size) })
      _ = session.firstFrame()
      session.terminal.send("xyz")
      _ = session.waitForEntries(3)
      #expect(session.terminal.read().isEmpty)
      #expect(session.log.paintCount == 1)
      _ = session.quit()
    }

    @Test func repaintingSendsEverything() throws {
      let session = try Session(term: "vt100", drawing: { _, size in menuScreen(selected: 0, details: 0, size: size) })
      var emulator = Emulator(columns: 80, rows: 24)
      emulator.feed(session.firstFrame())
      // Something else wrote over the screen.
      emulator.feed(Array("\u{1B}[H\u{1B}[2JBroadcast message".utf8))
      emulator.feed(session.bytes(afterTyping: "\u{0C}"))
      #expect(emulator.lines == menuScreen(selected: 0, details: 0, size: Size(columns: 80, rows: 24)).lines)
      _ = session.quit()
    }

    @Test func withoutUTF8NothingButASCIIIsSent() throws {
      let session = try Session(
        term: "vt100", locale: "C",
        drawing: { _, size in
          var frame = menuScreen(selected: 0, details: 0, size: size)
          frame.draw("Síť 日本 → █░ … · 🙂e\u{301}", at: Point(column: 2, row: 20))
          return frame
        })
      let bytes = session.firstFrame()
      #expect(bytes.allSatisfy { $0 < 0x80 })
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(text.contains("Sit ? ?  > #. ~ . ? e"))
      // Lines go through the terminal's own alternate character set.
      #expect(bytes.contains(0x0E) && bytes.contains(0x0F))
      _ = session.quit()
    }

    @Test func aTerminalWithoutLinesGetsASCIIOnes() throws {
      let session = try Session(
        term: "sun", drawing: { _, size in menuScreen(selected: 0, details: 0, size: size) })
      let text = String(decoding: session.firstFrame(), as: UTF8.self)
      #expect(text.contains("+- Console ---"))
      _ = session.quit()
    }

    @Test func aSerialTerminalGetsItsOwnLinesEvenInUTF8() throws {
      let drawing: @Sendable (Int, Size) -> Frame = { _, size in
        var frame = Frame(size: size)
        frame.box(frame.bounds)
        frame.draw("Síť", at: Point(column: 2, row: 2))
        return frame
      }
      let serial = try Session(term: "vt220", locale: "C.UTF-8", drawing: drawing)
      let serialText = String(decoding: serial.firstFrame(), as: UTF8.self)
      _ = serial.quit()
      #expect(serialText.contains("Síť"))
      #expect(!serialText.contains("─"))
      let xterm = try Session(term: "xterm", locale: "C.UTF-8", drawing: drawing)
      let xtermText = String(decoding: xterm.firstFrame(), as: UTF8.self)
      _ = xterm.quit()
      #expect(xtermText.contains("──"))
      let wished = try Session(
        term: "vt220", locale: "C.UTF-8", environment: ["NCURSES_NO_UTF8_ACS": "1"], drawing: drawing)
      let wishedText = String(decoding: wished.firstFrame(), as: UTF8.self)
      _ = wished.quit()
      #expect(wishedText.contains("──"))
    }

    /// Many frames of all sorts, each on top of the one before: what a terminal shows in the end is the frame.
    @Test(arguments: [("vt100", "C"), ("vt100", "C.UTF-8"), ("vt220", "C"), ("vt102", "C.UTF-8")])
    func whatIsPaintedIsTheFrame(term: String, locale: String) throws {
      let isUTF8 = locale != "C"
      let drawing: @Sendable (Int, Size) -> Frame = { randomFrame(seed: $0, size: $1, wide: isUTF8) }
      let session = try Session(
        term: term, locale: locale, columns: 40, rows: 10,
        react: { key, state in if key == .character("n") { state += 1 } }, drawing: drawing)
      var emulator = Emulator(columns: 40, rows: 10)
      emulator.feed(session.firstFrame())
      for seed in 0..<60 {
        if seed > 0 { emulator.feed(session.bytes(afterTyping: "n")) }
        var expected = drawing(seed, Size(columns: 40, rows: 10)).lines
        if !isUTF8 { expected = expected.map { String($0.map { $0 == "…" ? "~" : $0 }) } }
        #expect(emulator.lines == expected, "frame \(seed)")
        if emulator.lines != expected { break }
      }
      #expect(emulator.unknown.isEmpty)
      // A full repaint changes nothing to be seen.
      let shown = emulator.lines
      let repainted = session.bytes(afterTyping: "\u{0C}")
      emulator.feed(repainted)
      #expect(emulator.lines == shown)
      _ = session.quit()
    }
  }
}

extension [UInt8] {
  /// The bytes with their control characters visible.
  fileprivate var readable: String { String(decoding: self, as: UTF8.self).debugDescription }
}

/// Boxes, words and wide characters in random places.
private func randomFrame(seed: Int, size: Size, wide: Bool) -> Frame {
  var random = Linear(state: UInt64(seed &+ 1) &* 0x9E37_79B9_7F4A_7C15)
  var frame = Frame(size: size)
  for _ in 0..<random.next(8) {
    let rect = Rect(
      column: random.next(40) - 3, row: random.next(10) - 1, columns: random.next(30), rows: random.next(8))
    switch random.next(4) {
    case 0: frame.box(rect, title: wide ? "日本" : "title")
    case 1: frame.restyle(rect, Style(Tone.allCases[random.next(Tone.allCases.count)], bold: random.next(2) == 1))
    case 2: frame.fill(rect, .selection, with: ".")
    default:
      let words = wide ? ["語x語", "e\u{301}th0", "한국", "plain", "Größe"] : ["eth0", "10.0.4.11", "a b c"]
      for row in rect.row..<rect.endRow {
        frame.draw(words[random.next(words.count)], at: Point(column: rect.column + random.next(9), row: row))
      }
    }
  }
  return frame
}

private struct Linear {
  var state: UInt64

  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
