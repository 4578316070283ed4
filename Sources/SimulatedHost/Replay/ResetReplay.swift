import Glibc
import JSON

/// The recording of an emergency network reset: records before it and after it, and the trigger file between them.
///
/// The host starts from the records before; then XAPI starts anew with the trigger in its place, as it did when this
/// was recorded (the host itself did not reboot, so that the bond went on holding its cards).
extension Replay {
  static func runReset(_ capture: JSONValue, trigger: String) async throws(SimulationError) -> Report {
    let exchanges = capture["exchanges"]?.array ?? []
    let half = exchanges.firstIndex { ($0["name"]?.string ?? "").hasPrefix("after") } ?? exchanges.endIndex
    let state = before(exchanges[..<half])
    let host = try SimulatedHost(state: state)
    let root = try makeFolder()
    let tree = FileTree(root: root)
    defer { tree.removeFolder("") }
    try await host.attach(root: root)
    var comparison = Comparison(state: state, capture: capture)
    var report = Report()
    for part in [exchanges[..<half], exchanges[half...]] {
      await logIn(host, for: Array(part), &comparison)
      for exchange in part {
        let name = exchange["name"]?.string ?? ""
        report.add(name, await replay(exchange, name, on: host, &comparison))
      }
      if part.endIndex == half {
        try tree.put(Dom0Layout().trigger, .text(trigger))
        await host.restartToolstack(downFor: .zero)
      }
    }
    await host.stop()
    return report
  }

  /// The records of the first answers, with the rows that they refer to and do not show.
  private static func before(_ exchanges: ArraySlice<JSONValue>) -> JSONValue {
    var state = JSONObject()
    for exchange in exchanges {
      guard let method = exchange["request"]?["method"]?.string, let records = exchange["response"]?["result"],
        let name = method.split(separator: ".").first, name != "message"
      else { continue }
      state[String(name)] = records
    }
    var metrics = JSONObject()
    for pif in state["PIF"]?.object?.values ?? [] {
      guard let ref = pif["metrics"]?.string, metrics[ref] == nil else { continue }
      metrics.append(ref, ["uuid": .string(String(ref.dropFirst(10))), "carrier": true, "speed": 1000, "duplex": true])
    }
    state["PIF_metrics"] = .object(metrics)
    return .object(state)
  }

  private static func makeFolder() throws(SimulationError) -> String {
    var template = Array("/tmp/xcpconsole-reset-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else { throw .cannotWrite(path: "/tmp", reason: String(cString: strerror(errno))) }
    return made
  }
}
