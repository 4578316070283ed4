/// `/etc/xensource/network.conf`: one word for the network backend (`reference/dom0.md` §2.4).
public struct NetworkConf: Hashable, Sendable {
  public static let path = "/etc/xensource/network.conf"

  /// What networkd uses when the file is missing or says something unknown.
  public static let fallback = NetworkBackend.openVSwitch

  /// The word as it stands: `openvswitch`, `vswitch` or `bridge`.
  public let word: String
  public let backend: NetworkBackend

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path)
    word = HostText.string(HostText.trimmed(bytes))
    switch word {
    case "openvswitch", "vswitch": backend = .openVSwitch
    case "bridge": backend = .linuxBridge
    default:
      throw .malformed(path: Self.path, reason: "it says neither openvswitch nor bridge; networkd takes Open vSwitch")
    }
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path, limit: 4096))
  }
}
