import Synchronization
import Testing

/// What was told, in order.
final class Heard<Value: Sendable>: Sendable {
  private let told = Mutex<[Value]>([])
  var all: [Value] { told.withLock { $0 } }
  func add(_ value: Value) { told.withLock { $0.append(value) } }

  /// Waits for something; gives up after ten seconds, which is told.
  static func waits(_ isSo: () async -> Bool) async throws {
    for _ in 0..<1000 {
      if await isSo() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("waited in vain")
  }
}
