import Dom0

/// Thinks switching FCoE off or on through. Pure.
struct FCoEPlanner {
  let isOn: Bool
  let state: FCoEState

  func plan() -> ChangePlan {
    let isSo = isOn ? state.isAsOn : state.isOff
    var steps: [ChangeStep] = []
    if !isSo, !state.present.isEmpty {
      let action = ChangeAction.setFCoE(isOn)
      steps = [
        ChangeStep(
          0, action.sentence, commands: NICCommands.lines(action), action: action, undo: [.putBackUnits(state.present.map { UnitState($0) })])
      ]
    }
    return ChangePlan(
      intent: .fcoe(isOn: isOn), title: isOn ? "FCoE on" : "FCoE off", differences: differences, consequences: steps.isEmpty ? [] : consequences,
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps)
  }

  private var differences: [ChangePlan.Difference] {
    state.present.map { unit in
      let after = isOn ? "runs if a NIC can, starts with the host" : "does not run, does not start with the host"
      return ChangePlan.Difference(unit.shortName, now: unit.words, after: (isOn ? false : unit.isWhollyOff) ? unit.words : after)
    }
  }

  private var consequences: [String] {
    if isOn { return ["The services look for NICs that can do FCoE and use them"] }
    return [
      "Frames that FCoE took for itself reach bonds and LLDP again",
      "The services are stopped and disabled; masked, as the documentation does it, only where disabling does not keep them from starting",
      "LLDP goes on without FCoE: lldpad is left as it is",
      "After an upgrade of the host it has to be done again: xcpconsole nic fcoe off",
    ]
  }

  private var hazards: [Hazard] {
    if let problem = state.unitsProblem { return [Hazard(.blocking, "systemd does not tell of the services: \(problem)")] }
    guard !state.present.isEmpty else {
      return [Hazard(.blocking, "This host has no FCoE services: there is nothing to switch")]
    }
    var hazards: [Hazard] = []
    if isOn {
      if state.capable?.isEmpty == true {
        hazards.append(Hazard(.notice, "No NIC of this host can do FCoE: the services would have nothing to do"))
      }
      if let lldp = state.unit(FCoEState.lldp), !lldp.isActive {
        hazards.append(Hazard(.notice, "lldpad \(lldp.words): FCoE needs it", remedy: "systemctl start lldpad"))
      }
      return hazards
    }
    if let storage = state.storage, !storage.isEmpty {
      let names = storage.map { "\"\($0)\"" }.joined(separator: ", ")
      hazards.append(
        Hazard(.blocking, "Storage is in use over FCoE: \(names)", remedy: "Detach it first (xe pbd-unplug), or leave FCoE on"))
    }
    if !state.setAside.isEmpty {
      hazards.append(
        Hazard(
          .blocking, "\(state.setAside.joined(separator: ", ")) can do FCoE and XAPI leaves it alone: this host may run from storage behind it"))
    }
    if state.storage == nil {
      hazards.append(
        Hazard(.warning, "Whether storage is in use over FCoE is not known: \(state.silence ?? "XAPI does not tell")", remedy: "fcoeadm -i lists what is"))
    }
    return hazards
  }
}

extension FCoEState {
  /// As switching on leaves it: the daemon runs only where a NIC can.
  var isAsOn: Bool { !present.isEmpty && present.allSatisfy { $0.startsWithHost && ($0.isActive || $0.shortName == "fcoe") } }
}

/// Switches the services.
struct FCoEHands: Sendable {
  private let system: HostSystem

  init(_ system: HostSystem) { self.system = system }

  static func commands(_ isOn: Bool) -> [String] {
    let names = FCoEState.services.joined(separator: " ")
    return isOn
      ? ["systemctl unmask \(names)", "systemctl enable \(names)", "systemctl start \(names)"]
      : ["systemctl stop fcoe xs-fcoe", "systemctl disable fcoe xs-fcoe"]
  }

  func set(_ isOn: Bool) async throws(ChangeFailure) -> ChangeHands.Done {
    let before = try await look()
    if isOn ? before.isAsOn : before.isOff { return .wasSo }
    if isOn { try await switchOn(before) } else { try await switchOff(before) }
    let after = try await look()
    guard isOn ? after.isAsOn : after.isOff else {
      let words = after.present.map { "\($0.shortName) \($0.words)" }.joined(separator: "; ")
      throw ChangeFailure("everything was done, and yet it is not so: \(words)")
    }
    return .done
  }

  private func switchOff(_ state: FCoEState) async throws(ChangeFailure) {
    // The daemon first, then what it reads.
    for unit in state.present.reversed() where unit.isActive || unit.active == "activating" {
      try await system.service(["systemctl", "stop", unit.shortName])
    }
    for unit in state.present where unit.enabled == "enabled" && !unit.isMasked {
      try await system.service(["systemctl", "disable", unit.shortName])
    }
    // What others pull in can only be kept from starting by a mask.
    for unit in try await look().present where unit.startsWithHost {
      try await system.service(["systemctl", "mask", unit.shortName])
    }
  }

  private func switchOn(_ state: FCoEState) async throws(ChangeFailure) {
    for unit in state.present where unit.isMasked { try await system.service(["systemctl", "unmask", unit.shortName]) }
    for unit in try await look().present where unit.enabled != "enabled" && unit.enabled != "static" {
      try await system.service(["systemctl", "enable", unit.shortName])
    }
    for unit in state.present where !unit.isActive { try await system.service(["systemctl", "start", unit.shortName]) }
  }

  func putBack(_ units: [UnitState]) async throws(ChangeFailure) -> ChangeHands.Done {
    var done = ChangeHands.Done.wasSo
    for wanted in units {
      guard let now = try await look().unit(wanted.name), now.exists else { continue }
      if UnitState(now) == wanted { continue }
      done = .done
      if now.isMasked, wanted.file != "masked" { try await system.service(["systemctl", "unmask", wanted.name]) }
      if wanted.file == "enabled" || wanted.file == "disabled", try await look().unit(wanted.name)?.enabled != wanted.file {
        try await system.service(["systemctl", wanted.file == "enabled" ? "enable" : "disable", wanted.name])
      }
      if now.isActive != wanted.isActive, wanted.isActive || now.isActive {
        try await system.service(["systemctl", wanted.isActive ? "start" : "stop", wanted.name])
      }
      if wanted.file == "masked", !now.isMasked { try await system.service(["systemctl", "mask", wanted.name]) }
    }
    let after = try await look()
    for wanted in units {
      guard let now = after.unit(wanted.name), now.exists else { continue }
      let isSo = UnitState(now).file == wanted.file && (now.isActive == wanted.isActive || wanted.name == "fcoe")
      guard isSo else { throw ChangeFailure("\(wanted.name) is not as it was: it \(now.words)") }
    }
    return done
  }

  private func look() async throws(ChangeFailure) -> FCoEState {
    let state = await FCoELook.units(on: system)
    if let problem = state.unitsProblem { throw ChangeFailure("systemd does not tell of the services: \(problem)") }
    return state
  }
}
