import JSON
import Testing

@testable import SimulatedHost

/// What VLAN.create refuses besides what was recorded.
@Suite struct VLANCallTests {
  @Test func aVLANOfTheKernelItselfIsInTheWay() throws {
    var lab = Lab()
    let network = try lab.network("n")
    lab.world.behaviour.kernelVLANs = ["eth1.42"]
    #expect(lab.failure("VLAN.create", .string(lab.pif("eth1")), 42, .string(network)) == ["VLAN_IN_USE", "eth1", "42"])
    #expect(lab.failure("VLAN.create", .string(lab.pif("eth1")), 43, .string(network)) == [])
    #expect(KernelFiles.vlans(["eth1.42"]).split(separator: "\n").last == "eth1.42        | 42  | eth1")
  }

  /// From 26.17 on.
  @Test func trunksKeepVLANsAway() throws {
    var world = World(product: .xapi26_17)
    let host = world.create("host", ["name_label": "xcp1"])
    world.thisHost = host
    world.create("pool", ["master": .string(host)])
    let network = world.create("network", ["name_label": "n", "managed": true])
    let card = world.create("PIF", ["device": "eth1", "host": .string(host), "VLAN": -1, "managed": true])
    world.create("VIF", ["network": .string(network), "device": "0", "trunks": [7]])
    var lab = Lab(world)
    #expect(lab.failure("VLAN.create", .string(card), 5, .string(network)) == ["NETWORK_INCOMPATIBLE_WITH_TRUNKS", network])
    // The other way round.
    let tagged = lab.world.create("network", ["name_label": "t", "managed": true])
    lab.world.create("PIF", ["device": "eth1", "host": .string(host), "VLAN": 9, "managed": true, "network": .string(tagged)])
    let vm = lab.world.create("VM", ["name_label": "vm"])
    let record: JSONValue = [
      "device": "0", "network": .string(tagged), "VM": .string(vm), "MAC": "02:00:00:00:00:01", "MTU": 1500, "other_config": [:], "qos_algorithm_type": "",
      "qos_algorithm_params": [:], "trunks": [7],
    ]
    #expect(lab.failure("VIF.create", record) == ["NETWORK_INCOMPATIBLE_WITH_TRUNKS", tagged])
  }

  @Test func cardsOfOneNetworkAreOfOneModel() throws {
    var lab = Lab(.pool)
    let (functions, tagged) = (try lab.network("functions"), try lab.network("tagged"))
    var logical: [String] = []
    for host in lab.world.database.refs("host").prefix(2) {
      let card = PIFCalls.base(lab.world, device: "eth3", host: host) ?? ""
      lab.world.database.set("PIF", card, "capabilities", ["sriov"])
      let sriov = try lab.call("network_sriov.create", .string(card), .string(functions))
      logical.append(lab.text("network_sriov", sriov, "logical_PIF"))
      if logical.count == 2 { lab.world.database.set("PCI", lab.text("PIF", card, "PCI"), "device_name", "Another") }
    }
    try lab.call("VLAN.create", .string(logical[0]), 9, .string(tagged))
    #expect(
      lab.failure("VLAN.create", .string(logical[1]), 9, .string(tagged)) == ["NETWORK_HAS_INCOMPATIBLE_VLAN_ON_SRIOV_PIFS", logical[1], tagged])
  }
}
