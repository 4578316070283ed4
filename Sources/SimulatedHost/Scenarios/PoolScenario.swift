import JSON

/// A rack of three hosts: management and 12 VLANs on a bond, two storage networks, 20 VMs.
enum PoolScenario {
  private static let vlans: [(tag: Int64, name: String, description: String)] = [
    (10, "DMZ", "Public services"), (20, "Büro Zürich", "Desktops, 3rd floor"), (30, "Voice", "Phones"),
    (40, "サーバー室", "Tokyo servers"), (50, "Guest Wi-Fi 📶", "Isolated"), (60, "Production", "App servers"),
    (70, "Staging", "App servers, tests"), (80, "数据库", "Databases"), (90, "Backup", "Nightly, 01:00 to 05:00"),
    (100, "Développement", "Developers' machines"), (200, "Out of band", "BMCs and PDUs"), (4000, "Heartbeat", ""),
  ]

  /// Name, network and the number of the host it runs on; nil when it is halted.
  private static let guests: [(name: String, network: String, host: Int?)] = [
    ("web-01", "DMZ", 0), ("web-02", "DMZ", 1), ("proxy", "DMZ", 2), ("ad-zürich", "Büro Zürich", 0),
    ("print", "Büro Zürich", 1), ("pbx", "Voice", 2), ("東京-app", "サーバー室", 0), ("東京-db", "サーバー室", 1),
    ("portal-wifi", "Guest Wi-Fi 📶", 2), ("app-01", "Production", 0), ("app-02", "Production", 1),
    ("app-03", "Production", 2), ("app-staging", "Staging", 1), ("postgres-主", "数据库", 0), ("postgres-备", "数据库", 2),
    ("veeam 💾", "Backup", 1), ("gitlab", "Développement", 0), ("ci-runner", "Développement", nil),
    ("file-archive", "Storage B", 0), ("object-store", "Storage B", 0),
  ]

  static func world(seenFrom index: Int) -> World {
    var builder = ScenarioBuilder(seed: 0x9001)
    let hosts = (1...3).map { builder.addHost(name: "xcp\($0)", address: "10.0.4.\(10 + $0)") }
    builder.world.thisHost = hosts[index]
    builder.addPool(name: "Rack 4", description: "Server room, row B", coordinator: hosts[0])
    var networks = addNetworks(&builder)
    for (number, host) in hosts.enumerated() { addInterfaces(&builder, host, number, networks) }
    builder.addInternalManagementNetwork()
    networks["Private lab"] = builder.addNetwork(
      "Private lab", bridge: "xapi14", description: "No way out", tags: ["lab"])
    addGuests(&builder, hosts, networks)
    addStorage(&builder, hosts)
    return builder.world
  }

  /// One of the hosts with both cables of its bond out: DHCP got no answer.
  static func stranded(seenFrom index: Int) -> World {
    var world = world(seenFrom: index)
    world.cutManagementBond()
    return world
  }

  /// The second host, cut off: nothing of the pool can be read, and its management has no address.
  static func emergency() -> World {
    var world = stranded(seenFrom: 1)
    world.emergency = APIError("HOST_HAS_NO_MANAGEMENT_IP")
    return world
  }

  /// The second host, whose `pool.conf` still has the coordinator's former address.
  static func movedCoordinator() -> World {
    var world = world(seenFrom: 1)
    world.role = .member(of: world.coordinatorIP)
    world.coordinatorAddress = "10.0.4.99"
    world.emergency = APIError("HOST_STILL_BOOTING")
    return world
  }

  private static func addNetworks(_ builder: inout ScenarioBuilder) -> [String: String] {
    var networks: [String: String] = [:]
    for position in 0..<2 {
      networks["eth\(position)"] = builder.addNetwork("Pool-wide network \(position)", bridge: "xenbr\(position)")
    }
    networks["Storage A"] = builder.addNetwork("Storage A", bridge: "xenbr2", description: "iSCSI path 1", mtu: 9000)
    networks["Storage B"] = builder.addNetwork("Storage B", bridge: "xenbr3", description: "iSCSI path 2", mtu: 9000)
    networks["Management"] = builder.addNetwork("Management", bridge: "xapi1", description: "bond of eth0 and eth1")
    for (index, vlan) in vlans.enumerated() {
      networks[vlan.name] = builder.addNetwork(vlan.name, bridge: "xapi\(index + 2)", description: vlan.description)
    }
    return networks
  }

  private static func addInterfaces(
    _ builder: inout ScenarioBuilder, _ host: String, _ number: Int, _ networks: [String: String]
  ) {
    func network(_ name: String) -> String { networks[name] ?? Wire.nullRef }
    let members = (0..<2).map { builder.addNIC($0, .bcm5720, host: host, network: network("eth\($0)")) }
    let storage = builder.addNIC(
      2, .connectX5, host: host, network: network("Storage A"), address: .fixed("10.0.20.\(11 + number)"))
    builder.world.database.set("PIF", storage, "disallow_unplug", true)
    // The cable of the first host's second storage path is out.
    _ = builder.addNIC(3, .connectX5, host: host, network: network("Storage B"), carrier: number != 0)
    let bond = builder.addBond(
      0, members: members, network: network("Management"), mode: "lacp",
      address: .fixed("10.0.4.\(11 + number)", gateway: "10.0.4.1", dns: "10.0.4.2,10.0.4.3"), management: true)
    for vlan in vlans {
      let address = vlan.name == "Backup" ? ScenarioBuilder.Address.fixed("10.0.90.\(11 + number)") : .none
      _ = builder.addVLAN(vlan.tag, on: bond, network: network(vlan.name), address: address)
    }
  }

  /// An iSCSI target on Storage A and a NAS on the backup network. The switch port of the third host's storage card was
  /// never set to jumbo frames, nor was the switch of Storage B.
  private static func addStorage(_ builder: inout ScenarioBuilder, _ hosts: [String]) {
    let stores: [(name: String, type: String, config: JSONObject)] = [
      ("iSCSI A", "lvmoiscsi", ["target": "10.0.20.200", "port": "3260", "targetIQN": "iqn.2026-03.example.lab:array"]),
      ("ISO library", "iso", ["location": "10.0.90.20:/export/isos"]),
    ]
    for store in stores {
      let sr = builder.world.create("SR", ["name_label": .string(store.name), "type": .string(store.type), "shared": true])
      for host in hosts {
        _ = builder.world.create(
          "PBD", ["host": .string(host), "SR": .string(sr), "device_config": .object(store.config), "currently_attached": true])
      }
    }
    builder.world.outside.standing = ["10.0.20.200", "10.0.90.20"]
    builder.world.outside.pathLimits = ["10.0.20.13": PathLimit(most: 1500), "eth3": PathLimit(most: 1500)]
  }

  private static func addGuests(_ builder: inout ScenarioBuilder, _ hosts: [String], _ networks: [String: String]) {
    for guest in guests {
      let vm = builder.addVM(name: guest.name, on: guest.host.map { hosts[$0] })
      builder.addVIF(vm: vm, network: networks[guest.network] ?? Wire.nullRef)
      if guest.name.hasPrefix("postgres") { builder.addVIF(vm: vm, network: networks["Storage A"] ?? Wire.nullRef) }
      if guest.name == "gitlab" { builder.addVIF(vm: vm, network: networks["Private lab"] ?? Wire.nullRef) }
    }
    builder.addVM(name: "Debian Trixie 13", on: nil, isTemplate: true)
    builder.addVM(name: "Windows Server 2025", on: nil, isTemplate: true)
  }
}
