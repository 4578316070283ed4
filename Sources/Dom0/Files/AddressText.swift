import Glibc

/// Addresses as they stand in the host's files.
public enum AddressText {
  /// Four decimal numbers with dots.
  public static func isIPv4(_ text: String) -> Bool {
    var address = in_addr()
    return !text.utf8.contains(0) && inet_pton(AF_INET, text, &address) == 1
  }

  /// An IPv6 address without zone and prefix length.
  public static func isIPv6(_ text: String) -> Bool {
    var address = in6_addr()
    return !text.utf8.contains(0) && inet_pton(AF_INET6, text, &address) == 1
  }

  public static func isAddress(_ text: String) -> Bool { isIPv4(text) || isIPv6(text) }

  /// An IPv6 address and its prefix length, `fd00::11/64`; nil for anything else.
  public static func ipv6WithPrefix(_ text: String) -> (address: String, prefix: Int)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, isIPv6(String(parts[0])), let prefix = decimal(parts[1]), (0...128).contains(prefix) else {
      return nil
    }
    return (String(parts[0]), prefix)
  }

  /// The prefix length a netmask stands for, 0 to 32; nil when its ones do not stand in one row at the left.
  public static func prefix(ofNetmask text: String) -> Int? {
    var address = in_addr()
    guard !text.utf8.contains(0), inet_pton(AF_INET, text, &address) == 1 else { return nil }
    let mask = UInt32(bigEndian: address.s_addr)
    let length = (~mask).leadingZeroBitCount
    return length == 32 || mask << length == 0 ? length : nil
  }

  /// The netmask of a prefix length; nil outside of 0 to 32.
  public static func netmask(ofPrefix length: Int) -> String? {
    guard (0...32).contains(length) else { return nil }
    let mask: UInt32 = length == 0 ? 0 : ~0 << (32 - length)
    return [24, 16, 8, 0].map { String((mask >> $0) & 255) }.joined(separator: ".")
  }

  /// Digits only, unlike `Int(_:)`, which takes a sign.
  static func decimal(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}
