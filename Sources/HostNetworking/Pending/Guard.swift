import Dom0
import Glibc
import JSON
import XenAPI

/// Watches a pending change from a process of its own, and takes it back when nobody has confirmed it in time, or when the
/// program that made it died in its midst.
public struct PendingGuard: Sendable {
  /// How often it looks at the record, and how long it waits before it tries again what did not work.
  public struct Timing: Sendable {
    public var look = Duration.milliseconds(500)
    public var again = Duration.seconds(10)
    public init() {}
  }

  private let reversal: Reversal
  private let store: PendingStore
  private let system: HostSystem
  private let timing: Timing

  public init(_ reversal: Reversal, timing: Timing = Timing()) {
    self.reversal = reversal
    system = reversal.system
    store = PendingStore(reversal.system)
    self.timing = timing
  }

  static let markPath = PendingStore.folder + "/guard.json"

  /// Runs until the change is kept or wholly taken back.
  /// - Parameter id: of the change; nil watches whichever there is (at the start of the host).
  public func run(_ id: String?) async {
    guard let lock = await turn(id) else { return }
    defer { withExtendedLifetime(lock) {} }
    while !Task.isCancelled {
      guard case .there(let change, let secondsLeft) = store.standing(), id == nil || change.id == id else { break }
      note(change.id)
      guard let why = reason(change, secondsLeft) else {
        let pause = secondsLeft > 0 ? Int(secondsLeft * 1000) : 1000
        try? await Task.sleep(for: min(timing.look, .milliseconds(max(20, pause))))
        continue
      }
      // `elsewhere` as well: it was kept, or given more time, just now.
      let outcome = try? await reversal.run(change.id, why: why, onlyWhenDue: true)
      if outcome == .reverted { break }
      // Whoever is at it elsewhere may be done in a moment.
      try? await Task.sleep(for: outcome == .elsewhere ? timing.look : timing.again)
    }
    _ = try? system.remove(Self.markPath)
  }

  /// One guard is enough. The one of the change before may be about to end, though: who is to guard a certain change waits for
  /// that as long as the change stands.
  /// - Returns: nil when another guards it.
  private func turn(_ id: String?) async -> FileLock? {
    while !Task.isCancelled {
      if let lock = try? FileLock.tried("\(PendingStore.folder)/guard.lock", on: system) { return lock }
      guard let id, Self.standing(system)?.id != id, store.standing().change?.id == id else { return nil }
      try? await Task.sleep(for: min(timing.look, .milliseconds(200)))
    }
    return nil
  }

  /// Why the change is to be taken back now; nil when it is not yet.
  private func reason(_ change: PendingChange, _ secondsLeft: Double) -> String? {
    switch change.state {
    case .waiting: return secondsLeft > 0 ? nil : Self.lateness(change, system)
    case .revertedInFiles, .stuck: return change.remark
    case .applying, .reverting: break
    }
    // Who does the steps holds this lock all the while: nothing is undone beside it.
    guard (try? FileLock.tried(ApplyLock.path, on: system)) != nil else {
      if change.state == .applying, secondsLeft <= 0 {
        // Its next step finds that it may not go on.
        _ = try? store.update(change.id, in: [.applying]) {
          $0.state = .reverting
          $0.remark = Self.lateness($0, system)
        }
      }
      return nil
    }
    if change.state == .reverting { return change.remark }
    // It may have been let go after the last step, just now.
    guard case .there(let now, _) = store.standing(), now.state == .applying else { return nil }
    return secondsLeft <= 0 ? Self.lateness(change, system) : "the program that made it was ended in its midst"
  }

  private static func lateness(_ change: PendingChange, _ system: HostSystem) -> String {
    change.bootID == ResetKeeper.bootID(system) ? "nobody confirmed it in time" : "the host was restarted meanwhile"
  }

  /// Tells whoever waits for it that the guard stands.
  private func note(_ id: String) {
    if Self.standing(system)?.id == id { return }
    let mark: JSONValue = ["id": .string(id), "pid": .int(Int64(getpid()))]
    try? system.replace(Self.markPath, with: mark.encoded, mode: 0o600)
  }

  /// Which change is guarded, by which process.
  static func standing(_ system: HostSystem) -> (id: String, pid: Int64)? {
    guard let bytes = try? system.read(markPath), let json = try? JSONValue(parsing: bytes),
      let id = json["id"]?.string, let pid = json["pid"]?.int
    else { return nil }
    return (id, pid)
  }

  /// Whether some guard is at work: it holds its lock as long as it lives.
  static func isAlive(_ system: HostSystem) -> Bool {
    (try? FileLock.tried("\(PendingStore.folder)/guard.lock", on: system)) == nil
  }
}

/// Held by whoever does the steps of a pending change.
enum ApplyLock {
  static let path = PendingStore.folder + "/apply.lock"
}
