import HostNetworking
import TerminalUI

/// What comes to the console from outside.
public enum ConsoleMessage: Sendable {
  case host(HostView)
}

/// The console as an application: a stack of screens between header and footer.
public struct Console: Application {
  public typealias Message = ConsoleMessage

  /// What the console can set in motion. Nothing here may wait.
  public struct Hands: Sendable {
    /// Starts what sends messages to the mailbox.
    public var start: @Sendable (Mailbox<ConsoleMessage>) -> Void
    /// Tries XAPI again at once.
    public var retry: @Sendable () -> Void
    public var now: @Sendable () -> Moment

    public init(
      start: @escaping @Sendable (Mailbox<ConsoleMessage>) -> Void, retry: @escaping @Sendable () -> Void,
      now: @escaping @Sendable () -> Moment
    ) {
      self.start = start
      self.retry = retry
      self.now = now
    }
  }

  private let hands: Hands
  private var screens: [any Screen] = [MainMenu()]
  private var host: HostView?
  private var lists = Context.Lists()
  private var now: Moment
  private var size = Size(columns: 80, rows: 24)

  public init(_ hands: Hands) {
    self.hands = hands
    now = hands.now()
  }

  // MARK: Events

  public mutating func start(size: Size, mailbox: Mailbox<ConsoleMessage>) {
    self.size = size
    hands.start(mailbox)
  }

  public mutating func update(_ event: Event<ConsoleMessage>) -> Verdict {
    now = hands.now()
    switch event {
    case .key(let key): return press(key)
    case .resized(let size):
      self.size = size
      settle()
    case .message(.host(let host)):
      self.host = host
      lists = Context.Lists(host)
      settle()
    case .tick: break
    }
    return .continue
  }

  /// A clock on the screen moves every second while XAPI is silent; while it answers only the uptime does.
  public var nextWake: ContinuousClock.Instant? {
    guard let host else { return nil }
    guard host.connection == .live else {
      let next = now.seconds(since: host.since) + 1
      return host.since + .seconds(next)
    }
    return now.instant + .seconds(60 - now.wall % 60)
  }

  private var context: Context { Context(host: host, lists: lists, now: now) }
  private var body: Rect { Layout(size, notice: XAPIWords(context).notice).body }

  private mutating func settle() {
    screens[screens.count - 1].settle(context, room: body.size)
  }

  private mutating func press(_ key: Key) -> Verdict {
    switch screens[screens.count - 1].handle(key, context, room: body.size) {
    case .done: break
    case .pass: return pressUnclaimed(key)
    case .open(let screen): screens.append(screen)
    case .back: if screens.count > 1 { screens.removeLast() }
    case .go(let place): return go(to: place)
    case .quit: return .quit(0)
    }
    settle()
    return .continue
  }

  /// Keys that mean the same on every screen that has no use of its own for them.
  private mutating func pressUnclaimed(_ key: Key) -> Verdict {
    switch key {
    case .control("c"): return .quit(0)
    case .control("l"): return .repaint
    case .control("z"): return .suspend
    case .character("?"), .function(1):
      if let top = screens.last, !(top is HelpScreen) { screens.append(HelpScreen(about: top)) }
    case .character("/"): screens.append(FindScreen())
    case .character("r"), .function(5): hands.retry()
    case .character("q"): if screens.count > 1 { screens.removeLast() }
    default: return .continue
    }
    settle()
    return .continue
  }

  private mutating func go(to place: Place) -> Verdict {
    switch place {
    case .menu(let index):
      screens = [MainMenu(chosen: index)]
      return press(.enter)
    case .status: screens = [MainMenu(chosen: MainMenu.Item.status.rawValue), StatusScreen()]
    case .interface(let ref):
      screens = [MainMenu(chosen: MainMenu.Item.interfaces.rawValue), InterfacesScreen(chosen: ref)]
    case .network(let ref):
      screens = [MainMenu(chosen: MainMenu.Item.networks.rawValue), NetworksScreen(chosen: ref)]
    }
    settle()
    return .continue
  }

  // MARK: The screen

  public func view(size: Size) -> Frame {
    var frame = Frame(size: size)
    guard Layout.isEnough(size), let screen = screens.last else {
      frame.draw("Please make the terminal larger: at least 40x12.", at: Point(column: 0, row: 0))
      return frame
    }
    let layout = Layout(size, notice: XAPIWords(context).notice)
    Header(context: context).draw(into: &frame)
    for (index, line) in layout.noticeLines.enumerated() {
      frame.draw(
        line, at: Point(column: 1, row: layout.notice.row + index), style: .warning, width: size.columns - 2)
    }
    screen.draw(into: &frame, in: layout.body, context)
    Footer(keys: screen.keys(context)).draw(into: &frame)
    return frame
  }
}
