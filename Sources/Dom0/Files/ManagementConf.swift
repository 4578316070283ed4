/// `/etc/firstboot.d/data/management.conf`: what networkd sets up when it has no `networkd.db` (`reference/dom0.md`
/// §2.2).
///
/// Read as networkd reads it: cut at the first `=`, single quotes trimmed, of repeated keys the first counts. A key
/// with nothing at all after its `=` is as good as absent; `KEY=''` is there, and empty.
public struct ManagementConf: Hashable, Sendable {
  public static let path = "/etc/firstboot.d/data/management.conf"
  private static let limit = 1 << 16

  let assignments: Assignments

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path)
    assignments = Assignments(bytes)
    guard !assignments.entries.isEmpty else {
      throw .malformed(path: Self.path, reason: "no line of it is KEY='value'")
    }
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path, limit: Self.limit))
  }

  /// The file's bytes, as they were read.
  public var bytes: [UInt8] { assignments.bytes }

  /// What networkd takes for a key; nil when it is absent.
  public subscript(key: String) -> String? {
    guard let raw = assignments.entries.first(where: { $0.key == key && !$0.raw.isEmpty })?.raw else { return nil }
    let quote = UInt8(ascii: "'")
    return HostText.string(raw.drop { $0 == quote }.reversed().drop { $0 == quote }.reversed())
  }

  /// The device, `eth0`. With a bond it is the bond's first NIC.
  public var label: String? { self["LABEL"] }
  public var mode: String? { self["MODE"] }
  public var modeV6: String? { self["MODEV6"] }
  public var ip: String? { self["IP"] }
  public var netmask: String? { self["NETMASK"] }
  public var gateway: String? { self["GATEWAY"] }
  /// With its prefix length.
  public var ipv6: String? { self["IPv6"] }
  public var ipv6Gateway: String? { self["IPv6_GATEWAY"] }
  public var dns: [String] { list("DNS", ",") }
  public var searchDomains: [String] { list("DOMAIN", " ") }
  public var vlan: Int? { self["VLAN"].flatMap { AddressText.decimal($0) } }
  /// `lacp`, `balance-slb` or `active-backup`.
  public var bondMode: String? { self["BOND_MODE"] }
  public var bondMembers: [String] { list("BOND_MEMBERS", ",") }

  /// The NIC networkd uses: of a bond the first member, until XAPI has made the bond.
  public var device: String? { bondMode != nil ? bondMembers.first ?? label : label }

  private func list(_ key: String, _ separator: Character) -> [String] {
    (self[key] ?? "").split(separator: separator).map { String($0) }
  }

  /// The file as settings; nil when networkd could not use it.
  public var settings: ManagementSettings? {
    guard failure == nil, let device else { return nil }
    var settings = ManagementSettings(device: device, vlan: vlan, ipv4: .off, dns: dns, searchDomains: searchDomains)
    switch mode {
    case "static": settings.ipv4 = .static(address: ip ?? "", netmask: netmask ?? "", gateway: gateway)
    case "dhcp": settings.ipv4 = .dhcp
    default: settings.ipv4 = .off
    }
    switch modeV6 {
    case "static": settings.ipv6 = .static(address: ipv6 ?? "", gateway: ipv6Gateway)
    case "dhcp": settings.ipv6 = .dhcp
    case "autoconf": settings.ipv6 = .autoconf
    default: settings.ipv6 = .off
    }
    return settings
  }
}

extension ManagementConf {
  /// The file an emergency reset leaves: keys, order and quotes of the vendor's tool (`reference/xapi.md` §4.2, W5).
  /// Search domains come last, which the vendor's tool cannot write; networkd of 8.3 sets name servers only together
  /// with them.
  public static func rendered(_ settings: ManagementSettings) throws(SettingError) -> [UInt8] {
    try settings.check()
    var lines = [("LABEL", settings.device)]
    if let word = settings.ipv4.word { lines.append(("MODE", word)) }
    if let word = settings.ipv6.word { lines.append(("MODEV6", word)) }
    if let vlan = settings.vlan { lines.append(("VLAN", String(vlan))) }
    if case .static(let address, let netmask, let gateway) = settings.ipv4 {
      lines += [("IP", address), ("NETMASK", netmask)]
      if let gateway { lines.append(("GATEWAY", gateway)) }
    }
    if case .static(let address, let gateway) = settings.ipv6 {
      lines.append(("IPv6", address))
      if let gateway { lines.append(("IPv6_GATEWAY", gateway)) }
    }
    if settings.isStatic, !settings.dns.isEmpty { lines.append(("DNS", settings.dns.joined(separator: ","))) }
    if settings.isStatic, !settings.searchDomains.isEmpty {
      lines.append(("DOMAIN", settings.searchDomains.joined(separator: " ")))
    }
    return lines.flatMap { Array("\($0)='\($1)'\n".utf8) }
  }

  /// Puts these settings in the file's place, atomically.
  public static func write(_ bytes: [UInt8], to system: HostSystem) throws(HostFileError) {
    try system.replace(path, with: bytes)
  }
}

extension ManagementSettings.IPv4 {
  /// As the host's files spell it; nil for none, which they leave out.
  var word: String? {
    switch self {
    case .off: nil
    case .dhcp: "dhcp"
    case .static: "static"
    }
  }
}

extension ManagementSettings.IPv6 {
  var word: String? {
    switch self {
    case .off: nil
    case .dhcp: "dhcp"
    case .autoconf: "autoconf"
    case .static: "static"
    }
  }
}
