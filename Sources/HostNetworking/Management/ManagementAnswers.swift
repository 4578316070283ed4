import XenAPI

/// How management shall be, as a person typed it: the text of each field of the form.
@dynamicMemberLookup
public struct ManagementAnswers: Hashable, Sendable {
  public enum Field: String, Hashable, Sendable, CaseIterable {
    case interface, base, tag, mode, ip, netmask, gateway, modeV6, ipv6, gatewayV6, primary, dns, searchDomains, hostname
    case keepsOldAddress
  }

  /// Where it shall be.
  public enum Place: Hashable, Sendable {
    /// One that is there, by its name: `eth0`, `bond0`, `VLAN 42 on eth1`.
    case interface(String)
    /// A VLAN to be made on a NIC or bond, with the tag that is typed.
    case newVLAN(on: String)
  }

  public var place: Place
  /// Of a new VLAN.
  public var tag = ""
  public var addresses = AddressAnswers()
  /// Means something where both families are in use.
  public var primary = AddressFamily.ipv4
  /// Empty leaves it.
  public var hostname = ""
  public var keepsOldAddress = false

  public init(_ place: Place) { self.place = place }

  /// Each field of the addresses, as if it were one of these answers.
  public subscript<Value>(dynamicMember path: WritableKeyPath<AddressAnswers, Value>) -> Value {
    get { addresses[keyPath: path] }
    set { addresses[keyPath: path] = newValue }
  }

  /// The family that the pool reaches this host by.
  public var primaryInUse: AddressFamily {
    switch (addresses.mode, addresses.modeV6) {
    case (_, .none): .ipv4
    case (.none, _): .ipv6
    default: primary
    }
  }

  /// The fields that mean something with the present answers; the others are not looked at.
  /// - Parameter facts: what the host has.
  public func uses(_ field: Field, _ facts: ChangeFacts) -> Bool {
    switch field {
    case .interface: if case .interface = place { true } else { false }
    case .base, .tag: if case .newVLAN = place { true } else { false }
    case .primary: addresses.mode != .none && addresses.modeV6 != .none
    case .dns, .searchDomains: isNamedByHand
    case .hostname: true
    case .keepsOldAddress: leavesAddressBehind(facts)
    case .mode, .ip, .netmask, .gateway, .modeV6, .ipv6, .gatewayV6: field.ofAddresses.map(addresses.uses) ?? true
    }
  }

  /// networkd takes servers that are set by hand where the primary family's address is static, or autoconf of IPv6
  /// (`reference/xapi.md` §3.0.1).
  private var isNamedByHand: Bool {
    primaryInUse == .ipv6 ? addresses.modeV6 == .fixed || addresses.modeV6 == .autoconf : addresses.mode == .fixed
  }

  private func leavesAddressBehind(_ facts: ChangeFacts) -> Bool {
    guard let old = facts.tree.management, old.name != target?.name else { return false }
    return old.pif.ipConfigurationMode != .none || old.pif.ipv6ConfigurationMode != .none
  }

  /// What is asked for; nil while the tag is not a number.
  var target: ManagementRequest.Target? {
    switch place {
    case .interface(let name): .interface(name)
    case .newVLAN(let base): VLANTag.parse(tag).map { .newVLAN(tag: $0, on: base) }
    }
  }
}

extension ManagementAnswers.Field {
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

public typealias ManagementProblem = AnswerProblem<ManagementAnswers.Field>
public typealias ManagementCheck = AnswerCheck<ManagementRequest, ManagementAnswers.Field>

/// A VLAN's tag as typed.
enum VLANTag {
  /// 0 to 4094; nil for anything else.
  static func parse(_ text: String) -> Int? {
    let digits = text.stripped.utf8
    guard !digits.isEmpty, digits.count <= 6, digits.allSatisfy({ (0x30...0x39).contains($0) }), let tag = Int(text.stripped),
      tag <= 4094
    else { return nil }
    return tag
  }

  static let rule = "a VLAN is a number from 0 to 4094"
  static let priorityOnly = "tag 0 means \"no VLAN, priority only\": most switches want the VLAN left out"
}
