import CNcurses

/// The attributes and colour pairs of a theme, made ready once: a look-up per cell.
struct Palette {
  struct Entry: Equatable {
    var attributes: UInt32
    var pair: Int32
  }

  private var entries: [Entry]

  /// To be made after start_color(3X) when the theme has colours.
  ///
  /// - Parameter supported: The attributes the terminal has. Asking for others changes nothing on the screen but costs
  ///   bytes: ncurses sends what would switch them on and off.
  init(theme: Theme, supported: UInt32, pairs: Int32) {
    var colorPairs: [[Int16]: Int32] = [:]
    entries = []
    for tone in Tone.allCases {
      let look = theme.look(of: tone)
      var pair: Int32 = 0
      if look.hasColor {
        let colors = [look.foreground ?? -1, look.background ?? -1]
        if let known = colorPairs[colors] {
          pair = known
        } else if colorPairs.count + 1 < pairs {
          pair = Int32(colorPairs.count + 1)
          colorPairs[colors] = pair
          init_pair(Int16(pair), colors[0], colors[1])
        }
      }
      for variant in 0..<4 {
        let style = Style(tone, bold: variant & 1 != 0, underline: variant & 2 != 0)
        let attributes = Self.attributes(of: theme.look(for: style)) & supported
        entries.append(Entry(attributes: attributes, pair: pair))
      }
    }
  }

  func entry(for style: Style) -> Entry {
    entries[Int(style.tone.rawValue) * 4 + (style.bold ? 1 : 0) + (style.underline ? 2 : 0)]
  }

  private static func attributes(of look: Theme.Look) -> UInt32 {
    (look.bold ? xc_bold : 0) | (look.dim ? xc_dim : 0) | (look.reverse ? xc_reverse : 0)
      | (look.underline ? xc_underline : 0)
  }
}
