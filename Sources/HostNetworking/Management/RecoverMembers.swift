import XenAPI

/// After the coordinator's address has changed its members look for it in vain: this tells each where it is.
struct RecoverMembersPlanner {
  private let facts: ChangeFacts

  init(_ facts: ChangeFacts) { self.facts = facts }

  func plan() -> ChangePlan {
    let database = facts.database
    let own = database.hosts[facts.host]
    let members = database.hosts.all.filter { $0.ref != facts.host }.map(\.record.nameLabel).sorted { comesBefore($0, $1) }
    let action = ChangeAction.recoverMembers
    let step = ChangeStep(0, action.sentence, commands: ["xe pool-recover-slaves"], action: action)
    var hazards: [Hazard] = []
    if members.isEmpty {
      hazards.append(Hazard(.blocking, "This host has no members to tell"))
    } else if let coordinator = database.pools.first?.record.coordinator, coordinator != facts.host {
      let name = database.hosts[coordinator]?.nameLabel ?? "the coordinator"
      hazards.append(Hazard(.blocking, "Only the coordinator can do that, which is \(name)"))
    }
    if own?.address.isEmpty != false {
      hazards.append(Hazard(.blocking, "This host has no address that could be told", remedy: "Configure management first"))
    }
    return ChangePlan(
      intent: .recoverMembers, title: "Tell the members where their coordinator is",
      consequences: [
        "Each member that can be reached restarts its toolstack and looks for this host at \(own?.address ?? "-"): "
          + members.joined(separator: ", "),
        "On a member that stays away: xe pool-emergency-reset-master master-address=\(own?.address ?? "")",
        "VMs run on",
      ],
      hazards: hazards, steps: [step])
  }
}
