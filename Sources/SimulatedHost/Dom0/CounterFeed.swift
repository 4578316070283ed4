import Glibc

/// Hears that somebody reads the files of counters (inotify(7)), on a thread of its own: they need not be moved on while nobody
/// looks, and an idle host never wakes.
final class CounterFeed: Sendable {
  private let descriptor: Int32
  private let pipe: (read: Int32, write: Int32)
  /// A reader goes through many files in a row.
  private static let settle: Int32 = 20

  /// nil where the kernel cannot tell.
  init?(_ wake: @escaping @Sendable () -> Void) {
    descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard descriptor >= 0 else { return nil }
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else {
      close(descriptor)
      return nil
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    pipe = (ends[0], ends[1])
    let loop = Loop(descriptor: descriptor, stop: ends[0], wake: wake)
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Loop>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(loop).toOpaque())
    guard result == 0 else {
      Unmanaged.passUnretained(loop).release()
      for end in [ends[0], ends[1], descriptor] { close(end) }
      return nil
    }
    pthread_detach(thread)
  }

  /// Watches a folder; one that is watched already stays so.
  func watch(_ folder: String) { inotify_add_watch(descriptor, folder, UInt32(IN_ACCESS | IN_ONLYDIR)) }

  /// Ends the thread, which closes what it waits on.
  func stop() { close(pipe.write) }

  private final class Loop: Sendable {
    private let descriptor: Int32
    private let stop: Int32
    private let wake: @Sendable () -> Void

    init(descriptor: Int32, stop: Int32, wake: @escaping @Sendable () -> Void) {
      self.descriptor = descriptor
      self.stop = stop
      self.wake = wake
    }

    func run() {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        var entries = [
          pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
        ]
        if poll(&entries, 2, -1) < 0, errno != EINTR { break }
        if entries[1].revents != 0 { break }
        var stopping = pollfd(fd: stop, events: Int16(POLLIN), revents: 0)
        if poll(&stopping, 1, CounterFeed.settle) > 0 { break }
        while read(descriptor, &buffer, buffer.count) > 0 {}
        wake()
      }
      close(descriptor)
      close(stop)
    }
  }
}

extension SimulatedHost {
  /// Longer than anybody who watches looks away. What would have flowed in such a pause is left out: files are moved on after
  /// they were read, so that all of it would seem to have come between the next two looks.
  private static let longestPause = Duration.milliseconds(2500)

  /// From now on the counters move while somebody looks at them.
  func followReaders() {
    counterFeed?.stop()
    counterFeed = CounterFeed { [weak self] in
      Task { await self?.moveCounters() }
    }
    watchCounters()
  }

  /// networkd writes down what it sees every five seconds. Here it does so just often enough not to be taken for hung: an idle host
  /// should hardly wake.
  func keepStatisticsFresh(every pause: Duration = .seconds(15)) {
    statisticsFeed?.cancel()
    statisticsFeed = Task { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: pause, tolerance: .seconds(2))
        await self?.writeStatistics()
      }
    }
  }

  private func writeStatistics() {
    let path = "/dev/shm/network_stats"
    guard !Task.isCancelled, let tree = dom0.tree, dom0.isRunning("xcp-networkd"), let entry = dom0.written[path] else { return }
    try? tree.put(path, entry)
  }

  private func watchCounters() {
    guard let tree = dom0.tree, let counterFeed else { return }
    for card in ownCards { counterFeed.watch("\(tree.root)/sys/class/net/\(card.device)/statistics") }
  }

  /// Bad packets that come in each second.
  func setErrors(device: String, rate: UInt64) {
    for index in world.nics.indices where world.nics[index].host == world.thisHost && world.nics[index].device == device {
      world.nics[index].errorRate = rate
    }
  }

  /// Brings the counters up to now.
  func moveCounters() {
    let now = ContinuousClock.now
    let before = dom0.counted ?? now
    dom0.counted = now
    let pause = now - before
    guard pause > .zero, pause < Self.longestPause, let tree = dom0.tree else { return }
    let (seconds, attoseconds) = pause.components
    world.pass(seconds: Double(seconds) + Double(attoseconds) / 1e18, uses: uses)
    var entries: [String: TreeEntry] = [:]
    let kernel = KernelView(world, dom0.live)
    for device in kernel.devices {
      guard case .card = device.kind else { continue }
      KernelFiles.addCounters(of: device, "/sys/class/net/\(device.name)", to: &entries)
    }
    for (path, entry) in entries where dom0.written[path] != nil && dom0.written[path] != entry {
      try? tree.put(path, entry)
      dom0.written[path] = entry
    }
    watchCounters()
  }

  /// Which cards are up, how many running guests they carry, and whether management.
  private var uses: [String: (guests: Int, isManagement: Bool)] {
    var uses: [String: (guests: Int, isManagement: Bool)] = [:]
    let database = world.database
    let managed = inventoryKeys["MANAGEMENT_INTERFACE"]
    for name in dom0.live.interfaces.keys where ownCards.contains(where: { $0.device == name }) { uses[name] = (0, false) }
    for bridge in dom0.live.bridges.keys {
      guard let uplink = dom0.live.uplink(of: bridge) else { continue }
      let networks = database.refs("network").filter { database.string("network", $0, "bridge") == bridge }
      let guests = networks.flatMap { database.strings("network", $0, "VIFs") }
        .count { database.bool("VIF", $0, "currently_attached") }
      for card in uplink.cards {
        uses[card, default: (0, false)].guests += guests
        if bridge == managed { uses[card, default: (0, false)].isManagement = true }
      }
    }
    return uses
  }
}
