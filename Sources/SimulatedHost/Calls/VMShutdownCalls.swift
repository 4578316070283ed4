import JSON

/// Shutting virtual machines down.
enum VMShutdownCalls {
  static let handlers: [String: CallHandler] = [
    "VM.clean_shutdown": clean, "VM.hard_shutdown": hard, "VM.shutdown": cleanOrHard,
    "VM.get_possible_hosts": possibleHosts,
  ]

  static let long: [String: LongCall] = [
    "VM.clean_shutdown": call("clean_shutdown"), "VM.hard_shutdown": call("hard_shutdown"),
    "VM.shutdown": call("shutdown"),
  ]

  private static let clean: CallHandler = { world, _, arguments throws(APIError) in
    let vm = arguments.string(0)
    try check(world, "clean_shutdown", vm)
    if let code = world.behaviour.shutdownRefusals[vm] { throw refusal(code, vm) }
    halt(&world, vm)
    return .nothing
  }

  private static let hard: CallHandler = { world, _, arguments throws(APIError) in
    try check(world, "hard_shutdown", arguments.string(0))
    halt(&world, arguments.string(0))
    return .nothing
  }

  /// Cleanly when the guest does it, else hard.
  private static let cleanOrHard: CallHandler = { world, _, arguments throws(APIError) in
    try check(world, "shutdown", arguments.string(0))
    halt(&world, arguments.string(0))
    return .nothing
  }

  private static let possibleHosts: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("VM", arguments.string(0))
    return .array(VMPlacement.possibleHosts(world, arguments.string(0)).map { .string($0) })
  }

  // MARK: Time

  private static func call(_ name: String) -> LongCall {
    LongCall(
      duration: { world, arguments in duration(world, name, arguments.string(0)) },
      begin: { world, task, arguments throws(APIError) in
        let vm = arguments.string(0)
        try check(world, name, vm)
        // A guest without drivers is known to refuse; one that does not answer is waited for.
        if name == "clean_shutdown", let code = world.behaviour.shutdownRefusals[vm], !waits(code) {
          throw refusal(code, vm)
        }
        world.database.set("VM", vm, "current_operations", [task: .string(name)])
      },
      tidy: { world, task, arguments in
        let vm = arguments.string(0)
        guard var operations = world.database.get("VM", vm, "current_operations")?.object, operations[task] != nil
        else { return }
        operations[task] = nil
        world.database.set("VM", vm, "current_operations", .object(operations))
      },
      canBeCancelled: true)
  }

  private static func duration(_ world: World, _ name: String, _ vm: String) -> Duration {
    let own = world.behaviour.shutdownTimes[vm] ?? world.behaviour.shutdownTime
    return name == "hard_shutdown" ? min(own, world.behaviour.taskTime) : max(own, world.behaviour.taskTime)
  }

  // MARK: Refusals

  /// In XAPI's order: what is running on it already, its power state, what its owner forbids.
  private static func check(_ world: World, _ operation: String, _ vm: String) throws(APIError) {
    try world.require("VM", vm)
    let running = world.database.get("VM", vm, "current_operations")?.object ?? JSONObject()
    if let other = running.first(where: { $0.1.string != operation }) {
      throw APIError("OTHER_OPERATION_IN_PROGRESS", "VM", vm, other.1.string ?? "", other.0)
    }
    let blocked = world.database.get("VM", vm, "blocked_operations")?[operation]
    if let blocked { throw APIError("OPERATION_BLOCKED", vm, blocked.string ?? "") }
    if world.database.bool("VM", vm, "is_a_template") { throw APIError("VM_IS_TEMPLATE", vm) }
    if world.database.bool("VM", vm, "is_control_domain") {
      throw APIError("OPERATION_NOT_ALLOWED", "This operation is not allowed on dom0")
    }
    let state = world.database.string("VM", vm, "power_state")
    if operation == "clean_shutdown" ? state != "Running" : state == "Halted" {
      throw APIError("VM_BAD_POWER_STATE", vm, "running", state.lowercased())
    }
  }

  private static func waits(_ code: String) -> Bool {
    code == "VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT" || code == "VM_SHUTDOWN_TIMEOUT"
  }

  private static func refusal(_ code: String, _ vm: String) -> APIError {
    code == "VM_SHUTDOWN_TIMEOUT" ? APIError(code, vm, "1200.") : APIError(code, vm)
  }

  // MARK: Effect

  /// The end of a guest's domain. Its interfaces stay, unplugged.
  static func halt(_ world: inout World, _ vm: String) {
    for vif in world.database.strings("VM", vm, "VIFs") {
      world.change("VIF", vif, "currently_attached", false)
      world.change("VIF", vif, "allowed_operations", ["attach"])
    }
    world.database.set("VM", vm, "power_state", "Halted")
    world.database.set("VM", vm, "domid", -1)
    world.database.set("VM", vm, "resident_on", .string(Wire.nullRef))
  }
}
