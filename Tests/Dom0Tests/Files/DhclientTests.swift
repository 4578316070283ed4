import Dom0
import Foundation
import Testing

@Suite struct DhclientTests {
  private func leases(_ text: String) throws -> DhclientLeases {
    try DhclientLeases(parsing: Array(text.utf8), path: "/leases")
  }

  @Test func theLastLeaseCounts() throws {
    let leases = try leases(SampleFiles.leases)
    #expect(leases.leases.count == 2)
    let lease = try #require(leases.latest)
    #expect(lease.interface == "xenbr0")
    #expect(lease.addresses == ["10.0.0.12"])
    #expect(lease.subnetMask == "255.255.255.0")
    #expect(lease.routers == ["10.0.0.1", "10.0.0.2"])
    #expect(lease.nameServers == ["10.0.0.3", "10.0.0.4"])
    #expect(lease.domainName == "lab.example; }")
    #expect(lease.server == "10.0.0.1")
    #expect(lease.renew == 1_715_940_000)
    #expect(lease.rebind == 1_715_976_930)
    #expect(lease.expire == 1_715_990_401)
  }

  @Test func readsIPv6() throws {
    let lease = try #require(try leases(SampleFiles.leases6).latest)
    #expect(lease.addresses == ["fd00::12"])
    #expect(lease.nameServers == ["fd00::3"])
    #expect(lease.searchDomains == ["lab.example."])
    #expect(lease.renew == 1_715_941_800)
    #expect(lease.rebind == 1_715_942_880)
    #expect(lease.expire == 1_715_943_600)
  }

  @Test(
    arguments: [
      ("1 1970/01/01 00:00:00", 0), ("4 2000/02/29 23:59:59", 951_868_799), ("5 2000/03/01 00:00:00", 951_868_800),
      ("0 2100/02/28 12:00:00", 4_107_499_200), ("1 2100/03/01 00:00:00", 4_107_542_400), ("never", nil),
      ("epoch 1715940000", 1_715_940_000), ("epoch 99999999999999999999", nil), ("1 2024/13/01 00:00:00", nil),
      ("1 2024/01/01", nil), ("1 99999999999999999999/01/01 00:00:00", nil), ("", nil),
    ] as [(String, Int64?)])
  func readsTimes(text: String, epoch: Int64?) throws {
    let lease = try leases("lease { expire \(text); }").latest
    #expect(lease != nil)
    #expect(lease?.expire == epoch)
  }

  @Test func aLeaseThatBreaksOffLeavesThoseBefore() throws {
    let whole = SampleFiles.leases
    let cut = try #require(whole.range(of: "option routers")).lowerBound
    let leases = try leases(String(whole[..<cut]))
    #expect(leases.latest?.addresses == ["10.0.0.9"])
    #expect(leases.problems == ["the lease in line 6 breaks off"])
    #expect(throws: HostFileError.malformed(path: "/leases", reason: "the lease in line 1 breaks off")) {
      try self.leases("lease { interface \"x\"")
    }
    #expect(try self.leases("# none\n").latest == nil)
  }

  @Test func deepNestingIsRefusedNotFollowed() throws {
    let text = String(repeating: "lease { ", count: 1) + String(repeating: "a { ", count: 50_000)
    #expect(throws: HostFileError.self) { try leases(text) }
    // Much of the same must not take ever longer.
    #expect(try leases(String(repeating: "lease{}\n", count: 20_000)).leases.count == 20_000)
  }

  @Test func pathsAreThoseOfNetworkd() {
    #expect(DhclientLeases.path(of: "xenbr0") == "/var/lib/xcp/dhclient-xenbr0.leases")
    #expect(DhclientLeases.path(of: "xenbr0", .ipv6) == "/var/lib/xcp/dhclient6-xenbr0.leases")
    #expect(DhclientProcess.pidPath(of: "xenbr0", .ipv6) == "/var/run/dhclient6-xenbr0.pid")
  }

  @Test func aPidFileWithoutItsProcessIsStale() throws {
    let host = try TemporaryHost()
    func process() throws -> DhclientProcess { try DhclientProcess(of: "xenbr0", on: host.system) }
    #expect(try process() == .none)
    let path = DhclientProcess.pidPath(of: "xenbr0")
    try host.write("4711\n", path)
    #expect(try process() == .stale(pid: 4711))
    try host.write("bash\n", "/proc/4711/comm")
    #expect(try process() == .stale(pid: 4711))
    try host.write("dhclient\n", "/proc/4711/comm")
    #expect(try process() == .running(pid: 4711))
    for wrong in ["", "x", "-1", "0", "99999999999", "12 13"] {
      try host.write(wrong, path)
      #expect(throws: HostFileError.self, "\(wrong)") { try process() }
    }
  }
}
