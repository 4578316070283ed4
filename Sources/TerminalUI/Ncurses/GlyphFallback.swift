/// What is shown instead of characters that the terminal or the locale cannot show. Every substitute takes exactly as
/// many columns as the original, so nothing moves.
enum GlyphFallback {
  /// The ASCII character for a character of one column (or, for a wide one, for its first column).
  static func ascii(_ scalar: Unicode.Scalar) -> UInt32 {
    if scalar.value < 0x7F { return scalar.value }
    if let letter = Folding.plainLatin(scalar) { return letter.value }
    return substitute(scalar).value
  }

  private static func substitute(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "─", "━", "═", "–", "—", "‐", "‑", "−": "-"
    case "│", "┃", "║": "|"
    case "┌", "┐", "└", "┘", "├", "┤", "┬", "┴", "┼", "╭", "╮", "╯", "╰": "+"
    case "…": "~"
    case "·", "░": "."
    case "•", "●", "◆", "★": "*"
    case "○", "◯", "°": "o"
    case "▲", "↑", "△": "^"
    case "▼", "↓", "▽": "v"
    case "►", "▶", "→", "▸", "›", "»", "≥": ">"
    case "◄", "◀", "←", "◂", "‹", "«", "≤": "<"
    case "█", "▓", "■", "▮": "#"
    case "▒", "▄": ":"
    case "✓", "✔": "+"
    case "✗", "✘", "×": "x"
    case "\u{2018}", "\u{2019}", "′": "'"
    case "\u{201C}", "\u{201D}", "″": "\""
    case "\u{A0}", "\u{2000}"..."\u{200A}", "\u{3000}": " "
    case "µ", "μ": "u"
    default: "?"
    }
  }

  /// The letter that stands for a line in the alternate character set of a VT100 (terminfo(5), acsc).
  static func alternate(_ scalar: Unicode.Scalar) -> UInt32? {
    let letter: Unicode.Scalar? =
      switch scalar {
      case "─": "q"
      case "│": "x"
      case "┌": "l"
      case "┐": "k"
      case "└": "m"
      case "┘": "j"
      case "├": "t"
      case "┤": "u"
      case "┬": "w"
      case "┴": "v"
      case "┼": "n"
      default: nil
      }
    return letter?.value
  }
}
