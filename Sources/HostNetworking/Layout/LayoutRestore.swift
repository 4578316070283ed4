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
  /// What of the layout is there already, by name, in the layout's order.
  public var present: [String]
  /// Differences that no step mends, and what stands in the way of the whole.
  public var hazards: [Hazard]

  /// True when the host has all that the layout has, as far as it can.
  public var isComplete: Bool { steps.isEmpty }

  /// Every step that will not run when `skipped` are left out, and why: those that cannot be done, those left out, and those
  /// that need one of them.
  public func leftOut(skipping skipped: Set<RestoreStep.ID> = []) -> [RestoreStep.ID: String] {
    var reasons: [RestoreStep.ID: String] = [:]
    for step in steps {
      if let blocked = step.blocked {
        reasons[step.id] = blocked
      } else if skipped.contains(step.id) {
        reasons[step.id] = "left out"
      } else if let lacking = step.needs.first(where: { reasons[$0] != nil }) {
        reasons[step.id] = "needs \"\(self[lacking]?.sentence ?? lacking)\", which is left out"
      }
    }
    return reasons
  }

  public subscript(id: RestoreStep.ID) -> RestoreStep? { steps.first { $0.id == id } }
}
