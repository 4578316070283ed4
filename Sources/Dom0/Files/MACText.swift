/// MAC addresses as the host's files spell them.
public enum MACText {
  /// Lower case with colons, two digits each; nil for what is no MAC. Takes what `interface-rename` takes: colons,
  /// dashes, or three groups with dots (`reference/dom0.md` §1.4).
  public static func normalized(_ text: String) -> String? {
    for separator in [":", "-"] as [Character] {
      let parts = text.split(separator: separator, omittingEmptySubsequences: false)
      if parts.count == 6 {
        return octets(parts, digits: 2).map { self.text($0.map { UInt8(truncatingIfNeeded: $0) }) }
      }
    }
    let groups = text.split(separator: ".", omittingEmptySubsequences: false)
    guard groups.count == 3, let numbers = octets(groups, digits: 4) else { return nil }
    return self.text(numbers.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
  }

  static func text(_ octets: [UInt8]) -> String { octets.map { hex(Int64($0), 2) }.joined(separator: ":") }

  static func hex(_ number: Int64, _ digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  private static func octets(_ parts: [Substring], digits: Int) -> [UInt16]? {
    let numbers = parts.compactMap { part -> UInt16? in
      guard (1...digits).contains(part.utf8.count), part.utf8.allSatisfy(isHexadecimal) else { return nil }
      return UInt16(part, radix: 16)
    }
    return numbers.count == parts.count ? numbers : nil
  }

  static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }
}
