import Glibc

/// Runs an application without a terminal: tests press its keys and look at its frames. Everything happens when it is
/// asked for, on the caller's thread, as the real loop would do it.
public struct InMemoryTerminal<App: Application> {
  public private(set) var app: App
  public private(set) var size: Size
  /// What the screen shows now.
  public private(set) var frame: Frame
  /// The code the application quit with; nil while it runs. Nothing reaches it after that.
  public private(set) var exitCode: Int32?
  /// What the application answered to each event so far.
  public private(set) var verdicts: [Verdict] = []
  /// Where the application's effects leave their messages; `receive` delivers them.
  public let mailbox: Mailbox<App.Message>

  public init(_ app: App, size: Size = Size(columns: 80, rows: 24)) {
    var app = app
    mailbox = Mailbox()
    app.start(size: size, mailbox: mailbox)
    frame = app.view(size: size)
    self.app = app
    self.size = size
  }

  /// The text of the screen, row by row, without spaces at the ends.
  public var lines: [String] { frame.lines }
  /// The text of the screen.
  public var text: String { frame.lines.joined(separator: "\n") }

  /// Presses keys one after the other.
  public mutating func press(_ keys: Key...) {
    for key in keys { deliver(.key(key)) }
    show()
  }

  /// Types text.
  public mutating func type(_ text: String) {
    for character in text { deliver(.key(.character(character))) }
    show()
  }

  public mutating func resize(to size: Size) {
    self.size = size
    deliver(.resized(size))
    show()
  }

  /// Delivers a message as if an effect had posted it.
  public mutating func send(_ message: App.Message) {
    deliver(.message(message))
    show()
  }

  /// Lets the moment come that the application waits for.
  public mutating func tick() {
    deliver(.tick)
    show()
  }

  /// Delivers the messages posted so far.
  ///
  /// - Returns: How many there were.
  @discardableResult
  public mutating func receive() -> Int {
    let messages = mailbox.take()
    for message in messages { deliver(.message(message)) }
    show()
    return messages.count
  }

  /// Delivers messages as they come until the screen is as expected.
  ///
  /// - Parameter patience: How long to wait at most.
  /// - Returns: Whether the screen came to be as expected.
  public mutating func receive(within patience: Duration, until isExpected: (Frame) -> Bool) -> Bool {
    let deadline = ContinuousClock.now.advanced(by: patience)
    receive()
    while !isExpected(frame) {
      let left = ContinuousClock.now.duration(to: deadline).components
      let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
      guard milliseconds > 0 else { return false }
      var waiting = pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)
      poll(&waiting, 1, Int32(clamping: milliseconds))
      receive()
    }
    return true
  }

  private mutating func deliver(_ event: Event<App.Message>) {
    guard exitCode == nil else { return }
    let verdict = app.update(event)
    verdicts.append(verdict)
    if case .quit(let code) = verdict { exitCode = code }
  }

  private mutating func show() {
    if exitCode == nil { frame = app.view(size: size) }
  }
}
