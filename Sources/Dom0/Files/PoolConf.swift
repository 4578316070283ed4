/// `/etc/xensource/pool.conf`: the host's role (`reference/dom0.md` §2.3). Missing, empty or anything else makes XAPI
/// start in emergency mode with the role "broken".
public enum PoolConf: Hashable, Sendable {
  public static let path = "/etc/xensource/pool.conf"

  /// Coordinator of its pool, be it of one host.
  case coordinator
  /// - Parameter coordinator: the coordinator's address or name, IPv6 without brackets.
  case member(coordinator: String)

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path)
    let text = HostText.string(HostText.trimmed(bytes))
    if text == "master" {
      self = .coordinator
      return
    }
    // Only the first colon divides: the address may be IPv6.
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "slave" else {
      throw .malformed(path: Self.path, reason: "it says neither master nor slave:ADDRESS")
    }
    let address = HostText.string(HostText.trimmed(Array(parts[1].utf8)))
    guard HostnameText.isHost(address) else {
      throw .malformed(path: Self.path, reason: "what follows slave: is no address")
    }
    self = .member(coordinator: address)
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path, limit: 4096))
  }

  /// The file's bytes; the vendor's tools write no line feed.
  public func rendered() throws(SettingError) -> [UInt8] {
    switch self {
    case .coordinator: return Array("master".utf8)
    case .member(let address):
      guard HostnameText.isHost(address) else {
        throw SettingError(field: "coordinator", rule: "\"\(address)\" is not an address")
      }
      return Array("slave:\(address)".utf8)
    }
  }

  public static func write(_ bytes: [UInt8], to system: HostSystem) throws(HostFileError) {
    try system.replace(path, with: bytes)
  }
}
