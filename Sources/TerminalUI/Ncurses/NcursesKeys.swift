import CNcurses

/// The key codes of ncurses.
enum NcursesKeys {
  /// The key of a code; nil for what is no key of ours, such as ncurses' own note that the size changed.
  static func key(_ code: Int32) -> Key? {
    switch code {
    case KEY_UP, KEY_SR: .up
    case KEY_DOWN, KEY_SF: .down
    case KEY_LEFT, KEY_SLEFT: .left
    case KEY_RIGHT, KEY_SRIGHT: .right
    case KEY_HOME, KEY_SHOME, KEY_FIND, KEY_BEG, KEY_A1: .home
    case KEY_END, KEY_SEND, KEY_SELECT, KEY_LL, KEY_C1: .end
    case KEY_PPAGE, KEY_SPREVIOUS, KEY_A3: .pageUp
    case KEY_NPAGE, KEY_SNEXT, KEY_C3: .pageDown
    case KEY_ENTER: .enter
    case KEY_BACKSPACE: .backspace
    case KEY_DC, KEY_SDC: .delete
    case KEY_IC, KEY_SIC: .insert
    case KEY_BTAB: .backTab
    // The Linux console's database entry names Ctrl-Z as a key of its own (kspd).
    case KEY_SUSPEND: .control("z")
    case KEY_F0 + 1...KEY_F0 + 63: .function(Int(code - KEY_F0))
    default: named(code)
    }
  }

  /// xterm's keys with Shift, Alt or Control have no fixed codes but the names of their user-defined capabilities, such
  /// as kUP5; the modifier makes no difference here.
  private static func named(_ code: Int32) -> Key? {
    guard code > KEY_MAX, let pointer = keyname(code) else { return nil }
    let name = String(cString: pointer)
    return prefixes.first { name.hasPrefix($0.0) }?.1
  }

  private static let prefixes: [(String, Key)] = [
    ("kUP", .up), ("kDN", .down), ("kLFT", .left), ("kRIT", .right), ("kHOM", .home), ("kEND", .end),
    ("kPRV", .pageUp), ("kNXT", .pageDown), ("kDC", .delete), ("kIC", .insert),
  ]
}
