import Glibc

/// A doorbell that rings when links, addresses or routes of the kernel change, so that nobody needs to look again and
/// again.
public struct NetworkChanges: Sendable {
  public enum Source: Hashable, Sendable {
    /// The kernel tells.
    case kernel
    /// The kernel cannot be heard: rings at every interval, in case something changed.
    case clock(every: Duration, reason: String)
  }

  public let source: Source
  /// Rings once for any number of changes. For one listener; what is behind it ends when nobody listens any more.
  public let rings: AsyncStream<Void>

  /// Starts to listen; changes from now on are told.
  /// - Parameters:
  ///   - settle: how long to wait for more once something changed: a bond that comes up changes many things.
  ///   - interval: how often to ring where the kernel cannot be heard.
  public init(
    of system: HostSystem, settle: Duration = .milliseconds(150), otherwise interval: Duration = .seconds(5)
  ) {
    guard system.isThisMachine else {
      self = .ticking(every: interval, because: "these files are not this machine's")
      return
    }
    switch RouteSocket.open() {
    case .success(let socket): self = .listening(to: socket, settle: settle, otherwise: interval)
    case .failure(let error): self = .ticking(every: interval, because: error.reason)
    }
  }

  private init(source: Source, rings: AsyncStream<Void>) {
    self.source = source
    self.rings = rings
  }

  /// Listens to a socket that is already open and closes it in the end.
  static func listening(to socket: RouteSocket, settle: Duration, otherwise interval: Duration) -> NetworkChanges {
    guard let stop = WakePipe() else {
      let reason = String(cString: strerror(errno))
      socket.close()
      return ticking(every: interval, because: reason)
    }
    let (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    bell.onTermination = { _ in stop.ring() }
    let problem = WorkThread.start {
      Listener(socket: socket, stop: stop, settle: settle, interval: interval).run { bell.yield() }
      socket.close()
    }
    guard problem == 0 else {
      socket.close()
      return ticking(every: interval, because: String(cString: strerror(problem)))
    }
    return NetworkChanges(source: .kernel, rings: rings)
  }

  private static func ticking(every interval: Duration, because reason: String) -> NetworkChanges {
    let (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let clock = Task {
      while (try? await Task.sleep(for: interval)) != nil { bell.yield() }
    }
    bell.onTermination = { _ in clock.cancel() }
    return NetworkChanges(source: .clock(every: interval, reason: reason), rings: rings)
  }
}

/// Sleeps until the kernel tells something, on a thread of its own. Never wakes while nothing happens.
private struct Listener {
  let socket: RouteSocket
  let stop: WakePipe
  let settle: Duration
  let interval: Duration

  /// Returns when nobody listens any more.
  func run(_ ring: () -> Void) {
    while isNews() {
      // Whatever comes in this time is told with the same ring; the socket keeps it.
      if isStopped(within: settle) { return }
      let isOfUse = socket.drain()
      ring()
      if !isOfUse { break }
    }
    while !isStopped(within: interval) { ring() }
  }

  /// Waits for news. False when nobody listens any more, or nothing can be heard.
  private func isNews() -> Bool {
    var descriptors = [
      pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: stop.reading, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&descriptors, UInt(descriptors.count), -1) < 0 {
      guard errno == EINTR else { return false }
    }
    return descriptors[1].revents == 0
  }

  private func isStopped(within time: Duration) -> Bool {
    var descriptor = pollfd(fd: stop.reading, events: Int16(POLLIN), revents: 0)
    let (seconds, attoseconds) = time.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    return poll(&descriptor, 1, Int32(clamping: max(0, milliseconds))) > 0
  }
}
