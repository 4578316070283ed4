import JSON

extension PendingChange {
  private static let format = "xcpconsole pending change"
  private static let version: Int64 = 1

  public var json: JSONValue {
    [
      "format": .string(Self.format), "version": .int(Self.version), "id": .string(id), "state": .string(state.rawValue),
      "title": .string(title), "intent": .string(intent), "begun": .int(Int64(begun)), "deadline": .double(deadline),
      "boot_id": bootID.map { .string($0) } ?? .null, "began": .int(began), "who": .string(who),
      "remark": .string(remark), "expectation": expectation?.json ?? .null,
      "steps": .array(
        steps.map { ["sentence": .string($0.sentence), "undo": .array($0.undo.map(\.json))] }),
    ]
  }

  /// - Throws: why the record cannot be used.
  init(_ json: JSONValue) throws(ChangeFailure) {
    guard json["format"]?.string == Self.format else { throw ChangeFailure("it is no record of a change") }
    guard json["version"]?.int == Self.version else {
      throw ChangeFailure("it was written by a newer version of this program")
    }
    guard let id = json["id"]?.string, Stamp.isPlain(id),
      let state = json["state"]?.string.flatMap({ State(rawValue: $0) }), let title = json["title"]?.string,
      let begun = json["begun"]?.int, let deadline = json["deadline"]?.number, let rows = json["steps"]?.array
    else { throw ChangeFailure("something in it is missing") }
    let steps = rows.compactMap { Step($0) }
    guard steps.count == rows.count, (0...Int64(steps.count)).contains(begun) else {
      throw ChangeFailure("a step in it cannot be read")
    }
    self.init(
      id: id, state: state, title: title, intent: json["intent"]?.string ?? "", steps: steps, begun: Int(begun),
      deadline: deadline, bootID: json["boot_id"]?.string, began: json["began"]?.int ?? 0,
      who: json["who"]?.string ?? "", expectation: json["expectation"].flatMap { Expectation($0) },
      remark: json["remark"]?.string ?? "")
  }
}

extension PendingChange.Step {
  fileprivate init?(_ json: JSONValue) {
    guard let sentence = json["sentence"]?.string, let rows = json["undo"]?.array else { return nil }
    let undo = rows.compactMap { ChangeAction($0) }
    guard undo.count == rows.count else { return nil }
    self.init(sentence: sentence, undo: undo)
  }
}

extension Expectation {
  fileprivate var json: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    return [
      "interface": text(interface), "cards": .array(cards.map { .string($0) }), "ipv6": .bool(isIPv6), "address": text(address), "gateway": text(gateway),
      "servers": .array(servers.map { .string($0) }), "coordinator": text(coordinator),
    ]
  }

  fileprivate init?(_ json: JSONValue) {
    guard let isIPv6 = json["ipv6"]?.bool else { return nil }
    self.init(
      interface: json["interface"]?.string, cards: (json["cards"]?.array ?? []).compactMap(\.string), isIPv6: isIPv6, address: json["address"]?.string,
      gateway: json["gateway"]?.string, servers: (json["servers"]?.array ?? []).compactMap(\.string),
      coordinator: json["coordinator"]?.string)
  }
}

extension JSONValue {
  /// A whole number or a fraction.
  fileprivate var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }
}
