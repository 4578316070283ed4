import JSON

/// Steering from outside, for stories: POST a JSON object to `/simulate` on the server's own socket.
///
///     {"carrier": {"device": "eth3", "up": false}}
///     {"set": {"class": "PIF", "match": {"device": "eth1"}, "field": "MTU", "value": 9000}}
///     {"create": {"class": "network", "fields": {"name_label": "New", "bridge": "xapi77"}}}
///     {"destroy": {"class": "VLAN", "match": {"tag": 20}, "silent": true}}
///     {"restart": {"seconds": 2}}
///     {"fault": "hang", "after": 0}      {"fault": null}
///     {"latency": 250}                    milliseconds
///     {"emergency": "HOST_STILL_BOOTING"} {"emergency": null}
///
/// Wishes about how calls go are in `SteeringCalls.swift`, about the wires and services in `SteeringOutside.swift`, about cards in `SteeringCards.swift`, about files, tools and boot in `Dom0/SteeringHost.swift`.
///
/// Several members may come in one object. The answer is `{"changed": N}`, the number of rows touched, or status 400
/// and `{"error": "…"}`.
extension SimulatedHost {
  /// A wish that cannot be granted.
  struct Refused: Error { let text: String }

  func steer(_ head: HTTPHead, _ body: [UInt8]) async -> HTTPResponse {
    do {
      guard let wishes = try? JSONValue(parsing: body).object else { throw Refused(text: "not a JSON object") }
      var changed = 0
      for (name, wish) in wishes { changed += try await grant(name, wish, wishes) }
      let answer: JSONValue = ["changed": .int(Int64(changed))]
      return .ok(head, [answer.encoded])
    } catch {
      let answer: JSONValue = ["error": .string((error as? Refused)?.text ?? "\(error)")]
      var response = HTTPResponse.ok(head, [answer.encoded])
      response.status = 400
      response.reason = "Bad Request"
      return response
    }
  }

  private func grant(_ name: String, _ wish: JSONValue, _ wishes: JSONObject) async throws -> Int {
    switch name {
    case "carrier":
      guard let device = wish["device"]?.string, let up = wish["up"]?.bool else {
        throw Refused(text: "carrier needs device and up")
      }
      setCarrier(device: device, up: up)
      return 1
    case "set": return try set(wish)
    case "create":
      guard let owner = wish["class"]?.string, world.schema[owner] != nil else { throw Refused(text: "no such class") }
      createRow(class: owner, wish["fields"]?.object ?? JSONObject())
      return 1
    case "destroy": return try destroy(wish)
    case "restart":
      let pause = Duration.seconds(Self.number(wish["seconds"]) ?? 2)
      // Not awaited: the answer must leave before the socket goes.
      pendingRestart = Task {
        try? await Task.sleep(for: .milliseconds(50))
        await self.restartToolstack(downFor: pause)
        self.pendingRestart = nil
      }
      return 1
    case "fault": return try await setFault(wish, after: wishes["after"]?.int ?? 0)
    case "after": return 0
    case "latency":
      options.latency = .milliseconds(Self.number(wish) ?? 0)
      world.behaviour.taskTime = options.taskTime ?? options.latency * 4
      return 0
    case "emergency":
      setEmergency(wish.string)
      return 0
    default:
      if let changed = try grantForCalls(name, wish) { return changed }
      if let changed = try await grantForOutside(name, wish) { return changed }
      guard let changed = try await grantForHost(name, wish) else { throw Refused(text: "unknown wish: \(name)") }
      return changed
    }
  }

  static func number(_ value: JSONValue?) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  func matching(_ wish: JSONValue) throws -> (owner: String, refs: [String]) {
    guard let owner = wish["class"]?.string, world.schema[owner] != nil else { throw Refused(text: "no such class") }
    return (owner, refs(class: owner, where: wish["match"]?.object ?? JSONObject()))
  }

  private func set(_ wish: JSONValue) throws -> Int {
    let (owner, refs) = try matching(wish)
    guard let field = wish["field"]?.string, world.schema[owner]?.field(field) != nil, let value = wish["value"] else {
      throw Refused(text: "set needs field and value")
    }
    for ref in refs { mutate(class: owner, ref: ref, field: field, value: value) }
    return refs.count
  }

  private func destroy(_ wish: JSONValue) throws -> Int {
    let (owner, refs) = try matching(wish)
    for ref in refs {
      if wish["silent"]?.bool == true {
        destroyRowSilently(class: owner, ref: ref)
      } else {
        destroyRow(class: owner, ref: ref)
      }
    }
    return refs.count
  }

  private func setFault(_ wish: JSONValue, after requests: Int64) async throws -> Int {
    let fault = wish.string.flatMap(Fault.init(rawValue:))
    guard fault != nil || wish == .null else { throw Refused(text: "no such fault") }
    if fault == .refuse {
      Task {
        try? await Task.sleep(for: .milliseconds(50))
        await self.setFault(fault, after: Int(requests))
      }
    } else {
      await setFault(fault, after: Int(requests))
    }
    return 0
  }
}
