import JSON

/// IPv4 texts, checked the way XAPI checks them.
enum IPv4Text {
  /// The four bytes as a number; nil when the text is no dotted quad.
  static func number(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      guard !part.isEmpty, part.utf8.count <= 3, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let byte = UInt32(part), byte < 256
      else { return nil }
      number = number << 8 | byte
    }
    return number
  }

  static func isValid(_ text: String) -> Bool { number(text) != nil }

  /// A netmask's ones come before its zeros; XAPI does not check that, networkd stumbles over it.
  static func isContiguousMask(_ text: String) -> Bool {
    guard let mask = number(text) else { return false }
    return (~mask &+ 1) & ~mask == 0
  }
}

extension World {
  /// What the DHCP server on a PIF's wire would give: one address per card. nil where no cable leads to it.
  private func lease(for pif: String) -> (ip: String, netmask: String, router: String)? {
    guard database.bool("PIF_metrics", database.string("PIF", pif, "metrics"), "carrier") else { return nil }
    let device = database.string("PIF", pif, "device")
    let host = database.string("PIF", pif, "host")
    let number = nics.first { $0.host == host && $0.device == device }?.position ?? 90
    return ("\(dhcpPrefix).\(100 + number)", "255.255.255.0", "\(dhcpPrefix).1")
  }

  /// The address that the bridge of a PIF gives itself, made of its MAC (RFC 4291, appendix A).
  private func linkLocal(of pif: String) -> String {
    let vlan = database.string("PIF", pif, "VLAN_master_of")
    let base = database.exists("VLAN", vlan) ? database.string("VLAN", vlan, "tagged_PIF") : pif
    var bytes = database.string("PIF", base, "MAC").split(separator: ":").compactMap { UInt16($0, radix: 16) }
    guard bytes.count == 6 else { return "fe80::1/64" }
    bytes[0] ^= 2
    bytes.insert(contentsOf: [0xff, 0xfe], at: 3)
    let groups = stride(from: 0, to: 8, by: 2).map { String(bytes[$0] << 8 | bytes[$0 + 1], radix: 16) }
    return "fe80::\(groups.joined(separator: ":"))/64"
  }

  /// Writes down what a bridge that just came up got: the lease of a DHCP PIF, and the host's address when it is the
  /// management interface. Only there is the router taken over.
  mutating func refreshAddresses(of pif: String) {
    let management = database.bool("PIF", pif, "management")
    if database.string("PIF", pif, "ip_configuration_mode") == "DHCP" {
      let lease = lease(for: pif)
      change(pif, "IP", .string(lease?.ip ?? ""))
      change(pif, "netmask", .string(lease?.netmask ?? ""))
      if management { change(pif, "gateway", .string(lease?.router ?? "")) }
      change(pif, "IPv6", [.string(linkLocal(of: pif))])
    }
    guard management else { return }
    let host = database.string("PIF", pif, "host")
    let address = database.string("PIF", pif, "IP")
    if database.string("host", host, "address") != address {
      database.set("host", host, "address", .string(address))
    }
  }

  private mutating func change(_ pif: String, _ field: String, _ value: JSONValue) {
    if database.get("PIF", pif, field) != value { database.set("PIF", pif, field, value) }
  }
}
