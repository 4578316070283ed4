extension ChronySource {
  /// `-n`: with names looked up it would hang for as long as DNS does.
  static let command = ["chronyc", "-n", "-c", "sources"]

  /// Every source chronyd knows.
  public static func all(on system: HostSystem) async throws(LiveFailure) -> [ChronySource] {
    try parse(try await system.answerText(of: command))
  }

  /// What `chronyc -c sources` wrote: `^,*,10.71.56.11,5,6,377,57,-0.000006851,-0.000118707,0.082518920`.
  public static func parse(_ text: String) throws(LiveFailure) -> [ChronySource] {
    var sources: [ChronySource] = []
    for line in text.lines.map(\.trimmed) where !line.isEmpty {
      guard let source = ChronySource(line) else {
        throw .garbage(tool: "chronyc", reason: "\"\(line.prefix(60))\" is no source of time")
      }
      sources.append(source)
    }
    return sources
  }

  private init?(_ line: Substring) {
    let cells = line.split(separator: ",", omittingEmptySubsequences: false)
    guard cells.count >= 8, let kind = Self.kinds[cells[0]], let state = Self.states[cells[1]],
      let stratum = Int(cells[3]), let reach = UInt8(cells[5], radix: 8), let lastHeard = Int(cells[6]), let offset = Double(cells[7])
    else { return nil }
    self.init(
      kind: kind, state: state, name: String(cells[2]), stratum: stratum, reach: reach,
      lastHeard: lastHeard < Int(UInt32.max) ? lastHeard : nil, offset: offset)
  }

  private static let kinds: [Substring: Kind] = ["^": .server, "=": .peer, "#": .localClock]
  private static let states: [Substring: State] = [
    "*": .selected, "+": .combined, "-": .notCombined, "?": .unreachable, "x": .falseTicker, "~": .tooVariable,
  ]
}
