import HostNetworking
import TerminalUI

/// The first page of configuring management: which interface carries it. A VLAN that is not there yet is chosen here too.
struct ManagementTargetScreen: Screen {
  private enum Stage {
    case looking
    case failed(ChangeProblem)
    case known(ChangeFacts)
  }

  private var stage = Stage.looking
  private var candidates: [ManagementCandidate] = []
  private var contents = Browser.Contents()
  private var browser = Browser()

  let title = "Configure management"

  let help = [
    "Choose the interface that shall carry management: a NIC, a bond or a VLAN. Nothing is changed before the last page.",
    "Choose the present one to change its address, gateway or DNS servers.",
    "n makes a new VLAN on the chosen NIC or bond and puts management there; its tag is asked on the next page.",
    "Interfaces in grey cannot carry management: what is said below tells why.",
  ]

  var errand: Errand? { .lookForChange }

  private var facts: ChangeFacts? { if case .known(let facts) = stage { facts } else { nil } }

  private var chosen: ManagementCandidate? { candidates.first { $0.name == browser.chosen } }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if browser.takesText { return [("Enter", "keep filter"), ("Esc", "show all")] }
    guard facts != nil else { return [("r", "look again"), ("Esc", "back"), ("?", "help")] }
    return [("Enter", "use this one"), ("n", "new VLAN on it"), ("/", "filter"), ("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if facts != nil, browser.handle(key, contents, room: listRoom(room)) { return .done }
    switch key {
    case .escape, .left, .character("h"): return .back
    case .enter, .right, .character("l"): return use()
    case .character("n"): return newVLAN()
    case .character("r"), .function(5):
      if case .looking = stage { return .done }
      if case .failed = stage { stage = .looking }
      return .ask(.lookForChange)
    default: return .pass
    }
  }

  private func use() -> Reaction {
    guard let facts, let chosen, chosen.refusal == nil else { return .done }
    return .open(ManagementFormScreen(.interface(chosen.name), facts))
  }

  private func newVLAN() -> Reaction {
    guard let facts else { return .done }
    // On a VLAN or a bond's member the next page offers those that can carry one.
    let base = chosen.flatMap { $0.refusalOfVLAN == nil ? $0.name : nil } ?? facts.vlanBases.first
    return base.map { .open(ManagementFormScreen(.newVLAN(on: $0), facts)) } ?? .done
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .changeFacts(let result) = report else { return .pass }
    switch result {
    case .failure(let problem):
      stage = .failed(problem)
    case .success(let facts):
      if case .looking = stage { browser = Browser(chosen: facts.candidates.first(where: \.isManagement)?.name) }
      stage = .known(facts)
      candidates = facts.candidates
    }
    settle(context, room: room)
    return .done
  }

  /// After a change everything here is old.
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  mutating func settle(_ context: Context, room: Size) {
    guard facts != nil else { return }
    let views = Dictionary((context.host?.interfaces ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    contents = Browser.Contents(candidates.map { Self.row($0, views[$0.name]) }, columns: Self.columns)
    browser.settle(contents, room: listRoom(room))
  }

  // MARK: Drawing

  private static let columns: [Table.Column] = [
    .init("Interface", minimum: 10, ideal: 20, priority: 0), .init("Link", minimum: 4, ideal: 5, priority: 1),
    .init("Speed", minimum: 8, ideal: 8, priority: 2, alignment: .right),
    .init("Address", minimum: 16, ideal: 34, priority: 3), .init("Used for today", minimum: 20, ideal: 44, priority: 4),
  ]

  /// The kernel knows links better than XAPI does.
  private static func row(_ candidate: ManagementCandidate, _ view: InterfaceView?) -> Browser.Row {
    let link = view?.link ?? candidate.link
    let speed = view?.speed ?? candidate.speed
    let address = candidate.addresses.first ?? (candidate.refusal == nil ? view?.addresses.first : nil)
    let style: Style = candidate.refusal == nil ? .normal : .dim
    var use = candidate.use
    if candidate.isManagement { use = "MANAGEMENT" + (use.isEmpty ? "" : ", \(use)") }
    return Browser.Row(
      id: candidate.name,
      cells: [
        .init(candidate.name, candidate.isManagement ? .strong : style),
        .init(view?.linkWord ?? link.word, candidate.refusal == nil && link.isImpaired ? view?.linkStyle ?? link.style : style),
        .init(speed.flatMap { $0 > 0 ? Units.speed($0) : nil } ?? "-", style), .init(address ?? "-", style), .init(use, style),
      ])
  }

  private func paneRows(_ rows: Int) -> Int { rows < 14 ? 0 : 4 }

  private func listRoom(_ room: Size) -> Int {
    let pane = paneRows(room.rows)
    return max(1, room.rows - 3 - (pane == 0 ? 0 : pane + 1) - (browser.filter == nil ? 0 : 1))
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(
      area, bottom: paneRows(area.rows), titles: ("\(title): which interface?", chosen?.name ?? ""))
    switch stage {
    case .looking: frame.draw("Looking at the host ...", at: top.inset(left: 1).origin, style: .dim, width: top.columns - 1)
    case .failed(let problem):
      let facts = [Fact("", problem.text.sentence, style: .bad, mark: "!! ")] + (problem.remedy.map { [Fact("", $0.sentence, mark: "   ")] } ?? [])
      FactRows(facts, columns: top.columns - 2).draw(into: &frame, in: top.inset(left: 1, right: 1), facts)
    case .known:
      browser.draw(into: &frame, in: top, contents, empty: "XAPI knows no interface of this host.")
      let inner = bottom.inset(left: 1, right: 1)
      FactRows(meaning, columns: inner.columns).draw(into: &frame, in: inner, meaning)
    }
  }

  private var meaning: [Fact] {
    guard let chosen else { return [] }
    if let refusal = chosen.refusal { return [Fact("", refusal.sentence, style: .warning, mark: "!  ")] }
    let vlan = chosen.refusalOfVLAN == nil ? [Fact("", "n makes a VLAN on \(chosen.name) and puts management there.")] : []
    if chosen.isManagement {
      return [Fact("", "Carries management now: Enter changes its address, gateway or DNS servers.")] + vlan
    }
    let hasAddress = chosen.addresses.isEmpty ? "" : ", which has \(chosen.addresses.joined(separator: " and "))"
    return [Fact("", "Enter moves management to \(chosen.name)\(hasAddress).")] + vlan
  }
}
