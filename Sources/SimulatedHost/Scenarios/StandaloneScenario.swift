import JSON

/// One host fresh from installation, with a few VMs.
enum StandaloneScenario {
  static func world() -> World {
    var builder = ScenarioBuilder(seed: 0x51a4d)
    let management = ScenarioBuilder.Address.fixed("10.0.4.11", gateway: "10.0.4.1", dns: "10.0.4.2,10.0.4.3")
    let (host, networks) = host(&builder, name: "xcp1", ip: management.ip, address: management, carrier: true)
    let guests: [(String, [Int], Bool)] = [
      ("web-frontend", [0], true), ("mail", [0, 2], true), ("nas", [2], true), ("jenkins", [1], true),
      ("old-erp", [3], false),
    ]
    for (name, uses, running) in guests {
      let vm = builder.addVM(name: name, on: running ? host : nil)
      for network in uses { builder.addVIF(vm: vm, network: networks[network]) }
    }
    builder.addVM(name: "Debian Trixie 13", on: nil, isTemplate: true)
    return builder.world
  }

  /// The same hardware with management and two VLANs on a bond whose cables are both out: DHCP got no answer.
  static func stranded() -> World {
    var builder = ScenarioBuilder(seed: 0x57a4d)
    let (host, networks) = host(&builder, name: "xcp7", ip: "", address: .none, carrier: true, isBonded: true)
    let bonded = builder.addNetwork("Management", bridge: "xapi1", description: "bond of eth0 and eth1")
    let members = builder.world.database.strings("host", host, "PIFs").filter {
      ["eth0", "eth1"].contains(builder.world.database.string("PIF", $0, "device"))
    }.sorted { builder.world.database.string("PIF", $0, "device") < builder.world.database.string("PIF", $1, "device") }
    let bond = builder.addBond(
      0, members: members, network: bonded, mode: "lacp", address: .init(mode: "DHCP"), management: true)
    let tagged = [(20, "Office"), (30, "Voice")].map { tag, name in
      let network = builder.addNetwork(name, bridge: "xapi\(tag / 10)")
      _ = builder.addVLAN(Int64(tag), on: bond, network: network)
      return network
    }
    for (name, network) in [("web-frontend", tagged[0]), ("pbx", tagged[1]), ("nas", networks[2])] {
      builder.addVIF(vm: builder.addVM(name: name, on: host), network: network)
    }
    builder.world.cutManagementBond()
    return builder.world
  }

  /// A storage gateway full of cards: one XAPI does not know, one was left aside by a half-done renaming.
  static func manyNICs() -> World {
    var builder = ScenarioBuilder(seed: 0x16c4d)
    let host = builder.addHost(name: "xcp16", address: "10.0.4.16", memory: 256)
    builder.world.thisHost = host
    builder.addPool(name: "", coordinator: host)
    let networks = (0..<14).map { builder.addNetwork("Pool-wide network \($0)", bridge: "xenbr\($0)") }
    for position in 0..<14 {
      let model: CardModel = position < 2 ? .bcm5720 : position < 6 ? .x550 : position < 10 ? .connectX5 : .i350
      let address: ScenarioBuilder.Address = position == 0 ? .fixed("10.0.4.16", gateway: "10.0.4.1", dns: "10.0.4.2") : .none
      _ = builder.addNIC(
        position, model, host: host, network: networks[position], address: address, management: position == 0,
        carrier: ![5, 9, 13].contains(position))
    }
    builder.addInternalManagementNetwork()
    for (name, uses) in [("web-frontend", [1]), ("nas", [6, 7]), ("backup", [8]), ("mail", [1, 2]), ("cameras", [10])] {
      let vm = builder.addVM(name: name, on: host)
      for network in uses { builder.addVIF(vm: vm, network: networks[network]) }
    }
    // Its driver has no command for the light.
    builder.world.nics.append(
      NIC(
        host: host, device: "eth14", mac: "00:e0:4c:68:01:14", position: 14, vendorID: "10ec", deviceID: "8168", driver: "r8169",
        pciPath: "0000:0a:00.0"))
    builder.world.nics.append(
      NIC(
        host: host, device: "side-1842-eth15", mac: "a0:36:9f:4d:16:15", position: 15, carrier: false, speed: 10_000,
        deviceID: "1563", driver: "ixgbe", pciPath: "0000:af:01.1"))
    return builder.world
  }

  private static func host(
    _ builder: inout ScenarioBuilder, name: String, ip: String, address: ScenarioBuilder.Address, carrier: Bool,
    isBonded: Bool = false
  ) -> (host: String, networks: [String]) {
    let host = builder.addHost(name: name, address: ip, memory: 64)
    builder.world.thisHost = host
    builder.addPool(name: "", coordinator: host)
    let networks = (0..<4).map { builder.addNetwork("Pool-wide network \($0)", bridge: "xenbr\($0)") }
    for position in 0..<4 {
      let management = position == 0 && !isBonded
      _ = builder.addNIC(
        position, position < 2 ? .bcm5720 : .x550, host: host, network: networks[position],
        address: management ? address : .none, management: management,
        carrier: carrier && position != 3)
    }
    builder.addInternalManagementNetwork()
    return (host, networks)
  }
}

extension World {
  /// Pulls the cables of the bond that carries this host's management: DHCP gets no answer any more.
  mutating func cutManagementBond() {
    guard let pif = managementPIF(of: thisHost), case .bond(let bond) = kind(of: pif) else { return }
    for (field, value) in [("ip_configuration_mode", "DHCP"), ("IP", ""), ("netmask", ""), ("gateway", ""), ("DNS", "")] {
      database.set("PIF", pif, field, .string(value))
    }
    database.set("host", thisHost, "address", "")
    for member in database.strings("Bond", bond, "slaves") {
      setCarrier(host: thisHost, device: database.string("PIF", member, "device"), up: false)
    }
  }
}
