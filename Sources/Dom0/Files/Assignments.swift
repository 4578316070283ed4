/// A file of `KEY=value` lines, kept as it is but for what is set.
struct Assignments: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    let key: String
    /// What follows the first `=`, quotes and all.
    let raw: [UInt8]
    /// Counted from 0.
    let line: Int
  }

  private(set) var text: TextLines
  private(set) var entries: [Entry]

  init(_ bytes: [UInt8]) {
    text = TextLines(bytes)
    entries = Self.entries(of: text)
  }

  var bytes: [UInt8] { text.bytes }

  /// Lines that hold something but no `=`, comments apart; counted from 1.
  var lost: [Int] {
    text.lines.indices.filter { index in
      let line = HostText.trimmed(text.lines[index])
      return !line.isEmpty && line.first != UInt8(ascii: "#") && !line.contains(UInt8(ascii: "="))
    }.map { $0 + 1 }
  }

  /// Keys that stand in more than one line, in the order of their first.
  var repeated: [String] {
    var seen: [String: Int] = [:]
    for entry in entries { seen[entry.key, default: 0] += 1 }
    var told: Set<String> = []
    return entries.map(\.key).filter { seen[$0, default: 0] > 1 && told.insert($0).inserted }
  }

  /// Gives a key a new value, wherever it stands, so that readers that take the first and readers that take the last
  /// agree.
  /// - Parameter value: with its quotes.
  mutating func set(_ key: String, to value: String) {
    let line = Array("\(key)=\(value)".utf8)
    let places = entries.filter { $0.key == key }.map(\.line)
    for place in places { text.replace(place, with: line) }
    if places.isEmpty { text.append(line) }
    entries = Self.entries(of: text)
  }

  private static func entries(of text: TextLines) -> [Entry] {
    text.lines.indices.compactMap { index in
      let line = text.lines[index]
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { return nil }
      return Entry(key: HostText.string(line[..<equals]), raw: Array(line[(equals + 1)...]), line: index)
    }
  }
}

extension [UInt8] {
  /// Without a pair of quotes around it. Only a pair goes, as XAPI and the shell have it.
  func unquoted(_ quotes: String = "'\"") -> [UInt8] {
    guard count >= 2, let first, first == last, quotes.utf8.contains(first) else { return self }
    return Array(self[1..<(count - 1)])
  }

  /// True when it begins or ends with a quote that has no partner: what is left of a cut line.
  var hasLoneQuote: Bool {
    "'\"".utf8.contains { quote in (first == quote || last == quote) && count { $0 == quote } % 2 == 1 }
  }
}
