import XenAPI

/// The plan to put a layout back on a host: only what is not there already.
public struct LayoutRestore: Sendable {
  public var layout: NetworkLayout
  public var mapping: NICMapping
  public var host: Ref<Host>
  /// Every NIC of the layout, then those that are new in this host.
  public var nics: [NICMatch]
  /// In the order they are done: what can cut this host off comes last.
  public var steps: [RestoreStep]
  /// What of the layout is there already, in words, in the layout's order.
  public var present: [String]
  /// Differences that no step mends, and what stands in the way of the whole.
  public var hazards: [Hazard]

  /// Compares a layout with a host as it is now.
  /// - Parameters:
  ///   - host: the host to restore on, of the database.
  ///   - mapping: which NIC stands for one that is gone.
  public init(
    _ layout: NetworkLayout, on database: XenDatabase, host: Ref<Host>, mapping: NICMapping = .none
  ) throws(LayoutError) {
    guard let record = database.hosts[host] else { throw .noHost(uuid: "") }
    let tree = InterfaceTree(database, host: host)
    let cards = tree.nodes.filter { $0.kind == .nic }.map { SavedNIC($0.pif, in: database) }
    nics = try NICMatch.all(layout.nics, cards, mapping)
    self.layout = layout
    self.mapping = mapping
    self.host = host
    var planner = RestorePlanner(
      LayoutResolver(layout, database, host: host, nics: nics), host: record, hostRef: host, nics: nics)
    planner.plan()
    steps = planner.ordered
    present = planner.present
    hazards = planner.hazards
  }

  /// True when nothing of the layout is missing that a step could bring.
  public var isComplete: Bool { steps.isEmpty }

  /// The steps to leave out unless somebody wants them.
  public var doubtful: Set<RestoreStep.ID> { Set(steps.lazy.filter(\.isDoubtful).map(\.id)) }

  /// Every step that will not run when `skipped` are left out, and why: those that cannot be done, those left out, and
  /// those that need one of them.
  public func leftOut(skipping skipped: Set<RestoreStep.ID> = []) -> [RestoreStep.ID: String] {
    var reasons: [RestoreStep.ID: String] = [:]
    for step in steps {
      if let blocked = step.blocked {
        reasons[step.id] = blocked
      } else if skipped.contains(step.id) {
        reasons[step.id] = "left out"
      } else if let lacking = step.needs.first(where: { reasons[$0] != nil }) {
        reasons[step.id] = "needs a step that is left out: \(self[lacking]?.sentence ?? lacking)"
      }
    }
    return reasons
  }

  public subscript(id: RestoreStep.ID) -> RestoreStep? { steps.first { $0.id == id } }
}
