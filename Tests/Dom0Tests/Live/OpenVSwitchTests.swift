import Dom0
import Testing

@Suite struct OpenVSwitchTests {
  /// As ovs-vsctl writes them: a set of one is bare, several are `["set", …]`, a map is `["map", …]`.
  private let bridges = """
    {"data":[[["uuid","b0"],["uuid","c1"],["map",[["xs-network-uuids","n1;n2"]]],["map",[["hwaddr","ec:f4:bb:c3:af:a8"]]],"standalone","xapi1",["set",[["uuid","p-xapi1"],["uuid","p-bond0"],["uuid","p-xapi2"],["uuid","p-gone"]]],""],
             [["uuid","b1"],["set",[]],["map",[]],["map",[]],["set",[]],"xenbr2",["uuid","p-eth2"],"netdev"]],
     "headings":["_uuid","controller","external_ids","other_config","fail_mode","name","ports","datapath_type"]}
    """
  private let ports = """
    {"data":[[["uuid","p-xapi1"],["set",[]],["set",[]],false,["uuid","i-xapi1"],["set",[]],"xapi1",["set",[]],["map",[]],0,0],
             [["uuid","p-bond0"],"ec:f4:bb:c3:af:a8","balance-tcp",false,["set",[["uuid","i-eth1"],["uuid","i-eth0"]]],"active","bond0",["set",[]],["map",[["bond-miimon-interval","100"]]],31000,200],
             [["uuid","p-xapi2"],["set",[]],["set",[]],true,["uuid","i-xapi2"],["set",[]],"xapi2",42,["map",[]],0,0],
             [["uuid","p-eth2"],["set",[]],["set",[]],false,["uuid","i-eth2"],["set",[]],"eth2",["set",[]],["map",[]],0,0]],
     "headings":["_uuid","bond_active_slave","bond_mode","fake_bridge","interfaces","lacp","name","tag","other_config","bond_updelay","bond_downdelay"]}
    """
  private let interfaces = """
    {"data":[[["uuid","i-xapi1"],"xapi1","internal","up","up",["set",[]],["set",[]],["set",[]],65534,["set",[]],["map",[]],["map",[]],["map",[]]],
             [["uuid","i-eth0"],"eth0","","up","up",10000000000,"full","ec:f4:bb:c3:af:a8",1,["set",[]],["map",[["driver_name","ixgbe"]]],["map",[["rx_bytes",12345678901],["tx_errors",0]]],["map",[]]],
             [["uuid","i-eth1"],"eth1","","up","down",0,"full","ec:f4:bb:c3:af:aa",2,["set",[]],["map",[]],["map",[]],["map",[]]],
             [["uuid","i-xapi2"],"xapi2","internal",["set",[]],["set",[]],["set",[]],["set",[]],["set",[]],3,["set",[]],["map",[]],["map",[]],["map",[]]],
             [["uuid","i-eth2"],"eth2","vxlan",["set",[]],["set",[]],["set",[]],["set",[]],["set",[]],-1,"could not open network device eth2 (No such device)",["map",[]],["map",[]],["map",[["key","11"],["remote_ip","192.168.1.220"]]]]],
     "headings":["_uuid","name","type","admin_state","link_state","link_speed","duplex","mac_in_use","ofport","error","status","statistics","options"]}
    """

  private func parse(_ parts: String...) throws(LiveFailure) -> OpenVSwitch {
    try OpenVSwitch.parse(Array(parts.joined(separator: "\n").utf8))
  }

  @Test func joinsTheTables() throws {
    let ovs = try parse(bridges, ports, interfaces)
    #expect(ovs.bridges.map(\.name) == ["xapi1", "xenbr2"])
    let bridge = ovs.bridges[0]
    #expect(bridge.networkUUIDs == ["n1", "n2"])
    #expect(bridge.hasController && !ovs.bridges[1].hasController)
    #expect(bridge.failMode == "standalone" && ovs.bridges[1].failMode == nil)
    #expect(bridge.otherConfig == ["hwaddr": "ec:f4:bb:c3:af:a8"])
    #expect(ovs.bridges[1].datapath == "netdev")
    // A port of which the table says nothing went while it was read.
    #expect(bridge.ports.map(\.name) == ["bond0", "xapi1", "xapi2"])
    #expect(ovs.bridgeNames == ["xapi1", "xenbr2", "xapi2"])
  }

  @Test func tellsBondsVLANsAndTunnels() throws {
    let ovs = try parse(bridges, ports, interfaces)
    #expect(ovs.bonds.map(\.bridge) == ["xapi1"])
    let bond = try #require(ovs.bonds.first?.port)
    #expect(bond.interfaces.map(\.name) == ["eth0", "eth1"])
    #expect(bond.bond?.mode == "balance-tcp")
    #expect(bond.bond?.lacp == "active")
    #expect(bond.bond?.activeMAC == "ec:f4:bb:c3:af:a8")
    #expect(bond.bond?.upDelay == 31_000)
    #expect(bond.otherConfig == ["bond-miimon-interval": "100"])
    #expect(ovs.fakeBridges.map(\.name) == ["xapi2"])
    #expect(ovs.fakeBridges.map(\.parent) == ["xapi1"])
    #expect(ovs.fakeBridges.map(\.tag) == [42])
    #expect(ovs.tunnels.map(\.bridge) == ["xenbr2"])
    #expect(ovs.tunnels.first?.interface.options == ["key": "11", "remote_ip": "192.168.1.220"])
  }

  @Test func readsInterfaces() throws {
    let ovs = try parse(bridges, ports, interfaces)
    let nics = try #require(ovs.bonds.first?.port.interfaces)
    #expect(nics.map(\.speed) == [10_000, nil])
    #expect(nics.map(\.hasLink) == [true, false])
    #expect(nics[0].status == ["driver_name": "ixgbe"])
    #expect(nics[0].statistics == ["rx_bytes": 12_345_678_901, "tx_errors": 0])
    let lost = try #require(ovs.tunnels.first?.interface)
    #expect(lost.portNumber == -1)
    #expect(lost.error == "could not open network device eth2 (No such device)")
    #expect(lost.isUp == nil)
  }

  @Test func knowsTheNetworksOfAFakeBridge() throws {
    let port = """
      {"data":[[["uuid","p"],"xapi2",true,42,["map",[["fake-bridge-xs-network-uuids","v1"],["other","x"]]],["set",[]]]],
       "headings":["_uuid","name","fake_bridge","tag","external_ids","interfaces"]}
      """
    let bridge = #"{"data":[[["uuid","b"],"xapi1",["uuid","p"]]],"headings":["_uuid","name","ports"]}"#
    let ovs = try parse(bridge, port, #"{"data":[],"headings":["_uuid","name"]}"#)
    #expect(ovs.fakeBridges.map(\.networkUUIDs) == [["v1"]])
  }

  @Test func anEmptySwitchHasNothing() throws {
    let empty = #"{"data":[],"headings":["_uuid","name"]}"#
    #expect(try parse(empty, empty, empty).bridges.isEmpty)
  }

  @Test func namesWhatMakesNoSense() throws {
    let empty = #"{"data":[],"headings":["_uuid","name"]}"#
    for (parts, reason) in [
      ([], "0 tables instead of 3"), ([empty], "1 tables instead of 3"),
      (
        [#"{"data":[["x"]],"headings":["_uuid","name"]}"#, empty, empty],
        "row 1 has not as many cells as there are headings"
      ),
      (
        [#"{"data":[[["uuid","b"],["set",[]]]],"headings":["_uuid","name"]}"#, empty, empty],
        "a row of table bridge has no name"
      ),
      (["{}", empty, empty], "a table without headings or data"),
    ] as [([String], String)] {
      #expect(throws: LiveFailure.garbage(tool: "ovs-vsctl", reason: reason)) {
        try OpenVSwitch.parse(Array(parts.joined(separator: "\n").utf8))
      }
    }
  }

  @Test func survivesAnAnswerCutAnywhere() throws {
    let whole = Array([bridges, ports, interfaces].joined(separator: "\n").utf8)
    for length in 0..<whole.count - 1 {
      #expect(throws: LiveFailure.self) { try OpenVSwitch.parse(Array(whole[..<length])) }
    }
  }
}
