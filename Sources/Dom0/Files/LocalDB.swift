/// `/var/lib/xcp/local.db`: what XAPI remembers of this host alone (`reference/dom0.md` §2.11).
public struct LocalDB: Hashable, Sendable {
  public static let path = "/var/lib/xcp/local.db"

  /// Of repeated keys the last counts.
  public let values: [String: String]

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path)
    var tags = XMLTags(bytes, path: Self.path)
    var values: [String: String] = [:]
    guard let root = try tags.next(), root.kind == .start, root.name == "config" else {
      throw .malformed(path: Self.path, reason: "it does not begin with <config>")
    }
    var isOpen = !root.isClosed
    while isOpen {
      guard let tag = try tags.next() else { throw .malformed(path: Self.path, reason: "</config> is missing") }
      switch (tag.kind, tag.name) {
      case (.end, "config"): isOpen = false
      case (.end, "row"): break
      case (.start, "row"):
        let row = try tags.attributes(of: tag)
        guard let key = row["key"], let value = row["value"] else {
          throw tags.damaged("a row lacks its key or its value")
        }
        values[key] = value
      default: throw tags.damaged("there is an unknown tag, \(tag.name)")
      }
    }
    self.values = values
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path))
  }

  public subscript(key: String) -> String? { values[key] }

  /// True when the host is armed for high availability: a reset must not start then.
  public var isHAArmed: Bool { self["ha.armed"] == "true" }
}
