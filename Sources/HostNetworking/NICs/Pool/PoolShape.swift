import XenAPI

/// What a pool's hosts have of networking, from wherever it is known: enough to set them beside each other.
struct PoolShape: Sendable {
  struct Network: Hashable, Sendable {
    var uuid: String
    var name: String
    var bridge: String
    /// Between dom0 and guests, on every host.
    var isInternal = false
    /// VMs are connected to it, be they running or not.
    var hasVIFs = false
  }

  enum Kind: Int, Hashable, Sendable { case nic, bond, vlan, tunnel, sriov }

  struct Bond: Hashable, Sendable {
    var uuid: String
    var mode: BondMode
    var properties: [String: String]
    /// Places in the host's list of interfaces.
    var members: [Int]
  }

  struct Interface: Hashable, Sendable {
    var kind: Kind
    var uuid: String
    var device: String
    /// Place in the pool's list of networks.
    var network: Int?
    /// 0 to 4094; nil for untagged.
    var tag: Int?
    /// The interface below, as a place in the host's list.
    var base: Int?
    /// Of a VLAN that is known: its own record's uuid.
    var vlanUUID = ""
    var bond: Bond?
    /// The bond's interface that this NIC is a member of, as a place in the host's list.
    var memberOf: Int?
    var mac = ""
    /// Bytes; nil when it was never plugged.
    var mtu: Int?
    /// This host's own MTU, set by hand in other_config.
    var ownMTU: String?
    var isAttached = false
    var isManagement = false
    var disallowsUnplug = false
    var ipv4 = IPConfigurationMode.none
    var ip = ""
    var netmask = ""
    var gateway = ""
    var ipv6 = IPConfigurationMode.none
    var ipv6Addresses: [String] = []
    var primaryFamily = AddressFamily.ipv4
    /// nil when nobody tells.
    var hasLink: Bool?
    /// Mbit/s; nil without a link.
    var speed: Int?
    var card = Card()
  }

  /// What is in the slot. Empty parts are not known.
  struct Card: Hashable, Sendable {
    /// Tells one model from another.
    var id = ""
    var name = ""
    var driver = ""
    /// `0000:5e:00.1`.
    var slot = ""
  }

  struct Host: Hashable, Sendable {
    var uuid: String
    var name: String
    /// This machine.
    var isHere = false
    var isCoordinator = false
    /// XAPI hears of it: what it says of links is of now.
    var isLive = true
    /// `openvswitch` or `bridge`; empty when not known.
    var backend = ""
    /// NICs, bonds, VLANs by tag, the rest.
    var interfaces: [Interface] = []

    /// Interfaces by their network. Members of bonds stand on theirs as well.
    func byNetwork() -> [Int: Int] {
      var found: [Int: Int] = [:]
      found.reserveCapacity(interfaces.count)
      for index in interfaces.indices {
        guard let network = interfaces[index].network else { continue }
        if let other = found[network], interfaces[other].isAttached || !interfaces[index].isAttached { continue }
        found[network] = index
      }
      return found
    }
  }

  /// In the order of names.
  var hosts: [Host] = []
  var networks: [Network] = []

  var coordinator: Int? { hosts.firstIndex(where: \.isCoordinator) }
}

extension PoolShape {
  /// Puts hosts, networks and interfaces in an order that does not depend on the order of rows.
  /// - Parameter interfaces: of each host, with places that still count in this order.
  static func arranged(_ interfaces: [Interface]) -> [Interface] {
    // Sorted by what mostly decides: whole interfaces are long, and there may be tens of thousands.
    let ranks = interfaces.indices.map { interfaces[$0].kind.rawValue << 16 + (interfaces[$0].tag ?? -1) + 1 }
    let order = interfaces.indices.sorted { left, right in
      if ranks[left] != ranks[right] { return ranks[left] < ranks[right] }
      let (a, b) = (interfaces[left].device, interfaces[right].device)
      if a != b { return comesBefore(a, b) }
      // A second one of the same name is a stale row: the plugged one counts.
      if interfaces[left].isAttached != interfaces[right].isAttached { return interfaces[left].isAttached }
      return interfaces[left].uuid < interfaces[right].uuid
    }
    var places = [Int](repeating: 0, count: interfaces.count)
    for (new, old) in order.enumerated() { places[old] = new }
    return order.map { old in
      var interface = interfaces[old]
      interface.base = interface.base.map { places[$0] }
      interface.memberOf = interface.memberOf.map { places[$0] }
      if let members = interface.bond?.members { interface.bond?.members = members.map { places[$0] }.sorted() }
      return interface
    }
  }
}
