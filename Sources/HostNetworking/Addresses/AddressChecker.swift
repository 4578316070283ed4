/// Walks over the answers about addresses and notes what is wrong with each: the rules of IP, whatever is changed by them.
struct AddressChecker {
  let answers: AddressAnswers
  private(set) var problems: [AddressProblem] = []

  init(_ answers: AddressAnswers) { self.answers = answers }

  mutating func refuse(_ field: AddressAnswers.Field, _ text: String) { problems.append(AddressProblem(field, text)) }

  mutating func remark(_ field: AddressAnswers.Field, _ text: String) {
    problems.append(AddressProblem(field, text, isRefused: false))
  }

  mutating func modes() {
    if answers.mode == .none, answers.modeV6 == .none {
      refuse(.mode, "IPv4 and IPv6 are both off: the host would have no address")
    }
  }

  // MARK: IPv4

  mutating func ipv4() -> ResetRequest.IPv4 {
    switch answers.mode {
    case .none, .dhcp:
      let given = [answers.ip, answers.netmask, answers.gateway].contains { !$0.stripped.isEmpty }
      if given {
        remark(.mode, "address, netmask and gateway are used with the mode static only")
      }
      return answers.mode == .none ? .none : .dhcp
    case .fixed: break
    }
    let address = address4()
    let length = netmask()
    let prefix = address.flatMap { address in length.map { IPv4Prefix(address, length: $0) } }
    if let prefix { place(prefix) }
    let gateway = gateway4(on: prefix)
    return prefix.map { .fixed($0, gateway: gateway) } ?? .none
  }

  private mutating func address4() -> IPv4Address? {
    let text = answers.ip.stripped
    if text.isEmpty { return missing(.ip, "the address is missing") }
    if text.contains("/") { return missing(.ip, "the prefix length goes into the netmask") }
    do {
      let address = try IPv4Address(parsing: text)
      if let reason = address.reasonNotForHosts { return missing(.ip, "\(address): \(reason)") }
      if address.isLinkLocal { remark(.ip, "\(address) is a link-local address: no router passes it on") }
      return address
    } catch {
      return missing(.ip, "\(text) is not an IPv4 address: \(error)")
    }
  }

  private mutating func netmask() -> Int? {
    let text = answers.netmask.stripped
    if text.isEmpty { return missing(.netmask, "the netmask is missing") }
    do {
      let length = try IPv4Prefix.length(ofNetmask: text)
      // The largest block ever given out is a /8.
      if length < 8 { return missing(.netmask, "a netmask of fewer than 8 bits makes most of the internet local") }
      return length
    } catch {
      return missing(.netmask, "\(text) is not a netmask: \(error)")
    }
  }

  private mutating func place(_ prefix: IPv4Prefix) {
    guard prefix.isEdge(prefix.address) else { return }
    let edge = prefix.address == prefix.network ? "the network itself" : "the broadcast address"
    refuse(.ip, "\(prefix.address) is \(edge) of \(prefix.network)/\(prefix.length)")
  }

  private mutating func gateway4(on prefix: IPv4Prefix?) -> IPv4Address? {
    let text = answers.gateway.stripped
    guard !text.isEmpty else {
      remark(.gateway, "without a gateway only addresses of its own network can reach this host")
      return nil
    }
    let gateway: IPv4Address
    do { gateway = try IPv4Address(parsing: text) } catch {
      return missing(.gateway, "\(text) is not an IPv4 address: \(error)")
    }
    if let reason = gateway.reasonNotForHosts { return missing(.gateway, "\(gateway): \(reason)") }
    guard let prefix else { return gateway }
    if gateway == prefix.address { return missing(.gateway, "\(gateway) is this host's own address") }
    if prefix.length == 32 { return missing(.gateway, "a /32 has no room for a gateway") }
    if !prefix.contains(gateway) {
      return missing(.gateway, "\(gateway) is not on the link: \(prefix.network)/\(prefix.length) ends at \(prefix.last)")
    }
    if prefix.isEdge(gateway) {
      let edge = gateway == prefix.network ? "the network itself" : "the broadcast address"
      return missing(.gateway, "\(gateway) is \(edge) of \(prefix.network)/\(prefix.length)")
    }
    return gateway
  }

  // MARK: IPv6

  mutating func ipv6() -> ResetRequest.IPv6 {
    switch answers.modeV6 {
    case .none, .dhcp, .autoconf:
      if [answers.ipv6, answers.gatewayV6].contains(where: { !$0.stripped.isEmpty }) {
        remark(.modeV6, "IPv6 address and gateway are used with the mode static only")
      }
      return answers.modeV6 == .none ? .none : answers.modeV6 == .dhcp ? .dhcp : .autoconf
    case .fixed: break
    }
    let prefix = prefix6()
    let gateway = gateway6(on: prefix)
    return prefix.map { .fixed($0, gateway: gateway) } ?? .none
  }

  private mutating func prefix6() -> IPv6Prefix? {
    let text = answers.ipv6.stripped
    if text.isEmpty { return missing(.ipv6, "the address is missing") }
    let prefix: IPv6Prefix
    do { prefix = try IPv6Prefix(parsing: text) } catch {
      return missing(.ipv6, "\(text) is not an IPv6 address with its prefix length: \(error)")
    }
    let address = prefix.address
    if let reason = address.reasonNotForHosts { return missing(.ipv6, "\(address): \(reason)") }
    if address.isLinkLocal { return missing(.ipv6, "\(address): link-local addresses are made by the host itself") }
    if prefix.length < 16 { return missing(.ipv6, "a prefix shorter than /16 makes most of the internet local") }
    if prefix.isRouterAnycast(address) {
      return missing(.ipv6, "\(address) belongs to all routers of \(prefix)")
    }
    if prefix.length != 64, prefix.length < 127 {
      remark(.ipv6, "/\(prefix.length) is unusual: nearly every IPv6 network is a /64")
    }
    return prefix
  }

  private mutating func gateway6(on prefix: IPv6Prefix?) -> IPv6Address? {
    let text = answers.gatewayV6.stripped
    guard !text.isEmpty else {
      remark(.gatewayV6, "without a gateway only addresses of its own network can reach this host")
      return nil
    }
    let gateway: IPv6Address
    do { gateway = try IPv6Address(parsing: text) } catch {
      return missing(.gatewayV6, "\(text) is not an IPv6 address: \(error)")
    }
    if let reason = gateway.reasonNotForHosts { return missing(.gatewayV6, "\(gateway): \(reason)") }
    // A router is commonly known by its link-local address (RFC 4861 section 6.3.4): it is on every link.
    guard let prefix, !gateway.isLinkLocal else { return gateway }
    if gateway == prefix.address { return missing(.gatewayV6, "\(gateway) is this host's own address") }
    if prefix.length == 128 { return missing(.gatewayV6, "a /128 has room for a link-local gateway only") }
    if !prefix.contains(gateway) {
      return missing(.gatewayV6, "\(gateway) is not on the link: \(prefix.network)/\(prefix.length) does not hold it")
    }
    return gateway
  }

  // MARK: Names

  /// - Parameter isUsed: whether servers given by hand are asked at all.
  mutating func dns(isUsed: Bool) -> [InternetAddress] {
    let words = answers.dns.words
    guard isUsed else {
      if !words.isEmpty { remark(.dns, "DNS servers are written with a static address only; DHCP brings its own") }
      return []
    }
    var servers: [InternetAddress] = []
    for word in words {
      let server: InternetAddress
      do { server = try InternetAddress(parsing: word) } catch {
        refuse(.dns, "\(word) is not an address: \(error)")
        continue
      }
      if let reason = server.reasonNotForHosts {
        refuse(.dns, "\(server): \(reason)")
      } else if servers.contains(server) {
        refuse(.dns, "\(server) is given twice")
      } else {
        servers.append(server)
      }
    }
    if servers.count > 3 { remark(.dns, "only the first three DNS servers are asked (resolv.conf knows no more)") }
    return servers
  }

  mutating func searchDomains(besides dns: [InternetAddress], isUsed: Bool) -> [String] {
    let words = answers.searchDomains.words
    guard isUsed else {
      if !words.isEmpty { remark(.searchDomains, "search domains are written with a static address only") }
      return []
    }
    var domains: [String] = []
    for word in words {
      if let problem = DomainName.problem(word) {
        refuse(.searchDomains, problem)
        continue
      }
      let name = word.hasSuffix(".") ? String(word.dropLast()) : word
      if domains.contains(where: { $0.lowercased() == name.lowercased() }) {
        refuse(.searchDomains, "\(name) is given twice")
      } else {
        domains.append(name)
      }
    }
    if !domains.isEmpty, dns.isEmpty, answers.dns.words.isEmpty {
      refuse(.searchDomains, "search domains need a DNS server")
    }
    return domains
  }

  private mutating func missing<Value>(_ field: AddressAnswers.Field, _ text: String) -> Value? {
    refuse(field, text)
    return nil
  }
}
