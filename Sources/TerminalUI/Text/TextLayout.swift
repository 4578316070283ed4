/// How a line of text is cut to fit.
struct TextFit {
  /// Columns used in all, the ellipsis included.
  let columns: Int
  /// Columns left for the text itself.
  let textColumns: Int
  let isCut: Bool

  init(_ text: String, columns room: Int) {
    let needed = TextWidth.columns(of: text)
    guard needed > room else {
      (columns, textColumns, isCut) = (needed, needed, false)
      return
    }
    // A wide character that no longer fits leaves a column unused before the ellipsis.
    var used = 0
    for scalar in text.unicodeScalars {
      let width = TextWidth.columns(of: TextWidth.shown(scalar))
      if used + width > room - 1 { break }
      used += width
    }
    isCut = room > 0
    textColumns = used
    columns = isCut ? used + 1 : 0
  }
}

extension String {
  /// The text in exactly `columns` columns: padded with spaces, or cut and ended with "…".
  public func fitted(to columns: Int, align: Alignment = .left) -> String {
    let room = max(0, columns)
    let fit = TextFit(self, columns: room)
    var text = fit.isCut ? prefix(columns: fit.textColumns) + "…" : (room == 0 ? "" : self)
    let slack = room - fit.columns
    let before =
      switch align {
      case .left: 0
      case .center: slack / 2
      case .right: slack
      }
    if before > 0 { text = String(repeating: " ", count: before) + text }
    if slack > before { text += String(repeating: " ", count: slack - before) }
    return text
  }

  /// The text broken into lines of at most `columns` columns: at spaces, and within a word only when the word alone is
  /// too long. Line breaks in the text stay; the indentation of a line is repeated on the lines it continues on.
  /// Empty text is one empty line.
  public func wrapped(to columns: Int) -> [String] {
    guard columns > 0 else { return [] }
    return split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { LineBreaker(String($0), columns: columns).lines }
  }

  /// As much of the beginning as fits into `columns` columns.
  func prefix(columns: Int) -> String {
    var result = ""
    var used = 0
    for scalar in unicodeScalars {
      let width = TextWidth.columns(of: TextWidth.shown(scalar))
      if used + width > columns { break }
      used += width
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}

/// Breaks one paragraph into lines.
private struct LineBreaker {
  private(set) var lines: [String] = []
  private let columns: Int
  private let indent: String
  private var line = ""
  private var used = 0
  private var hasWord = false

  init(_ paragraph: String, columns: Int) {
    self.columns = columns
    let leading = paragraph.prefix { $0 == " " }
    indent = leading.count < columns ? String(leading) : ""
    startLine()
    for word in paragraph.split(separator: " ") { add(String(word)) }
    lines.append(hasWord ? line : "")
  }

  private mutating func startLine() {
    line = indent
    used = indent.count
    hasWord = false
  }

  private mutating func breakLine() {
    lines.append(line)
    startLine()
  }

  private mutating func add(_ word: String) {
    let width = TextWidth.columns(of: word)
    if hasWord && used + 1 + width > columns { breakLine() }
    if hasWord {
      line += " "
      used += 1
    }
    hasWord = true
    if used + width <= columns {
      line += word
      used += width
    } else {
      addPieces(of: word)
    }
  }

  /// A word longer than a line goes over several, cut between characters.
  private mutating func addPieces(of word: String) {
    for character in word {
      let width = TextWidth.columns(of: String(character))
      if used + width > columns && used > indent.count {
        breakLine()
        hasWord = true
      }
      line.append(character)
      used += width
    }
  }
}
