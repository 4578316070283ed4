import XenAPI

/// Takes management off the network: XAPI listens to the host itself only.
struct DisableManagementPlanner {
  private let facts: ChangeFacts
  private let scene: ChangeScene

  init(_ facts: ChangeFacts) {
    self.facts = facts
    scene = ChangeScene(facts.database, host: facts.host)
  }

  func plan() -> ChangePlan {
    let present = scene.tree.management
    var steps: [ChangeStep] = []
    if let present {
      let action = ChangeAction.disableManagement
      steps = [
        ChangeStep(
          0, action.sentence, commands: ChangeCommands(scene: scene).lines(action), action: action,
          undo: [.manage(present.name)])
      ]
    }
    return ChangePlan(
      intent: .disableManagement, title: "Management off the network",
      differences: [.init("Management", now: present?.name ?? "off", after: "off")],
      consequences: consequences(present), hazards: hazards(present), steps: steps, isProvisional: true,
      expectation: Expectation(interface: nil))
  }

  private func consequences(_ present: InterfaceTree.Node?) -> [String] {
    guard let present else { return [] }
    return [
      "No program can manage this host over the network any more: Xen Orchestra and its like lose it",
      "The address stays on \(present.name): logins over SSH go on, and VMs run on",
      "This console, on the host itself, can switch management on again",
    ]
  }

  private func hazards(_ present: InterfaceTree.Node?) -> [Hazard] {
    var hazards: [Hazard] = []
    if present == nil { hazards.append(Hazard(.blocking, "Management is off already")) }
    let pool = facts.database.pools.first?.record
    if let coordinator = pool?.coordinator, coordinator != facts.host {
      let name = facts.database.hosts[coordinator]?.nameLabel ?? "its coordinator"
      hazards.append(
        Hazard(
          .blocking, "This host is a pool member: without management it would lose \(name)",
          remedy: "Move management to another interface instead"))
    } else if facts.database.hosts.count > 1 {
      hazards.append(
        Hazard(
          .warning, "This is the coordinator: its \(facts.database.hosts.count - 1) members lose it and go to emergency mode"))
    }
    if pool?.haEnabled == true || facts.isHAArmed {
      hazards.append(
        Hazard(
          .blocking, "High availability is on: it needs management on every host",
          remedy: "Switch it off first (xe pool-ha-disable)"))
    }
    return hazards
  }
}
