import XenAPI

/// Finds in the present database what a layout names. Bonds and VLANs are known by what they are made of, never by uuid
/// or device: XAPI makes them anew, under other names, when it resets or moves them.
struct LayoutResolver {
  let layout: NetworkLayout
  let database: XenDatabase
  let tree: InterfaceTree
  /// Networks that were made for the layout's, by the layout's id.
  private let made: [String: Ref<Network>]
  private let nics: [String: SavedNIC]
  private var networks: [String: Ref<Network>] = [:]

  /// - Parameter made: networks that a run has created, by the layout's id.
  init(
    _ layout: NetworkLayout, _ database: XenDatabase, host: Ref<Host>, nics matches: [NICMatch],
    made: [String: Ref<Network>] = [:]
  ) {
    self.layout = layout
    self.database = database
    self.made = made
    tree = InterfaceTree(database, host: host)
    var nics: [String: SavedNIC] = [:]
    for match in matches {
      if let saved = match.saved, let present = match.present { nics[saved.device] = present }
    }
    self.nics = nics
    networks = foundNetworks()
  }

  /// The same layout and NICs on another state of the database.
  init(_ other: LayoutResolver, _ database: XenDatabase, host: Ref<Host>, made: [String: Ref<Network>] = [:]) {
    layout = other.layout
    self.database = database
    self.made = made.isEmpty ? other.made : made
    nics = other.nics
    tree = InterfaceTree(database, host: host)
    networks = foundNetworks()
  }

  // MARK: Interfaces

  /// The present interface that a name of the layout means; nil when there is none.
  func node(_ name: String) -> InterfaceTree.Node? {
    guard let saved = layout.interface(name) else { return nil }
    switch saved.kind {
    case .nic: return nic(name)
    case .bond: return layout.bonds.first { $0.name == name }.flatMap { bond($0) }
    case .vlan: return layout.vlans.first { $0.name == name }.flatMap { vlan($0) }
    case .tunnel:
      return network(saved.network).flatMap { tree.interface(on: $0) }.flatMap { $0.kind == .tunnel ? $0 : nil }
    case .sriov:
      guard let base = layout.sriovs.first(where: { $0.name == name }).flatMap({ node($0.base) }) else { return nil }
      return tree.nodes.first { $0.kind == .sriov && $0.base == base.ref }
    }
  }

  private func nic(_ name: String) -> InterfaceTree.Node? {
    guard let nic = nics[name] else { return nil }
    return tree.nodes.first { $0.kind == .nic && $0.pif.device == nic.device && $0.pif.mac.lowercased() == nic.mac }
  }

  /// The members of a bond that are in this host, in the layout's order.
  func members(of bond: SavedBond) -> [InterfaceTree.Node] { bond.members.compactMap { node($0) } }

  private func bond(_ bond: SavedBond) -> InterfaceTree.Node? {
    let members = Set(members(of: bond).map(\.ref))
    if members.isEmpty { return nil }
    return tree.nodes.first { $0.kind == .bond && Set($0.members) == members }
  }

  private func vlan(_ vlan: SavedVLAN) -> InterfaceTree.Node? {
    guard let base = node(vlan.base) else { return nil }
    return tree.vlans(on: base.ref).first { $0.pif.vlan == vlan.tag }
  }

  /// What the layout calls a present interface; nil when it has none like it.
  func savedName(of ref: Ref<PIF>) -> String? { layout.interfaces.first { node($0.name)?.ref == ref }?.name }

  // MARK: Networks

  func network(_ id: String) -> Ref<Network>? { networks[id] }

  /// Networks outlive a reset, so most are found by uuid. In another database (a host installed anew): a NIC's network
  /// is the one its NIC has there; any other must have the same name. A bridge called `xapi3` says nothing there,
  /// unless it is all that was saved.
  private func foundNetworks() -> [String: Ref<Network>] {
    var found = made.filter { database.networks[$0.value] != nil }
    var taken = Set(found.values)
    func take(_ saved: SavedNetwork, _ ref: Ref<Network>?) {
      guard let ref, found[saved.id] == nil, taken.insert(ref).inserted else { return }
      found[saved.id] = ref
    }
    let present = database.networks.all.map { ($0.ref, $0.record) }.sorted { $0.1.uuid < $1.1.uuid }
    let byUUID = Dictionary(present.map { ($0.1.uuid, $0.0) }, uniquingKeysWith: { first, _ in first })
    for saved in layout.networks where !saved.uuid.isEmpty { take(saved, byUUID[saved.uuid]) }
    for interface in layout.interfaces where interface.kind == .nic {
      guard let saved = layout.network(interface.network) else { continue }
      take(saved, nic(interface.name)?.pif.network)
    }
    let byBridge = Dictionary(present.map { ($0.1.bridge, $0) }, uniquingKeysWith: { first, _ in first })
    for saved in layout.networks where !saved.bridge.isEmpty {
      guard let (ref, network) = byBridge[saved.bridge], saved.isSystem || [network.nameLabel, ""].contains(saved.name)
      else {
        continue
      }
      take(saved, ref)
    }
    for saved in layout.networks where !saved.name.isEmpty {
      take(saved, present.first { $0.1.nameLabel == saved.name && !taken.contains($0.0) }?.0)
    }
    return found
  }
}
