import CNcurses
import Glibc
import Testing

@testable import TerminalUI

/// What the person at the terminal has after the program crashed. The crash happens in a process of its own, on a
/// terminal that stays here.
@Suite struct CrashTests {
  enum Crash: String, CaseIterable, Codable {
    case trap, abort, badAccess, stackOverflow
  }

  @Test(.timeLimit(.minutes(2)), arguments: Crash.allCases) func aCrashGivesTheTerminalBack(crash: Crash) async throws {
    let terminal = try PseudoTerminal()
    let before = terminal.initialModes
    let path = terminal.path
    let name = crash.rawValue
    let result = await #expect(processExitsWith: .failure) { [path = path as String, name = name as String] in
      CrashTests.run(on: path, crash: name)
    }
    let written = String(decoding: terminal.read(quiet: 200), as: UTF8.self)
    let status = try #require(result).exitStatus
    if case .signal(let number) = status {
      #expect([SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS].contains(number))
    } else {
      Issue.record("ended with \(status), not by a signal")
    }
    #expect(written.contains("before the crash"))
    #expect(written.contains("\u{1B}[?1049h"))
    #expect(written.hasSuffix("\u{1B}[?1049l\r\n") || written.hasSuffix("\u{1B}[?1049l\u{1B}[23;0;0t\r\n"))
    #expect(written.contains("\u{1B}[?25h") || written.contains("\u{1B}[?12l"))
    #expect(terminal.modes == before)
  }

  /// In the other process: shows a frame and crashes at the first message.
  static func run(on path: String, crash: String) {
    let descriptor = open(path, O_RDWR | O_NOCTTY)
    guard descriptor >= 0 else { exit(0) }
    var app = Crasher(crash: Crash(rawValue: crash) ?? .trap)
    let settings = TerminalSettings(
      input: descriptor, output: descriptor, environment: ["TERM": "xterm"], locale: "C")
    _ = try? Terminal.run(&app, settings: settings)
    exit(0)
  }

  private struct Crasher: Application {
    var crash: Crash

    func start(size: Size, mailbox: Mailbox<Void>) { mailbox.post(()) }

    func update(_ event: Event<Void>) -> Verdict {
      switch crash {
      case .trap: fatalError("as it was meant to")
      case .abort: abort()
      case .badAccess: UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
      case .stackOverflow: return deeper(0) > 0 ? .continue : .beep
      }
      return .continue
    }

    @inline(never) private func deeper(_ depth: Int) -> Int {
      var room: (Int, Int, Int, Int, Int, Int, Int, Int) = (depth, 1, 2, 3, 4, 5, 6, 7)
      return withUnsafeMutablePointer(to: &room) { deeper($0.pointee.0 + 1) + $0.pointee.1 }
    }

    func view(size: Size) -> Frame {
      var frame = Frame(size: size)
      frame.draw("before the crash", at: Point(column: 0, row: 0))
      return frame
    }
  }
}
