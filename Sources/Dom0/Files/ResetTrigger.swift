/// The file that tells XAPI to finish an emergency network reset at its next start (`reference/dom0.md` §2.6).
///
/// Read as XAPI reads it: a line that is not exactly `KEY=value` is dropped, so is a value with `=`; of repeated keys
/// the first counts.
public struct ResetTrigger: Hashable, Sendable {
  /// Where releases since August 2024 look for it.
  public static let currentPath = "/var/tmp/network-reset"
  /// Where 8.2 and early 8.3 look for it.
  public static let oldPath = "/tmp/network-reset"
  /// The vendor's program, which names the path of its release.
  public static let program = "/opt/xensource/bin/xe-reset-networking"

  public let path: String
  let assignments: Assignments

  public init(parsing bytes: [UInt8], path: String = ResetTrigger.currentPath) throws(HostFileError) {
    self.path = path
    try HostText.check(bytes, path: path)
    assignments = Assignments(bytes)
  }

  /// The path this host's XAPI looks at: the one its `xe-reset-networking` names, without it by the product's version.
  public static func path(on system: HostSystem) -> String {
    if let program = try? system.read(program), let path = path(namedIn: program) { return path }
    guard let version = ProductVersion(of: system), let later = ProductVersion("8.3") else { return currentPath }
    return version < later ? oldPath : currentPath
  }

  private static func path(namedIn program: [UInt8]) -> String? {
    // The old path is part of the current one: the longer is looked for first.
    if HostText.contains(currentPath, in: program) { return currentPath }
    return HostText.contains(oldPath, in: program) ? oldPath : nil
  }

  /// The reset that waits for XAPI; nil when there is none.
  public static func pending(on system: HostSystem) throws(HostFileError) -> ResetTrigger? {
    let path = path(on: system)
    do throws(HostFileError) {
      return try ResetTrigger(parsing: try system.read(path, limit: 1 << 16), path: path)
    } catch .missing {
      return nil
    }
  }

  public var bytes: [UInt8] { assignments.bytes }

  /// What XAPI takes for a key; nil when it is absent.
  public subscript(key: String) -> String? {
    assignments.entries.first { $0.key == key && !$0.raw.contains(UInt8(ascii: "=")) }.map { HostText.string($0.raw) }
  }

  public var device: String? { self["DEVICE"] }
  public var mode: String? { self["MODE"] }
  public var modeV6: String? { self["MODE_V6"] }
  public var vlan: String? { self["VLAN"] }
  public var dns: [String] { (self["DNS"] ?? "").split(separator: ",").map { String($0) } }

  /// What XAPI will make of it; nil without a device, where it stumbles at every start.
  public var settings: ManagementSettings? {
    guard let device, !device.isEmpty else { return nil }
    var settings = ManagementSettings(
      device: device, vlan: vlan.flatMap { AddressText.decimal($0) }, ipv4: .off, dns: dns)
    switch mode {
    case nil: settings.ipv4 = .off
    case "static":
      settings.ipv4 = .static(address: self["IP"] ?? "", netmask: self["NETMASK"] ?? "", gateway: self["GATEWAY"])
    default: settings.ipv4 = .dhcp
    }
    switch modeV6 {
    case nil: settings.ipv6 = .off
    case "static": settings.ipv6 = .static(address: self["IPV6"] ?? "", gateway: self["GATEWAY_V6"])
    case "autoconf": settings.ipv6 = .autoconf
    default: settings.ipv6 = .dhcp
    }
    return settings
  }

  /// Why XAPI will not finish the reset, or not as meant.
  public var problems: [String] {
    var problems: [String] = []
    if (device ?? "").isEmpty {
      problems.append("DEVICE is missing: XAPI cannot finish the reset and tries at every start")
    }
    if mode == nil, modeV6 == nil { problems.append("MODE and MODE_V6 are missing: no address will be set") }
    do throws(SettingError) {
      try settings?.check()
    } catch {
      if error.field != "mode" { problems.append(error.description) }
    }
    if let vlan, AddressText.decimal(vlan) == nil { problems.append("VLAN is not a number: \(vlan)") }
    problems += assignments.lost.map { "line \($0) is not KEY=value" }
    problems += assignments.repeated.map { "\($0) stands more than once: XAPI takes the first" }
    for entry in assignments.entries where entry.raw.contains(UInt8(ascii: "=")) {
      problems.append("\(entry.key) in line \(entry.line + 1) holds '=': XAPI drops the line")
    }
    return problems
  }

  /// The file's bytes: keys, order and line ends of the vendor's tool (`reference/xapi.md` §4.2, W6). Search domains
  /// have no key here.
  public static func rendered(_ settings: ManagementSettings) throws(SettingError) -> [UInt8] {
    try settings.check()
    var lines = [("DEVICE", settings.device)]
    if let word = settings.ipv4.word { lines.append(("MODE", word)) }
    if let word = settings.ipv6.word { lines.append(("MODE_V6", word)) }
    if let vlan = settings.vlan { lines.append(("VLAN", String(vlan))) }
    if case .static(let address, let netmask, let gateway) = settings.ipv4 {
      lines += [("IP", address), ("NETMASK", netmask)]
      if let gateway { lines.append(("GATEWAY", gateway)) }
    }
    if case .static(let address, let gateway) = settings.ipv6 {
      lines.append(("IPV6", address))
      if let gateway { lines.append(("GATEWAY_V6", gateway)) }
    }
    if settings.isStatic, !settings.dns.isEmpty { lines.append(("DNS", settings.dns.joined(separator: ","))) }
    return lines.flatMap { Array("\($0)=\($1)\n".utf8) }
  }

  /// Writes the trigger where this host's XAPI looks for it, atomically.
  public static func write(_ bytes: [UInt8], to system: HostSystem) throws(HostFileError) {
    try system.replace(path(on: system), with: bytes)
  }
}
