import XenAPI

/// The interfaces of one host with the names that layouts use, and what lies on what.
struct InterfaceTree {
  struct Node {
    let ref: Ref<PIF>
    let pif: PIF
    let kind: SavedInterface.Kind
    let name: String
    /// The interface below: of a VLAN the tagged one, of a tunnel its transport, of SR-IOV the NIC.
    let base: Ref<PIF>?
    /// Of a bond, in XAPI's order.
    let members: [Ref<PIF>]
  }

  /// NICs, bonds, SR-IOV, VLANs and tunnels, each kind in the order of names.
  let nodes: [Node]
  private let places: [Ref<PIF>: Int]

  init(_ database: XenDatabase, host: Ref<Host>) {
    let pifs = (database.hosts[host]?.pifs ?? []).compactMap { ref in database.pifs[ref].map { (ref, $0) } }
    var names: [Ref<PIF>: String] = [:]
    var nodes: [Node] = []
    var taken: Set<String> = []
    for kind in [SavedInterface.Kind.nic, .bond, .sriov, .vlan, .tunnel] {
      let found = pifs.filter { Self.kind(of: $0.1) == kind }.map { ref, pif in
        let base = Self.base(of: pif, kind, database)
        let members = pif.bondMasterOf.first.flatMap { database.bonds[$0] }?.members ?? []
        let name = Self.name(of: pif, kind, below: base.flatMap { names[$0] } ?? pif.device)
        return Node(ref: ref, pif: pif, kind: kind, name: name, base: base, members: kind == .bond ? members : [])
      }
      for node in found.sorted(by: { comesBefore($0.name, $1.name) }) {
        // A second one of the same name is a stale row; the plugged one counts, or the first.
        guard taken.insert(node.name).inserted else {
          if node.pif.currentlyAttached, let place = nodes.firstIndex(where: { $0.name == node.name }),
            !nodes[place].pif.currentlyAttached
          {
            names[nodes[place].ref] = nil
            names[node.ref] = node.name
            nodes[place] = node
          }
          continue
        }
        names[node.ref] = node.name
        nodes.append(node)
      }
    }
    self.nodes = nodes
    places = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($0.element.ref, $0.offset) })
  }

  subscript(ref: Ref<PIF>?) -> Node? { ref.flatMap { places[$0] }.map { nodes[$0] } }
  subscript(name: String) -> Node? { nodes.first { $0.name == name } }

  /// The one that XAPI listens on.
  var management: Node? { nodes.first { $0.pif.management } }

  /// The bond that has this interface as a member.
  func bond(ofMember ref: Ref<PIF>) -> Node? { nodes.first { $0.kind == .bond && $0.members.contains(ref) } }

  func vlans(on base: Ref<PIF>) -> [Node] { nodes.filter { $0.kind == .vlan && $0.base == base } }

  /// This host's interface on a network: one at most.
  func interface(on network: Ref<Network>) -> Node? { nodes.first { $0.pif.network == network } }

  /// Whether management goes through this interface: it is it, or lies below it.
  func carriesManagement(_ ref: Ref<PIF>) -> Bool {
    var node = management
    while let current = node {
      if current.ref == ref || current.members.contains(ref) { return true }
      node = self[current.base]
    }
    return false
  }

  /// In XAPI's order of tests (`reference/xapi.md` §2.1).
  private static func kind(of pif: PIF) -> SavedInterface.Kind {
    if !pif.tunnelAccessPIFOf.isEmpty { return .tunnel }
    if pif.vlanMasterOf != nil { return .vlan }
    if !pif.sriovLogicalPIFOf.isEmpty { return .sriov }
    return pif.bondMasterOf.isEmpty ? .nic : .bond
  }

  private static func base(of pif: PIF, _ kind: SavedInterface.Kind, _ database: XenDatabase) -> Ref<PIF>? {
    switch kind {
    case .vlan: database.vlans[pif.vlanMasterOf]?.taggedPIF
    case .tunnel: database.tunnels[pif.tunnelAccessPIFOf.first]?.transportPIF
    case .sriov: database.sriovs[pif.sriovLogicalPIFOf.first]?.physicalPIF
    case .nic, .bond: nil
    }
  }

  private static func name(of pif: PIF, _ kind: SavedInterface.Kind, below base: String) -> String {
    switch kind {
    case .vlan: SavedInterface.vlanName(pif.vlan, on: base)
    case .sriov: SavedInterface.sriovName(on: base)
    case .nic, .bond, .tunnel: pif.device
    }
  }
}
