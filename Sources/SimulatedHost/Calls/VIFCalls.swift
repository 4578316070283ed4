import JSON

/// VIFs of virtual machines: plugged, unplugged, moved to another network (XAPI notes §3.15).
enum VIFCalls {
  static let handlers: [String: CallHandler] = [
    "VIF.plug": plug, "VIF.unplug": unplug, "VIF.unplug_force": unplug, "VIF.move": move,
  ]

  private static let plug: CallHandler = { world, _, arguments throws(APIError) in
    let vif = arguments.string(0)
    let vm = try runningVM(world, vif)
    if world.database.bool("VIF", vif, "currently_attached") { throw APIError("DEVICE_ALREADY_ATTACHED", vif) }
    try attach(&world, world.database.string("VIF", vif, "network"), on: world.database.string("VM", vm, "resident_on"))
    world.change("VIF", vif, "currently_attached", true)
    world.change("VIF", vif, "allowed_operations", ["attach", "unplug"])
    return .nothing
  }

  private static let unplug: CallHandler = { world, _, arguments throws(APIError) in
    let vif = arguments.string(0)
    _ = try runningVM(world, vif)
    if !world.database.bool("VIF", vif, "currently_attached") { throw APIError("DEVICE_ALREADY_DETACHED", vif) }
    world.change("VIF", vif, "currently_attached", false)
    world.change("VIF", vif, "allowed_operations", ["attach", "plug"])
    return .nothing
  }

  /// One that is attached is moved live; the network must be to be had where its machine runs.
  private static let move: CallHandler = { world, _, arguments throws(APIError) in
    let (vif, network) = (arguments.string(0), arguments.string(1))
    try world.require("VIF", vif)
    try world.require("network", network)
    let host = world.database.string("VM", world.database.string("VIF", vif, "VM"), "resident_on")
    if world.database.exists("host", host) {
      guard VMPlacement.isOffered(world, network, on: host) else {
        throw APIError("HOST_CANNOT_ATTACH_NETWORK", host, network)
      }
      if world.database.bool("VIF", vif, "currently_attached") { try attach(&world, network, on: host) }
    }
    world.change("VIF", vif, "network", .string(network))
    return .nothing
  }

  private static func runningVM(_ world: World, _ vif: String) throws(APIError) -> String {
    try world.require("VIF", vif)
    let vm = world.database.string("VIF", vif, "VM")
    let state = world.database.string("VM", vm, "power_state")
    guard state == "Running" else { throw APIError("VM_BAD_POWER_STATE", vm, "running", state.lowercased()) }
    try requireHotplug(world, vm)
    return vm
  }

  /// Guests say whether they can take a VIF while they run; of those that say nothing their drivers tell.
  private static func requireHotplug(_ world: World, _ vm: String) throws(APIError) {
    let tools = world.database.string("VM", vm, "guest_metrics")
    switch world.database.string("VM_guest_metrics", tools, "can_use_hotplug_vif") {
    case "no": throw APIError("OPERATION_NOT_ALLOWED", "VM states it does not support VIF hotplug.")
    case "yes": return
    default:
      guard world.database.string("VM", vm, "domain_type") == "hvm", !world.database.bool("VM_guest_metrics", tools, "PV_drivers_detected") else { return }
      throw APIError("VM_MISSING_PV_DRIVERS", vm)
    }
  }

  /// A network is brought up on a host for the machine that comes to it.
  private static func attach(_ world: inout World, _ network: String, on host: String) throws(APIError) {
    guard let pif = world.pif(on: network, of: host) else { return }
    try Plumbing.requireManaged(world, pif: pif)
    try Plumbing.refuseBondMember(world, pif)
    if !world.database.bool("PIF", pif, "currently_attached") { try PIFCalls.plug(&world, pif) }
  }
}
