/// How well chronyd keeps the clock: the line of `chronyc -c tracking`.
public struct ChronyTracking: Hashable, Sendable {
  /// Whom the clock follows: an address or a name; nil when it follows nobody.
  public var source: String?
  /// Steps away from a reference clock; 0 when not synchronised.
  public var stratum: Int
  /// Seconds between this clock and the true time, by chronyd's estimate, never negative; nil when it does not tell.
  public var offset: Double?
  /// Seconds the estimate may be wrong by: half the way there and back, and what adds up on it.
  public var uncertainty: Double?

  static let command = ["chronyc", "-n", "-c", "tracking"]

  public static func now(on system: HostSystem) async throws(LiveFailure) -> ChronyTracking {
    try parse(try await system.answerText(of: command))
  }

  /// `0A3E100B,10.62.16.11,4,1700000000.1,-0.000006851,…`: reference, its name, stratum, when it was last heard, how far
  /// the clock is off, last offset, its mean, frequency, its rest, skew, root delay, root dispersion, interval, leap.
  public static func parse(_ text: String) throws(LiveFailure) -> ChronyTracking {
    let cells = text.trimmed.split(separator: ",", omittingEmptySubsequences: false)
    guard cells.count >= 3, let stratum = Int(cells[2]) else {
      throw .garbage(tool: "chronyc", reason: "\"\(text.trimmed.prefix(60))\" tells nothing of the clock")
    }
    func number(_ index: Int) -> Double? { cells.indices.contains(index) ? Double(cells[index]) : nil }
    let follows = stratum > 0 && cells[0] != "00000000"
    var tracking = ChronyTracking(source: nil, stratum: stratum)
    if follows { tracking.source = String(cells[1].isEmpty ? cells[0] : cells[1]) }
    tracking.offset = follows ? number(4).map(abs) : nil
    if follows, let delay = number(10), let dispersion = number(11) { tracking.uncertainty = delay / 2 + dispersion }
    return tracking
  }

  public init(source: String?, stratum: Int, offset: Double? = nil, uncertainty: Double? = nil) {
    self.source = source
    self.stratum = stratum
    self.offset = offset
    self.uncertainty = uncertainty
  }
}
