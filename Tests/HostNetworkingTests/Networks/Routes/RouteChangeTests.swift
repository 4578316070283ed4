import Dom0
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Static routes on the simulated host: the record, the kernel, and the way back.
@Suite struct RouteChangeTests {
  private static let good = "10.40.0.0/16/10.0.20.1"

  // MARK: Help

  private func network(_ name: String, _ host: ChangeHost) async throws -> String {
    let scene = try await host.scene()
    return try #require(scene.database.networks.all.first { $0.record.nameLabel == name }?.record.uuid)
  }

  private func set(_ text: String?, on name: String, _ host: ChangeHost) async throws {
    let ref = try #require(await host.host.refs(class: "network", where: ["name_label": .string(name)]).first)
    let config: JSONValue = text.map { [RouteAction.key: .string($0)] } ?? [:]
    await host.host.mutate(class: "network", ref: ref, field: "other_config", value: config)
  }

  private func succeeds(_ what: RouteIntent, _ host: ChangeHost) async throws {
    let plan = try await plan(what, host)
    #expect(!plan.isEmpty)
    #expect(await host.run(plan) == .done)
  }

  private func plan(_ intent: RouteIntent, _ host: ChangeHost) async throws -> ChangePlan {
    try await ChangePlanning(host.client, host.system, ToolProbes(host.system)).plan(.routes(intent))
  }

  private func route(_ text: String) throws -> StaticRoute { try #require(RouteItem(text).route) }

  private func record(_ name: String, _ host: ChangeHost) async throws -> String? {
    try await host.scene().database.networks.all.first { $0.record.nameLabel == name }?.record.otherConfig[RouteAction.key]
  }

  private func kernel(_ host: ChangeHost) async throws -> [String] {
    try await KernelRoute.all(on: host.system).map { "\($0)" }.sorted()
  }

  private func table(_ host: ChangeHost) async -> RouteTable { await RouteTable.look(host.client, host.system) }

  /// The record and the kernel, which nothing may differ in after a change was taken back.
  private func picture(_ host: ChangeHost) async throws -> [String] {
    try await host.picture() + kernel(host) + [record("Storage A", host) ?? "none"]
  }

  private func texts(_ plan: ChangePlan, _ weight: Hazard.Weight) -> String {
    plan.hazards.filter { $0.weight == weight }.map(\.text).joined(separator: "\n")
  }

  // MARK: Add, change, remove

  @Test func aRouteIsAddedSeenInTheKernelChangedAndRemoved() async throws {
    try await ChangeHost.quick(.pool) { host in
      let uuid = try await network("Storage A", host)
      let before = try await picture(host)
      let add = try await plan(.change(RouteRequest(network: uuid, adds: [try route(Self.good)])), host)
      #expect(!add.isBlocked && !add.isProvisional)
      #expect(
        add.steps.flatMap(\.commands) == [
          "xe network-param-set uuid=\(uuid) other-config:static-routes=\(Self.good)",
          "xe pif-plug uuid=\(try await host.scene().tree["eth2"]?.pif.uuid ?? "?")",
          "ip route replace 10.40.0.0/16 via 10.0.20.1 dev xenbr2",
        ])
      #expect(add.consequences.contains { $0.contains("xcp2, xcp3 take it over") })
      #expect(await host.run(add) == .done)
      #expect(try await kernel(host) == ["10.40.0.0/16 via 10.0.20.1 on xenbr2"])
      var rows = await table(host).rows
      #expect(rows.map(\.state) == [.inForce] && rows[0].interface == "eth2" && rows[0].elsewhere.count == 2)
      #expect(try await plan(add.intent.routes, host).isEmpty)

      let other = try await plan(.change(RouteRequest(network: uuid, adds: [try route("10.40.0.0/16/10.0.20.2")], drops: [Self.good])), host)
      #expect(await host.run(other) == .done)
      #expect(try await kernel(host) == ["10.40.0.0/16 via 10.0.20.2 on xenbr2"])
      #expect(try await record("Storage A", host) == "10.40.0.0/16/10.0.20.2")

      let remove = try await plan(.change(RouteRequest(network: uuid, drops: ["10.40.0.0/16/10.0.20.2"])), host)
      #expect(remove.steps.last?.commands == ["ip route del 10.40.0.0/16 via 10.0.20.2 dev xenbr2"])
      #expect(await host.run(remove) == .done)
      #expect(try await picture(host) == before)
      rows = await table(host).rows
      #expect(rows.isEmpty)
    }
  }

  /// The network daemon never deletes: what is taken out of the record by others, or kept on purpose, is left over.
  @Test func whatIsLeftOverIsSeenAndDeleted() async throws {
    try await ChangeHost.quick(.pool) { host in
      let uuid = try await network("Storage A", host)
      try await succeeds(.change(RouteRequest(network: uuid, adds: [try route(Self.good)])), host)
      let keep = try await plan(.change(RouteRequest(network: uuid, drops: [Self.good], clears: false)), host)
      #expect(keep.consequences.contains("what is removed stays in the kernel until the next boot"))
      #expect(await host.run(keep) == .done)
      let table = await table(host)
      #expect(table.rows.map(\.state) == [.leftOver] && table.leftOvers.count == 1)
      let clear = try await plan(.clear(table.leftOvers), host)
      #expect(clear.steps.flatMap(\.commands) == ["ip route del 10.40.0.0/16 via 10.0.20.1 dev xenbr2"])
      #expect(await host.run(clear) == .done)
      #expect(try await kernel(host).isEmpty)
      #expect(try await plan(.clear(table.leftOvers), host).isEmpty)
      // And back.
      var hands = ChangeHands(host.client, host.system)
      for action in clear.steps[0].undo { _ = try await hands.perform(action) }
      #expect(try await kernel(host).count == 1)
    }
  }

  @Test func laterWritesTheRecordOnlyAndApplyingFollows() async throws {
    try await ChangeHost.quick(.pool) { host in
      let uuid = try await network("Storage A", host)
      let later = try await plan(.change(RouteRequest(network: uuid, adds: [try route(Self.good)], way: .later)), host)
      #expect(later.steps.count == 1)
      #expect(await host.run(later) == .done)
      #expect(try await kernel(host).isEmpty)
      #expect(await table(host).rows.map(\.state) == [.missing("not applied on this host yet")])
      let apply = try await plan(.apply(network: uuid, .plug), host)
      #expect(await host.run(apply) == .done)
      #expect(await table(host).rows.map(\.state) == [.inForce])
      #expect(try await plan(.apply(network: uuid, .plug), host).isEmpty)
    }
  }

  @Test func theToolstackAppliesAsWell() async throws {
    var options = SimulatedHost.Options()
    options.restartTime = .milliseconds(20)
    options.batching = .zero
    try await ChangeHost.with(.pool, options: options) { host in
      let uuid = try await network("Storage A", host)
      let plan = try await plan(.change(RouteRequest(network: uuid, adds: [try route(Self.good)], way: .toolstack)), host)
      #expect(plan.steps.map(\.sentence).contains("Wait until XAPI answers"))
      #expect(await host.run(plan) == .done)
      #expect(await table(host).rows.map(\.state) == [.inForce])
    }
  }

  // MARK: Bad items

  @Test func aBadItemIsShownAndNeverVoidsTheRest() async throws {
    try await ChangeHost.quick(.pool) { host in
      try await set("10.50.0.0/16/10.0.20.1, 10.51.0.0/16/10.0.20.1,nonsense,10.52.0.1/16/10.0.20.1", on: "Storage A", host)
      let uuid = try await network("Storage A", host)
      let rows = await table(host).rows
      #expect(rows.count == 4 && rows.filter { if case .bad = $0.state { true } else { false } }.count == 3)
      #expect(rows.contains { $0.state == .missing("another item cannot be read, so XAPI drops them all") })
      #expect(try await plan(.apply(network: uuid, .plug), host).isBlocked)
      let add = try await plan(.change(RouteRequest(network: uuid, adds: [try route(Self.good)])), host)
      #expect(!add.isBlocked)
      #expect(texts(add, .warning).contains("\"nonsense\" in the record cannot be read"))
      #expect(texts(add, .warning).contains("Routes that were dropped until now come into force as well: 10.50.0.0/16"))
      #expect(await host.run(add) == .done)
      #expect(try await record("Storage A", host) == "10.50.0.0/16/10.0.20.1,10.51.0.0/16/10.0.20.1,10.52.0.1/16/10.0.20.1,\(Self.good)")
      #expect(try await kernel(host).count == 3)
      let mend = try await plan(.change(RouteRequest(network: uuid, mends: true)), host)
      #expect(await host.run(mend) == .done)
      #expect(try await kernel(host).count == 4)
      #expect(await table(host).rows.allSatisfy { $0.state == .inForce })
    }
  }

  /// The record with the bad items comes back as it was, character by character.
  @Test func mendingIsTakenBackWhole() async throws {
    try await ChangeHost.quick(.pool) { host in
      let bad = "10.50.0.0/16/10.0.20.1,nonsense,"
      try await set(bad, on: "Storage A", host)
      let before = try await picture(host)
      let mend = try await plan(.change(RouteRequest(network: try await network("Storage A", host), mends: true)), host)
      await host.host.setTool("ip route replace", .fail(code: 2, errors: "RTNETLINK answers: Operation not permitted"))
      // Plugging alone brings the route into the kernel here; without it there is something to set.
      #expect(await host.run(mend) == .done)
      var hands = ChangeHands(host.client, host.system)
      for step in mend.steps.reversed() { for action in step.undo { _ = try await hands.perform(action) } }
      #expect(try await picture(host) == before)
    }
  }

  // MARK: Hazards

  private static let useless: [(String, String)] = [
    ("10.40.0.0/16/10.0.99.1", "No host could use it: 10.0.99.1 is not in the network of eth2 (10.0.20.11/24)"),
    ("0.0.0.0/0/10.0.20.1", "0.0.0.0/0 is the default route"), ("10.40.0.0/16/10.0.20.11", "10.0.20.11 is this host's own address"),
    ("127.0.0.0/8/10.0.20.1", "127.0.0.0/8 is no network of hosts"), ("224.0.0.0/4/10.0.20.1", "224.0.0.0/4 is no network of hosts"),
    ("10.40.0.0/16/224.0.0.1", "224.0.0.1 cannot be a gateway"), ("10.0.20.0/24/10.0.20.1", "10.0.20.0/24 is on the link of xenbr2"),
    ("10.60.0.0/16/10.0.20.9", "10.60.0.0/16 has a way already, via 10.0.20.1"),
    ("10.70.0.0/16/10.0.20.9", "10.70.0.0/16 has a way already, via 10.0.90.1 on network \"Backup\""),
  ]

  @Test func whatNoHostCanUseIsRefused() async throws {
    try await ChangeHost.quick(.pool) { host in
      try await set("10.60.0.0/16/10.0.20.1", on: "Storage A", host)
      try await set("10.70.0.0/16/10.0.90.1", on: "Backup", host)
      let uuid = try await network("Storage A", host)
      let facts = await RouteLook(host.client, host.system).facts()
      for (text, hazard) in Self.useless {
        let plan = try RoutePlanner(facts, .change(RouteRequest(network: uuid, adds: [try route(text)]))).plan()
        #expect(plan.isBlocked)
        #expect(texts(plan, .blocking).contains(hazard), "\(plan.hazards)")
      }
    }
  }

  @Test func overlapsOtherHostsAndTheRestAreTold() async throws {
    try await ChangeHost.quick(.pool) { host in
      try await set("10.40.0.0/16/10.0.20.1", on: "Storage A", host)
      let uuid = try await network("Storage A", host)
      let part = try await plan(.change(RouteRequest(network: uuid, adds: [try route("10.40.7.0/24/10.0.20.2")])), host)
      #expect(texts(part, .notice).contains("10.40.7.0/24 is part of 10.40.0.0/16"))
      let near = try await plan(.change(RouteRequest(network: uuid, adds: [try route("10.0.20.64/26/10.0.20.2")])), host)
      #expect(texts(near, .warning).contains("10.0.20.64/26 is part of 10.0.20.0/24 on the link of xenbr2"))
      // xcp2 has the gateway itself.
      let theirs = try await plan(.change(RouteRequest(network: uuid, adds: [try route("10.41.0.0/16/10.0.20.12")])), host)
      #expect(!theirs.isBlocked && texts(theirs, .warning).contains("10.0.20.12 is the address of xcp2"))
      // No address there on any host.
      let bare = try await plan(.change(RouteRequest(network: try await network("Storage B", host), adds: [try route("10.42.0.0/16/10.0.21.1")])), host)
      #expect(texts(bare, .blocking).contains("No host could use it: eth3 has no IPv4 address"))
      let gone = try await plan(.change(RouteRequest(network: uuid, drops: ["10.9.0.0/16/10.0.20.1"])), host)
      #expect(texts(gone, .blocking).contains("is not in the record"))
      await #expect(throws: ChangeProblem.self) { try await self.plan(.change(RouteRequest(network: "nobody", mends: true)), host) }
    }
  }

  /// Other hosts of the pool reached another way: that may cut this one off, so it is made on trial.
  @Test func aRouteToThePoolIsMadeOnTrialAndGoesBack() async throws {
    try await ChangeHost.quick(.pool) { host in
      let before = try await picture(host)
      let uuid = try await network("Storage A", host)
      let plan = try await plan(.change(RouteRequest(network: uuid, adds: [try route("10.0.4.12/32/10.0.20.1")])), host)
      #expect(plan.isProvisional && plan.expectation?.interface == "bond0" && plan.expectation?.address == "10.0.4.11")
      #expect(texts(plan, .warning).contains("xcp2 (10.0.4.12) would be reached through 10.0.20.1"))
      let settings = host.settings(confirmWithin: 0.3)
      guard case .waiting = await host.run(plan, settings) else { throw ChangeFailure("it did not wait") }
      try await host.untilOver()
      #expect(try await picture(host) == before)
    }
  }

  @Test func whatTheKernelSaysIsToldWithWhatToDo() async throws {
    try await ChangeHost.quick(.pool) { host in
      let hands = KernelRouteHands(host.system)
      let far = KernelRoute(try route("10.77.0.0/16/10.0.99.1"), on: "xenbr2")
      await #expect(throws: ChangeFailure.self) { try await hands.set(present: [far], absent: []) }
      do { _ = try await hands.set(present: [far], absent: []) } catch {
        #expect("\(error)".contains("Nexthop has invalid gateway") && "\(error)".contains("xenbr2 has no address in the network of 10.0.99.1"))
      }
      let nowhere = KernelRoute(try route(Self.good), on: "xenbr99")
      do { _ = try await hands.set(present: [nowhere], absent: []) } catch { #expect("\(error)".contains("plug its interface")) }
      #expect(try await hands.set(present: [], absent: [far]) == .wasSo)
    }
  }

  // MARK: Without XAPI

  @Test func withoutXAPITheKernelAndTheDaemonsFileAreShown() async throws {
    try await ChangeHost.quick(.pool) { host in
      let uuid = try await network("Storage A", host)
      try await succeeds(.change(RouteRequest(network: uuid, adds: [try route(Self.good)])), host)
      _ = await host.host.runTool(["ip", "route", "replace", "10.99.0.0/16", "via", "10.0.20.7", "dev", "xenbr2"])
      await host.host.setFault(.refuse)
      let table = await table(host)
      #expect(table.silence != nil)
      #expect(table.rows.map(\.state) == [.inForce, .leftOver])
      await #expect(throws: ChangeProblem.self) { try await self.plan(.change(RouteRequest(network: uuid, mends: true)), host) }
      let clear = try await plan(.clear(table.leftOvers), host)
      #expect(!clear.isBlocked)
      #expect(await host.run(clear) == .done)
      #expect(try await kernel(host).count == 1)
    }
  }

  @Test func aKernelThatCannotBeAskedIsSaid() async throws {
    try await ChangeHost.quick(.pool) { host in
      try await set(Self.good, on: "Storage A", host)
      await host.host.setTool("ip -j route", .fail(code: 1, errors: "broken"))
      let table = await table(host)
      #expect(table.kernelProblem?.contains("broken") == true && table.rows.map(\.state) == [.unknown])
      let plan = try await plan(.change(RouteRequest(network: try await network("Storage A", host), adds: [try route("10.44.0.0/16/10.0.20.1")])), host)
      #expect(texts(plan, .warning).contains("What the kernel has cannot be looked at"))
    }
  }
}

extension Intent {
  fileprivate var routes: RouteIntent { if case .routes(let intent) = self { intent } else { .restart(.networkd) } }
}
