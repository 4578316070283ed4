/// Names of hosts and domains (RFC 1123 section 2.1).
public enum HostnameText {
  /// Up to 63 letters, digits and hyphens, no hyphen at either end.
  public static func isLabel(_ text: String) -> Bool {
    let bytes = text.utf8
    return (1...63).contains(bytes.count) && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
      && bytes.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
          || byte == UInt8(ascii: "-")
      }
  }

  /// Labels with dots between them, 253 characters at most.
  public static func isDomain(_ text: String) -> Bool {
    (1...253).contains(text.utf8.count)
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel(String($0)) }
  }

  /// A domain to look names up in. Underscores and a dot at the end are in use there.
  public static func isSearchDomain(_ text: String) -> Bool {
    let name = text.hasSuffix(".") ? text.dropLast() : text[...]
    return isDomain(String(name.map { $0 == "_" ? "x" : $0 }))
  }

  /// An address, or a name that cannot be taken for a damaged one: its last label is not a number.
  public static func isHost(_ text: String) -> Bool {
    if AddressText.isAddress(text) { return true }
    guard isDomain(text), let last = text.split(separator: ".").last else { return false }
    return AddressText.decimal(last) == nil
  }
}
