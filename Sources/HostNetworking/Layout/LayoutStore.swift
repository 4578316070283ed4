import Dom0
import JSON

/// The layouts saved on a host, one file each; none is ever overwritten or thrown away.
public struct LayoutStore: Sendable {
  public static let folder = "/var/lib/xcpconsole/layouts"

  /// One file of the folder.
  public struct Entry: Sendable {
    /// `20261122T172005Z.json`.
    public var name: String
    /// On the host.
    public var path: String
    /// The layout, or what is wrong with the file.
    public var layout: Result<NetworkLayout, LayoutError>
  }

  /// Hundreds of VLANs with long descriptions stay far below.
  private static let largest = 8 << 20

  private let system: HostSystem

  public init(_ system: HostSystem) { self.system = system }

  /// Writes a layout to a new file, readable by root only (a network's other-config may hold anything).
  /// - Returns: the file's path on the host.
  public func save(_ layout: NetworkLayout) throws(LayoutError) -> String {
    do {
      try system.makeFolder(Self.folder, mode: 0o700)
      let path = freePath(UTCText.stamp(layout.taken.at))
      try system.replace(path, with: layout.encoded, mode: 0o600)
      return path
    } catch {
      throw .file(error)
    }
  }

  /// Two layouts of one second get different names, which still sort by time.
  private func freePath(_ stamp: String) -> String {
    var path = "\(Self.folder)/\(stamp).json"
    var number = 2
    while system.exists(path) {
      path = "\(Self.folder)/\(stamp)-\(number).json"
      number += 1
    }
    return path
  }

  /// Every saved layout, the newest first. Files that are none are passed over by their name; damaged ones are listed
  /// with what is wrong.
  public func list() throws(LayoutError) -> [Entry] {
    let names: [String]
    do {
      names = try system.names(in: Self.folder)
    } catch .missing {
      return []
    } catch {
      throw .file(error)
    }
    return names.filter(Self.isLayoutName).sorted(by: Self.isNewer).map { name in
      let path = "\(Self.folder)/\(name)"
      let layout = Result { () throws(LayoutError) -> NetworkLayout in try read(path: path) }
      return Entry(name: name, path: path, layout: layout)
    }
  }

  /// Temporary files, hidden ones and what other people put there are none of ours.
  private static func isLayoutName(_ name: String) -> Bool { name.hasSuffix(".json") && !name.hasPrefix(".") }

  /// By time, which is how the names sort; a second file of one second is newer than the first.
  private static func isNewer(_ left: String, _ right: String) -> Bool {
    comesBefore(String(right.dropLast(5)), String(left.dropLast(5)))
  }

  /// The newest layout that can be read.
  public func newest() throws(LayoutError) -> Entry? { try list().first { (try? $0.layout.get()) != nil } }

  /// Reads a layout by the name of its file in the folder (with or without `.json`), by `latest`, or by its path on the
  /// host.
  public func read(_ name: String) throws(LayoutError) -> (path: String, layout: NetworkLayout) {
    if name.hasPrefix("/") { return (name, try read(path: name)) }
    if name == "latest" {
      guard let newest = try newest() else { throw .unknown(name: name) }
      return (newest.path, try newest.layout.get())
    }
    guard !name.isEmpty, !name.contains("/") else { throw .unknown(name: name) }
    let path = "\(Self.folder)/\(name.hasSuffix(".json") ? name : name + ".json")"
    do {
      return (path, try read(path: path))
    } catch .file(.missing) {
      throw .unknown(name: name)
    }
  }

  private func read(path: String) throws(LayoutError) -> NetworkLayout {
    let bytes: [UInt8]
    do {
      bytes = try system.read(path, limit: Self.largest)
    } catch {
      throw .file(error)
    }
    return try NetworkLayout(parsing: bytes, name: path)
  }
}
