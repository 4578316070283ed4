import JSON

extension World {
  /// What the DHCP server on a PIF's wire gives: one address per card; a VLAN is a wire of its own.
  struct Lease: Sendable, Hashable {
    let ip: String
    let netmask: String
    let router: String
  }

  /// nil where no cable leads to a server.
  func lease(for pif: String) -> Lease? {
    guard hasLink(pif), !waitsForLease(pif) else { return nil }
    let host = database.string("PIF", pif, "host")
    if host == thisHost, wiring != nil { return lease(behind: uplink(of: pif)) }
    let mac = hardwareAddress(of: pif)
    let number = nics.first { $0.host == host && $0.mac == mac }?.position ?? 90
    let prefix = subnet(ofTag: database.int("PIF", pif, "VLAN"))
    return Lease(ip: "\(prefix).\(100 + number)", netmask: "255.255.255.0", router: "\(prefix).1")
  }

  /// First three numbers of the addresses on a wire or on a VLAN of it, where nothing else was said.
  func subnet(ofTag tag: Int64) -> String {
    tag < 0 || !separatesVLANs ? dhcpPrefix : "10.\(100 + tag / 256).\(tag % 256)"
  }

  /// What this host gets when it asks for an address through an uplink.
  func lease(behind uplink: Uplink) -> Lease? {
    guard let segment = segment(behind: uplink), segment.hasDHCP else { return nil }
    let number = nics.first { $0.host == thisHost && $0.mac == uplink.mac }?.position ?? 90
    return Lease(ip: "\(segment.subnet).\(100 + number)", netmask: "255.255.255.0", router: segment.router ?? "")
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
      isLACP: bond.map { NetworkdConfig.needsPartner($0, self) } ?? false, mac: hardwareAddress(of: pif))
  }

  /// Whether a cable leads from a PIF to a switch. What metrics say of a bond is known only later.
  func hasLink(_ pif: String) -> Bool {
    switch kind(of: pif) {
    case .vlan(let vlan): return hasLink(database.string("VLAN", vlan, "tagged_PIF"))
    case .tunnelAccess(let tunnel): return hasLink(database.string("tunnel", tunnel, "transport_PIF"))
    case .bond(let bond): return database.strings("Bond", bond, "slaves").contains(where: hasLink)
    default: return database.bool("PIF_metrics", database.string("PIF", pif, "metrics"), "carrier")
    }
  }

  /// The MAC address that a PIF's frames carry: a VLAN's own is a dummy.
  func hardwareAddress(of pif: String) -> String {
    guard case .vlan(let vlan) = kind(of: pif) else { return database.string("PIF", pif, "MAC") }
    return database.string("PIF", database.string("VLAN", vlan, "tagged_PIF"), "MAC")
  }

  private func interfaceIdentifier(of pif: String) -> String { Self.interfaceIdentifier(ofMAC: hardwareAddress(of: pif)) }

  /// The host part that an interface makes of its MAC (RFC 4291, appendix A).
  static func interfaceIdentifier(ofMAC mac: String) -> String {
    var bytes = mac.split(separator: ":").compactMap { UInt16($0, radix: 16) }
    guard bytes.count == 6 else { return "0:0:0:1" }
    bytes[0] ^= 2
    bytes.insert(contentsOf: [0xff, 0xfe], at: 3)
    return stride(from: 0, to: 8, by: 2).map { String(bytes[$0] << 8 | bytes[$0 + 1], radix: 16) }
      .joined(separator: ":")
  }

  /// The address that a bridge gives itself.
  private func linkLocal(of pif: String) -> String { "fe80::\(interfaceIdentifier(of: pif))/64" }

  /// The address of a PIF that learns one from routers or DHCPv6: in the documentation prefix (RFC 3849).
  private func routedIPv6(of pif: String) -> String { "\(subnet6(ofTag: database.int("PIF", pif, "VLAN"))):\(interfaceIdentifier(of: pif))/64" }

  // MARK: What XAPI reads back from a host whose networking changed (XAPI notes §3.0.1)

  /// The PIFs that give a host its default route and its name servers.
  /// - Parameter management: the PIF that is being made the management interface, if one is.
  func leadingPIFs(of host: String, management: String? = nil) -> (gateway: String?, dns: String?) {
    let candidates = database.strings("host", host, "PIFs").filter(hasIPMode).sorted()
    let current = management ?? managementPIF(of: host)
    let usual = candidates.first { $0 == current } ?? candidates.first
    func marked(_ key: String) -> String? {
      candidates.first { database.get("PIF", $0, "other_config")?[key]?.string == "true" }
    }
    return (marked("defaultroute") ?? usual, marked("peerdns") ?? usual)
  }

  /// What `resolv.conf` says, comma separated.
  func resolver(of host: String) -> String {
    resolvers[host] ?? managementPIF(of: host).map { database.string("PIF", $0, "DNS") } ?? ""
  }

  /// Notes what `resolv.conf` says before the database, from which that is known until then, is changed.
  mutating func keepResolver(of host: String) { resolvers[host] = resolver(of: host) }

  /// Writes what the kernel has into the database: leases, and the host's address.
  /// - Parameter management: the PIF that is being made the management interface; the database does not know yet.
  mutating func refreshNetworking(of host: String, management: String? = nil) {
    let leading = leadingPIFs(of: host)
    if let pif = leading.gateway, database.string("PIF", pif, "ip_configuration_mode") == "DHCP", isUp(pif),
      let lease = lease(for: pif)
    {
      change("PIF", pif, "gateway", .string(lease.router))
    }
    let servers = resolver(of: host)
    if let pif = leading.dns, !servers.isEmpty { change("PIF", pif, "DNS", .string(servers)) }
    for pif in database.strings("host", host, "PIFs") where isUp(pif) { refreshAddresses(of: pif) }
    if let pif = management ?? managementPIF(of: host) {
      setAddress(of: host, mainAddress(of: pif))
    }
    refreshName(of: host)
  }

  /// `host.address`. When it is the coordinator's, members go on looking where it was.
  mutating func setAddress(of host: String, _ address: String) {
    guard database.string("host", host, "address") != address else { return }
    if host == coordinator { keepKnownCoordinator() }
    database.set("host", host, "address", .string(address))
  }

  /// The host's real name; one that was never named in lists gets it there too.
  private mutating func refreshName(of host: String) {
    guard host == thisHost, let name = services.hostname else { return }
    change("host", host, "hostname", .string(name))
    if ["localhost", "localhost.localdomain"].contains(database.string("host", host, "name_label")) {
      change("host", host, "name_label", .string(name))
    }
  }

  /// Whether a PIF has a bridge with addresses of its own.
  private func isUp(_ pif: String) -> Bool {
    if case .sriovLogical = kind(of: pif) { return false }
    return database.bool("PIF", pif, "currently_attached")
  }

  private mutating func refreshAddresses(of pif: String) {
    if database.string("PIF", pif, "ip_configuration_mode") == "DHCP" {
      let lease = lease(for: pif)
      change("PIF", pif, "IP", .string(lease?.ip ?? ""))
      change("PIF", pif, "netmask", .string(lease?.netmask ?? ""))
      // XAPI writes down what the bridge has: static ones as well.
      let fixed = database.string("PIF", pif, "ipv6_configuration_mode") == "Static" ? database.strings("PIF", pif, "IPv6") : []
      let kept = fixed.filter { !$0.isEmpty && !$0.hasPrefix("fe80:") }
      change("PIF", pif, "IPv6", .array((kept + [linkLocal(of: pif)]).map { .string($0) }))
    }
    if ["DHCP", "Autoconf"].contains(database.string("PIF", pif, "ipv6_configuration_mode")) {
      let routed = hasLink(pif) ? [JSONValue.string(routedIPv6(of: pif))] : []
      change("PIF", pif, "IPv6", .array(routed + [.string(linkLocal(of: pif))]))
      if hasLink(pif), leadingPIFs(of: database.string("PIF", pif, "host")).gateway == pif {
        change("PIF", pif, "ipv6_gateway", "fe80::1")
      }
    }
  }

  /// The address that a host is reached by when this PIF is its management interface.
  func mainAddress(of pif: String) -> String {
    guard usesIPv6(pif) else { return database.string("PIF", pif, "IP") }
    let routed = database.strings("PIF", pif, "IPv6").first { !$0.isEmpty && !$0.hasPrefix("fe80:") }
    return routed.map { String($0.prefix { $0 != "/" }) } ?? ""
  }
}
