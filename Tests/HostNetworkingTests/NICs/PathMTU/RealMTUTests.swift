import Dom0
import Testing
import XenAPI

@testable import HostNetworking

/// Packet sizes on real networks: cables, switches and routers in namespaces, nothing faked.
@Suite(.serialized, .enabled(if: LabParts.mayRun, LabParts.comment)) struct RealMTUTests {
  private func check(_ lab: GatewayLab, _ address: String, size: Int? = nil) async throws -> MTUCheckReport {
    let request = MTUCheckRequest(try DoctorTarget(address, port: "").place, size: size)
    return await MTUCheck(request, lab.system, client: nil, probes: lab.probes).run()
  }

  /// Jumbo frames on all that lies between host and neighbour.
  private func jumbo(_ lab: GatewayLab, but narrow: (place: String, device: String)? = nil) async throws {
    for (place, device) in [("host", "eth0"), ("switch", "p0"), ("switch", "p1"), ("switch", "p2"), ("peer", "nic"), ("gate", "lan")] {
      try await lab.inside(place, "ip", "link", "set", device, "mtu", narrow.map { $0 == (place, device) } == true ? "1500" : "9000")
    }
    try await lab.run("ip", "link", "set", "xenbr0", "mtu", "9000")
  }

  @Test func plainAndJumboPathsFit() async throws {
    try await GatewayLab.with { lab in
      for text in ["10.0.4.30", "fd00:4::30", "10.9.0.2"] {
        let found = try await check(lab, text)
        #expect(found.verdict == .fits(1500), "\(text)")
        #expect(found.way?.device == "xenbr0" && found.way?.interface == "eth0")
      }
      // Longer than this host sends: the kernel says so.
      #expect(try await check(lab, "10.0.4.30", size: 9000).verdict == .ownLimit(1500))
      try await jumbo(lab)
      for text in ["10.0.4.30", "fd00:4::30"] { #expect(try await check(lab, text).verdict == .fits(9000), "\(text)") }
      // The router's other side takes no jumbo frames, and it says so.
      for (text, gate) in [("10.9.0.2", "10.0.4."), ("fd00:9::2", "fd00:4::")] {
        guard case .limited(1500, let by) = try await check(lab, text).verdict else {
          Issue.record("\(text) is not limited")
          continue
        }
        #expect("\(by)".hasPrefix(gate))
      }
    }
  }

  /// The port of the neighbour on the switch was forgotten: nobody says a word.
  @Test func aSwitchPortWithoutJumboFramesIsABlackHole() async throws {
    try await GatewayLab.with { lab in
      try await jumbo(lab, but: ("switch", "p2"))
      for text in ["10.0.4.30", "fd00:4::30"] {
        let found = try await check(lab, text)
        #expect(found.verdict == .blackHole(passes: 1500, lost: 1504), "\(text): \(found.tries)")
      }
      #expect(try await check(lab, "10.0.4.1").verdict == .fits(9000))
      #expect(try await check(lab, "10.0.4.99").verdict == .silent(isThere: false))
      // A machine that drops pings answers on the link all the same.
      try await lab.inside("peer", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")
      #expect(try await check(lab, "10.0.4.30").verdict == .silent(isThere: true))
    }
  }
}
