import Glibc

/// Which terminal to use and how; what is not said is taken from the process.
public struct TerminalSettings: Sendable {
  /// Descriptors of the terminal.
  public var input: Int32
  public var output: Int32
  /// TERM, ESCDELAY, NO_COLOR and NCURSES_NO_UTF8_ACS are looked at.
  public var environment: [String: String]
  /// The locale that says whether text is UTF-8, as for setlocale(3); "" is what the environment says.
  public var locale: String
  /// The theme wished for; nil for the best the terminal can show.
  public var theme: Theme.Name?

  public init(
    input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO, environment: [String: String]? = nil,
    locale: String = "", theme: Theme.Name? = nil
  ) {
    self.input = input
    self.output = output
    self.environment = environment ?? Self.processEnvironment
    self.locale = locale
    self.theme = theme
  }

  /// How long ncurses waits for the rest of a sequence after an ESC, in milliseconds: 50 unless ESCDELAY says
  /// otherwise. A key's bytes arrive together on anything but the slowest line, and people notice more than this.
  var escapeDelay: Int32 {
    environment["ESCDELAY"].flatMap { Int32($0) }.map { min(max(0, $0), 5000) } ?? 50
  }

  private static var processEnvironment: [String: String] {
    var found: [String: String] = [:]
    for name in ["TERM", "ESCDELAY", "NO_COLOR", "NCURSES_NO_UTF8_ACS"] {
      if let value = getenv(name) { found[name] = String(cString: value) }
    }
    return found
  }
}
