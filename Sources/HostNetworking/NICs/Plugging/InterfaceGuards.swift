import XenAPI

/// What XAPI refuses about an interface, and what it should refuse, told beforehand with names (`reference/xapi.md` §3).
struct InterfaceGuards {
  enum Act: String {
    case unplugged, forgotten, changed
  }

  let facts: PluggingFacts
  let node: InterfaceTree.Node

  private var name: String { node.name }
  private var uuid: String { node.pif.uuid }

  /// HOST_OFFLINE: calls about this host go through the coordinator, which takes it for dead.
  static func offline(_ facts: PluggingFacts) -> [Hazard] {
    let metrics = facts.database.hosts[facts.change.host]?.metrics
    guard facts.isMember, facts.database.hostMetrics[metrics]?.live == false else { return [] }
    let coordinator = facts.database.hosts[facts.pool?.coordinator]?.nameLabel ?? "the coordinator"
    return [
      Hazard(
        .blocking, "\(coordinator) does not hear \(facts.hostName) and takes it for switched off: it passes nothing on to it",
        remedy: "Wait until the pool sees this host again")
    ]
  }

  static func missing(_ name: String, _ facts: PluggingFacts) -> Hazard {
    if facts.nic(name) != nil {
      return Hazard(
        .blocking, "\(name) is in this machine, but XAPI does not know it",
        remedy: "s in the list of interfaces makes it known (xcpconsole nic scan)")
    }
    return Hazard(.blocking, "This host has no interface \(name)", remedy: "xcpconsole nic scan looks for new NICs")
  }

  /// HA_IS_ENABLED, REDO_LOG_IS_ENABLED: of what is plugged only.
  func highAvailability(_ act: Act) -> [Hazard] {
    guard node.pif.currentlyAttached else { return [] }
    if facts.pool?.haEnabled == true || facts.change.isHAArmed {
      return [
        Hazard(
          .blocking, "High availability is on: \(name) is plugged and cannot be \(act) while it is",
          remedy: "Switch it off first (xe pool-ha-disable), and on again afterwards")
      ]
    }
    guard facts.pool?.redoLogEnabled == true else { return [] }
    return [
      Hazard(
        .blocking, "The redo log is on: \(name) is plugged and cannot be \(act) while it is",
        remedy: "Switch it off first (xe pool-disable-redo-log)")
    ]
  }

  /// CLUSTERING_ENABLED; unplugging would cut the cluster's network whatever XAPI says.
  func clustering(_ act: Act) -> [Hazard] {
    guard facts.change.clustered?.contains(node.ref) == true else { return [] }
    return [
      Hazard(
        .blocking, "The cluster of this pool talks over \(name): it cannot be \(act) while it does",
        remedy: "Disable clustering on this host first (xe cluster-host-list, then xe cluster-host-disable uuid=…)")
    ]
  }

  /// PIF_IS_MANAGEMENT_INTERFACE
  func management(_ act: Act) -> [Hazard] {
    guard node.pif.management else { return [] }
    return [
      Hazard(
        .blocking, "\(name) carries management: it cannot be \(act)", remedy: "Move management to another interface first (Management, 1)")
    ]
  }

  /// PIF_UNMANAGED
  func unmanaged() -> [Hazard] {
    if node.pif.managed { return [] }
    return [
      Hazard(
        .blocking, "\(name) is set aside: XAPI does not manage it, and neither plugs nor unplugs it",
        remedy: "Forget it and scan anew, should XAPI have it")
    ]
  }

  /// VIF_IN_USE
  func users() -> [Hazard] {
    let vms = facts.users(of: node).holding.vms
    if vms.isEmpty { return [] }
    return [
      Hazard(
        .blocking, "\(NameList.vms(vms)) \(vms.count == 1 ? "runs" : "run") here on \(facts.label(node.pif.network)), which \(name) feeds",
        remedy: "Shut \(vms.count == 1 ? "it" : "them") down, migrate \(vms.count == 1 ? "it" : "them"), or move the VIFs to another network")
    ]
  }

  /// PIF_DOES_NOT_ALLOW_UNPLUG
  func protection() -> [Hazard] {
    guard node.pif.disallowUnplug else { return [] }
    return [
      Hazard(
        .blocking, "\(name) is protected against unplugging (disallow-unplug)",
        remedy: "Lift that first: xe pif-param-set uuid=\(uuid) disallow-unplug=false")
    ]
  }

  /// PIF_HAS_FCOE_SR_IN_USE, as far as it can be known: through which of several NICs the storage is reached, only XAPI
  /// finds out.
  func storage() -> [Hazard] {
    guard node.pif.capabilities.contains("fcoe") else { return [] }
    guard let storage = facts.fcoeStorage else {
      return [
        Hazard(
          .warning, "\(name) can carry storage over FCoE, and XAPI did not tell whether any is attached",
          remedy: "Look first: xe sr-list type=lvmofcoe, then xe pbd-list sr-uuid=…")
      ]
    }
    if storage.isEmpty { return [] }
    let isOnly = facts.tree.nodes.count { $0.pif.capabilities.contains("fcoe") } == 1
    let names = storage.map { "\"\($0)\"" }
    return [
      Hazard(
        isOnly ? .blocking : .warning,
        "Storage \(NameList.words(names)) is attached over FCoE, and \(name) \(isOnly ? "is the only NIC for that" : "may be its NIC")",
        remedy: "Detach the storage first")
    ]
  }

  /// All that XAPI asks before it unplugs one, in its order.
  func unplugging() -> [Hazard] {
    unmanaged() + highAvailability(.unplugged) + management(.unplugged) + users() + protection() + storage() + clustering(.unplugged)
  }
}

extension ChangePlan {
  /// Says only why nothing can be done.
  static func refusal(_ intent: Intent, _ title: String, _ hazards: [Hazard]) -> ChangePlan {
    ChangePlan(intent: intent, title: title, hazards: hazards, steps: [])
  }
}

extension ChangeScene {
  /// A step with its sentence and its lines.
  func step(_ action: ChangeAction, _ sentence: String? = nil, undo: [ChangeAction] = []) -> ChangeStep {
    ChangeStep(0, sentence ?? action.sentence, commands: ChangeCommands(scene: self).lines(action), action: action, undo: undo)
  }
}
