import Dom0
import XenAPI

/// XAPI's rules for the NICs of a bond and those that it does not know, for one host (`reference/xapi.md` §3.7).
struct BondMemberCheck {
  let host: BondScene
  let members: [String]
  let planning: BondPlanning
  let facts: BondFacts

  private var nodes: [InterfaceTree.Node] { members.compactMap { host.tree[$0] } }
  private var on: String { host.owner.words }

  /// - Parameter spared: a bond that is taken apart before: its members are free then.
  func hazards(mode: BondMode, sparing spared: InterfaceTree.Node? = nil) -> [Hazard] {
    var hazards = kinds(spared)
    guard !hazards.contains(where: { $0.weight == .blocking }) else { return hazards }
    hazards += together(spared)
    hazards += planning.guards(host, nodes + [spared].compactMap { $0 })
    hazards += planning.familyHazards(host, nodes + [spared].compactMap { $0 })
    hazards += hardware(mode)
    hazards += planning.storage(host, nodes + (spared?.members ?? []).compactMap { host.tree[$0] }, facts.storage, isMadeAnew: spared != nil)
    hazards += left()
    return hazards
  }

  // MARK: One by one

  private func kinds(_ spared: InterfaceTree.Node?) -> [Hazard] {
    if members.isEmpty { return [Hazard(.blocking, "A bond needs NICs", remedy: "Choose two or more")] }
    var hazards: [Hazard] = []
    for name in Set(members).sorted(by: { comesBefore($0, $1) }) {
      guard let node = host.tree[name] else {
        hazards.append(Hazard(.blocking, "\(host.words.capitalizedWord) has no interface \(name)"))
        continue
      }
      if let problem = Self.refusal(node, host, sparing: spared) { hazards.append(problem) }
    }
    return hazards
  }

  /// Why an interface can be no member of a new bond; nil when it can.
  static func refusal(_ node: InterfaceTree.Node, _ host: BondScene, sparing spared: InterfaceTree.Node? = nil) -> Hazard? {
    let (name, on) = (node.name, host.owner.words)
    switch node.kind {
    case .bond:
      // XAPI would take it, and could not take it apart again.
      return Hazard(.blocking, "\(name)\(on) is a bond itself", remedy: "Choose its NICs, once it is destroyed")
    case .vlan: return Hazard(.blocking, "\(name)\(on) is a VLAN", remedy: "Choose the NIC below it: the VLAN goes to the bond with it")
    case .tunnel: return Hazard(.blocking, "\(name)\(on) is the end of a tunnel, not a NIC")
    case .sriov: return Hazard(.blocking, "\(name)\(on) only serves virtual functions to VMs")
    case .nic: break
    }
    if !node.pif.managed { return Hazard(.blocking, "\(name)\(on) is set aside: XAPI does not manage it") }
    if let bond = host.tree.bond(ofMember: node.ref), bond.ref != spared?.ref {
      return Hazard(.blocking, "\(name)\(on) is a member of \(bond.name) already", remedy: "Take it out of \(bond.name) first, or destroy that bond")
    }
    if !node.pif.physical { return Hazard(.blocking, "\(name)\(on) is what was left of a bond that XAPI did not finish") }
    return nil
  }

  // MARK: Together

  private func together(_ spared: InterfaceTree.Node?) -> [Hazard] {
    var hazards: [Hazard] = []
    let nodes = self.nodes
    guard let first = host.ordered(members).first.flatMap({ host.tree[$0] }) else { return [] }
    if let other = nodes.first(where: { $0.pif.primaryAddressType != first.pif.primaryAddressType }) {
      hazards.append(
        Hazard(
          .blocking, "\(other.name) has \(other.pif.primaryAddressType.rawValue) as its main address, and \(first.name) \(first.pif.primaryAddressType.rawValue)\(on)",
          remedy: "Make them alike (xe pif-set-primary-address-type)"))
    }
    if let other = nodes.first(where: { $0.pif.properties != first.pif.properties }) {
      hazards.append(
        Hazard(
          .blocking, "\(other.name) is set to \(other.pif.properties.listed) in XAPI, and \(first.name) to \(first.pif.properties.listed)\(on)",
          remedy: "Make them alike: xe pif-param-set uuid=\(other.pif.uuid)" + first.pif.properties.sorted { $0.key < $1.key }.map { " properties:\($0.key)=\($0.value)" }.joined()))
    }
    let addressed = nodes.filter { host.hasAddress($0) } + [spared].compactMap { $0 }.filter { host.hasAddress($0) }
    if addressed.count > 1 {
      hazards.append(
        Hazard(
          .blocking, "\(addressed.map(\.name).andList) have an address each\(on), and a bond has one only", remedy: "Remove the address of the others first"))
    } else if let holder = addressed.first, holder.kind == .nic, let management = host.tree.management, management.ref != holder.ref,
      let base = host.tree[management.base], nodes.contains(where: { $0.ref == base.ref }), base.ref != holder.ref
    {
      // Bond.destroy gives everything to the one with the address.
      hazards.append(
        Hazard(
          .blocking, "Management is on \(management.name), but \(holder.name) has an address and would be the bond's primary member\(on): the way back would end on \(holder.name)",
          remedy: "Remove the address of \(holder.name) first, and give it to the bond afterwards"))
    }
    return hazards + tags()
  }

  /// The same tag on two members: only one of them can be on the bond.
  private func tags() -> [Hazard] {
    var owners: [Int64: InterfaceTree.Node] = [:]
    var hazards: [Hazard] = []
    for node in host.ordered(members).compactMap({ host.tree[$0] }) {
      for vlan in host.tree.vlans(on: node.ref) {
        guard let other = owners[vlan.pif.vlan] else {
          owners[vlan.pif.vlan] = vlan
          continue
        }
        hazards.append(
          Hazard(
            .warning,
            "\(other.name) and \(vlan.name) have the same tag\(on): network \"\(host.networkName(vlan))\" loses its VLAN, and VIFs on it move to \"\(host.networkName(other))\""))
      }
    }
    return hazards
  }

  // MARK: Hardware

  private func hardware(_ mode: BondMode) -> [Hazard] {
    var hazards: [Hazard] = []
    let nodes = self.nodes
    if nodes.count == 1 {
      hazards.append(Hazard(.warning, "\(nodes[0].name) alone is no bond yet\(on): XAPI takes it, but nothing is there to fall back on"))
    }
    if nodes.count > 4 {
      hazards.append(Hazard(.warning, "\(nodes.count) NICs in one bond\(on): the product's makers support four"))
    }
    let down = nodes.filter { host.carrier($0) == false }
    if nodes.count > 1, down.count == nodes.count - 1, let up = nodes.first(where: { host.carrier($0) != false }) {
      hazards.append(
        Hazard(.warning, "Of \(nodes.map(\.name).andList) only \(up.name) has a link\(on)", remedy: "Look at the cables and the switch ports of the others"))
    } else if down.count == nodes.count {
      hazards.append(
        Hazard(.warning, "None of \(nodes.map(\.name).andList) has a link\(on): nothing would pass", remedy: "Look at the cables and the switch ports first"))
    } else if !down.isEmpty {
      hazards.append(Hazard(.notice, "\(down.map(\.name).andList) \(down.count == 1 ? "has" : "have") no link\(on)"))
    }
    let speeds = nodes.compactMap { node in host.speed(node).map { (node.name, $0) } }
    if Set(speeds.map(\.1)).count > 1 {
      let list = speeds.map { "\($0.0) \(Self.words($0.1))" }.andList
      hazards.append(
        Hazard(.warning, "The NICs are not equally fast\(on): \(list)" + (mode == .lacp ? "; a switch takes links of one speed into a group" : "")))
    }
    let drivers = Set(nodes.map { host.driver($0) }.filter { !$0.isEmpty })
    if drivers.count > 1 {
      hazards.append(
        Hazard(.warning, "The NICs have different drivers\(on): " + nodes.map { "\($0.name) \(host.driver($0))" }.andList + "; offloads may differ"))
    }
    if facts.backend == .linuxBridge, host.owner.label.isEmpty {
      if mode == .lacp {
        hazards.append(
          Hazard(
            .warning, "The Linux bridge switches packets here: LACP is supported with Open vSwitch only, and hashing and fallback are not looked at",
            remedy: "Use active-backup, or change the backend (xe-switch-network-backend openvswitch) and reboot"))
      }
      if nodes.count > 2 { hazards.append(Hazard(.warning, "The Linux bridge switches packets here: bonds of more than two NICs are supported with Open vSwitch only")) }
    }
    return hazards
  }

  private static func words(_ megabits: Int) -> String {
    megabits % 1000 == 0 ? "\(megabits / 1000) Gb/s" : megabits > 1000 ? "\(megabits / 1000).\(megabits % 1000 / 100) Gb/s" : "\(megabits) Mb/s"
  }

  // MARK: What XAPI leaves behind

  private func left() -> [Hazard] {
    var hazards: [Hazard] = []
    for node in nodes {
      if !node.pif.currentlyAttached, host.tree.bond(ofMember: node.ref) == nil {
        hazards.append(Hazard(.notice, "\(node.name) is unplugged\(on): with the bond it comes up"))
      }
      if node.pif.disallowUnplug {
        hazards.append(Hazard(.notice, "\(node.name) is protected against unplugging\(on): the bond is from then on"))
      }
      if !node.pif.sriovPhysicalPIFOf.isEmpty {
        hazards.append(Hazard(.warning, "\(node.name) serves virtual functions as well\(on): VMs that use them do not share in the bond"))
      }
      let strangers = host.strangers(on: node.pif.network)
      if !strangers.isEmpty {
        hazards.append(
          Hazard(
            .warning, "\(BondPlanning.some(strangers)) \(strangers.count == 1 ? "does" : "do") not run and could start elsewhere: the VIFs stay on network \"\(host.networkName(node))\", which \(host.words) cannot offer any more",
            remedy: "Make the bond on all hosts, and move those VIFs to the bond's network afterwards"))
      }
    }
    return hazards
  }
}

extension String {
  /// With a capital letter.
  var capitalizedWord: String { (first?.uppercased() ?? "") + dropFirst() }
}
