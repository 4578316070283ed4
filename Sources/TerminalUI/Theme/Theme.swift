/// How tones look. Meaning is never carried by colour alone: every theme is legible without its colours, and what is
/// good or bad is said in words and signs by the screens themselves.
public struct Theme: Hashable, Sendable {
  public enum Name: String, CaseIterable, Sendable {
    case mono, eight, twoHundredFiftySix
  }

  /// What a tone asks of the terminal.
  public struct Look: Hashable, Sendable {
    public var bold = false
    public var dim = false
    public var reverse = false
    public var underline = false
    /// Colour numbers of the terminal; nil is its own default.
    public var foreground: Int16?
    public var background: Int16?

    var hasColor: Bool { foreground != nil || background != nil }

    fileprivate init(
      _ foreground: Int16? = nil, on background: Int16? = nil,
      bold: Bool = false, dim: Bool = false, reverse: Bool = false, underline: Bool = false
    ) {
      self.foreground = foreground
      self.background = background
      self.bold = bold
      self.dim = dim
      self.reverse = reverse
      self.underline = underline
    }
  }

  public let name: Name

  public init(_ name: Name) {
    self.name = name
  }

  public static let mono = Theme(.mono)
  public static let eight = Theme(.eight)
  public static let twoHundredFiftySix = Theme(.twoHundredFiftySix)

  /// The theme for a terminal: what was asked for, as far as the terminal has the colours; without a wish the best it
  /// can show, or mono when `NO_COLOR` is set to anything (https://no-color.org).
  public static func choose(
    colors: Int, environment: [String: String] = [:], wish: Name? = nil
  ) -> Theme {
    let wanted = wish ?? (environment["NO_COLOR"].map { !$0.isEmpty } == true ? .mono : .twoHundredFiftySix)
    switch wanted {
    case .twoHundredFiftySix where colors >= 256: return .twoHundredFiftySix
    case .twoHundredFiftySix where colors >= 8, .eight where colors >= 8: return .eight
    default: return .mono
    }
  }

  public func look(of tone: Tone) -> Look {
    switch name {
    case .mono: Self.monoLook(tone)
    case .eight: Self.eightLook(tone)
    case .twoHundredFiftySix: Self.manyLook(tone)
    }
  }

  /// The look of a style: its tone's, with what the style adds.
  func look(for style: Style) -> Look {
    var look = look(of: style.tone)
    if style.bold { look.bold = true }
    if style.underline { look.underline = true }
    return look
  }

  /// Bold, reverse and underline are all that a VT100 has.
  private static func monoLook(_ tone: Tone) -> Look {
    switch tone {
    case .normal, .border, .footer, .good, .accent: Look()
    case .dim, .placeholder: Look(dim: true)
    case .strong, .heading, .key, .warning: Look(bold: true)
    case .bad: Look(bold: true, underline: true)
    case .header, .selection: Look(reverse: true)
    case .headerBad: Look(bold: true, reverse: true, underline: true)
    case .selectionDim: Look(bold: true)
    case .field: Look(underline: true)
    case .fieldFocused: Look(bold: true, underline: true)
    }
  }

  /// The eight colours of a Linux console or an old terminal emulator, on a background that may be black or white:
  /// nothing relies on yellow or white on the default background without being bold as well.
  private static func eightLook(_ tone: Tone) -> Look {
    let (black, red, green, yellow, blue, cyan, white): (Int16, Int16, Int16, Int16, Int16, Int16, Int16) =
      (0, 1, 2, 3, 4, 6, 7)
    return switch tone {
    case .normal, .footer: Look()
    case .dim, .placeholder: Look(dim: true)
    case .strong, .heading: Look(bold: true)
    case .border: Look(cyan)
    case .header: Look(white, on: blue, bold: true)
    case .headerBad: Look(white, on: red, bold: true)
    case .key: Look(cyan, bold: true)
    case .selection: Look(black, on: cyan)
    case .selectionDim: Look(black, on: white)
    case .good: Look(green)
    case .warning: Look(yellow, bold: true)
    case .bad: Look(red, bold: true)
    case .field: Look(white, on: blue)
    case .fieldFocused: Look(black, on: cyan)
    case .accent: Look(cyan)
    }
  }

  /// Colours of the 6x6x6 cube and the grey ramp that keep their contrast on black and on white.
  private static func manyLook(_ tone: Tone) -> Look {
    switch tone {
    case .normal: Look()
    case .dim, .placeholder: Look(244)
    case .strong, .heading: Look(bold: true)
    case .border: Look(242)
    case .header: Look(255, on: 24, bold: true)
    case .headerBad: Look(231, on: 160, bold: true)
    case .footer: Look(244)
    case .key: Look(32, bold: true)
    case .selection: Look(231, on: 31)
    case .selectionDim: Look(252, on: 239)
    case .good: Look(34)
    case .warning: Look(172, bold: true)
    case .bad: Look(160, bold: true)
    case .field: Look(252, on: 238)
    case .fieldFocused: Look(231, on: 24)
    case .accent: Look(37)
    }
  }
}
