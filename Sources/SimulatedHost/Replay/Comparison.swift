import JSON

/// Compares a recorded answer with ours. What cannot be the same is not compared: names made on the way (they are
/// paired), points in time, event ids, the numbers in tokens, the order of sets.
struct Comparison {
  /// Classes whose rows the recorded state holds; of others even the number is unknown.
  let recordedClasses: Set<String>
  var mapping: Mapping

  init(state: JSONValue, capture: JSONValue) {
    mapping = Mapping(state: state, capture: capture)
    recordedClasses = Set((state.object?.keys ?? []).map { $0.lowercased() } + ["task"])
  }

  /// The places where two values differ.
  mutating func differences(_ theirs: JSONValue, _ mine: JSONValue, at path: String = "") -> [Replay.Difference.Place] {
    func differ() -> [Replay.Difference.Place] {
      [.init(path: path, expected: theirs.description, actual: mine.description)]
    }
    switch (theirs, mine) {
    case (.string(let theirs), .string(let mine)):
      return same(theirs, mine, path) ? [] : differ()
    case (.object(let theirs), .object(let mine)): return members(theirs, mine, path)
    case (.array(let theirs), .array(let mine)): return elements(theirs, mine, path)
    default: return theirs == mine ? [] : differ()
    }
  }

  // MARK: Texts

  mutating func same(_ theirs: String, _ mine: String, _ path: String = "") -> Bool {
    if Self.isTime(theirs), Self.isTime(mine) { return (theirs == Wire.epoch) == (mine == Wire.epoch) }
    if Self.isSeconds(theirs), Self.isSeconds(mine) { return true }
    if EventToken.isCanonical(theirs), EventToken.isCanonical(mine) {
      mapping.pairToken(theirs, mine)
      return true
    }
    if path.hasSuffix("].timestamp"), theirs.hasSuffix("."), mine.hasSuffix(".") { return true }
    if path.hasSuffix("].id"), theirs != "0", mine != "0" { return Int64(mine) != nil }
    let (left, right) = (UUIDText.parts(theirs), UUIDText.parts(mine))
    guard left.texts == right.texts else { return false }
    for (theirs, mine) in zip(left.uuids, right.uuids) where !mapping.pair(theirs, mine) { return false }
    return true
  }

  /// `1795367401.`, seconds since 1970 as XAPI notes when its agent and its host started.
  private static func isSeconds(_ text: String) -> Bool {
    text.utf8.count == 11 && text.hasSuffix(".") && text.utf8.dropLast().allSatisfy { (0x30...0x39).contains($0) }
  }

  /// `20261122T17:28:41Z`
  private static func isTime(_ text: String) -> Bool {
    let shape = text.utf8.map { (0x30...0x39).contains($0) ? UInt8(ascii: "9") : $0 }
    return shape.elementsEqual("99999999T99:99:99Z".utf8)
  }

  // MARK: Objects

  private mutating func members(_ theirs: JSONObject, _ mine: JSONObject, _ path: String) -> [Replay.Difference.Place] {
    var found: [Replay.Difference.Place] = []
    var left = mine
    var unmatched: [(String, JSONValue)] = []
    for (key, value) in theirs {
      let name = mapping.translate(key)
      guard let other = left[name] else {
        unmatched.append((key, value))
        continue
      }
      left[name] = nil
      if path.hasSuffix("valid_ref_counts"), !recordedClasses.contains(key) { continue }
      found += differences(value, other, at: "\(path).\(key)")
    }
    // Keys that are names made on the way: any partner will do that holds the same.
    for (key, value) in unmatched {
      guard let partner = partner(key, value, in: left) else {
        found.append(.init(path: "\(path).\(key)", expected: value.description, actual: "nothing"))
        continue
      }
      left[partner] = nil
    }
    for (key, value) in left {
      found.append(.init(path: "\(path).\(key)", expected: "nothing", actual: value.description))
    }
    return found
  }

  private mutating func partner(_ key: String, _ value: JSONValue, in candidates: JSONObject) -> String? {
    for (name, other) in candidates {
      var trial = self
      if trial.same(key, name), trial.differences(value, other).isEmpty {
        self = trial
        return name
      }
    }
    return nil
  }

  // MARK: Arrays

  /// Sets come in any order. What is no set (an error's parameters) is compared in order.
  private mutating func elements(_ theirs: [JSONValue], _ mine: [JSONValue], _ path: String) -> [Replay.Difference
    .Place]
  {
    guard !path.hasPrefix(".error") else { return inOrder(theirs, mine, path) }
    var left = mine
    var found: [Replay.Difference.Place] = []
    var unmatched: [JSONValue] = []
    for value in theirs {
      if let index = partner(value, in: left, path) { left.remove(at: index) } else { unmatched.append(value) }
    }
    for value in unmatched {
      if let index = left.firstIndex(where: { Self.sameEvent(value, $0) }) {
        found += differences(value, left.remove(at: index), at: "\(path)[\(Self.label(value))]")
      } else {
        found.append(.init(path: "\(path)[]", expected: value.description, actual: "nothing"))
      }
    }
    for value in left { found.append(.init(path: "\(path)[]", expected: "nothing", actual: value.description)) }
    if path.hasSuffix(".events"), !Self.isOrdered(mine) {
      found.append(.init(path: path, expected: "adds, mods, dels", actual: "another order"))
    }
    return found
  }

  private mutating func partner(_ value: JSONValue, in candidates: [JSONValue], _ path: String) -> Int? {
    for (index, other) in candidates.enumerated() {
      var trial = self
      if trial.differences(value, other, at: "\(path)[]").isEmpty {
        self = trial
        return index
      }
    }
    return nil
  }

  private mutating func inOrder(_ theirs: [JSONValue], _ mine: [JSONValue], _ path: String) -> [Replay.Difference.Place]
  {
    guard theirs.count == mine.count else {
      return [.init(path: path, expected: "\(JSONValue.array(theirs))", actual: "\(JSONValue.array(mine))")]
    }
    var found: [Replay.Difference.Place] = []
    for (index, (left, right)) in zip(theirs, mine).enumerated() {
      found += differences(left, right, at: "\(path)[\(index)]")
    }
    return found
  }

  /// Events about the same kind of thing, for a difference that says more than "missing".
  private static func sameEvent(_ theirs: JSONValue, _ mine: JSONValue) -> Bool {
    guard let name = theirs["class"], let operation = theirs["operation"] else { return false }
    return name == mine["class"] && operation == mine["operation"]
  }

  private static func label(_ event: JSONValue) -> String {
    [event["class"]?.string, event["operation"]?.string, event["ref"]?.string].compactMap(\.self).joined(separator: " ")
  }

  private static func isOrdered(_ events: [JSONValue]) -> Bool {
    let ranks = events.map { ["add": 0, "mod": 1, "del": 2][$0["operation"]?.string ?? ""] ?? 0 }
    return ranks == ranks.sorted()
  }
}
