import JSON
import Testing

@testable import SimulatedHost

/// Who answers after a change, right or wrong.
@Suite struct ReachTests {
  private func pings(_ bench: Bench, _ words: String...) async -> Int32? {
    await bench.host.runTool(["ping", "-n", "-c", "1", "-W", "2"] + words)?.code
  }

  @Test func aWrongGatewayIsSilent() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(await pings(bench, "10.0.4.1") == 0)
      #expect(await pings(bench, "1.1.1.1") == 0)
      let pif = await bench.pif("eth0")
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.11", "255.255.255.0", "10.0.4.254", "10.0.4.2")
      // The network is still there, what is behind its router is not.
      #expect(await pings(bench, "10.0.4.254") == 1)
      #expect(await pings(bench, "10.0.4.2") == 0)
      #expect(await pings(bench, "1.1.1.1") == 1)
      let neighbours = try await bench.json("ip", "-j", "neigh").array ?? []
      #expect(neighbours.contains { $0["dst"] == "10.0.4.254" && $0["state"] == ["FAILED"] && $0["lladdr"] == nil })
      #expect(await bench.tool("arping", "-c", "1", "-I", "xenbr0", "10.0.4.254")?.code == 1)
      // Somebody who is there and passes nothing on is no router.
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.11", "255.255.255.0", "10.0.4.2", "10.0.4.2")
      #expect(await pings(bench, "10.0.4.2") == 0)
      #expect(await pings(bench, "1.1.1.1") == 1)
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.11", "255.255.255.0", "10.0.4.1", "10.0.4.2")
      #expect(await pings(bench, "1.1.1.1") == 0)
      try await bench.wish(["connected": false])
      #expect(await pings(bench, "1.1.1.1") == 1)
      #expect(await pings(bench, "10.0.4.1") == 0)
    }
  }

  /// An address of another network than the one that the cable leads to.
  @Test func aWrongAddressIsSilent() async throws {
    try await Bench.with(.standalone) { bench in
      let pif = await bench.pif("eth0")
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "192.168.7.11", "255.255.255.0", "192.168.7.1", "")
      #expect(await pings(bench, "192.168.7.1") == 1)
      #expect(await pings(bench, "10.0.4.1") == 1)
      #expect(await pings(bench, "192.168.7.11") == 0, "its own")
    }
  }

  @Test func aWrongVLANIsSilent() async throws {
    try await Bench.with(.pool) { bench in
      let network = try await bench.call("network.create", ["name_label": "Wrong", "other_config": [:]])
      let vlan = try await bench.call("VLAN.create", await bench.pif("bond0"), 777, network)
      let pif = try await bench.call("VLAN.get_untagged_PIF", vlan)
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.77", "255.255.255.0", "10.0.4.1", "10.0.4.2")
      let bridge = try #require(try await bench.call("network.get_bridge", network).string)
      #expect(await bench.tool("arping", "-c", "1", "-I", bridge, "10.0.4.1")?.code == 1)
      #expect(await pings(bench, "-I", bridge, "10.0.4.1") == 1)
      #expect(await pings(bench, "-I", "xapi1", "10.0.4.1") == 0)
      // On the VLAN's own network all is well.
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.103.9.7", "255.255.255.0", "10.103.9.1", "")
      #expect(await bench.tool("arping", "-c", "1", "-I", bridge, "10.103.9.1")?.code == 0)
      // Storage and backup networks are where their addresses say, with the pool's other hosts on them.
      #expect(await pings(bench, "10.0.20.12") == 0)
      #expect(await pings(bench, "10.0.90.13") == 0)
      #expect(await pings(bench, "10.0.90.200") == 1)
      try await bench.wish(["peer": ["name": "xcp3", "up": false]])
      #expect(await pings(bench, "10.0.90.13") == 1)
    }
  }

  @Test func duplicates() async throws {
    try await Bench.with(.standalone) { bench in
      let free = try #require(await bench.tool("arping", "-D", "-c", "2", "-w", "3", "-I", "xenbr0", "10.0.4.50"))
      #expect(free.code == 0)
      try await bench.wish(["occupied": ["10.0.4.50"]])
      let taken = try #require(await bench.tool("arping", "-D", "-c", "2", "-w", "3", "-I", "xenbr0", "10.0.4.50"))
      #expect(taken.code == 1)
      #expect(String(decoding: taken.output, as: UTF8.self).contains("Unicast reply from 10.0.4.50 [02:66:"))
      #expect(await pings(bench, "10.0.4.50") == 0)
      // This host's own address is not another's.
      #expect(await bench.tool("arping", "-D", "-c", "1", "-I", "xenbr0", "10.0.4.11")?.code == 0)
      // Before a bridge has an address, and without a cable.
      #expect(await bench.tool("arping", "-D", "-c", "1", "-I", "xenbr1", "10.0.4.50")?.code == 1)
      await bench.host.setCarrier(device: "eth1", up: false)
      #expect(await bench.tool("arping", "-D", "-c", "1", "-I", "xenbr1", "10.0.4.50")?.code == 0)
      #expect(await bench.tool("arping", "-D", "-I", "xenbr9", "10.0.4.50")?.code == 2)
    }
  }

  /// Duplicate address detection (RFC 4862) marks an address that somebody else has.
  @Test func duplicatesOfIPv6() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.wish(["occupied": ["2001:db8:4::50"]])
      try await bench.call("PIF.reconfigure_ipv6", await bench.pif("eth0"), "Static", "2001:db8:4::50/64", "fe80::1", "")
      let links = try await bench.json("ip", "-6", "-j", "addr", "show", "dev", "xenbr0").array ?? []
      let address = links.compactMap { $0["addr_info"]?.array }.joined().first { $0["local"] == "2001:db8:4::50" }
      #expect(address?["dadfailed"] == true)
    }
  }

  @Test func nameServers() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(await bench.output("getent", "hosts", "www.kernel.org").hasPrefix("203.0.113."))
      #expect(await bench.tool("getent", "hosts", "host.invalid")?.code == 2)
      #expect(await pings(bench, "www.kernel.org") == 0)
      try await bench.wish(["dns": ["10.0.4.2": false]])
      #expect(await pings(bench, "10.0.4.2") == 0)
      #expect(await bench.tool("dig", "@10.0.4.2", "www.kernel.org", "+short")?.code == 9)
      #expect(await bench.tool("getent", "hosts", "www.kernel.org")?.code == 0, "the second one answers")
      try await bench.wish(["dns": ["10.0.4.3": false]])
      #expect(await bench.tool("getent", "hosts", "www.kernel.org")?.code == 2)
      #expect(await pings(bench, "www.kernel.org") == 2)
      try await bench.wish(["dns": ["10.0.4.3": true]])
      #expect(await bench.output("dig", "@10.0.4.3", "www.kernel.org", "+short").hasPrefix("203.0.113."))
      let pif = await bench.pif("eth0")
      try await bench.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.11", "255.255.255.0", "10.0.4.1", "10.0.4.77")
      #expect(bench.text("/etc/resolv.conf") == "nameserver 10.0.4.77\n")
      #expect(await bench.tool("getent", "hosts", "www.kernel.org")?.code == 2)
    }
  }

  @Test func whatIsSwitchedOff() async throws {
    try await Bench.with(.member) { bench in
      try await bench.wish(["gone": ["10.0.4.1", "10.0.4.2"]])
      #expect(await pings(bench, "10.0.4.1") == 1)
      #expect(await pings(bench, "1.1.1.1") == 1)
      #expect(await pings(bench, "10.0.4.2") == 1)
      #expect(await pings(bench, "10.0.4.3") == 0)
      #expect(await pings(bench, "10.0.4.11") == 0, "the coordinator is on the link")
      #expect(await bench.output("chronyc", "-c", "sources").hasPrefix("^,?,"))
      try await bench.wish(["gone": []])
      #expect(await pings(bench, "1.1.1.1") == 0)
    }
  }

  @Test func searchDomainsReachTheResolver() async throws {
    try await Bench.with(.standalone) { bench in
      let pif = await bench.pif("eth0")
      try await bench.call("PIF.add_to_other_config", pif, "domain", "lab.example,example.org")
      #expect(!bench.text("/etc/resolv.conf").contains("example.org"), "at the next plug only")
      try await bench.call("PIF.plug", pif)
      #expect(bench.text("/etc/resolv.conf").hasPrefix("search lab.example example.org\n"))
    }
  }

  @Test func ipv6() async throws {
    try await Bench.with(.standalone) { bench in
      #expect(await pings(bench, "-6", "2606:4700:4700::1111") == 2, "no route")
      let pif = await bench.pif("eth0")
      try await bench.call("PIF.reconfigure_ipv6", pif, "Static", "2001:db8:4::11/64", "2001:db8:4::1", "")
      #expect(await pings(bench, "-6", "2001:db8:4::1") == 0)
      #expect(await bench.tool("ping6", "-c", "1", "2606:4700:4700::1111")?.code == 0)
      let known = try await bench.json("ip", "-6", "-j", "neigh").array ?? []
      #expect(known.contains { $0["dst"] == "2001:db8:4::1" && $0["state"] == ["REACHABLE"] })
      #expect(await pings(bench, "-6", "fe80::1%xenbr0") == 0)
      try await bench.call("PIF.reconfigure_ipv6", pif, "Static", "2001:db8:4::11/64", "2001:db8:4::fe", "")
      #expect(await pings(bench, "-6", "2001:db8:4::fe") == 1)
      #expect(await pings(bench, "-6", "2606:4700:4700::1111") == 1)
      try await bench.call("PIF.reconfigure_ipv6", pif, "Static", "fd00:77::11/64", "fd00:77::1", "")
      #expect(await pings(bench, "-6", "fd00:77::1") == 1, "nobody has that prefix here")
    }
  }

  @Test func ownXAPIAndThePool() async throws {
    try await Bench.with(.pool) { bench in
      try await bench.host.start(socketPath: bench.root + "/var/lib/xcp/xapi")
      let own = ["curl", "-sk", "-m5", "-o", "/dev/null", "-w", "%{http_code}", "https://10.0.4.11/"]
      #expect(await bench.host.runTool(own)?.output == Array("200".utf8))
      #expect(await bench.tool("curl", "-sk", "https://10.0.4.12/")?.code == 0)
      #expect(await bench.tool("curl", "-sk", "https://10.0.4.200/")?.code == 28)
      _ = await bench.tool("systemctl", "stop", "xapi")
      #expect(await bench.host.runTool(own)?.code == 7)
    }
  }

  @Test func theMTUOfTheWayOut() async throws {
    try await Bench.with(.pool) { bench in
      #expect(await pings(bench, "-M", "do", "-s", "1472", "10.0.4.1") == 0)
      let long = try #require(await bench.tool("ping", "-c", "1", "-M", "do", "-s", "8972", "10.0.4.1"))
      #expect(long.code == 1 && String(decoding: long.errors, as: UTF8.self).contains("Message too long, mtu=1500"))
      #expect(await pings(bench, "-M", "do", "-s", "8972", "10.0.20.12") == 0)
    }
  }

  /// A switch loses what is too long; a router says so, or cuts what may be cut.
  @Test func pathsHaveALengthOfTheirOwn() async throws {
    try await Bench.with(.pool) { bench in
      // The switch port of the third host was never set to jumbo frames.
      #expect(await pings(bench, "-s", "8972", "-M", "do", "10.0.20.12") == 0)
      #expect(await pings(bench, "-s", "1472", "-M", "do", "10.0.20.13") == 0)
      #expect(await pings(bench, "-s", "1473", "-M", "do", "10.0.20.13") == 1)
      #expect(await pings(bench, "-s", "8000", "10.0.20.13") == 1)
      #expect(await pings(bench, "-s", "8973", "-M", "do", "10.0.20.12") == 1)
      try await bench.wish(["path_mtu": ["1.1.1.1": ["most": 1400, "by": "10.0.4.1"], "10.0.20.13": .null]])
      let told = await bench.output("ping", "-c", "1", "-s", "1400", "-M", "do", "1.1.1.1")
      #expect(told.contains("From 10.0.4.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)"))
      #expect(await pings(bench, "-s", "1400", "1.1.1.1") == 0)
      #expect(await pings(bench, "-s", "8972", "-M", "do", "10.0.20.13") == 0)
      // What leaves through a card with a narrow switch behind it.
      try await bench.wish(["path_mtu": ["eth2": 1500]])
      #expect(await pings(bench, "-s", "8972", "-M", "do", "10.0.20.12") == 1)
    }
  }
}
