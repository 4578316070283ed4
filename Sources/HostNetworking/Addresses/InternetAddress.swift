/// An address of either family.
public enum InternetAddress: Hashable, Sendable {
  case v4(IPv4Address)
  case v6(IPv6Address)

  public init(parsing text: String) throws(AddressError) {
    self = text.contains(":") ? .v6(try IPv6Address(parsing: text)) : .v4(try IPv4Address(parsing: text))
  }

  /// nil when the text is not an address.
  public init?(_ text: String) {
    guard let address = try? InternetAddress(parsing: text) else { return nil }
    self = address
  }

  public var isIPv6: Bool { if case .v6 = self { true } else { false } }

  /// Why no host can have this address; nil when one can.
  public var reasonNotForHosts: String? {
    switch self {
    case .v4(let address): address.reasonNotForHosts
    case .v6(let address): address.reasonNotForHosts
    }
  }
}

extension InternetAddress: CustomStringConvertible {
  public var description: String {
    switch self {
    case .v4(let address): "\(address)"
    case .v6(let address): "\(address)"
    }
  }
}
