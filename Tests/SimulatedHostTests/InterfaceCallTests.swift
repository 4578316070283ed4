import JSON
import Testing

@testable import SimulatedHost

@Suite struct InterfaceCallTests {
  // MARK: Addresses

  @Test func ipv6AndItsServers() throws {
    var lab = Lab()
    let pif = lab.pif("eth1")
    try lab.call("PIF.reconfigure_ip", .string(pif), "Static", "10.1.0.5", "255.255.255.0", "", "10.1.0.2")
    try lab.call("PIF.reconfigure_ipv6", .string(pif), "Static", "fd00::5/64", "fd00::1", "fd00::2,10.1.0.9")
    #expect(lab.text("PIF", pif, "DNS") == "fd00::2,10.1.0.2")
    #expect(lab.set("PIF", pif, "IPv6") == ["fd00::5/64"])
    #expect(
      lab.failure("PIF.reconfigure_ipv6", .string(pif), "Static", "fd00::5", "", "")
        == ["INVALID_CIDR_ADDRESS_SPECIFIED", "IPv6"])
    #expect(
      lab.failure("PIF.reconfigure_ipv6", .string(pif), "Static", "fd00::5/64", "10.0.0.1", "")
        == ["INVALID_IP_ADDRESS_SPECIFIED", "gateway"])
    try lab.call("PIF.reconfigure_ipv6", .string(pif), "Autoconf", "", "", "")
    #expect(lab.set("PIF", pif, "IPv6").contains { $0.hasPrefix("2001:db8:") })
    try lab.call("PIF.reconfigure_ipv6", .string(pif), "None", "", "", "")
    #expect(lab.set("PIF", pif, "IPv6") == [""])
  }

  /// The family of the management interface is changed only while it is not the management interface.
  @Test func managementOverIPv6() throws {
    var lab = Lab()
    let pif = lab.pif("eth0")
    try lab.call("PIF.reconfigure_ipv6", .string(pif), "Static", "fd00::5/64", "fd00::1", "")
    #expect(
      lab.failure("PIF.set_primary_address_type", .string(pif), "IPv6") == ["PIF_IS_MANAGEMENT_INTERFACE", pif])
    try lab.call("host.management_disable")
    #expect(lab.text("host", lab.world.thisHost, "address") == "")
    try lab.call("PIF.set_primary_address_type", .string(pif), "IPv6")
    try lab.call("host.management_reconfigure", .string(pif))
    #expect(lab.text("host", lab.world.thisHost, "address") == "fd00::5")
    #expect(
      lab.failure("PIF.reconfigure_ipv6", .string(pif), "None", "", "", "") == ["PIF_IS_MANAGEMENT_INTERFACE", pif])
  }

  /// XAPI finds that a PIF is of the other family than the present management interface, and swallows its own error.
  @Test func managementMovesToTheOtherFamily() throws {
    var lab = Lab()
    try lab.call("PIF.reconfigure_ipv6", .string(lab.pif("eth1")), "Static", "fd00::5/64", "", "")
    try lab.call("PIF.set_primary_address_type", .string(lab.pif("eth1")), "IPv6")
    try lab.call("host.management_reconfigure", .string(lab.pif("eth1")))
    #expect(lab.world.managementPIF(of: lab.world.thisHost) == lab.pif("eth1"))
    #expect(lab.text("host", lab.world.thisHost, "address") == "fd00::5")
    #expect(lab.world.inventory.contains("MANAGEMENT_ADDRESS_TYPE='IPv6'"))
  }

  /// A VLAN is a network of its own: its server gives addresses of its own.
  @Test func leasesDifferByVLAN() throws {
    var lab = Lab()
    let network = try lab.network("DMZ")
    try lab.call("VLAN.create", .string(lab.pif("eth1")), 300, .string(network))
    for pif in [lab.pif("eth1"), lab.pif(on: "DMZ")] {
      try lab.call("PIF.reconfigure_ip", .string(pif), "DHCP", "", "", "", "")
    }
    #expect(lab.text("PIF", lab.pif("eth1"), "IP") == "10.0.4.101")
    #expect(lab.text("PIF", lab.pif(on: "DMZ"), "IP") == "10.101.44.101")
    // Only the management interface's router is taken over.
    #expect(lab.text("PIF", lab.pif("eth1"), "gateway") == "")
    // No cable, no lease.
    try lab.call("PIF.reconfigure_ip", .string(lab.pif("eth3")), "DHCP", "", "", "", "")
    #expect(lab.text("PIF", lab.pif("eth3"), "IP") == "")
  }

  // MARK: Guards

  /// What high availability, the redo log and clustering forbid, and what they let pass.
  @Test(arguments: ["ha_enabled", "redo_log_enabled"]) func poolGuards(_ field: String) throws {
    var lab = Lab()
    lab.world.database.set("pool", lab.world.pool, field, true)
    let code = field == "ha_enabled" ? "HA_IS_ENABLED" : "REDO_LOG_IS_ENABLED"
    let (eth0, eth1) = (lab.pif("eth0"), JSONValue.string(lab.pif("eth1")))
    #expect(lab.failure("PIF.reconfigure_ip", eth1, "DHCP", "", "", "", "") == [code])
    #expect(lab.failure("PIF.reconfigure_ipv6", eth1, "DHCP", "", "", "") == [code])
    #expect(lab.failure("PIF.unplug", eth1) == [code])
    #expect(lab.failure("PIF.forget", eth1) == [code])
    #expect(lab.failure("PIF.set_primary_address_type", eth1, "IPv6") == [code])
    // Name servers alone may change.
    let servers: JSONValue = "10.0.4.9"
    #expect(
      lab.failure("PIF.reconfigure_ip", .string(eth0), "Static", "10.0.4.11", "255.255.255.0", "10.0.4.1", servers)
        == [])
    #expect(lab.text("PIF", eth0, "DNS") == "10.0.4.9")
    // The management interface as such is guarded by high availability alone.
    let onManagement = [
      lab.failure("host.management_reconfigure", .string(eth0)),
      lab.failure("pool.management_reconfigure", .string(lab.text("PIF", eth0, "network"))),
      lab.failure("host.management_disable"),
    ]
    #expect(onManagement == Array(repeating: field == "ha_enabled" ? [code] : [], count: 3))
    // What is not plugged is nobody's concern.
    lab.world.database.set("PIF", lab.pif("eth2"), "currently_attached", false)
    #expect(lab.failure("PIF.reconfigure_ip", .string(lab.pif("eth2")), "DHCP", "", "", "", "") == [])
  }

  @Test func clusterGuards() throws {
    var lab = Lab()
    let pif = lab.pif("eth1")
    let row = lab.world.create("Cluster_host", ["PIF": .string(pif), "enabled": false])
    #expect(lab.failure("Cluster_host.enable", .string(row)) == ["PIF_ALLOWS_UNPLUG", pif])
    try lab.call("PIF.set_disallow_unplug", .string(pif), true)
    #expect(lab.failure("Cluster_host.enable", .string(row)) == ["PIF_HAS_NO_NETWORK_CONFIGURATION", pif])
    try lab.call("PIF.reconfigure_ip", .string(pif), "Static", "10.1.0.5", "255.255.255.0", "", "")
    try lab.call("Cluster_host.enable", .string(row))
    #expect(lab.failure("PIF.reconfigure_ip", .string(pif), "DHCP", "", "", "", "") == ["CLUSTERING_ENABLED", row])
    #expect(lab.failure("PIF.forget", .string(pif)) == ["CLUSTERING_ENABLED", row])
    try lab.call("Cluster_host.disable", .string(row))
    #expect(lab.failure("PIF.reconfigure_ip", .string(pif), "DHCP", "", "", "", "") == [])
  }

  // MARK: Tunnels, virtual functions, cards

  /// A tunnel over an interface without an address is left behind, unplugged.
  @Test func aTunnelThatFailsLeavesItsRows() throws {
    var lab = Lab()
    let network = try lab.network("Tunnel")
    let transport = lab.pif("eth1")
    #expect(
      lab.failure("tunnel.create", .string(transport), .string(network)) == ["TRANSPORT_PIF_NOT_CONFIGURED", transport])
    let tunnel = try #require(lab.world.database.refs("tunnel").first)
    #expect(!lab.flag("PIF", lab.pif(on: "Tunnel"), "currently_attached"))
    #expect(lab.text("PIF", lab.pif(on: "Tunnel"), "device") == "tunnel0")
    #expect(
      lab.failure("tunnel.create", .string(transport), .string(network))
        == ["NETWORK_ALREADY_CONNECTED", lab.world.thisHost, lab.pif(on: "Tunnel")])
    #expect(lab.failure("PIF.forget", .string(transport)) == ["PIF_TUNNEL_STILL_EXISTS", transport])
    try lab.call("tunnel.destroy", .string(tunnel))
    #expect(lab.world.database.refs("tunnel").isEmpty)
    #expect(lab.set("network", network, "PIFs").isEmpty)
  }

  @Test func tunnelsNeedOpenVSwitchEverywhere() throws {
    var lab = Lab()
    let network = try lab.network("Tunnel")
    lab.world.database.set("host", lab.world.thisHost, "software_version", ["network_backend": "bridge"])
    #expect(
      lab.failure("tunnel.create", .string(lab.pif("eth0")), .string(network)) == ["OPENVSWITCH_NOT_ACTIVE"])
    #expect(lab.world.database.refs("tunnel").isEmpty)
  }

  @Test func virtualFunctions() throws {
    var lab = Lab()
    let capable = try #require(
      lab.world.nics.first { $0.capabilities.contains("sriov") && $0.device != "eth0" }?.device)
    let (card, network) = (lab.pif(capable), try lab.network("Fast"))
    let index = try #require(lab.world.nics.firstIndex { $0.device == capable })
    lab.world.nics[index].virtualFunctions = 4
    let sriov = try lab.call("network_sriov.create", .string(card), .string(network))
    let logical = lab.text("network_sriov", sriov, "logical_PIF")
    #expect(lab.text("network_sriov", sriov, "configuration_mode") == "sysfs")
    #expect(lab.flag("PIF", logical, "currently_attached"))
    #expect(try lab.call("network_sriov.get_remaining_capacity", .string(sriov)) == "4")
    let (tagged, bridged) = (try lab.network("Fast VLAN"), try lab.network("Bridged"))
    try lab.call("VLAN.create", .string(logical), 9, .string(tagged))
    #expect(
      lab.failure("tunnel.create", .string(lab.pif(on: "Fast VLAN")), .string(bridged))
        == ["CANNOT_ADD_TUNNEL_TO_VLAN_ON_SRIOV_LOGICAL", lab.pif(on: "Fast VLAN")])
    // Unplugging takes the VLAN along; plugging it brings its base up.
    try lab.call("PIF.unplug", .string(logical))
    #expect(!lab.flag("PIF", lab.pif(on: "Fast VLAN"), "currently_attached"))
    #expect(try lab.call("network_sriov.get_remaining_capacity", .string(sriov)) == "0")
    try lab.call("PIF.plug", .string(lab.pif(on: "Fast VLAN")))
    #expect(lab.flag("PIF", logical, "currently_attached"))
    #expect(lab.failure("network_sriov.destroy", .string(sriov)) == ["PIF_VLAN_STILL_EXISTS", logical])
  }

  @Test func introducingACard() throws {
    var lab = Lab()
    let (host, mac) = (JSONValue.string(lab.world.thisHost), lab.text("PIF", lab.pif("eth3"), "MAC"))
    #expect(lab.failure("PIF.introduce", host, .string(mac), "eth3") == ["DUPLICATE_PIF_DEVICE_NAME", "eth3"])
    try lab.call("PIF.forget", .string(lab.pif("eth3")))
    #expect(lab.failure("PIF.introduce", host, "x", "eth3") == ["MAC_INVALID", "x"])
    #expect(
      lab.failure("PIF.introduce", host, "02:00:00:00:00:01", "eth3")
        == [
          "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS", "eth3", "02:00:00:00:00:01",
        ])
    let pif = try lab.call("PIF.introduce", host, .string(mac.uppercased()), "eth3")
    #expect(lab.pif("eth3") == pif)
    #expect(lab.text("network", lab.text("PIF", pif, "network"), "bridge") == "xenbr3")
    #expect(!lab.flag("PIF", pif, "currently_attached"))
  }

  /// The values stay, the PIF is left unplugged.
  @Test func aFailedPlugLeavesWhatWasWritten() throws {
    var lab = Lab()
    lab.world.behaviour.brokenPlugs["eth1"] = "script error []"
    let pif = lab.pif("eth1")
    #expect(
      lab.failure("PIF.reconfigure_ip", .string(pif), "Static", "10.1.0.5", "255.255.255.0", "", "")
        == ["PIF_CONFIGURATION_ERROR", pif, "script error []"])
    #expect(lab.text("PIF", pif, "IP") == "10.1.0.5")
    #expect(!lab.flag("PIF", pif, "currently_attached"))
    let network = try lab.network("DMZ")
    #expect(lab.failure("VLAN.create", .string(pif), 5, .string(network)).first == "PIF_CONFIGURATION_ERROR")
    #expect(lab.world.database.refs("VLAN").count == 1)
    #expect(!lab.flag("PIF", lab.pif(on: "DMZ"), "currently_attached"))
  }

  @Test func propertiesOfABondReachItsMembers() throws {
    var lab = Lab(.pool)
    let bond = try #require(lab.set("PIF", lab.pif("bond0"), "bond_master_of").first)
    let vlan = try #require(lab.set("PIF", lab.pif("bond0"), "VLAN_slave_of").first)
    let upper = lab.text("VLAN", vlan, "untagged_PIF")
    lab.world.database.set("PIF", upper, "currently_attached", false)
    try lab.call("PIF.set_property", .string(lab.pif("bond0")), "gro", "off")
    for member in lab.set("Bond", bond, "slaves") {
      #expect(lab.world.database.get("PIF", member, "properties") == ["gro": "off"])
      #expect(lab.failure("PIF.set_property", .string(member), "gro", "on") == ["CANNOT_CHANGE_PIF_PROPERTIES", member])
    }
    // Every VLAN is plugged with it, wanted or not.
    #expect(lab.flag("PIF", upper, "currently_attached"))
  }
}
