/// Something to know before a change: found by looking, told with names, not after it with codes.
public struct Hazard: Hashable, Sendable {
  public enum Weight: Int, Sendable, Comparable {
    /// Good to know.
    case notice
    /// To be agreed to.
    case warning
    /// The change is not made while this holds.
    case blocking

    public static func < (left: Weight, right: Weight) -> Bool { left.rawValue < right.rawValue }
  }

  public var weight: Weight
  /// One plain sentence that names the thing, without a full stop.
  public var text: String
  /// What to do about it; nil when there is nothing to be done.
  public var remedy: String?

  public init(_ weight: Weight, _ text: String, remedy: String? = nil) {
    self.weight = weight
    self.text = text
    self.remedy = remedy
  }
}
