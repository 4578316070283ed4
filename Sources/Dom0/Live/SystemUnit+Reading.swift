extension SystemUnit {
  static func command(_ names: [String]) -> [String] {
    ["systemctl", "show", "-p", "Id,ActiveState,SubState,Result,LoadState,UnitFileState"] + names
  }

  /// The state of several units, in the order they were asked for, with one call.
  public static func all(_ names: [String], on system: HostSystem) async throws(LiveFailure) -> [SystemUnit] {
    guard !names.isEmpty else { return [] }
    return try parse(try await system.answerText(of: command(names)), asked: names)
  }

  /// What `systemctl show -p …` wrote: a block of `Key=value` lines for each unit, parted by empty lines.
  public static func parse(_ text: String, asked names: [String]) throws(LiveFailure) -> [SystemUnit] {
    var blocks: [[Substring: Substring]] = [[:]]
    for line in text.lines.map(\.trimmed) {
      if line.isEmpty {
        if blocks.last?.isEmpty == false { blocks.append([:]) }
      } else if let (key, value) = line.halves(at: "=") {
        blocks[blocks.count - 1][key] = value
      }
    }
    if blocks.last?.isEmpty == true { blocks.removeLast() }
    guard blocks.count == names.count else {
      throw .garbage(tool: "systemctl", reason: "\(blocks.count) answers for \(names.count) units")
    }
    var units: [SystemUnit] = []
    for (name, block) in zip(names, blocks) {
      guard let active = block["ActiveState"] else {
        throw .garbage(tool: "systemctl", reason: "no ActiveState for \(name)")
      }
      func text(_ key: Substring) -> String? { block[key].flatMap { $0.isEmpty ? nil : String($0) } }
      units.append(
        SystemUnit(
          name: name, active: String(active), sub: text("SubState") ?? "", result: text("Result"),
          load: text("LoadState") ?? "", enabled: text("UnitFileState")))
    }
    return units
  }
}
