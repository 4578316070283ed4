import Glibc

/// Where the host's clock is set from: `/etc/chrony.conf`, or `/etc/ntp.conf` where that is still used
/// (`reference/dom0.md` §2.9).
public struct TimeConf: Hashable, Sendable {
  public static let chronyPath = "/etc/chrony.conf"
  public static let ntpPath = "/etc/ntp.conf"
  /// Hook of dhclient: servers from DHCP are used while its owner may run it.
  public static let dhcpHook = "/etc/dhcp/dhclient.d/chrony.sh"
  /// The same of ntpd.
  public static let ntpHook = "/etc/dhcp/dhclient.d/ntp.sh"
  /// Servers from DHCP, one file per interface.
  public static let dhcpFolder = "/run/chrony-dhcp"

  public struct Server: Hashable, Sendable {
    /// `server`, `pool` or `peer`.
    public let kind: String
    /// A name or an address.
    public let host: String
    /// `iburst` and the like.
    public let options: [String]
    fileprivate let line: Int

    /// The name alone for `server NAME iburst`, else the whole line: enough to write it again as it was.
    public var spelling: String {
      kind == "server" && options == ["iburst"] ? host : ([kind, host] + options).joined(separator: " ")
    }
  }

  public let path: String
  /// In the order of the file.
  public let servers: [Server]
  /// Lines that are passed over.
  public let problems: [String]
  private let text: TextLines

  public init(parsing bytes: [UInt8], path: String = TimeConf.chronyPath) throws(HostFileError) {
    try HostText.check(bytes, path: path)
    self.init(TextLines(bytes), path: path)
  }

  private init(_ text: TextLines, path: String) {
    self.path = path
    self.text = text
    (servers, problems) = Self.servers(in: text)
  }

  /// chrony's file when there is one, else ntpd's.
  public init(of system: HostSystem) throws(HostFileError) {
    let path = !system.exists(Self.chronyPath) && system.exists(Self.ntpPath) ? Self.ntpPath : Self.chronyPath
    try self.init(parsing: try system.read(path), path: path)
  }

  private static func servers(in text: TextLines) -> ([Server], [String]) {
    var servers: [Server] = []
    var problems: [String] = []
    for (index, line) in text.lines.enumerated() {
      // chrony takes four characters for the begin of a comment.
      let words = HostText.words(line)
      guard let keyword = words.first, let first = keyword.utf8.first, !"#%;!".utf8.contains(first) else { continue }
      guard ["server", "pool", "peer"].contains(keyword.lowercased()) else { continue }
      guard words.count > 1 else {
        problems.append("line \(index + 1): \(keyword) without a name")
        continue
      }
      servers.append(
        Server(kind: keyword.lowercased(), host: words[1], options: Array(words.dropFirst(2)), line: index))
    }
    return (servers, problems)
  }

  /// The file's bytes.
  public var bytes: [UInt8] { text.bytes }

  /// The same file with other servers, where the first one stood; all else stays. Servers that were there keep their
  /// options, new ones get `iburst`.
  /// - Parameter hosts: names and addresses, or whole lines as `Server.spelling` gives them.
  public func setting(servers hosts: [String]) throws(SettingError) -> TimeConf {
    var lines: [String] = []
    for host in hosts { lines.append(try line(host)) }
    var changed = text
    let old = servers.map(\.line)
    if let first = old.first {
      changed.remove { old.dropFirst().contains($0) }
      if lines.isEmpty { changed.remove { $0 == first } } else { changed.replace(first, with: lines) }
    } else {
      for line in lines { changed.append(Array(line.utf8)) }
    }
    return TimeConf(changed, path: path)
  }

  /// - Parameter server: a name, an address, or a whole line.
  private func line(_ server: String) throws(SettingError) -> String {
    let words = server.split(separator: " ").map { String($0) }
    let isLine = words.count > 1 && ["server", "pool", "peer"].contains(words[0])
    let host = isLine ? words[1] : server
    guard HostnameText.isHost(host), server.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
      throw SettingError(field: "time server", rule: "\"\(host)\" is neither an address nor a name")
    }
    if isLine { return words.joined(separator: " ") }
    let known = servers.first { $0.host == host }
    return "\(known?.kind ?? "server") \(([host] + (known?.options ?? ["iburst"])).joined(separator: " "))"
  }

  /// chronyd reads what DHCP's hook writes to `dhcpFolder` only when its file says so.
  public var readsDHCPFolder: Bool {
    text.lines.contains { HostText.words($0).starts(with: ["sourcedir", Self.dhcpFolder]) }
  }

  public func write(to system: HostSystem) throws(HostFileError) { try system.replace(path, with: bytes) }

  // MARK: Servers from DHCP

  /// True when servers that DHCP names are used.
  public static func usesDHCP(on system: HostSystem, hook: String = dhcpHook) throws(HostFileError) -> Bool {
    try system.status(hook).mode & 0o100 != 0
  }

  /// Lets dhclient tell the daemon its servers, or no longer, as XAPI does.
  public static func setUsesDHCP(
    _ uses: Bool, on system: HostSystem, hook: String = dhcpHook
  ) throws(HostFileError) {
    try system.setMode(hook, to: uses ? 0o755 : 0o644)
  }

  /// The servers that DHCP named, of all interfaces. Files that cannot be read count as empty.
  public static func dhcpServers(on system: HostSystem) -> [Server] {
    let names = ((try? system.names(in: dhcpFolder)) ?? []).filter { $0.hasSuffix(".sources") }
    return names.flatMap { name -> [Server] in
      guard let bytes = try? system.read("\(dhcpFolder)/\(name)", limit: 1 << 16) else { return [] }
      return servers(in: TextLines(bytes)).0
    }
  }
}

extension HostSystem {
  /// Changes a file's permission bits.
  public func setMode(_ path: String, to mode: UInt32) throws(HostFileError) {
    let target = try resolved(path)
    try gate.ask(.setMode(path: target))
    guard chmod(target, mode) == 0 else { throw .changing(path) }
  }
}
