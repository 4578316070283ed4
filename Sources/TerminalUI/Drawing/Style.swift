/// What a piece of text is, not how it looks: a `Theme` turns tones into colours and attributes.
public enum Tone: UInt8, CaseIterable, Sendable {
  case normal, dim, strong, heading, border, header, footer, key
  /// What is wrong, in the header.
  case headerBad
  /// The chosen row of the list that has the keyboard.
  case selection
  /// The chosen row of a list that does not have the keyboard.
  case selectionDim
  case good, warning, bad
  case field, fieldFocused, placeholder
  case accent
}

/// The style of a cell.
public struct Style: Hashable, Sendable {
  public var tone: Tone
  public var underline: Bool
  public var bold: Bool

  public init(_ tone: Tone = .normal, bold: Bool = false, underline: Bool = false) {
    self.tone = tone
    self.underline = underline
    self.bold = bold
  }

  public static let normal = Style(.normal)
  public static let dim = Style(.dim)
  public static let strong = Style(.strong)
  public static let heading = Style(.heading)
  public static let border = Style(.border)
  public static let header = Style(.header)
  public static let headerBad = Style(.headerBad)
  public static let footer = Style(.footer)
  public static let key = Style(.key)
  public static let selection = Style(.selection)
  public static let selectionDim = Style(.selectionDim)
  public static let good = Style(.good)
  public static let warning = Style(.warning)
  public static let bad = Style(.bad)
  public static let field = Style(.field)
  public static let fieldFocused = Style(.fieldFocused)
  public static let placeholder = Style(.placeholder)
  public static let accent = Style(.accent)
}
