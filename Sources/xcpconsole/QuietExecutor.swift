@_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) import _Concurrency
import Glibc

/// Runs the program's tasks on a few threads that sleep until there is work.
///
/// Swift's own executor on Linux stands on libdispatch, which wakes once a second for as long as the process lives to look
/// after its threads. A console that stays on a screen for years must not: with this one an idle program never wakes.
final class QuietExecutor: TaskExecutor, SchedulingExecutor, @unchecked Sendable {
  // Unchecked: everything below is touched with `lock` held.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let news = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var ready: [UnownedJob] = []
  /// The threads, and how many of them are not asleep.
  private var threads: [pthread_t] = []
  private var awake = 0
  /// The latest first, so that the next one is the last.
  private var timed: [(due: ContinuousClock.Instant, job: UnownedJob)] = []

  private init(threads count: Int) {
    pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(news, &attributes)
    awake = count
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    for _ in 0..<count {
      var thread = pthread_t()
      let work: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        if let context { Unmanaged<QuietExecutor>.fromOpaque(context).takeUnretainedValue().work() }
        return nil
      }
      pthread_create(&thread, nil, work, Unmanaged.passRetained(self).toOpaque())
      threads.append(thread)
    }
  }

  /// Makes this the executor of every task of the process. To be called once, first thing.
  static func install() { _createExecutors(factory: Factory.self) }

  private struct Factory: ExecutorFactory {
    static let pool = QuietExecutor(threads: 2)
    static var mainExecutor: any MainExecutor { PlatformExecutorFactory.mainExecutor }
    static var defaultExecutor: any TaskExecutor { pool }
  }

  // MARK: Taking work in

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    pthread_mutex_lock(lock)
    ready.append(job)
    let needsThread = mayNeedThread || ready.count > 1
    pthread_mutex_unlock(lock)
    if needsThread { pthread_cond_signal(news) }
  }

  func enqueue<C: Clock>(_ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C) {
    // Both of the standard library's clocks count in `Duration`; one that does not has to wait no time at all.
    let due = ContinuousClock.now + ((delay as? Duration) ?? .zero)
    let job = UnownedJob(job)
    pthread_mutex_lock(lock)
    let place = timed.firstIndex { $0.due < due } ?? timed.endIndex
    timed.insert((due, job), at: place)
    // Only a new next moment is news to a thread that waits for one; one that is awake looks before it sleeps.
    let needsThread = mayNeedThread && place == timed.count - 1
    pthread_mutex_unlock(lock)
    if needsThread { pthread_cond_signal(news) }
  }

  /// False when the job at work on one of our own threads asks: its thread looks for more as soon as the job pauses, and
  /// waking another costs more than that saves. Whoever asks from outside cannot know how long the jobs at work will take.
  private var mayNeedThread: Bool {
    awake < threads.count && !threads.contains { pthread_equal($0, pthread_self()) != 0 }
  }

  // MARK: Doing it

  private func work() {
    while true { next().runSynchronously(on: asUnownedTaskExecutor()) }
  }

  private func next() -> UnownedJob {
    pthread_mutex_lock(lock)
    awake -= 1
    defer {
      awake += 1
      pthread_mutex_unlock(lock)
    }
    while true {
      if let last = timed.last, last.due <= .now {
        timed.removeLast()
        return last.job
      }
      if !ready.isEmpty { return ready.removeFirst() }
      if let last = timed.last {
        var until = Self.monotonic(last.due - .now)
        pthread_cond_timedwait(news, lock, &until)
      } else {
        pthread_cond_wait(news, lock)
      }
    }
  }

  /// The moment `delay` from now on the clock that the condition waits by.
  private static func monotonic(_ delay: Duration) -> timespec {
    var moment = timespec()
    clock_gettime(CLOCK_MONOTONIC, &moment)
    let (seconds, attoseconds) = delay.components
    let nanoseconds = moment.tv_nsec + Int(attoseconds / 1_000_000_000) + 1
    return timespec(
      tv_sec: moment.tv_sec + Int(seconds) + nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
  }
}
