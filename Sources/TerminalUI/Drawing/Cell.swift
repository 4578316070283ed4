/// One cell of a frame: a character with up to two combining marks, and its style.
///
/// Sixteen bytes without references: copying and comparing whole frames stays cheap. Two marks are what written
/// languages stack (Vietnamese, Thai, pointed Hebrew); more than that is not text but an attack on the line above.
struct Cell: Hashable, Sendable {
  /// The base character; 0 in the second half of a wide one.
  private(set) var base: UInt32
  private(set) var firstMark: UInt32 = 0
  private(set) var secondMark: UInt32 = 0
  var style: Style

  static let blank = Cell(" ", .normal)

  init(_ base: Unicode.Scalar, _ style: Style) {
    self.base = base.value
    self.style = style
  }

  /// The second half of a wide character.
  init(continuationWith style: Style) {
    base = 0
    self.style = style
  }

  var isContinuation: Bool { base == 0 }

  /// Adds a combining mark; the third and later are dropped.
  mutating func add(mark: Unicode.Scalar) {
    if firstMark == 0 {
      firstMark = mark.value
    } else if secondMark == 0 {
      secondMark = mark.value
    }
  }

  /// Whether the cell shows nothing but its background.
  var isSpace: Bool { base == 0x20 && firstMark == 0 }

  func append(to text: inout String) {
    for value in [base, firstMark, secondMark] where value != 0 {
      if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
    }
  }
}
