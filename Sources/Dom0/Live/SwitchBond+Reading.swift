extension SwitchBond {
  static let command = ["ovs-appctl", "--timeout=5", "bond/show"]

  /// Every bond of the switch.
  public static func all(on system: HostSystem) async throws(LiveFailure) -> [SwitchBond] {
    try parse(try await system.answerText(of: command, timeLimit: .seconds(6)))
  }

  /// What `ovs-appctl bond/show` wrote, in the words of 2.5 (slave) or 2.17 (member). Lines not known are passed over.
  public static func parse(_ text: String) throws(LiveFailure) -> [SwitchBond] {
    try SwitchBlocks.parse(text).map { block in
      var bond = SwitchBond(name: block.name, members: [])
      for line in block.lines {
        if let (name, word) = SwitchBlocks.member(line, after: " ") {
          bond.members.append(Member(name: name, isEnabled: word.hasPrefix("enabled"), isActive: false))
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
    case "bond_mode": mode = String(value)
    case "lacp_status": lacp = LACPStatus(value)
    case "lacp_fallback_ab": fallsBack = value == "true"
    case "updelay": upDelay = value.leadingNumber
    case "downdelay": downDelay = value.leadingNumber
    case "active slave mac", "active member mac", "active-slave mac", "active-member mac": takeActive(value)
    default: break
    }
  }

  /// `ec:f4:bb:c3:af:a8(eth0)`, or `00:00:00:00:00:00(none)`.
  private mutating func takeActive(_ value: Substring) {
    let parts = value.split(maxSplits: 1) { $0 == "(" }
    let mac = parts.first.map { String($0.trimmed) }
    let name = parts.count == 2 ? String(parts[1].prefix { $0 != ")" }) : nil
    activeMember = name == "none" ? nil : name
    activeMAC = mac == "00:00:00:00:00:00" ? nil : mac
  }
}

extension SwitchBond.Member {
  fileprivate mutating func take(_ line: Substring) {
    if line == "active slave" || line == "active member" {
      isActive = true
    } else if let (key, value) = line.halves(at: ":"), key == "may_enable" {
      mayEnable = value == "true"
    } else if line.hasPrefix("hash "), let (_, value) = line.halves(at: ":") {
      hashes += 1
      load += value.leadingNumber ?? 0
    } else if line.hasPrefix("updelay expires") || line.hasPrefix("downdelay expires") {
      pending = String(line)
    }
  }
}

extension SwitchBond.LACPStatus {
  init(_ word: some StringProtocol) {
    switch word {
    case "negotiated": self = .negotiated
    case "configured": self = .configured
    case "off": self = .off
    default: self = .other(String(word))
    }
  }
}

/// A line of `ovs-appctl bond/list`.
public struct SwitchBondEntry: Hashable, Sendable {
  public var name: String
  public var mode: String
  public var members: [String]

  static let command = ["ovs-appctl", "--timeout=5", "bond/list"]

  public static func all(on system: HostSystem) async throws(LiveFailure) -> [SwitchBondEntry] {
    parse(try await system.answerText(of: command, timeLimit: .seconds(6)))
  }

  /// Columns are parted by tabs; the first line has their names.
  public static func parse(_ text: String) -> [SwitchBondEntry] {
    text.lines.dropFirst().compactMap { line in
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard cells.count >= 4 else { return nil }
      return SwitchBondEntry(
        name: String(cells[0].trimmed), mode: String(cells[1].trimmed),
        members: cells[3].split { $0 == "," || $0.isWhitespace }.map { String($0) })
    }
  }
}

/// What bond/show and lacp/show have in common: a block per bond, `---- NAME ----` at its head.
enum SwitchBlocks {
  struct Block {
    let name: String
    /// Trimmed, without empty ones.
    var lines: [Substring]
  }

  static func parse(_ text: String) throws(LiveFailure) -> [Block] {
    var blocks: [Block] = []
    for line in text.lines.map(\.trimmed) where !line.isEmpty {
      if line.hasPrefix("---- "), line.hasSuffix(" ----"), line.count > 10 {
        blocks.append(Block(name: String(line.dropFirst(5).dropLast(5).trimmed), lines: []))
      } else if blocks.isEmpty {
        throw .garbage(tool: "ovs-appctl", reason: "\"\(line.prefix(60))\" stands where a bond's name should")
      } else {
        blocks[blocks.count - 1].lines.append(line)
      }
    }
    return blocks
  }

  /// The name and the rest of a line that begins a member: `slave eth0: enabled`, `member: eth0: current attached`.
  static func member(_ line: Substring, after separator: String) -> (name: String, rest: Substring)? {
    for word in ["slave", "member"] where line.hasPrefix(word + separator) {
      guard let (name, rest) = line.dropFirst(word.count + separator.count).halves(at: ":"), !name.isEmpty else {
        return nil
      }
      return (String(name), rest)
    }
    return nil
  }
}
