import JSON
import Testing

@testable import SimulatedHost

@Suite struct ToolTests {
  @Test func ipTellsAddressesAndRoutes() async throws {
    try await Bench.with(.pool) { bench in
      let all = try await bench.json("ip", "-j", "addr", "show").array ?? []
      let bridge = try #require(all.first { $0["ifname"] == "xapi1" })
      #expect(bridge["addr_info"]?.array?.first?["local"] == "10.0.4.11")
      #expect(bridge["operstate"] == "UNKNOWN")
      let card = try #require(all.first { $0["ifname"] == "eth3" })
      #expect(card["master"] == "ovs-system")
      #expect(card["flags"]?.array?.contains("NO-CARRIER") == true)
      #expect(!all.contains { $0["ifname"] == "bond0" })
      // 4.19 leaves empty objects where it leaves devices out.
      let one = try await bench.json("ip", "-j", "addr", "show", "dev", "xapi1").array ?? []
      #expect(one.count == all.count && one.filter { $0 != [:] }.count == 1)
      let routes = try await bench.json("ip", "-j", "route").array ?? []
      #expect(routes.first?["dst"] == "default" && routes.first?["gateway"] == "10.0.4.1")
      #expect(try await bench.json("ip", "-6", "-j", "route").array?.contains { $0["dst"] == "fe80::/64" } == true)
      let neighbours = try await bench.json("ip", "-j", "neigh").array ?? []
      #expect(neighbours.first?["state"] == ["REACHABLE"])
      let wrong = try #require(await bench.tool("ip", "-j", "addr", "show", "dev", "eth9"))
      #expect(wrong.code == 1)
      #expect(String(decoding: wrong.errors, as: UTF8.self) == "Device \"eth9\" does not exist.\n")
    }
  }

  @Test func ethtoolTellsLinkAndDriver() async throws {
    try await Bench.with(.pool) { bench in
      let up = await bench.output("ethtool", "eth2")
      #expect(up.contains("\tSpeed: 25000Mb/s\n") && up.contains("\tLink detected: yes\n"))
      let down = await bench.output("ethtool", "eth3")
      #expect(down.contains("\tSpeed: Unknown!\n") && down.contains("\tLink detected: no\n"))
      #expect(await bench.output("ethtool", "-i", "eth0").contains("driver: tg3\n"))
      #expect(await bench.output("ethtool", "-k", "eth0").contains("large-receive-offload: off\n"))
      #expect(await bench.output("ethtool", "-P", "eth0").hasPrefix("Permanent address: b0:26:28:"))
      #expect(await bench.tool("ethtool", "eth9")?.code == 75)
    }
  }

  @Test func theSwitchTellsBridgesAndPorts() async throws {
    try await Bench.with(.pool) { bench in
      #expect(await bench.output("ovs-vsctl", "--timeout=5", "br-to-parent", "xapi2") == "xapi1\n")
      #expect(await bench.output("ovs-vsctl", "br-to-vlan", "xapi2") == "10\n")
      #expect(await bench.output("ovs-vsctl", "list-br", "--real").contains("xapi1\n"))
      let ports = try await bench.json("ovs-vsctl", "--timeout=5", "--format=json", "list", "port")
      let headings = (ports["headings"]?.array ?? []).compactMap(\.string)
      #expect(headings == headings.sorted())
      let name = try #require(headings.firstIndex(of: "name"))
      let mode = try #require(headings.firstIndex(of: "bond_mode"))
      let interfaces = try #require(headings.firstIndex(of: "interfaces"))
      let rows = (ports["data"]?.array ?? []).compactMap(\.array)
      let bond = try #require(rows.first { $0[name] == "bond0" })
      #expect(bond[mode] == "balance-tcp")
      #expect(bond[interfaces].array?.first == "set")
      let single = try #require(rows.first { $0[name] == "eth2" })
      #expect(single[interfaces].array?.first == "uuid")
      #expect(single[mode] == ["set", []])
      let interfaceTable = try await bench.json("ovs-vsctl", "--format=json", "list", "interface")
      let speeds = (interfaceTable["headings"]?.array ?? []).firstIndex(of: "link_speed") ?? 0
      #expect(interfaceTable["data"]?.array?.contains { $0.array?[speeds] == 25_000_000_000 } == true)
    }
  }

  @Test(arguments: [(true, "member eth0: enabled"), (false, "slave eth0: enabled")])
  func bondsAreToldInTheWordsOfTheirVersion(isNew: Bool, line: String) async throws {
    try await Bench.with(.pool, layout: Dom0Layout(speaksOfMembers: isNew)) { bench in
      let text = await bench.output("ovs-appctl", "bond/show", "bond0")
      #expect(text.contains(line) && text.contains("lacp_status: negotiated"))
      await bench.host.setWiring(Wiring(segments: [], hasLACP: false))
      // LACP spreads the machines that run here over the links.
      #expect(text.contains("hash ") && text.contains(": 12 kB load"))
      #expect(await bench.output("ovs-appctl", "bond/show").contains("lacp_status: configured"))
      #expect(await bench.output("ovs-appctl", "lacp/show").contains("eth0: defaulted detached"))
      #expect(await bench.tool("ovs-appctl", "bond/show", "bond9")?.code == 2)
    }
  }

  @Test func servicesStopAndStart() async throws {
    try await Bench.with(.standalone) { bench in
      let path = bench.root + "/var/lib/xcp/xapi"
      try await bench.host.start(socketPath: path)
      #expect(await bench.output("systemctl", "is-active", "xapi") == "active\n")
      #expect(await bench.tool("systemctl", "stop", "xapi")?.code == 0)
      #expect(
        await bench.tool("systemctl", "is-active", "xapi") == SimulatedTool(code: 3, output: Array("inactive\n".utf8)))
      #expect(!bench.tree.exists("/var/lib/xcp/xapi"))
      #expect(
        await bench.output("systemctl", "show", "-p", "ActiveState,SubState", "xapi")
          == "ActiveState=inactive\nSubState=dead\n")
      #expect(await bench.tool("systemctl", "start", "xapi")?.code == 0)
      #expect(bench.tree.exists("/var/lib/xcp/xapi"))
      #expect(await bench.tool("systemctl", "start", "nonsense")?.code == 5)
      #expect(await bench.output("systemctl", "is-active", "nonsense") == "unknown\n")
    }
  }

  /// Its handler of SIGTERM writes the file, even one that was removed behind its back.
  @Test func networkdSavesWhenItIsStopped() async throws {
    try await Bench.with(.standalone) { bench in
      bench.tree.remove(Bench.networkd)
      _ = await bench.tool("systemctl", "stop", "xcp-networkd")
      #expect(bench.text(Bench.networkd).contains("xenbr0"))
      bench.tree.remove(Bench.networkd)
      await bench.host.setCarrier(device: "eth1", up: false)
      #expect(!bench.tree.exists(Bench.networkd))
    }
  }

  @Test func toolsMisbehaveWhenAsked() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(await bench.tool("nosuchtool") == nil)
      await bench.host.setTool("ethtool", .missing)
      #expect(await bench.tool("/usr/sbin/ethtool", "eth0") == nil)
      await bench.host.setTool("systemctl stop xapi", .fail(code: 1, errors: "no"))
      #expect(await bench.tool("systemctl", "stop", "xapi")?.code == 1)
      #expect(await bench.output("systemctl", "is-active", "xapi") == "active\n")
      #expect(await bench.tool("systemctl", "stop", "xcp-networkd")?.code == 0)
      await bench.host.setTool("ip", .hang)
      let hung = Task { await bench.host.runTool(["ip", "addr"]) }
      hung.cancel()
      #expect(await hung.value?.code == 143)
      await bench.host.setTool("ip", nil)
      #expect(await bench.tool("ip", "addr")?.code == 0)
    }
  }

  @Test func whoAnswersDependsOnTheCables() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(await bench.tool("ping", "-c1", "-W2", "10.0.4.1")?.code == 0)
      #expect(await bench.tool("ping", "-c", "1", "10.0.4.200")?.code == 1)
      await bench.host.setCarrier(device: "eth0", up: false)
      #expect(await bench.tool("ping", "-c1", "-W2", "10.0.4.1")?.code == 1)
      #expect(await bench.output("chronyc", "-c", "sources").hasPrefix("^,?,"))
    }
  }

  @Test func toolsAreSteeredFromOutside() async throws {
    try await Bench.with(.standalone) { bench in
      let head = try #require(HTTPHead("POST /simulate HTTP/1.1\r\nContent-Length: 1".utf8))
      func wish(_ text: String) async -> Int { await bench.host.respond(head, Array(text.utf8)).status }
      #expect(await wish(#"{"tool": {"name": "ip", "fault": "missing"}}"#) == 200)
      #expect(await bench.tool("ip", "addr") == nil)
      #expect(await wish(#"{"tool": {"name": "ip", "fault": null}}"#) == 200)
      #expect(await bench.tool("ip", "addr") != nil)
      #expect(await wish(#"{"tool": {"name": "ip", "fault": "odd"}}"#) == 400)
      #expect(await wish(#"{"unit": {"name": "xapi", "state": "failed"}}"#) == 200)
      #expect(await bench.output("systemctl", "is-active", "xapi") == "failed\n")
      #expect(await bench.tool("systemctl", "start", "xapi")?.code == 1)
    }
  }
}
