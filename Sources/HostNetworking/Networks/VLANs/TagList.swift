/// VLAN tags as people write them: `42`, `100-110,200`. In order, each once.
public struct TagList: Hashable, Sendable {
  /// What XAPI takes (`VLAN_TAG_INVALID`).
  public static let range = 0...4094

  public let tags: [Int]

  /// Tags outside of the range are left out.
  public init(_ tags: some Sequence<Int>) { self.tags = Set(tags).filter(Self.range.contains).sorted() }

  /// Commas or blanks part tags and ranges; what is named twice counts once.
  public init(parsing text: String) throws(TagListError) {
    var found: Set<Int> = []
    let parts = Self.parts(text)
    if parts.isEmpty { throw TagListError("a tag is needed: 0 to 4094") }
    for part in parts {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let first = try Self.tag(ends[0], in: part)
      let last = ends.count == 2 ? try Self.tag(ends[1], in: part) : first
      if first > last { throw TagListError("\(part) runs backwards: write \(last)-\(first)") }
      found.formUnion(first...last)
    }
    tags = found.sorted()
  }

  /// Blanks around a range's hyphen belong to the range.
  private static func parts(_ text: String) -> [Substring] {
    var joined = ""
    for character in text {
      if character == "-" { while joined.last?.isWhitespace == true { joined.removeLast() } }
      if character.isWhitespace, joined.last == "-" { continue }
      joined.append(character)
    }
    return joined.split { $0 == "," || $0.isWhitespace }
  }

  private static func tag(_ text: Substring, in part: Substring) throws(TagListError) -> Int {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw TagListError("\"\(part)\" is neither a tag nor a range like 100-110")
    }
    let digits = text.drop { $0 == "0" }
    guard digits.utf8.count <= 4, let tag = digits.isEmpty ? 0 : Int(digits) else { throw TagListError("\(text) is too large: tags go from 0 to 4094") }
    if tag == 4095 { throw TagListError("4095 is reserved by the standard (802.1Q): tags go from 0 to 4094") }
    if !range.contains(tag) { throw TagListError("\(tag) is too large: tags go from 0 to 4094") }
    return tag
  }
}

extension TagList: CustomStringConvertible {
  /// `20,30,100-110`: what the parser reads.
  public var description: String {
    var parts: [String] = []
    var rest = tags[...]
    while let first = rest.first {
      var last = first
      rest.removeFirst()
      while rest.first == last + 1 {
        last += 1
        rest.removeFirst()
      }
      parts.append(first == last ? "\(first)" : last == first + 1 ? "\(first),\(last)" : "\(first)-\(last)")
    }
    return parts.joined(separator: ",")
  }
}

extension TagList {
  /// `20, 30, 100-110`: can be broken into lines.
  var words: String { description.replacing(",", with: ", ") }
}

/// Why a text is no list of tags: a sentence without a full stop.
public struct TagListError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
