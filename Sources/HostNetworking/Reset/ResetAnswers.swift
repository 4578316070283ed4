/// What a person answered, as typed: the text of each field of the form, or of each option of the command line.
public struct ResetAnswers: Hashable, Sendable {
  public enum Field: String, Hashable, Sendable, CaseIterable {
    case device, vlan, mode, ip, netmask, gateway, modeV6, ipv6, gatewayV6, dns, searchDomains, coordinator

    /// The option of the command line that sets the field.
    public var option: String {
      switch self {
      case .device: "--device"
      case .vlan: "--vlan"
      case .mode: "--mode"
      case .ip: "--ip"
      case .netmask: "--netmask"
      case .gateway: "--gateway"
      case .modeV6: "--mode-v6"
      case .ipv6: "--ipv6"
      case .gatewayV6: "--gateway-v6"
      case .dns: "--dns"
      case .searchDomains: "--search-domain"
      case .coordinator: "--master"
      }
    }
  }

  public enum Mode: String, Hashable, Sendable, CaseIterable {
    case none, dhcp, fixed = "static"
  }

  public enum ModeV6: String, Hashable, Sendable, CaseIterable {
    case none, dhcp, autoconf, fixed = "static"
  }

  public var device = ""
  /// Empty for untagged.
  public var vlan = ""
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
  public var keepsInterfaceNames = false
  /// Empty leaves the coordinator's address as it is.
  public var coordinator = ""

  public init() {}

  public subscript(field: Field) -> String {
    get {
      switch field {
      case .device: device
      case .vlan: vlan
      case .mode: mode.rawValue
      case .ip: ip
      case .netmask: netmask
      case .gateway: gateway
      case .modeV6: modeV6.rawValue
      case .ipv6: ipv6
      case .gatewayV6: gatewayV6
      case .dns: dns
      case .searchDomains: searchDomains
      case .coordinator: coordinator
      }
    }
    set {
      switch field {
      case .device: device = newValue
      case .vlan: vlan = newValue
      case .mode: mode = Mode(rawValue: newValue) ?? mode
      case .ip: ip = newValue
      case .netmask: netmask = newValue
      case .gateway: gateway = newValue
      case .modeV6: modeV6 = ModeV6(rawValue: newValue) ?? modeV6
      case .ipv6: ipv6 = newValue
      case .gatewayV6: gatewayV6 = newValue
      case .dns: dns = newValue
      case .searchDomains: searchDomains = newValue
      case .coordinator: coordinator = newValue
      }
    }
  }

  /// The fields that mean something with the present modes; the others are not looked at and not written.
  public func uses(_ field: Field) -> Bool {
    switch field {
    case .device, .vlan, .mode, .modeV6, .coordinator: true
    case .ip, .netmask, .gateway: mode == .fixed
    case .ipv6, .gatewayV6: modeV6 == .fixed
    case .dns, .searchDomains: mode == .fixed || modeV6 == .fixed
    }
  }
}

/// Something about one answer: a rule it breaks, or a thing to know.
public struct ResetProblem: Hashable, Sendable {
  public var field: ResetAnswers.Field
  /// One plain sentence without a full stop.
  public var text: String
  /// False for what is only to be known.
  public var isRefused: Bool

  public init(_ field: ResetAnswers.Field, _ text: String, isRefused: Bool = true) {
    self.field = field
    self.text = text
    self.isRefused = isRefused
  }
}

/// What became of checking all answers at once.
public struct ResetCheck: Hashable, Sendable {
  /// nil while an answer is refused.
  public var request: ResetRequest?
  public var problems: [ResetProblem]

  public init(request: ResetRequest?, problems: [ResetProblem]) {
    self.request = request
    self.problems = problems
  }

  /// What is refused in one field; the first thing only.
  public func refusal(of field: ResetAnswers.Field) -> String? {
    problems.first { $0.field == field && $0.isRefused }?.text
  }
}
