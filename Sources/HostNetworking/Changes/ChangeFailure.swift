/// Why something was not done to the host.
public struct ChangeFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence without a full stop: what failed, why (XAPI's code in brackets), what to do.
  public var text: String
  /// The work may have been done all the same, or may still be going on: contact was lost on the way.
  public var isUnknown: Bool

  public init(_ text: String, isUnknown: Bool = false) {
    self.text = text
    self.isUnknown = isUnknown
  }

  public var description: String { text }
}
