import JSON
import XenAPI

/// Takes back what a call that failed has left behind: XAPI writes its rows before it tries them (`reference/xapi.md`
/// §3).
struct RestoreCleanup: Sendable {
  let client: XenClient
  let host: Ref<Host>
  /// Right before the call.
  let before: LayoutResolver
  /// Right after it.
  let after: LayoutResolver

  /// - Returns: a sentence on what was taken back, or could not be; nil when there was nothing.
  func run(_ action: RestoreAction) async -> String? {
    switch action {
    case .createBond(let bond):
      guard let node = fresh(bond.name), let row = node.pif.bondMasterOf.first else { return nil }
      return await destroy("Bond", row.json, "the bond that was left behind")
    case .createVLAN(let vlan):
      guard let node = fresh(vlan.name), let row = node.pif.vlanMasterOf else { return nil }
      return await destroy("VLAN", row.json, "the VLAN that was left behind")
    case .createTunnel(let tunnel):
      guard let node = fresh(tunnel.name), let row = node.pif.tunnelAccessPIFOf.first else { return nil }
      return await destroy("tunnel", row.json, "the tunnel that was left behind")
    case .createSRIOV(let sriov):
      guard let node = fresh(sriov.name), let row = node.pif.sriovLogicalPIFOf.first else { return nil }
      return await destroy("network_sriov", row.json, "the SR-IOV network that was left behind")
    case .setIPv4(let saved):
      return await putBack(saved) { (calls, was, ref) throws(RestoreFailure) in try await calls.setIPv4(was, on: ref) }
    case .setIPv6(let saved):
      return await putBack(saved) { (calls, was, ref) throws(RestoreFailure) in try await calls.setIPv6(was, on: ref) }
    default: return nil
    }
  }

  /// The interface of this name, if the call made it.
  private func fresh(_ name: String) -> InterfaceTree.Node? {
    guard before.node(name) == nil else { return nil }
    return after.node(name)
  }

  private func destroy(_ name: String, _ row: JSONValue, _ what: String) async -> String {
    switch await client.runTask("\(name).destroy", [row]) {
    case .success: return "\(what) was removed"
    case .failure(let error), .unknown(let error): return "\(what) could not be removed: \(error)"
    }
  }

  /// XAPI keeps the new settings when the network daemon refuses them, and leaves the interface unplugged.
  private func putBack(
    _ saved: SavedInterface,
    _ set: @Sendable (RestoreCalls, SavedInterface, Ref<PIF>) async throws(RestoreFailure) -> Void
  ) async -> String? {
    guard let was = before.now(saved.name), let node = after.node(saved.name) else { return nil }
    let now = SavedInterface(node, network: "")
    if was.hasSameIPv4(as: now), was.hasSameIPv6(as: now), now.plugged || !was.plugged { return nil }
    let calls = RestoreCalls(client: client, resolver: after, host: host, progress: { _ in })
    do throws(RestoreFailure) {
      try await set(calls, was, node.ref)
      if was.plugged { try await calls.task("PIF.plug", [node.ref.json]) }
      return "the settings before were put back"
    } catch {
      return "the settings before could not be put back"
    }
  }
}
