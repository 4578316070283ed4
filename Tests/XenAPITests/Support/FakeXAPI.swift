import Foundation
import JSON
import Synchronization

@testable import XenAPI

/// Just enough of XAPI for `LiveMonitor`: sessions, rows, `event.from` with tokens; and its ways to fail.
final class FakeXAPI: Sendable {
  struct World: Sendable {
    /// Class (as events spell it) -> ref -> record.
    var rows: [String: [String: JSONValue]] = [
      "host": ["OpaqueRef:h": ["uuid": "h", "name_label": "xcp1"]], "pool": ["OpaqueRef:p": ["uuid": "p"]],
      "pif": [
        "OpaqueRef:eth0": ["uuid": "e0", "device": "eth0"], "OpaqueRef:eth1": ["uuid": "e1", "device": "eth1"],
      ],
    ]
    var generation = 10
    var log: [(generation: Int, operation: String, className: String, ref: String)] = []
    var logins = 0
    var sessions: Set<String> = []
    /// Answered to everything but the emergency calls.
    var emergency: [String]?
    var emergencyReason: [String]?
    /// Answered to every `event.from`, instead of events.
    var eventReply: ScriptedServer.Reply?
    var loginReply: ScriptedServer.Reply?
    /// Answers the question which host this is, by which the monitor probes.
    var probeReply: ScriptedServer.Reply?
    var probes = 0
    var eventCalls = 0
    /// Added to what is counted.
    var countedTooMany: [String: Int] = [:]
    var fullLoads = 0

    mutating func put(_ className: String, _ ref: String, _ record: JSONValue) {
      let operation = rows[className]?[ref] == nil ? "add" : "mod"
      rows[className, default: [:]][ref] = record
      generation += 1
      log.append((generation, operation, className, ref))
    }

    mutating func remove(_ className: String, _ ref: String) {
      rows[className]?[ref] = nil
      generation += 1
      log.append((generation, "del", className, ref))
    }

    var token: String { token(generation) }
    func token(_ generation: Int) -> String {
      let digits = String(generation)
      return String(repeating: "0", count: 20 - digits.count) + digits + ",00000000000000000000"
    }

    /// nil when nothing is newer than `token`.
    mutating func events(since token: String) -> JSONValue? {
      var events: [JSONValue] = []
      func event(_ operation: String, _ className: String, _ ref: String) -> JSONValue {
        var event = JSONObject([
          ("id", "1"), ("timestamp", "0.0"), ("class", .string(className)), ("operation", .string(operation)),
          ("ref", .string(ref)),
        ])
        if operation != "del" { event["snapshot"] = rows[className]?[ref] }
        return .object(event)
      }
      if token.isEmpty {
        fullLoads += 1
        for (className, table) in rows { events += table.keys.map { event("add", className, $0) } }
      } else {
        let since = Int(token.prefix(20)) ?? 0
        events = log.filter { $0.generation > since }.map { event($0.operation, $0.className, $0.ref) }
        if events.isEmpty { return nil }
      }
      return answer(events)
    }

    func answer(_ events: [JSONValue]) -> JSONValue {
      let counts = rows.map { ($0.key, JSONValue.int(Int64($0.value.count + countedTooMany[$0.key, default: 0]))) }
      return ["events": .array(events), "valid_ref_counts": .object(JSONObject(counts)), "token": .string(token)]
    }
  }

  let path: String
  private let folder = Sockets.newFolder()
  private let world = Mutex(World())
  private let running = Mutex<ScriptedServer?>(nil)

  init(running starts: Bool = true) {
    path = folder + "/xapi"
    if starts { start() }
  }

  deinit {
    stop()
    unlink(path)
    rmdir(folder)
  }

  var server: ScriptedServer? { running.withLock { $0 } }

  func change<Value: Sendable>(_ body: (inout World) -> Value) -> Value { world.withLock { body(&$0) } }
  func look<Value: Sendable>(_ path: KeyPath<World, Value> & Sendable) -> Value { world.withLock { $0[keyPath: path] } }

  func start() {
    unlink(path)
    let server = ScriptedServer(path: path) { [weak self] request in self?.answer(request) ?? .close }
    running.withLock { $0 = server }
  }

  /// As when the daemon stops: sessions are forgotten.
  func stop(leavingFile: Bool = false) {
    running.withLock { server in
      server?.stop(leavingFile: leavingFile)
      server = nil
    }
    world.withLock { $0.sessions = [] }
  }

  private func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
    switch request.method {
    case "session.slave_local_login_with_password": return .result("OpaqueRef:local")
    case "session.local_logout": return .result("")
    case "host.local_assert_healthy":
      guard let reason = look(\.emergencyReason) else { return .result("") }
      return .body(
        JSONValue.object(JSONObject([("jsonrpc", "2.0"), ("error", .array(reason.map { .string($0) })), ("id", 1)]))
          .encoded)
    default: break
    }
    if let words = look(\.emergency) {
      return .body(
        JSONValue.object(JSONObject([("jsonrpc", "2.0"), ("error", .array(words.map { .string($0) })), ("id", 0)]))
          .encoded)
    }
    if request.method == "session.login_with_password" { return login() }
    let session = request.parameters.first?.string ?? ""
    guard look(\.sessions).contains(session) else { return .failure("SESSION_INVALID", session) }
    switch request.method {
    case "session.get_this_host":
      return change {
        $0.probes += 1
        return $0.probeReply ?? .result("OpaqueRef:h")
      }
    case "event.from": return events(request)
    default: return .failure("MESSAGE_METHOD_UNKNOWN", request.method)
    }
  }

  private func login() -> ScriptedServer.Reply {
    change { world in
      world.logins += 1
      if let reply = world.loginReply { return reply }
      world.sessions.insert("OpaqueRef:s\(world.logins)")
      return .result(.string("OpaqueRef:s\(world.logins)"))
    }
  }

  private func events(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
    change { $0.eventCalls += 1 }
    let token = request.parameters.count > 2 ? request.parameters[2].string ?? "" : ""
    let hold: Double =
      if request.parameters.count > 3, case .double(let seconds) = request.parameters[3] { seconds } else { 0 }
    let session = request.parameters.first?.string ?? ""
    let end = ContinuousClock.now + .seconds(hold)
    while true {
      if let reply = look(\.eventReply) { return reply }
      if let answer = change({ $0.events(since: token) }) { return .result(answer) }
      if !look(\.sessions).contains(session) { return .failure("SESSION_INVALID", session) }
      if ContinuousClock.now >= end { return .result(change { $0.answer([]) }) }
      usleep(1000)
    }
  }
}

/// A monitor at work, and everything it has published.
final class Watch: Sendable {
  let monitor: LiveMonitor
  private let task: Task<Void, Never>

  init(_ xapi: FakeXAPI, _ adjust: (inout LiveMonitor.Timing) -> Void = { _ in }) {
    var timing = LiveMonitor.Timing()
    timing.hold = .milliseconds(100)
    timing.grace = .seconds(20)
    timing.load = .seconds(20)
    timing.login = .seconds(20)
    timing.retry = .milliseconds(5)
    timing.longestRetry = .milliseconds(20)
    timing.breath = .milliseconds(1)
    adjust(&timing)
    let monitor = LiveMonitor(XenClient(.unixSocket(path: xapi.path)), timing: timing)
    let published = Published()
    self.monitor = monitor
    self.published = published
    task = Task { await monitor.run { published.append($0) } }
  }

  private final class Published: Sendable {
    let states = Mutex<[LiveState]>([])
    func append(_ state: LiveState) { states.withLock { $0.append(state) } }
  }

  private let published: Published

  deinit { task.cancel() }

  var all: [LiveState] { published.states.withLock { $0 } }
  var state: LiveState { all.last ?? LiveState() }
  var devices: [String] { (state.database?.pifs.all.map(\.record.device) ?? []).sorted() }

  func becomes(_ condition: @Sendable (LiveState) -> Bool) async -> Bool { await eventually { condition(self.state) } }
  func becomesLive() async -> Bool { await becomes { $0.connection == .live } }

  /// Ends the monitor; returns when it has ended.
  func stop() async {
    task.cancel()
    await task.value
  }
}
