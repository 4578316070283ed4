import Foundation
import Testing

@testable import Dom0

/// The readers of the kernel's state, told apart from what `ip` was told.
@Suite(.serialized, .enabled(if: RealParts.mayRun, RealParts.comment)) struct RealKernelTests {
  private func devices(_ network: RealNetwork) throws -> [String: NetworkDevice] {
    Dictionary(uniqueKeysWithValues: try NetworkDevice.all(on: network.system).map { ($0.name, $0) })
  }

  private func addresses(_ network: RealNetwork) async throws -> [String: IPDevice] {
    Dictionary(uniqueKeysWithValues: try await IPDevice.all(on: network.system).map { ($0.name, $0) })
  }

  @Test func linksAreAsTheyWereSet() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0", mac: "02:00:00:00:00:10")
    try await network.addNIC("eth1", peer: "port1")
    try await network.addNIC("eth2", peer: "port2")
    try await network.run("ip", "link", "set", "eth0", "mtu", "9000")
    // No cable for one, the other switched off.
    try await network.run("ip", "link", "set", "port1", "down")
    try await network.run("ip", "link", "set", "eth2", "down")
    let devices = try devices(network)
    #expect(Set(devices.keys) == ["lo", "eth0", "port0", "eth1", "port1", "eth2", "port2"])
    let (first, second, third) = (
      try #require(devices["eth0"]), try #require(devices["eth1"]), try #require(devices["eth2"])
    )
    #expect(first.mac == "02:00:00:00:00:10")
    #expect(first.mtu == 9000 && second.mtu == 1500)
    #expect(first.isUp && first.hasCarrier == true && first.isRunning)
    #expect(first.speed == 10_000 && first.duplex == .full)
    #expect(first.hardwareType == 1)
    #expect(first.operationalState == "up")
    #expect(second.isUp && second.hasCarrier == false && !second.isRunning)
    #expect(!third.isUp && third.hasCarrier == nil)
    // They are no hardware, however they are called.
    #expect(!first.isPhysical && first.hardware == nil)
    let told = try await addresses(network)
    for (name, device) in devices {
      #expect(told[name]?.isUp == device.isUp, "\(name)")
      #expect(told[name]?.isRunning == device.isRunning, "\(name)")
      #expect(told[name]?.mtu == device.mtu, "\(name)")
      #expect(told[name]?.index == device.index, "\(name)")
    }
    #expect(told["eth1"]?.flags.contains("NO-CARRIER") == true)
  }

  @Test func countersCount() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.run("ip", "addr", "add", "10.1.0.1/24", "dev", "eth0")
    let before = try #require(NetworkDevice.counters(of: "eth0", on: network.system))
    // Nobody answers; but the question is sent.
    _ = try? await network.run("ip", "neigh", "replace", "10.1.0.9", "lladdr", "02:00:00:00:00:99", "dev", "eth0")
    _ = try await network.system.tools.run(
      Command(["sh", "-c", "echo x | timeout 2 bash -c 'cat >/dev/udp/10.1.0.9/9'"]))
    let after = try #require(NetworkDevice.counters(of: "eth0", on: network.system))
    #expect(after.sentPackets > before.sentPackets)
    #expect(after.sentBytes > before.sentBytes)
  }

  @Test func bridgesOfTheKernelHaveTheirMembers() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.run("ip", "link", "add", "xenbr0", "type", "bridge")
    try await network.run("ip", "link", "set", "eth0", "master", "xenbr0")
    let devices = try devices(network)
    #expect(devices["xenbr0"]?.bridgePorts == ["eth0"])
    #expect(devices["eth0"]?.master == "xenbr0")
    #expect(devices["eth0"]?.bridgePorts == nil)
    #expect(try await addresses(network)["eth0"]?.master == "xenbr0")
  }

  @Test func addressesAreAsTheyWereGiven() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.run("ip", "addr", "add", "192.168.7.2/24", "broadcast", "+", "dev", "eth0")
    try await network.run(
      "ip", "addr", "add", "192.168.7.3/24", "dev", "eth0", "valid_lft", "600", "preferred_lft", "300")
    try await network.run("ip", "-6", "addr", "add", "fd00:7::2/64", "dev", "eth0", "nodad")
    let device = try #require(try await addresses(network)["eth0"])
    let four = device.addresses.filter { $0.family == .v4 }
    #expect(four.map(\.address) == ["192.168.7.2", "192.168.7.3"])
    #expect(four.map(\.prefixLength) == [24, 24])
    #expect(four[0].broadcast == "192.168.7.255")
    #expect(four.map(\.isDynamic) == [false, true])
    #expect(four[0].validFor == nil)
    #expect((1...600).contains(four[1].validFor ?? 0))
    let six = device.addresses.filter { $0.family == .v6 && $0.scope == "global" }
    #expect(six.map(\.address) == ["fd00:7::2"])
    #expect(six.map(\.prefixLength) == [64])
    #expect(device.addresses.contains { $0.scope == "link" && $0.address.hasPrefix("fe80:") })
  }

  @Test func anAddressThatSomebodyElseHasIsTold() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.run("ip", "-6", "addr", "add", "fd00:7::9/64", "dev", "port0", "nodad")
    try await network.run("ip", "-6", "addr", "add", "fd00:7::9/64", "dev", "eth0")
    func address() async throws -> IPAddress? {
      try await addresses(network)["eth0"]?.addresses.first { $0.address == "fd00:7::9" }
    }
    await waitUntil { (try? await address())?.isDuplicate == true }
    #expect(try await address()?.isDuplicate == true)
  }

  @Test func routesAreAsTheyWereAdded() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.addNIC("eth1", peer: "port1")
    try await network.run("ip", "addr", "add", "192.168.7.2/24", "dev", "eth0")
    try await network.run("ip", "addr", "add", "192.168.8.2/24", "dev", "eth1")
    try await network.run("ip", "-6", "addr", "add", "fd00:7::2/64", "dev", "eth0", "nodad")
    try await network.run("ip", "route", "add", "default", "via", "192.168.7.1", "metric", "50", "proto", "static")
    try await network.run("ip", "route", "add", "10.88.0.0/14", "via", "192.168.8.254")
    try await network.run("ip", "route", "add", "unreachable", "10.99.0.0/16")
    try await network.run(
      "ip", "route", "add", "10.77.0.0/16", "nexthop", "via", "192.168.7.1", "nexthop", "via", "192.168.8.1")
    try await network.run("ip", "-6", "route", "add", "default", "via", "fd00:7::1")
    let four = try await IPRoute.all(.v4, on: network.system)
    let standard = try #require(four.first { $0.isDefault })
    #expect(standard.gateway == "192.168.7.1" && standard.device == "eth0")
    #expect(standard.metric == 50 && standard.origin == "static")
    #expect(four.contains { $0.destination == "10.88.0.0/14" && $0.gateway == "192.168.8.254" && $0.device == "eth1" })
    #expect(four.contains { $0.destination == "10.99.0.0/16" && $0.kind == "unreachable" })
    #expect(four.first { $0.destination == "10.77.0.0/16" }?.nextHops.map(\.device) == ["eth0", "eth1"])
    let connected = try #require(four.first { $0.destination == "192.168.8.0/24" })
    #expect(connected.source == "192.168.8.2" && connected.origin == "kernel" && connected.scope == "link")
    let six = try await IPRoute.all(.v6, on: network.system)
    #expect(six.contains { $0.isDefault && $0.gateway == "fd00:7::1" && $0.device == "eth0" })
    #expect(six.contains { $0.destination == "fd00:7::/64" })
    // A cable that goes takes nothing away, but is told.
    try await network.run("ip", "link", "set", "port0", "down")
    let after = try await IPRoute.all(.v4, on: network.system)
    #expect(after.first { $0.isDefault }?.flags.contains("linkdown") == true)
  }

  @Test func neighboursAreAsTheyAreKnown() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.run("ip", "addr", "add", "192.168.7.2/24", "dev", "eth0")
    try await network.run(
      "ip", "neigh", "add", "192.168.7.1", "lladdr", "02:00:00:00:00:01", "nud", "stale", "dev", "eth0")
    try await network.run("ip", "neigh", "add", "192.168.7.9", "nud", "failed", "dev", "eth0")
    let neighbours = try await IPNeighbour.all(on: network.system)
    let known = try #require(neighbours.first { $0.address == "192.168.7.1" })
    #expect(
      known.mac == "02:00:00:00:00:01" && known.device == "eth0" && known.states == ["STALE"] && !known.isUnreachable)
    #expect(neighbours.first { $0.address == "192.168.7.9" }?.isUnreachable == true)
  }

  @Test func anEmptyNamespaceIsNoError() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    #expect(try devices(network).keys.sorted() == ["lo"])
    #expect(try await IPRoute.all(.v4, on: network.system).isEmpty)
    #expect(try await IPRoute.all(.v6, on: network.system).allSatisfy { !$0.isDefault })
    #expect(try await IPNeighbour.all(on: network.system).isEmpty)
  }

  // MARK: ethtool

  @Test func ethtoolIsReadAsItSpeaks() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    let system = network.system
    let link = try await EthtoolLink.read("eth0", on: system)
    #expect(link.speed == 10_000 && link.duplex == .full && link.negotiates == false && link.hasLink == true)
    #expect(link.port == "Twisted Pair")
    #expect(try await EthtoolDriver.read("eth0", on: system).driver == "veth")
    try await network.run("ethtool", "-K", "eth0", "tso", "off", "gro", "on")
    let features = try await EthtoolFeature.all("eth0", on: system)
    #expect(features.first { $0.name == "tcp-segmentation-offload" }?.isOn == false)
    #expect(features.first { $0.name == "generic-receive-offload" }?.isOn == true)
    #expect(features.first { $0.name == "loopback" }?.isFixed == true)
    #expect(try await EthtoolRow.statistics("eth0", on: system).contains { $0.name == "peer_ifindex" })
    #expect(try await PermanentAddress.read("eth0", on: system) == nil)
    try await network.run("ip", "link", "set", "port0", "down")
    let down = try await EthtoolLink.read("eth0", on: system)
    #expect(down.hasLink == false)
  }

  @Test func whatEthtoolRefusesIsSaidInItsWords() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    await #expect {
      _ = try await EthtoolRow.module("eth0", on: network.system)
    } throws: { error in
      guard case .refused(tool: "ethtool", exit: .code, message: let message) = error as? LiveFailure else {
        return false
      }
      return message.contains("not supported")
    }
    await #expect {
      _ = try await EthtoolLink.read("eth9", on: network.system)
    } throws: { error in
      guard case .refused(tool: "ethtool", exit: .code, message: let message) = error as? LiveFailure else {
        return false
      }
      return !message.isEmpty
    }
  }
}
