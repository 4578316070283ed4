import Dom0
import JSON

/// What was changed on this host, by whom and how it went: a line of JSON for each step, for the screen and for programs,
/// and a line in the system log, which may go to another machine.
public struct ChangeLog: Sendable {
  public static let folder = "/var/log/xcpconsole"
  public static let path = "\(folder)/changes.jsonl"
  /// Where the file goes when it has grown too large; what was there goes.
  public static let older = "\(path).1"
  /// Bytes: some ten thousand steps.
  static let limit: Int64 = 4 << 20
  /// Lines are far shorter; a damaged file may hold anything.
  private static let longestFile = 16 << 20

  /// Why a step was not logged: a sentence without a full stop. It is done all the same.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
  }

  private let system: HostSystem
  private let limit: Int64

  public init(_ system: HostSystem) { self.init(system, limit: Self.limit) }

  init(_ system: HostSystem, limit: Int64) {
    self.system = system
    self.limit = limit
  }

  // MARK: Writing

  /// Writes an entry to both logs. Neither keeps the other from being written.
  public func record(_ entry: ChangeLogEntry) throws(Problem) {
    let problems = [
      problem { () throws(HostFileError) in
        if !system.exists(Self.folder) { try system.makeFolder(Self.folder, mode: 0o700) }
        try system.append(entry.json.encoded + [UInt8(ascii: "\n")], to: Self.path, mode: 0o600, limit: limit)
      },
      problem { () throws(HostFileError) in
        // Files below another root may well have no system log.
        if !system.isThisMachine, !system.exists(SystemLog.path) { return }
        try SystemLog(system).send(entry.line, entry.severity, at: entry.time)
      },
    ].compactMap { $0 }
    guard problems.isEmpty else {
      throw Problem(description: "the log of changes could not be written: \(problems.joined(separator: "; "))")
    }
  }

  private func problem(_ work: () throws(HostFileError) -> Void) -> String? {
    do throws(HostFileError) {
      try work()
      return nil
    } catch {
      return "\(error)"
    }
  }

  // MARK: Reading

  /// The latest entries.
  public struct History: Hashable, Sendable {
    /// The newest first.
    public var entries: [ChangeLogEntry] = []
    /// Lines that make no sense, among those looked at.
    public var damaged = 0
    /// There are older ones.
    public var isCut = false
    /// A file that is there and cannot be read.
    public var problem: String?
  }

  /// - Parameter limit: how many entries at the most.
  public func read(limit: Int = 2000) -> History {
    var history = History()
    for path in [Self.path, Self.older] {
      guard history.entries.count < limit else {
        history.isCut = history.isCut || system.exists(path)
        break
      }
      do throws(HostFileError) {
        take(try system.read(path, limit: Self.longestFile), limit, into: &history)
      } catch .missing {
        continue
      } catch {
        history.problem = history.problem ?? "\(error)"
      }
    }
    return history
  }

  /// From the end, so that a long file costs no more than what is shown of it.
  private func take(_ bytes: [UInt8], _ limit: Int, into history: inout History) {
    var end = bytes.endIndex
    while end > bytes.startIndex {
      let start = bytes[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.startIndex
      let line = bytes[start..<end]
      end = max(bytes.startIndex, start - 1)
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      guard history.entries.count < limit else {
        history.isCut = true
        return
      }
      if let entry = (try? JSONValue(parsing: Array(line))).flatMap({ ChangeLogEntry($0) }) {
        history.entries.append(entry)
      } else {
        history.damaged += 1
      }
    }
  }
}

extension ChangeLogEntry {
  fileprivate var severity: SystemLog.Severity { result == .failed ? .error : .notice }
}
