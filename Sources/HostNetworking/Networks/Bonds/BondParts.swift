import XenAPI

/// A bond that is there, with what it takes to make it again.
struct BondParts {
  let host: BondScene
  let bond: InterfaceTree.Node
  let row: Bond
  /// The primary member first.
  let devices: [String]
  let primaryRef: Ref<PIF>?

  /// nil when the host has no such bond.
  init?(_ name: String, _ host: BondScene) {
    guard let bond = host.tree[name], bond.kind == .bond, let row = host.row(bond) else { return nil }
    self.host = host
    self.bond = bond
    self.row = row
    primaryRef = row.primaryMember.flatMap { bond.members.contains($0) ? $0 : nil }
    let all = host.devices(bond)
    let first = host.database.pifs[primaryRef]?.device
    devices = all.filter { $0 == first } + all.filter { $0 != first }
  }

  var primary: String { devices.first ?? "" }
  var network: Network? { host.database.networks[bond.pif.network] }

  func spec(members: [String]) -> BondSpec {
    BondSpec(
      owner: host.owner, name: host.nextName(without: bond.name), members: members, mode: row.mode, properties: row.mode == .lacp ? row.properties : [:],
      mac: row.autoUpdateMAC ? "" : bond.pif.mac, network: .uuid(network?.uuid ?? ""))
  }

  /// Makes it again as it is now, with all that is on it.
  var again: [BondAction] { again(also: []) }

  /// - Parameter more: NICs that are concerned as well.
  func again(also more: [String]) -> [BondAction] {
    [.create(spec(members: devices)), .settle(host.layout(of: devices, bond: bond.name, also: more))]
  }

  /// XAPI leaves IPv6 behind; steps of the plan do not.
  var family: [Hazard] {
    let carried = BondCreatePlanner.carried(host, [bond], to: devices, bond: bond.name, nic: primary)
    let names = carried.interfaces.filter { $0.ipv6 != nil }.map { carried.name($0.place) }
    return names.isEmpty ? [] : [Hazard(.notice, "XAPI does not move IPv6 addresses: \(names.andList) gets its own by a step of its own")]
  }

  var lacpLine: String? {
    row.mode == .lacp ? "The switch ports of \(devices.andList) are a group still: a switch that insists on LACP passes nothing then" : nil
  }
}
