import Synchronization

/// Lets one task wait for a time, and others end its wait early.
final class Doorbell: Sendable {
  private struct State {
    var rung = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Ends the wait under way, or the next one.
  func ring() {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      if state.waiter == nil { state.rung = true }
      return state.waiter
    }
    waiter?.resume()
  }

  /// Returns when the time is over, the bell rings or the task is cancelled. For one task at a time.
  func wait(_ time: Duration) async {
    let timer = Task {
      try await Task.sleep(for: time)
      ring()
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let rung = state.withLock { state in
          if !state.rung { state.waiter = continuation }
          defer { state.rung = false }
          return state.rung
        }
        if rung { continuation.resume() }
      }
    } onCancel: {
      ring()
    }
    timer.cancel()
  }
}
