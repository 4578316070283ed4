import Glibc

/// Walks over the tags of an XML file without building a tree: XAPI's database can be tens of megabytes, of which
/// little is wanted. Text between tags is passed over; the host's files keep everything in attributes.
struct XMLTags: ~Copyable {
  enum Kind: Hashable { case start, end }

  struct Tag {
    let kind: Kind
    let name: String
    /// True for `<a/>`, which is a start and an end in one.
    let isClosed: Bool
    /// Where the attributes lie in the buffer; good until the next tag is asked for.
    fileprivate let attributes: Range<Int>
  }

  /// The most bytes one tag may have.
  static let longestTag = 4 << 20

  let path: String
  private var stream: FileStream?
  private(set) var buffer: [UInt8]
  private var position = 0
  /// Bytes of the file before the buffer's first.
  private var before = 0

  init(_ stream: consuming FileStream) {
    path = stream.path
    self.stream = consume stream
    buffer = []
  }

  /// Over what is in memory already.
  init(_ bytes: [UInt8], path: String) {
    self.path = path
    stream = nil
    buffer = bytes
  }

  /// Bytes of the file up to the place reached.
  var offset: Int { before + position }

  /// The next start or end tag; nil at the end of the file. Declarations and comments are passed over.
  mutating func next() throws(HostFileError) -> Tag? {
    while try seek() {
      try need(2, from: position)
      switch buffer[position + 1] {
      case UInt8(ascii: "?"): try skip(past: "?>")
      case UInt8(ascii: "!"): try skip(past: try opensComment() ? "-->" : ">")
      default: return try tag()
      }
    }
    return nil
  }

  /// The attributes of the tag just read that are wanted, with entities resolved; of repeated ones the first.
  func attributes(of tag: Tag, where wanted: (String) -> Bool = { _ in true }) throws(HostFileError) -> [String: String]
  {
    var found: [String: String] = [:]
    var at = tag.attributes.lowerBound
    let end = tag.attributes.upperBound
    while true {
      while at < end, HostText.isSpace(buffer[at]) { at += 1 }
      guard at < end else { return found }
      let nameStart = at
      while at < end, buffer[at] != UInt8(ascii: "="), !HostText.isSpace(buffer[at]) { at += 1 }
      let name = HostText.string(buffer[nameStart..<at])
      while at < end, HostText.isSpace(buffer[at]) { at += 1 }
      guard at < end, buffer[at] == UInt8(ascii: "=") else {
        throw damaged("\(tag.name) has an attribute without a value")
      }
      at += 1
      while at < end, HostText.isSpace(buffer[at]) { at += 1 }
      guard at < end, buffer[at] == UInt8(ascii: "\"") || buffer[at] == UInt8(ascii: "'"),
        let close = buffer[(at + 1)..<end].firstIndex(of: buffer[at])
      else { throw damaged("\(tag.name) has an attribute without quotes") }
      if wanted(name), found[name] == nil { found[name] = XMLText.resolved(buffer[(at + 1)..<close]) }
      at = close + 1
    }
  }

  /// What to throw for something wrong near the place reached.
  func damaged(_ what: String) -> HostFileError { .malformed(path: path, reason: "\(what), near byte \(offset)") }

  // MARK: Finding tags

  /// Goes to the next `<`; false when there is none.
  private mutating func seek() throws(HostFileError) -> Bool {
    while true {
      if let found = index(of: UInt8(ascii: "<"), from: position) {
        position = found
        return true
      }
      position = buffer.count
      guard try more() else { return false }
    }
  }

  private mutating func tag() throws(HostFileError) -> Tag {
    let end = try endOfTag()
    let isEnd = buffer[position + 1] == UInt8(ascii: "/")
    let isClosed = !isEnd && buffer[end - 1] == UInt8(ascii: "/")
    let start = position + (isEnd ? 2 : 1)
    let last = isClosed ? end - 1 : end
    let nameEnd = buffer[start..<max(start, last)].firstIndex(where: HostText.isSpace) ?? max(start, last)
    guard nameEnd > start else { throw damaged("there is a tag without a name") }
    let name = HostText.string(buffer[start..<nameEnd])
    position = end + 1
    return Tag(kind: isEnd ? .end : .start, name: name, isClosed: isClosed, attributes: nameEnd..<max(nameEnd, last))
  }

  /// Where the `>` of the tag at the place reached is; one inside quotes does not count.
  private mutating func endOfTag() throws(HostFileError) -> Int {
    var at = position + 1
    var quote: UInt8?
    while true {
      if let open = quote {
        if let close = index(of: open, from: at) {
          at = close + 1
          quote = nil
          continue
        }
        at = buffer.count
      } else if let stop = indexOfStop(from: at) {
        if buffer[stop] == UInt8(ascii: ">") { return stop }
        quote = buffer[stop]
        at = stop + 1
        continue
      } else {
        at = buffer.count
      }
      let moved = position
      try need(at - position + 1, from: position)
      at -= moved - position
    }
  }

  private mutating func opensComment() throws(HostFileError) -> Bool {
    try need(4, from: position)
    return buffer[(position + 2)...].starts(with: "--".utf8)
  }

  private mutating func skip(past text: String) throws(HostFileError) {
    let wanted = Array(text.utf8)
    position += 2
    while true {
      if let first = wanted.first { position = index(of: first, from: position) ?? buffer.count }
      try need(wanted.count, from: position)
      if buffer[position...].starts(with: wanted) {
        position += wanted.count
        return
      }
      if buffer[position] == wanted.first { position += 1 }
    }
  }

  private func index(of byte: UInt8, from start: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, start < bytes.count,
        let found = memchr(base + start, Int32(byte), bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  private func indexOfStop(from start: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      var at = start
      while at < bytes.count {
        let byte = bytes[at]
        if byte == UInt8(ascii: ">") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return at }
        at += 1
      }
      return nil
    }
  }

  // MARK: Reading on

  /// Sees to it that `count` bytes from a place on are in the buffer; the place may move with `position`.
  private mutating func need(_ count: Int, from place: Int) throws(HostFileError) {
    guard count <= Self.longestTag else { throw damaged("a tag has more than \(Self.longestTag) bytes") }
    while buffer.count - position < count {
      guard try more() else {
        throw .malformed(path: path, reason: "it ends in the middle of a tag, after \(before + buffer.count) bytes")
      }
    }
  }

  /// Drops what is behind the place reached and reads on.
  private mutating func more() throws(HostFileError) -> Bool {
    guard stream != nil else { return false }
    before += position
    buffer.removeFirst(position)
    position = 0
    return try stream?.read(into: &buffer) ?? false
  }
}

/// Text in XML.
enum XMLText {
  /// With the five entities and numbered characters resolved; others stay as they are. White space becomes blanks, as
  /// XML has it for attributes.
  static func resolved(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(where: { $0 == UInt8(ascii: "&") || $0 < 0x20 }) else { return HostText.string(bytes) }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var at = bytes.startIndex
    while at < bytes.endIndex {
      let byte = bytes[at]
      // The longest reference is &#x10ffff;
      if byte == UInt8(ascii: "&"),
        let end = bytes[at..<min(at + 12, bytes.endIndex)].firstIndex(of: UInt8(ascii: ";")),
        let character = character(HostText.string(bytes[(at + 1)..<end]))
      {
        out += Array(String(character).utf8)
        at = end + 1
      } else {
        out.append(byte < 0x20 ? 0x20 : byte)
        at += 1
      }
    }
    return HostText.string(out)
  }

  private static func character(_ name: String) -> Character? {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      guard name.hasPrefix("#") else { return nil }
      let digits = name.dropFirst()
      let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      return number.flatMap { UnicodeScalar($0) }.map { Character($0) }
    }
  }
}
