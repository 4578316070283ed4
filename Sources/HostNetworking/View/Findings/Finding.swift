/// Something a person should look at.
public struct Finding: Hashable, Sendable {
  public enum Weight: Int, Sendable, Comparable {
    case notice, warning, trouble
    public static func < (left: Weight, right: Weight) -> Bool { left.rawValue < right.rawValue }
  }

  /// Where to go to see more of it.
  public enum Place: Hashable, Sendable {
    case interface(InterfaceID)
    case network(NetworkID)
    /// The emergency network reset.
    case reset
    case nowhere
  }

  public var weight: Weight
  /// One plain sentence that names the thing.
  public var text: String
  /// What to do about it, a sentence or two; nil when the text says it all.
  public var remedy: String?
  public var place: Place

  public init(_ weight: Weight, _ text: String, remedy: String? = nil, place: Place = .nowhere) {
    self.weight = weight
    self.text = text
    self.remedy = remedy
    self.place = place
  }
}

/// What findings are made of.
struct Evidence {
  let view: HostView
  /// nil where nothing of the host itself can be read.
  let local: LocalHost?
  /// nil before XAPI has told anything.
  let join: HostJoin?

  /// XAPI tells what is so now.
  var isLive: Bool { view.connection == .live }
  var managementInterface: InterfaceView? { view.interfaces.first(where: \.isManagement) }
}
