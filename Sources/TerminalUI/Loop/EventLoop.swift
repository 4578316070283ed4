import CNcurses
import Glibc

/// The message loop: waits for keys, signals, messages and the time the application named, and for nothing else. While
/// nothing happens it sleeps in one poll(2) without end.
struct EventLoop<Message: Sendable>: ~Copyable {
  private var screen: NcursesScreen
  private let signals: SignalInbox
  private let mailbox: Mailbox<Message>
  private let hooks: LoopHooks
  private let input: Int32
  private let output: Int32
  private var decoder = KeyDecoder()
  private var isFrameHeldBack = false
  private var tickedFor: ContinuousClock.Instant?
  private var hasMoreInput = false
  private var emptyReads = 0
  private var exitCode: Int32?

  init(_ settings: TerminalSettings, hooks: LoopHooks = LoopHooks()) throws(TerminalError) {
    let mailbox = Mailbox<Message>()
    guard mailbox.descriptor >= 0 else { throw TerminalError.system(call: "eventfd", code: errno) }
    let signals = try SignalInbox()
    let screen = try NcursesScreen(settings)
    self.mailbox = mailbox
    self.signals = signals
    self.screen = screen
    input = settings.input
    output = settings.output
    self.hooks = hooks
  }

  /// Runs the application to its end.
  ///
  /// - Returns: Its exit code; 128 plus the signal's number when a signal or the loss of the terminal ended it.
  mutating func run(_ app: inout some Application<Message>) -> Int32 {
    app.start(size: screen.size, mailbox: mailbox)
    paint(app)
    while exitCode == nil {
      let ready = wait(for: app)
      takeSignals(&app)
      if ready.isHungUp { exitCode = exitCode ?? 128 + SIGHUP }
      if ready.hasInput || hasMoreInput { takeKeys(&app, wasReady: ready.hasInput) }
      if ready.hasMessages { takeMessages(&app) }
      takeTime(&app)
      if exitCode == nil { paint(app) }
    }
    return exitCode ?? 0
  }

  // MARK: Waiting

  private struct Ready {
    var hasInput = false
    var hasMessages = false
    var isHungUp = false
  }

  private mutating func wait(for app: some Application) -> Ready {
    var descriptors = [
      pollfd(fd: input, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
      // A negative descriptor is passed over.
      pollfd(fd: isFrameHeldBack ? output : -1, events: Int16(POLLOUT), revents: 0),
    ]
    hooks.waiting()
    let count = poll(&descriptors, nfds_t(descriptors.count), timeout(for: app))
    guard count > 0 else { return Ready() }
    let lost = Int16(POLLHUP | POLLERR | POLLNVAL)
    return Ready(
      hasInput: descriptors[0].revents & Int16(POLLIN) != 0,
      hasMessages: descriptors[2].revents & Int16(POLLIN) != 0,
      isHungUp: descriptors[0].revents & lost != 0)
  }

  /// Milliseconds until something is due; -1 when nothing is.
  private func timeout(for app: some Application) -> Int32 {
    if hasMoreInput { return 0 }
    let due = [wake(of: app), decoder.deadline].compactMap { $0 }.min()
    guard let due else { return -1 }
    let left = ContinuousClock.now.duration(to: due).components
    if left.seconds < 0 || left.attoseconds < 0 { return 0 }
    // Rounded up: waking early would be waking twice.
    let milliseconds = left.attoseconds / 1_000_000_000_000_000 + 1
    return Int32(clamping: min(left.seconds, 1_000_000) * 1000 + milliseconds)
  }

  /// The application's next moment, unless it was told of that already: one that forgets to name another must not keep
  /// the loop spinning.
  private func wake(of app: some Application) -> ContinuousClock.Instant? {
    guard let wake = app.nextWake, wake != tickedFor else { return nil }
    return wake
  }

  // MARK: Events

  private mutating func takeSignals(_ app: inout some Application<Message>) {
    while let signal = signals.next() {
      switch signal {
      case SIGWINCH: takeSize(&app)
      case SIGTSTP: suspend(&app, wholeGroup: false)
      case SIGCONT:
        screen.reenter()
        takeSize(&app)
      default: exitCode = exitCode ?? 128 + signal
      }
    }
  }

  private mutating func takeSize(_ app: inout some Application<Message>) {
    if screen.adoptSize() { deliver(.resized(screen.size), to: &app) }
  }

  private mutating func takeKeys(_ app: inout some Application<Message>, wasReady: Bool) {
    let (count, isAll) = screen.read(into: &decoder)
    hasMoreInput = !isAll
    // A terminal that is gone can look like one that always has something to read and never gives anything.
    emptyReads = wasReady && count == 0 ? emptyReads + 1 : 0
    if emptyReads >= 3 { exitCode = exitCode ?? 128 + SIGHUP }
    deliverKeys(to: &app)
  }

  private mutating func takeMessages(_ app: inout some Application<Message>) {
    for message in mailbox.take() { deliver(.message(message), to: &app) }
  }

  private mutating func takeTime(_ app: inout some Application<Message>) {
    let now = ContinuousClock.now
    decoder.expire(at: now)
    deliverKeys(to: &app)
    if let wake = wake(of: app), wake <= now {
      tickedFor = wake
      deliver(.tick, to: &app)
    }
  }

  private mutating func deliverKeys(to app: inout some Application<Message>) {
    for key in decoder.take() { deliver(.key(key), to: &app) }
  }

  private mutating func deliver(_ event: Event<Message>, to app: inout some Application<Message>) {
    guard exitCode == nil else { return }
    switch app.update(event) {
    case .continue: break
    case .quit(let code): exitCode = code
    case .repaint: screen.invalidate()
    case .beep: screen.beep()
    case .suspend: suspend(&app, wholeGroup: true)
    }
  }

  // MARK: Suspending

  /// Gives the terminal to the shell and stops until the shell lets us go on.
  ///
  /// - Parameter wholeGroup: Whether to stop the process group as the terminal's own Ctrl-Z would, so that a script
  ///   that started us does not keep the terminal from its shell. Where nobody could let us go on (the group has no
  ///   shell), the system ignores the stop.
  private mutating func suspend(_ app: inout some Application<Message>, wholeGroup: Bool) {
    screen.leave { hooks.stop(wholeGroup) }
    // The signal that let us go on needs no second repaint; others are kept.
    while let signal = signals.next() {
      if SignalGate.ending.contains(signal) { exitCode = exitCode ?? 128 + signal }
    }
    takeSize(&app)
  }

  // MARK: Painting

  /// Shows the application as it is now.
  ///
  /// While a slow line still sends the last frames, or a stopped terminal takes nothing, the frame is held back until
  /// there is room (less than 256 bytes wait, by the kernel's reckoning). So a key held down on a serial console moves
  /// the highlight as fast as the line allows and not for seconds after it was let go, and nobody waits in write(2).
  private mutating func paint(_ app: some Application<Message>) {
    let frame = app.view(size: screen.size)
    isFrameHeldBack = screen.differs(from: frame) && !screen.hasRoom()
    guard screen.differs(from: frame) && !isFrameHeldBack else { return }
    screen.paint(frame)
    hooks.painted()
  }
}

/// What tests look at, and what they must not have happen.
struct LoopHooks: Sendable {
  /// Everything is done, and the loop goes to sleep.
  var waiting: @Sendable () -> Void = {}
  var painted: @Sendable () -> Void = {}
  /// Stops the process, or its group, until it is let go on.
  var stop: @Sendable (_ wholeGroup: Bool) -> Void = { wholeGroup in
    var stop = SignalGate.set(of: [SIGTSTP])
    xc_default_action(SIGTSTP)
    pthread_sigmask(SIG_UNBLOCK, &stop, nil)
    if wholeGroup { kill(0, SIGTSTP) } else { raise(SIGTSTP) }
    pthread_sigmask(SIG_BLOCK, &stop, nil)
  }
}
