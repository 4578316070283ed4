import Dom0
import Testing

@Suite struct IPTests {
  @Test func readsAddresses() throws {
    let devices = try IPDevice.parse(
      Array(
        """
        [{"ifindex":4,"ifname":"xenbr0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"qdisc":"noqueue",
          "operstate":"UNKNOWN","group":"default","txqlen":1000,"link_type":"ether","address":"F8:0d:ac:1a:da:de",
          "broadcast":"ff:ff:ff:ff:ff:ff","addr_info":[
           {"family":"inet","local":"192.168.1.10","prefixlen":24,"broadcast":"192.168.1.255","scope":"global",
            "dynamic":true,"label":"xenbr0","valid_life_time":3600,"preferred_life_time":3600},
           {},
           {"family":"inet6","local":"fe80::fa0d:acff:fe1a:dade","prefixlen":64,"scope":"link","tentative":true,
            "dadfailed":true,"valid_life_time":4294967295,"preferred_life_time":4294967295}]},
         {},
         {"ifindex":2,"ifname":"eth0","flags":["NO-CARRIER","BROADCAST","MULTICAST","UP"],"mtu":9000,"master":"ovs-system",
          "operstate":"DOWN","link_type":"ether","address":"f8:0d:ac:1a:da:de","addr_info":[]},
         {"ifindex":9,"ifname":"eth0.42","link":"eth0","flags":[],"mtu":1500,"link_type":"ether"}]
        """.utf8))
    #expect(devices.map(\.name) == ["xenbr0", "eth0", "eth0.42"])
    // The state is UNKNOWN, and yet it runs: the flags say so.
    #expect(devices[0].isUp && devices[0].isRunning)
    #expect(devices[0].mac == "f8:0d:ac:1a:da:de")
    #expect(devices[1].isUp && !devices[1].isRunning)
    #expect(devices[1].master == "ovs-system")
    #expect(devices[1].mtu == 9000)
    #expect(!devices[2].isUp)
    #expect(devices[2].lower == "eth0")
    let addresses = devices[0].addresses
    #expect(addresses.map(\.address) == ["192.168.1.10", "fe80::fa0d:acff:fe1a:dade"])
    #expect(addresses.map(\.family) == [.v4, .v6])
    #expect(addresses.map(\.prefixLength) == [24, 64])
    #expect(addresses.map(\.isDynamic) == [true, false])
    #expect(addresses.map(\.isTentative) == [false, true])
    #expect(addresses.map(\.isDuplicate) == [false, true])
    #expect(addresses.map(\.validFor) == [3600, nil])
    #expect(addresses[0].broadcast == "192.168.1.255")
  }

  @Test func readsRoutes() throws {
    let routes = try IPRoute.parse(
      Array(
        """
        [{"dst":"default","gateway":"192.168.1.1","dev":"xenbr0","flags":["linkdown"]},{},
         {"dst":"192.168.1.0/24","dev":"xenbr0","protocol":"kernel","scope":"link","prefsrc":"192.168.1.10","flags":[]},
         {"type":"unreachable","dst":"10.0.0.0/8","metric":4278198272,"flags":[]},
         {"dst":"0.0.0.0/0","flags":[],"nexthops":[{"gateway":"10.0.0.1","dev":"xenbr1","weight":1,"flags":[]},
                                              {"gateway":"10.0.0.2","dev":"xenbr2","weight":1,"flags":["dead"]}]},
         {"dst":"10.9.0.0/16","via":{"family":"inet6","host":"fe80::1"},"dev":"xenbr0","flags":[]}]
        """.utf8), .v4)
    #expect(routes.count == 5)
    #expect(routes.map(\.isDefault) == [true, false, false, true, false])
    #expect(routes[0].gateway == "192.168.1.1" && routes[0].device == "xenbr0" && routes[0].flags == ["linkdown"])
    #expect(routes[1].destination == "192.168.1.0/24")
    #expect(routes[1].source == "192.168.1.10" && routes[1].origin == "kernel")
    #expect(routes[2].kind == "unreachable" && routes[2].metric == 4_278_198_272)
    #expect(routes[3].nextHops.map(\.device) == ["xenbr1", "xenbr2"])
    #expect(routes[3].nextHops[1].flags == ["dead"])
    #expect(routes[4].gateway == "fe80::1")
  }

  @Test func readsNeighbours() throws {
    let neighbours = try IPNeighbour.parse(
      Array(
        """
        [{"dst":"192.168.1.1","dev":"xenbr0","lladdr":"02:FC:00:00:00:05","state":["STALE"]},
         {"dst":"192.168.1.9","dev":"xenbr0","state":["FAILED"]},{}]
        """.utf8))
    #expect(neighbours.map(\.mac) == ["02:fc:00:00:00:05", nil])
    #expect(neighbours.map(\.isUnreachable) == [false, true])
  }

  @Test(arguments: ["", "\n", "[]", "[ ]\n", "[{},{}]"])
  func nothingIsNothing(answer: String) throws {
    #expect(try IPDevice.parse(Array(answer.utf8)).isEmpty)
    #expect(try IPRoute.parse(Array(answer.utf8), .v6).isEmpty)
  }

  @Test(arguments: ["{}", "[{\"ifname\":", "Device \"x\" does not exist.", "[1,2", "\u{0}"])
  func garbageIsTold(answer: String) {
    #expect {
      try IPDevice.parse(Array(answer.utf8))
    } throws: { error in
      if case .garbage(tool: "ip", reason: let reason) = error as? LiveFailure { !reason.isEmpty } else { false }
    }
  }
}
