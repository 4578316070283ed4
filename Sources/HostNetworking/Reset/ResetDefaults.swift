extension ResetFacts {
  /// Answers to begin with: what there is today, on a NIC.
  public var answers: ResetAnswers {
    var answers = ResetAnswers()
    let members = now.members.compactMap { device($0) }
    let preferred = members.first { $0.link == .up }?.name ?? now.members.first ?? now.device ?? ""
    answers.device = devices.isEmpty || device(preferred) != nil ? preferred : devices.first?.name ?? ""
    answers.vlan = now.vlan.map { "\($0)" } ?? ""
    switch now.ipv4 {
    case .none: answers.mode = .none
    case .dhcp: answers.mode = .dhcp
    case .fixed(let prefix, let gateway):
      answers.mode = .fixed
      answers.ip = "\(prefix.address)"
      answers.netmask = "\(prefix.netmask)"
      answers.gateway = gateway.map { "\($0)" } ?? ""
    }
    switch now.ipv6 {
    case .none: answers.modeV6 = .none
    case .dhcp: answers.modeV6 = .dhcp
    case .autoconf: answers.modeV6 = .autoconf
    case .fixed(let prefix, let gateway):
      answers.modeV6 = .fixed
      answers.ipv6 = "\(prefix)"
      answers.gatewayV6 = gateway.map { "\($0)" } ?? ""
    }
    if answers.mode == .none, answers.modeV6 == .none { answers.mode = .dhcp }
    if answers.ip.isEmpty, let live = now.liveAddresses.lazy.compactMap({ try? IPv4Prefix(parsing: $0) }).first {
      // Not used while the mode is DHCP; there when somebody changes it.
      answers.ip = "\(live.address)"
      answers.netmask = "\(live.netmask)"
    }
    answers.dns = now.dns.map(\.description).joined(separator: ",")
    answers.searchDomains = now.searchDomains.joined(separator: " ")
    answers.keepsInterfaceNames = renamesInterfaces && device(answers.device).map { $0.nameAfterReset != .same } ?? false
    return answers
  }
}

/// Old and new side by side.
public struct ResetReview: Hashable, Sendable {
  public struct Row: Hashable, Sendable {
    public var label: String
    public var now: String
    public var after: String
  }

  public let rows: [Row]

  public init(_ facts: ResetFacts, _ request: ResetRequest) {
    let now = facts.now
    var rows = [
      Row(
        label: "Management", now: Self.place(now.device ?? "not known", now.vlan),
        after: Self.place(request.device, request.vlan)),
      Row(label: "IPv4", now: Self.words(now.ipv4, live: now.liveAddresses), after: Self.words(request.ipv4, live: [])),
    ]
    if now.ipv6 != .none || request.ipv6 != .none {
      rows.append(
        Row(label: "IPv6", now: Self.words(now.ipv6, live: now.liveAddresses), after: Self.words(request.ipv6, live: [])))
    }
    let dynamic = "from DHCP"
    rows.append(
      Row(
        label: "DNS", now: Self.list(now.dns, else: now.isFixed ? "none" : dynamic),
        after: Self.list(request.dns, else: request.isFixed ? "none" : dynamic)))
    if !now.searchDomains.isEmpty || !request.searchDomains.isEmpty {
      rows.append(
        Row(
          label: "Search", now: Self.list(now.searchDomains, else: "none"),
          after: Self.list(request.searchDomains, else: "none")))
    }
    if facts.renamesInterfaces {
      rows.append(
        Row(label: "NIC names", now: "", after: request.keepsInterfaceNames ? "as they are" : "as installed"))
    }
    if case .member(let address) = facts.role {
      rows.append(Row(label: "Coordinator", now: address, after: request.coordinator.map { "\($0)" } ?? address))
    }
    self.rows = rows
  }

  static func place(_ device: String, _ vlan: Int?) -> String { device + (vlan.map { ", VLAN \($0)" } ?? ", no VLAN") }

  static func words(_ ipv4: ResetRequest.IPv4, live: [String]) -> String {
    switch ipv4 {
    case .none: return "off"
    case .dhcp:
      let address = live.first { !$0.contains(":") }
      return "DHCP" + (address.map { " (\($0))" } ?? "")
    case .fixed(let prefix, let gateway): return "\(prefix)" + (gateway.map { " gw \($0)" } ?? ", no gateway")
    }
  }

  static func words(_ ipv6: ResetRequest.IPv6, live: [String]) -> String {
    let address = live.first { $0.contains(":") }.map { " (\($0))" } ?? ""
    switch ipv6 {
    case .none: return "off"
    case .dhcp: return "DHCP" + address
    case .autoconf: return "autoconf" + address
    case .fixed(let prefix, let gateway): return "\(prefix)" + (gateway.map { " gw \($0)" } ?? ", no gateway")
    }
  }

  private static func list(_ items: [some CustomStringConvertible], else none: String) -> String {
    items.isEmpty ? none : items.map(\.description).joined(separator: ", ")
  }
}

extension ResetSettings {
  var isFixed: Bool {
    if case .fixed = ipv4 { return true }
    if case .fixed = ipv6 { return true }
    return false
  }
}
