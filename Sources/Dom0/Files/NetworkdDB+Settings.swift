extension NetworkdDB {
  /// What networkd would set up for a management bridge, as settings of an emergency reset; nil when the bridge is not
  /// there or has no NIC. Of a bond the first NIC is taken, as networkd does with `management.conf`.
  public func settings(ofBridge name: String) -> ManagementSettings? {
    guard let bridge = bridge(name), let interface = interface(name), let nic = nics(below: name).first else {
      return nil
    }
    var settings = ManagementSettings(
      device: nic, vlan: bridge.vlan?.tag, ipv4: .off, dns: interface.nameServers,
      searchDomains: interface.searchDomains)
    switch interface.ipv4 {
    case .off: settings.ipv4 = .off
    case .dhcp: settings.ipv4 = .dhcp
    case .static(let addresses):
      if let first = addresses.first, let netmask = AddressText.netmask(ofPrefix: first.prefix) {
        settings.ipv4 = .static(address: first.address, netmask: netmask, gateway: interface.ipv4Gateway)
      }
    }
    switch interface.ipv6 {
    case .off, .linkLocal: settings.ipv6 = .off
    case .dhcp: settings.ipv6 = .dhcp
    case .autoconf: settings.ipv6 = .autoconf
    case .static(let addresses):
      if let first = addresses.first {
        settings.ipv6 = .static(address: first.description, gateway: interface.ipv6Gateway)
      }
    }
    return settings
  }

  /// Puts the bytes back as they were read: only while networkd is stopped.
  public func write(to system: HostSystem) throws(HostFileError) {
    try system.replace(Self.path, with: bytes)
  }

  /// Removes the file, so that networkd takes `management.conf` at its next start.
  /// - Returns: false when there was none.
  @discardableResult
  public static func remove(from system: HostSystem) throws(HostFileError) -> Bool {
    try system.remove(path)
  }
}
