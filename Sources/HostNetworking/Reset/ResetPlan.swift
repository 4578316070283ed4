import JSON

/// An emergency network reset, rendered to the last byte before anything is touched.
public struct ResetPlan: Hashable, Sendable {
  public let request: ResetRequest
  /// In the order in which they are done.
  public let steps: [ResetStep]

  public init(request: ResetRequest, steps: [ResetStep]) {
    self.request = request
    self.steps = steps
  }

  /// The changes of files; each file once.
  public var edits: [FileEdit] { steps.compactMap(\.edit) }
}

/// One step of a reset.
public struct ResetStep: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case remount, saveLayout, backup, stopXAPI, stopNetworkd, prepare, turn, coordinator, trigger, managementConf,
      networkdDatabase, inventory, staticRules, dynamicRules, finish

    /// What the step is about, where there is no plan to tell it in a sentence.
    public var name: String {
      switch self {
      case .remount: "root file system"
      case .saveLayout: "layout of the network"
      case .backup: "copies of the present files"
      case .stopXAPI: "XAPI"
      case .stopNetworkd: "network daemon"
      case .prepare: "new files"
      case .turn: "switch to the new files"
      case .coordinator: "coordinator's address (pool.conf)"
      case .trigger: "order to XAPI (network-reset)"
      case .managementConf: "settings for the network daemon (management.conf)"
      case .networkdDatabase: "network daemon's saved state (networkd.db)"
      case .inventory: "management bridge (inventory)"
      case .staticRules: "fixed interface names"
      case .dynamicRules: "remembered interface names"
      case .finish: "journal"
      }
    }
  }

  public let kind: Kind
  /// One plain sentence without a full stop.
  public let sentence: String
  /// What one would type in a shell for it.
  public let equivalent: [String]
  /// The file that is changed, if the step changes one.
  public let edit: FileEdit?

  public init(_ kind: Kind, _ sentence: String, equivalent: [String] = [], edit: FileEdit? = nil) {
    self.kind = kind
    self.sentence = sentence
    self.equivalent = equivalent
    self.edit = edit
  }
}

/// A file before and after. nil stands for a file that is not there.
public struct FileEdit: Hashable, Sendable {
  public let path: String
  public let old: [UInt8]?
  public let new: [UInt8]?

  public init(path: String, old: [UInt8]?, new: [UInt8]?) {
    self.path = path
    self.old = old
    self.new = new
  }

  public var isChange: Bool { old != new }
}
