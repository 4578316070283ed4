/// What the terminal and the locale can show.
public struct TerminalTraits: Hashable, Sendable {
  /// How lines and boxes are drawn.
  public enum LineDrawing: Sendable {
    /// Unicode's box drawing characters.
    case unicode
    /// The terminal's own alternate character set.
    case alternate
    /// `+`, `-` and `|`.
    case ascii
  }

  /// How many colours: 0, 8, 16, 88, 256…
  public var colors: Int
  /// Whether text outside ASCII can be shown.
  public var unicode: Bool
  public var lineDrawing: LineDrawing

  public init(colors: Int, unicode: Bool, lineDrawing: LineDrawing) {
    self.colors = colors
    self.unicode = unicode
    self.lineDrawing = lineDrawing
  }

  /// Traits of a terminal as its database entry, the locale and the environment have it.
  ///
  /// The locale alone decides whether text may be UTF-8. Lines on the DEC terminals, which is what a serial console
  /// says it is, are drawn with the terminal's own characters even then: real ones and the web consoles of management
  /// boards know nothing else, and a line costs a byte per cell, not three. `NCURSES_NO_UTF8_ACS=1` is for those that
  /// have it the other way round (ncurses(3X)).
  init(
    name: String, colors: Int, hasAlternateCharacters: Bool, isUTF8: Bool, environment: [String: String]
  ) {
    self.colors = max(0, colors)
    unicode = isUTF8
    let isDEC = ["vt1", "vt2", "vt3", "vt4"].contains { name.hasPrefix($0) }
    let prefersOwn = isDEC && environment["NCURSES_NO_UTF8_ACS"] != "1"
    lineDrawing =
      if isUTF8 && !(prefersOwn && hasAlternateCharacters) {
        .unicode
      } else if hasAlternateCharacters {
        .alternate
      } else {
        .ascii
      }
  }
}
