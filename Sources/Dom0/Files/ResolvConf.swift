/// `/etc/resolv.conf` (`reference/dom0.md` §2.7, resolv.conf(5)). networkd or dhclient writes it: hand edits do not
/// last.
public struct ResolvConf: Hashable, Sendable {
  public static let path = "/etc/resolv.conf"

  /// Addresses, in the order they are asked.
  public let nameServers: [String]
  public let searchDomains: [String]
  public let options: [String]
  /// Lines that are passed over, and what makes names fail.
  public let problems: [String]
  private let text: TextLines

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path, mayBeEmpty: true)
    text = TextLines(bytes)
    var (servers, domains, options, problems): ([String], [String], [String], [String]) = ([], [], [], [])
    for (index, line) in text.lines.enumerated() {
      let words = HostText.words(line)
      guard let keyword = words.first, !keyword.hasPrefix("#"), !keyword.hasPrefix(";") else { continue }
      switch keyword {
      case "nameserver":
        // A zone may follow an IPv6 address of a link.
        let address = words.dropFirst().first ?? ""
        if AddressText.isAddress(address.split(separator: "%").first.map { String($0) } ?? "") {
          servers.append(address)
        } else {
          problems.append("line \(index + 1): \"\(address)\" is not an address")
        }
      // Of search and domain the last one counts.
      case "search": domains = Array(words.dropFirst())
      case "domain": domains = Array(words.dropFirst().prefix(1))
      case "options": options += words.dropFirst()
      case "sortlist": break
      default: problems.append("line \(index + 1): \"\(keyword.prefix(40))\" is not known")
      }
    }
    if servers.isEmpty { problems.append("no name server is set") }
    if servers.count > 3 { problems.append("only the first three name servers are asked") }
    (nameServers, searchDomains, self.options, self.problems) = (servers, domains, options, problems)
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path, limit: 1 << 16))
  }

  /// The file's bytes, as they were read.
  public var bytes: [UInt8] { text.bytes }

  /// What networkd writes for a static interface: the search line, if any, then one line per server.
  public static func rendered(nameServers: [String], searchDomains: [String]) throws(SettingError) -> [UInt8] {
    for server in nameServers where !AddressText.isAddress(server) {
      throw SettingError(field: "DNS", rule: "\"\(server)\" is not an address")
    }
    for domain in searchDomains where !HostnameText.isSearchDomain(domain) {
      throw SettingError(field: "search domain", rule: "\"\(domain)\" is not a domain name")
    }
    let search = searchDomains.isEmpty ? "" : "search \(searchDomains.joined(separator: " "))\n"
    return Array((search + nameServers.map { "nameserver \($0)\n" }.joined()).utf8)
  }

  public static func write(_ bytes: [UInt8], to system: HostSystem) throws(HostFileError) {
    try system.replace(path, with: bytes)
  }
}
