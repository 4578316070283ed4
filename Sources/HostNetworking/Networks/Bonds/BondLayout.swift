import JSON
import XenAPI

/// What of some interfaces and VIFs of one host must be as it is written here once a bond was made or taken apart: XAPI moves
/// VLANs, IPv4 addresses and VIFs, and loses or leaves behind the rest (`reference/xapi.md` §3.7).
public struct BondLayout: Hashable, Sendable {
  /// An interface by its carrier: that stays the same while refs and bond numbers change.
  public struct Place: Hashable, Sendable {
    /// The kernel's name of a NIC; nil is the bond of the layout's members.
    public var nic: String?
    /// Of a VLAN on it.
    public var tag: Int?
  }

  /// What is nil is left as it is.
  public struct Interface: Hashable, Sendable {
    public var place: Place
    /// uuid; only a VLAN can be brought to its place with it.
    public var network: String?
    public var ipv4: IPv4Settings?
    public var ipv6: IPv6Settings?
    /// All of it; keys that are not in it are removed.
    public var otherConfig: [String: String]?
    /// Keys that are added to other-config.
    public var addedConfig: [String: String] = [:]
    /// other-config of the VLAN's own row.
    public var vlanConfig: [String: String]?
    public var isProtected: Bool?
    public var isAttached: Bool?
  }

  /// One host's end of a tunnel, found by its network: it is made anew where it has another transport.
  public struct Tunnel: Hashable, Sendable {
    /// `place` is that of its transport; `network` that of its own.
    public var access: Interface
    public var kind: String
    /// other-config of the tunnel's own row.
    public var otherConfig: [String: String] = [:]

    var place: Place { access.place }
    var network: String { access.network ?? "" }
    /// There is something that XAPI loses when it moves the tunnel.
    var hasMore: Bool {
      !otherConfig.isEmpty || !(access.otherConfig ?? [:]).isEmpty || access.ipv4.map { $0.mode != .none } == true
        || access.ipv6.map { $0.mode != .none } == true
    }
  }

  public var owner: BondOwner
  /// Of the bond that `Place.nic == nil` means.
  public var members: [String]
  /// What people call it.
  public var bond: String
  /// Carriers before VLANs.
  public var interfaces: [Interface]
  public var tunnels: [Tunnel] = []
  /// VIFs by their refs, which stay, and the uuids of their networks.
  public var vifs: [String: String] = [:]
  /// MTU of networks by uuid: newer XAPIs write the bond's over those of its members.
  public var mtus: [String: Int] = [:]
  /// other-config of the bond's own row.
  public var bondConfig: [String: String]?

  public var isEmpty: Bool { interfaces.isEmpty && tunnels.isEmpty && vifs.isEmpty && mtus.isEmpty && (bondConfig ?? [:]).isEmpty }

  func name(_ place: Place) -> String {
    let carrier = place.nic ?? bond
    return place.tag.map { "VLAN \($0) on \(carrier)" } ?? carrier
  }

  var sentence: String {
    let names = interfaces.map { name($0.place) } + tunnels.map { "the tunnel over \(name($0.place))" }
    let words = names.count > 3 ? "\(names.count) interfaces" : names.andList
    return names.isEmpty
      ? "Put VIFs back on their networks\(owner.words)" : "Give \(words) what XAPI does not move\(owner.words)"
  }
}

// MARK: As it is now

extension BondScene {
  /// All about NICs, the bond they may make, and what is on them.
  /// - Parameter more: NICs that are concerned and are no members.
  func layout(of members: [String], bond name: String, also more: [String] = []) -> BondLayout {
    let carriers = (members + more).compactMap { tree[$0] } + [bond(of: members)].compactMap { $0 }
    var layout = BondLayout(owner: owner, members: members, bond: name, interfaces: [])
    for carrier in carriers {
      layout.interfaces.append(interface(carrier, place(carrier)))
      layout.tunnels += tunnels(over: carrier, at: place(carrier))
      take(carrier.pif.network, into: &layout)
    }
    for carrier in carriers {
      for vlan in tree.vlans(on: carrier.ref) {
        var place = place(carrier)
        place.tag = Int(vlan.pif.vlan)
        layout.interfaces.append(interface(vlan, place))
        layout.tunnels += tunnels(over: vlan, at: place)
        take(vlan.pif.network, into: &layout, isVLAN: true)
      }
    }
    if let bond = bond(of: members), let row = database.bonds[bond.pif.bondMasterOf.first] { layout.bondConfig = row.otherConfig }
    return layout
  }

  func tunnels(over transport: InterfaceTree.Node, at place: BondLayout.Place) -> [BondLayout.Tunnel] {
    tree.nodes.filter { $0.kind == .tunnel && $0.base == transport.ref }.map { node in
      let row = database.tunnels[node.pif.tunnelAccessPIFOf.first]
      return BondLayout.Tunnel(access: interface(node, place), kind: row?.protocol.rawValue ?? "gre", otherConfig: row?.otherConfig ?? [:])
    }
  }

  /// VIFs of machines that run on other hosts are of no concern to this one.
  private func take(_ ref: Ref<Network>?, into layout: inout BondLayout, isVLAN: Bool = false) {
    guard let network = database.networks[ref] else { return }
    for vif in network.vifs {
      let resident = database.vms[database.vifs[vif]?.vm]?.residentOn
      if resident == nil || resident == host { layout.vifs[vif.description] = network.uuid }
    }
    if !isVLAN { layout.mtus[network.uuid] = Int(clamping: network.mtu) }
  }

  /// An interface by its carrier, and the members of the bond that this is; nil for what is neither NIC, bond nor a VLAN on one.
  func place(of node: InterfaceTree.Node) -> (members: [String], place: BondLayout.Place)? {
    guard let carrier = node.kind == .vlan ? tree[node.base] : node, carrier.kind == .nic || carrier.kind == .bond else { return nil }
    var place = place(carrier)
    if node.kind == .vlan { place.tag = Int(node.pif.vlan) }
    return (carrier.kind == .bond ? devices(carrier) : [], place)
  }

  private func place(_ node: InterfaceTree.Node) -> BondLayout.Place {
    BondLayout.Place(nic: node.kind == .bond ? nil : node.pif.device)
  }

  private func interface(_ node: InterfaceTree.Node, _ place: BondLayout.Place) -> BondLayout.Interface {
    let pif = node.pif
    let isMember = node.kind == .nic && tree.bond(ofMember: node.ref) != nil
    return BondLayout.Interface(
      place: place, network: database.networks[pif.network]?.uuid, ipv4: IPv4Settings(pif), ipv6: IPv6Settings(pif),
      otherConfig: pif.otherConfig, vlanConfig: database.vlans[pif.vlanMasterOf]?.otherConfig, isProtected: pif.disallowUnplug,
      // A member has no plug of its own.
      isAttached: isMember ? nil : pif.currentlyAttached)
  }
}
