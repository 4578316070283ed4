import Dom0
import Testing

@Suite struct NetworkdDBTests {
  private func read(_ text: String) throws -> NetworkdDB { try NetworkdDB(parsing: Array(text.utf8)) }

  @Test func readsABondAVLANAndAddresses() throws {
    let db = try read(SampleFiles.networkdDB)
    #expect(db.problems.isEmpty)
    #expect(db.gatewayInterface == "xapi1")
    #expect(db.dnsInterface == "xapi1")
    #expect(db.interfaceOrder == nil)
    #expect(db.interfaces.map(\.name) == ["eth0", "xapi1", "xapi2", "xenbr2"])
    let management = try #require(db.interface("xapi1"))
    #expect(management.ipv4 == .static([.init(address: "192.168.1.10", prefix: 24)]))
    #expect(management.ipv4Gateway == "192.168.1.1")
    #expect(management.ipv6 == .static([.init(address: "fd00::10", prefix: 64)]))
    #expect(management.routes == [.init(subnet: "10.88.0.0", prefix: 14, gateway: "192.168.1.254")])
    #expect(management.nameServers == ["192.168.1.1"])
    #expect(management.searchDomains == ["lab.example"])
    #expect(management.mtu == 9000)
    #expect(management.ethtoolSettings == ["speed": "1000"])
    #expect(management.isPersistent)
    let bridge = try #require(db.bridge("xapi1"))
    #expect(bridge.ports.map(\.name) == ["bond0"])
    #expect(bridge.ports[0].interfaces == ["eth0", "eth1"])
    #expect(bridge.ports[0].isBond)
    #expect(bridge.ports[0].bondProperties["mode"] == "lacp")
    #expect(bridge.mac == "ec:f4:bb:c3:af:a8")
    #expect(bridge.igmpSnooping == false)
    #expect(db.bridge("xapi2")?.vlan == .init(parent: "xapi1", tag: 42))
    #expect(db.bridge("xapi2")?.isPersistent == false)
  }

  @Test func leavesDefaultsForWhatIsAbsent() throws {
    let db = try read(#"{"interface_config":{"a":{}},"bridge_config":{"b":{"ports":{"p":{}}}},"new":1}"#)
    #expect(db.problems.isEmpty)
    #expect(db.interface("a") == NetworkdDB.Interface(name: "a"))
    #expect(db.interface("a")?.mtu == 1500)
    #expect(db.bridge("b")?.ports == [NetworkdDB.Port(name: "p")])
    #expect(try read("{}").interfaces.isEmpty)
  }

  @Test func readsBothEncodingsOfRoutes() throws {
    let db = try read(SampleFiles.networkdDB)
    #expect(db.interface("xenbr2")?.routes == [.init(subnet: "10.9.0.0", prefix: 16, gateway: "192.168.1.254")])
  }

  @Test func followsAVLANDownToItsNICs() throws {
    let db = try read(SampleFiles.networkdDB)
    #expect(db.nics(below: "xapi2") == ["eth0", "eth1"])
    #expect(db.nics(below: "xenbr2") == ["eth2"])
    #expect(db.nics(below: "none").isEmpty)
    #expect(db.bridge(using: "eth1")?.name == "xapi1")
    let circle = try read(#"{"bridge_config":{"a":{"vlan":["b",1]},"b":{"vlan":["a",2]}}}"#)
    #expect(circle.nics(below: "a").isEmpty)
  }

  @Test func tellsSettingsThatManagementConfCanCarry() throws {
    let db = try read(SampleFiles.networkdDB)
    #expect(
      db.settings(ofBridge: "xapi1")
        == ManagementSettings(
          device: "eth0", ipv4: .static(address: "192.168.1.10", netmask: "255.255.255.0", gateway: "192.168.1.1"),
          ipv6: .static(address: "fd00::10/64", gateway: "fd00::1"), dns: ["192.168.1.1"],
          searchDomains: ["lab.example"]))
    #expect(db.settings(ofBridge: "xapi2") == ManagementSettings(device: "eth0", vlan: 42, ipv4: .dhcp))
    #expect(db.settings(ofBridge: "eth0") == nil)
  }

  /// Newer releases: the six octets of a MAC are the string's characters, whatever they are.
  @Test(
    arguments: [
      [0xec, 0xf4, 0xbb, 0xc3, 0xaf, 0xa8], [0x00, 0x02, 0xc9, 0xed, 0xfd, 0xf0], [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0x41],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ] as [[UInt8]])
  func readsRawOctets(mac: [UInt8]) throws {
    var bytes = Array(#"{"interface_order":[{"name":"enp5s0","position":3,"mac":""#.utf8)
    // NUL and other control characters are escaped in JSON.
    for byte in mac {
      bytes += byte < 0x20 ? Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8) : [byte]
    }
    bytes += Array(#"","pci":{"domain":0,"bus":5,"dev":31,"fn":7},"present":true}]}"#.utf8)
    let db = try NetworkdDB(parsing: bytes)
    #expect(db.problems.isEmpty)
    let text = mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    #expect(
      db.interfaceOrder == [.init(name: "enp5s0", position: 3, mac: text, pci: "0000:05:1f.7", isPresent: true)])
    #expect(db.bytes == bytes)
  }

  @Test func namesTheByteWhereItBreaks() throws {
    var bytes = Array(#"{"a":""#.utf8) + [0xe9, 0xff] + Array(#"","b":?}"#.utf8)
    let place = try #require(bytes.firstIndex(of: UInt8(ascii: "?")))
    #expect(
      throws: HostFileError.malformed(path: NetworkdDB.path, reason: "unexpected '?' at byte \(place)")
    ) { try NetworkdDB(parsing: bytes) }
    bytes = Array("[]".utf8)
    #expect(throws: HostFileError.malformed(path: NetworkdDB.path, reason: "it is not a JSON object")) {
      try NetworkdDB(parsing: bytes)
    }
  }

  @Test func textThatWasUTF8StaysReadable() throws {
    let db = try read(#"{"bridge_config":{"b":{"other_config":{"name":"café"}}}}"#)
    #expect(db.bridge("b")?.otherConfig == ["name": "café"])
  }

  @Test func oneBadPartLeavesTheRest() throws {
    let db = try read(
      #"""
      {"gateway_interface":7,"interface_config":{"eth0":5,"a":{"ipv4_conf":["Static4",[["10.0.0.1",24],["x",3]]],
      "ipv6_conf":"Static6","ipv4_routes":[{"subnet":"x"}],"mtu":"big","dns":[1],"persistent_i":true},"b":{"mtu":1400}},
      "bridge_config":{"v":{"vlan":["a"],"ports":{"p":{"interfaces":"eth0"}}}},"interface_order":[{"mac":"short"}]}
      """#)
    #expect(
      db.problems == [
        "interface_config.eth0 is not an object",
        "interface_config.a.ipv4_conf holds an address that is not understood",
        "interface_config.a.ipv6_conf is not understood", "interface_config.a.ipv4_routes[0] is not a route",
        "interface_config.a.dns is not a pair of lists", "interface_config.a.mtu is not a number",
        "bridge_config.v.ports.p.interfaces is not a list", "bridge_config.v.vlan is not a bridge and a tag",
        "gateway_interface is not a string", "interface_order[0] is not understood",
      ])
    #expect(db.interface("a")?.ipv4 == .static([.init(address: "10.0.0.1", prefix: 24)]))
    #expect(db.interface("a")?.isPersistent == true)
    #expect(db.interface("b")?.mtu == 1400)
    #expect(db.interfaceOrder == [])
  }

  @Test func isPutBackAndRemoved() throws {
    let host = try TemporaryHost()
    try host.write(SampleFiles.networkdDB, NetworkdDB.path)
    let db = try NetworkdDB(of: host.system)
    #expect(try NetworkdDB.remove(from: host.system))
    #expect(try !NetworkdDB.remove(from: host.system))
    #expect(throws: HostFileError.missing(path: NetworkdDB.path)) { try NetworkdDB(of: host.system) }
    try db.write(to: host.system)
    #expect(host.text(NetworkdDB.path) == SampleFiles.networkdDB)
  }
}
