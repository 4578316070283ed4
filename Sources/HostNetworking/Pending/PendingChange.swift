import JSON

/// A change that has been begun and not been confirmed yet, as it stands on disk: whoever finds it can keep it or take it
/// back (`PendingStore`).
public struct PendingChange: Hashable, Sendable {
  public enum State: String, Hashable, Sendable {
    /// The steps are being done.
    case applying
    /// All steps are done; kept only when somebody confirms before the deadline.
    case waiting
    /// The way back is being gone.
    case reverting
    /// The host's own files and network daemon have the old settings again; XAPI, which was silent, has yet to learn it.
    case revertedInFiles
    /// Something of the way back failed; it is tried again.
    case stuck
  }

  /// Names it: when it began, UTC, `20261122T205439Z`.
  public var id: String
  public var state: State
  /// The plan's title.
  public var title: String
  /// `Intent.name`.
  public var intent: String
  public var steps: [Step]
  /// How many steps were begun.
  public var begun: Int
  /// When it is taken back, in seconds since the boot that `bootID` names (CLOCK_BOOTTIME: it runs on through a change
  /// of the wall's clock).
  public var deadline: Double
  public var bootID: String?
  /// Seconds since 1970.
  public var began: Int64
  /// Who made the change: `root on pts/0 from 10.0.4.77`.
  public var who: String
  public var expectation: Expectation?
  /// Where it goes on, while it is stuck; why, when it was reverted for another reason than time.
  public var remark: String

  /// What is kept of a step: enough to say what it was and to take it back.
  public struct Step: Hashable, Sendable {
    public var sentence: String
    public var undo: [ChangeAction]

    public init(sentence: String, undo: [ChangeAction]) {
      self.sentence = sentence
      self.undo = undo
    }
  }
}

/// How a pending change stands at this moment.
public enum PendingStanding: Hashable, Sendable {
  case none
  /// - Parameter secondsLeft: until it is taken back; 0 when that is due, or after another boot.
  case there(PendingChange, secondsLeft: Double)
  /// There is a record, and it cannot be read.
  case damaged(String)

  public var change: PendingChange? { if case .there(let change, _) = self { change } else { nil } }

  /// The same some time after it was read.
  var now: PendingStanding {
    guard case .there(let change, let secondsLeft) = self, secondsLeft > 0 else { return self }
    return .there(change, secondsLeft: max(0, change.deadline - PendingStore.uptime()))
  }
}

/// How a change that was pending ended.
public struct PendingEnd: Hashable, Sendable {
  /// Of the change.
  public var id: String
  public var title: String
  /// A sentence without a full stop: `kept by root on pts/1`, `taken back: nobody confirmed it in time`.
  public var end: String
  /// Seconds since 1970.
  public var at: Int64

  public init(id: String, title: String, end: String, at: Int64) {
    self.id = id
    self.title = title
    self.end = end
    self.at = at
  }

  public var isKept: Bool { end.hasPrefix("kept") }
}

/// One thing that is looked at after a provisional change.
public enum PendingCheck: String, CaseIterable, Sendable {
  case link
  /// Only told of where a bond with LACP carries management.
  case lacp = "LACP"
  case address, gateway
  case dns = "DNS"
  case xapi = "XAPI"
  case coordinator
}
