import CNcurses
import Glibc
import Synchronization

/// A terminal as the console may find it.
public struct Screen: Hashable, Sendable, CustomStringConvertible {
  public var columns = 80
  public var rows = 24
  public var term = "xterm-256color"
  /// More of the environment, or other values.
  public var environment: [String: String] = [:]

  public init(
    _ columns: Int = 80, _ rows: Int = 24, _ term: String = "xterm-256color", _ more: [String: String] = [:]
  ) {
    self.columns = columns
    self.rows = rows
    self.term = term
    environment = more
  }

  public var description: String {
    (["\(columns)x\(rows)", term] + environment.map { "\($0.key)=\($0.value)" }.sorted()).joined(separator: " ")
  }

  /// All that a program on this terminal finds in its environment.
  public var fullEnvironment: [String: String] {
    ["PATH": "/usr/bin:/bin", "HOME": "/", "LANG": "C.UTF-8", "TERM": term, "TMPDIR": "/tmp"]
      .merging(environment) { _, mine in mine }
  }

  /// The terminals that every main story is told on.
  public static let all = ["linux", "vt100", "xterm-256color"].flatMap { [Screen(80, 24, $0), Screen(160, 50, $0)] }
  /// One small, one large.
  public static let sizes = [Screen(80, 24, "linux"), Screen(160, 50)]
}

/// What was waited for and did not come, with the screen as it was.
public struct NotSeen: Error, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}

/// A program on the screen of a real terminal emulator (tmux, with a server of its own), as somebody in front of it has
/// it.
public final class Session: Sendable {
  public let screen: Screen
  private let name: String
  private let folder: ScratchFolder
  /// How long something may take to appear. Generous: the machine may be busy.
  private let patience: Duration

  /// - Parameters:
  ///   - arguments: the program's path and its arguments.
  public init(
    _ screen: Screen, running arguments: [String], patience: Duration = .seconds(20)
  ) throws(HarnessError) {
    self.screen = screen
    self.patience = patience
    folder = try ScratchFolder()
    name = "xce-\(folder.path.split(separator: "-").last ?? "0")"
    // A clean environment, given to the program and to nothing between.
    let settings = screen.fullEnvironment.map { "\($0.key)=\($0.value)" }.sorted()
    // A shell notes how the program ended: tmux now and then misses that.
    let command =
      (["env", "-i"] + settings + arguments).map(Self.quoted).joined(separator: " ")
      + "; echo $? > \(folder.path)/ended.new; mv \(folder.path)/ended.new \(folder.path)/ended"
    try tmux([
      "set-option", "-g", "status", "off", ";", "set-option", "-g", "remain-on-exit", "on", ";",
      "set-option", "-g", "remain-on-exit-format", "", ";", "set-option", "-s", "escape-time", "0", ";",
      "set-option", "-g", "default-terminal", "screen", ";",
      "new-session", "-d", "-x", "\(screen.columns)", "-y", "\(screen.rows)", command,
    ])
  }

  deinit { close() }

  /// Ends the terminal; whoever runs on it sees it hang up.
  public func close() { _ = try? tmux(["kill-server"]) }

  // MARK: What a person does

  /// Presses keys one after the other: characters, or tmux's names (`Enter`, `Escape`, `Up`, `NPage`, `C-c` …).
  public func press(_ keys: String...) throws(HarnessError) {
    for key in keys { try tmux(["send-keys", key]) }
  }

  public func type(_ text: String) throws(HarnessError) { try tmux(["send-keys", "-l", text]) }

  public func resize(_ columns: Int, _ rows: Int) throws(HarnessError) {
    try tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Writes to the terminal past the program on it, as the kernel and other programs do.
  public func scribble(_ text: String) throws(HarnessError) {
    let path = try display("#{pane_tty}")
    let terminal = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { throw .system("open \(path)", errno) }
    defer { Glibc.close(terminal) }
    _ = write(terminal, text, text.utf8.count)
  }

  // MARK: What a person sees

  /// The screen's rows, without spaces at their ends.
  public func rows() throws(HarnessError) -> [String] {
    try tmux(["capture-pane", "-p"]).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// The screen with the sequences that make its colours and attributes.
  public func styled() throws(HarnessError) -> String { try tmux(["capture-pane", "-p", "-e"]) }

  /// Column and row of the cursor, from 0, and whether it is shown.
  public func cursor() throws(HarnessError) -> (column: Int, row: Int, isShown: Bool) {
    let words = try display("#{cursor_x} #{cursor_y} #{cursor_flag}").split(separator: " ").map { Int($0) ?? -1 }
    return words.count == 3 ? (words[0], words[1], words[2] == 1) : (-1, -1, false)
  }

  /// Waits until all of `texts` are on the screen.
  /// - Returns: how long that took.
  @discardableResult
  public func sees(_ texts: String..., file: String = #fileID, line: Int = #line) async throws -> Duration {
    try await waits(for: texts.map { "\"\($0)\"" }.joined(separator: " and "), file, line) { rows in
      let screen = rows.joined(separator: "\n")
      return texts.allSatisfy { screen.holds($0) }
    }
  }

  /// Waits until `text` is no longer on the screen.
  @discardableResult
  public func loses(_ text: String, file: String = #fileID, line: Int = #line) async throws -> Duration {
    try await waits(for: "no \"\(text)\"", file, line) { rows in !rows.joined(separator: "\n").holds(text) }
  }

  /// Waits until a row of the screen holds all of `texts`.
  @discardableResult
  public func seesRow(_ texts: String..., file: String = #fileID, line: Int = #line) async throws -> Duration {
    try await waits(for: "a row with \(texts)", file, line) { rows in
      rows.contains { row in texts.allSatisfy { row.holds($0) } }
    }
  }

  /// Waits until the screen is as `isIt` wants it.
  @discardableResult
  public func waits(
    for what: String, _ file: String = #fileID, _ line: Int = #line, _ isIt: ([String]) -> Bool
  ) async throws -> Duration {
    let start = ContinuousClock.now
    while true {
      let asked = ContinuousClock.now
      let now = try rows()
      if isIt(now) { return asked - start }
      guard start.duration(to: .now) < patience else {
        throw NotSeen(
          description: "\(file):\(line), \(screen): waited \(patience) for \(what); the screen was\n"
            + now.joined(separator: "\n"))
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// Waits for the program's end.
  /// - Returns: its exit code as a shell has it: 128 and more for a signal.
  public func ends(file: String = #fileID, line: Int = #line) async throws -> Int32? {
    try await waits(for: "the program's end", file, line) { _ in !isRunning }
    return Int32(String(try TextFile(folder.path + "/ended").text.prefix { $0.isNumber }))
  }

  public var isRunning: Bool { access(folder.path + "/ended", F_OK) != 0 }

  // MARK: tmux

  private func display(_ format: String) throws(HarnessError) -> String {
    let line = try tmux(["display-message", "-p", format])
    return line.hasSuffix("\n") ? String(line.dropLast()) : line
  }

  @discardableResult
  private func tmux(_ arguments: [String]) throws(HarnessError) -> String {
    let outcome = try ChildProcess.run(
      ["tmux", "-u", "-L", name, "-f", "/dev/null"] + arguments,
      environment: [
        "PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8", "HOME": "/", "TMUX_TMPDIR": folder.path,
      ])
    guard outcome.ending == .exited(0) else {
      throw HarnessError("tmux \(arguments.first ?? ""): \(outcome.error) (\(String(describing: outcome.ending)))")
    }
    return outcome.output
  }

  private static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}

extension String {
  /// True when `part` occurs in the text, byte for byte.
  public func holds(_ part: String) -> Bool { strstr(self, part) != nil }
}

/// How many columns text takes up on a terminal, by the C library's tables: not by those of the program under test.
public enum Columns {
  public static func of(_ text: String) -> Int {
    setlocale(LC_CTYPE, "C.UTF-8")
    return text.unicodeScalars.reduce(0) { $0 + max(0, Int(xc_character_width($1.value))) }
  }
}
