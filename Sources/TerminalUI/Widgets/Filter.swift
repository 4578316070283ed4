/// A type-ahead filter: what has every typed word in it somewhere stays. Case and diacritics do not matter.
public struct Filter: Hashable, Sendable {
  /// What was typed.
  public let query: String
  private let words: [[UInt8]]

  public init(_ query: String = "") {
    self.query = query
    words = query.split(whereSeparator: \.isWhitespace).map { Folding.fold(String($0)) }.filter { !$0.isEmpty }
  }

  /// Whether nothing was typed, so that everything matches.
  public var isEmpty: Bool { words.isEmpty }

  /// Whether every typed word is part of the text.
  public func matches(_ text: String) -> Bool {
    if words.isEmpty { return true }
    let folded = Folding.fold(text)
    return words.allSatisfy { Self.contains(folded, $0) }
  }

  /// Whether every typed word is part of one of the texts: the columns of a row.
  public func matches(_ texts: some Sequence<String>) -> Bool {
    // A line feed cannot be typed, so no word reaches over two columns.
    words.isEmpty || matches(texts.joined(separator: "\n"))
  }

  private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
    guard let first = word.first, text.count >= word.count else { return word.isEmpty }
    var start = 0
    let last = text.count - word.count
    while start <= last {
      if text[start] == first && text[start..<start + word.count].elementsEqual(word) { return true }
      start += 1
    }
    return false
  }
}
