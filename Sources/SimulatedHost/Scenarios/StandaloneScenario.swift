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

  /// The same hardware with the management cable out: DHCP got no answer.
  static func stranded() -> World {
    var builder = ScenarioBuilder(seed: 0x57a4d)
    _ = host(&builder, name: "xcp7", ip: "", address: .init(mode: "DHCP"), carrier: false)
    return builder.world
  }

  private static func host(
    _ builder: inout ScenarioBuilder, name: String, ip: String, address: ScenarioBuilder.Address, carrier: Bool
  ) -> (host: String, networks: [String]) {
    let host = builder.addHost(name: name, address: ip, memory: 64)
    builder.world.thisHost = host
    builder.addPool(name: "", coordinator: host)
    let networks = (0..<4).map { builder.addNetwork("Pool-wide network \($0)", bridge: "xenbr\($0)") }
    for position in 0..<4 {
      let management = position == 0
      _ = builder.addNIC(
        position, position < 2 ? .bcm5720 : .x550, host: host, network: networks[position],
        address: management ? address : .none, management: management,
        carrier: carrier && position != 3)
    }
    builder.addInternalManagementNetwork()
    return (host, networks)
  }
}
