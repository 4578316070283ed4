import HostNetworking
import Testing
import JSON
import SimulatedHost
import TestSupport
import XenAPI

/// A simulated host whose network layout is saved, lost and put back.
struct LayoutHost {
  let view: SimulatedView
  let client: XenClient

  var host: SimulatedHost { view.host }

  init(_ scenario: Scenario = .pool) async throws {
    view = try await SimulatedView(scenario)
    client = XenClient(.unixSocket(path: view.socket))
  }

  func close() async {
    await client.logout()
    await view.close()
  }

  func database() async throws -> XenDatabase {
    var reader = DatabaseReader(client)
    return try await reader.read()
  }

  func thisHost() async throws -> Ref<Host> {
    let session = try await session()
    let answer = try await client.call("session.get_this_host", [.string(session)])
    return try #require(answer.string.flatMap { Ref<Host>($0) })
  }

  private func session() async throws -> String {
    _ = try await client.call("pool.get_all")
    return try #require(await client.currentSession)
  }

  func layout(why: String = "a test") async throws -> NetworkLayout {
    try NetworkLayout(try await database(), host: try await thisHost(), at: 1_795_368_005, why: why)
  }

  func plan(_ layout: NetworkLayout, mapping: NICMapping = .none) async throws -> LayoutRestore {
    try LayoutRestore(layout, on: try await database(), host: try await thisHost(), mapping: mapping)
  }

  func run(
    _ plan: LayoutRestore, skipping skipped: Set<RestoreStep.ID> = []
  ) async -> LayoutRestoreRun.Outcome {
    await LayoutRestoreRun(plan, client: client, skipping: skipped).run { _, _ in }
  }

  /// What XAPI does with the host's rows at an emergency network reset, with management on an untagged NIC.
  func lose(management device: String = "eth0", address: String = "10.0.4.11") async throws {
    let ref = try await thisHost().description
    let pifs = try await client.call("host.get_PIFs", [.string(ref)]).array?.compactMap(\.string) ?? []
    for (name, field) in [
      ("Bond", "master"), ("VLAN", "untagged_PIF"), ("tunnel", "access_PIF"), ("network_sriov", "physical_PIF"),
    ] {
      for row in await host.refs(class: name) {
        let interface = await host.record(class: name, ref: row)?[field]?.string ?? ""
        if pifs.contains(interface) { await host.destroyRow(class: name, ref: row) }
      }
    }
    for pif in pifs { await host.destroyRow(class: "PIF", ref: pif) }
    _ = try await client.call("PIF.scan", [.string(ref)])
    for pif in await host.refs(class: "PIF", where: ["host": .string(ref)]) {
      _ = try await client.call("PIF.plug", [.string(pif)])
    }
    let pif = try #require(await host.refs(class: "PIF", where: ["host": .string(ref), "device": .string(device)]).first)
    _ = try await client.call(
      "PIF.reconfigure_ip", [.string(pif), "Static", .string(address), "255.255.255.0", "10.0.4.1", "10.0.4.2,10.0.4.3"])
    _ = try await client.call("host.management_reconfigure", [.string(pif)])
  }

  /// Does work on a host and gives it back whatever happens.
  static func with(
    _ scenario: Scenario = .pool, _ work: (LayoutHost) async throws -> Void
  ) async throws {
    let host = try await LayoutHost(scenario)
    do {
      try await work(host)
    } catch {
      await host.close()
      throw error
    }
    await host.close()
  }
}

extension NetworkLayout {
  /// Without what XAPI gives anew each time, and what it cannot take back.
  var comparable: NetworkLayout {
    var copy = self
    copy.taken = Taken(at: 0, from: .xapi)
    for index in copy.interfaces.indices { copy.interfaces[index].uuid = "" }
    for index in copy.bonds.indices { copy.bonds[index].uuid = "" }
    return copy
  }
}
