/// One line of text being typed, with the usual editing keys.
public struct TextField: Hashable, Sendable {
  public var text: String {
    didSet { cursor = min(cursor, text.count) }
  }
  /// Where the next character goes: 0 before the first, `text.count` after the last.
  public var cursor: Int {
    didSet { cursor = min(max(0, cursor), text.count) }
  }
  /// The most characters the field takes; nil when any number.
  public let limit: Int?
  /// Whether the text is shown as asterisks.
  public let isSecret: Bool

  public init(_ text: String = "", limit: Int? = nil, secret: Bool = false) {
    self.text = limit.map { String(text.prefix($0)) } ?? text
    self.limit = limit
    isSecret = secret
    cursor = self.text.count
  }

  /// Edits as a key asks: characters, Backspace, Delete, arrows, Home and End, Control-A, -E, -B, -F, -D, -U (delete to
  /// the beginning), -K (to the end), -W (the word before).
  ///
  /// - Returns: Whether the field had a use for the key.
  @discardableResult
  public mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert(character)
    case .backspace: remove(cursor - 1..<cursor)
    case .delete, .control("d"): remove(cursor..<cursor + 1)
    case .left, .control("b"): cursor -= 1
    case .right, .control("f"): cursor += 1
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = text.count
    case .control("u"): remove(0..<cursor)
    case .control("k"): remove(cursor..<text.count)
    case .control("w"): remove(wordStart..<cursor)
    default: return false
    }
    return true
  }

  /// Draws the field into `width` columns. Longer text is scrolled sideways so that the cursor is in view.
  public func draw(into frame: inout Frame, at point: Point, width: Int, focused: Bool) {
    guard width > 0 else { return }
    let style: Style = focused ? .fieldFocused : .field
    frame.fill(Rect(column: point.column, row: point.row, columns: width, rows: 1), style)
    let shown = isSecret ? String(repeating: "*", count: text.count) : text
    let characters = Array(shown)
    let first = focused ? firstShown(characters, width: width) : 0
    let rest = String(characters[first...])
    // The field shows where it is cut only at rest: while typing, every column belongs to the text.
    frame.draw(focused ? rest.prefix(columns: width) : rest, at: point, style: style, width: width)
    if focused {
      let before = TextWidth.columns(of: String(characters[first..<cursor]))
      frame.cursor = Point(column: point.column + min(before, width - 1), row: point.row)
    }
  }

  /// The first character in view: the last from which the cursor is still within `width` columns, if it must scroll.
  private func firstShown(_ characters: [Character], width: Int) -> Int {
    var used = 0
    var first = cursor
    while first > 0 {
      used += TextWidth.columns(of: String(characters[first - 1]))
      if used > width - 1 { break }
      first -= 1
    }
    return first
  }

  private mutating func insert(_ character: Character) {
    let before = text.count
    var changed = text
    changed.insert(character, at: index(cursor))
    if let limit, changed.count > limit { return }
    text = changed
    // A combining mark joins the character before it, and the text grows by nothing.
    cursor += text.count - before
  }

  private mutating func remove(_ range: Range<Int>) {
    let bounded = range.clamped(to: 0..<text.count)
    guard !bounded.isEmpty else { return }
    text.removeSubrange(index(bounded.lowerBound)..<index(bounded.upperBound))
    if cursor > bounded.lowerBound { cursor = max(bounded.lowerBound, cursor - bounded.count) }
  }

  private var wordStart: Int {
    let characters = Array(text.prefix(cursor))
    var start = characters.count
    while start > 0 && characters[start - 1].isWhitespace { start -= 1 }
    while start > 0 && !characters[start - 1].isWhitespace { start -= 1 }
    return start
  }

  private func index(_ offset: Int) -> String.Index {
    text.index(text.startIndex, offsetBy: offset, limitedBy: text.endIndex) ?? text.endIndex
  }
}
