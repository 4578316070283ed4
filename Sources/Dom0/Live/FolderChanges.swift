import Glibc

/// A doorbell that rings when something is written, renamed or removed in a folder, which need not exist yet
/// (inotify(7)). Never wakes while nothing happens.
public struct FolderChanges: Sendable {
  /// Rings once for any number of changes, now and then for one next door. For one listener; what is behind it ends when
  /// nobody listens any more.
  public let rings: AsyncStream<Void>

  /// nil where the kernel cannot tell: the process or the user may watch no more.
  /// - Parameter settle: how long to wait for more once something changed.
  public init?(in folder: String, on system: HostSystem, settle: Duration = .milliseconds(20)) {
    let descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard descriptor >= 0 else { return nil }
    guard let stop = WakePipe() else {
      close(descriptor)
      return nil
    }
    let watch = Watch(descriptor: descriptor, path: folder, system: system)
    guard watch.renew(), watch.renew() else {
      close(descriptor)
      return nil
    }
    let (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    bell.onTermination = { _ in stop.ring() }
    let problem = WorkThread.start {
      watch.run(until: stop, settle: settle) { bell.yield() }
      close(descriptor)
    }
    guard problem == 0 else {
      close(descriptor)
      return nil
    }
    self.rings = rings
  }

  private struct Watch: Sendable {
    let descriptor: Int32
    let path: String
    let system: HostSystem

    private static let events = UInt32(
      IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

    /// Watches the folder, or as long as it does not exist the nearest one above that does, in which it would appear.
    /// - Returns: false when not even one of those can be watched.
    func renew() -> Bool {
      var path = path
      while true {
        if let place = try? system.resolved(path), inotify_add_watch(descriptor, place, Self.events) >= 0 { return true }
        guard path != "/", let slash = path.lastIndex(of: "/") else { return false }
        path = slash == path.startIndex ? "/" : String(path[..<slash])
      }
    }

    /// Returns when nobody listens any more.
    func run(until stop: WakePipe, settle: Duration, _ ring: () -> Void) {
      var descriptors = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: stop.reading, events: Int16(POLLIN), revents: 0),
      ]
      while true {
        if poll(&descriptors, UInt(descriptors.count), -1) < 0, errno != EINTR { return }
        if descriptors[1].revents != 0 { return }
        var stopping = pollfd(fd: stop.reading, events: Int16(POLLIN), revents: 0)
        let (seconds, attoseconds) = settle.components
        if poll(&stopping, 1, Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000))) > 0 { return }
        drain()
        // A folder that has come is watched from now on; what came with it is seen by whoever hears the bell. The second
        // time finds one that came in the midst of the first.
        if renew() { _ = renew() }
        ring()
      }
    }

    /// What the events say does not matter: whoever hears the bell looks for himself.
    private func drain() {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while read(descriptor, &buffer, buffer.count) > 0 {}
    }
  }
}
