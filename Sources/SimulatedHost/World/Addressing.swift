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

  /// The length of a netmask's ones; nil when it is no mask.
  static func prefix(ofMask text: String) -> Int? {
    guard isContiguousMask(text), let mask = number(text) else { return nil }
    return mask.nonzeroBitCount
  }

  /// The netmask of a prefix length.
  static func mask(ofPrefix length: Int) -> String {
    let mask: UInt32 = length <= 0 ? 0 : ~0 << UInt32(32 - min(length, 32))
    return text(mask)
  }

  static func text(_ number: UInt32) -> String {
    [24, 16, 8, 0].map { String(number >> UInt32($0) & 255) }.joined(separator: ".")
  }
}

extension World {
  /// What the DHCP server on a PIF's wire would give: one address per card. nil where no cable leads to it.
  private func lease(for pif: String) -> (ip: String, netmask: String, router: String)? {
    let device = database.string("PIF", pif, "device")
    let host = database.string("PIF", pif, "host")
    guard host == thisHost else {
      let number = nics.first { $0.host == host && $0.device == device }?.position ?? 90
      return ("\(dhcpPrefix).\(100 + number)", "255.255.255.0", "\(dhcpPrefix).1")
    }
    return lease(behind: uplink(of: pif))
  }

  /// What this host gets when it asks for an address through an uplink.
  func lease(behind uplink: Uplink) -> (ip: String, netmask: String, router: String)? {
    guard let segment = segment(behind: uplink), segment.hasDHCP else { return nil }
    let number = nics.first { $0.host == thisHost && $0.device == uplink.device }?.position ?? 90
    return ("\(segment.subnet).\(100 + number)", "255.255.255.0", segment.router ?? "")
  }

  /// How packets of a PIF leave the host.
  private func uplink(of pif: String) -> Uplink {
    let vlan = database.string("PIF", pif, "VLAN_master_of")
    let isVLAN = database.exists("VLAN", vlan)
    let base = isVLAN ? database.string("VLAN", vlan, "tagged_PIF") : pif
    let device = database.string("PIF", base, "device")
    let bond = database.strings("PIF", base, "bond_master_of").first
    let members = bond.map { database.strings("Bond", $0, "slaves").map { database.string("PIF", $0, "device") } }
    return Uplink(
      device: device, cards: members ?? [device], tag: isVLAN ? database.int("VLAN", vlan, "tag") : nil,
      isLACP: bond.map { database.string("Bond", $0, "mode") == "lacp" } ?? false)
  }

  /// The address that the bridge of a PIF gives itself, made of its MAC (RFC 4291, appendix A).
  private func linkLocal(of pif: String) -> String {
    let vlan = database.string("PIF", pif, "VLAN_master_of")
    let base = database.exists("VLAN", vlan) ? database.string("VLAN", vlan, "tagged_PIF") : pif
    return Self.linkLocal(ofMAC: database.string("PIF", base, "MAC")) + "/64"
  }

  /// RFC 4291, appendix A.
  static func linkLocal(ofMAC mac: String) -> String { interfaceID(ofMAC: mac, after: "fe80::") }

  /// The address that a card gives itself in a /64 that a router announces.
  static func interfaceID(ofMAC mac: String, after prefix: String) -> String {
    var bytes = mac.split(separator: ":").compactMap { UInt16($0, radix: 16) }
    guard bytes.count == 6 else { return "\(prefix)1" }
    bytes[0] ^= 2
    bytes.insert(contentsOf: [0xff, 0xfe], at: 3)
    let groups = stride(from: 0, to: 8, by: 2).map { String(bytes[$0] << 8 | bytes[$0 + 1], radix: 16) }
    return prefix + groups.joined(separator: ":")
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
