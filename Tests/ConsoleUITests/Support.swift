import Synchronization
import TerminalUI
import TestSupport
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// A console without a terminal: keys in, frames out.
struct Desk {
  private(set) var console: Console
  let clock: TestClock
  let retries = Counter()
  let errands = Errands()
  private let watches = Watches()
  var size = Size(columns: 80, rows: 24)

  init(size: Size = Size(columns: 80, rows: 24)) {
    let clock = TestClock()
    let (retries, errands, watches) = (retries, errands, watches)
    self.clock = clock
    self.size = size
    console = Console(Console.Hands(start: { _ in }, retry: { retries.add() }, carryOut: { errands.add($0) }, watch: { watches.set($0) }, now: { clock.now }))
    console.start(size: size, mailbox: Mailbox())
  }

  mutating func hears(_ report: ErrandReport) { _ = console.update(.message(.report(report))) }

  mutating func update(_ report: ErrandReport) -> Verdict { console.update(.message(.report(report))) }

  /// What an eye is kept on.
  var watched: Set<Watch> { watches.now }

  mutating func sees(_ host: HostView) { _ = console.update(.message(.host(host))) }

  @discardableResult
  mutating func press(_ keys: Key...) -> Verdict {
    var verdict = Verdict.continue
    for key in keys { verdict = console.update(.key(key)) }
    return verdict
  }

  mutating func tick() { _ = console.update(.tick) }

  mutating func type(_ text: String) {
    for character in text { press(.character(character)) }
  }

  mutating func resize(_ columns: Int, _ rows: Int) {
    size = Size(columns: columns, rows: rows)
    _ = console.update(.resized(size))
  }

  var lines: [String] { console.view(size: size).lines }
  var screen: String { lines.joined(separator: "\n") }
  /// What is written on it, lines that are broken joined again.
  var text: String {
    lines.map { $0.trimmingPrefix { "│▲▼ ".contains($0) } }.map { line in line.reversed().trimmingPrefix { "│▲▼ ".contains($0) }.reversed() }
      .map { String($0) }.joined(separator: " ")
  }
  var body: String { lines.dropFirst().dropLast().joined(separator: "\n") }
}

/// A clock that moves when told to.
final class TestClock: Sendable {
  private let moment = Mutex(Moment(instant: .now, wall: 1_795_366_000))
  var now: Moment { moment.withLock { $0 } }
  func advance(seconds: Int64) {
    moment.withLock {
      $0.instant += .seconds(seconds)
      $0.wall += seconds
    }
  }
}

final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func add() { count.withLock { $0 += 1 } }
}

/// What the screens want an eye kept on.
final class Watches: Sendable {
  private let wanted = Mutex<Set<Watch>>([])
  var now: Set<Watch> { wanted.withLock { $0 } }
  func set(_ watches: Set<Watch>) { wanted.withLock { $0 = watches } }
}

/// What the screens have asked for.
final class Errands: Sendable {
  private let asked = Mutex<[Errand]>([])
  var all: [Errand] { asked.withLock { $0 } }
  func add(_ errand: Errand) { asked.withLock { $0.append(errand) } }

  /// The cases' names.
  var names: [String] { all.map { String("\($0)".prefix { $0 != "(" }) } }
}
