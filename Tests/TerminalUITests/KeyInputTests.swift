import Glibc
import Testing

@testable import TerminalUI

extension NcursesTests {
  @Suite struct KeyInputTests {
    struct Typed: Sendable, CustomTestStringConvertible {
      var term: String
      var bytes: String
      var keys: [Key]
      var testDescription: String { "\(term) \(bytes.debugDescription)" }
    }

    static let typed: [Typed] = [
      Typed(term: "vt100", bytes: "\u{1B}OA\u{1B}OB\u{1B}OC\u{1B}OD", keys: [.up, .down, .right, .left]),
      Typed(term: "vt100", bytes: "\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D", keys: [.up, .down, .right, .left]),
      Typed(term: "vt100", bytes: "\u{1B}OP\u{1B}[Z\t\r\n\u{7F}\u{08}",
        keys: [.function(1), .backTab, .tab, .enter, .enter, .backspace, .backspace]),
      Typed(term: "vt100", bytes: "\u{1B}[1~\u{1B}[4~\u{1B}[5~\u{1B}[6~\u{1B}[2~\u{1B}[3~",
        keys: [.home, .end, .pageUp, .pageDown, .insert, .delete]),
      Typed(term: "vt100", bytes: "\u{1B}[15~\u{1B}[19~", keys: [.function(5), .function(8)]),
      // An address typed on the numeric keypad in application mode.
      Typed(term: "vt100", bytes: "\u{1B}Oq\u{1B}Op\u{1B}On\u{1B}Oy\u{1B}OM",
        keys: [.character("1"), .character("0"), .character("."), .character("9"), .enter]),
      Typed(term: "vt220", bytes: "\u{1B}[1~\u{1B}[4~\u{1B}[17~\u{1B}[19~",
        keys: [.home, .end, .function(6), .function(8)]),
      Typed(term: "linux", bytes: "\u{1B}[[A\u{1B}[[E\u{1B}[17~\u{1B}[19~\u{1B}[1~\u{1B}[4~\u{1B}[3~",
        keys: [.function(1), .function(5), .function(6), .function(8), .home, .end, .delete]),
      Typed(term: "linux", bytes: "\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D\u{7F}", keys: [.up, .down, .right, .left, .backspace]),
      Typed(term: "xterm-256color", bytes: "\u{1B}OA\u{1B}OB\u{1B}[A\u{1B}OH\u{1B}OF\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~",
        keys: [.up, .down, .up, .home, .end, .home, .end, .home, .end]),
      Typed(term: "xterm-256color", bytes: "\u{1B}[1;5A\u{1B}[1;2D\u{1B}[3;5~\u{1B}[1;2H",
        keys: [.up, .left, .delete, .home]),
      Typed(term: "xterm-256color", bytes: "\u{1B}OP\u{1B}[15~\u{1B}[24~\u{1B}[Z\u{7F}",
        keys: [.function(1), .function(5), .function(12), .backTab, .backspace]),
      Typed(term: "xterm-256color", bytes: "\u{03}\u{0C}\u{1A}\u{11}\u{13}\u{1C}\u{04}\u{00}",
        keys: [
          .control("c"), .control("l"), .control("z"), .control("q"), .control("s"), .control("\\"), .control("d"),
          .control(" "),
        ]),
      Typed(term: "xterm-256color", bytes: "aé日🙂Z", keys: ["a", "é", "日", "🙂", "Z"].map { .character($0) }),
      // Unknown sequences are no keys, and none of their bytes is.
      Typed(term: "vt100", bytes: "\u{1B}[200~x\u{1B}[?1;2cy\u{1B}[>0;276;0cz\u{1B}[38;5;7;1uw",
        keys: ["x", "y", "z", "w"].map { .character($0) }),
      Typed(term: "linux", bytes: "\u{1B}x\u{1B}\u{1B}[A", keys: [.escape, .character("x"), .escape, .up]),
    ]

    @Test(arguments: typed) func bytesBecomeKeys(_ typed: Typed) throws {
      let session = try Session(term: typed.term, locale: "C.UTF-8")
      _ = session.firstFrame()
      session.terminal.send(typed.bytes)
      let noted = session.waitForEntries(typed.keys.count)
      _ = session.quit()
      #expect(noted == typed.keys.map { "\($0)" })
      #expect(session.log.all == (typed.keys + [.character("q")]).map { "\($0)" })
    }

    @Test func aLoneEscapeIsNeverLost() throws {
      let session = try Session(term: "vt100")
      _ = session.firstFrame()
      session.terminal.send("\u{1B}")
      #expect(session.waitForEntries(1) == ["escape"])
      session.terminal.send("j")
      #expect(session.waitForEntries(2) == ["escape", "\(Key.character("j"))"])
      session.terminal.send("\u{1B}\u{1B}")
      #expect(session.waitForEntries(4).suffix(2) == ["escape", "escape"])
      _ = session.quit()
    }

    /// A slow line brings the ESC by itself: it is taken for the key, and what follows must do nothing.
    @Test(arguments: ["vt100", "linux", "xterm-256color"]) func theRestOfATornSequenceDoesNothing(term: String) throws {
      let session = try Session(term: term)
      _ = session.firstFrame()
      for rest in ["[B", "OB", "[15~", "[[A", "[1;5C"] {
        let before = session.log.all.count
        session.terminal.send("\u{1B}")
        _ = session.waitForEntries(before + 1)
        session.terminal.send(rest)
        // Something after it, to know that all of it was read.
        session.terminal.send("x")
        #expect(session.waitForEntries(before + 2).suffix(2) == ["escape", "\(Key.character("x"))"], "\(rest)")
      }
      _ = session.quit()
    }

    @Test func aSequenceTornAfterItsIntroducerIsStillTheKey() throws {
      let session = try Session(term: "vt100", environment: ["ESCDELAY": "20"])
      _ = session.firstFrame()
      session.terminal.send("\u{1B}[")
      usleep(100_000)
      #expect(session.log.all.isEmpty)
      session.terminal.send("B")
      #expect(session.waitForEntries(1) == ["down"])
      session.terminal.send("日".utf8.prefix(1).map { $0 })
      usleep(50_000)
      session.terminal.send("日".utf8.dropFirst().map { $0 })
      #expect(session.waitForEntries(2).last == "\(Key.character("日"))")
      _ = session.quit()
    }
  }
}

extension PseudoTerminal {
  func send(_ bytes: [UInt8]) { _ = write(master, bytes, bytes.count) }
}

@Suite struct KeyDecoderTests {
  private let start = ContinuousClock.now

  private func after(_ milliseconds: Int) -> ContinuousClock.Instant {
    start.advanced(by: .milliseconds(milliseconds))
  }

  @Test func whatWasHeldBackIsGivenOutInTheEnd() {
    var decoder = KeyDecoder()
    decoder.feed(byte: 0x1B, at: start)
    #expect(decoder.take().isEmpty)
    decoder.endOfInput(at: start)
    #expect(decoder.take() == [.escape])
    #expect(decoder.deadline == nil)
    decoder.feed(byte: UInt8(ascii: "["), at: after(200))
    decoder.endOfInput(at: after(200))
    #expect(decoder.take().isEmpty)
    #expect(decoder.deadline == after(1200))
    decoder.expire(at: after(1199))
    #expect(decoder.take().isEmpty)
    decoder.expire(at: after(1200))
    #expect(decoder.take() == [.character("[")])
    #expect(decoder.deadline == nil)
  }

  @Test func longAfterEscapeABracketIsABracket() {
    var decoder = KeyDecoder()
    decoder.feed(byte: 0x1B, at: start)
    decoder.endOfInput(at: start)
    decoder.feed(byte: UInt8(ascii: "["), at: after(1500))
    decoder.feed(byte: UInt8(ascii: "B"), at: after(1500))
    #expect(decoder.take() == [.escape, .character("["), .character("B")])
  }

  @Test func anEndlessSequenceIsDropped() {
    var decoder = KeyDecoder()
    for byte in "\u{1B}[1;1;1;1;1;1;1;1;1;1;1;".utf8 { decoder.feed(byte: byte, at: start) }
    #expect(decoder.take().count < 10)
    decoder.feed(byte: UInt8(ascii: "x"), at: start)
    #expect(decoder.take().last == .character("x"))
  }

  @Test func whatIsNotUTF8IsDropped() {
    var decoder = KeyDecoder()
    for byte: UInt8 in [0xFF, 0x80, 0xC0, 0xAF, 0xE6, 0x41, 0xED, 0xA0, 0x80, 0x42] {
      decoder.feed(byte: byte, at: start)
    }
    #expect(decoder.take() == [.character("A"), .character("B")])
  }

  @Test func aControlCharacterEndsASequence() {
    var decoder = KeyDecoder()
    for byte in "\u{1B}[1;\u{1B}[A\r".utf8 { decoder.feed(byte: byte, at: start) }
    #expect(decoder.take() == [.up, .enter])
  }
}
