import Synchronization

/// Lets one task wait for a time, and others end its wait early.
public final class Doorbell: Sendable {
  private struct State {
    var rung = false
    /// Waits are numbered from 1: what is late for one must not end the next.
    var current: UInt64 = 0
    /// The latest wait that time or cancellation has ended, perhaps before it began to wait.
    var ended: UInt64 = 0
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  public init() {}

  /// For tests: a task waits now.
  var isAwaited: Bool { state.withLock { $0.waiter != nil } }

  /// Ends the wait under way, or the next one.
  public func ring() {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      if state.waiter == nil { state.rung = true }
      return state.waiter
    }
    waiter?.resume()
  }

  /// Returns when the time is over, the bell rings or the task is cancelled. For one task at a time.
  /// - Parameter time: nil to wait for the bell alone.
  public func wait(_ time: Duration?) async {
    let number = state.withLock { state in
      state.current += 1
      return state.current
    }
    let timer = time.map { time in
      Task {
        try await Task.sleep(for: time)
        end(number)
      }
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let over = state.withLock { state in
          let over = state.rung || state.ended >= number
          state.rung = false
          if !over { state.waiter = continuation }
          return over
        }
        if over { continuation.resume() }
      }
    } onCancel: {
      end(number)
    }
    timer?.cancel()
  }

  /// Ends the wait `number`, if it is still to end.
  func end(_ number: UInt64) {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard number == state.current else { return nil }
      state.ended = number
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}
