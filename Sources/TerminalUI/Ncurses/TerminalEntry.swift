import CNcurses
import Glibc

/// What the terminal database says of the terminal, looked up before ncurses is started: newterm(3X) prints and starts
/// drawing where a program should say in one line what it lacks.
struct TerminalEntry {
  let name: String
  let colors: Int
  let hasAlternateCharacters: Bool
  /// What brings the terminal back from anything the screen did to it.
  let reset: String

  init(name: String, descriptor: Int32, rows: Int?) throws(TerminalError) {
    var status: Int32 = 0
    // With a place for the status, setupterm returns instead of ending the program.
    guard setupterm(name, descriptor, &status) == 0, let terminal = xc_current_terminal() else {
      throw status < 0
        ? TerminalError.noTerminal(reason: "the terminal database (terminfo) is missing")
        : TerminalError.unknownTerminal(name: name)
    }
    defer { del_curterm(terminal) }
    for (capability, lack) in [("cup", "it cannot move the cursor"), ("clear", "it cannot clear the screen")]
    where Self.string(capability) == nil {
      throw TerminalError.incapable(name: name, lacks: lack)
    }
    self.name = name
    colors = Int(tigetnum("colors"))
    hasAlternateCharacters = Self.string("acsc") != nil && Self.string("smacs") != nil
    let lastRow = Int32((rows ?? Int(tigetnum("lines"))) - 1)
    reset = Self.resetSequence(lastRow: max(0, lastRow))
  }

  private static func string(_ capability: String) -> String? {
    xc_string_capability(capability).map { String(cString: $0) }
  }

  /// Attributes off, colours and keypad as they were, cursor visible and on the last row, the other screen back.
  private static func resetSequence(lastRow: Int32) -> String {
    var sequence = ["sgr0", "op", "rmacs", "rmkx", "cnorm"].compactMap(string).joined()
    if let move = xc_string_capability("cup"), let moved = xc_with_parameters(move, lastRow, 0) {
      sequence += String(cString: moved)
    }
    sequence += string("rmcup") ?? ""
    return withoutPadding(sequence) + "\r\n"
  }

  /// Terminfo's delays ("$<5>") are for tputs(3X) and not for the terminal.
  private static func withoutPadding(_ sequence: String) -> String {
    var result = ""
    var rest = sequence[...]
    while let start = rest.firstIndex(of: "$") {
      let after = rest.index(after: start)
      guard after < rest.endIndex, rest[after] == "<", let end = rest[after...].firstIndex(of: ">") else {
        result += rest[...start]
        rest = rest[after...]
        continue
      }
      result += rest[..<start]
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
