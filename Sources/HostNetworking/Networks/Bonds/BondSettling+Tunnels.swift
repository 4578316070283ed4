import JSON
import XenAPI

/// XAPI takes tunnels over members to the bond, and from the bond all to its primary member; those over VLANs it leaves without a
/// transport (`reference/xapi.md` §3.7, §3.8).
extension BondSettling {
  /// Tunnels that are not as the layout has them. One whose transport or network is gone for good is nothing to wait for.
  static func misled(_ layout: BondLayout, _ host: BondScene) -> [BondLayout.Tunnel] {
    layout.tunnels.filter { wanted in
      guard !isTaken(wanted.place, layout, host), let transport = host.node(wanted.place, layout), network(wanted, host) != nil else { return false }
      guard let access = access(wanted, host), access.base == transport.ref else { return true }
      return row(access, host)?.otherConfig != wanted.otherConfig || !isSo(wanted.access, access, host)
    }
  }

  private static func network(_ wanted: BondLayout.Tunnel, _ host: BondScene) -> Ref<Network>? {
    host.database.networks.all.first { $0.record.uuid == wanted.network }?.ref
  }

  private static func access(_ wanted: BondLayout.Tunnel, _ host: BondScene) -> InterfaceTree.Node? {
    network(wanted, host).flatMap { host.tree.interface(on: $0) }.flatMap { $0.kind == .tunnel ? $0 : nil }
  }

  private static func row(_ access: InterfaceTree.Node, _ host: BondScene) -> Tunnel? { host.database.tunnels[access.pif.tunnelAccessPIFOf.first] }

  /// - Parameter look: the host as it is then.
  func lead(_ wanted: BondLayout.Tunnel, _ host: BondScene, _ look: () async throws(ChangeFailure) -> BondScene) async throws(ChangeFailure) {
    guard let transport = host.node(wanted.place, layout), let network = Self.network(wanted, host) else { return }
    var access = Self.access(wanted, host)
    if access?.base != transport.ref || access == nil {
      if access == nil, let other = host.tree.interface(on: network) {
        throw ChangeFailure("\(other.name) is on the network of the tunnel over \(layout.name(wanted.place))")
      }
      let old = access?.pif.tunnelAccessPIFOf.first
      try await emptied(network, host) { () async throws(ChangeFailure) in
        if let old { try await calls.task("tunnel.destroy", [old.json]) }
        do throws(ChangeFailure) {
          try await calls.task("tunnel.create", [transport.ref.json, network.json, .string(wanted.kind)])
        } catch {
          // One whose transport has no address is there, and unplugged: as it was.
          let made = Self.access(wanted, try await look())
          guard wanted.access.isAttached == false, made?.base == transport.ref else { throw error }
        }
      }
      access = Self.access(wanted, try await look())
    }
    let fresh = try await look()
    guard let access else { throw ChangeFailure("the tunnel over \(layout.name(wanted.place)) is not to be seen") }
    if let row = access.pif.tunnelAccessPIFOf.first {
      _ = try await set(wanted.otherConfig, was: Self.row(access, fresh)?.otherConfig ?? [:], "tunnel", row.json, removes: true)
    }
    if !Self.isSo(wanted.access, access, fresh) { try await bring(access, to: wanted.access, fresh) }
  }
}
