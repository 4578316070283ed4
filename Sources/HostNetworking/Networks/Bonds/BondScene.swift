import XenAPI

/// One host of the pool, as plans and actions about bonds look at it.
struct BondScene {
  let database: XenDatabase
  let host: Ref<Host>
  let owner: BondOwner
  let tree: InterfaceTree

  /// - Parameter own: the host that this program is on; others are named.
  init(_ database: XenDatabase, _ host: Ref<Host>, own: Ref<Host>) {
    self.database = database
    self.host = host
    let row = database.hosts[host]
    owner = BondOwner(uuid: row?.uuid ?? "", label: host == own ? "" : row?.nameLabel ?? "another host")
    tree = InterfaceTree(database, host: host)
  }

  /// nil when the pool has no such host any more.
  init?(_ scene: ChangeScene, _ owner: BondOwner) {
    guard let host = scene.database.hosts.all.first(where: { $0.record.uuid == owner.uuid })?.ref else { return nil }
    database = scene.database
    self.host = host
    self.owner = owner
    tree = host == scene.host ? scene.tree : InterfaceTree(scene.database, host: host)
  }

  var isLive: Bool { database.hosts[host].flatMap { database.hostMetrics[$0.metrics]?.live } ?? true }
  var label: String { database.hosts[host]?.nameLabel ?? "another host" }

  func row(_ bond: InterfaceTree.Node) -> Bond? { database.bonds[bond.pif.bondMasterOf.first] }

  func devices(_ bond: InterfaceTree.Node) -> [String] { bond.members.compactMap { database.pifs[$0]?.device } }

  /// The one that has exactly these members.
  func bond(of members: [String]) -> InterfaceTree.Node? {
    tree.nodes.first { $0.kind == .bond && Set(devices($0)) == Set(members) }
  }

  /// Bonds that have no members but these: a call that failed may have left one behind that is not complete.
  func bonds(within members: [String], _ pick: BondPick, _ scene: ChangeScene) -> [Ref<Bond>] {
    let network = pick.network.map { scene.network($0) }
    return database.bonds.all.filter { _, row in
      guard let known = (row.members + [row.primaryMember].compactMap { $0 }).compactMap({ database.pifs[$0] }).first, known.host == host else {
        return false
      }
      if let wanted = pick.primary, row.primaryMember.flatMap({ database.pifs[$0]?.device }) != wanted { return false }
      // On a network that is not there any more nothing of this plan is.
      if let network, let place = database.pifs[row.interface]?.network, place != network { return false }
      let devices = Set(row.members.compactMap { database.pifs[$0]?.device })
      // Its members may not have learnt of it yet.
      if devices.isEmpty { return members.contains(known.device) }
      return devices.isSubset(of: members) && devices != Set(pick.sparing)
    }.map(\.ref)
  }

  func node(_ place: BondLayout.Place, _ layout: BondLayout) -> InterfaceTree.Node? { node(place, members: layout.members) }

  func node(_ place: BondLayout.Place, members: [String]) -> InterfaceTree.Node? {
    let carrier = place.nic.map { tree[$0] } ?? bond(of: members)
    guard let tag = place.tag else { return carrier }
    return carrier.flatMap { tree.vlans(on: $0.ref).first { $0.pif.vlan == Int64(tag) } }
  }

  /// The name of the next bond that XAPI makes here.
  func nextName(without gone: String? = nil) -> String {
    let taken = Set((database.hosts[host]?.pifs ?? []).compactMap { database.pifs[$0]?.device })
    return (0...).lazy.map { "bond\($0)" }.first { !taken.contains($0) || $0 == gone } ?? "bond0"
  }

  /// Members in the order in which the primary comes first: XAPI takes the management interface, else the one with an address,
  /// else the first (`reference/xapi.md` §3.7). Where a VLAN carries management its NIC is put first.
  func ordered(_ members: [String]) -> [String] {
    let nodes = members.compactMap { tree[$0] }
    let first =
      nodes.first(where: \.pif.management) ?? nodes.first(where: hasAddress) ?? nodes.first { tree.carriesManagement($0.ref) }
      ?? nodes.first
    return members.filter { $0 == first?.name } + members.filter { $0 != first?.name }
  }

  func hasAddress(_ node: InterfaceTree.Node) -> Bool {
    node.pif.primaryAddressType == .ipv6 ? node.pif.ipv6ConfigurationMode != .none : node.pif.ipConfigurationMode != .none
  }

  /// Management is on one of these, or on something that lies on one of them.
  func carriesManagement(_ nodes: [InterfaceTree.Node]) -> Bool { nodes.contains { tree.carriesManagement($0.ref) } }

  // MARK: Who uses what

  func vifs(on network: Ref<Network>?) -> [(ref: Ref<VIF>, vif: VIF, vm: VM)] {
    (database.networks[network]?.vifs ?? []).compactMap { ref in
      guard let vif = database.vifs[ref], let vm = database.vms[vif.vm], !vm.isTemplate, !vm.isSnapshot else { return nil }
      return (ref, vif, vm)
    }
  }

  /// Names of VMs that run here with a VIF on the network.
  func guests(on network: Ref<Network>?) -> [String] {
    Set(vifs(on: network).filter { $0.vm.residentOn == host && $0.vm.powerState != .halted }.map(\.vm.nameLabel)).sorted { comesBefore($0, $1) }
  }

  /// Names of VMs and templates with a VIF on the network that run nowhere and could start on another host: XAPI leaves their VIFs
  /// where they are.
  func strangers(on network: Ref<Network>?) -> [String] {
    staying(on: network, without: [])
  }

  /// Names of machines, templates too, whose VIFs stay on a network when the interfaces that these hosts have on it go.
  func staying(on network: Ref<Network>?, without gone: Set<Ref<Host>>) -> [String] {
    let vms = (database.networks[network]?.vifs ?? []).compactMap { database.vms[database.vifs[$0]?.vm] }.filter { vm in
      // XAPI asks for where they are and could be, not for how they are: suspended ones count as halted ones do.
      if let resident = vm.residentOn { return !gone.isEmpty && !gone.contains(resident) }
      return canStartElsewhere(vm, gone, network)
    }
    let names = vms.map { vm in vm.isSnapshot ? "snapshot \(vm.nameLabel)" : vm.isTemplate ? "template \(vm.nameLabel)" : vm.nameLabel }
    return Set(names).sorted { comesBefore($0, $1) }
  }

  private func canStartElsewhere(_ vm: VM, _ gone: Set<Ref<Host>> = [], _ network: Ref<Network>? = nil) -> Bool {
    database.hosts.all.contains { other in
      other.ref != host && other.record.enabled && (database.hostMetrics[other.record.metrics]?.live ?? true)
        && offers(vm, on: other.ref, lacking: gone.contains(other.ref) ? network : nil)
    }
  }

  private func offers(_ vm: VM, on other: Ref<Host>, lacking: Ref<Network>?) -> Bool {
    vm.vifs.compactMap { database.vifs[$0] }.allSatisfy { vif in
      guard let network = database.networks[vif.network] else { return false }
      if let lacking, vif.network == lacking { return false }
      if network.pifs.isEmpty { return true }
      guard let pif = network.pifs.lazy.compactMap({ database.pifs[$0] }).first(where: { $0.host == other }) else { return false }
      return pif.bondSlaveOf == nil
    }
  }
}

extension ChangeFacts {
  var bondScene: BondScene { BondScene(database, host, own: host) }

  /// The other hosts of the pool, by name; the coordinator last.
  var otherScenes: [BondScene] {
    let coordinator = database.pools.first?.record.coordinator
    return database.hosts.all.filter { $0.ref != host }
      .sorted { left, right in
        (left.ref == coordinator) != (right.ref == coordinator) ? right.ref == coordinator : comesBefore(left.record.nameLabel, right.record.nameLabel)
      }.map { BondScene(database, $0.ref, own: host) }
  }
}
