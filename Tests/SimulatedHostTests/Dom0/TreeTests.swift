import Foundation
import FoundationXML
import JSON
import Testing

@testable import SimulatedHost

@Suite struct TreeTests {
  @Test func theFilesSayWhatTheHostIs() async throws {
    try await Bench.with(.pool) { bench in
      #expect(bench.text(Bench.pool) == "master")
      #expect(bench.inventory("MANAGEMENT_INTERFACE") == "xapi1")
      #expect(bench.text("/etc/hostname") == "xcp1\n")
      #expect(bench.text("/etc/resolv.conf").contains("nameserver 10.0.4.2\n"))
      #expect(KeyFile(bench.text(Bench.management))["LABEL"] == "eth0")
      #expect(bench.text("/opt/xensource/bin/xe-reset-networking").contains("/var/tmp/network-reset"))
      #expect(bench.tree.exists("/run/xapi_init_complete.cookie"))
      #expect(bench.tree.exists("/var/run/xapi_startup.cookie"))
      #expect(bench.text("/var/lib/xcp/local.db").contains("key=\"ha.armed\" value=\"false\""))
      #expect(!bench.tree.exists("/etc/xensource/ptoken"))
    }
    try await Bench.with(.member) { bench in #expect(bench.text(Bench.pool) == "slave:10.0.4.11") }
  }

  @Test func networkdsFileHasBondsVLANsAndAddresses() async throws {
    try await Bench.with(.pool) { bench in
      let saved = try #require(NetworkdConfig(parsing: bench.tree.read(Bench.networkd) ?? []))
      let bridge = try #require(saved.bridges["xapi1"])
      #expect(bridge.ports["bond0"]?.interfaces == ["eth0", "eth1"])
      #expect(bridge.ports["bond0"]?.bondProperties["mode"] == "lacp")
      #expect(bridge.ports["bond0"]?.bondProperties["updelay"] == "31000")
      #expect(saved.interfaces["xapi1"]?.ipv4 == .fixed([.init(ip: "10.0.4.11", prefix: 24)]))
      #expect(saved.interfaces["xapi1"]?.ipv4Gateway == "10.0.4.1")
      #expect(saved.gatewayInterface == "xapi1")
      #expect(saved.bridges["xapi2"]?.vlan == .init(parent: "xapi1", tag: 10))
      #expect(saved.bridges["xapi2"]?.isPersistent == false)
      // The VLAN with an address comes back at boot, those without do not.
      let restored = saved.restoredAtBoot
      #expect(restored.bridges.values.compactMap(\.vlan).map(\.tag) == [90])
      #expect(restored.bridges["xapi1"] != nil)
    }
  }

  @Test func networkdsFileIsReadAsItIsWritten() throws {
    var config = NetworkdConfig(Scenario.pool.world())
    config.interfaces["xapi1"]?.routes = [.init(subnet: "10.88.0.0", prefix: 14, gateway: "10.0.4.254")]
    config.interfaces["xapi1"]?.ipv6 = .fixed([.init(ip: "fd00::11", prefix: 64)])
    #expect(NetworkdConfig(parsing: Array(config.text.utf8)) == config)
    // Older networkds wrote routes as arrays; a file that was cut is no configuration.
    let old = #"{"interface_config":{"b":{"ipv4_routes":[["10.0.0.1",24,"10.9.0.0"]]}},"bridge_config":{}}"#
    #expect(NetworkdConfig(parsing: Array(old.utf8))?.interfaces["b"]?.routes.first?.gateway == "10.0.0.1")
    #expect(NetworkdConfig(parsing: Array(config.text.utf8.dropLast(10))) == nil)
    #expect(NetworkdConfig(parsing: []) == nil)
  }

  /// Where networkd numbers the cards itself, their MACs are raw bytes in its file.
  @Test func cardsInNetworkdsFileMakeItLatin1() async throws {
    try await Bench.with(.standalone, layout: Dom0Layout(hasInterfaceRename: false)) { bench in
      let bytes = try #require(bench.tree.read(Bench.networkd))
      #expect(String(validating: bytes, as: UTF8.self) == nil)
      #expect(NetworkdConfig(parsing: bytes)?.bridges["xenbr0"] != nil)
      #expect(!bench.tree.exists(InterfaceRename.program))
    }
  }

  @Test func cablesAreSeenInSysfsAtOnce() async throws {
    try await Bench.with(.pool) { bench in
      #expect(bench.text("/sys/class/net/eth0/carrier") == "1\n")
      await bench.host.setCarrier(device: "eth0", up: false)
      #expect(bench.text("/sys/class/net/eth0/carrier") == "0\n")
      #expect(bench.text("/sys/class/net/eth0/operstate") == "down\n")
      #expect(bench.text("/sys/class/net/eth0/speed") == "-1\n")
      #expect(bench.text("/sys/class/net/xapi1/operstate") == "unknown\n")
      let link = try FileManager.default.destinationOfSymbolicLink(atPath: bench.root + "/sys/class/net/eth0/device")
      #expect(link.hasSuffix("/0000:19:00.0"))
      #expect(bench.text("/sys/class/net/eth0/device/vendor") == "0x14e4\n")
      #expect(bench.tree.exists("/sys/class/net/eth0/device/driver/module_name"))
    }
  }

  @Test func whatXAPIChangesIsInTheFiles() async throws {
    try await Bench.with(.standalone) { bench in
      await bench.host.change { world in
        guard let pif = world.managementPIF(of: world.thisHost) else { return }
        world.database.set("PIF", pif, "IP", "10.0.4.77")
      }
      #expect(bench.text(Bench.networkd).contains("10.0.4.77"))
      // What others wrote into the inventory stays when XAPI changes it.
      try bench.setInventory(["SOMEBODYS_KEY": "kept"])
      await bench.host.change { world in
        let other = PIFCalls.base(world, device: "eth1", host: world.thisHost) ?? ""
        world.database.set("PIF", other, "ip_configuration_mode", "DHCP")
        try? HostManagementCalls.move(&world, to: other)
      }
      #expect(bench.inventory("MANAGEMENT_INTERFACE") == "xenbr1")
      #expect(bench.inventory("SOMEBODYS_KEY") == "kept")
      #expect(bench.text("/run/dhclient-xenbr1.pid") == "2300\n")
      #expect(bench.tree.exists("/proc/2300/comm"))
      #expect(bench.text("/var/lib/xcp/dhclient-xenbr1.leases").contains("fixed-address 10.0.4.101;"))
    }
  }

  @Test func unpluggedBridgesLeaveSysfs() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(bench.tree.exists("/sys/class/net/xenbr1"))
      await bench.host.change { world in
        world.database.set(
          "PIF", PIFCalls.base(world, device: "eth1", host: world.thisHost) ?? "", "currently_attached", false)
      }
      #expect(!bench.tree.exists("/sys/class/net/xenbr1"))
      #expect(bench.tree.exists("/sys/class/net/eth1/address"))
      #expect(!bench.tree.exists("/sys/class/net/eth1/carrier"))
    }
  }

  /// A pool at its limits: the cards are there at once, hundreds of bridges soon.
  @Test func manyBridgesAreWrittenBesideTheWork() async throws {
    let host = SimulatedHost(world: LargeScenario.world(hosts: 2, vlans: 120))
    try await Bench.with(host) { bench in
      #expect(bench.text("/sys/class/net/eth7/address").count == 18)
      #expect(bench.tree.exists("/sys/class/net/xapi1/address"))
      await bench.host.setCarrier(device: "eth2", up: false)
      let devices = try #require(try await bench.json("ip", "-j", "link").array?.count)
      for _ in 0..<2000 where bench.tree.names(in: "/sys/class/net").count < devices {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(devices > 120 && bench.tree.names(in: "/sys/class/net").count == devices)
      #expect(bench.text("/sys/class/net/eth2/carrier") == "0\n")
    }
  }

  @Test func statisticsCarryTheirChecksum() async throws {
    #expect(MD5.hex([]) == "d41d8cd98f00b204e9800998ecf8427e")
    #expect(MD5.hex(Array("message digest".utf8)) == "f96b697d7cb7938d525a2f31aaf161d0")
    try await Bench.with(.pool) { bench in
      let bytes = try #require(bench.tree.read("/dev/shm/network_stats"))
      #expect(bytes.prefix(8).elementsEqual("xapistat".utf8))
      let payload = Array(bytes.dropFirst(48))
      #expect(String(decoding: bytes[8..<40], as: UTF8.self) == MD5.hex(payload))
      #expect(Int(String(decoding: bytes[40..<48], as: UTF8.self), radix: 16) == payload.count)
      #expect(try JSONValue(parsing: payload)["bond0"]?["nb_links"] == 2)
    }
  }

  /// Else a console that is open for a minute takes networkd for hung.
  @Test func statisticsAreWrittenAgainAndAgainWhileNetworkdRuns() async throws {
    try await Bench.with(.standalone) { bench in
      let path = bench.root + "/dev/shm/network_stats"
      let old = Date(timeIntervalSince1970: 1_000_000)
      func age() throws {
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
      }
      func modified() throws -> Date? { try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date }
      try age()
      #expect(try modified() == old)
      await bench.host.keepStatisticsFresh(every: .milliseconds(20))
      for _ in 0..<500 {
        if try modified() != old { break }
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(try modified() != old)
    }
  }

  @Test func theDatabaseIsOnDiskWhenXAPIHasStopped() async throws {
    try await Bench.with(.pool) { bench in
      _ = await bench.tool("systemctl", "stop", "xapi")
      let text = bench.text("/var/lib/xcp/state.db")
      #expect(text.contains("<table name=\"PIF\">"))
      #expect(text.contains("name__label=\"Büro%.Zürich\""))
      #expect(text.contains("device=\"bond0\""))
      #expect(!text.contains("<table name=\"session\">"))
      #expect(!bench.tree.exists("/run/xapi_init_complete.cookie"))
    }
    try await Bench.with(.emergency) { bench in
      #expect(bench.tree.exists("/var/lib/xcp/state-backup.xml"))
      #expect(bench.tree.exists("/run/xapi_startup.cookie"))
      #expect(!bench.tree.exists("/run/xapi_init_complete.cookie"))
    }
  }

  /// Names with all that XML, OCaml and XAPI must protect.
  @Test func awkwardNamesAreProtected() throws {
    var world = Scenario.standalone.world()
    let network = world.database.refs("network")[0]
    world.database.set("network", network, "name_label", "a  b%c\n<\"&'>")
    world.database.set("network", network, "tags", ["it's", "two words"])
    let text = String(decoding: DatabaseFile.bytes(world.database), as: UTF8.self)
    #expect(text.contains("name__label=\"a%.%.b%%c%n&lt;&quot;&amp;'&gt;\""))
    #expect(text.contains(#"tags="('it\'s'%.'two%.words')""#))
    let parser = XMLParser(data: Data(text.utf8))
    #expect(parser.parse())
  }
}
