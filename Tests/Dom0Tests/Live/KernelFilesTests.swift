import Testing

@testable import Dom0

@Suite struct KernelFilesTests {
  @Test func readsABondOfTheKernel() {
    let bond = KernelBondStatus.parse(
      """
      Ethernet Channel Bonding Driver: v3.7.1 (April 27, 2011)

      Bonding Mode: fault-tolerance (active-backup)
      Primary Slave: None
      Currently Active Slave: eth1
      MII Status: up
      MII Polling Interval (ms): 100
      Up Delay (ms): 31000
      Down Delay (ms): 200

      Slave Interface: eth0
      MII Status: down
      Speed: Unknown
      Duplex: Unknown
      Link Failure Count: 3
      Permanent HW addr: EC:f4:bb:c3:af:a8
      Slave queue ID: 0

      Slave Interface: eth1
      MII Status: up
      Speed: 10000 Mbps
      Duplex: full
      Link Failure Count: 0
      Permanent HW addr: ec:f4:bb:c3:af:aa
      """, name: "bond0")
    #expect(bond.mode == "fault-tolerance (active-backup)")
    #expect(bond.hasLink == true)
    #expect(bond.active == "eth1")
    #expect(bond.upDelay == 31_000 && bond.downDelay == 200)
    #expect(bond.members.map(\.name) == ["eth0", "eth1"])
    #expect(bond.members.map(\.hasLink) == [false, true])
    #expect(bond.members.map(\.speed) == [nil, 10_000])
    #expect(bond.members.map(\.duplex) == [nil, .full])
    #expect(bond.members.map(\.failures) == [3, 0])
    #expect(bond.members[0].permanentMAC == "ec:f4:bb:c3:af:a8")
  }

  @Test func readsLACPOfTheKernel() {
    let bond = KernelBondStatus.parse(
      """
      Bonding Mode: IEEE 802.3ad Dynamic link aggregation
      MII Status: up
      802.3ad info
      Active Aggregator Info:
      \tAggregator ID: 1
      \tPartner Mac Address: 00:1C:73:aa:bb:cc
      Slave Interface: eth0
      Aggregator ID: 1
      details partner lacp pdu:
          system mac address: 00:1c:73:aa:bb:cc
      """, name: "bond0")
    #expect(bond.partnerMAC == "00:1c:73:aa:bb:cc")
    #expect(bond.members.map(\.aggregator) == [1])
  }

  @Test func readsVLANs() {
    let vlans = KernelVLAN.parse(
      """
      VLAN Dev name    | VLAN ID
      Name-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD
      eth0.42       | 42  | eth0
      bond0.7       | 7  | bond0
      """)
    #expect(vlans.map(\.name) == ["eth0.42", "bond0.7"])
    #expect(vlans.map(\.tag) == [42, 7])
    #expect(vlans.map(\.device) == ["eth0", "bond0"])
  }

  @Test func withoutTheDriversThereAreNone() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let system = HostSystem(root: scratch.path)
    #expect(try KernelBondStatus.all(on: system).isEmpty)
    #expect(try KernelVLAN.all(on: system).isEmpty)
    try scratch.write("Bonding Mode: x\n", to: "proc/net/bonding/bond0")
    #expect(try KernelBondStatus.all(on: system).map(\.name) == ["bond0"])
  }

  @Test(
    arguments: [
      ("openvswitch\n", NetworkBackend.openVSwitch), ("vswitch", .openVSwitch), (" bridge \n", .linuxBridge),
      ("", .unknown("")), ("ovs\n", .unknown("ovs")),
    ] as [(String, NetworkBackend)])
  func readsTheBackend(text: String, backend: NetworkBackend) {
    #expect(NetworkBackend.parse(text) == backend)
    #expect(backend.usesOpenVSwitch == (backend != .linuxBridge))
  }

  /// The list of RFC 1321, A.5, and what the padding makes special.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
    (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
  ])
  func sumsAsTheRFCSays(text: String, sum: String) {
    #expect(MD5.hexadecimal(of: Array(text.utf8)) == sum)
  }

  /// Lengths around a block's end, against the machine's own program.
  @Test func sumsAsTheMachineDoes() async throws {
    for length in [55, 56, 57, 63, 64, 65, 119, 120, 1000] {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let output = try await LocalTools().run(Command(["md5sum"], input: bytes))
      #expect(output.text.prefix(32) == MD5.hexadecimal(of: bytes))
    }
  }
}

@Suite struct NetworkStatsTests {
  private let json = """
    {"eth0":{"carrier":true,"speed":10000,"duplex":"Duplex_full","pci_bus_path":"0000:01:00.0","vendor_id":"8086","device_id":"1528","nb_links":1,"links_up":1,"interfaces":["eth0"]},
     "bond0":{"carrier":false,"speed":0,"duplex":"Duplex_unknown","pci_bus_path":"","vendor_id":"","device_id":"","nb_links":2,"links_up":1,"interfaces":["eth0","eth1"]}}
    """

  private func file(_ json: String) -> [UInt8] {
    let payload = Array(json.utf8)
    let length = String(payload.count, radix: 16)
    let head = "xapistat" + MD5.hexadecimal(of: payload) + String(repeating: "0", count: 8 - length.count) + length
    return Array(head.utf8) + payload
  }

  @Test func readsWhatNetworkdWrote() throws {
    // The file may be longer than what is in it now.
    let devices = try NetworkStats.parse(file(json) + [UInt8](repeating: 0, count: 100))
    let bond = try #require(devices["bond0"])
    #expect(bond.links == 2 && bond.linksUp == 1 && bond.members == ["eth0", "eth1"])
    #expect(bond.speed == nil && bond.duplex == nil && bond.pciAddress == nil && !bond.hasCarrier)
    let nic = try #require(devices["eth0"])
    #expect(nic.hasCarrier && nic.speed == 10_000 && nic.duplex == .full && nic.vendor == "8086")
  }

  @Test func refusesWhatIsDamaged() throws {
    let whole = file(json)
    for length in 0..<whole.count {
      #expect(throws: HostFileError.self) { try NetworkStats.parse(Array(whole[..<length])) }
    }
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 0x81
      #expect(throws: HostFileError.self) { try NetworkStats.parse(bytes) }
    }
    #expect(throws: HostFileError.malformed(path: NetworkStats.path, reason: "an object was expected")) {
      try NetworkStats.parse(file("[]"))
    }
  }

  @Test func tellsItsAge() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let system = HostSystem(root: scratch.path)
    #expect(throws: HostFileError.missing(path: NetworkStats.path)) { try NetworkStats.read(from: system) }
    try scratch.write(file(json), to: "dev/shm/network_stats")
    let stats = try NetworkStats.read(from: system)
    #expect(stats.devices.count == 2)
    #expect(stats.age(at: stats.written + 12) == 12)
    #expect(stats.age(at: stats.written - 12) == 0)
  }
}
