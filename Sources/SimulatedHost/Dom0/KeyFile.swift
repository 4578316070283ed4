/// A file of `KEY='value'` lines, every line of which is kept.
struct KeyFile {
  private var lines: [String]

  init(_ text: String) { lines = text.split(whereSeparator: \.isNewline).map { String($0) } }

  var text: String { lines.map { $0 + "\n" }.joined() }

  private static func key(_ line: String) -> Substring { line.prefix { $0 != "=" } }

  /// The value without its quotes; nil when the key is absent. Setting keeps the key's place or adds a line.
  subscript(key: String) -> String? {
    get {
      guard let line = lines.last(where: { Self.key($0) == key && $0.utf8.count > key.utf8.count }) else { return nil }
      var value = line.dropFirst(key.count + 1)
      while let first = value.first, first.isWhitespace { value = value.dropFirst() }
      while let last = value.last, last.isWhitespace { value = value.dropLast() }
      if value.count >= 2, value.first == value.last, value.first == "'" || value.first == "\"" {
        value = value.dropFirst().dropLast()
      }
      return String(value)
    }
    set {
      let line = newValue.map { "\(key)='\($0)'" }
      if let index = lines.lastIndex(where: { Self.key($0) == key }) {
        if let line { lines[index] = line } else { lines.remove(at: index) }
      } else if let line {
        lines.append(line)
      }
    }
  }
}
