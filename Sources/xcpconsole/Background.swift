import Synchronization

/// One task that runs beside the console and is ended with it.
final class Background: Sendable {
  private let task = Mutex<Task<Void, Never>?>(nil)

  func start(_ work: @escaping @Sendable () async -> Void) {
    task.withLock { $0 = Task.detached { await work() } }
  }

  /// Cancels the work and waits for its end.
  func stop() async {
    let running = task.withLock { $0 }
    running?.cancel()
    await running?.value
  }
}
