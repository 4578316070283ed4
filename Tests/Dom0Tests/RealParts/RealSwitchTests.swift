import Foundation
import Testing

@testable import Dom0

/// The readers of Open vSwitch against a real one, whose packets go through real cables.
@Suite(.serialized, .enabled(if: RealParts.mayRun, RealParts.comment)) struct RealSwitchTests {
  /// A bridge whose packets the daemon moves.
  private func addBridge(_ name: String, in network: RealNetwork) async throws {
    try await network.run(
      "ovs-vsctl", "--timeout=20", "add-br", name, "--", "set", "bridge", name, "datapath_type=netdev")
  }

  private func addBond(
    _ bridge: String, _ name: String, _ members: [String], _ settings: String..., in network: RealNetwork
  )
    async throws
  {
    let output = try await network.system.tools.run(
      Command(
        ["ovs-vsctl", "--timeout=20", "add-bond", bridge, name] + members + ["--", "set", "port", name] + settings,
        timeLimit: .seconds(30)))
    #expect(output.succeeded, "\(output.errorText)")
  }

  /// Two NICs in a bond with LACP, and two bridges at the other ends of their cables, as switches.
  private func withLACP(_ body: (RealNetwork) async throws -> Void) async throws {
    let network = try await RealNetwork(withSwitch: true)
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.addNIC("eth1", peer: "port1")
    try await addBridge("xapi1", in: network)
    try await addBond(
      "xapi1", "bond0", ["eth0", "eth1"], "lacp=active", "bond_mode=balance-tcp", "bond_updelay=0",
      "bond_downdelay=200",
      "other-config:lacp-time=fast", in: network)
    try await addBridge("switch1", in: network)
    try await body(network)
  }

  private func lacp(_ network: RealNetwork) async throws -> SwitchLACP {
    try #require(try await SwitchLACP.all(on: network.system).first { $0.name == "bond0" })
  }

  private func bond(_ network: RealNetwork) async throws -> SwitchBond {
    try #require(try await SwitchBond.all(on: network.system).first { $0.name == "bond0" })
  }

  private func expect(_ diagnosis: SwitchLACP.Diagnosis, down: Set<String> = [], in network: RealNetwork) async throws {
    await waitUntil { (try? await lacp(network))?.diagnosis(withoutLink: down) == diagnosis }
    let found = try await lacp(network)
    #expect(found.diagnosis(withoutLink: down) == diagnosis, "\(found)")
  }

  @Test func bridgesVLANsAndTunnelsAreAsTheyWereMade() async throws {
    let network = try await RealNetwork(withSwitch: true)
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0", mac: "02:00:00:00:00:10")
    try await addBridge("xenbr0", in: network)
    try await network.run("ovs-vsctl", "--timeout=20", "add-port", "xenbr0", "eth0")
    try await network.run("ovs-vsctl", "br-set-external-id", "xenbr0", "xs-network-uuids", "net-a;net-b")
    try await network.run("ovs-vsctl", "--timeout=20", "add-br", "xapi2", "xenbr0", "42")
    try await network.run("ovs-vsctl", "br-set-external-id", "xapi2", "xs-network-uuids", "net-v")
    try await network.run(
      "ovs-vsctl", "--timeout=20", "add-port", "xenbr0", "tunnel1", "--", "set", "interface", "tunnel1", "type=vxlan",
      "options:remote_ip=192.0.2.1", "options:key=11")
    try await network.run("ovs-vsctl", "--no-wait", "add-port", "xenbr0", "eth9")
    await waitUntil {
      let interfaces = (try? await OpenVSwitch.read(from: network.system))?.bridges.flatMap(\.ports).flatMap(
        \.interfaces)
      return interfaces?.first { $0.name == "eth9" }?.error != nil
    }
    let ovs = try await OpenVSwitch.read(from: network.system)
    #expect(ovs.bridges.map(\.name) == ["xenbr0"])
    #expect(ovs.bridges.first?.datapath == "netdev")
    #expect(ovs.bridges.first?.networkUUIDs == ["net-a", "net-b"])
    #expect(ovs.bridges.first?.hasController == false)
    #expect(ovs.fakeBridges == [.init(name: "xapi2", parent: "xenbr0", tag: 42, networkUUIDs: ["net-v"])])
    #expect(ovs.bonds.isEmpty)
    let ports = try #require(ovs.bridges.first?.ports)
    #expect(ports.map(\.name) == ["eth0", "eth9", "tunnel1", "xapi2", "xenbr0"])
    let nic = try #require(ports.first { $0.name == "eth0" }?.interfaces.first)
    #expect(nic.mac == "02:00:00:00:00:10" && nic.isUp == true && nic.hasLink == true)
    #expect(nic.speed == 10_000 && nic.isFullDuplex == true)
    #expect(nic.status["driver_name"] == "veth")
    #expect((nic.portNumber ?? -1) > 0)
    let absent = try #require(ports.first { $0.name == "eth9" }?.interfaces.first)
    #expect(absent.portNumber == -1)
    #expect(absent.error?.contains("eth9") == true)
    #expect(ovs.tunnels.map(\.interface.name) == ["tunnel1"])
    #expect(ovs.tunnels.first?.interface.options == ["remote_ip": "192.0.2.1", "key": "11"])
    #expect(ports.first { $0.name == "xenbr0" }?.interfaces.first?.portNumber == 65_534)
  }

  @Test func theSwitchsPortsRunThoughTheirStateIsUnknown() async throws {
    let network = try await RealNetwork(withSwitch: true)
    defer { network.end() }
    try await addBridge("xenbr0", in: network)
    try await network.run("ip", "addr", "add", "192.168.7.2/24", "dev", "xenbr0")
    try await network.run("ip", "link", "set", "xenbr0", "up")
    let device = try #require(try NetworkDevice.all(on: network.system).first { $0.name == "xenbr0" })
    #expect(device.operationalState == "unknown")
    #expect(device.isRunning && !device.isPhysical)
    let told = try #require(try await IPDevice.all(on: network.system).first { $0.name == "xenbr0" })
    #expect(told.isRunning)
    #expect(told.addresses.contains { $0.address == "192.168.7.2" })
  }

  @Test func aBondFailsOver() async throws {
    let network = try await RealNetwork(withSwitch: true)
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.addNIC("eth1", peer: "port1")
    try await addBridge("xapi1", in: network)
    try await addBond(
      "xapi1", "bond0", ["eth0", "eth1"], "bond_mode=active-backup", "bond_updelay=0", "bond_downdelay=0", "lacp=off",
      in: network)
    await waitUntil { (try? await bond(network))?.activeMember != nil }
    let before = try await bond(network)
    #expect(before.mode == "active-backup")
    #expect(before.lacp == .off)
    #expect(before.members.map(\.name).sorted() == ["eth0", "eth1"])
    #expect(before.members.filter(\.isActive).map(\.name) == [before.activeMember])
    let active = try #require(before.activeMember)
    let devices = try NetworkDevice.all(on: network.system)
    #expect(devices.first { $0.name == active }?.mac == before.activeMAC)
    try await network.run("ip", "link", "set", active == "eth0" ? "port0" : "port1", "down")
    let other = active == "eth0" ? "eth1" : "eth0"
    await waitUntil { (try? await bond(network))?.activeMember == other }
    let after = try await bond(network)
    #expect(after.activeMember == other)
    #expect(after.members.first { $0.name == active }?.isEnabled == false)
    #expect(after.members.first { $0.name == active }?.mayEnable == false)
    let entries = try await SwitchBondEntry.all(on: network.system)
    #expect(entries.map(\.name) == ["bond0"])
    #expect(entries.map { Set($0.members) } == [["eth0", "eth1"]])
    let table = try await OpenVSwitch.read(from: network.system)
    let port = try #require(table.bonds.first?.port)
    #expect(port.name == "bond0" && port.interfaces.map(\.name) == ["eth0", "eth1"])
    #expect(port.bond?.mode == "active-backup" && port.bond?.lacp == "off")
    #expect(try await SwitchLACP.all(on: network.system).isEmpty)
  }

  @Test func lacpIsNegotiatedWithASwitchThatSpeaksIt() async throws {
    try await withLACP { network in
      try await addBond(
        "switch1", "lag1", ["port0", "port1"], "lacp=active", "bond_mode=balance-tcp", "other-config:lacp-time=fast",
        in: network)
      try await expect(.good, in: network)
      let bond = try await bond(network)
      #expect(bond.mode == "balance-tcp" && bond.lacp == .negotiated && bond.downDelay == 200)
      let (near, far) = (
        try await lacp(network), try await SwitchLACP.all(on: network.system).first { $0.name == "lag1" }
      )
      // Each end's partner is the other end.
      #expect(near.systemID != nil && far?.systemID != nil)
      #expect(near.members.map(\.partner.systemID) == [far?.systemID, far?.systemID])
      #expect(far?.members.map(\.partner.systemID) == [near.systemID, near.systemID])
      #expect(near.members.map(\.actor.systemID) == [near.systemID, near.systemID])
      #expect(near.members.allSatisfy { $0.isAttached && $0.mayEnable == true && $0.word == .current })
      #expect(near.members.allSatisfy { $0.partner.state.contains("synchronized") })
      #expect(near.rate == "fast")
      // A cable that is pulled is no fault of the switch.
      try await network.run("ip", "link", "set", "port1", "down")
      await waitUntil { (try? await lacp(network))?.members.first { $0.name == "eth1" }?.word == .defaulted }
      try await expect(.good, down: ["eth1"], in: network)
      try await expect(.silentMembers(["eth1"]), in: network)
    }
  }

  @Test func aSwitchWithoutLACPIsSilent() async throws {
    try await withLACP { network in
      try await network.run("ovs-vsctl", "--timeout=20", "add-port", "switch1", "port0")
      try await expect(.silentSwitch, in: network)
      // It hopes for a few seconds first.
      await waitUntil { (try? await bond(network))?.lacp == .configured }
      #expect(try await bond(network).lacp == .configured)
      #expect(try await lacp(network).members.map(\.word) == [.defaulted, .defaulted])
      #expect(try await lacp(network).members.allSatisfy { !$0.partner.isThere })
    }
  }

  @Test func cablesInTwoSwitchesAreTold() async throws {
    try await withLACP { network in
      try await addBridge("switch2", in: network)
      // A group of one cable on each switch; the second members are there because a bond has to have two.
      try await network.addNIC("spare0", peer: "spare1")
      try await addBond(
        "switch1", "lag1", ["port0", "spare0"], "lacp=active", "bond_mode=balance-tcp", "other-config:lacp-time=fast",
        in: network)
      try await addBond(
        "switch2", "lag2", ["port1", "spare1"], "lacp=active", "bond_mode=balance-tcp", "other-config:lacp-time=fast",
        in: network)
      try await expect(.partedMembers([["eth0"], ["eth1"]]), in: network)
    }
  }

  @Test func aSwitchThatDoesNotRunIsToldAtOnce() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    await #expect {
      _ = try await OpenVSwitch.read(from: network.system)
    } throws: { error in
      // Not a time-out: there is nobody to wait for.
      guard case .refused(tool: "ovs-vsctl", exit: .code(1), message: let message) = error as? LiveFailure else {
        return false
      }
      return message.contains("db.sock")
    }
    await #expect {
      _ = try await SwitchBond.all(on: network.system)
    } throws: { error in
      if case .refused(tool: "ovs-appctl", exit: .code(1), message: let message) = error as? LiveFailure {
        message.contains("ovs-vswitchd")
      } else {
        false
      }
    }
  }

  @Test func theWholePictureIsTakenAtOnce() async throws {
    try await withLACP { network in
      try await addBond(
        "switch1", "lag1", ["port0", "port1"], "lacp=passive", "bond_mode=balance-tcp", in: network)
      try await network.run("ip", "addr", "add", "192.168.7.2/24", "dev", "xapi1")
      try await network.run("ip", "link", "set", "xapi1", "up")
      try await network.run("ip", "route", "add", "default", "via", "192.168.7.1")
      let live = await LiveNetwork.take(
        of: network.system,
        parts: [.devices, .kernelBonds, .addresses, .routes, .neighbours, .openVSwitch, .switchBonds])
      #expect(try live.devices?.get().contains { $0.name == "eth0" } == true)
      #expect(try live.kernelBonds?.get() == [])
      #expect(try live.addresses?.get().first { $0.name == "xapi1" }?.addresses.first?.address == "192.168.7.2")
      #expect(try live.routes?.get().contains { $0.isDefault && $0.gateway == "192.168.7.1" } == true)
      #expect(try live.neighbours?.get() != nil)
      #expect(try live.openVSwitch?.get().bonds.map(\.port.name).sorted() == ["bond0", "lag1"])
      #expect(try live.switchBonds?.get().map(\.name).sorted() == ["bond0", "lag1"])
      #expect(try live.lacp?.get().map(\.name).sorted() == ["bond0", "lag1"])
    }
  }
}
