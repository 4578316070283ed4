/// Text cut at its line feeds; joined again it is the same bytes, carriage returns and a missing last line feed
/// included.
struct TextLines: Hashable, Sendable {
  /// Without their line feeds. The last one is what follows the last line feed, mostly nothing.
  private(set) var lines: [[UInt8]]

  init(_ bytes: [UInt8]) {
    lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) }
  }

  var bytes: [UInt8] { Array(lines.joined(separator: [UInt8(ascii: "\n")])) }

  /// Puts a line in another's place; a carriage return at its end stays.
  mutating func replace(_ index: Int, with line: [UInt8]) {
    lines[index] = line + (lines[index].last == UInt8(ascii: "\r") ? [UInt8(ascii: "\r")] : [])
  }

  /// Puts several lines in one's place.
  mutating func replace(_ index: Int, with texts: [String]) {
    lines.replaceSubrange(index...index, with: texts.map { Array($0.utf8) })
  }

  mutating func append(_ line: [UInt8]) {
    if lines.last?.isEmpty == true { lines.removeLast() }
    lines += [line, []]
  }

  mutating func remove(where unwanted: (Int) -> Bool) {
    lines = lines.enumerated().filter { !unwanted($0.offset) }.map(\.element)
  }
}

/// What all the host's text files have in common.
enum HostText {
  /// Refuses what a cut write leaves behind: nothing at all, or NUL bytes where the text should be.
  static func check(_ bytes: [UInt8], path: String, mayBeEmpty: Bool = false) throws(HostFileError) {
    if !mayBeEmpty, bytes.allSatisfy(isSpace) { throw .malformed(path: path, reason: "it is empty") }
    guard let index = bytes.firstIndex(of: 0) else { return }
    let line = bytes[..<index].count { $0 == UInt8(ascii: "\n") } + 1
    throw .malformed(path: path, reason: "line \(line) has a NUL byte")
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

  /// Without the white space at both ends.
  static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> [UInt8] {
    Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }

  /// The words of a line, cut at white space.
  static func words(_ bytes: [UInt8]) -> [String] { bytes.split(whereSeparator: isSpace).map { string($0) } }

  /// Bytes that are not UTF-8 become replacement characters.
  static func string(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  /// True when a text stands somewhere in a file.
  static func contains(_ text: String, in bytes: [UInt8]) -> Bool {
    let wanted = Array(text.utf8)
    guard let first = wanted.first, bytes.count >= wanted.count else { return false }
    return (0...(bytes.count - wanted.count)).contains { start in
      bytes[start] == first && bytes[start..<(start + wanted.count)].elementsEqual(wanted)
    }
  }

  /// True when a text can stand in a line of these files as it is: no control characters, quotes, or `=`.
  static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && !"'\"=\\`$".utf8.contains($0) }
  }
}
