import Dom0
import JSON

/// What a reset was doing, on disk before it begins and after each step, so that a power cut in its midst is not the end of
/// it: the next start can finish it or take it back.
public struct ResetJournal: Hashable, Sendable {
  public static let folder = "/var/lib/xcpconsole/reset"
  public static let path = folder + "/journal.json"

  public enum State: String, Hashable, Sendable {
    /// Between the first step and the last.
    case working
    /// Everything is written; the host has to reboot.
    case done
  }

  /// One change of a file. The bytes before lie in `backup`.
  struct Entry: Hashable, Sendable {
    var kind: ResetStep.Kind
    var path: String
    /// Permission bits of the file that was there.
    var mode: UInt32
    /// The name of a file in `backup`; nil where the path had no file.
    var before: String?
  }

  /// When it began, UTC: `20261122T205439Z`. Names the folder of the backups as well.
  public var stamp: String
  /// Seconds since 1970.
  public var began: Int64
  /// The kernel's name for the time between two boots; nil when it was not to be had.
  public var bootID: String?
  public var hostname: String
  public var state: State
  public var request: ResetRequest
  /// Where the layout of before was saved.
  public var layout: String?
  /// Each path once.
  var entries: [Entry]

  /// The folder of the files as they were.
  public var backup: String { "\(Self.folder)/backup/\(stamp)" }

  /// The paths that the reset changes.
  public var paths: [String] { entries.map(\.path) }

  // MARK: On disk

  private static let format = "xcpconsole reset journal"
  private static let version: Int64 = 1

  /// The journal of this host; nil when there is none.
  /// - Throws: when there is one that cannot be used.
  public static func read(of system: HostSystem) throws(HostFileError) -> ResetJournal? {
    let bytes: [UInt8]
    do throws(HostFileError) {
      bytes = try system.read(path)
    } catch .missing {
      return nil
    }
    let json: JSONValue
    do { json = try JSONValue(parsing: bytes) } catch { throw .malformed(path: path, reason: "\(error)") }
    guard json["format"]?.string == format else { throw .malformed(path: path, reason: "it is no journal of a reset") }
    guard json["version"]?.int == version else {
      throw .malformed(path: path, reason: "it was written by a newer version of this program")
    }
    guard let journal = ResetJournal(json) else { throw .malformed(path: path, reason: "something in it is missing") }
    return journal
  }

  func write(to system: HostSystem) throws(HostFileError) {
    try system.replace(Self.path, with: json.encoded + [UInt8(ascii: "\n")], mode: 0o600)
  }

  public var json: JSONValue {
    [
      "format": .string(Self.format), "version": .int(Self.version), "stamp": .string(stamp), "began": .int(began),
      "boot_id": bootID.map { .string($0) } ?? .null, "hostname": .string(hostname), "state": .string(state.rawValue),
      "request": request.json, "layout": layout.map { .string($0) } ?? .null,
      "changes": .array(
        entries.map { entry in
          [
            "step": .string(entry.kind.rawValue), "path": .string(entry.path), "mode": .int(Int64(entry.mode)),
            "before": entry.before.map { .string($0) } ?? .null,
          ]
        }),
    ]
  }

  private init?(_ json: JSONValue) {
    guard let stamp = json["stamp"]?.string, Stamp.isPlain(stamp), let began = json["began"]?.int,
      let state = json["state"]?.string.flatMap({ State(rawValue: $0) }),
      let request = json["request"].flatMap({ ResetRequest($0) }), let changes = json["changes"]?.array
    else { return nil }
    let entries = changes.compactMap { Entry($0) }
    guard entries.count == changes.count, Set(entries.map(\.path)).count == entries.count else { return nil }
    self.init(
      stamp: stamp, began: began, bootID: json["boot_id"]?.string, hostname: json["hostname"]?.string ?? "", state: state,
      request: request, layout: json["layout"]?.string, entries: entries)
  }

  init(
    stamp: String, began: Int64, bootID: String?, hostname: String, state: State, request: ResetRequest, layout: String?,
    entries: [Entry]
  ) {
    self.stamp = stamp
    self.began = began
    self.bootID = bootID
    self.hostname = hostname
    self.state = state
    self.request = request
    self.layout = layout
    self.entries = entries
  }
}

extension ResetJournal.Entry {
  fileprivate init?(_ json: JSONValue) {
    guard let kind = json["step"]?.string.flatMap({ ResetStep.Kind(rawValue: $0) }), let path = json["path"]?.string,
      path.hasPrefix("/"), let mode = json["mode"]?.int, (0...0o7777).contains(mode)
    else { return nil }
    let before = json["before"]?.string
    // What is taken from the backup lies in it.
    if let before, before.isEmpty || before.contains("/") || before == ".." { return nil }
    self.init(kind: kind, path: path, mode: UInt32(mode), before: before)
  }
}

/// Names of folders of copies.
enum Stamp {
  static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 40
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "-") }
  }
}
