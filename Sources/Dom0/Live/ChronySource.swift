/// A source of time, a line of `chronyc -c sources` (`reference/dom0.md` §2.9).
public struct ChronySource: Hashable, Sendable {
  public enum Kind: Hashable, Sendable { case server, peer, localClock }
  public enum State: Hashable, Sendable { case selected, combined, notCombined, unreachable, falseTicker, tooVariable }

  public var kind: Kind
  public var state: State
  public var name: String
  public var stratum: Int
  /// The last eight attempts, one bit each, the latest lowest: 1 for an answer.
  public var reach: UInt8
  /// Seconds since the last answer; nil when there was none.
  public var lastHeard: Int?
  /// Seconds this clock is ahead of the source.
  public var offset: Double
}
