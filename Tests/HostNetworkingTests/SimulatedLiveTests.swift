import Dom0
import Foundation
import SimulatedHost
import TestSupport
import Testing

/// The readers of the live state and the simulated host's tree and tools speak the same words.
@Suite struct SimulatedLiveTests {
  @Test(arguments: [Scenario.standalone, .pool, .large]) func everyPartIsRead(scenario: Scenario) async throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("live-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let host = SimulatedHost(scenario: scenario)
    try await host.attach(root: root)
    let system = HostSystem(root: root, tools: SimulatedTools(host))
    let live = await LiveNetwork.take(of: system, parts: .all)
    #expect(try live.backend?.get() == .openVSwitch)
    let nics = try #require(try live.devices?.get()).filter(\.isPhysical)
    #expect(!nics.isEmpty && nics.contains { $0.isRunning && $0.speed != nil })
    #expect(nics.allSatisfy { $0.mac != nil && $0.hardware?.vendor != nil && $0.counters != nil })
    #expect(try live.kernelBonds?.get() == [])
    #expect(try live.kernelVLANs?.get() == [])
    let stats = try #require(try live.stats?.get())
    #expect(nics.allSatisfy { stats.devices[$0.name]?.hasCarrier == $0.hasCarrier })
    let addresses = try #require(try live.addresses?.get())
    #expect(addresses.contains { $0.isRunning && $0.addresses.contains { $0.family == .v4 && $0.scope == "global" } })
    #expect(try live.routes?.get().contains { $0.isDefault && $0.gateway != nil } == true)
    #expect(try live.neighbours?.get() != nil)
    let ovs = try #require(try live.openVSwitch?.get())
    #expect(!ovs.bridges.isEmpty)
    let bonds = try #require(try live.switchBonds?.get())
    #expect(bonds.map(\.name).sorted() == ovs.bonds.map(\.port.name).sorted())
    for bond in bonds {
      #expect(
        ovs.bonds.first { $0.port.name == bond.name }?.port.interfaces.map(\.name) == bond.members.map(\.name).sorted())
    }
    #expect(try live.lacp?.get() != nil)
    #expect(try live.units?.get().first { $0.name == "xcp-networkd.service" }?.isActive == true)
    #expect(try live.time?.get().isEmpty == false)
    #expect(try Set(live.firmwareNames?.get().map(\.kernelName) ?? []) == Set(nics.map(\.name)))
    let nic = try #require(nics.first)
    #expect(try await EthtoolLink.read(nic.name, on: system).hasLink == nic.hasCarrier)
    #expect(try await EthtoolDriver.read(nic.name, on: system).driver == nic.hardware?.driver)
    #expect(try await PermanentAddress.read(nic.name, on: system) == nic.mac)
  }
}
