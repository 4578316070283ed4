import JSON

extension MTUCheckReport {
  /// For programs.
  public var json: JSONValue {
    var object = JSONObject([
      ("verdict", .string(word)), ("fits", .bool(fits)), ("text", .string(text)), ("means", .string(meaning)), ("next", .string(remedy)),
    ])
    switch verdict {
    case .fits(let size): object.append("passes", .int(Int64(size)))
    case .ownLimit(let most): object.append("passes", .int(Int64(most)))
    case .limited(let most, let by):
      object.append("passes", .int(Int64(most)))
      object.append("by", .string("\(by)"))
    case .blackHole(let passes, let lost):
      object.append("passes", .int(Int64(passes)))
      object.append("lost", .int(Int64(lost)))
    case .silent, .notTested: break
    }
    if let way {
      object.append("address", .string("\(way.address)"))
      object.append("interface", .string(way.interface))
      object.append("device", .string(way.device))
      object.append("gateway", way.gateway.map { .string($0) } ?? .null)
      object.append("size", .int(Int64(way.size)))
      object.append(
        "layers", .array(way.layers.map { ["name": .string($0.name), "mtu": $0.mtu.map { .int(Int64($0)) } ?? .null] }))
    }
    object.append("tries", .array(tries.map { ["size": .int(Int64($0.size)), "outcome": .string($0.words)] }))
    return .object(object)
  }

  private var word: String {
    switch verdict {
    case .fits: "fits"
    case .ownLimit: "own limit"
    case .limited: "limited"
    case .blackHole: "black hole"
    case .silent: "silent"
    case .notTested: "not tested"
    }
  }
}

extension MTUTry {
  /// `arrives, 0.4 ms`; as part of a line.
  public var words: String {
    switch outcome {
    case .arrives(let after): after.map { "arrives, \($0.brief)" } ?? "arrives"
    case .tooLong(let most, let by):
      (by.map { "too long, says \($0)" } ?? "too long for this host") + (most.map { ": at most \($0)" } ?? "")
    case .lost: "lost"
    case .notSent(let why): "not sent: \(why)"
    }
  }
}
