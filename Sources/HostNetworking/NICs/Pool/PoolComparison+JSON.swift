import JSON

extension PoolComparison {
  /// For programs.
  public var json: JSONValue {
    var object = JSONObject([
      (
        "hosts",
        .array(
          hosts.map {
            ["name": .string($0.name), "here": .bool($0.isHere), "coordinator": .bool($0.isCoordinator), "live": .bool($0.isLive)]
          })
      ),
      ("same", .bool(!isUneven)),
      ("differences", .array(differences.map(\.json))),
      ("devices", .array(rows.map { row in
        [
          "name": .string(row.name), "differs": .bool(row.differs),
          "hosts": .object(JSONObject(zip(hosts, row.cells).map { ($0.name, .array($1.map(\.json))) })),
        ]
      })),
    ])
    switch source {
    case .xapi: object.append("source", "xapi")
    case .saved(let at, let why):
      object.append("source", "saved database")
      object.append("saved", .int(at))
      object.append("why", .string(why))
    }
    return .object(object)
  }
}

extension PoolComparison.Part {
  fileprivate var json: JSONValue { ["about": .string("\(aspect)"), "is": .string(text), "differs": .bool(differs)] }
}

extension PoolDifference {
  fileprivate var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "weight": .string("\(weight)"), "text": .string(text), "means": .string(meaning),
      "hosts": .array(hosts.map { .string($0) }), "devices": .array(devices.map { .string($0) }),
      "mend": .array(mending.map { ["on": $0.host.map { .string($0) } ?? .null, "line": .string($0.text)] }),
    ]
  }
}
