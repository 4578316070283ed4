import HostNetworking
import TerminalUI

/// A new bond, first page: its members, chosen among the NICs of this host.
struct BondCreateScreen: Screen {
  private enum Stage {
    case looking
    case failed(ChangeProblem)
    case known(BondFacts)
  }

  private let first: String?
  private var stage = Stage.looking
  private var candidates: [BondCandidate] = []
  /// In the order in which they were marked.
  private var marked: [String] = []
  /// What the form held when it was left for this page.
  private var filledIn: [String: String] = [:]
  /// Enter was pressed for one NIC alone: that may have been meant for Space.
  private var wasWarned = false
  private var contents = Browser.Contents()
  private var browser: Browser

  /// - Parameter first: a NIC that is marked to begin with.
  init(_ first: String?) {
    self.first = first
    browser = Browser(chosen: first)
  }

  let title = "New bond"

  let help = [
    "Two NICs or more work as one: for when a cable, a card or a switch fails. Space marks the members, Enter goes on.",
    "What is on a member goes to the bond: management with its address, VLANs, VIFs of VMs. The review says it with names before "
      + "anything is changed.",
    "Interfaces in grey can be no member: what is said below tells why.",
  ]

  var errand: Errand? { .bonds(.look) }

  private var facts: BondFacts? { if case .known(let facts) = stage { facts } else { nil } }
  private var failure: ChangeProblem? { if case .failed(let problem) = stage { problem } else { nil } }
  private var chosen: BondCandidate? { candidates.first { $0.name == browser.chosen } }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if browser.takesText { return [("Enter", "keep filter"), ("Esc", "show all")] }
    guard facts != nil else { return [("r", "look again")] + (failure?.namesToolstack == true ? [("t", "toolstack")] : []) + [("Esc", "back"), ("?", "help")] }
    return [("Space", "mark"), ("Enter", "go on"), ("/", "filter"), ("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if facts != nil, browser.handle(key, contents, room: listRoom(room)) { return .done }
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character(" "): return mark(context, room)
    case .enter, .right, .character("l"): return goOn()
    case .character("t") where failure?.namesToolstack == true: return .open(ToolstackScreen())
    case .character("r"), .function(5):
      if case .looking = stage { return .done }
      if case .failed = stage { stage = .looking }
      return .ask(.bonds(.look))
    default: return .pass
    }
  }

  private mutating func mark(_ context: Context, _ room: Size) -> Reaction {
    guard let chosen, chosen.refusal == nil else { return facts == nil ? .done : .beep }
    if let place = marked.firstIndex(of: chosen.name) { marked.remove(at: place) } else { marked.append(chosen.name) }
    wasWarned = false
    settle(context, room: room)
    return .done
  }

  private mutating func goOn() -> Reaction {
    guard let facts, !marked.isEmpty else { return facts == nil ? .done : .beep }
    if marked.count == 1, !wasWarned {
      wasWarned = true
      return .beep
    }
    return .open(BondFormScreen(marked, facts, filledIn: filledIn))
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .bonds(.facts(let result)) = report else { return .pass }
    switch result {
    case .failure(let problem): stage = .failed(problem)
    case .success(let facts):
      let isFirst = if case .looking = stage { true } else { false }
      stage = .known(facts)
      candidates = facts.candidates
      if isFirst, let first, candidates.contains(where: { $0.name == first && $0.refusal == nil }) { marked = [first] }
      marked.removeAll { name in !candidates.contains { $0.name == name && $0.refusal == nil } }
    }
    settle(context, room: room)
    return .done
  }

  /// After a change everything here is old.
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    if case .filledIn(let values) = choice { filledIn = values }
    return choice == .changed ? .backWith(.changed) : .done
  }

  mutating func settle(_ context: Context, room: Size) {
    guard facts != nil else { return }
    let views = Dictionary((context.host?.interfaces ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    contents = Browser.Contents(candidates.map { row($0, views[$0.name]) }, columns: Self.columns)
    browser.settle(contents, room: listRoom(room))
  }

  // MARK: Drawing

  private static let columns: [Table.Column] = [
    .init("", minimum: 3, ideal: 3, priority: 0), .init("NIC", minimum: 6, ideal: 8, priority: 0),
    .init("Link", minimum: 4, ideal: 5, priority: 1), .init("Speed", minimum: 8, ideal: 8, priority: 2, alignment: .right),
    .init("Driver", minimum: 8, ideal: 10, priority: 4), .init("Used for today", minimum: 20, ideal: 44, priority: 3),
  ]

  /// The kernel knows links better than XAPI does.
  private func row(_ candidate: BondCandidate, _ view: InterfaceView?) -> Browser.Row {
    let isFree = candidate.refusal == nil
    let style: Style = isFree ? .normal : .dim
    let link = view?.link ?? (candidate.hasLink.map { $0 ? .up : .down } ?? .unknown)
    let isMarked = marked.contains(candidate.name)
    return Browser.Row(
      id: candidate.name,
      cells: [
        .init(isMarked ? "[x]" : isFree ? "[ ]" : " - ", isMarked ? .strong : style), .init(candidate.name, isMarked ? .strong : style),
        .init(link.word, isFree && link.isImpaired ? link.style : style),
        .init((view?.speed ?? candidate.speed).flatMap { $0 > 0 ? Units.speed($0) : nil } ?? "-", style),
        .init(candidate.driver.isEmpty ? "-" : candidate.driver, style), .init(candidate.use, style),
      ])
  }

  private func paneRows(_ rows: Int) -> Int { rows < 14 ? 0 : 4 }

  private func listRoom(_ room: Size) -> Int {
    let pane = paneRows(room.rows)
    return max(1, room.rows - 3 - (pane == 0 ? 0 : pane + 1) - (browser.filter == nil ? 0 : 1))
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: paneRows(area.rows), titles: ("\(title): which NICs?", chosen?.name ?? ""))
    switch stage {
    case .looking: frame.draw("Looking at the host ...", at: top.inset(left: 1).origin, style: .dim, width: top.columns - 1)
    case .failed(let problem):
      let facts = [Fact("", problem.text.sentence, style: .bad, mark: "!! ")] + (problem.remedy.map { [Fact("", $0.sentence, mark: "   ")] } ?? [])
      FactRows(facts, columns: top.columns - 2).draw(into: &frame, in: top.inset(left: 1, right: 1), facts)
    case .known:
      browser.draw(into: &frame, in: top, contents, empty: "XAPI knows no NIC of this host.")
      let inner = bottom.inset(left: 1, right: 1)
      FactRows(meaning, columns: inner.columns).draw(into: &frame, in: inner, meaning)
    }
  }

  private var meaning: [Fact] {
    let sum: Fact =
      switch marked.count {
      case 0: Fact("", "None is marked yet: Space marks \(chosen.map { $0.refusal == nil ? $0.name : "a free one" } ?? "one").", style: .strong)
      case 1 where wasWarned: Fact("", "\(marked[0]) alone is marked: Enter once more goes on with it alone.", style: .warning, mark: "!  ")
      case 1: Fact("", "\(marked[0]) is marked. One alone is no bond: mark another.", style: .warning, mark: "!  ")
      default: Fact("", "\((facts?.ordered(marked) ?? marked).joined(separator: ", ")) are marked: Enter goes on.", style: .strong)
      }
    guard let chosen else { return [sum] }
    if let refusal = chosen.refusal { return [Fact("", refusal.sentence, style: .warning, mark: "!  "), sum] }
    return [Fact("", chosen.consequence.map { "With it to the bond: \($0)." } ?? "\(chosen.name) is free."), sum]
  }
}
