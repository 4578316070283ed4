import Synchronization

extension Task where Failure == Never {
  /// The task's value, or nil when `limit` is over or the caller is cancelled first. The task itself goes on: others
  /// may wait for it.
  func value(within limit: Duration) async -> Success? {
    let wait = BoundedWait<Success>()
    let relay = Task<Void, Never> { wait.end(await value) }
    let timer = Task<Void, any Error> {
      try await Task<Never, Never>.sleep(for: limit)
      wait.end(nil)
    }
    defer {
      relay.cancel()
      timer.cancel()
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { wait.begin($0) }
    } onCancel: {
      wait.end(nil)
    }
  }
}

/// Resumes one continuation with whatever comes first, even if that comes before the continuation.
private final class BoundedWait<Value: Sendable>: Sendable {
  private enum State: Sendable {
    case idle
    case waiting(CheckedContinuation<Value?, Never>)
    case ended(Value?)
  }

  private let state = Mutex(State.idle)

  func begin(_ continuation: CheckedContinuation<Value?, Never>) {
    let early: Value?? = state.withLock { state in
      if case .ended(let value) = state { return .some(value) }
      state = .waiting(continuation)
      return nil
    }
    if let early { continuation.resume(returning: early) }
  }

  func end(_ value: Value?) {
    let waiter: CheckedContinuation<Value?, Never>? = state.withLock { state in
      if case .ended = state { return nil }
      defer { state = .ended(value) }
      if case .waiting(let continuation) = state { return continuation }
      return nil
    }
    waiter?.resume(returning: value)
  }
}
