extension ManagementConf {
  /// Why networkd would set up nothing at all from this file; nil when it can use it (`reference/dom0.md` §2.2).
  public var failure: String? {
    guard device != nil else { return "LABEL is missing" }
    if mode == nil, modeV6 == nil { return "MODE and MODEV6 are both missing" }
    if mode == "static" {
      guard let ip else { return "MODE is static, but IP is missing" }
      guard AddressText.isIPv4(ip) else { return "IP is not an IPv4 address: \(ip)" }
      guard let netmask else { return "MODE is static, but NETMASK is missing" }
      guard AddressText.isIPv4(netmask) else { return "NETMASK is not a netmask: \(netmask)" }
      if let gateway, !AddressText.isAddress(gateway) { return "GATEWAY is not an address: \(gateway)" }
    }
    if modeV6 == "static" {
      guard let ipv6 else { return "MODEV6 is static, but IPv6 is missing" }
      guard AddressText.ipv6WithPrefix(ipv6) != nil else {
        return "IPv6 is not an address with a prefix length: \(ipv6)"
      }
      if let ipv6Gateway, !AddressText.isAddress(ipv6Gateway) {
        return "IPv6_GATEWAY is not an address: \(ipv6Gateway)"
      }
    }
    if let server = dns.first(where: { !AddressText.isAddress($0) }) {
      return "DNS is not a list of addresses: \(server)"
    }
    if let text = self["VLAN"], vlan == nil { return "VLAN is not a number: \(text)" }
    return nil
  }

  /// What is wrong with the file or is likely to surprise, the failure first.
  public var problems: [String] {
    [failure].compactMap { $0 } + valueProblems + lineProblems
  }

  private var valueProblems: [String] {
    var problems: [String] = []
    if let mode, !["static", "dhcp", "none"].contains(mode) {
      problems.append("MODE is \(mode), which counts as none")
    }
    if let modeV6, !["static", "dhcp", "autoconf", "none"].contains(modeV6) {
      problems.append("MODEV6 is \(modeV6), which counts as none")
    }
    if let vlan, !(0...4094).contains(vlan) { problems.append("VLAN is not within 0 to 4094: \(vlan)") }
    if let netmask, AddressText.isIPv4(netmask), AddressText.prefix(ofNetmask: netmask) == nil {
      problems.append("NETMASK has gaps: \(netmask)")
    }
    if let device, !ManagementSettings.isDevice(device) { problems.append("LABEL is not a device: \(device)") }
    if let settings, settings.ipv4 == .off, settings.ipv6 == .off {
      problems.append("MODE and MODEV6 are none: the host has no address")
    }
    for domain in searchDomains where !HostnameText.isSearchDomain(domain) {
      problems.append("DOMAIN is not a list of domains: \(domain)")
    }
    if !dns.isEmpty, self["DOMAIN"] == nil {
      problems.append("DNS without DOMAIN: networkd of 8.3 then sets no name server, until XAPI does")
    }
    return problems
  }

  private var lineProblems: [String] {
    var problems = assignments.lost.map { "line \($0) is not KEY='value'" }
    problems += assignments.repeated.map { "\($0) stands more than once: networkd takes the first" }
    for entry in assignments.entries where entry.key.first != "#" {
      let place = "\(entry.key) in line \(entry.line + 1)"
      if entry.raw.last == UInt8(ascii: "\r") { problems.append("\(place) ends in a carriage return") }
      if entry.raw.hasLoneQuote { problems.append("\(place) lacks a quote") }
      if entry.raw.contains(UInt8(ascii: "=")) { problems.append("\(place) holds '=': networkd of 8.2 drops it") }
    }
    return problems
  }
}
