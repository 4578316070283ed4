import HostNetworking
import TerminalUI

/// What comes to the console from outside.
public enum ConsoleMessage: Sendable {
  case host(HostView)
  /// What came of something a screen had set in motion.
  case report(ErrandReport)
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
    /// Carries an errand out; what comes of it arrives through the mailbox.
    public var carryOut: @Sendable (Errand) -> Void
    /// Keeps an eye on these from now on, and on nothing else.
    public var watch: @Sendable (Set<Watch>) -> Void
    public var now: @Sendable () -> Moment

    public init(
      start: @escaping @Sendable (Mailbox<ConsoleMessage>) -> Void, retry: @escaping @Sendable () -> Void,
      carryOut: @escaping @Sendable (Errand) -> Void = { _ in }, watch: @escaping @Sendable (Set<Watch>) -> Void = { _ in },
      now: @escaping @Sendable () -> Moment
    ) {
      self.start = start
      self.retry = retry
      self.carryOut = carryOut
      self.watch = watch
      self.now = now
    }
  }

  private let hands: Hands
  private var screens: [any Screen] = [MainMenu()]
  /// What is kept an eye on for them.
  private var watched: Set<Watch> = []
  private var host: HostView?
  private var lists = Context.Lists()
  /// The standing of the last reset that was put before the user.
  private var shownReset = ""
  private var pending: PendingNow?
  private var restart: RestartNow?
  /// Since when it is not to be seen any more, without a word of how it ended.
  private var missedSince: ContinuousClock.Instant?
  /// A look at the host takes no longer than its slowest tool.
  private static let longestLook = Duration.seconds(15)
  /// The pending change that was put before the user.
  private var shownPending = ""
  /// One that was kept or taken back: views made before that still have it.
  private var donePending = ""
  /// Asked before the console is left while a change waits.
  private var farewell: Dialog?
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
    let verdict = take(event)
    let wanted = screens.reduce(into: Set<Watch>()) { $0.formUnion($1.watches) }
    if wanted != watched {
      watched = wanted
      hands.watch(wanted)
    }
    return verdict
  }

  private mutating func take(_ event: Event<ConsoleMessage>) -> Verdict {
    now = hands.now()
    switch event {
    case .key(let key): return press(key)
    case .resized(let size):
      self.size = size
      settle()
    case .message(.host(let host)):
      self.host = host
      lists = Context.Lists(host)
      if let local = host.local { see(local.pending, ended: local.lastChange) }
      show(host.local?.earlierReset ?? .none)
      showPending()
      settle()
    case .message(.report(let report)): return receive(report)
    case .tick: return tick()
    }
    return .continue
  }

  /// A clock on the screen moves every second while XAPI is silent; while it answers only the uptime does.
  public var nextWake: ContinuousClock.Instant? {
    [clockWake, restart?.isRunning == true ? now.instant + .seconds(1) : nil, pending?.nextChange(now), screens.last?.nextWake(context)].compactMap { $0 }.min()
  }

  private var clockWake: ContinuousClock.Instant? {
    guard let host else { return nil }
    guard host.connection == .live else {
      let next = now.seconds(since: host.since) + 1
      return host.since + .seconds(next)
    }
    return now.instant + .seconds(60 - now.wall % 60)
  }

  private var context: Context { Context(host: host, lists: lists, now: now, pending: pending, restart: restart) }
  private var body: Rect { Layout(size, notice: XAPIWords(context).notice).body }

  private mutating func settled() -> Verdict {
    settle()
    return .continue
  }

  private mutating func settle() {
    if restart?.isRunning == false, screens.last is ToolstackScreen { restart?.isSeen = true }
    screens[screens.count - 1].settle(context, room: body.size)
  }

  private mutating func press(_ key: Key) -> Verdict {
    if farewell != nil { return answerFarewell(key) }
    let reaction = screens[screens.count - 1].handle(key, context, room: body.size)
    if case .pass = reaction { return pressUnclaimed(key) }
    return react(reaction)
  }

  private mutating func react(_ reaction: Reaction) -> Verdict {
    switch reaction {
    case .done, .pass: break
    case .open(let screen): open(screen)
    case .replace(let screen):
      screens.removeLast()
      open(screen)
    case .ask(let errand):
      if case .routes(.restart(let plan)) = errand { restart = RestartNow(plan, since: now.instant) }
      hands.carryOut(errand)
    case .beep:
      settle()
      return .beep
    case .back: if screens.count > 1 { screens.removeLast() }
    case .backWith(let choice):
      if screens.count > 1 { screens.removeLast() }
      return react(screens[screens.count - 1].take(choice, context))
    case .go(let place): return go(to: place)
    case .quit: return leave()
    }
    settle()
    return .continue
  }

  private mutating func open(_ screen: any Screen) {
    if let keep = screen as? KeepScreen { shownPending = keep.id }
    screens.append(screen)
    if let errand = screen.errand { hands.carryOut(errand) }
  }

  /// Reports go to all that are open: a list below the present screen may have to change as well. The top one may react.
  private mutating func receive(_ report: ErrandReport) -> Verdict {
    if case .pending(let standing) = report { see(standing, isCertain: true) }
    restart?.take(report, now)
    for index in screens.indices.dropLast() { _ = screens[index].receive(report, context, room: body.size) }
    let reaction = screens[screens.count - 1].receive(report, context, room: body.size)
    let verdict = react(reaction)
    if case .pending = report {
      showPending()
      settle()
    }
    return verdict
  }

  /// A reset that is not over, or that the host has just come back from, is the first thing to be seen; once.
  private mutating func show(_ standing: ResetStanding) {
    guard standing.mark != shownReset else { return }
    shownReset = standing.mark
    // The screen that carries it out knows better, until the host has come back.
    let isOurs = screens.contains { $0 is ResetProgressScreen }
    switch standing {
    case .none, .damaged: return
    case .interrupted, .waitingForReboot: if isOurs { return }
    case .waitingForXAPI, .carriedOut: if isOurs { screens = [MainMenu()] }
    }
    screens.removeAll { $0 is LastResetScreen }
    open(LastResetScreen(standing))
  }

  // MARK: A change that waits

  /// - Parameters:
  ///   - isCertain: told by whoever keeps or takes back, not by a look that may be older.
  ///   - ended: how the last change ended, as that look has it.
  private mutating func see(_ standing: PendingStanding, ended: PendingEnd? = nil, isCertain: Bool = false) {
    if let change = standing.change, change.id == donePending { return }
    if standing == .none, isCertain, let pending { donePending = pending.change.id }
    if !isCertain, let known = pending, standing.change == nil, ended?.id != known.change.id {
      // A look from before it began, or a record that cannot be read: it is not over because of that. Who ends a change
      // writes down how; only a full disk keeps it from that, and then the record stays away.
      missedSince = missedSince ?? now.instant
      guard standing == .none, let missedSince, now.instant - missedSince > Self.longestLook else { return }
    }
    missedSince = nil
    pending = PendingNow(standing, known: pending, now: now.instant)
  }

  /// Comes before everything else, once: whoever made it, and whenever this console was started.
  private mutating func showPending() {
    guard let pending, pending.change.id != shownPending else { return }
    // The screen that carries it out goes on to the question by itself.
    guard !screens.contains(where: { $0 is ChangeProgressScreen || $0 is KeepScreen }) else { return }
    open(KeepScreen(pending.change))
  }

  /// Nobody should walk away from a change that is about to be taken back without having been told.
  private mutating func leave() -> Verdict {
    guard let pending else { return .quit(0) }
    farewell = Farewell.question(pending.change)
    return .continue
  }

  private mutating func answerFarewell(_ key: Key) -> Verdict {
    if key == .control("c") { return .quit(0) }
    if key == .control("l") { return .repaint }
    switch farewell?.handle(key) {
    case .accepted: return .quit(0)
    case .cancelled: farewell = nil
    case .open, .ignored, nil: break
    }
    return .continue
  }

  private mutating func tick() -> Verdict {
    let reaction = screens[screens.count - 1].tick(context)
    if case .pass = reaction { return .continue }
    return react(reaction)
  }

  /// Keys that mean the same on every screen that has no use of its own for them.
  private mutating func pressUnclaimed(_ key: Key) -> Verdict {
    // A screen in the midst of something says so itself.
    if screens.last?.holds != nil, [.control("c"), .control("z"), .character("q")].contains(key) { return .beep }
    switch key {
    case .control("c"): return leave()
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
    case .top: screens = [MainMenu()]
    case .management(let item):
      screens = [MainMenu(chosen: MainMenu.Item.management.rawValue), ManagementMenu(chosen: item)]
      return item == nil ? settled() : press(.enter)
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
      for (row, line) in "Too small: 40x12 needed".wrapped(to: size.columns).prefix(size.rows).enumerated() {
        frame.draw(line, at: Point(column: 0, row: row))
      }
      return frame
    }
    let layout = Layout(size, notice: XAPIWords(context).notice)
    Header(context: context).draw(into: &frame)
    for (index, line) in layout.noticeLines.enumerated() {
      frame.draw(
        line, at: Point(column: 1, row: layout.notice.row + index), style: .warning, width: size.columns - 2)
    }
    screen.draw(into: &frame, in: layout.body, context)
    farewell?.draw(over: &frame, in: layout.body)
    Footer(keys: screen.keys(context)).draw(into: &frame)
    return frame
  }
}
