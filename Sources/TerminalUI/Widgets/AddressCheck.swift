/// What can be said of an address while it is being typed.
public enum InputCheck: Hashable, Sendable {
  /// Nothing is typed.
  case empty
  /// Right as it stands.
  case valid
  /// Not yet complete, and nothing wrong so far; the text says what is missing.
  case incomplete(String)
  /// Wrong, whatever is typed after it; the text says why.
  case invalid(String)

  /// The reason it cannot be taken as it stands; nil when it can, or is empty.
  public var reason: String? {
    switch self {
    case .empty, .valid: nil
    case .incomplete(let reason), .invalid(let reason): reason
    }
  }
}

/// Checks addresses as they are typed and says in words what is wrong.
public enum AddressCheck {
  /// An IPv4 address in four decimal numbers, without leading zeros (RFC 6943 section 3.1.1: they are read as octal by
  /// some programs).
  public static func ipv4(_ text: String) -> InputCheck {
    guard !text.isEmpty else { return .empty }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if let wrong = part.unicodeScalars.first(where: { !isDigit($0) }) {
        return .invalid("\"\(TextWidth.shown(wrong))\" has no place in an IPv4 address")
      }
      if part.isEmpty && index < parts.count - 1 { return .invalid("there is no number before a dot") }
      if part.count > 1 && part.first == "0" { return .invalid("\(part) begins with a zero") }
      if part.count > 3 || (Int(part) ?? 0) > 255 { return .invalid("\(part.prefix(12)) is more than 255") }
    }
    if parts.count > 4 { return .invalid("an IPv4 address has only four numbers") }
    let count = parts.filter { !$0.isEmpty }.count
    return count == 4 ? .valid : .incomplete("an IPv4 address has four numbers, this has \(count)")
  }

  /// An IPv6 address (RFC 4291 section 2.2), without a zone.
  public static func ipv6(_ text: String) -> InputCheck {
    guard !text.isEmpty else { return .empty }
    if let wrong = text.unicodeScalars.first(where: { !isHexadecimal($0) && $0 != ":" && $0 != "." }) {
      return .invalid("\"\(TextWidth.shown(wrong))\" has no place in an IPv6 address")
    }
    let groups = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if text.contains(":::") { return .invalid("three colons in a row") }
    let gaps = text.utf8.indices.filter { text.utf8[$0...].starts(with: "::".utf8) }.count
    if gaps > 1 { return .invalid("\"::\" can stand only once") }
    if text.hasPrefix(":") && !text.hasPrefix("::") {
      return text == ":" ? .incomplete("an IPv6 address does not begin with one colon")
        : .invalid("an IPv6 address does not begin with one colon")
    }
    var count = 0
    for (index, group) in groups.enumerated() where !group.isEmpty {
      if group.contains(".") {
        guard index == groups.count - 1 else { return .invalid("an IPv4 part can only be the last") }
        switch ipv4(group) {
        case .valid: count += 2
        case .invalid(let reason): return .invalid(reason)
        case .empty, .incomplete: return .incomplete("the IPv4 part has four numbers")
        }
        continue
      }
      if group.utf8.count > 4 { return .invalid("\(group.prefix(12)) has more than four digits") }
      count += 1
    }
    if count > 8 || (count == 8 && gaps > 0) { return .invalid("an IPv6 address has only eight groups") }
    if text.hasSuffix(":") && !text.hasSuffix("::") { return .incomplete("something must follow the colon") }
    return count == 8 || gaps == 1 ? .valid : .incomplete("an IPv6 address has eight groups, this has \(count)")
  }

  /// An IPv4 or IPv6 address with the length of its prefix: `10.0.4.12/24`, `2001:db8::4/64`.
  public static func cidr(_ text: String) -> InputCheck {
    guard !text.isEmpty else { return .empty }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let isIPv6 = parts[0].contains(":") || (!parts[0].contains(".") && Int(parts[0]) == nil)
    switch isIPv6 ? ipv6(parts[0]) : ipv4(parts[0]) {
    case .valid: break
    case .empty: return .invalid("the address is missing before the slash")
    case .invalid(let reason): return .invalid(reason)
    case .incomplete(let reason): return parts.count == 1 ? .incomplete(reason) : .invalid(reason)
    }
    let most = isIPv6 ? 128 : 32
    guard parts.count == 2, !parts[1].isEmpty else {
      return .incomplete("a slash and the prefix length must follow, such as /\(isIPv6 ? 64 : 24)")
    }
    if parts[1].unicodeScalars.contains(where: { !isDigit($0) }) { return .invalid("the prefix length is a number") }
    guard let length = Int(parts[1]), length <= most else { return .invalid("a prefix is at most /\(most)") }
    return parts[1].count > 1 && parts[1].first == "0" ? .invalid("\(parts[1]) begins with a zero") : .valid
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

  private static func isHexadecimal(_ scalar: Unicode.Scalar) -> Bool {
    isDigit(scalar) || (scalar >= "a" && scalar <= "f") || (scalar >= "A" && scalar <= "F")
  }
}
