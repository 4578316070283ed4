import Foundation
import JSON
import Testing

@testable import Dom0

/// What is read of NICs, beside what `ip` and `ethtool` say of the same at the same time.
@Suite(.serialized, .enabled(if: RealParts.mayRun, RealParts.comment)) struct RealNICTests {
  /// What the kernel counts, as `ip -s` tells it.
  private func told(_ network: RealNetwork) async throws -> (rx: UInt64, tx: UInt64, packets: UInt64) {
    let rows = try JSONValue(parsing: Array(try await network.run("ip", "-j", "-s", "link", "show", "dev", "eth0").utf8))
    let stats = try #require(rows.array?.first?["stats64"] ?? rows.array?.first?["stats"])
    func count(_ way: String, _ name: String) -> UInt64 { stats[way]?[name]?.int.map { UInt64($0) } ?? 0 }
    return (count("rx", "bytes"), count("tx", "bytes"), count("tx", "packets"))
  }

  @Test func countersAreThoseOfTheKernel() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.run("ip", "addr", "add", "10.1.0.1/24", "dev", "eth0")
    try await network.run("ip", "neigh", "replace", "10.1.0.9", "lladdr", "02:00:00:00:00:99", "dev", "eth0")
    let files = LinkFiles("eth0", on: network.system)
    let start = try #require(files.counters)
    // 200 datagrams of 1000 bytes and their heads.
    try await network.run(
      "bash", "-c", "line=$(printf 'x%.0s' $(seq 999)); for i in $(seq 200); do echo $line; done >/dev/udp/10.1.0.9/9")
    // The kernel may have something of its own to say meanwhile: ours lies between two words of ip's.
    let before = try await told(network)
    let ours = try #require(files.counters)
    let after = try await told(network)
    #expect(before.tx <= ours.sentBytes && ours.sentBytes <= after.tx)
    #expect(before.rx <= ours.receivedBytes && ours.receivedBytes <= after.rx)
    #expect(before.packets <= ours.sentPackets && ours.sentPackets <= after.packets)
    #expect(ours.sentPackets - start.sentPackets >= 200 && ours.sentBytes - start.sentBytes >= 200 * 1042)
    #expect(files.sentBytes ?? 0 >= ours.sentBytes)
  }

  @Test func theKernelCountsHowOftenALinkCameAndWent() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    let files = LinkFiles("eth0", on: network.system)
    let before = try #require(files.changes)
    #expect(files.isUp && files.hasCarrier == true && files.speed == 10_000 && files.duplex == .full)
    try await network.run("ip", "link", "set", "port0", "down")
    #expect(files.hasCarrier == false && files.changes == before + 1)
    try await network.run("ip", "link", "set", "port0", "up")
    #expect(files.hasCarrier == true && files.changes == before + 2)
    try await network.run("ip", "link", "set", "eth0", "down")
    #expect(!files.isUp && files.hasCarrier == nil)
  }

  @Test func ethtoolsOtherReportsAreReadOrRefused() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    let system = network.system
    let channels = try await EthtoolChannels.read("eth0", on: system)
    #expect(channels.current["RX"] == 1 && channels.current["TX"] == 1)
    for option in ["-a", "-m"] {
      await #expect {
        if option == "-a" { _ = try await EthtoolPause.read("eth0", on: system) } else { _ = try await EthtoolRow.module("eth0", on: system) }
      } throws: {
        guard case .refused(tool: "ethtool", exit: _, message: let message) = $0 as? LiveFailure else { return false }
        return message.contains("not supported") || message.contains("supported")
      }
    }
    // The offloads that people know by name are told by these names.
    let names = Set(try await EthtoolFeature.all("eth0", on: system).map(\.name))
    for name in [
      "rx-checksumming", "tx-checksumming", "scatter-gather", "tcp-segmentation-offload", "generic-segmentation-offload",
      "generic-receive-offload", "large-receive-offload", "rx-vlan-offload", "tx-vlan-offload", "receive-hashing", "ntuple-filters",
    ] { #expect(names.contains(name), "\(name)") }
  }

  @Test func aVirtualCableCannotBlink() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    let output = try await network.system.tools.run(Command(["ethtool", "-p", "eth0", "5"]))
    #expect(!output.succeeded && output.errorText.contains("not supported"))
  }
}
