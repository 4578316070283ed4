import HostNetworking
import TerminalUI

/// A change that was made on trial: how it works out, line by line and live, and how long there is to keep it.
struct KeepScreen: Screen {
  private enum Stage {
    /// As the record says.
    case open
    /// Asked to keep it, to go back or for more time.
    case asked(Errand)
    case over(Ending)
  }

  private enum Ending {
    case kept(by: String?)
    case back(why: String?)
    /// The record is gone, and nothing says how.
    case unknown
  }

  private var change: PendingChange
  private var stage = Stage.open
  private var checks: PendingChecks
  private var revert: [StepRows.Step] = []
  /// What did not work of keeping, extending or going back.
  private var problem: String?
  /// The record was seen by a look at the host, so that its absence means something.
  private var wasSeen = false
  private var question: Dialog?
  /// Why the log of changes has gaps.
  private var logProblem: String?

  /// Of the change.
  var id: String { change.id }

  init(_ change: PendingChange, logProblem: String? = nil) {
    self.change = change
    self.logProblem = logProblem
    checks = PendingChecks()
  }

  var title: String {
    if case .over = stage { return "The change" }
    return change.state == .waiting ? "Keep this change?" : "A change is not settled"
  }

  let help = [
    "A change of how this host is managed has been made on trial. It is put back by itself when the time is up, unless somebody "
      + "keeps it: here with y, or from any other login with xcpconsole pending --keep.",
    "What is well is marked ok, what is not !!. It is looked at again every few seconds.",
    "n goes back to the old settings at once. + gives a minute more. Esc leads to the menu; the clock runs on, and the header "
      + "shows it.",
    "The clock does not depend on this console: when it is ended or cut off, the old settings come back all the same.",
  ]

  var errand: Errand? { change.state == .waiting ? .checkPending : nil }

  private var isWaiting: Bool { change.state == .waiting }
  private var isOver: Bool { if case .over = stage { true } else { false } }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    switch stage {
    case .over: return [("Enter or Esc", "go on"), ("?", "help")]
    case .asked: return [("", "please wait"), ("Esc", "menu")]
    case .open: break
    }
    return switch change.state {
    case .waiting:
      [("y", "keep"), ("n", "go back now"), ("+", "one minute more"), ("Esc", "menu, the clock runs on"), ("r", "look again"), ("?", "help")]
    case .applying, .reverting: [("Esc", "menu"), ("?", "help")]
    case .stuck, .revertedInFiles: [("n", "try again now"), ("Esc", "menu"), ("?", "help")]
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if let outcome = question?.handle(key) { return answer(outcome, key) }
    switch (stage, key) {
    case (.over, .enter), (.over, .escape), (.over, .left): return goOn(context)
    case (_, .escape), (_, .left), (_, .character("h")): return .backWith(.changed)
    case (.open, .character("y")), (.open, .function(8)): return isWaiting ? keep() : .done
    case (.open, .character("n")):
      switch change.state {
      case .waiting, .stuck, .revertedInFiles: return ask(.revertPending)
      case .applying, .reverting: return .done
      }
    case (.open, .character("+")), (.open, .character("=")): return isWaiting ? ask(.extendPending) : .done
    case (.open, .character("r")), (.open, .function(5)):
      guard isWaiting else { return .pass }
      checks.begin(context.now.instant)
      return .ask(.checkPending)
    default: return .pass
    }
  }

  private mutating func keep() -> Reaction {
    let bad = checks.bad
    guard !bad.isEmpty else { return ask(.keepPending) }
    question = Dialog.confirm(
      "Keep it all the same?", ["Not well: \(bad.joined(separator: ", ")). Once it is kept, nothing is put back by itself."],
      yes: "keep it", no: "not yet")
    return .done
  }

  private mutating func answer(_ outcome: Dialog.Outcome, _ key: Key) -> Reaction {
    switch outcome {
    case .accepted:
      question = nil
      return isWaiting ? ask(.keepPending) : .done
    case .cancelled: question = nil
    case .open, .ignored: break
    }
    return key == .control("c") || key == .control("l") ? .pass : .done
  }

  private mutating func ask(_ errand: Errand) -> Reaction {
    stage = .asked(errand)
    problem = nil
    if case .revertPending = errand { revert = [] }
    return .ask(errand)
  }

  private func goOn(_ context: Context) -> Reaction {
    if case .over(.kept) = stage, MembersScreen.isNeeded(after: change, context) { return .replace(MembersScreen(context)) }
    return .backWith(.changed)
  }

  // MARK: What comes of it

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .pendingCheck(let check, let verdict): checks.take(check, verdict)
    case .revertStep(let sentence, let state): take(sentence, state)
    case .pendingProblem(let text):
      problem = text
      if case .asked = stage { stage = .open }
    case .pendingEnded(let end): if end.id == change.id { self.end(told: end) }
    case .pending(let standing): take(standing)
    case .notLogged(let why): logProblem = why
    default: return .pass
    }
    return .done
  }

  private mutating func take(_ sentence: String, _ state: StepState) {
    let step = StepRows.Step(sentence: sentence, state: state)
    if let index = revert.firstIndex(where: { $0.sentence == sentence }) { revert[index] = step } else { revert.append(step) }
  }

  private mutating func take(_ standing: PendingStanding) {
    switch standing {
    case .there(let change, _):
      guard change.id == self.change.id else { return }
      self.change = change
      if case .asked(.revertPending) = stage, change.state == .reverting { return }
      if !isOver { stage = .open }
    case .none: end()
    case .damaged(let why):
      problem = "The record of the change cannot be read: \(why)"
      stage = .open
    }
  }

  /// The record is gone.
  /// - Parameter told: how it ended, by who ended it.
  private mutating func end(told: PendingEnd? = nil) {
    question = nil
    if case .over = stage { return }
    if let told, told.id == change.id {
      // What was asked for here needs no name.
      switch stage {
      case .asked(.keepPending) where told.isKept: stage = .over(.kept(by: nil))
      case .asked(.revertPending) where told.end == "taken back: asked for": stage = .over(.back(why: nil))
      default: stage = .over(told.isKept ? .kept(by: told.end) : .back(why: told.end))
      }
      return
    }
    // What does not work is told as a problem first.
    switch stage {
    case .asked(.keepPending): stage = .over(.kept(by: nil))
    case .asked(.revertPending): stage = .over(.back(why: nil))
    case .asked, .open, .over: stage = .over(.unknown)
    }
  }

  mutating func settle(_ context: Context, room: Size) {
    checks.open(context.now.instant)
    guard !isOver else { return }
    guard let pending = context.pending else {
      if wasSeen { end(told: context.host?.local?.lastChange) }
      return
    }
    if pending.change.id != change.id {
      // This one is over, and somebody has made another.
      self = KeepScreen(pending.change)
      checks.open(context.now.instant)
    }
    change = pending.change
    wasSeen = true
  }

  // MARK: The clock

  func nextWake(_ context: Context) -> ContinuousClock.Instant? {
    guard isWaiting, !isOver else { return nil }
    return checks.next
  }

  mutating func tick(_ context: Context) -> Reaction {
    guard isWaiting, !isOver else { return .pass }
    guard let next = checks.next, context.now.instant >= next else { return .pass }
    checks.begin(context.now.instant)
    return .ask(.checkPending)
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let head = [Fact("", change.title, style: .strong), Fact("", "Made by \(change.who), \(Units.moment(change.began, now: context.now.wall)).", style: .dim)]
    let foot = words(context) + (logProblem.map { [ChangeProgressScreen.unlogged($0)] } ?? [])
    let headRows = FactRows(head, columns: inside.columns)
    let footRows = FactRows(foot, columns: inside.columns)
    let (top, below) = inside.splitTop(min(headRows.rows.count + 1, inside.rows))
    let (bottom, middle) = below.splitBottom(min(footRows.rows.count + 2, below.rows))
    headRows.draw(into: &frame, in: top, head)
    drawMiddle(into: &frame, in: middle)
    drawClock(into: &frame, in: bottom.splitTop(1).top, context)
    footRows.draw(into: &frame, in: bottom.splitTop(2).rest, foot)
    question?.draw(over: &frame, in: area)
  }

  private func drawMiddle(into frame: inout Frame, in area: Rect) {
    let steps = stepRows
    guard steps.isEmpty else {
      return StepRows(steps, columns: area.columns).draw(into: &frame, in: area, at: steps.lastIndex { $0.state != .waiting })
    }
    let facts = checks.facts
    FactRows(facts, columns: area.columns).draw(into: &frame, in: area, facts)
  }

  /// Those of the change while it is made, those of the way back while that is gone; none while the checks are shown.
  private var stepRows: [StepRows.Step] {
    if case .over(.kept) = stage { return [] }
    if !revert.isEmpty { return revert }
    if case .over = stage {
      // Another process went the way back: which steps there were is all that is known.
      return change.steps.prefix(change.begun).reversed().map { StepRows.Step(sentence: $0.sentence, state: .undone) }
    }
    guard change.state != .waiting else { return [] }
    return change.steps.enumerated().map { index, step in
      let isLast = index == change.begun - 1
      let state: StepState =
        index >= change.begun ? .waiting : change.state == .applying && isLast ? .running() : .done()
      return StepRows.Step(sentence: step.sentence, state: state)
    }
  }

  private func drawClock(into frame: inout Frame, in row: Rect, _ context: Context) {
    guard !isOver, isWaiting, let pending = context.pending, pending.change.id == change.id else { return }
    let left = pending.secondsLeft(context.now)
    guard left > 0 else {
      frame.draw("Its time is up: it is put back now.", at: row.origin, style: .warning, width: row.columns)
      return
    }
    // Of one width for all numbers: the bar must not move with them.
    let text = "Goes back by itself in \(Units.clock(left))".fitted(to: 30)
    let used = frame.draw(text, at: row.origin, style: .strong, width: row.columns)
    let room = row.columns - used
    guard room >= 8 else { return }
    ProgressBar(fraction: Double(left) / max(1, pending.longest))
      .draw(into: &frame, at: Point(column: row.column + used, row: row.row), width: min(40, room))
  }

  private func words(_ context: Context) -> [Fact] {
    let trouble = problem.map { [Fact("", $0.sentence, style: .bad, mark: "!! ")] } ?? []
    switch stage {
    case .over(.kept(let by)):
      return [Fact("", "\((by ?? "kept").capitalizedFirst): the change stays, and nothing is put back any more.", style: .good)]
    case .over(.back(let why)):
      return [Fact("", "\((why ?? "taken back").sentence) The old settings are there again.", style: .warning)]
    case .over(.unknown):
      return [Fact("", "The change is over. How it ended is not known here: look at Recent changes.", style: .warning)]
    case .asked(.keepPending): return [Fact("", "Keeping it ...", style: .dim)]
    case .asked(.revertPending): return [Fact("", "Going back to the old settings ...", style: .strong)]
    case .asked: return [Fact("", "Asking for more time ...", style: .dim)]
    case .open: return trouble + standing
    }
  }

  private var standing: [Fact] {
    let remark = change.remark.isEmpty ? "" : " \(change.remark.sentence)"
    return switch change.state {
    case .applying: [Fact("", "The change is being made at this moment.", style: .strong)]
    case .waiting: [checks.advice]
    case .reverting: [Fact("", "The old settings are being put back.\(remark)", style: .warning)]
    case .revertedInFiles:
      [Fact("", "The host has its old settings again. XAPI does not answer and has yet to learn it; that is tried again by itself.\(remark)", style: .warning)]
    case .stuck:
      [Fact("", "Not everything could be put back.\(remark)", style: .bad), Fact("", "It is tried again by itself; n tries it now.")]
    }
  }
}
