import Dom0
import Glibc
import Synchronization
import XenAPI

/// Keeps a `LocalHost` up to date: at the start, when the kernel tells of a change, when asked to, and now and then.
public final class LocalWatch: Sendable {
  /// How often it looks without being told to.
  public struct Timing: Sendable {
    /// While XAPI tells of changes: only for what nobody tells of, such as a unit of systemd that fails.
    public var calm = Duration.seconds(60)
    /// While XAPI is away.
    public var alert = Duration.seconds(5)
    /// While a change waits to be confirmed: another process may keep it, extend it or take it back.
    public var pending = Duration.seconds(2)
    /// A storm of changes is not followed faster than this.
    public var breath = Duration.milliseconds(500)
    /// How long XAPI may stay silent after the start before its saved database is read for the names.
    public var patience = Duration.milliseconds(300)

    public init() {}
  }

  private struct Wants {
    var isCalm = false
    var names = false
  }

  private let system: HostSystem
  private let timing: Timing
  private let bell = Doorbell()
  private let wants = Mutex(Wants())
  /// The latest picture, until it is published, and the bell for who publishes it.
  private let latest = Mutex<LocalHost?>(nil)
  private let news = Doorbell()

  public init(_ system: HostSystem, timing: Timing = Timing()) {
    self.system = system
    self.timing = timing
  }

  /// Looks again at once, or as soon as it may.
  public func lookNow() { bell.ring() }

  /// Tells how XAPI does: without it this host is looked at more often, and its saved database is read for names.
  func heard(of live: LiveState) {
    let isLive = live.connection == .live
    // Right after the start XAPI may just not have had the time.
    let isLate = live.connection != .connecting || ContinuousClock.now - live.since > timing.patience
    let changed = wants.withLock { wants in
      let before = (wants.isCalm, wants.names)
      wants.isCalm = isLive
      wants.names = live.database == nil && (wants.names || isLate)
      return before != (wants.isCalm, wants.names)
    }
    if changed { lookNow() }
  }

  /// Runs until its task is cancelled; `publish` gets every new picture, the first after a few milliseconds.
  public func run(_ publish: @escaping @Sendable (LocalHost) -> Void) async {
    await withTaskGroup { group in
      group.addTask { await self.look(publish) }
      group.addTask { await self.tell(publish) }
      group.addTask { await self.listen() }
      group.addTask { await self.listenForPending() }
      group.addTask { [timing] in
        // XAPI's first word is that nothing has been heard: nobody else calls when the patience ends.
        try? await Task.sleep(for: timing.patience)
        if !Task.isCancelled { self.missNames() }
      }
      await group.waitForAll()
    }
  }

  private func missNames() {
    let missed = wants.withLock { wants in
      guard !wants.isCalm, !wants.names else { return false }
      wants.names = true
      return true
    }
    if missed { lookNow() }
  }

  /// The kernel tells of changes, for a host that is this machine.
  private func listen() async {
    guard system.isThisMachine else { return }
    for await _ in NetworkChanges(of: system, otherwise: timing.calm).rings { bell.ring() }
  }

  /// A change may be made, kept or taken back by another process: that has to be seen at once, not at the next look.
  private func listenForPending() async {
    guard let changes = FolderChanges(in: PendingStore.folder, on: system) else { return }
    let store = PendingStore(system)
    var known = store.standing().change
    for await _ in changes.rings {
      let now = store.standing().change
      if now != known { bell.ring() }
      known = now
    }
  }

  /// Tools answer one after the other within milliseconds: what they say is put together before it is published.
  private func tell(_ publish: @Sendable (LocalHost) -> Void) async {
    while true {
      await news.wait(nil)
      try? await Task.sleep(for: .milliseconds(20))
      if Task.isCancelled { return }
      if let host = latest.withLock({ $0.take() }) { publish(host) }
    }
  }

  private func post(_ host: LocalHost) {
    latest.withLock { $0 = host }
    news.ring()
  }

  private func look(_ publish: @Sendable (LocalHost) -> Void) async {
    var host = LocalHost(of: system)
    // Not put off: the first picture of the host.
    publish(host)
    while !Task.isCancelled {
      await host.askTools(system) { post($0) }
      if Task.isCancelled { return }
      if readNames(&host) { post(host) }
      try? await Task.sleep(for: timing.breath)
      await bell.wait(pause(host))
      if Task.isCancelled { return }
      let before = host.files.pending.change
      host.readFiles(system)
      // The tools take their time; this does not wait for them.
      if host.files.pending.change != before { post(host) }
      await host.readDevices(system)
      post(host)
    }
  }

  private func pause(_ host: LocalHost) -> Duration {
    if host.files.pending != .none { return timing.pending }
    return wants.withLock { $0.isCalm } ? timing.calm : timing.alert
  }

  /// Reads XAPI's saved database when it is wanted and has changed, and lets go of it when XAPI is there again.
  /// - Returns: true when there is news.
  private func readNames(_ host: inout LocalHost) -> Bool {
    guard wants.withLock({ $0.names }) else {
      defer { host.saved = nil }
      return host.saved != nil
    }
    return host.readNames(system)
  }
}
