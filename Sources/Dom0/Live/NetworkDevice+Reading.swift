extension NetworkDevice {
  public static let folder = "/sys/class/net"

  /// Every network device, by name. NICs come with their counters.
  public static func all(on system: HostSystem) throws(HostFileError) -> [NetworkDevice] {
    var devices: [NetworkDevice] = []
    for name in try system.names(in: folder) {
      // `bonding_masters` is a file; and a device may go while we look.
      guard (try? system.status("\(folder)/\(name)"))?.isFolder == true else { continue }
      var device = read(name, from: system)
      if device.isPhysical { device.counters = counters(of: name, on: system) }
      devices.append(device)
    }
    return devices
  }

  /// What the kernel says of one device. What it does not say is nil.
  static func read(_ name: String, from system: HostSystem) -> NetworkDevice {
    let files = Attributes(folder: "\(folder)/\(name)", system: system)
    let flags = files.word("flags").flatMap { Int($0.drop(prefix: "0x"), radix: 16) } ?? 0
    return NetworkDevice(
      name: name, index: files.number("ifindex"), mac: files.word("address").map { $0.lowercased() },
      mtu: files.number("mtu"), hardwareType: files.number("type"), isUp: flags & 1 == 1,
      hasCarrier: files.number("carrier").map { $0 == 1 }, operationalState: files.word("operstate"),
      speed: files.number("speed").flatMap(knownSpeed), duplex: files.word("duplex").flatMap(Duplex.init(rawValue:)),
      master: files.linkName("master"), hardware: hardware(files), bridgePorts: files.names("brif"),
      bond: kernelBond(files))
  }

  /// Counters of one device; those the kernel does not have are 0. nil when there are none at all.
  public static func counters(of name: String, on system: HostSystem) -> Counters? {
    let files = Attributes(folder: "\(folder)/\(name)/statistics", system: system)
    func count(_ name: String) -> UInt64? { files.word(name).flatMap { UInt64($0) } }
    guard let receivedBytes = count("rx_bytes"), let sentBytes = count("tx_bytes") else { return nil }
    return Counters(
      receivedBytes: receivedBytes, receivedPackets: count("rx_packets") ?? 0, receiveErrors: count("rx_errors") ?? 0,
      receiveDrops: count("rx_dropped") ?? 0, sentBytes: sentBytes, sentPackets: count("tx_packets") ?? 0,
      sendErrors: count("tx_errors") ?? 0, sendDrops: count("tx_dropped") ?? 0)
  }

  /// The kernel says -1 where it does not know, which drivers and old kernels print without a sign, in 16 or 32 bits.
  static func knownSpeed(_ speed: Int) -> Int? {
    speed > 0 && speed != Int(UInt16.max) && speed != Int(UInt32.max) ? speed : nil
  }

  private static func hardware(_ files: Attributes) -> Hardware? {
    guard let address = files.linkName("device") else { return nil }
    func identity(_ name: String) -> String? { files.word("device/\(name)").map { String($0.drop(prefix: "0x")) } }
    let driver = files.link("device/driver")
    var functions: VirtualFunctions?
    if let most = files.number("device/sriov_totalvfs") {
      functions = VirtualFunctions(most: most, present: files.number("device/sriov_numvfs") ?? 0)
    }
    return Hardware(
      address: address, driver: driver.map { $0.lastName }, vendor: identity("vendor"), device: identity("device"),
      isVirtualFunction: files.link("device/physfn") != nil, isXenBackend: driver?.contains("xen-backend") ?? false,
      virtualFunctions: functions)
  }

  private static func kernelBond(_ files: Attributes) -> KernelBond? {
    guard let mode = files.word("bonding/mode") else { return nil }
    return KernelBond(
      mode: mode, members: files.words("bonding/slaves") ?? [], active: files.word("bonding/active_slave"))
  }

  /// The small files of one folder in sysfs. Reading one may fail for reasons of its own (`carrier` while a device is
  /// down is EINVAL), which always means that the kernel does not tell.
  private struct Attributes {
    let folder: String
    let system: HostSystem

    func words(_ name: String) -> [String]? {
      (try? system.text("\(folder)/\(name)", limit: 65_536))?.split(whereSeparator: \.isWhitespace).map { String($0) }
    }

    func word(_ name: String) -> String? { words(name)?.first }
    func number(_ name: String) -> Int? { word(name).flatMap { Int($0) } }
    func link(_ name: String) -> String? { system.linkTarget("\(folder)/\(name)") }
    func linkName(_ name: String) -> String? { link(name)?.lastName }
    func names(_ name: String) -> [String]? { try? system.names(in: "\(folder)/\(name)") }
  }
}

extension StringProtocol {
  /// The part of a path after the last slash.
  fileprivate var lastName: String { split(separator: "/").last.map { String($0) } ?? String(self) }

  fileprivate func drop(prefix: String) -> SubSequence { hasPrefix(prefix) ? dropFirst(prefix.count) : self[...] }
}
