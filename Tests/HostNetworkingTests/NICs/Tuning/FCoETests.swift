import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

@Suite struct FCoETests {
  private func state(_ host: ChangeHost) async -> FCoEState { await FCoELook(host.client, host.system).state() }

  private func plan(_ isOn: Bool, _ host: ChangeHost) async throws -> ChangePlan {
    try await TuningPlanning(host.client, host.system).plan(.fcoe(isOn: isOn))
  }

  private func files(_ host: ChangeHost) async -> [String] { await state(host).units.map { "\($0.shortName) \($0.words)" } }

  @Test func offAndOnAgain() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = await files(host)
      #expect(await state(host).isOn)
      let off = try await plan(false, host)
      #expect(off.steps.map(\.action) == [.setFCoE(false)])
      #expect(off.steps[0].commands == ["systemctl stop fcoe xs-fcoe", "systemctl disable fcoe xs-fcoe"])
      #expect(await host.run(off) == .done)
      #expect(await state(host).isOff)
      #expect(await files(host).contains("xs-fcoe does not run, does not start with the host"))
      await host.host.boot()
      #expect(await state(host).isOff)
      #expect(try await plan(false, host).isEmpty)
      #expect(await host.run(try await plan(true, host)) == .done)
      #expect(await files(host) == before)
    }
  }

  @Test func withoutXAPIItWarnsAndWorks() async throws {
    try await ChangeHost.with(.standalone) { host in
      await host.host.setFault(.refuse)
      let off = try await plan(false, host)
      #expect(off.hazards.contains { $0.weight == .warning && $0.text.hasPrefix("Whether storage is in use over FCoE is not known") })
      #expect(await host.run(off) == .done)
      #expect(await state(host).isOff)
    }
  }

  /// An answer that is no answer does not count as "none in use".
  @Test(arguments: [JSONValue.null, "nonsense", []])
  func nonsenseAboutStorageIsNotNone(_ answer: JSONValue) throws {
    let host = try #require(Ref<Host>("OpaqueRef:1"))
    #expect(throws: ChangeProblem.self) { try FCoELook.storage(answer, .object([:]), of: host) }
    #expect(throws: ChangeProblem.self) { try FCoELook.storage(.object([:]), answer, of: host) }
    let none = try FCoELook.storage(.object([:]), .object([:]), of: host)
    #expect(none.isEmpty)
  }

  @Test func storageInUseForbidsIt() async throws {
    try await ChangeHost.with(.standalone) { host in
      let thisHost = try #require(await host.host.refs(class: "host").first)
      let repository = await host.host.createRow(class: "SR", ["name_label": "SAN 1", "type": "lvmofcoe"])
      await host.host.createRow(
        class: "PBD", ["host": .string(thisHost), "SR": .string(repository), "currently_attached": true])
      let off = try await plan(false, host)
      #expect(off.isBlocked && off.hazards[0].text == "Storage is in use over FCoE: \"SAN 1\"")
    }
  }

  /// Masked, as the documentation has it: off as well, on again unmasks, and taking that back masks again.
  @Test func masked() async throws {
    try await ChangeHost.with(.standalone) { host in
      for words in [["stop", "fcoe", "xs-fcoe"], ["mask", "fcoe", "xs-fcoe"]] { _ = await host.host.runTool(["systemctl"] + words) }
      let before = await files(host)
      #expect(before.contains("xs-fcoe does not run, masked: nobody can start it"))
      #expect(await state(host).isOff)
      let on = try await plan(true, host)
      #expect(await host.run(on) == .done)
      #expect(await state(host).isOn)
      var hands = ChangeHands(host.client, host.system)
      for action in on.steps.flatMap(\.undo) { #expect(try await hands.perform(action) == .done) }
      #expect(await files(host) == before)
    }
  }

  @Test func aFailureLeavesThemAsTheyWere() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = await files(host)
      await host.host.setTool("systemctl disable xs-fcoe", .fail(code: 1, errors: "Failed to execute operation: no"))
      guard case .undone(let why) = await host.run(try await plan(false, host)) else {
        Issue.record("not undone")
        return
      }
      #expect(why.contains("Failed to execute operation"))
      #expect(await files(host) == before)
    }
  }
}
