import Synchronization

/// What became of the ladder: told as it comes.
public enum DoctorNews: Hashable, Sendable {
  /// All lines there will be, none of them looked at yet.
  case began([DoctorLine])
  case line(DoctorLine)
}

/// The lines of one run, each told whenever it changes. A line that has its verdict keeps it.
final class Ladder: Sendable {
  private struct State {
    var lines: [DoctorLine] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let report: @Sendable (DoctorNews) -> Void

  init(_ report: @escaping @Sendable (DoctorNews) -> Void) { self.report = report }

  var lines: [DoctorLine] { state.withLock { $0.lines } }

  func begin(_ ids: [DoctorLine.ID]) {
    let lines = ids.map { DoctorLine($0) }
    state.withLock { $0.lines = lines }
    report(.began(lines))
  }

  /// Passed over when there is no such line, or it is over.
  func set(_ id: DoctorLine.ID, _ new: DoctorLine.State) {
    // Told with the lock held: in the order of the changes.
    state.withLock { state in
      guard !state.isClosed, let place = state.lines.firstIndex(where: { $0.id == id }), !state.lines[place].state.isOver,
        state.lines[place].state != new
      else { return }
      state.lines[place].state = new
      report(.line(state.lines[place]))
    }
  }

  /// Looks at one line: it runs until `look` is back.
  func look(_ id: DoctorLine.ID, _ look: () async -> DoctorLine.State) async {
    set(id, .running)
    set(id, await look())
  }

  func skip(_ ids: [DoctorLine.ID], because why: String) { for id in ids { set(id, .skipped(why)) } }

  /// The end: whatever has no verdict by now gets none.
  func close(because why: String) {
    for line in lines where !line.state.isOver { set(line.id, .skipped(why)) }
    state.withLock { $0.isClosed = true }
  }
}
