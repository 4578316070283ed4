import Dom0
import Glibc
import HostNetworking
import JSON
import Synchronization
import TerminalUI
import XenAPI

extension DoctorCommand {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let system = try host.checked()
    let target = try target()
    let client = try host.client()
    defer { _ = try? waiting { await client.logout() } }
    let probes: any NetworkProbes = system.isThisMachine ? SocketProbes(system) : ToolProbes(system)
    let doctor = Doctor(system, client: client, probes: probes)
    let paper = json ? nil : DoctorPaper(standard)
    let report = try waiting {
      let tell: @Sendable (DoctorNews) -> Void = { paper?.take($0) }
      return if let target { await doctor.test(target, tell) } else { await doctor.run(tell) }
    }
    if json { standard.say(report.json.description) } else { standard.say(Self.summary(report)) }
    return switch report.verdict {
    case .good, .notice: 0
    case .bad: 1
    case .unknown: 3
    }
  }

  private func target() throws -> DoctorTarget? {
    guard let to else { return nil }
    do throws(AddressError) { return try DoctorTarget(parsing: to) } catch {
      throw Failure(text: "--to \(to): \(error)", code: 2)
    }
  }

  private static func summary(_ report: DoctorReport) -> String {
    let wrong = report.troubles.count
    let words =
      switch report.verdict {
      case .good: "All is well."
      case .notice: "Nothing is wrong; see what is marked \"look\"."
      case .bad: wrong == 1 ? "One thing is wrong." : "\(wrong) things are wrong."
      case .unknown: "Nothing could be looked at."
      }
    return "\(words) (\(report.took.brief))"
  }
}

/// Writes each line as soon as those above it are written.
private final class DoctorPaper: Sendable {
  private struct State {
    var lines: [DoctorLine] = []
    var written = 0
  }

  private static let markColumns = 6
  private static let titleColumns = 17
  private let standard: Standard
  private let columns: Int
  private let state = Mutex(State())

  init(_ standard: Standard) {
    self.standard = standard
    var size = winsize()
    // What is not a terminal wraps by itself, or had better not.
    let isTerminal = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col >= 40
    columns = isTerminal ? Int(size.ws_col) - 1 : 10_000
  }

  func take(_ news: DoctorNews) {
    state.withLock { state in
      switch news {
      case .began(let lines): state.lines = lines
      case .line(let line):
        guard let place = state.lines.firstIndex(where: { $0.id == line.id }) else { return }
        state.lines[place] = line
      }
      while state.written < state.lines.count, state.lines[state.written].state.isOver {
        write(state.lines[state.written])
        state.written += 1
      }
    }
  }

  private func write(_ line: DoctorLine) {
    let head = Self.mark(line.state).fitted(to: Self.markColumns) + line.title.fitted(to: Self.titleColumns) + " "
    say(head, line.text)
    guard let word = line.word else { return }
    let empty = String(repeating: " ", count: Self.markColumns + Self.titleColumns + 1)
    say(empty, word.meaning)
    say(empty, "-> " + word.remedy)
  }

  private func say(_ head: String, _ text: String) {
    let empty = String(repeating: " ", count: Self.markColumns + Self.titleColumns + 1)
    for (index, part) in text.wrapped(to: max(20, columns - empty.count)).enumerated() {
      standard.say((index == 0 ? head : empty) + part)
    }
  }

  private static func mark(_ state: DoctorLine.State) -> String {
    switch state {
    case .ok: "ok"
    case .notice: "look"
    case .bad: "BAD"
    case .skipped, .none, .waiting, .running: "-"
    }
  }
}
