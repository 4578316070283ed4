import Dom0
import Glibc

/// Puts management back without XAPI: the network daemon's saved state and the inventory as they were, and the daemon
/// started anew. XAPI's database still has the new settings, and must learn the old ones when it is back.
struct FilesFallback: Sendable {
  let system: HostSystem
  /// Of the change.
  let id: String

  /// How long the daemon may take to stop (systemd kills it after that) and to start.
  private static let limit = Duration.seconds(90)

  /// - Returns: what was done, a sentence.
  func run() async throws(ChangeFailure) -> String {
    let snapshot = HostSnapshot(system: system, id: id)
    guard let inventory = snapshot.inventory, let bridge = inventory.managementInterface, !bridge.isEmpty else {
      throw ChangeFailure("the host's own files had no management interface before the change either")
    }
    let settings = snapshot.settings
    let state = snapshot.networkd.flatMap { state in
      state.settings(ofBridge: bridge).map { settings?.isSamePlace(as: $0) ?? true } == true ? state : nil
    }
    guard state != nil || settings != nil else { throw ChangeFailure("nothing tells how management was before") }
    // It writes its state on the way out: only then is that replaced.
    try await service("stop")
    let conf = try? system.read(ManagementConf.path)
    do throws(HostFileError) {
      if let state {
        try state.write(to: system)
        try put(bridge, inventory)
      } else if let rendered = snapshot.rendered {
        try ManagementConf.write(rendered, to: system)
        try NetworkdDB.remove(from: system)
        // Not the bridge that the daemon makes of such settings: XAPI brings up the one it finds here.
        try put(bridge, inventory)
      }
    } catch {
      // Better the daemon with the new settings than none at all.
      try await service("start")
      throw ChangeFailure("\(error)")
    }
    try await service("start")
    // Read once, at the start; what the installer wrote there is wanted again.
    if state == nil, let conf { try? ManagementConf.write(conf, to: system) }
    return state == nil
      ? "the network daemon was started with the old settings"
      : "the network daemon was started with its old state"
  }

  /// The present inventory with the old management interface: XAPI may have written other things there meanwhile.
  private func put(_ bridge: String, _ before: Inventory) throws(HostFileError) {
    var now = try Inventory(of: system)
    now = try now.setting("MANAGEMENT_INTERFACE", to: bridge)
    if let family = before.managementAddressType { now = try now.setting("MANAGEMENT_ADDRESS_TYPE", to: family) }
    try now.write(to: system)
  }

  private func service(_ verb: String) async throws(ChangeFailure) {
    do throws(ToolFailure) {
      let outcome = try await system.tools.run(Command(["systemctl", verb, "xcp-networkd"], timeLimit: Self.limit))
      guard !outcome.succeeded else { return }
      let words = outcome.errorText.stripped
      throw .notStarted(tool: "systemctl \(verb) xcp-networkd", reason: words.isEmpty ? "\(outcome.exit)" : words)
    } catch {
      throw ChangeFailure("the network daemon does not \(verb): \(error)")
    }
  }
}

extension ManagementSettings {
  /// The same device with the same addresses: the state is not from before another change. Name servers do not count: the
  /// daemon keeps a lease's nowhere, and some versions none at all.
  fileprivate func isSamePlace(as other: ManagementSettings) -> Bool {
    (device, vlan, ipv4, ipv6) == (other.device, other.vlan, other.ipv4, other.ipv6)
  }
}
