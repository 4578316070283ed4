import Glibc
import Synchronization

/// What Ctrl-C and a friendly kill do to a command. They are blocked when the program starts, for the console's sake.
enum Interrupts {
  private static var signals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, signal) }
    return set
  }

  /// They end the program, as everywhere: for commands that leave nothing half done.
  static func letThrough() {
    var set = signals
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// Runs work that must not be torn in the middle. The first signal cancels its task, which ends it at the next good
  /// moment; the second ends the program at once.
  /// - Parameter stopping: called at the first signal.
  static func held<Value: Sendable>(
    _ work: @escaping @Sendable () async -> Value, stopping: () -> Void
  ) -> Value? {
    var set = signals
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let result = Held<Value>()
    let task = Task.detached {
      let value = await work()
      result.value.withLock { $0 = value }
    }
    var isStopping = false
    while true {
      if let value = result.value.withLock({ $0 }) { return value }
      var pause = timespec(tv_sec: 0, tv_nsec: 50_000_000)
      let signal = sigtimedwait(&set, nil, &pause)
      guard signal > 0 else { continue }
      if isStopping { exit(128 + signal) }
      isStopping = true
      task.cancel()
      stopping()
    }
  }
}

private final class Held<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
