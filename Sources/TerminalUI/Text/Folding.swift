/// Text as it is compared when somebody looks for it: without case and without diacritics.
enum Folding {
  static func fold(_ text: String) -> [UInt8] {
    var folded: [UInt8] = []
    folded.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      if scalar.value < 0x80 {
        let byte = UInt8(truncatingIfNeeded: scalar.value)
        folded.append(byte >= 0x41 && byte <= 0x5A ? byte + 0x20 : byte)
      } else {
        append(scalar, to: &folded)
      }
    }
    return folded
  }

  /// The letter of ASCII that a Latin letter with diacritics is written as where there are none; nil for others.
  static func plainLatin(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    for (first, letters) in latinBlocks {
      let offset = Int(scalar.value) - first
      guard offset >= 0 && offset < letters.utf8CodeUnitCount else { continue }
      let letter = letters.utf8Start[offset]
      return letter == UInt8(ascii: ".") ? nil : Unicode.Scalar(letter)
    }
    return nil
  }

  private static func append(_ scalar: Unicode.Scalar, to folded: inout [UInt8]) {
    if TextWidth.columns(of: scalar) == 0 { return }
    if scalar == "ß" {
      folded += [UInt8(ascii: "s"), UInt8(ascii: "s")]
    } else if let letter = plainLatin(scalar) {
      folded.append(UInt8(truncatingIfNeeded: letter.properties.lowercaseMapping.unicodeScalars.first?.value ?? 0))
    } else {
      for lower in scalar.properties.lowercaseMapping.unicodeScalars where TextWidth.columns(of: lower) > 0 {
        folded += Array(String(greekBase(lower)).utf8)
      }
    }
  }

  /// Greek vowels without their accent; the final sigma as the other.
  private static func greekBase(_ scalar: Unicode.Scalar) -> Character {
    switch scalar {
    case "ά": "α"
    case "έ": "ε"
    case "ή": "η"
    case "ί", "ϊ", "ΐ": "ι"
    case "ό": "ο"
    case "ύ", "ϋ", "ΰ": "υ"
    case "ώ": "ω"
    case "ς": "σ"
    case "й": "и"
    case "ё": "е"
    default: Character(scalar)
    }
  }

  /// The base letters (first scalar of the canonical decomposition, or the customary letter for those with a stroke)
  /// of the blocks Latin-1 Supplement, Latin Extended-A and -B to U+024F, and Latin Extended Additional, one ASCII
  /// character each; "." where there is none.
  private static let latinBlocks: [(first: Int, letters: StaticString)] = [
    (
      0xC0,
      """
      AAAAAAACEEEEIIIIDNOOOOO.OUUUUY.saaaaaaaceeeeiiiidnooooo.ouuuuy.yAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGg\
      HhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnn..OoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs........\
      ..........f.............Oo.............Uu...................DDdLLlNNnAaIiOoUuUuUuUuUu.AaAa....GgKkOo\
      Oo..jDDdGg..NnAa....AaAaEeEeIiIiOoOoRrRrUuUuSsTt..Hh......AaEeOoOoOoOoYy............................
      """
    ),
    (
      0x1E00,
      """
      AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSs\
      SsSsSsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXxXxYyZzZzZzhtwyas..S.AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEe\
      IiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy......
      """
    ),
  ]
}
