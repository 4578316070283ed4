import Glibc
import Testing

@testable import TerminalUI

extension NcursesTests {
  @Suite struct LoopTests {
    @Test func idleMeansAsleep() throws {
      let session = try Session(term: "vt100")
      _ = session.firstFrame()
      _ = session.log.wait { session.log.waitCount == 1 }
      let before = session.log.waitCount
      usleep(1_200_000)
      #expect(session.log.waitCount == before)
      #expect(before == 1)
      // One key is one turn.
      session.terminal.send("x")
      _ = session.waitForEntries(1)
      usleep(100_000)
      #expect(session.log.waitCount == before + 1)
      // Esc as well: nothing is held back that something would have to be awake for.
      session.terminal.send("\u{1B}")
      _ = session.waitForEntries(2)
      usleep(1_200_000)
      #expect(session.log.waitCount == before + 2)
      _ = session.quit()
    }

    @Test func messagesComeInOrderAndWakeTheLoop() throws {
      let session = try Session(term: "vt100")
      _ = session.firstFrame()
      let mailbox = try #require(session.mailboxes.mailbox.withLock { $0 })
      for number in 0..<500 { mailbox.post("\(number)") }
      let noted = session.waitForEntries(500)
      #expect(noted == (0..<500).map { "message \($0)" })
      #expect(session.log.waitCount < 500)
      _ = session.quit()
    }

    @Test func keysKeepTheirOrder() throws {
      let session = try Session(term: "vt100")
      _ = session.firstFrame()
      let text = String((0..<1500).map { Character(Unicode.Scalar(UInt8(97 + $0 % 16))) })
      session.terminal.send(text)
      let noted = session.waitForEntries(1500)
      #expect(noted == text.map { "\(Key.character($0))" })
      // Held keys are drawn together, not one by one.
      #expect(session.log.paintCount < 20)
      _ = session.quit()
    }

    @Test func timeComesOnceForEveryMomentNamed() throws {
      let session = try Session(
        term: "vt100", nextWake: ContinuousClock.now.advanced(by: .milliseconds(200)),
        drawing: { state, size in
          var frame = Frame(size: size)
          frame.draw("state \(state)", at: Point(column: 0, row: 0))
          return frame
        })
      let first = session.firstFrame()
      #expect(String(decoding: first, as: UTF8.self).contains("state 0"))
      #expect(session.waitForEntries(1) == ["tick"])
      usleep(150_000)
      // The application names the same moment still; it is not told again.
      #expect(session.log.all == ["tick"])
      #expect(session.log.waitCount <= 3)
      _ = session.quit()
    }

    /// A terminal that takes nothing (Ctrl-S on a serial line, a stalled session) stops the drawing and nothing else.
    @Test(arguments: ["flow", "quit", "signal"]) func aStoppedTerminalKeepsNobodyWaiting(then: String) throws {
      let session = try Session(
        term: "vt100", react: { _, state in state += 1 },
        drawing: { state, size in
          var frame = Frame(size: size)
          frame.draw("state \(state)", at: Point(column: 0, row: 0))
          return frame
        })
      _ = session.firstFrame()
      tcflow(session.terminal.slave, TCOOFF)
      for count in 1...5 {
        session.terminal.send("x")
        #expect(session.waitForEntries(count).count == count)
      }
      _ = session.log.wait { session.log.isSettled }
      let waits = session.log.waitCount
      usleep(200_000)
      #expect(session.log.paintCount == 1)
      #expect(session.log.waitCount == waits)
      if then == "flow" {
        tcflow(session.terminal.slave, TCOON)
        _ = session.log.wait { session.log.paintCount == 2 }
        #expect(String(decoding: session.terminal.read(), as: UTF8.self).contains("5"))
        _ = session.quit()
      } else {
        if then == "quit" { session.terminal.send("q") } else { session.log.signal(SIGTERM) }
        #expect(try session.end().0?.get() == (then == "quit" ? 7 : 128 + SIGTERM))
      }
      #expect(session.terminal.modes == session.terminal.initialModes)
    }

    @Test(arguments: [(1, 1), (2, 1), (1, 3), (132, 50), (80, 24), (3, 3)])
    func resizing(columns: Int, rows: Int) throws {
      let session = try Session(
        term: "xterm", locale: "C.UTF-8", columns: 100, rows: 30,
        drawing: { _, size in
          var frame = Frame(size: size)
          frame.box(frame.bounds, title: "日本語")
          frame.draw("\(size.columns)x\(size.rows)", at: Point(column: 1, row: 1))
          frame.draw("日本", at: Point(column: size.columns - 2, row: size.rows - 1))
          frame.cursor = Point(column: 50, row: 20)
          return frame
        })
      _ = session.firstFrame()
      session.terminal.resize(columns: columns, rows: rows)
      session.log.signal(SIGWINCH)
      #expect(session.waitForEntries(1) == ["resized \(columns)x\(rows)"])
      _ = session.log.wait { session.log.isSettled }
      let bytes = session.terminal.read()
      #expect(!bytes.isEmpty)
      session.terminal.resize(columns: 90, rows: 20)
      session.log.signal(SIGWINCH)
      #expect(session.waitForEntries(2).last == "resized 90x20")
      #expect(try session.quit().0?.get() == 7)
      #expect(session.log.all.count == 3)
    }

    @Test func aSizeThatDidNotChangeIsNoEvent() throws {
      let session = try Session(term: "xterm")
      _ = session.firstFrame()
      session.log.signal(SIGWINCH)
      session.terminal.send("x")
      #expect(session.waitForEntries(1) == ["\(Key.character("x"))"])
      _ = session.quit()
    }
  }

  @Suite struct RestorationTests {
    @Test(arguments: ["vt100", "linux", "xterm-256color"]) func quittingGivesTheTerminalBack(term: String) throws {
      let session = try Session(term: term)
      let before = session.terminal.initialModes
      _ = session.firstFrame()
      let during = session.terminal.modes
      #expect(during != before)
      // Flow control must not be able to freeze the console.
      #expect(during[0] & UInt32(IXON) == 0)
      let (result, written) = session.quit()
      #expect(try result?.get() == 7)
      #expect(session.terminal.modes == before)
      if term == "xterm-256color" {
        let text = String(decoding: written, as: UTF8.self)
        #expect(text.contains("\u{1B}[?1049l") && text.contains("\u{1B}[?25h") || text.contains("\u{1B}[?12l"))
      }
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGQUIT]) func signalsEndTheProgram(signal: Int32) throws {
      let session = try Session(term: "xterm")
      let before = session.terminal.initialModes
      _ = session.firstFrame()
      session.log.signal(signal)
      let (result, written) = session.end()
      #expect(try result?.get() == 128 + signal)
      #expect(session.terminal.modes == before)
      #expect(String(decoding: written, as: UTF8.self).contains("\u{1B}[?1049l"))
    }

    @Test func aTerminalThatGoesAwayEndsTheProgram() throws {
      let session = try Session(term: "vt100")
      _ = session.firstFrame()
      session.terminal.hangUp()
      _ = session.log.wait { session.hasEnded }
      #expect(try session.end().0?.get() == 129)
      #expect(session.log.waitCount < 5)
    }

    @Test(arguments: ["key", "signal"]) func suspendingGivesTheTerminalBackMeanwhile(how: String) throws {
      let session = try Session(
        term: "xterm", onStop: { "\($0.modes)" }, drawing: { _, size in
          var frame = Frame(size: size)
          frame.draw("here I am", at: Point(column: 3, row: 3))
          return frame
        })
      let before = session.terminal.initialModes
      _ = session.firstFrame()
      let during = session.terminal.modes
      if how == "key" { session.terminal.send("\u{1A}") } else { session.log.signal(SIGTSTP) }
      _ = session.log.wait { session.log.stopNotes.count == 1 && session.log.paintCount == 2 }
      let text = String(decoding: session.terminal.read(), as: UTF8.self)
      #expect(session.log.stopNotes == ["\(how == "key" ? "group" : "self") \(before)"])
      #expect(text.contains("\u{1B}[?1049l"))
      // Back again, and all is drawn anew.
      #expect(text.contains("\u{1B}[?1049h") && text.contains("here I am"))
      #expect(session.terminal.modes == during)
      _ = session.quit()
    }

    @Test func beingLetGoOnRepaints() throws {
      let session = try Session(
        term: "xterm", drawing: { _, size in
          var frame = Frame(size: size)
          frame.draw("here I am", at: Point(column: 3, row: 3))
          return frame
        })
      _ = session.firstFrame()
      session.log.signal(SIGCONT)
      _ = session.log.wait { session.log.paintCount == 2 }
      #expect(String(decoding: session.terminal.read(), as: UTF8.self).contains("here I am"))
      _ = session.quit()
    }

    @Test func theBell() throws {
      let session = try Session(term: "vt100")
      _ = session.firstFrame()
      #expect(session.bytes(afterTyping: "\u{07}") == [0x07])
      _ = session.quit()
    }
  }

  @Suite struct NoTerminalTests {
    private func failure(
      _ environment: [String: String], input: Int32? = nil, output: Int32? = nil
    ) throws -> (TerminalError?, [UInt8], Bool) {
      let terminal = try PseudoTerminal()
      let before = terminal.initialModes
      var app = Probe(log: Log(), drawing: { Frame(size: $1) })
      let settings = TerminalSettings(
        input: input ?? terminal.slave, output: output ?? terminal.slave, environment: environment, locale: "C")
      do throws(TerminalError) {
        _ = try Terminal.run(&app, settings: settings)
        return (nil, terminal.read(), terminal.modes == before)
      } catch {
        return (error, terminal.read(), terminal.modes == before)
      }
    }

    @Test func everyReasonIsOneSentenceAndTheTerminalUntouched() throws {
      let nowhere = open("/dev/null", O_RDWR)
      defer { close(nowhere) }
      let cases: [([String: String], Int32?, Int32?, TerminalError?)] = [
        ([:], nil, nil, nil),
        (["TERM": ""], nil, nil, nil),
        (["TERM": "nosuchterminal"], nil, nil, .unknownTerminal(name: "nosuchterminal")),
        (["TERM": "../../etc/passwd"], nil, nil, .unknownTerminal(name: "../../etc/passwd")),
        (["TERM": "dumb"], nil, nil, .incapable(name: "dumb", lacks: "it cannot move the cursor")),
        (["TERM": "xterm"], nowhere, nil, .noTerminal(reason: "standard input is not a terminal")),
        (["TERM": "xterm"], nil, nowhere, .noTerminal(reason: "standard output is not a terminal")),
      ]
      for (environment, input, output, expected) in cases {
        let (error, written, isUntouched) = try failure(environment, input: input, output: output)
        let thrown = try #require(error)
        if let expected { #expect(thrown == expected) }
        #expect(written.isEmpty)
        #expect(isUntouched)
        #expect(thrown.description.hasSuffix(".") && !thrown.description.contains("\n"))
      }
    }
  }
}
