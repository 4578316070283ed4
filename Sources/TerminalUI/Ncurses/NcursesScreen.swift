import CNcurses
import Glibc

/// The screen as ncurses draws it. From the moment it is made until it goes away the terminal is ours; a crash in
/// between gives it back as well. One at a time: ncurses keeps its state in globals.
struct NcursesScreen: ~Copyable {
  let traits: TerminalTraits
  private let input: Int32
  private let output: Int32
  private let screen: OpaquePointer
  private let files: (input: UnsafeMutablePointer<FILE>, output: UnsafeMutablePointer<FILE>)
  private let dispositions: SignalDispositions
  private let modesBefore: termios
  private let palette: Palette
  private var shown: Frame?
  private var run: [cchar_t] = []
  private var isCursorShown = true
  private(set) var size: Size

  init(_ settings: TerminalSettings) throws(TerminalError) {
    let entry = try Self.lookUp(settings)
    let isUTF8 = CharacterSet.adopt(settings.locale)
    let traits = TerminalTraits(
      name: entry.name, colors: entry.colors, hasAlternateCharacters: entry.hasAlternateCharacters, isUTF8: isUTF8,
      environment: settings.environment)
    let files = try Self.open(settings)
    // ncurses takes over some signals; they are given back as they were.
    var modes = termios()
    tcgetattr(settings.output, &modes)
    let dispositions = SignalDispositions([SIGINT, SIGTERM, SIGTSTP, SIGWINCH])
    CrashGuard.arm(descriptor: settings.output, reset: entry.reset)
    guard let screen = newterm(entry.name, files.output, files.input) else {
      CrashGuard.disarm()
      fclose(files.input)
      fclose(files.output)
      throw TerminalError.unknownTerminal(name: entry.name)
    }
    Self.setModes(escapeDelay: settings.escapeDelay)
    let theme = Theme.choose(colors: entry.colors, environment: settings.environment, wish: settings.theme)
    if theme != .mono {
      start_color()
      use_default_colors()
    }
    palette = Palette(
      theme: theme, supported: UInt32(truncatingIfNeeded: termattrs()),
      pairs: theme == .mono ? 0 : min(256, Int32(tigetnum("pairs"))))
    self.traits = traits
    self.screen = screen
    self.files = files
    self.dispositions = dispositions
    modesBefore = modes
    input = settings.input
    output = settings.output
    size = Self.size(output: output)
    resizeterm(Int32(size.rows), Int32(size.columns))
  }

  deinit {
    // Output that was stopped goes on. A terminal that takes nothing even so gets back its modes and no more: the
    // program must be able to end.
    tcflow(output, TCOON)
    if hasRoom(within: 500) {
      endwin()
    } else {
      tcflush(output, TCOFLUSH)
      var modes = modesBefore
      tcsetattr(output, TCSANOW, &modes)
    }
    CrashGuard.disarm()
    delscreen(screen)
    fclose(files.input)
    fclose(files.output)
    dispositions.restore()
  }

  // MARK: Painting

  /// Shows a frame: sends the terminal what differs from the one before.
  mutating func paint(_ frame: Frame) {
    let window = xc_standard_screen()
    for row in 0..<min(frame.size.rows, size.rows) { paint(row: row, of: frame, in: window) }
    place(frame.cursor, in: window)
    wnoutrefresh(window)
    doupdate()
    shown = frame
  }

  /// Whether painting this frame would change anything.
  func differs(from frame: Frame) -> Bool { shown != frame }

  /// Nothing is known any more of what the terminal shows: the next frame is drawn in full.
  mutating func invalidate() {
    shown = nil
    clearok(xc_physical_screen(), true)
  }

  /// Whether the terminal takes more now, or within some milliseconds.
  func hasRoom(within milliseconds: Int32 = 0) -> Bool {
    var waiting = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
    // An error is as good as room: what is written then fails at once.
    return poll(&waiting, 1, milliseconds) > 0
  }

  func beep() { _ = CNcurses.beep() }

  private mutating func paint(row: Int, of frame: Frame, in window: UnsafeMutablePointer<WINDOW>?) {
    let columns = min(frame.size.columns, size.columns)
    let start = row * frame.size.columns
    var first = 0
    var end = columns
    if let shown, shown.size == frame.size {
      while first < end && shown.cells[start + first] == frame.cells[start + first] { first += 1 }
      while end > first && shown.cells[start + end - 1] == frame.cells[start + end - 1] { end -= 1 }
    }
    guard first < end else { return }
    if frame.cells[start + first].isContinuation { first -= 1 }
    if end < columns && frame.cells[start + end].isContinuation { end += 1 }
    run.removeAll(keepingCapacity: true)
    var index = start + first
    while index < start + end {
      let isWide = index + 1 < start + columns && frame.cells[index + 1].isContinuation
      append(frame.cells[index], isWide: isWide)
      index += isWide ? 2 : 1
    }
    wmove(window, Int32(row), Int32(first))
    wadd_wchnstr(window, run, Int32(run.count))
  }

  /// Adds a cell as the terminal can show it.
  private mutating func append(_ cell: Cell, isWide: Bool) {
    let look = palette.entry(for: cell.style)
    var attributes = look.attributes
    var base = cell.base
    var marks = (cell.firstMark, cell.secondMark)
    var isPadded = false
    if base >= 0x7F, let scalar = Unicode.Scalar(base) {
      if traits.lineDrawing != .unicode, let line = GlyphFallback.alternate(scalar) {
        let hasLine = traits.lineDrawing == .alternate
        base = hasLine ? line : GlyphFallback.ascii(scalar)
        if hasLine { attributes |= xc_alternate_characters }
      } else if !traits.unicode || xc_character_width(base) != (isWide ? 2 : 1) {
        // Where the C library thinks otherwise of a width (an old one knows no emoji), ncurses would lose count.
        base = GlyphFallback.ascii(scalar)
        isPadded = isWide
      }
    }
    if !traits.unicode { marks = (0, 0) }
    var shown = cchar_t()
    xc_set_cell(&shown, base, marks.0, marks.1, attributes, look.pair)
    run.append(shown)
    if isPadded {
      xc_set_cell(&shown, 0x20, 0, 0, look.attributes, look.pair)
      run.append(shown)
    }
  }

  private mutating func place(_ cursor: Point?, in window: UnsafeMutablePointer<WINDOW>?) {
    let visible = cursor.flatMap { Rect(size: size).contains($0) ? $0 : nil }
    if (visible != nil) != isCursorShown {
      isCursorShown = visible != nil
      curs_set(isCursorShown ? 1 : 0)
      // A hidden cursor may stay wherever the last change was: moving it costs bytes.
      leaveok(window, !isCursorShown)
    }
    if let visible { wmove(window, Int32(visible.row), Int32(visible.column)) }
  }

  // MARK: Input

  /// Reads what was typed; at most `limit` keys, so that a flood of them leaves time for drawing.
  ///
  /// - Returns: How many things were read, and whether that was all.
  func read(into decoder: inout KeyDecoder, limit: Int = 512) -> (count: Int, isAll: Bool) {
    let window = xc_standard_screen()
    for count in 0..<limit {
      let code = wgetch(window)
      let now = ContinuousClock.now
      if xc_is_error(code) {
        decoder.endOfInput(at: now)
        return (count, true)
      }
      if let byte = UInt8(exactly: code) {
        decoder.feed(byte: byte, at: now)
      } else if let key = NcursesKeys.key(code) {
        decoder.feed(key: key, at: now)
      }
    }
    return (limit, false)
  }

  // MARK: The terminal's life

  /// Takes over the size the terminal has now.
  ///
  /// - Returns: Whether it changed.
  mutating func adoptSize() -> Bool {
    let new = Self.size(output: output)
    guard new != size else { return false }
    size = new
    resizeterm(Int32(new.rows), Int32(new.columns))
    invalidate()
    return true
  }

  /// Gives the terminal to the shell while `body` runs, and takes it back.
  mutating func leave(while body: () -> Void) {
    endwin()
    CrashGuard.pause(true)
    body()
    CrashGuard.pause(false)
    invalidate()
  }

  /// The terminal was somebody else's meanwhile: its modes are set again with the next frame, which is drawn in full.
  mutating func reenter() {
    endwin()
    invalidate()
  }

  private static func setModes(escapeDelay: Int32) {
    let window = xc_standard_screen()
    set_escdelay(escapeDelay)
    raw()
    noecho()
    nonl()
    nodelay(window, true)
    keypad(window, true)
    intrflush(window, false)
    // Updates are never left half done because a key was pressed; the loop decides what is drawn.
    typeahead(-1)
    for sequence in EscapeSequence.keypadSequences { define_key(sequence, 0) }
  }

  private static func lookUp(_ settings: TerminalSettings) throws(TerminalError) -> TerminalEntry {
    guard isatty(settings.input) == 1 else {
      throw TerminalError.noTerminal(reason: "standard input is not a terminal")
    }
    guard isatty(settings.output) == 1 else {
      throw TerminalError.noTerminal(reason: "standard output is not a terminal")
    }
    guard let name = settings.environment["TERM"], !name.isEmpty else {
      throw TerminalError.noTerminal(reason: "TERM is not set; set it to what your terminal is, such as xterm or linux")
    }
    var (width, height): (Int32, Int32) = (0, 0)
    let knows = xc_window_size(settings.output, &width, &height)
    return try TerminalEntry(name: name, descriptor: settings.output, rows: knows ? Int(height) : nil)
  }

  /// ncurses wants streams of its own, to be closed when it is done.
  private static func open(
    _ settings: TerminalSettings
  ) throws(TerminalError) -> (input: UnsafeMutablePointer<FILE>, output: UnsafeMutablePointer<FILE>) {
    guard let input = fdopen(dup(settings.input), "r") else { throw TerminalError.system(call: "dup", code: errno) }
    guard let output = fdopen(dup(settings.output), "w") else {
      let code = errno
      fclose(input)
      throw TerminalError.system(call: "dup", code: code)
    }
    return (input, output)
  }

  /// The terminal's size; where the line does not know (a serial one), what ncurses made of the database.
  private static func size(output: Int32) -> Size {
    var (width, height): (Int32, Int32) = (0, 0)
    if xc_window_size(output, &width, &height) { return Size(columns: Int(width), rows: Int(height)) }
    let window = xc_standard_screen()
    return Size(columns: max(1, Int(getmaxx(window))), rows: max(1, Int(getmaxy(window))))
  }
}

/// How the process reacted to signals before.
private struct SignalDispositions {
  private var actions: [(Int32, sigaction)] = []

  init(_ signals: [Int32]) {
    for signal in signals {
      var action = sigaction()
      if sigaction(signal, nil, &action) == 0 { actions.append((signal, action)) }
    }
  }

  func restore() {
    for (signal, action) in actions {
      var action = action
      sigaction(signal, &action, nil)
    }
  }
}
