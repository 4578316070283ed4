import Dom0
import JSON
import XenAPI

public enum RouteAction: ActionGroup {
  /// `other-config:static-routes` of a network.
  case record(RecordChange)
  /// The kernel of this host has these routes, and does not have those.
  case kernel(present: [KernelRoute], absent: [KernelRoute])
  case restart(ToolstackPart)
  /// XAPI answers again.
  case awaitXAPI
  /// These units run, by name; empty: all that the host has of the toolstack.
  case checkUnits([String])

  static let key = "static-routes"

  var json: JSONValue {
    switch self {
    case .record(let change):
      [
        "set": "record", "network": .string(change.network), "was": change.was.map { .string($0) } ?? .null,
        "text": change.becomes.map { .string($0) } ?? .null, "back": .bool(change.isWayBack),
      ]
    case .kernel(let present, let absent):
      ["set": "kernel", "present": .array(present.map(\.json)), "absent": .array(absent.map(\.json))]
    case .restart(let part): ["set": "restart", "part": .string(part.rawValue)]
    case .awaitXAPI: ["set": "await-xapi"]
    case .checkUnits(let names): ["set": "check-units", "names": .of(names)]
    }
  }

  init?(_ json: JSONValue) {
    func routes(_ key: String) -> [KernelRoute]? {
      guard let rows = json[key]?.array else { return nil }
      let routes = rows.compactMap { KernelRoute($0) }
      return routes.count == rows.count ? routes : nil
    }
    switch json["set"]?.string {
    case "record":
      guard let network = json["network"]?.string, let text = json["text"], text == .null || text.string != nil else { return nil }
      self = .record(RecordChange(network: network, was: json["was"]?.string, becomes: text.string, isWayBack: json["back"]?.bool ?? false))
    case "kernel":
      guard let present = routes("present"), let absent = routes("absent") else { return nil }
      self = .kernel(present: present, absent: absent)
    case "restart":
      guard let part = json["part"]?.string.flatMap({ ToolstackPart(rawValue: $0) }) else { return nil }
      self = .restart(part)
    case "await-xapi": self = .awaitXAPI
    case "check-units": self = .checkUnits(json["names"].list)
    default: return nil
    }
  }

  var sentence: String {
    switch self {
    case .record(let change):
      guard let text = change.becomes else { return "Remove the network's static routes from XAPI's record" }
      return "Write the static routes \(text.split(separator: ",").joined(separator: ", ")) into XAPI's record"
    case .kernel(let present, let absent):
      let parts =
        (present.isEmpty ? [] : ["see that the kernel has \(present.map { "\($0)" }.joined(separator: ", "))"])
        + (absent.isEmpty ? [] : ["delete \(absent.map { "\($0)" }.joined(separator: ", ")) from the kernel"])
      let text = parts.joined(separator: " and ")
      return (text.first?.uppercased() ?? "") + text.dropFirst()
    case .restart(let part): return part.sentence
    case .awaitXAPI: return "Wait until XAPI answers"
    case .checkUnits(let names):
      return names.count == 1 ? "See that \(names[0]) runs" : "See that every service of the toolstack runs"
    }
  }

  func commands(_ commands: ChangeCommands) -> [String] {
    switch self {
    case .record(let change):
      [
        change.becomes.map { "xe network-param-set uuid=\(change.network) \(ShellWord.quoted("other-config:\(Self.key)=\($0)"))" }
          ?? "xe network-param-remove uuid=\(change.network) param-name=other-config param-key=\(Self.key)"
      ]
    case .kernel(let present, let absent):
      absent.map { "ip route del \($0.words.joined(separator: " "))" } + present.map { "ip route replace \($0.words.joined(separator: " "))" }
    case .restart, .awaitXAPI, .checkUnits: commandsAlone
    }
  }

  func isReached(_ scene: ChangeScene) -> Bool? {
    guard case .record(let change) = self else { return nil }
    return scene.network(uuid: change.network).map { change.isMade(in: scene.database.networks[$0]?.otherConfig[Self.key]) } ?? false
  }

  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) {
    guard case .record(let change) = self else { return }
    guard let network = calls.scene.network(uuid: change.network), let record = calls.scene.database.networks[network] else {
      throw ChangeFailure("the network is not there any more")
    }
    let now = record.otherConfig[Self.key]
    guard let text = change.text(from: now) else {
      throw ChangeFailure("the static routes of network \"\(record.nameLabel)\" were changed by somebody else meanwhile: look again")
    }
    // add refuses a key that is there.
    if now != nil {
      try await calls.call("network.remove_from_other_config", [network.json, .string(Self.key)])
    }
    if !text.isEmpty { try await calls.call("network.add_to_other_config", [network.json, .string(Self.key), .string(text)]) }
  }

  var isLocal: Bool { if case .record = self { false } else { true } }

  func performLocally(
    _ system: HostSystem, _ client: XenClient, told: @escaping @Sendable (String) -> Void
  ) async throws(ChangeFailure) -> ChangeHands.Done {
    switch self {
    case .record: throw ChangeFailure("this is done through XAPI")
    case .kernel(let present, let absent): return try await KernelRouteHands(system).set(present: present, absent: absent)
    case .restart(let part): return try await ToolstackHands(client, system).restart(part, told)
    case .awaitXAPI: return try await ToolstackHands(client, system).awaitXAPI(told)
    case .checkUnits(let names): return try await ToolstackHands(client, system).checkUnits(names)
    }
  }

  var leavesNoTrace: Bool { isLocal }
}

/// What becomes of the record of a network's routes. Others write there as well: what they did is not undone.
public struct RecordChange: Hashable, Sendable {
  /// By its uuid.
  var network: String
  /// nil for no record.
  var was: String?
  var becomes: String?
  /// What somebody else has written meanwhile is kept; otherwise it stops the change.
  var isWayBack = false

  /// The way back.
  var back: RecordChange { RecordChange(network: network, was: becomes, becomes: was, isWayBack: true) }

  private static func items(_ text: String?) -> [String] { RouteRecord(text).items.map(\.text) }

  func isMade(in now: String?) -> Bool {
    if now == becomes { return true }
    guard isWayBack, now != was else { return false }
    let (before, after, present) = (Self.items(was), Self.items(becomes), Self.items(now))
    return after.allSatisfy { before.contains($0) || present.contains($0) } && before.allSatisfy { after.contains($0) || !present.contains($0) }
  }

  /// What is to be written; empty for nothing at all, nil when the record is not what the change was made for.
  func text(from now: String?) -> String? {
    if now == was { return becomes ?? "" }
    guard isWayBack else { return nil }
    let (before, after) = (Self.items(was), Self.items(becomes))
    let kept = Self.items(now).filter { after.contains($0) || !before.contains($0) }
    return (kept + after.filter { !before.contains($0) && !kept.contains($0) }).joined(separator: ",")
  }
}

/// Sets and deletes routes with `ip`, and looks at what came of it.
struct KernelRouteHands: Sendable {
  private let system: HostSystem

  init(_ system: HostSystem) { self.system = system }

  func set(present: [KernelRoute], absent: [KernelRoute]) async throws(ChangeFailure) -> ChangeHands.Done {
    let before = try await look()
    let missing = present.filter { !before.contains($0) }
    let left = absent.filter { before.contains($0) }
    for route in left { try await run("del", route) }
    for route in missing { try await run("replace", route) }
    guard !missing.isEmpty || !left.isEmpty else { return .wasSo }
    let after = try await look()
    if let route = missing.first(where: { !after.contains($0) }) { throw ChangeFailure("the kernel took \(route) and does not have it") }
    if let route = left.first(where: { after.contains($0) }) { throw ChangeFailure("\(route) was deleted and is still in the kernel") }
    return .done
  }

  private func look() async throws(ChangeFailure) -> [KernelRoute] {
    do throws(LiveFailure) {
      return try await KernelRoute.all(on: system)
    } catch {
      throw ChangeFailure("the kernel's routes could not be looked at: \(error)", isUnknown: true)
    }
  }

  private func run(_ verb: String, _ route: KernelRoute) async throws(ChangeFailure) {
    do throws(ChangeFailure) {
      try await system.service(["ip", "route", verb] + route.words, limit: .seconds(10))
    } catch {
      // Somebody else was faster.
      if verb == "del", error.text.contains("No such process") { return }
      throw ChangeFailure("\(error.text)\(Self.explanation(error.text, route))", isUnknown: error.isUnknown)
    }
  }

  private static func explanation(_ said: String, _ route: KernelRoute) -> String {
    if said.contains("invalid gateway") || said.contains("unreachable") {
      return ". \(route.device) has no address in the network of \(route.route.gateway), or has it itself"
    }
    return said.contains("Cannot find device") ? ". The bridge is not there: plug its interface" : ""
  }
}
