/// Escape sequences of keys that a terminal sends although its database entry does not name them: variants of Home and
/// End, keys typed with Shift, Alt or Control, the numeric keypad in application mode.
enum EscapeSequence {
  /// The key of a whole sequence without its ESC; nil when it is none of ours.
  static func key(_ bytes: [UInt8]) -> Key? {
    guard let introducer = bytes.first, let final = bytes.last, bytes.count >= 2 else { return nil }
    switch introducer {
    case UInt8(ascii: "O"): return keypad(final) ?? cursorKey(final)
    case UInt8(ascii: "["):
      if bytes.count == 3 && bytes[1] == UInt8(ascii: "[") { return linuxFunctionKey(final) }
      // What has other marks among its numbers is an answer of the terminal, and no key.
      guard bytes.dropFirst().dropLast().allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x3B }) else { return nil }
      let number = firstNumber(bytes.dropFirst())
      if tildeLike.contains(final) { return numbered(number) }
      // With a modifier the first number is 1; others are reports, such as of the cursor's place.
      return number == nil || (number == 1 && final < 0x60) ? cursorKey(final) : nil
    default: return nil
    }
  }

  /// xterm ends numbered keys with "~", rxvt with "^", "$" or "@" when Control or Shift is held.
  private static let tildeLike = Array("~^$@".utf8)

  private static func firstNumber(_ bytes: ArraySlice<UInt8>) -> Int? {
    Int(String(decoding: bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self))
  }

  private static func cursorKey(_ final: UInt8) -> Key? {
    switch Unicode.Scalar(final) {
    case "A", "a": .up
    case "B", "b": .down
    case "C", "c": .right
    case "D", "d": .left
    case "H": .home
    case "F": .end
    case "Z": .backTab
    case "P": .function(1)
    case "Q": .function(2)
    case "R": .function(3)
    case "S": .function(4)
    default: nil
    }
  }

  /// The numbers of DEC's VT220, which others took over; 1 and 4 are Find and Select there, 7 and 8 are rxvt's.
  private static func numbered(_ number: Int?) -> Key? {
    switch number {
    case 1, 7: .home
    case 2: .insert
    case 3: .delete
    case 4, 8: .end
    case 5: .pageUp
    case 6: .pageDown
    case .some(let number) where 11...15 ~= number: .function(number - 10)
    case .some(let number) where 17...21 ~= number: .function(number - 11)
    case .some(let number) where 23...26 ~= number: .function(number - 12)
    case 28, 29: number.map { .function($0 - 13) }
    case .some(let number) where 31...34 ~= number: .function(number - 14)
    default: nil
    }
  }

  /// F1 to F5 of the Linux console.
  private static func linuxFunctionKey(_ final: UInt8) -> Key? {
    final >= UInt8(ascii: "A") && final <= UInt8(ascii: "E") ? .function(Int(final) - 64) : nil
  }

  /// The numeric keypad of a VT100 in application mode: what is printed on the keys.
  private static func keypad(_ final: UInt8) -> Key? {
    switch Unicode.Scalar(final) {
    case "M": .enter
    case "I": .tab
    case "X": .character("=")
    case "j"..."y": .character(Character(Unicode.Scalar(final - 0x40)))
    default: nil
    }
  }

  /// Sequences that some entries bind to function keys, but which are digits on every keyboard made since: an address
  /// is typed on them.
  static let keypadSequences: [String] = "lmnpqrstuvwxy".map { "\u{1B}O\($0)" }
}
