import Dom0
import Glibc
import JSON

/// The one change of a host that waits to be confirmed: a record on disk that several processes share, each change of it
/// made under a lock.
public struct PendingStore: Sendable {
  public static let folder = "/var/lib/xcpconsole/pending"
  static let path = folder + "/change.json"
  static let revertLock = folder + "/revert.lock"
  /// How the last one ended.
  static let lastPath = folder + "/last.json"

  let system: HostSystem

  public init(_ system: HostSystem) { self.system = system }

  // MARK: Time

  /// Seconds since the boot, sleep included; not moved by whoever sets the clock.
  public static func uptime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  // MARK: Reading

  /// Changes nothing, and needs no lock: the record is replaced in one instant.
  public func standing() -> PendingStanding {
    do {
      guard let change = try read() else { return .none }
      return .there(change, secondsLeft: secondsLeft(change))
    } catch {
      return .damaged("\(error)")
    }
  }

  /// 0 when it is due, and after a reboot.
  func secondsLeft(_ change: PendingChange) -> Double {
    guard change.bootID == ResetKeeper.bootID(system) else { return 0 }
    return max(0, change.deadline - Self.uptime())
  }

  func read() throws(ChangeFailure) -> PendingChange? {
    do throws(HostFileError) {
      let bytes = try system.read(Self.path)
      guard let json = try? JSONValue(parsing: bytes) else { throw .malformed(path: Self.path, reason: "it is not JSON") }
      do throws(ChangeFailure) { return try PendingChange(json) } catch {
        throw .malformed(path: Self.path, reason: error.text)
      }
    } catch .missing {
      return nil
    } catch {
      throw ChangeFailure("\(error)")
    }
  }

  /// How the last change ended; nil when there was none.
  public func lastEnd() -> PendingEnd? {
    guard let bytes = try? system.read(Self.lastPath), let json = try? JSONValue(parsing: bytes),
      let title = json["title"]?.string, let end = json["end"]?.string, let at = json["at"]?.int
    else { return nil }
    return PendingEnd(id: json["id"]?.string ?? "", title: title, end: end, at: at)
  }

  // MARK: Changing

  /// Puts the first record down.
  func begin(_ change: PendingChange) throws(ChangeFailure) {
    try locked { () throws(ChangeFailure) in
      if let other = try read() { throw ChangeFailure("another change waits to be confirmed: \(other.title)") }
      // The way back must find its lock there, should the disk be full by then.
      _ = try FileLock.tried(Self.revertLock, on: system)
      try write(change)
    }
  }

  /// Changes the record, if it still is in one of these states.
  /// - Parameter holds: looked at under the lock.
  /// - Returns: the record as it is now; nil when it is another's, in another state, or gone.
  @discardableResult
  func update(
    _ id: String, in states: Set<PendingChange.State>, when holds: (PendingChange) -> Bool = { _ in true },
    _ edit: (inout PendingChange) -> Void
  ) throws(ChangeFailure) -> PendingChange? {
    try locked { () throws(ChangeFailure) -> PendingChange? in
      guard var change = try read(), change.id == id, states.contains(change.state), holds(change) else { return nil }
      edit(&change)
      try write(change)
      return change
    }
  }

  /// Takes the record away: the change is kept, or wholly taken back.
  /// - Parameter end: how it ended, a sentence.
  /// - Returns: false when it is another's, in another state, or gone already.
  @discardableResult
  func end(_ id: String, in states: Set<PendingChange.State>, _ end: String) throws(ChangeFailure) -> Bool {
    try locked { () throws(ChangeFailure) -> Bool in
      guard let change = try read(), change.id == id, states.contains(change.state) else { return false }
      let last: JSONValue = [
        "id": .string(id), "title": .string(change.title), "end": .string(end), "at": .int(Int64(time(nil))),
      ]
      // In this order: whoever misses the record finds how it ended. On a full disk the record goes all the same.
      _ = try? system.replace(Self.lastPath, with: last.encoded + [UInt8(ascii: "\n")], mode: 0o600)
      do throws(HostFileError) {
        try system.remove(Self.path)
      } catch {
        throw ChangeFailure("\(error)")
      }
      return true
    }
  }

  /// Does something while nothing is pending and nothing can become so.
  func whileEmpty(_ work: () -> Void) {
    try? locked { () throws(ChangeFailure) in
      if try read() == nil { work() }
    }
  }

  private func write(_ change: PendingChange) throws(ChangeFailure) {
    do throws(HostFileError) {
      try system.replace(Self.path, with: change.json.encoded + [UInt8(ascii: "\n")], mode: 0o600)
    } catch {
      throw ChangeFailure("\(error)")
    }
  }

  private func locked<Value>(_ work: () throws(ChangeFailure) -> Value) throws(ChangeFailure) -> Value {
    let lock = try FileLock.taken("\(Self.folder)/lock", on: system)
    defer { withExtendedLifetime(lock) {} }
    return try work()
  }
}

/// A lock that goes with the process that holds it, however that ends (flock(2)).
final class FileLock: Sendable {
  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Waits for the lock; who holds it has it for moments only.
  static func taken(_ path: String, on system: HostSystem) throws(ChangeFailure) -> FileLock {
    let descriptor = try opened(path, system)
    while flock(descriptor, LOCK_EX) != 0 {
      if errno == EINTR { continue }
      let reason = String(cString: strerror(errno))
      Glibc.close(descriptor)
      throw ChangeFailure("\(path) could not be locked: \(reason)")
    }
    return FileLock(descriptor)
  }

  /// nil when another holds it.
  static func tried(_ path: String, on system: HostSystem) throws(ChangeFailure) -> FileLock? {
    let descriptor = try opened(path, system)
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return FileLock(descriptor) }
    Glibc.close(descriptor)
    return nil
  }

  private static func opened(_ path: String, _ system: HostSystem) throws(ChangeFailure) -> Int32 {
    let place: String
    do throws(HostFileError) {
      if !system.exists(PendingStore.folder) { try system.makeFolder(PendingStore.folder, mode: 0o700) }
      place = try system.resolved(path)
    } catch {
      throw ChangeFailure("\(error)")
    }
    // Not inherited: a tool that we start must not hold it after us.
    var descriptor = open(place, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    // A disk that takes no writes must not stand between a host and its way back.
    if descriptor < 0 { descriptor = open(place, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw ChangeFailure("\(path): \(String(cString: strerror(errno)))") }
    return descriptor
  }

  deinit { close(descriptor) }
}
