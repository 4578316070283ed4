import XenAPI

/// Which properties bonds can have (`reference/xapi.md` §3.7).
public enum BondProperties {
  public static let hashing = "hashing_algorithm"
  public static let time = "lacp-time"
  public static let fallback = "lacp-fallback-ab"
  public static let key = "lacp-aggregation-key"

  public static let modes: [BondMode] = [.activeBackup, .balanceSLB, .lacp]
  public static let hashings = ["tcpudp_ports", "src_mac"]
  public static let times = ["slow", "fast"]

  /// What a bond has that was told nothing else.
  public static let defaults = [hashing: "tcpudp_ports", time: "slow", fallback: "true"]

  /// Why a bond of a mode cannot have it; nil when it can.
  public static func problem(_ name: String, _ value: String, in mode: BondMode) -> String? {
    guard mode == .lacp else { return "\(name) is for LACP only, and the bond works as \(mode.bondWords)" }
    switch name {
    case hashing: return hashings.contains(value) ? nil : "\(name) is tcpudp_ports or src_mac, not \(value)"
    case time: return times.contains(value) ? nil : "\(name) is slow or fast, not \(value)"
    case fallback: return ["true", "false"].contains(value) ? nil : "\(name) is true or false, not \(value)"
    case key: return Int64(value).map { (0...65535).contains($0) } == true ? nil : "\(name) is a number from 0 to 65535, not \(value)"
    default: return "Bonds have no property \(name)"
    }
  }

  /// Why a MAC cannot be given to a bond; nil when it can, and for none.
  public static func problem(mac: String) -> String? {
    guard !mac.isEmpty else { return nil }
    let parts = mac.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6, parts.allSatisfy({ $0.count == 2 && UInt8($0, radix: 16) != nil }), let first = UInt8(parts[0], radix: 16) else {
      return "\(mac) is no MAC address: six pairs of hexadecimal digits with colons, such as 02:00:00:12:34:56"
    }
    // XAPI would take it.
    if first & 1 == 1 { return "\(mac) is an address for groups: no switch delivers to it" }
    return parts.allSatisfy { $0 == "00" } ? "\(mac) is nobody's address" : nil
  }

  /// Why text is no delay; nil when it is one, and for XAPI's own.
  public static func problem(upDelay: String) -> String? {
    if upDelay.isEmpty { return nil }
    return Int(upDelay).map { (0...600_000).contains($0) } == true ? nil : "The delay is a number of milliseconds, up to 600000"
  }
}
