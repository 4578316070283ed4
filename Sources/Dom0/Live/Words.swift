extension StringProtocol {
  /// Without white space at both ends.
  var trimmed: SubSequence {
    let head = drop { $0.isWhitespace }
    guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return head }
    return head[...last]
  }

  /// Both sides of the first `separator`, trimmed; nil when there is none.
  func halves(at separator: Character) -> (SubSequence, SubSequence)? {
    guard let place = firstIndex(of: separator) else { return nil }
    return (self[..<place].trimmed, self[index(after: place)...].trimmed)
  }

  /// The number this text begins with; nil when it begins with none.
  var leadingNumber: Int? { Int(prefix { $0.isASCII && $0.isNumber }) }
}

extension String {
  /// Lines with nothing taken away from their beginning; `\r\n` counts as one end.
  var lines: [Substring] { split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }
}
