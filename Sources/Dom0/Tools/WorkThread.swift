import Glibc

/// A thread for work that waits in system calls: Swift's own few must not.
public enum WorkThread {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Bytes; what runs here has no deep calls.
  private static let stackSize = 256 << 10

  /// Runs `body` on a thread of its own, with every signal blocked: they are the main loop's.
  /// - Returns: 0, or errno's number when there can be no more threads.
  public static func start(_ body: @escaping @Sendable () -> Void) -> Int32 {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, stackSize)
    // A new thread has the mask of the one that makes it.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let problem = pthread_create(
      &thread, &attributes,
      { context in
        if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    if problem != 0 { work.release() }
    return problem
  }

  /// Runs `body` on a thread of its own and waits for what comes of it.
  /// - Parameters:
  ///   - body: its pipe calls when the task is cancelled; what waits has to listen to it.
  ///   - refused: what comes of it when there can be no thread, made of the kernel's words.
  public static func run<Value: Sendable>(
    _ body: @escaping @Sendable (WakePipe) -> Value, refused: @escaping @Sendable (String) -> Value
  ) async -> Value {
    guard let stop = WakePipe() else { return refused(String(cString: strerror(errno))) }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { waiting in
        let problem = start { waiting.resume(returning: body(stop)) }
        if problem != 0 { waiting.resume(returning: refused(String(cString: strerror(problem)))) }
      }
    } onCancel: {
      stop.ring()
    }
  }
}
