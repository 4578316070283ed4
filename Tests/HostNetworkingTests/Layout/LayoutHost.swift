import Dom0
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
    var options = SimulatedHost.Options()
    options.batching = .milliseconds(1)
    view = try await SimulatedView(scenario, options: options)
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

  /// An emergency network reset, as the vendor's tool writes it, and the boot after it.
  func reset(_ settings: ManagementSettings = .onEth0) async throws {
    _ = await host.runTool(["systemctl", "stop", "xapi"])
    _ = await host.runTool(["systemctl", "stop", "xcp-networkd"])
    let system = view.system
    try ResetTrigger.write(try ResetTrigger.rendered(settings), to: system)
    try ManagementConf.write(try ManagementConf.rendered(settings), to: system)
    try NetworkdDB.remove(from: system)
    try Inventory(of: system).setting("MANAGEMENT_INTERFACE", to: settings.managementBridge)
      .setting("CURRENT_INTERFACES", to: "").write(to: system)
    await host.boot(downFor: .zero)
    let outcome = await host.lastBoot
    #expect(outcome?.wasReset == true, "\(String(describing: outcome))")
  }

  /// The ref of this host's interface.
  func pif(_ device: String, vlan: Int64 = -1) async throws -> String {
    let ref = try await thisHost().description
    return try #require(
      await host.refs(class: "PIF", where: ["host": .string(ref), "device": .string(device), "VLAN": .int(vlan)]).first)
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

extension ManagementSettings {
  static let onEth0 = ManagementSettings(
    device: "eth0", ipv4: .static(address: "10.0.4.11", netmask: "255.255.255.0", gateway: "10.0.4.1"),
    dns: ["10.0.4.2", "10.0.4.3"])
}

extension NetworkLayout {
  /// The lines of the file that are not the same in another layout, for messages that can be read.
  func difference(from other: NetworkLayout) -> [String] {
    let (ours, theirs) = (comparable.lines, other.comparable.lines)
    return ours.difference(from: theirs).map { change in
      switch change {
      case .insert(_, let line, _): "+ \(line)"
      case .remove(_, let line, _): "- \(line)"
      }
    }
  }

  private var lines: [String] {
    String(decoding: encoded, as: UTF8.self).split(separator: "\n").map { String($0) }
  }

  /// Without what XAPI gives anew each time, and what it cannot take back.
  var comparable: NetworkLayout {
    var copy = self
    copy.taken = Taken(at: 0, from: .xapi)
    for index in copy.interfaces.indices {
      copy.interfaces[index].uuid = ""
      if copy.interfaces[index].kind == .tunnel { copy.interfaces[index].mac = "" }
    }
    for index in copy.bonds.indices { copy.bonds[index].uuid = "" }
    return copy
  }
}
