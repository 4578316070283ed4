/// A program with a screen. One loop, on one thread, tells it what happened and asks what the screen shows now; work
/// that takes time runs elsewhere and comes back as messages through the mailbox.
public protocol Application<Message> {
  associatedtype Message: Sendable

  /// Called once, before the first view. Whatever takes time is started here and not waited for.
  mutating func start(size: Size, mailbox: Mailbox<Message>)

  /// Takes one event in. Never waits for anybody.
  mutating func update(_ event: Event<Message>) -> Verdict

  /// What the screen shows. Pure: the same state gives the same frame.
  func view(size: Size) -> Frame

  /// When the view changes by time alone (a clock, a countdown): a `tick` comes then. Nil when it does not: the program
  /// sleeps until something happens. A moment that a tick was sent for already is not waited for again.
  var nextWake: ContinuousClock.Instant? { get }
}

extension Application {
  public var nextWake: ContinuousClock.Instant? { nil }
}

/// Something that happened.
public enum Event<Message: Sendable>: Sendable {
  case key(Key)
  case resized(Size)
  case message(Message)
  /// The moment asked for by `Application.nextWake` has come.
  case tick
}

/// What to do after an event.
public enum Verdict: Hashable, Sendable {
  case `continue`
  /// Leave with this exit code.
  case quit(Int32)
  /// Draw everything anew, whatever the terminal is thought to show.
  case repaint
  /// Give the terminal back to the shell, until the shell brings the program back.
  case suspend
  /// Sound the bell.
  case beep
}
