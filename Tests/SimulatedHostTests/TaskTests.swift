import JSON
import Testing

@testable import SimulatedHost

/// Calls that take time: pending tasks, progress, cancelling, refusing.
@Suite struct TaskTests {
  /// What a client sees of a task until it ends.
  private func follow(_ task: JSONValue, _ client: TestClient, _ session: JSONValue) async throws -> [JSONValue] {
    var token: JSONValue = ""
    var seen: [JSONValue] = []
    while true {
      let answer = try await client.call(
        "event.from", session, [.string("task/\(task.string ?? "")")], token, .double(20))
      token = answer["token"] ?? ""
      for event in answer["events"]?.array ?? [] {
        if let snapshot = event["snapshot"] { seen.append(snapshot) }
      }
      guard let last = seen.last, last["status"] == "pending" else { return seen }
    }
  }

  private func vm(_ name: String, _ client: TestClient, _ session: JSONValue) async throws -> JSONValue {
    let refs = try await client.call("VM.get_by_name_label", session, .string(name))
    return try #require(refs.array?.first)
  }

  @Test func asynchronousCallsArePendingFirst() async throws {
    let host = SimulatedHost(scenario: .standalone)
    await host.setTaskTime(.milliseconds(400))
    try await withServer(host) { client in
      let session = try await client.login()
      let here = try #require(try await client.call("host.get_all", session).array?.first)
      let before = try await client.call("network.get_all", session).array?.count ?? 0
      let task = try await client.call("Async.network.create", session, ["name_label": "Slow", "other_config": [:]])
      #expect(try await client.call("task.get_status", session, task) == "pending")
      #expect(try await client.call("network.get_all", session).array?.count == before)
      let seen = try await follow(task, client, session)
      let progress = seen.compactMap { $0["progress"] }.map { if case .double(let part) = $0 { part } else { -1.0 } }
      #expect(progress.count > 2)
      #expect(progress == progress.sorted())
      #expect(progress.contains { $0 > 0 && $0 < 1 })
      #expect(seen.last?["status"] == "success")
      #expect(seen.last?["resident_on"] == here)
      #expect(try await client.call("network.get_all", session).array?.count == before + 1)
      // What fails does so at the end.
      let failing = try await client.call("Async.PIF.scan", session, "OpaqueRef:nope")
      let end = try await follow(failing, client, session).last
      #expect(end?["error_info"] == ["HANDLE_INVALID", "host", "OpaqueRef:nope"])
    }
  }

  @Test func latencyMakesTasksTakeTime() async throws {
    try await withServer(.standalone, options: .init(latency: .milliseconds(30))) { client in
      let session = try await client.login()
      let here = try #require(try await client.call("host.get_all", session).array?.first)
      let task = try await client.call("Async.PIF.scan", session, here)
      #expect(try await follow(task, client, session).last?["status"] == "success")
    }
    let quick = SimulatedHost(scenario: .standalone)
    try await withServer(quick) { client in
      let session = try await client.login()
      let here = try #require(try await client.call("host.get_all", session).array?.first)
      let task = try await client.call("Async.PIF.scan", session, here)
      #expect(try await client.call("task.get_status", session, task) == "success")
    }
  }

  @Test func aShutdownProgressesAndEnds() async throws {
    let host = SimulatedHost(scenario: .standalone)
    await host.setShutdownTime(.milliseconds(300))
    try await withServer(host) { client in
      let session = try await client.login()
      let vm = try await vm("mail", client, session)
      let task = try await client.call("Async.VM.clean_shutdown", session, vm)
      let running = try await client.call("VM.get_record", session, vm)
      #expect(running["power_state"] == "Running")
      #expect(running["current_operations"] == [task.string ?? "": "clean_shutdown"])
      #expect(try await client.call("task.get_allowed_operations", session, task) == ["cancel"])
      // A second one finds the first.
      let second = try await client.raw("VM.hard_shutdown", session, vm)
      #expect(second["error"]?["message"] == "OTHER_OPERATION_IN_PROGRESS")
      let seen = try await follow(task, client, session)
      #expect(seen.last?["status"] == "success")
      #expect(seen.last?["allowed_operations"] == [])
      let halted = try await client.call("VM.get_record", session, vm)
      #expect(halted["power_state"] == "Halted")
      #expect(halted["resident_on"] == .string(Wire.nullRef))
      #expect(halted["current_operations"] == [:])
      for vif in halted["VIFs"]?.array ?? [] {
        #expect(try await client.call("VIF.get_currently_attached", session, vif) == false)
      }
      #expect(try await client.raw("VM.clean_shutdown", session, vm)["error"]?["message"] == "VM_BAD_POWER_STATE")
    }
  }

  @Test func aShutdownCanBeCancelled() async throws {
    let host = SimulatedHost(scenario: .standalone)
    await host.setShutdownTime(.seconds(30))
    try await withServer(host) { client in
      let session = try await client.login()
      let vm = try await vm("mail", client, session)
      await host.setShutdown(of: vm.string ?? "", time: .seconds(2), refusal: nil)
      let task = try await client.call("Async.VM.clean_shutdown", session, vm)
      _ = try await client.call("task.cancel", session, task)
      let last = try await follow(task, client, session).last
      #expect(last?["status"] == "cancelled")
      #expect(last?["error_info"] == ["TASK_CANCELLED", task])
      let record = try await client.call("VM.get_record", session, vm)
      #expect(record["power_state"] == "Running")
      #expect(record["current_operations"] == [:])
    }
  }

  /// A guest that does not answer is waited for; one without drivers is refused at once. Both can be shut down hard.
  @Test func guestsRefuse() async throws {
    try await withServer(.standalone) { client in
      let session = try await client.login()
      let (silent, bare) = (try await vm("mail", client, session), try await vm("nas", client, session))
      let wishes: [JSONValue] = [
        [
          "shutdown": [
            "match": ["name_label": "mail"], "seconds": 0.2, "refuses": "VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT",
          ]
        ],
        ["shutdown": ["match": ["name_label": "nas"], "seconds": 600, "refuses": "VM_MISSING_PV_DRIVERS"]],
      ]
      for wish in wishes {
        #expect(try JSONValue(parsing: try await client.post("/simulate", wish.encoded).body) == ["changed": 1])
      }
      let task = try await client.call("Async.VM.clean_shutdown", session, silent)
      #expect(
        try await follow(task, client, session).last?["error_info"] == ["VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT", silent])
      let at = try await client.raw("VM.clean_shutdown", session, bare)
      #expect(at["error"] == ["code": 1, "message": "VM_MISSING_PV_DRIVERS", "data": [bare]])
      for vm in [silent, bare] {
        #expect(try await client.call("VM.get_power_state", session, vm) == "Running")
        _ = try await client.call("VM.hard_shutdown", session, vm)
        #expect(try await client.call("VM.get_power_state", session, vm) == "Halted")
      }
    }
  }

  /// A long call keeps its own caller waiting and nobody else; its task is gone with its answer.
  @Test func longCallsBlockNobodyElse() async throws {
    let host = SimulatedHost(scenario: .standalone)
    await host.setShutdownTime(.milliseconds(600))
    try await withServer(host) { client in
      let session = try await client.login()
      let vm = try await vm("mail", client, session)
      async let shutdown = client.call("VM.clean_shutdown", session, vm)
      var pending = 0
      while try await client.call("VM.get_power_state", session, vm) == "Running" {
        pending = max(pending, try await client.call("task.get_all", session).array?.count ?? 0)
      }
      #expect(pending == 1)
      #expect(try await shutdown == "")
      #expect(try await client.call("task.get_all", session) == [])
    }
  }

  @Test func whatCannotBeShutDown() throws {
    var lab = Lab()
    let dom0 = lab.text("host", lab.world.thisHost, "control_domain")
    #expect(lab.failure("VM.clean_shutdown", .string(dom0)).first == "OPERATION_NOT_ALLOWED")
    let template = try #require(lab.world.database.find("VM", "is_a_template", true).first)
    #expect(lab.failure("VM.hard_shutdown", .string(template)) == ["VM_IS_TEMPLATE", template])
    let mail = try #require(lab.world.database.find("VM", "name_label", "mail").first)
    lab.world.database.set("VM", mail, "blocked_operations", ["clean_shutdown": "because"])
    #expect(lab.failure("VM.clean_shutdown", .string(mail)) == ["OPERATION_BLOCKED", mail, "because"])
    lab.world.database.set("VM", mail, "power_state", "Suspended")
    lab.world.database.set("VM", mail, "blocked_operations", [:])
    #expect(lab.failure("VM.clean_shutdown", .string(mail)) == ["VM_BAD_POWER_STATE", mail, "running", "suspended"])
    #expect(lab.failure("VM.hard_shutdown", .string(mail)) == [])
  }

  /// Contact lost before the work and after it.
  @Test func callsFailOnRequest() async throws {
    try await withServer(.standalone) { client in
      let session = try await client.login()
      func wish(_ after: Bool) async throws {
        let wish: JSONValue = [
          "call": ["name": "network.create", "fails": ["CANNOT_CONTACT_HOST", "x"], "after": .bool(after)]
        ]
        #expect(try await client.post("/simulate", wish.encoded).status == 200)
      }
      let record: JSONValue = ["name_label": "N", "other_config": [:]]
      for (after, made) in [(false, 0), (true, 1)] {
        try await wish(after)
        #expect(try await client.raw("network.create", session, record)["error"]?["message"] == "CANNOT_CONTACT_HOST")
        #expect(try await client.call("network.get_by_name_label", session, "N").array?.count == made)
      }
      #expect(try await client.raw("network.create", session, record)["result"] != nil)
    }
  }
}
