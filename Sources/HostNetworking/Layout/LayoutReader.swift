import JSON
import XenAPI

/// Takes an object of a layout file apart: every wrong member is named with its place; what nobody asks for is kept.
struct LayoutReader {
  private let name: String
  private let place: String
  private let object: JSONObject
  private var asked: Set<String> = []

  /// - Parameters:
  ///   - name: the file, for what is said of it.
  ///   - place: where in the file, `bonds[0]`; empty for the whole.
  init(_ value: JSONValue, name: String, place: String) throws(LayoutError) {
    guard let object = value.object else {
      throw .damaged(name: name, place: place.isEmpty ? "the whole" : place, rule: "expected an object")
    }
    self.name = name
    self.place = place
    self.object = object
    var seen: Set<String> = []
    for key in object.keys where !seen.insert(key).inserted { throw damaged(key, "is there twice") }
  }

  func damaged(_ key: String, _ rule: String) -> LayoutError {
    .damaged(name: name, place: place.isEmpty ? key : "\(place).\(key)", rule: rule)
  }

  /// The members that were not asked for.
  var rest: JSONObject { JSONObject(object.filter { !asked.contains($0.0) }.map { ($0.0, $0.1) }) }

  private mutating func value(_ key: String) -> JSONValue? {
    asked.insert(key)
    let value = object[key]
    return value == .null ? nil : value
  }

  private mutating func read<Value>(
    _ key: String, _ expected: String, _ take: (JSONValue) -> Value?
  ) throws(LayoutError) -> Value? {
    guard let value = value(key) else { return nil }
    guard let result = take(value) else { throw damaged(key, "expected \(expected)") }
    return result
  }

  /// Empty when absent.
  mutating func string(_ key: String) throws(LayoutError) -> String { try read(key, "a text", \.string) ?? "" }

  mutating func needed(_ key: String) throws(LayoutError) -> String {
    let text = try string(key)
    if text.isEmpty { throw damaged(key, "is missing") }
    return text
  }

  mutating func int(_ key: String, default missing: Int64) throws(LayoutError) -> Int64 {
    try read(key, "a whole number", \.int) ?? missing
  }

  mutating func bool(_ key: String, default missing: Bool) throws(LayoutError) -> Bool {
    try read(key, "true or false", \.bool) ?? missing
  }

  mutating func strings(_ key: String) throws(LayoutError) -> [String] {
    try read(key, "a list of texts") { value in
      guard let elements = value.array else { return nil }
      let texts = elements.compactMap(\.string)
      return texts.count == elements.count ? texts : nil
    } ?? []
  }

  mutating func map(_ key: String) throws(LayoutError) -> [String: String] {
    try read(key, "an object of texts") { value in
      guard let object = value.object else { return nil }
      var map: [String: String] = [:]
      for (key, value) in object {
        guard let text = value.string else { return nil }
        map[key] = text
      }
      return map
    } ?? [:]
  }

  /// One of the spellings of XAPI; unknown ones are kept.
  mutating func spelling<Value: Spelling>(_ key: String, default missing: Value) throws(LayoutError) -> Value {
    let text = try string(key)
    return text.isEmpty ? missing : Value(rawValue: text)
  }

  /// One of a closed list.
  mutating func choice<Value: RawRepresentable<String> & CaseIterable>(_ key: String) throws(LayoutError) -> Value {
    let text = try needed(key)
    guard let value = Value(rawValue: text) else {
      throw damaged(key, "expected one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")), not \"\(text)\"")
    }
    return value
  }

  mutating func mac(_ key: String, isNeeded: Bool = false) throws(LayoutError) -> String {
    let text = isNeeded ? try needed(key) : try string(key)
    guard text.isEmpty || text.isMAC else { throw damaged(key, "\"\(text)\" is not a MAC address") }
    return text.lowercased()
  }

  /// An object below this one; an empty one when absent.
  mutating func below(_ key: String) throws(LayoutError) -> LayoutReader {
    try LayoutReader(value(key) ?? .object([:]), name: name, place: place.isEmpty ? key : "\(place).\(key)")
  }

  /// Every element of a list of objects.
  mutating func list<Value>(
    _ key: String, _ take: (inout LayoutReader) throws(LayoutError) -> Value
  ) throws(LayoutError) -> [Value] {
    guard let value = value(key) else { return [] }
    guard let elements = value.array else { throw damaged(key, "expected a list") }
    var result: [Value] = []
    for (index, element) in elements.enumerated() {
      var reader = try LayoutReader(element, name: name, place: "\(key)[\(index)]")
      result.append(try take(&reader))
    }
    return result
  }
}

extension String {
  /// Six bytes in hex with colons.
  var isMAC: Bool {
    let parts = split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 6 && parts.allSatisfy { $0.utf8.count == 2 && $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
  }
}
