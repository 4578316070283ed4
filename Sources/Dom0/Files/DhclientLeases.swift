/// A DHCP lease as dhclient wrote it down.
public struct DhclientLease: Hashable, Sendable {
  public var interface = ""
  /// The IPv4 address, or the IPv6 addresses of one association.
  public var addresses: [String] = []
  public var subnetMask: String?
  public var routers: [String] = []
  public var nameServers: [String] = []
  public var searchDomains: [String] = []
  public var timeServers: [String] = []
  public var domainName: String?
  /// The address of the server that gave it.
  public var server: String?
  /// Seconds since 1970; nil for never, or when the file does not say.
  public var renew: Int64?
  public var rebind: Int64?
  public var expire: Int64?
  /// True for a lease that dhclient gave back.
  public var isReleased = false

  public init() {}
}

/// `/var/lib/xcp/dhclient-BRIDGE.leases`: the leases of an interface, in ISC's format (`reference/dom0.md` §2.8,
/// dhclient.leases(5)). dhclient adds a lease at the end for every renewal, so that the last one counts. An empty file
/// is valid.
public struct DhclientLeases: Hashable, Sendable {
  public enum Family: Hashable, Sendable {
    case ipv4, ipv6

    /// What networkd puts before the interface's name.
    var prefix: String { self == .ipv4 ? "dhclient" : "dhclient6" }
  }

  public static func path(of interface: String, _ family: Family = .ipv4) -> String {
    "/var/lib/xcp/\(family.prefix)-\(interface).leases"
  }

  /// In the order of the file, whole ones only.
  public let leases: [DhclientLease]
  /// What was passed over.
  public let problems: [String]

  public init(parsing bytes: [UInt8], path: String) throws(HostFileError) {
    try HostText.check(bytes, path: path, mayBeEmpty: true)
    var reader = LeaseReader(bytes)
    leases = reader.leases()
    problems = reader.problems
    if leases.isEmpty, let problem = problems.first { throw .malformed(path: path, reason: problem) }
  }

  public init(
    of interface: String, _ family: Family = .ipv4, on system: HostSystem
  ) throws(HostFileError) {
    let path = Self.path(of: interface, family)
    try self.init(parsing: try system.read(path, limit: 4 << 20), path: path)
  }

  /// The lease that counts; nil when there is none.
  public var latest: DhclientLease? { leases.last }
}

/// Reads leases word by word.
struct LeaseReader {
  private enum Word: Equatable {
    case text(String)
    case open, close, semicolon
  }

  private let bytes: [UInt8]
  private var at = 0
  private var breaksOff = false
  private(set) var problems: [String] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func leases() -> [DhclientLease] {
    var leases: [DhclientLease] = []
    while let statement = statement() {
      switch (statement.words.first, statement.opens) {
      case ("lease"?, true), ("lease6"?, true):
        let start = at
        var lease = DhclientLease()
        if block(into: &lease, 0) {
          leases.append(lease)
        } else {
          problems.append("the lease in line \(line(of: start)) breaks off")
        }
      case (_, true):
        let start = at
        if !skipBlock() { problems.append("the block in line \(line(of: start)) breaks off") }
      default: break
      }
    }
    if breaksOff, problems.isEmpty { problems.append("it ends in the middle of a statement") }
    return leases
  }

  private func line(of place: Int) -> Int { bytes[..<min(place, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1 }

  /// The statements of a block up to its brace; false when it breaks off.
  private mutating func block(into lease: inout DhclientLease, _ depth: Int, life: inout IPv6Life) -> Bool {
    while let statement = statement() {
      if statement.closes { return true }
      if statement.opens {
        if statement.words.first == "iaaddr", statement.words.count > 1 { lease.addresses.append(statement.words[1]) }
        guard depth < 8, block(into: &lease, depth + 1, life: &life) else { return false }
      } else {
        lease.take(statement.words, life: &life)
      }
    }
    return false
  }

  private mutating func block(into lease: inout DhclientLease, _ depth: Int) -> Bool {
    var life = IPv6Life()
    guard block(into: &lease, depth, life: &life) else { return false }
    life.settle(&lease)
    return true
  }

  private mutating func skipBlock() -> Bool {
    var depth = 1
    while depth > 0 {
      guard let statement = statement() else { return false }
      if statement.opens { depth += 1 }
      if statement.closes { depth -= 1 }
    }
    return true
  }

  private typealias Statement = (words: [String], opens: Bool, closes: Bool)

  /// Words up to a semicolon, or an opening or closing brace; nil at the end.
  private mutating func statement() -> Statement? {
    var words: [String] = []
    while let word = word() {
      switch word {
      case .text(let text): words.append(text)
      case .semicolon: if !words.isEmpty { return (words, false, false) }
      case .open: return (words, true, false)
      case .close: return (words, false, true)
      }
    }
    breaksOff = !words.isEmpty
    return nil
  }

  private mutating func word() -> Word? {
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "#"): at = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      // Lists have commas, which are as good as blanks.
      case let byte where HostText.isSpace(byte) || byte == UInt8(ascii: ","): at += 1
      case UInt8(ascii: "{"): return punctuation(.open)
      case UInt8(ascii: "}"): return punctuation(.close)
      case UInt8(ascii: ";"): return punctuation(.semicolon)
      case UInt8(ascii: "\""): return .text(quoted())
      default: return .text(bare())
      }
    }
    return nil
  }

  private mutating func punctuation(_ word: Word) -> Word {
    at += 1
    return word
  }

  private mutating func quoted() -> String {
    at += 1
    var text: [UInt8] = []
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count { at += 1 }
      text.append(bytes[at])
      at += 1
    }
    at += 1
    return HostText.string(text)
  }

  private mutating func bare() -> String {
    let start = at
    while at < bytes.count, !HostText.isSpace(bytes[at]), !"{};,\"".utf8.contains(bytes[at]) { at += 1 }
    return HostText.string(bytes[start..<at])
  }
}

/// DHCPv6 counts its times from the start of the association.
struct IPv6Life {
  fileprivate var starts: Int64?
  fileprivate var renew: Int64?
  fileprivate var rebind: Int64?
  fileprivate var most: Int64?

  fileprivate func settle(_ lease: inout DhclientLease) {
    guard let starts else { return }
    lease.renew = renew.map { starts + $0 }
    lease.rebind = rebind.map { starts + $0 }
    lease.expire = most.map { starts + $0 }
  }
}

extension DhclientLease {
  fileprivate mutating func take(_ words: [String], life: inout IPv6Life) {
    let rest = Array(words.dropFirst())
    switch words[0] {
    case "interface": interface = rest.first ?? ""
    case "fixed-address": addresses = rest
    case "option" where rest.count > 1: option(rest[0], Array(rest.dropFirst()))
    case "renew" where rest.count == 1: life.renew = LeaseTime.seconds(rest[0])
    case "rebind" where rest.count == 1: life.rebind = LeaseTime.seconds(rest[0])
    case "renew": renew = LeaseTime.epoch(rest)
    case "rebind": rebind = LeaseTime.epoch(rest)
    case "expire": expire = LeaseTime.epoch(rest)
    case "starts": life.starts = rest.first.flatMap(LeaseTime.seconds)
    // The longest of several addresses: the association lives as long.
    case "max-life": life.most = max(life.most ?? 0, rest.first.flatMap(LeaseTime.seconds) ?? 0)
    case "released": isReleased = true
    default: break
    }
  }

  private mutating func option(_ name: String, _ values: [String]) {
    switch name {
    case "subnet-mask": subnetMask = values[0]
    case "routers": routers = values
    case "domain-name-servers", "dhcp6.name-servers": nameServers = values
    case "domain-search", "dhcp6.domain-search": searchDomains = values
    case "ntp-servers", "dhcp6.sntp-servers": timeServers = values
    case "domain-name": domainName = values[0]
    case "dhcp-server-identifier": server = values[0]
    default: break
    }
  }
}

/// Times in leases: `5 2024/05/17 10:00:00` in UTC, with the day of the week first, `epoch 1715940000`, or `never`.
enum LeaseTime {
  static func epoch(_ words: [String]) -> Int64? {
    if words.first == "epoch", words.count > 1 { return seconds(words[1]) }
    guard words.count == 3 else { return nil }
    let date = words[1].split(separator: "/").compactMap { AddressText.decimal($0) }
    let time = words[2].split(separator: ":").compactMap { AddressText.decimal($0) }
    guard date.count == 3, time.count == 3, (1970...9999).contains(date[0]), (1...12).contains(date[1]),
      (1...31).contains(date[2]), (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2])
    else { return nil }
    return days(date[0], date[1], date[2]) * 86_400 + Int64(time[0] * 3600 + time[1] * 60 + time[2])
  }

  /// A whole number that does not overflow when added to another.
  static func seconds(_ text: String) -> Int64? {
    AddressText.decimal(text).flatMap { $0 < 1 << 40 ? Int64($0) : nil }
  }

  /// Days since 1970 in the Gregorian calendar. Years are counted from March, so that the leap day comes last.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
    let shifted = month > 2 ? year : year - 1
    let sinceMarch = (month + 9) % 12
    let dayOfYear = (153 * sinceMarch + 2) / 5 + day - 1
    return Int64(shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468)
  }
}
