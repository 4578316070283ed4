import XenAPI

/// An interface of this host as a place for management, or the reason why it is none.
public struct ManagementCandidate: Hashable, Sendable {
  public var name: String
  public var link: LinkState
  /// Mbit/s; nil without a link.
  public var speed: Int?
  /// `bond0 member`; else the network's name.
  public var use: String
  /// With prefix length where known.
  public var addresses: [String]
  public var isManagement: Bool
  /// Why management cannot be here; nil when it can.
  public var refusal: String?
  /// Why no VLAN can be made on it; nil when one can.
  public var refusalOfVLAN: String?
}

extension ChangeFacts {
  /// Every interface of this host, in the order in which they are listed everywhere.
  public var candidates: [ManagementCandidate] {
    let tree = tree
    return tree.nodes.map { node in
      let bond = tree.bond(ofMember: node.ref)
      let network = database.networks[node.pif.network]?.nameLabel ?? ""
      let (link, speed) = link(node, tree)
      return ManagementCandidate(
        name: node.name, link: link, speed: speed, use: bond.map { "\($0.name) member" } ?? network,
        addresses: node.pif.addressesWithLength, isManagement: node.pif.management,
        refusal: refusal(node, tree), refusalOfVLAN: refusalOfVLAN(node, tree))
    }
  }

  /// Places a VLAN can be made on, by name.
  public var vlanBases: [String] { candidates.filter { $0.refusalOfVLAN == nil }.map(\.name) }

  func refusal(_ node: InterfaceTree.Node, _ tree: InterfaceTree) -> String? {
    if let bond = tree.bond(ofMember: node.ref) { return "\(node.name) belongs to \(bond.name): choose \(bond.name)" }
    if node.kind == .tunnel { return "\(node.name) is a tunnel between hosts: it needs management to be up first" }
    if node.kind == .sriov { return "\(node.name) is for VMs: choose \(tree[node.base]?.name ?? "the NIC") itself" }
    if !node.pif.managed { return "\(node.name) is not managed: XAPI leaves it alone" }
    if node.kind == .vlan, let base = tree[node.base], base.kind == .sriov { return "\(node.name) is for VMs only" }
    return nil
  }

  func refusalOfVLAN(_ node: InterfaceTree.Node, _ tree: InterfaceTree) -> String? {
    if node.kind == .vlan { return "\(node.name) is a VLAN itself: choose \(tree[node.base]?.name ?? "the NIC below")" }
    return refusal(node, tree)
  }

  private func link(_ node: InterfaceTree.Node, _ tree: InterfaceTree) -> (LinkState, Int?) {
    if let bond = database.bonds[node.pif.bondMasterOf.first] {
      return (.partly(up: Int(clamping: bond.linksUp), of: bond.members.count), nil)
    }
    if node.kind == .vlan, let base = tree[node.base] { return link(base, tree) }
    guard let metrics = database.pifMetrics[node.pif.metrics] else { return (.unknown, nil) }
    return metrics.carrier ? (.up, Int(clamping: metrics.speed)) : (.down, nil)
  }
}

extension PIF {
  /// As set up, or as DHCP gave them.
  var addressesWithLength: [String] {
    let length = try? IPv4Prefix.length(ofNetmask: netmask)
    let four = ip.isEmpty ? [] : [length.map { "\(ip)/\($0)" } ?? ip]
    return four + ipv6.filter { !$0.isEmpty && !$0.lowercased().hasPrefix("fe80:") }
  }
}
