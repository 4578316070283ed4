import Dom0
import Foundation
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// What routes can break, and how it comes back.
@Suite struct RouteSafetyTests {
  private static let good = "10.40.0.0/16/10.0.20.1"
  private static let old = "10.60.0.0/16/10.0.20.1"

  private static var quick: SimulatedHost.Options {
    var options = SimulatedHost.Options()
    options.restartTime = .milliseconds(20)
    options.batching = .zero
    return options
  }

  private func texts(_ plan: ChangePlan) -> String { plan.hazards.map { "\($0.weight) \($0.text)" }.joined(separator: "\n") }

  // MARK: Failure at each step

  /// A storage address on eth2 of a host of its own, and a route on record.
  private static func furnish(_ host: ChangeHost) async throws -> String {
    _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth2"), "Static", "10.0.20.11", "255.255.255.0", "", ""])
    await host.mutate("network", ["bridge": "xenbr2"], "name_label", "Storage A")
    await host.setRecord(old, on: "Storage A")
    return try await host.uuid("Storage A")
  }

  private static func requests(_ network: String) throws -> [(String, RouteIntent)] {
    var all: [(String, RouteIntent)] = []
    for way in RouteWay.allCases {
      all.append(("add \(way)", .change(RouteRequest(network: network, adds: [try route(good)], way: way))))
      all.append(("change \(way)", .change(RouteRequest(network: network, adds: [try route("10.60.0.0/16/10.0.20.2")], drops: [old], way: way))))
      all.append(("remove \(way)", .change(RouteRequest(network: network, drops: [old], way: way))))
    }
    all.append(("keep in kernel", .change(RouteRequest(network: network, drops: [old], clears: false))))
    return all
  }

  /// Whatever comes to a halt after whichever step: the record, the kernel and the daemon's memory are as before.
  @Test func afterEachStepAllCanGoBack() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      let uuid = try await Self.furnish(host)
      #expect(await host.run(try await host.plan(RouteIntent.apply(network: uuid, .plug))) == .done)
      let (before, memory) = (try await host.routePicture(), try await host.memory())
      #expect(memory == ["xenbr2 10.60.0.0/16 10.0.20.1"])
      for (name, intent) in try Self.requests(uuid) {
        let count = try await host.plan(intent).steps.count
        #expect(count > 0, "\(name)")
        for place in 0...count {
          let plan = try await host.plan(intent)
          #expect(await host.run(ChangeHost.failing(plan, at: place), looksAgain: false) == .undone(reason: "eth77 is not there"), "\(name) at \(place)")
          #expect(difference(before, try await host.routePicture()) == [], "\(name) at \(place)")
          #expect(try await host.memory() == memory, "\(name) at \(place)")
        }
      }
    }
  }

  /// The same when a call or a command itself fails.
  @Test func whicheverCallFailsAllGoesBack() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      let uuid = try await Self.furnish(host)
      #expect(await host.run(try await host.plan(RouteIntent.apply(network: uuid, .plug))) == .done)
      let before = try await host.routePicture()
      for (name, intent) in try Self.requests(uuid).filter({ $0.0 == "change plug" || $0.0 == "remove later" || $0.0 == "change toolstack" }) {
        for call in ["network.remove_from_other_config", "network.add_to_other_config", "PIF.plug"] {
          for isDone in [false, true] {
            let plan = try await host.plan(intent)
            await host.host.failNext(call, with: ["INTERNAL_ERROR", "no"], after: isDone)
            let outcome = await host.run(plan)
            await host.host.failNext(call, with: ["x"], times: 0)
            // Not every way makes every call.
            if outcome == .done {
              var hands = ChangeHands(host.client, host.system)
              for step in plan.steps.reversed() { for action in step.undo { _ = try? await hands.perform(action) } }
            } else if case .undone = outcome {
            } else {
              Issue.record("\(name), \(call): \(outcome)")
            }
            #expect(difference(before, try await host.routePicture()) == [], "\(name), \(call)")
          }
        }
      }
    }
  }

  @Test func whatRemainsIsSaid() async throws {
    try await ChangeHost.quick(.pool) { host in
      let uuid = try await host.uuid("Storage A")
      let plan = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route(Self.good)])))
      await host.host.failNext("PIF.plug", with: ["INTERNAL_ERROR", "no"], times: 9)
      guard case .stuck(_, let left) = await host.run(plan) else { throw ChangeFailure("it was not stuck") }
      #expect(left.count == 1 && left[0].hasPrefix("Plug eth2 anew"), "\(left)")
      #expect(try await host.record("Storage A") == nil)
    }
  }

  // MARK: Others at work

  /// The record is the pool's: what somebody else writes meanwhile is not lost.
  @Test func whatSomebodyElseWroteMeanwhileIsKept() async throws {
    try await ChangeHost.quick(.pool) { host in
      let uuid = try await host.uuid("Storage A")
      let plan = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route(Self.good)])))
      await host.setRecord("10.70.0.0/16/10.0.20.7", on: "Storage A")
      guard case .refused(let why) = await host.run(plan) else { throw ChangeFailure("it was begun") }
      #expect(why.contains("the host has changed since this was planned"))
      guard case .undone(let reason) = await host.run(plan, looksAgain: false) else { throw ChangeFailure("it was not stopped") }
      #expect(reason.contains("the static routes of network \"Storage A\" were changed by somebody else meanwhile"))
      #expect(try await host.record("Storage A") == "10.70.0.0/16/10.0.20.7")
    }
  }

  @Test func onTheWayBackOnlyOurOwnGoes() {
    let change = RecordChange(network: "n", was: "a,b", becomes: "a,c")
    #expect(change.text(from: "a,b") == "a,c" && change.text(from: "a,b,x") == nil && change.isMade(in: "a,c") && !change.isMade(in: "a,b"))
    #expect(change.back.text(from: "a,c") == "a,b" && change.back.text(from: "a,c,x") == "a,x,b")
    #expect(change.back.isMade(in: "a,b,x") && !change.back.isMade(in: "a,c,x"))
    let new = RecordChange(network: "n", was: nil, becomes: "c")
    #expect(new.text(from: nil) == "c" && new.back.text(from: "c") == "" && new.back.text(from: "c,x") == "x" && new.back.isMade(in: "x"))
  }

  /// The kernel is looked at once more as well, by provisional plans too.
  @Test func aProvisionalPlanIsHeldAgainstTheHost() async throws {
    try await ChangeHost.quick(.pool) { host in
      let uuid = try await host.uuid("Storage A")
      let plan = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route("10.0.4.12/32/10.0.20.1")])))
      #expect(plan.isProvisional)
      _ = await host.host.runTool(["ip", "route", "replace", "10.0.4.12/32", "via", "10.0.20.9", "dev", "xenbr2"])
      guard case .refused = await host.run(plan) else { throw ChangeFailure("it was begun") }
      #expect(host.standing == .none)
      #expect(try await host.record("Storage A") == nil)
    }
  }

  // MARK: Whom it cuts off. Sessions are made up here: a second look would not find them.

  /// The session comes in by the very route that is to go.
  @Test func aRouteThatCarriesTheSessionGoesOnTrial() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.setRecord(Self.old, on: "Storage A")
      let uuid = try await host.uuid("Storage A")
      #expect(await host.run(try await host.plan(RouteIntent.apply(network: uuid, .plug))) == .done)
      let before = try await host.routePicture()
      let facts = await host.routeFacts(peer: "10.60.1.5")
      for intent in [
        RouteIntent.change(RouteRequest(network: uuid, drops: [Self.old])),
        .change(RouteRequest(network: uuid, adds: [try route("10.61.0.0/16/10.0.20.1")], drops: [Self.old])),
      ] {
        let plan = try RoutePlanner(facts, intent).plan()
        #expect(plan.isProvisional && texts(plan).contains("warning you (10.60.1.5) is reached by a route that goes"), "\(plan.hazards)")
        guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.1), looksAgain: false) else { throw ChangeFailure("it did not wait") }
        try await host.untilOver()
        #expect(difference(before, try await host.routePicture()) == [])
      }
      // Another gateway for the same network.
      let other = try RoutePlanner(facts, .change(RouteRequest(network: uuid, adds: [try route("10.60.0.0/16/10.0.20.2")], drops: [Self.old]))).plan()
      #expect(other.isProvisional)
      // Nobody is there: it is plain.
      #expect(!(try RoutePlanner(await host.routeFacts(), .change(RouteRequest(network: uuid, drops: [Self.old]))).plan().isProvisional))
    }
  }

  /// The same of what only the kernel has, and it needs no XAPI.
  @Test func whatIsDeletedComesBackWithoutXAPI() async throws {
    try await ChangeHost.quick(.pool) { host in
      _ = await host.host.runTool(["ip", "route", "replace", "10.60.0.0/16", "via", "10.0.20.7", "dev", "xenbr2"])
      await host.host.setFault(.refuse)
      let facts = await host.routeFacts(peer: "10.60.1.5")
      let plan = try ClearRoutesPlanner(facts).plan(RouteTable(facts).leftOvers)
      #expect(plan.isProvisional && texts(plan).contains("you (10.60.1.5) is reached by what goes"))
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.1), looksAgain: false) else { throw ChangeFailure("it did not wait") }
      try await host.untilOver()
      #expect(try await host.kernelRoutes() == ["10.60.0.0/16 via 10.0.20.7 on xenbr2"])
    }
  }

  @Test func storageIsCompanyAsWell() async throws {
    try await ChangeHost.quick(.pool) { host in
      let uuid = try await host.uuid("Storage A")
      let plan = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route("10.0.20.200/32/10.0.20.9")])))
      #expect(plan.isProvisional && texts(plan).contains("storage \"iSCSI A\" (10.0.20.200) would be reached through 10.0.20.9"))
    }
  }

  @Test func whatCarriesManagementIsPluggedOnTrial() async throws {
    try await ChangeHost.quick(.pool) { host in
      let uuid = try await host.uuid("Management")
      let plan = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route("10.77.0.0/16/10.0.4.254")])))
      #expect(plan.isProvisional && plan.expectation?.interface == "bond0")
      let later = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route("10.77.0.0/16/10.0.4.254")], way: .later)))
      #expect(!later.isProvisional)
    }
  }

  /// XAPI is dead when time is up: the kernel is put back at once, the record when XAPI answers again.
  @Test func theKernelDoesNotWaitForXAPI() async throws {
    try await ChangeHost.quick(.pool) { host in
      let before = try await host.routePicture()
      let uuid = try await host.uuid("Storage A")
      let plan = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route("10.0.4.12/32/10.0.20.1")])))
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.3, patience: .milliseconds(200))) else { throw ChangeFailure("it did not wait") }
      #expect(try await host.kernelRoutes() == ["10.0.4.12/32 via 10.0.20.1 on xenbr2"])
      await host.host.setFault(.refuse)
      for _ in 0..<200 where try await !host.kernelRoutes().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
      #expect(try await host.kernelRoutes().isEmpty)
      #expect(host.standing != .none)
      await host.host.setFault(nil)
      try await host.untilOver()
      #expect(difference(before, try await host.routePicture()) == [])
    }
  }

  // MARK: IPv6

  /// XAPI takes IPv6 items as well; they are left as they are.
  @Test func itemsOfIPv6StayAsTheyAre() async throws {
    try await ChangeHost.quick(.pool) { host in
      let six = "fd00:1::/64/fd00::1"
      await host.setRecord("\(six),\(Self.old),nonsense", on: "Storage A")
      let record = RouteRecord("\(six),\(Self.old)")
      #expect(!record.isVoid && record.items[0].isForeign && record.inForce.count == 1 && record.mended == record)
      let uuid = try await host.uuid("Storage A")
      let plan = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route(Self.good)], mends: true)))
      #expect(!plan.isBlocked && !texts(plan).contains(six))
      #expect(await host.run(plan) == .done)
      #expect(try await host.record("Storage A") == "\(six),\(Self.old),\(Self.good)")
      let table = await RouteTable.look(host.client, host.system)
      #expect(table.rows.contains { $0.text == six && !$0.state.isTrouble })
    }
  }

  // MARK: By a restart

  @Test func whatARestartMeetsIsToldHereAsWell() async throws {
    try await ChangeHost.with(.pool, options: Self.quick) { host in
      await host.setRecord("10.90.0.0/16/10.0.90.1", on: "Backup")
      _ = FileManager.default.createFile(atPath: host.folder + "/var/tmp/network-reset", contents: Data("DEVICE='eth0'\nMODE='dhcp'\n".utf8))
      let uuid = try await host.uuid("Storage A")
      let plan = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route(Self.good)], way: .toolstack)))
      #expect(texts(plan).contains("A network reset waits for XAPI's next start and would be carried out now"), "\(plan.hazards)")
      #expect(texts(plan).contains("The restart brings other routes into force as well, which are not taken back with this: 10.90.0.0/16 via 10.0.90.1 on \"Backup\""))
    }
  }

  /// A service that has been down for long does not take the route back.
  @Test func aServiceThatWasDownBeforeIsNoReason() async throws {
    try await ChangeHost.with(.pool, options: Self.quick) { host in
      await host.host.breakUnit("perfmon")
      let uuid = try await host.uuid("Storage A")
      let plan = try await host.plan(RouteIntent.change(RouteRequest(network: uuid, adds: [try route(Self.good)], way: .toolstack)))
      #expect(await host.run(plan) == .done)
      #expect(try await host.record("Storage A") == Self.good)
    }
  }
}
