import Foundation
import Testing

@testable import SimulatedHost

@Suite struct NICToolTests {
  @Test func reportsAreInTheToolsOwnText() async throws {
    try await Bench.with(.manyNICs) { bench in
      #expect(await bench.output("ethtool", "-S", "eth1").contains("     rx_crc_errors: 17\n"))
      #expect(await bench.output("ethtool", "-g", "eth6").hasPrefix("Ring parameters for eth6:\nPre-set maximums:\nRX:\t\t8192\n"))
      #expect(await bench.output("ethtool", "-l", "eth0").contains("Combined:\t4\n"))
      #expect(await bench.output("ethtool", "-a", "eth0").hasPrefix("Pause parameters for eth0:\nAutonegotiate:\ton\n"))
      #expect(await bench.output("ethtool", "-m", "eth6").contains("\tVendor name                               : FINISAR CORP.\n"))
      for (option, words) in [("-m", "Operation not supported"), ("-S", "no stats"), ("-l", "not supported")] {
        let device = option == "-m" ? "eth0" : "xenbr0"
        let refused = try #require(await bench.tool("ethtool", option, device))
        #expect(refused.code != 0 && String(decoding: refused.errors, as: UTF8.self).contains(words))
      }
      #expect(await bench.tool("ethtool", "-g", "eth77")?.code == 76)
    }
  }

  @Test func theSwitchTellsOfSomePorts() async throws {
    try await Bench.with(.pool) { bench in
      #expect(await bench.output("lldptool", "-t", "-n", "-i", "eth0").contains("Port ID TLV\n\tIfname: "))
      // One port's switch says nothing, one has no link.
      #expect(await bench.tool("lldptool", "-t", "-n", "-i", "eth2") == SimulatedTool())
      #expect(await bench.tool("lldptool", "-t", "-n", "-i", "eth3")?.code == 4)
      _ = await bench.tool("systemctl", "stop", "lldpad")
      let refused = try #require(await bench.tool("lldptool", "-t", "-n", "-i", "eth0"))
      #expect(refused.code == 255 && String(decoding: refused.errors, as: UTF8.self).contains("Connection refused"))
    }
  }

  @Test func oneLightBlinksAtATimeAndStopsWhenItsToolIsKilled() async throws {
    try await Bench.with(.standalone) { bench in
      let blinking = Task { await bench.tool("ethtool", "-p", "eth0") }
      try await bench.waits { await bench.host.dom0.blinking == "eth0" }
      let busy = try #require(await bench.tool("ethtool", "-p", "eth1", "5"))
      #expect(String(decoding: busy.errors, as: UTF8.self) == "Cannot identify NIC: Device or resource busy\n")
      blinking.cancel()
      _ = await blinking.value
      #expect(await bench.host.isDark)
      #expect(await bench.tool("ethtool", "-p", "eth1", "1") == SimulatedTool())
    }
  }

  /// Whoever runs a command over the socket and goes away has killed it.
  @Test func aToolWhoseCallerGoesIsKilled() async throws {
    try await Bench.with(.standalone) { bench in
      let path = bench.root + "/tools"
      try await bench.host.startTools(socketPath: path)
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      let isThere = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
      }
      #expect(isThere == 0)
      let body = #"{"argv": ["ethtool", "-p", "eth0", "600"]}"#
      let request = "POST /tool HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      #expect(write(descriptor, request, request.utf8.count) == request.utf8.count)
      try await bench.waits("the light") { await bench.host.dom0.blinking == "eth0" }
      close(descriptor)
      try await bench.waits("its end") { await bench.host.isDark }
    }
  }

  // MARK: Counters

  private func count(_ name: String, _ device: String, _ bench: Bench) -> UInt64 {
    UInt64(bench.text("/sys/class/net/\(device)/statistics/\(name)").filter(\.isNumber)) ?? 0
  }

  @Test func countersMoveInProportionToLinkAndUse() async throws {
    try await Bench.with(.standalone) { bench in
      let devices = ["eth0", "eth1", "eth3"]
      var before: [String: UInt64] = [:]
      for device in devices { before[device] = count("rx_bytes", device, bench) }
      // The first look sets the clock going.
      try await bench.waits("traffic") { count("rx_bytes", "eth0", bench) > before["eth0"] ?? 0 }
      try await Task.sleep(for: .milliseconds(300))
      for device in devices { _ = count("rx_bytes", device, bench) }
      try await Task.sleep(for: .milliseconds(100))
      func grown(_ device: String) -> UInt64 { count("rx_bytes", device, bench) - (before[device] ?? 0) }
      #expect(grown("eth0") > grown("eth1") && grown("eth1") > 0, "two guests and management, one guest")
      #expect(grown("eth3") == 0, "no link")
    }
  }

  @Test func errorsComeWhenTheyAreAskedFor() async throws {
    try await Bench.with(.standalone) { bench in
      try await bench.wish(["errors": ["device": "eth1", "rate": 1000]])
      try await bench.waits("errors") { count("rx_errors", "eth1", bench) > 0 }
      #expect(count("rx_errors", "eth0", bench) == 0)
    }
  }

  @Test func theKernelCountsHowOftenALinkCameAndWent() async throws {
    try await Bench.with(.standalone) { bench in
      let path = "/sys/class/net/eth1/carrier_changes"
      #expect(bench.text(path) == "1\n")
      let bytes = count("rx_bytes", "eth1", bench)
      await bench.host.setCarrier(device: "eth1", up: false)
      await bench.host.setCarrier(device: "eth1", up: false)
      #expect(bench.text(path) == "2\n")
      #expect(count("rx_bytes", "eth1", bench) >= bytes, "counters stay when a cable is pulled")
      await bench.host.setCarrier(device: "eth1", up: true)
      #expect(bench.text(path) == "3\n")
    }
  }

  @Test func theHostOfManyCardsHasThem() async throws {
    try await Bench.with(.manyNICs) { bench in
      let names = bench.tree.names(in: "/sys/class/net").filter { $0.hasPrefix("eth") || $0.hasPrefix("side-") }
      #expect(names.count == 16)
      let pifs = try await bench.call("PIF.get_all_records")
      #expect(pifs.object?.count == 14)
      let places = names.compactMap { name in
        try? FileManager.default.destinationOfSymbolicLink(atPath: "\(bench.root)/sys/class/net/\(name)/device")
      }
      #expect(Set(places).count == 16, "each has a place of its own")
    }
  }
}
