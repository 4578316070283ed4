extension JSONValue {
  /// The value as JSON text for people: two spaces a level, what is short on one line, a line feed at the end.
  public var readable: [UInt8] {
    var writer = JSONWriter()
    writer.readable(self, indent: 0, before: 0)
    writer.raw("\n")
    return writer.bytes
  }
}

extension JSONWriter {
  private static let lineWidth = 110

  /// - Parameters:
  ///   - indent: levels of the line that the value starts on.
  ///   - before: what stands before the value on that line, in bytes.
  fileprivate mutating func readable(_ value: JSONValue, indent: Int, before: Int) {
    let compact = value.spaced
    let fits = compact.count + before + indent * 2 <= Self.lineWidth
    if !value.isContainer || fits && indent > 0 && !value.isList { return raw(compact) }
    switch value {
    case .object(let object): lines("{", "}", Array(object), indent) { writer, member in
      writer.string(member.0)
      writer.raw(": ")
      writer.readable(member.1, indent: indent + 1, before: member.0.utf8.count + 4)
    }
    case .array(let values): lines("[", "]", values, indent) { writer, element in
      writer.readable(element, indent: indent + 1, before: 0)
    }
    default: raw(compact)
    }
  }

  private mutating func lines<Element>(
    _ open: StaticString, _ close: StaticString, _ elements: [Element], _ indent: Int,
    _ write: (inout JSONWriter, Element) -> Void
  ) {
    raw(open)
    for (index, element) in elements.enumerated() {
      if index > 0 { raw(",") }
      newLine(indent + 1)
      write(&self, element)
    }
    if !elements.isEmpty { newLine(indent) }
    raw(close)
  }

  private mutating func newLine(_ indent: Int) {
    raw("\n")
    raw([UInt8](repeating: 0x20, count: indent * 2))
  }
}

extension JSONValue {
  fileprivate var isContainer: Bool {
    switch self {
    case .object, .array: true
    default: false
    }
  }

  /// Has elements with elements: each gets a line of its own.
  fileprivate var isList: Bool {
    if case .array(let values) = self { values.contains { $0.isContainer } } else { false }
  }

  /// On one line, with a space after commas and colons.
  fileprivate var spaced: [UInt8] {
    var writer = JSONWriter()
    writer.spaced(self)
    return writer.bytes
  }
}

extension JSONWriter {
  fileprivate mutating func spaced(_ value: JSONValue) {
    switch value {
    case .object(let object):
      raw("{")
      for (index, (key, member)) in object.enumerated() {
        if index > 0 { raw(", ") }
        string(key)
        raw(": ")
        spaced(member)
      }
      raw("}")
    case .array(let values):
      raw("[")
      for (index, element) in values.enumerated() {
        if index > 0 { raw(", ") }
        spaced(element)
      }
      raw("]")
    default: self.value(value)
    }
  }
}
