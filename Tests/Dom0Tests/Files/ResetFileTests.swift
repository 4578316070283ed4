import Dom0
import Testing

/// The files of an emergency network reset.
@Suite struct ResetFileTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static let both = ManagementSettings(
    device: "eth0", vlan: 120, ipv4: .static(address: "10.10.4.11", netmask: "255.255.255.0", gateway: "10.10.4.1"),
    ipv6: .static(address: "fd00::11/64", gateway: "fd00::1"), dns: ["10.10.4.2", "1.1.1.1"])

  @Test func managementConfHasTheVendorsKeysAndOrder() throws {
    #expect(
      text(try ManagementConf.rendered(Self.both)) == """
        LABEL='eth0'
        MODE='static'
        MODEV6='static'
        VLAN='120'
        IP='10.10.4.11'
        NETMASK='255.255.255.0'
        GATEWAY='10.10.4.1'
        IPv6='fd00::11/64'
        IPv6_GATEWAY='fd00::1'
        DNS='10.10.4.2,1.1.1.1'

        """)
  }

  @Test func theTriggerHasTheVendorsKeysAndOrder() throws {
    #expect(
      text(try ResetTrigger.rendered(Self.both)) == """
        DEVICE=eth0
        MODE=static
        MODE_V6=static
        VLAN=120
        IP=10.10.4.11
        NETMASK=255.255.255.0
        GATEWAY=10.10.4.1
        IPV6=fd00::11/64
        GATEWAY_V6=fd00::1
        DNS=10.10.4.2,1.1.1.1

        """)
  }

  @Test func keysThatDoNotApplyAreLeftOut() throws {
    let dhcp = ManagementSettings(device: "eth1", dns: ["1.1.1.1"], searchDomains: ["x"])
    #expect(text(try ManagementConf.rendered(dhcp)) == "LABEL='eth1'\nMODE='dhcp'\n")
    #expect(text(try ResetTrigger.rendered(dhcp)) == "DEVICE=eth1\nMODE=dhcp\n")
    let auto = ManagementSettings(device: "enp5s0", ipv4: .off, ipv6: .autoconf)
    #expect(text(try ManagementConf.rendered(auto)) == "LABEL='enp5s0'\nMODEV6='autoconf'\n")
    let static4 = ManagementSettings(
      device: "eth0", ipv4: .static(address: "10.0.0.2", netmask: "255.0.0.0", gateway: nil),
      searchDomains: ["a", "b.c"])
    #expect(
      text(try ManagementConf.rendered(static4))
        == "LABEL='eth0'\nMODE='static'\nIP='10.0.0.2'\nNETMASK='255.0.0.0'\nDOMAIN='a b.c'\n")
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let modes4: [ManagementSettings.IPv4] = [
      .off, .dhcp, .static(address: "10.0.0.2", netmask: "255.255.240.0", gateway: "10.0.0.1"),
      .static(address: "10.0.0.2", netmask: "255.255.255.255", gateway: nil),
    ]
    let modes6: [ManagementSettings.IPv6] = [
      .off, .dhcp, .autoconf, .static(address: "fd00::2/48", gateway: nil),
      .static(address: "fd00::2/128", gateway: "fe80::1"),
    ]
    for ipv4 in modes4 {
      for ipv6 in modes6 where ipv4 != .off || ipv6 != .off {
        for vlan in [nil, 0, 4094] {
          var settings = ManagementSettings(device: "eth12", vlan: vlan, ipv4: ipv4, ipv6: ipv6)
          var isStatic = false
          if case .static = ipv4 { isStatic = true }
          if case .static = ipv6 { isStatic = true }
          if isStatic { settings.dns = ["10.0.0.3", "fd00::3"] }
          let trigger = try ResetTrigger(parsing: try ResetTrigger.rendered(settings))
          #expect(trigger.settings == settings)
          #expect(trigger.problems.isEmpty)
          if isStatic { settings.searchDomains = ["lab.example", "example"] }
          let conf = try ManagementConf(parsing: try ManagementConf.rendered(settings))
          #expect(conf.settings == settings)
          #expect(conf.problems.isEmpty)
        }
      }
    }
  }

  @Test(arguments: [
    ("device", ManagementSettings(device: "")), ("device", ManagementSettings(device: "eth0'")),
    ("device", ManagementSettings(device: "eth0 eth1")), ("device", ManagementSettings(device: "a=b")),
    ("device", ManagementSettings(device: "../eth0")), ("device", ManagementSettings(device: "sixteencharacter")),
    ("VLAN", ManagementSettings(device: "eth0", vlan: 4095)), ("VLAN", ManagementSettings(device: "eth0", vlan: -1)),
    ("mode", ManagementSettings(device: "eth0", ipv4: .off)),
    ("IP", ManagementSettings(device: "eth0", ipv4: .static(address: "10.0.0", netmask: "255.0.0.0", gateway: nil))),
    (
      "netmask",
      ManagementSettings(device: "eth0", ipv4: .static(address: "10.0.0.1", netmask: "255.0.1.0", gateway: nil))
    ),
    (
      "gateway",
      ManagementSettings(device: "eth0", ipv4: .static(address: "10.0.0.1", netmask: "255.0.0.0", gateway: "x'\nA='y"))
    ),
    ("IPv6", ManagementSettings(device: "eth0", ipv6: .static(address: "fd00::1", gateway: nil))),
    ("IPv6", ManagementSettings(device: "eth0", ipv6: .static(address: "fd00::1/129", gateway: nil))),
    ("IPv6 gateway", ManagementSettings(device: "eth0", ipv6: .static(address: "fd00::1/64", gateway: "10.0.0.1"))),
    ("DNS", ManagementSettings(device: "eth0", dns: ["1.1.1.1,8.8.8.8"])),
    ("search domain", ManagementSettings(device: "eth0", searchDomains: ["a b"])),
  ])
  func namesTheFieldItRefuses(field: String, settings: ManagementSettings) {
    #expect { try ManagementConf.rendered(settings) } throws: { ($0 as? SettingError)?.field == field }
    #expect { try ResetTrigger.rendered(settings) } throws: { ($0 as? SettingError)?.field == field }
  }

  @Test func theBridgeIsNamedAsTheHostDoes() {
    #expect(ManagementSettings(device: "eth3").managementBridge == "xenbr3")
    #expect(ManagementSettings(device: "enp5s0").managementBridge == "brenp5s0")
    #expect(ManagementSettings(device: "eth3", vlan: 42).managementBridge == "xentemp")
  }

  @Test func searchDomainsMayEndInADot() throws {
    let settings = ManagementSettings(
      device: "eth0", ipv4: .static(address: "10.0.0.2", netmask: "255.0.0.0", gateway: nil),
      searchDomains: ["lab.example.", "_msdcs.lab"])
    #expect(try ManagementConf(parsing: try ManagementConf.rendered(settings)).settings == settings)
  }

  // MARK: management.conf as networkd reads it

  @Test(
    arguments: [
      ("MODE='dhcp'\n", "LABEL is missing"), ("LABEL='eth0'\n", "MODE and MODEV6 are both missing"),
      ("LABEL='eth0'\nMODE=\n", "MODE and MODEV6 are both missing"),
      ("LABEL='eth0'\nMODE='static'\nNETMASK='255.0.0.0'\n", "MODE is static, but IP is missing"),
      ("LABEL='eth0'\nMODE='static'\nIP='10.0.0.256'\n", "IP is not an IPv4 address: 10.0.0.256"),
      ("LABEL='eth0'\nMODE='static'\nIP='10.0.0.1'\n", "MODE is static, but NETMASK is missing"),
      ("LABEL='eth0'\nMODE='dhcp'\nDNS='ns.lab'\n", "DNS is not a list of addresses: ns.lab"),
      ("LABEL='eth0'\nMODE='dhcp'\nVLAN=''\n", "VLAN is not a number: "),
      ("LABEL='eth0'\nMODEV6='static'\nIPv6='fd00::1'\n", "IPv6 is not an address with a prefix length: fd00::1"),
      ("LABEL='eth0'\nMODE='dhcp'\n", nil), ("BOND_MODE='lacp'\nBOND_MEMBERS='eth2,eth3'\nMODE='dhcp'\n", nil),
      // What a mode does not use is not read.
      ("LABEL='eth0'\nMODE='dhcp'\nIP='junk'\n", nil),
    ] as [(String, String?)])
  func saysWhyNetworkdSetsUpNothing(text: String, failure: String?) throws {
    let conf = try ManagementConf(parsing: Array(text.utf8))
    #expect(conf.failure == failure)
    #expect((conf.settings == nil) == (failure != nil))
  }

  @Test func readsAsNetworkdDoes() throws {
    let conf = try ManagementConf(
      parsing: Array("LABEL='eth0'\nLABEL='eth9'\nMODE=''dhcp\nDNS='1.1.1.1,,8.8.8.8'\nDOMAIN='a  b'\n".utf8))
    #expect(conf.label == "eth0")
    #expect(conf.mode == "dhcp")
    #expect(conf.dns == ["1.1.1.1", "8.8.8.8"])
    #expect(conf.searchDomains == ["a", "b"])
    #expect(conf.problems == ["LABEL stands more than once: networkd takes the first"])
    let bond = try ManagementConf(parsing: Array("LABEL='bond0'\nBOND_MODE='lacp'\nBOND_MEMBERS='eth2,eth3'".utf8))
    #expect(bond.device == "eth2")
    #expect(bond.bondMembers == ["eth2", "eth3"])
  }

  @Test(arguments: [
    ("MODE='bootp'", "MODE is bootp, which counts as none"), ("DNS='1.1.1.1'", "DNS without DOMAIN"),
    ("VLAN='4095'", "VLAN is not within 0 to 4094"), ("MODE='dhcp'\r", "MODE in line 2 ends in a carriage return"),
    ("MODE='dhcp", "MODE in line 2 lacks a quote"), ("X='a=b'", "X in line 2 holds '='"),
    ("junk", "line 2 is not KEY="),
    ("MODE='none'", "MODE and MODEV6 are none"),
    ("MODE='static'\nIP='1.1.1.1'\nNETMASK='255.0.255.0'", "NETMASK has gaps"),
  ])
  func tellsWhatWillSurprise(line: String, problem: String) throws {
    let conf = try ManagementConf(parsing: Array("LABEL='eth0'\n\(line)\nMODE='dhcp'\n".utf8))
    #expect(conf.problems.contains { $0.hasPrefix(problem) }, "\(conf.problems)")
  }

  // MARK: pool.conf and network.conf

  @Test(arguments: [
    ("master", PoolConf.coordinator), ("master\n", .coordinator),
    (" slave:10.0.4.11 \n", .member(coordinator: "10.0.4.11")),
    ("slave: 10.0.4.11", .member(coordinator: "10.0.4.11")), ("slave:fd00::5", .member(coordinator: "fd00::5")),
    ("slave:xcp1.lab.example", .member(coordinator: "xcp1.lab.example")),
  ])
  func readsTheRole(text: String, role: PoolConf) throws {
    #expect(try PoolConf(parsing: Array(text.utf8)) == role)
    #expect(try PoolConf(parsing: try role.rendered()) == role)
  }

  @Test(arguments: [
    "", "broken", "Master", "slave", "slave:", "slave:10.0.4", "slave:10.0.4.11\nmaster", "slave:a b", "mast",
  ])
  func refusesARoleThatIsNone(text: String) {
    #expect { try PoolConf(parsing: Array(text.utf8)) } throws: { ($0 as? HostFileError)?.path == PoolConf.path }
  }

  @Test func writesTheRoleAsTheVendorDoes() throws {
    #expect(text(try PoolConf.member(coordinator: "fd00::5").rendered()) == "slave:fd00::5")
    #expect(text(try PoolConf.coordinator.rendered()) == "master")
    #expect(throws: SettingError.self) { try PoolConf.member(coordinator: "10.0.0.1\nmaster").rendered() }
  }

  @Test func readsTheBackend() throws {
    #expect(try NetworkConf(parsing: Array("vswitch\n".utf8)).backend == .openVSwitch)
    #expect(try NetworkConf(parsing: Array("bridge".utf8)).backend == .linuxBridge)
    #expect(throws: HostFileError.self) { try NetworkConf(parsing: Array("openvswitc".utf8)) }
  }

  // MARK: The trigger

  @Test(
    arguments: [
      ("network_reset = '/var/tmp/network-reset'\n", "8.2.1", "/var/tmp/network-reset"),
      ("network_reset = '/tmp/network-reset'\n", "8.3.0", "/tmp/network-reset"),
      ("nothing", "8.2.1", "/tmp/network-reset"), ("nothing", "8.3.0", "/var/tmp/network-reset"),
      (nil, "8.2.1", "/tmp/network-reset"), (nil, "7.6.0", "/tmp/network-reset"),
      (nil, "8.3.0", "/var/tmp/network-reset"),
      (nil, "25.6.0", "/var/tmp/network-reset"), (nil, nil, "/var/tmp/network-reset"),
      (nil, "rolling", "/var/tmp/network-reset"),
    ] as [(String?, String?, String)])
  func looksWhereThisHostsXAPILooks(program: String?, version: String?, path: String) throws {
    let host = try TemporaryHost()
    if let program { try host.write(program, ResetTrigger.program) }
    if let version { try host.write("PRODUCT_VERSION='\(version)'\n", Inventory.path) }
    #expect(ResetTrigger.path(on: host.system) == path)
    #expect(try ResetTrigger.pending(on: host.system) == nil)
    try host.write("DEVICE=eth1\nMODE=dhcp\n", path)
    #expect(try ResetTrigger.pending(on: host.system)?.device == "eth1")
  }

  @Test func readsAsXAPIDoes() throws {
    let trigger = try ResetTrigger(
      parsing: Array("DEVICE=eth0\nDEVICE=eth1\nMODE=bootp\nMODE_V6=x\nIP=a=b\njunk\n".utf8))
    #expect(trigger.device == "eth0")
    #expect(trigger["IP"] == nil)
    #expect(trigger.settings == ManagementSettings(device: "eth0", ipv4: .dhcp, ipv6: .dhcp))
    #expect(
      trigger.problems == [
        "line 6 is not KEY=value", "DEVICE stands more than once: XAPI takes the first",
        "IP in line 5 holds '=': XAPI drops the line",
      ])
  }

  @Test func aTriggerThatWasCutIsTold() throws {
    let whole = try ResetTrigger.rendered(Self.both)
    #expect(try ResetTrigger(parsing: Array(whole[..<6])).problems.first?.hasPrefix("DEVICE is missing") == true)
    let lacking = try ResetTrigger(parsing: Array("DEVICE=eth0\nMODE=static\nIP=10.0.0.1\n".utf8))
    #expect(lacking.problems == ["netmask: \"\" is not an IPv4 netmask"])
  }

  // MARK: Addresses and versions

  @Test(
    arguments: [
      ("255.255.255.0", 24), ("0.0.0.0", 0), ("255.255.255.255", 32), ("128.0.0.0", 1), ("255.0.255.0", nil),
      ("1.0.0.0", nil),
      ("0.0.0.255", nil), ("255.255.255", nil), ("255.255.255.0\0", nil),
    ] as [(String, Int?)])
  func knowsNetmasks(text: String, prefix: Int?) {
    #expect(AddressText.prefix(ofNetmask: text) == prefix)
    if let prefix { #expect(AddressText.netmask(ofPrefix: prefix) == text) }
  }

  @Test func comparesVersionsByNumber() throws {
    let version = try #require(ProductVersion("8.3"))
    #expect(try #require(ProductVersion("8.2.1")) < version)
    #expect(try #require(ProductVersion("8.10")) > version)
    #expect(try #require(ProductVersion("8.3.0")) == version)
    #expect(ProductVersion("8.x") == nil)
    #expect(ProductVersion("") == nil)
    let host = try TemporaryHost()
    try host.write("XCP-ng release 8.2.1 (xenenterprise)\n", "/etc/redhat-release")
    #expect(ProductVersion(of: host.system)?.description == "8.2.1")
  }
}
