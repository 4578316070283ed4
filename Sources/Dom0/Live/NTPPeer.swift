/// A source of time of ntpd, a line of `ntpq -pn`.
public struct NTPPeer: Hashable, Sendable {
  /// What ntpd does with it, by the mark before its name.
  public enum State: Hashable, Sendable {
    /// `*`, or `o` with a pulse: the clock follows it.
    case selected
    /// `+`: it counts in.
    case combined
    /// `#`, `-`: good, but not needed.
    case notCombined
    /// `x`: its time is wrong.
    case falseTicker
    /// `.`, or nothing: not in use.
    case unused
  }

  public var state: State
  public var name: String
  public var stratum: Int
  /// The last eight attempts, one bit each, the latest lowest: 1 for an answer.
  public var reach: UInt8
  /// Seconds since the last answer; nil when there was none.
  public var lastHeard: Int?
  /// Seconds this clock is ahead of the source.
  public var offset: Double

  static let command = ["ntpq", "-pn"]

  public static func all(on system: HostSystem) async throws(LiveFailure) -> [NTPPeer] {
    try parse(try await system.answerText(of: command))
  }

  /// Two lines of headings, then `*10.62.16.11  .GPS.  1 u  33  64  377  0.123  -0.456  0.789`.
  public static func parse(_ text: String) throws(LiveFailure) -> [NTPPeer] {
    var peers: [NTPPeer] = []
    var isHead = true
    for line in text.lines where !line.trimmed.isEmpty {
      if isHead {
        isHead = !line.hasPrefix("=")
        continue
      }
      guard let peer = NTPPeer(line) else {
        throw .garbage(tool: "ntpq", reason: "\"\(line.trimmed.prefix(60))\" is no source of time")
      }
      peers.append(peer)
    }
    // "No association ID's returned" comes without headings.
    if isHead, !text.trimmed.isEmpty, !text.hasPrefix("No association") {
      throw .garbage(tool: "ntpq", reason: "\"\(text.trimmed.prefix(60))\" is no list of sources")
    }
    return peers
  }

  private init?(_ line: Substring) {
    guard let mark = line.first else { return nil }
    let cells = line.dropFirst().split(separator: " ")
    guard cells.count >= 10, let stratum = Int(cells[2]), let reach = UInt8(cells[6], radix: 8),
      let milliseconds = Double(cells[8])
    else { return nil }
    switch mark {
    case "*", "o": state = .selected
    case "+": state = .combined
    case "#", "-": state = .notCombined
    case "x": state = .falseTicker
    default: state = .unused
    }
    name = String(cells[0])
    self.stratum = stratum
    self.reach = reach
    lastHeard = Self.seconds(cells[4])
    // ntpd tells what must be added to this clock, chronyd what it is ahead by.
    offset = -milliseconds / 1000
  }

  /// `33`, `5m`, `2h`, `1d`; `-` for never.
  private static func seconds(_ text: Substring) -> Int? {
    guard let number = text.leadingNumber else { return nil }
    switch text.last {
    case "m": return number * 60
    case "h": return number * 3600
    case "d": return number * 86_400
    default: return number
    }
  }
}
