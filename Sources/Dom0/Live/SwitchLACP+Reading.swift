extension SwitchLACP {
  static let command = ["ovs-appctl", "--timeout=5", "lacp/show"]

  /// Every bond on which LACP is on.
  public static func all(on system: HostSystem) async throws(LiveFailure) -> [SwitchLACP] {
    try parse(try await system.answerText(of: command, timeLimit: .seconds(6)))
  }

  /// What `ovs-appctl lacp/show` wrote, in the words of 2.5 (slave) or 2.17 (member). Lines not known are passed over.
  public static func parse(_ text: String) throws(LiveFailure) -> [SwitchLACP] {
    try SwitchBlocks.parse(text).map { block in
      var bond = SwitchLACP(name: block.name, members: [])
      for line in block.lines {
        if let (name, rest) = SwitchBlocks.member(line, after: ":") {
          let words = rest.split(separator: " ")
          bond.members.append(
            Member(
              name: name, word: words.first.flatMap { Member.Word(rawValue: String($0)) },
              isAttached: words.contains("attached"), actor: Party(), partner: Party()))
        } else if bond.members.isEmpty {
          bond.take(line)
        } else {
          bond.members[bond.members.count - 1].take(line)
        }
      }
      return bond
    }
  }

  private mutating func take(_ line: Substring) {
    guard let (key, value) = line.halves(at: ":") else { return }
    switch key {
    case "status": status = String(value)
    case "sys_id": systemID = String(value)
    case "aggregation key": self.key = Int(value)
    case "lacp_time": rate = String(value)
    default: break
    }
  }
}

extension SwitchLACP.Party {
  init() { self.init(state: []) }

  /// Zeros stand for nobody.
  public var isThere: Bool { systemID.map { $0.contains { $0 != "0" && $0 != ":" } } ?? false }

  fileprivate mutating func take(_ key: Substring, _ value: Substring) {
    switch key {
    case "sys_id": systemID = String(value)
    case "sys_priority": systemPriority = Int(value)
    case "port_id": portID = Int(value)
    case "port_priority": portPriority = Int(value)
    case "key": self.key = Int(value)
    case "state": state = Set(value.split(separator: " ").map { String($0) })
    default: break
    }
  }
}

extension SwitchLACP.Member {
  fileprivate mutating func take(_ line: Substring) {
    guard let (key, value) = line.halves(at: ":") else { return }
    if key == "may_enable" {
      mayEnable = value == "true"
    } else if key.hasPrefix("actor ") {
      actor.take(key.dropFirst("actor ".count), value)
    } else if key.hasPrefix("partner ") {
      partner.take(key.dropFirst("partner ".count), value)
    }
  }

  /// Hears a partner.
  public var hasPartner: Bool { word == .current && partner.isThere }
}
