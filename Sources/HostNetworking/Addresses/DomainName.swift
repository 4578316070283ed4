/// Checks names of the domain name system.
public enum DomainName {
  /// Why a text is not a domain name (RFC 1035 section 2.3.4, RFC 1123 section 2.1; underscores are let pass, they are
  /// in use); nil when it is one.
  public static func problem(_ text: String) -> String? {
    let name = text.hasSuffix(".") ? text.dropLast() : text[...]
    if name.isEmpty { return "a domain name is missing" }
    if name.utf8.count > 253 { return "a domain name has at most 253 characters" }
    for label in name.split(separator: ".", omittingEmptySubsequences: false) {
      if label.isEmpty { return "\(text) has two dots in a row" }
      if label.utf8.count > 63 { return "between two dots are at most 63 characters" }
      if !label.utf8.allSatisfy(isPlain) { return "\(text) may hold letters, digits, dots and hyphens only" }
      if label.hasPrefix("-") || label.hasSuffix("-") { return "\(label) begins or ends with a hyphen" }
    }
    return nil
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}
