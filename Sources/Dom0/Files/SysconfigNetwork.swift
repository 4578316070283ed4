/// `/etc/sysconfig/network` (`reference/dom0.md` §2.10), and the scripts beside it that fight with networkd.
public struct SysconfigNetwork: Hashable, Sendable {
  public static let path = "/etc/sysconfig/network"
  public static let scripts = "/etc/sysconfig/network-scripts"

  let assignments: Assignments

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path, mayBeEmpty: true)
    assignments = Assignments(bytes)
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path, limit: 1 << 16))
  }

  public var bytes: [UInt8] { assignments.bytes }

  /// As the shell takes it: the last line counts, a pair of quotes is stripped.
  public subscript(key: String) -> String? {
    assignments.entries.last { $0.key == key }.map { HostText.string(HostText.trimmed($0.raw).unquoted()) }
  }

  public var isIPv6Enabled: Bool? { self["NETWORKING_IPV6"].map { $0 == "yes" } }

  /// Lines that networkd turns into a bare `=` at its start, since they do not split in two at `=`.
  public var problems: [String] {
    let lines = assignments.text.lines
    return lines.indices.filter { index in
      let line = HostText.trimmed(lines[index])
      return !line.isEmpty && line.count { $0 == UInt8(ascii: "=") } != 1
    }.map { "line \($0 + 1) does not split in two at '=': networkd loses it" }
  }

  /// `ifcfg-eth0` and the like, which bring up what networkd should; `ifcfg-lo` is as it should be.
  public static func rivalScripts(on system: HostSystem) -> [String] {
    ((try? system.names(in: scripts)) ?? []).filter { $0.hasPrefix("ifcfg-") && $0 != "ifcfg-lo" }
  }
}
