/// The files that tell how a NIC's link is, for whoever looks again and again: few are opened at each look.
public struct LinkFiles: Sendable {
  public let name: String
  private let folder: String
  private let system: HostSystem

  public init(_ name: String, on system: HostSystem) {
    self.name = name
    folder = "\(NetworkDevice.folder)/\(name)"
    self.system = system
  }

  /// True when the device is set to be up.
  public var isUp: Bool {
    word("flags").flatMap { Int($0.hasPrefix("0x") ? String($0.dropFirst(2)) : $0, radix: 16) }.map { $0 & 1 == 1 } ?? false
  }

  /// nil while the device is down: then the kernel does not tell.
  public var hasCarrier: Bool? { word("carrier").map { $0 == "1" } }

  /// How often the link came or went since the device came into being: also what was over before anybody looked.
  public var changes: UInt64? { word("carrier_changes").flatMap { UInt64($0) } }

  /// Mb/s; the driver is asked, which may take it milliseconds.
  public var speed: Int? { word("speed").flatMap { Int($0) }.flatMap(NetworkDevice.knownSpeed) }

  /// The driver is asked.
  public var duplex: NetworkDevice.Duplex? { word("duplex").flatMap { NetworkDevice.Duplex(rawValue: $0) } }

  /// The kernel's number for the device: another one is another device, whatever its name.
  public var index: Int? { word("ifindex").flatMap { Int($0) } }

  public var mac: String? { word("address").map { $0.lowercased() } }

  public var receivedBytes: UInt64? { word("statistics/rx_bytes").flatMap { UInt64($0) } }
  public var sentBytes: UInt64? { word("statistics/tx_bytes").flatMap { UInt64($0) } }

  /// All counters.
  public var counters: NetworkDevice.Counters? { NetworkDevice.counters(of: name, on: system) }

  private func word(_ file: String) -> String? {
    (try? system.text("\(folder)/\(file)", limit: 4096)).map { String($0.trimmed) }
  }
}

extension NetworkDevice {
  /// Which devices count as NICs.
  public typealias Rule = @Sendable (NetworkDevice) -> Bool

  /// Those that networkd takes for NICs, and those that a renaming left under another name (`reference/dom0.md` §1.6).
  public static let nicRule: Rule = { $0.isPhysical || $0.name.hasPrefix("side-") }

  /// One device, without its counters; nil when it is not there.
  public static func one(_ name: String, on system: HostSystem) -> NetworkDevice? {
    guard !name.isEmpty, !name.contains("/"), (try? system.status("\(folder)/\(name)"))?.isFolder == true else { return nil }
    return read(name, from: system)
  }

  /// The names of all devices.
  public static func names(on system: HostSystem) -> [String] { (try? system.names(in: folder)) ?? [] }
}
