import CCurl
import Glibc
import Synchronization

/// The thread behind `HTTPTransport`.
final class CurlWorker: Sendable {
  typealias Outcome = Result<HTTPResponse, TransportError>

  struct Request: Sendable {
    let id: UInt64
    let lane: HTTPTransport.Lane
    let body: [UInt8]
    let limit: Duration
    let deadline: ContinuousClock.Instant
    let finish: @Sendable (Outcome) -> Void
  }

  private struct Inbox {
    var waiting: [Request] = []
    /// A cancellation may come before its request does: each stays until `forget`.
    var cancelled: Set<UInt64> = []
    var stopping = false
  }

  /// libcurl's multi handle. Only the worker's thread uses it, but for `curl_multi_wakeup`, which any thread may call.
  private struct Multi: @unchecked Sendable { let handle: UnsafeMutableRawPointer? }

  private let endpoint: Endpoint
  private let inbox = Mutex(Inbox())
  private let lastID = Atomic<UInt64>(0)
  private let multi: Multi

  init(endpoint: Endpoint) {
    self.endpoint = endpoint
    // Thread-safe in every libcurl that dom0 or Debian has, and counted: the matching clean-up is in `deinit`.
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    multi = Multi(handle: curl_multi_init())
  }

  /// When both the thread and the transport have let go: nobody can wake a handle that is gone.
  deinit {
    curl_multi_cleanup(multi.handle)
    curl_global_cleanup()
  }

  func nextID() -> UInt64 { lastID.add(1, ordering: .relaxed).newValue }

  func start() {
    // The thread keeps the worker alive until `stop`.
    let context = Unmanaged.passRetained(self).toOpaque()
    var thread = pthread_t()
    let failed = Self.withoutSignals {
      pthread_create(
        &thread, nil,
        { context in
          if let context { Unmanaged<CurlWorker>.fromOpaque(context).takeRetainedValue().run() }
          return nil
        }, context)
    }
    if failed == 0 {
      pthread_detach(thread)
    } else {
      Unmanaged<CurlWorker>.fromOpaque(context).release()
      inbox.withLock { $0.stopping = true }
    }
  }

  /// A thread begins with the mask of the one that makes it. Signals are for the thread that owns the terminal; and
  /// SIGPIPE, which TLS libraries raise when the other side is gone, must end nothing.
  private static func withoutSignals<Value>(_ body: () -> Value) -> Value {
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return body()
  }

  func submit(_ request: Request) {
    let accepted = inbox.withLock { inbox in
      if inbox.stopping { return false }
      inbox.waiting.append(request)
      return true
    }
    if accepted { curl_multi_wakeup(multi.handle) } else { request.finish(.failure(.cancelled)) }
  }

  func cancel(_ id: UInt64) {
    inbox.withLock { _ = $0.cancelled.insert(id) }
    curl_multi_wakeup(multi.handle)
  }

  /// To be called when the request `id` has ended.
  func forget(_ id: UInt64) { inbox.withLock { _ = $0.cancelled.remove(id) } }

  func stop() {
    inbox.withLock { $0.stopping = true }
    curl_multi_wakeup(multi.handle)
  }

  // MARK: On the thread

  private func run() {
    var queue: [Request] = []
    var lanes = HTTPTransport.Lane.allCases.map { _ in CurlLane(endpoint: endpoint) }
    while true {
      let (arrived, cancelled, stopping) = inbox.withLock { inbox in
        defer { inbox.waiting = [] }
        return (inbox.waiting, inbox.cancelled, inbox.stopping)
      }
      queue += arrived
      drop(&queue, &lanes) { cancelled.contains($0.id) || stopping ? .cancelled : nil }
      if stopping { break }
      drop(&queue, &lanes) { $0.deadline <= .now ? .timedOut($0.limit) : nil }
      for index in lanes.indices where lanes[index].current == nil {
        if let next = queue.firstIndex(where: { $0.lane.rawValue == index }) {
          lanes[index].begin(queue.remove(at: next), on: multi.handle)
        }
      }
      var running: Int32 = 0
      curl_multi_perform(multi.handle, &running)
      if collect(&lanes) { continue }
      let nextDeadline = (queue.map(\.deadline) + lanes.compactMap { $0.current?.deadline }).min()
      curl_multi_poll(multi.handle, nil, 0, Self.milliseconds(until: nextDeadline), nil)
    }
    for index in lanes.indices { lanes[index].close() }
  }

  /// Ends every request, queued or under way, for which `reason` has one.
  private func drop(_ queue: inout [Request], _ lanes: inout [CurlLane], _ reason: (Request) -> TransportError?) {
    queue.removeAll { request in
      guard let error = reason(request) else { return false }
      request.finish(.failure(error))
      return true
    }
    for index in lanes.indices {
      guard let current = lanes[index].current, let error = reason(current) else { continue }
      lanes[index].abandon(on: multi.handle)
      current.finish(.failure(error))
    }
  }

  /// Hands out the answers that have come; true when there was one.
  private func collect(_ lanes: inout [CurlLane]) -> Bool {
    var any = false
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi.handle, &left) {
      guard message.pointee.msg == CURLMSG_DONE else { continue }
      any = true
      if let index = lanes.firstIndex(where: { $0.handle == message.pointee.easy_handle }) {
        lanes[index].finish(message.pointee.data.result, on: multi.handle)
      }
    }
    return any
  }

  /// Rounded up, so that the deadline has passed on waking; a day when there is none.
  private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return 86_400_000 }
    let left = (deadline - .now).components
    let milliseconds = left.seconds * 1000 + (left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(clamping: min(max(milliseconds, 0), 86_400_000))
  }
}
