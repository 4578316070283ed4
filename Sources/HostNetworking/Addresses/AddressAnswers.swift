/// How a host gets its addresses and whom it asks for names, as a person typed it: the text of each field.
public struct AddressAnswers: Hashable, Sendable {
  public enum Field: String, Hashable, Sendable, CaseIterable {
    case mode, ip, netmask, gateway, modeV6, ipv6, gatewayV6, dns, searchDomains
  }

  public enum Mode: String, Hashable, Sendable, CaseIterable {
    case none, dhcp, fixed = "static"
  }

  public enum ModeV6: String, Hashable, Sendable, CaseIterable {
    case none, dhcp, autoconf, fixed = "static"
  }

  public var mode = Mode.dhcp
  public var ip = ""
  /// Dotted, or a prefix length.
  public var netmask = ""
  public var gateway = ""
  public var modeV6 = ModeV6.none
  /// With its prefix length.
  public var ipv6 = ""
  public var gatewayV6 = ""
  /// Separated by commas or blanks.
  public var dns = ""
  /// Separated by commas or blanks.
  public var searchDomains = ""

  public init() {}

  public subscript(field: Field) -> String {
    get {
      switch field {
      case .mode: mode.rawValue
      case .ip: ip
      case .netmask: netmask
      case .gateway: gateway
      case .modeV6: modeV6.rawValue
      case .ipv6: ipv6
      case .gatewayV6: gatewayV6
      case .dns: dns
      case .searchDomains: searchDomains
      }
    }
    set {
      switch field {
      case .mode: mode = Mode(rawValue: newValue) ?? mode
      case .ip: ip = newValue
      case .netmask: netmask = newValue
      case .gateway: gateway = newValue
      case .modeV6: modeV6 = ModeV6(rawValue: newValue) ?? modeV6
      case .ipv6: ipv6 = newValue
      case .gatewayV6: gatewayV6 = newValue
      case .dns: dns = newValue
      case .searchDomains: searchDomains = newValue
      }
    }
  }

  /// The fields that mean something with the present modes.
  public func uses(_ field: Field) -> Bool {
    switch field {
    case .mode, .modeV6: true
    case .ip, .netmask, .gateway: mode == .fixed
    case .ipv6, .gatewayV6: modeV6 == .fixed
    case .dns, .searchDomains: mode == .fixed || modeV6 == .fixed
    }
  }
}

typealias AddressProblem = AnswerProblem<AddressAnswers.Field>

extension String {
  /// What stands between commas and blanks.
  var words: [String] { split { $0 == "," || $0.isWhitespace }.map { String($0) } }

  /// Without white space at either end, line ends among it.
  var stripped: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
