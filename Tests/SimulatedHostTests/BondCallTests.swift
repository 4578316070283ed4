import JSON
import Testing

@testable import SimulatedHost

@Suite struct BondCallTests {
  @Test func vlansMoveToTheBondWithNewRefs() throws {
    var lab = Lab()
    let (dmz, bondNet) = (try lab.network("DMZ"), try lab.network("Bond"))
    let vlan = try lab.call("VLAN.create", .string(lab.pif("eth1")), 42, .string(dmz))
    let upper = lab.pif(on: "DMZ")
    try lab.call("PIF.reconfigure_ip", .string(upper), "Static", "10.1.42.5", "255.255.255.0", "10.1.42.1", "")
    try lab.call("PIF.add_to_other_config", .string(upper), "k", "v")
    let bond = try lab.call(
      "Bond.create", .string(bondNet), [.string(lab.pif("eth1")), .string(lab.pif("eth2"))], "", "lacp",
      ["lacp-time": "fast"])
    let pif = lab.text("Bond", bond, "master")
    #expect(lab.text("PIF", pif, "device") == "bond0")
    #expect(
      lab.world.database.get("Bond", bond, "properties")
        == ["hashing_algorithm": "tcpudp_ports", "lacp-time": "fast", "lacp-fallback-ab": "true"])
    #expect(!lab.world.database.exists("VLAN", vlan))
    #expect(!lab.world.database.exists("PIF", upper))
    let moved = lab.pif(on: "DMZ")
    #expect(lab.text("PIF", moved, "device") == "bond0")
    #expect(lab.text("PIF", moved, "IP") == "10.1.42.5")
    #expect(lab.world.database.get("PIF", moved, "other_config") == [:])
    #expect(lab.flag("PIF", moved, "currently_attached"))
    // And back, with other refs again. The bond's network stays.
    try lab.call("Bond.destroy", .string(bond))
    #expect(!lab.world.database.exists("PIF", moved))
    #expect(lab.text("PIF", lab.pif(on: "DMZ"), "device") == "eth1")
    #expect(lab.text("PIF", lab.pif(on: "DMZ"), "IP") == "10.1.42.5")
    #expect(lab.world.database.exists("network", bondNet))
    #expect(lab.set("network", bondNet, "PIFs").isEmpty)
    for member in ["eth1", "eth2"] { #expect(lab.flag("PIF", lab.pif(member), "currently_attached")) }
  }

  @Test func managementMovesWithItsAddress() throws {
    var lab = Lab()
    let network = try lab.network("Bond")
    let guests = lab.set("network", lab.text("PIF", lab.pif("eth0"), "network"), "VIFs")
    #expect(!guests.isEmpty)
    let bond = try lab.call(
      "Bond.create", .string(network), [.string(lab.pif("eth1")), .string(lab.pif("eth0"))], "", "active-backup", [:])
    let pif = lab.text("Bond", bond, "master")
    #expect(lab.text("Bond", bond, "primary_slave") == lab.pif("eth0"))
    #expect(lab.text("PIF", pif, "MAC") == lab.text("PIF", lab.pif("eth0"), "MAC"))
    #expect(lab.flag("PIF", pif, "management"))
    #expect(lab.text("PIF", pif, "IP") == "10.0.4.11")
    #expect(lab.text("PIF", pif, "gateway") == "10.0.4.1")
    #expect(lab.text("PIF", pif, "DNS") == "10.0.4.2,10.0.4.3")
    #expect(lab.text("PIF", lab.pif("eth0"), "ip_configuration_mode") == "None")
    #expect(!lab.flag("PIF", lab.pif("eth0"), "management"))
    #expect(lab.text("host", lab.world.thisHost, "address") == "10.0.4.11")
    #expect(Set(guests).isSubset(of: lab.set("network", network, "VIFs")))
    #expect(lab.failure("Bond.destroy", .string("nope")) == ["HANDLE_INVALID", "Bond", "nope"])
    try lab.call("Bond.destroy", .string(bond))
    #expect(lab.flag("PIF", lab.pif("eth0"), "management"))
    #expect(lab.text("PIF", lab.pif("eth0"), "IP") == "10.0.4.11")
  }

  /// Management on a VLAN of a card that becomes a member goes with the VLAN.
  @Test func managementOnAVLANMoves() throws {
    var lab = Lab()
    let (dmz, network) = (try lab.network("DMZ"), try lab.network("Bond"))
    try lab.call("VLAN.create", .string(lab.pif("eth1")), 7, .string(dmz))
    try lab.call("PIF.reconfigure_ip", .string(lab.pif(on: "DMZ")), "Static", "10.7.0.5", "255.255.255.0", "", "")
    try lab.call("host.management_reconfigure", .string(lab.pif(on: "DMZ")))
    try lab.call(
      "Bond.create", .string(network), [.string(lab.pif("eth1")), .string(lab.pif("eth2"))], "", "balance-slb", [:])
    let management = lab.world.managementPIF(of: lab.world.thisHost)
    #expect(management == lab.pif(on: "DMZ"))
    #expect(lab.text("PIF", management ?? "", "device") == "bond0")
    #expect(lab.text("host", lab.world.thisHost, "address") == "10.7.0.5")
  }

  @Test func protectionAndClusterMove() throws {
    var lab = Lab()
    let network = try lab.network("Bond")
    try lab.call("PIF.set_disallow_unplug", .string(lab.pif("eth2")), true)
    let row = lab.world.create("Cluster_host", ["PIF": .string(lab.pif("eth2")), "enabled": true])
    let bond = try lab.call(
      "Bond.create", .string(network), [.string(lab.pif("eth1")), .string(lab.pif("eth2"))], "", "balance-slb", [:])
    let pif = lab.text("Bond", bond, "master")
    #expect(lab.flag("PIF", pif, "disallow_unplug"))
    #expect(!lab.flag("PIF", lab.pif("eth2"), "disallow_unplug"))
    #expect(lab.text("Cluster_host", row, "PIF") == pif)
    #expect(lab.failure("PIF.set_disallow_unplug", .string(pif), false) == ["CLUSTERING_ENABLED", row])
  }

  @Test func tunnelsMove() throws {
    var lab = Lab()
    let (tunnelNet, network) = (try lab.network("Tunnel"), try lab.network("Bond"))
    try lab.call("PIF.reconfigure_ip", .string(lab.pif("eth1")), "Static", "10.9.0.5", "255.255.255.0", "", "")
    let tunnel = try lab.call("tunnel.create", .string(lab.pif("eth1")), .string(tunnelNet), "vxlan")
    let bond = try lab.call(
      "Bond.create", .string(network), [.string(lab.pif("eth2")), .string(lab.pif("eth1"))], "", "balance-slb", [:])
    #expect(!lab.world.database.exists("tunnel", tunnel))
    let moved = try #require(lab.set("PIF", lab.text("Bond", bond, "master"), "tunnel_transport_PIF_of").first)
    #expect(lab.text("tunnel", moved, "protocol") == "vxlan")
    #expect(lab.text("tunnel", moved, "access_PIF") == lab.pif(on: "Tunnel"))
    #expect(lab.flag("PIF", lab.pif(on: "Tunnel"), "currently_attached"))
  }

  /// In XAPI's order: the first check that fails decides.
  @Test func refusals() throws {
    var lab = Lab()
    let (network, used) = (try lab.network("Bond"), lab.text("PIF", lab.pif("eth3"), "network"))
    let (one, two): (JSONValue, JSONValue) = (.string(lab.pif("eth1")), .string(lab.pif("eth2")))
    func bond(_ lab: inout Lab, _ network: String, _ members: JSONValue, mode: String, _ map: JSONValue) -> [String] {
      lab.failure("Bond.create", .string(network), members, "", .string(mode), map)
    }
    #expect(bond(&lab, network, [], mode: "lacp", ["a": "b"]) == ["PIF_BOND_NEEDS_MORE_MEMBERS"])
    #expect(
      bond(&lab, used, [one, two], mode: "lacp", ["a": "b"])
        == ["NETWORK_ALREADY_CONNECTED", lab.world.thisHost, lab.pif("eth3")])
    #expect(
      bond(&lab, network, [one, two], mode: "balance-slb", ["lacp-time": "fast"])
        == ["INVALID_VALUE", "properties", "lacp-time = fast"])
    #expect(
      bond(&lab, network, [one, two], mode: "lacp", ["lacp-aggregation-key": "x"])
        == ["INVALID_VALUE", "properties", "lacp-aggregation-key = x"])
    for (pif, address) in [(one, "10.1.0.1"), (two, "10.2.0.1")] {
      try lab.call("PIF.reconfigure_ip", pif, "Static", .string(address), "255.255.255.0", "", "")
    }
    #expect(bond(&lab, network, [one, two], mode: "lacp", [:]) == ["PIF_BOND_MORE_THAN_ONE_IP"])
    try lab.call("PIF.set_property", two, "gro", "off")
    #expect(bond(&lab, network, [one, two], mode: "lacp", [:]) == ["INCOMPATIBLE_PIF_PROPERTIES"])
    try lab.call("PIF.set_primary_address_type", two, "IPv6")
    #expect(
      bond(&lab, network, [one, two], mode: "lacp", [:])
        == ["PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", lab.pif("eth2")])
    lab.world.database.set("pool", lab.world.pool, "ha_enabled", true)
    #expect(
      bond(&lab, network, [.string(lab.pif("eth0")), one], mode: "lacp", [:])
        == ["HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE"])
    #expect(lab.world.database.refs("Bond").isEmpty)
  }

  @Test func crossingHostsIsRefused() throws {
    var lab = Lab(.pool)
    let other = try #require(lab.world.database.refs("host").first { $0 != lab.world.thisHost })
    let theirs = try #require(PIFCalls.base(lab.world, device: "eth3", host: other))
    let network = try lab.network("Bond")
    #expect(
      lab.failure(
        "Bond.create", .string(network), [.string(lab.pif("eth3")), .string(theirs)], "", "balance-slb", [:])
        == ["PIF_CANNOT_BOND_CROSS_HOST"])
  }

  /// Halted guests that could start on another host stay on the member's network.
  @Test func onlyLocalGuestsMove() throws {
    var lab = Lab(.pool)
    let storage = lab.text("PIF", lab.pif("eth3"), "network")
    let halted = lab.world.create("VM", ["name_label": "halted", "power_state": "Halted"])
    let vif = lab.world.create("VIF", ["VM": .string(halted), "network": .string(storage), "device": "0"])
    let local = lab.set("network", storage, "VIFs").filter { ref in
      lab.text("VM", lab.text("VIF", ref, "VM"), "resident_on") == lab.world.thisHost
    }
    #expect(!local.isEmpty)
    let network = try lab.network("Bond")
    try lab.call("Bond.create", .string(network), [.string(lab.pif("eth3"))], "", "balance-slb", [:])
    #expect(lab.set("network", network, "VIFs").sorted() == local.sorted())
    #expect(lab.text("VIF", vif, "network") == storage)
  }

  @Test func changingAnUnpluggedBondPlugsIt() throws {
    var lab = Lab()
    let network = try lab.network("Bond")
    let bond = try lab.call("Bond.create", .string(network), [.string(lab.pif("eth3"))], "", "lacp", [:])
    let pif = lab.text("Bond", bond, "master")
    try lab.call("PIF.unplug", .string(pif))
    try lab.call("Bond.set_mode", .string(bond), "active-backup")
    #expect(lab.flag("PIF", pif, "currently_attached"))
    #expect(lab.world.database.get("Bond", bond, "properties") == [:])
    #expect(
      lab.failure("Bond.set_property", .string(bond), "lacp-time", "fast")
        == ["INVALID_VALUE", "properties", "lacp-time = fast"])
  }

  /// The first link is counted at the second look, the others when `updelay` is over.
  @Test func linksComeUpOneAfterTheOther() throws {
    var lab = Lab()
    let network = try lab.network("Bond")
    let bond = try lab.call(
      "Bond.create", .string(network), [.string(lab.pif("eth1")), .string(lab.pif("eth2"))], "", "lacp", [:])
    var seen: [Int64] = []
    for _ in 1...9 {
      lab.world.lookAtLinks()
      seen.append(lab.world.database.int("Bond", bond, "links_up"))
    }
    #expect(seen == [0, 1, 1, 1, 1, 1, 1, 2, 2])
    #expect(!lab.world.hasNewBonds)
    let metrics = lab.text("PIF", lab.text("Bond", bond, "master"), "metrics")
    #expect(lab.flag("PIF_metrics", metrics, "carrier"))
  }

  /// For repairs: the row alone goes, whatever it is.
  @Test func aRowIsForgotten() throws {
    var lab = Lab()
    let network = try lab.network("Bond")
    let bond = try lab.call("Bond.create", .string(network), [.string(lab.pif("eth1"))], "", "balance-slb", [:])
    let pif = lab.text("Bond", bond, "master")
    try lab.call("PIF.db_forget", .string(pif))
    #expect(!lab.world.database.exists("PIF", pif) && lab.world.database.exists("Bond", bond))
    #expect(lab.failure("PIF.db_forget", .string(pif)) == ["HANDLE_INVALID", "PIF", pif])
  }

  @Test func aVIFIsMovedWhereItsMachineCanHaveTheNetwork() throws {
    var lab = Lab()
    let network = try lab.network("Bond")
    let from = lab.text("PIF", lab.pif("eth1"), "network")
    let vif = try #require(lab.set("network", from, "VIFs").first)
    let other = try lab.network("Other")
    try lab.call("VIF.move", .string(vif), .string(other))
    #expect(lab.text("VIF", vif, "network") == other)
    try lab.call("Bond.create", .string(network), [.string(lab.pif("eth1")), .string(lab.pif("eth3"))], "", "balance-slb", [:])
    // A member's network is none that a host could offer.
    let vm = lab.text("VIF", vif, "VM")
    #expect(lab.failure("VIF.move", .string(vif), .string(from)) == ["HOST_CANNOT_ATTACH_NETWORK", lab.text("VM", vm, "resident_on"), from])
    try lab.call("VIF.move", .string(vif), .string(network))
    #expect(lab.text("VIF", vif, "network") == network)
  }
}
