/// What a person answered, as typed: the text of each field of the form, or of each option of the command line.
@dynamicMemberLookup
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

  public typealias Mode = AddressAnswers.Mode
  public typealias ModeV6 = AddressAnswers.ModeV6

  public var device = ""
  /// Empty for untagged.
  public var vlan = ""
  public var addresses = AddressAnswers()
  public var keepsInterfaceNames = false
  /// Empty leaves the coordinator's address as it is.
  public var coordinator = ""

  public init() {}

  /// Each field of the addresses, as if it were one of these answers.
  public subscript<Value>(dynamicMember path: WritableKeyPath<AddressAnswers, Value>) -> Value {
    get { addresses[keyPath: path] }
    set { addresses[keyPath: path] = newValue }
  }

  public subscript(field: Field) -> String {
    get {
      switch field {
      case .device: device
      case .vlan: vlan
      case .coordinator: coordinator
      default: field.ofAddresses.map { addresses[$0] } ?? ""
      }
    }
    set {
      switch field {
      case .device: device = newValue
      case .vlan: vlan = newValue
      case .coordinator: coordinator = newValue
      default: if let inner = field.ofAddresses { addresses[inner] = newValue }
      }
    }
  }

  /// The fields that mean something with the present modes; the others are not looked at and not written.
  public func uses(_ field: Field) -> Bool { field.ofAddresses.map(addresses.uses) ?? true }
}

extension ResetAnswers.Field {
  /// The same field among those of addresses; nil for the others.
  var ofAddresses: AddressAnswers.Field? { AddressAnswers.Field(rawValue: rawValue) }

  init(_ field: AddressAnswers.Field) {
    self =
      switch field {
      case .mode: .mode
      case .ip: .ip
      case .netmask: .netmask
      case .gateway: .gateway
      case .modeV6: .modeV6
      case .ipv6: .ipv6
      case .gatewayV6: .gatewayV6
      case .dns: .dns
      case .searchDomains: .searchDomains
      }
  }
}

public typealias ResetProblem = AnswerProblem<ResetAnswers.Field>
public typealias ResetCheck = AnswerCheck<ResetRequest, ResetAnswers.Field>
