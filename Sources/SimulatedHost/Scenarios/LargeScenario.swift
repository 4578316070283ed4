import JSON

/// A pool at XAPI's limits: 64 hosts of 8 cards, a bond each, 400 VLANs on every bond.
///
/// Refs are known before rows are made, so both ends of every relation are written once, whole.
enum LargeScenario {
  static let hosts = 64
  static let vlans = 400

  /// - Parameters: how many there are of each; fewer make a world for tests.
  static func world(hosts: Int = hosts, vlans: Int = vlans) -> World {
    var builder = ScenarioBuilder(seed: 0x1a46e)
    let hosts = (1...hosts).map { number in
      builder.addHost(name: "node\(number < 10 ? "0" : "")\(number)", address: address(number - 1), memory: 512)
    }
    builder.world.thisHost = hosts[0]
    builder.addPool(name: "Hall 2", description: "64 hosts", coordinator: hosts[0])
    let networks = (0..<8).map { builder.addNetwork("Pool-wide network \($0)", bridge: "xenbr\($0)") }
    let bonded = builder.addNetwork("Management", bridge: "xapi1")
    let bonds = hosts.enumerated().map { number, host in
      let cards = (0..<8).map { position in
        builder.addNIC(
          position, position < 2 ? .x550 : .connectX5, host: host, network: networks[position],
          carrier: (position + number) % 11 != 10)
      }
      return builder.addBond(
        0, members: Array(cards.prefix(2)), network: bonded, mode: "lacp",
        address: .fixed(address(number), gateway: "10.40.0.1", dns: "10.40.0.2"), management: true)
    }
    builder.addInternalManagementNetwork()
    let tagged = (0..<vlans).map { index in
      builder.addNetwork("VLAN \(index + 100)", bridge: "xapi\(index + 2)", description: "Tenant \(index + 1)")
    }
    var world = builder.world
    addVLANs(&world, hosts, bonds, tagged)
    builder.world = world
    for number in 0..<256 {
      let vm = builder.addVM(name: "tenant-\(number + 1)", on: hosts[number % hosts.count])
      builder.addVIF(vm: vm, network: tagged[number % tagged.count])
    }
    return builder.world
  }

  private static func address(_ number: Int) -> String { "10.40.0.\(number + 11)" }

  private static func addVLANs(_ world: inout World, _ hosts: [String], _ bonds: [String], _ networks: [String]) {
    world.database.reserve("PIF", hosts.count * (networks.count + 9))
    world.database.reserve("VLAN", hosts.count * networks.count)
    var perNetwork = networks.map { _ in [JSONValue]() }
    for (host, bond) in zip(hosts, bonds) {
      var carried: [JSONValue] = []
      var uppers = world.database.get("host", host, "PIFs")?.array ?? []
      let maker = UpperPIFs(world, host: host, bond: bond)
      for (index, network) in networks.enumerated() {
        let (pif, vlan) = maker.add(to: &world, tag: Int64(index + 100), network: network)
        carried.append(.string(vlan))
        uppers.append(.string(pif))
        perNetwork[index].append(.string(pif))
      }
      world.database.set("PIF", bond, "VLAN_slave_of", .array(carried))
      world.database.set("host", host, "PIFs", .array(uppers))
    }
    for (network, pifs) in zip(networks, perNetwork) { world.database.set("network", network, "PIFs", .array(pifs)) }
  }

  /// Makes the VLANs of one bond: their rows differ from a template in a few fields and share the rest.
  private struct UpperPIFs {
    private let pifTable: Int
    private let vlanTable: Int
    private let pif: ClassSchema
    private let vlan: ClassSchema
    private var pifTemplate: [JSONValue]
    private var vlanTemplate: [JSONValue]

    init(_ world: World, host: String, bond: String) {
      pifTable = world.schema.index("PIF") ?? 0
      vlanTable = world.schema.index("VLAN") ?? 0
      pif = world.schema.classes[pifTable]
      vlan = world.schema.classes[vlanTable]
      pifTemplate = pif.fields.map(\.initial)
      vlanTemplate = vlan.fields.map(\.initial)
      Self.fill(
        &pifTemplate, pif,
        [
          "device": "bond0", "host": .string(host), "MAC": VLANCalls.dummyMAC, "MTU": 1500, "IPv6": [""],
          "metrics": world.database.get("PIF", bond, "metrics") ?? "", "currently_attached": true, "managed": true,
        ])
      Self.fill(&vlanTemplate, vlan, ["tagged_PIF": .string(bond)])
    }

    private static func fill(_ values: inout [JSONValue], _ schema: ClassSchema, _ fields: JSONObject) {
      for (name, value) in fields {
        if let index = schema.indexes[name] { values[index] = value }
      }
    }

    func add(to world: inout World, tag: Int64, network: String) -> (pif: String, vlan: String) {
      let (pifRef, vlanRef) = (world.newRef(), world.newRef())
      var values = pifTemplate
      Self.fill(
        &values, pif,
        [
          "uuid": .string(world.names.uuid()), "network": .string(network), "VLAN": .int(tag),
          "VLAN_master_of": .string(vlanRef),
        ])
      world.database.load(pifTable, ref: pifRef, values)
      values = vlanTemplate
      Self.fill(
        &values, vlan,
        ["uuid": .string(world.names.uuid()), "untagged_PIF": .string(pifRef), "tag": .int(tag)])
      world.database.load(vlanTable, ref: vlanRef, values)
      return (pifRef, vlanRef)
    }
  }
}
