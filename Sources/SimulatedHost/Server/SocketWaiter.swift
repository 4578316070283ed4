import FlyingSocks
import Glibc
import Synchronization

/// Waits for sockets on one thread that sleeps in `poll` without a time-out.
///
/// FlyingSocks' own pool waits on a Dispatch queue, and a process that has used one is woken once a second for as long as
/// it lives: too often for a server inside an idle console, whose own tasks keep clear of Dispatch.
final class SocketWaiter: AsyncSocketPool {
  private struct Waiting {
    let descriptor: Int32
    let events: Int16
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var waiting: [Int: Waiting] = [:]
    var next = 0
    /// Both ends of the pipe that interrupts `poll`; -1 before `prepare()` and after the thread's end.
    var pipe: (read: Int32, write: Int32) = (-1, -1)
    var stopped = false
  }

  private let state = Mutex(State())

  /// Starts the thread.
  func prepare() async throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SocketError.makeFailed("pipe") }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    state.withLock { $0.pipe = (ends[0], ends[1]) }
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<SocketWaiter>.fromOpaque(argument).takeRetainedValue().loop() }
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    guard result == 0 else {
      Unmanaged.passUnretained(self).release()
      throw SocketError.makeFailed("pthread_create")
    }
    pthread_detach(thread)
  }

  /// The thread runs by itself.
  func run() async throws {}

  /// Ends the thread; whoever still waits gets an error.
  func stop() {
    state.withLock { state in
      state.stopped = true
      Self.interrupt(state)
    }
  }

  func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    let wanted = Int16((events.contains(.read) ? POLLIN : 0) | (events.contains(.write) ? POLLOUT : 0))
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let refused = state.withLock { state in
          if state.stopped || Task.isCancelled { return true }
          state.waiting[id] = Waiting(descriptor: socket.file.rawValue, events: wanted, continuation: continuation)
          Self.interrupt(state)
          return false
        }
        if refused { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        Self.interrupt(state)
        return state.waiting.removeValue(forKey: id)
      }
      waiting?.continuation.resume(throwing: CancellationError())
    }
  }

  private static func interrupt(_ state: State) {
    var byte: UInt8 = 0
    if state.pipe.write >= 0 { _ = write(state.pipe.write, &byte, 1) }
  }

  // MARK: The thread

  private func loop() {
    while true {
      let (ids, waiting, stopped) = state.withLock { state in
        (Array(state.waiting.keys), Array(state.waiting.values), state.stopped)
      }
      if stopped { break }
      var entries = waiting.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
      entries.append(pollfd(fd: state.withLock { $0.pipe.read }, events: Int16(POLLIN), revents: 0))
      guard Glibc.poll(&entries, nfds_t(entries.count), -1) > 0 else { continue }
      if entries[ids.count].revents != 0 { drain(entries[ids.count].fd) }
      for (id, entry) in zip(ids, entries) where entry.revents != 0 {
        // Gone when it was cancelled meanwhile.
        state.withLock { $0.waiting.removeValue(forKey: id) }?.continuation.resume()
      }
    }
    finish()
  }

  private func drain(_ descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: 256)
    while read(descriptor, &buffer, buffer.count) > 0 {}
  }

  private func finish() {
    let (left, pipe) = state.withLock { state in
      defer {
        state.waiting = [:]
        state.pipe = (-1, -1)
      }
      return (Array(state.waiting.values), state.pipe)
    }
    for waiting in left { waiting.continuation.resume(throwing: CancellationError()) }
    close(pipe.read)
    close(pipe.write)
  }
}
