import CNcurses
import Glibc
import Synchronization

@testable import TerminalUI

/// A terminal made of a pair of descriptors: programs draw on `slave`, the test is the person at `master`.
final class PseudoTerminal: Sendable {
  let master: Int32
  let slave: Int32
  let path: String
  /// The modes before anybody changed them.
  let initialModes: [UInt32]
  private let isMasterOpen = Mutex(true)

  init(columns: Int = 80, rows: Int = 24) throws {
    // What posix_openpt(3), unlockpt(3) and ptsname(3) do (ioctl_tty(2)); Swift's Glibc has no such functions.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var locked: Int32 = 0
    var number: Int32 = 0
    let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    guard master >= 0, ioctl(master, setLock, &locked) == 0, ioctl(master, getNumber, &number) == 0 else {
      throw TerminalError.system(call: "open /dev/ptmx", code: errno)
    }
    path = "/dev/pts/\(number)"
    slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard slave >= 0 else { throw TerminalError.system(call: "open", code: errno) }
    initialModes = Self.modes(of: slave)
    resize(columns: columns, rows: rows)
  }

  deinit {
    hangUp()
    close(slave)
  }

  func resize(columns: Int, rows: Int) {
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// What arrives until nothing has for a while, or until `isEnough`.
  func read(quiet: Int32 = 60, until isEnough: ([UInt8]) -> Bool = { _ in false }) -> [UInt8] {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    while !isEnough(received), poll(&waiting, 1, quiet) > 0, waiting.revents & Int16(POLLIN) != 0 {
      let count = Glibc.read(master, &buffer, buffer.count)
      guard count > 0 else { break }
      received += buffer[..<count]
    }
    return received
  }

  func hangUp() {
    isMasterOpen.withLock { isOpen in
      if isOpen { close(master) }
      isOpen = false
    }
  }

  /// The flags of the terminal's modes that programs change.
  var modes: [UInt32] { Self.modes(of: slave) }

  private static func modes(of descriptor: Int32) -> [UInt32] {
    var modes = termios()
    tcgetattr(descriptor, &modes)
    return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
  }
}

/// What an application under test lived through.
final class Log: Sendable {
  private let entries = Mutex<[String]>([])
  private let thread = Mutex<pthread_t?>(nil)
  private let waits = Atomic<Int>(0)
  private let notedAt = Atomic<Int>(0)
  private let paints = Atomic<Int>(0)
  private let stops = Mutex<[String]>([])

  func note(_ entry: String) {
    notedAt.store(waitCount, ordering: .releasing)
    entries.withLock { $0.append(entry) }
  }
  var all: [String] { entries.withLock { $0 } }

  func isRunning(on thread: pthread_t) { self.thread.withLock { $0 = thread } }
  /// Sends a signal to the loop's thread, where a process without other threads would get it.
  func signal(_ number: Int32) {
    thread.withLock { if let thread = $0 { pthread_kill(thread, number) } }
  }

  /// Whether the loop went to sleep after what was noted last: it has painted then.
  var isSettled: Bool { waitCount > notedAt.load(ordering: .acquiring) }
  var waitCount: Int { waits.load(ordering: .acquiring) }
  var paintCount: Int { paints.load(ordering: .acquiring) }
  var stopNotes: [String] { stops.withLock { $0 } }

  func hooks(onStop: @escaping @Sendable (Bool) -> String = { _ in "" }) -> LoopHooks {
    LoopHooks(
      waiting: { self.waits.add(1, ordering: .acquiringAndReleasing) },
      painted: { self.paints.add(1, ordering: .acquiringAndReleasing) },
      stop: { wholeGroup in
        let note = onStop(wholeGroup)
        self.stops.withLock { $0.append(note) }
      })
  }

  /// Waits for something to come true; false when it takes absurdly long.
  func wait(_ patience: Duration = .seconds(20), until isTrue: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now.advanced(by: patience)
    while !isTrue() {
      if ContinuousClock.now > deadline { return false }
      usleep(2000)
    }
    return true
  }
}

/// An application that notes what happens to it and draws what it is told to.
struct Probe: Application {
  var log: Log
  var state = 0
  var size = Size(columns: 0, rows: 0)
  var nextWake: ContinuousClock.Instant?
  /// How the screen looks in a state.
  var drawing: @Sendable (Int, Size) -> Frame
  /// What is done about a key, beyond `q` (quit with 7), Ctrl-Z (suspend) and Ctrl-L (repaint).
  var react: @Sendable (Key, inout Int) -> Void = { _, _ in }
  let mailboxes = MailboxHolder()

  final class MailboxHolder: Sendable {
    let mailbox = Mutex<Mailbox<String>?>(nil)
  }

  mutating func start(size: Size, mailbox: Mailbox<String>) {
    self.size = size
    mailboxes.mailbox.withLock { $0 = mailbox }
    log.isRunning(on: pthread_self())
  }

  mutating func update(_ event: Event<String>) -> Verdict {
    switch event {
    case .key(let key):
      log.note("\(key)")
      if key == .character("q") { return .quit(7) }
      if key == .control("z") { return .suspend }
      if key == .control("l") { return .repaint }
      if key == .control("g") { return .beep }
      react(key, &state)
    case .resized(let size):
      self.size = size
      log.note("resized \(size.columns)x\(size.rows)")
    case .message(let text):
      log.note("message \(text)")
    case .tick:
      log.note("tick")
      state += 1
    }
    return .continue
  }

  func view(size: Size) -> Frame { drawing(state, size) }
}

/// A `Probe` that runs on a thread of its own with a pseudo-terminal.
final class Session: Sendable {
  let terminal: PseudoTerminal
  let log = Log()
  let mailboxes: Probe.MailboxHolder
  private let result = Mutex<Result<Int32, TerminalError>?>(nil)

  init(
    term: String, locale: String = "C", columns: Int = 80, rows: Int = 24, environment: [String: String] = [:],
    nextWake: ContinuousClock.Instant? = nil,
    onStop: @escaping @Sendable (PseudoTerminal) -> String = { _ in "" },
    react: @escaping @Sendable (Key, inout Int) -> Void = { _, _ in },
    drawing: @escaping @Sendable (Int, Size) -> Frame = { _, size in Frame(size: size) }
  ) throws {
    let terminal = try PseudoTerminal(columns: columns, rows: rows)
    self.terminal = terminal
    var environment = environment
    environment["TERM"] = term
    let settings = TerminalSettings(
      input: terminal.slave, output: terminal.slave, environment: environment, locale: locale)
    let probe = Probe(log: log, nextWake: nextWake, drawing: drawing, react: react)
    mailboxes = probe.mailboxes
    let hooks = log.hooks { wholeGroup in "\(wholeGroup ? "group" : "self") \(onStop(terminal))" }
    start { [self] in
      var app = probe
      let outcome: Result<Int32, TerminalError>
      do throws(TerminalError) {
        outcome = .success(try Terminal.run(&app, settings: settings, hooks: hooks))
      } catch {
        outcome = .failure(error)
      }
      result.withLock { $0 = outcome }
    }
  }

  private func start(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Body(body))
    var thread = pthread_t()
    pthread_create(&thread, nil, { raw in
      if let raw { Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run() }
      return nil
    }, box.toOpaque())
    pthread_detach(thread)
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  var hasEnded: Bool { result.withLock { $0 != nil } }

  /// Waits for the first frame and gives the bytes it took.
  func firstFrame() -> [UInt8] {
    _ = log.wait { self.log.paintCount > 0 || self.hasEnded }
    return terminal.read()
  }

  /// Types something and gives the bytes of the frame that follows.
  func bytes(afterTyping text: String) -> [UInt8] {
    let before = log.all.count
    terminal.send(text)
    _ = log.wait { self.log.all.count > before || self.hasEnded }
    _ = log.wait { self.log.isSettled || self.hasEnded }
    return terminal.read(quiet: 15)
  }

  /// Waits until the application noted that many things.
  func waitForEntries(_ count: Int) -> [String] {
    _ = log.wait { self.log.all.count >= count || self.hasEnded }
    return log.all
  }

  /// Waits for the end, reading what is written meanwhile.
  func end() -> (Result<Int32, TerminalError>?, [UInt8]) {
    var written: [UInt8] = []
    _ = log.wait {
      written += self.terminal.read(quiet: 5)
      return self.hasEnded
    }
    written += terminal.read(quiet: 20)
    return (result.withLock { $0 }, written)
  }

  func quit() -> (Result<Int32, TerminalError>?, [UInt8]) {
    terminal.send("q")
    return end()
  }
}
