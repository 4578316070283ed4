import HostNetworking
import TerminalUI

/// Settings of one NIC: what XAPI keeps beside how it is now, and what it means where they differ.
struct TuningScreen: Screen {
  private enum Stage {
    case looking
    case failed(ChangeProblem)
    case known(NICTuning)
  }

  /// As it was asked for: a NIC, or a bond.
  private let device: String
  private var stage = Stage.looking
  /// Why the chosen setting is not changed here.
  private var refusal: String?
  /// u was pressed last: what it takes back next is the undoing itself.
  private var undoes = false
  private var isUndone = false
  private var contents = Browser.Contents()
  private var browser = Browser()

  init(_ device: String) { self.device = device }

  var title: String { "Settings of \(device)" }

  let help = [
    "Kept is what XAPI sets at every plug and boot (other-config of the PIF); in parentheses what it sets without being told. Now is "
      + "what the driver says. Where they differ, the last column says what it means.",
    "fixed: the driver does not let anybody change it. XAPI keeps no ring sizes.",
    "Enter changes the chosen setting, and others with it: at once and kept, at once only, or kept only. Nothing is changed before a "
      + "review. What can cut the host off is made on trial and goes back by itself.",
    "p offers settings for known troubles: corrupted data, slow Intel I218/I219, FCoE.",
    "u takes the last change of this NIC back, as long as this console runs; pressed again it makes it again. Without a change, u drops "
      + "everything that is kept and makes the NIC as it usually is.",
  ]

  var errand: Errand? { .lookAtTuning(device) }

  private var tuning: NICTuning? { if case .known(let tuning) = stage { tuning } else { nil } }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if browser.takesText { return [("Enter", "keep filter"), ("Esc", "show all")] }
    guard let tuning else { return [("r", "look again"), ("Esc", "back"), ("?", "help")] }
    let undo: [(key: String, does: String)] =
      tuning.wayBack != nil ? [("u", isUndone ? "make it again" : "undo the last change")] : tuning.isAnythingKept ? [("u", "back to the usual")] : []
    return [("Enter", "change"), ("p", "presets")] + undo + [("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    refusal = nil
    if tuning != nil, browser.handle(key, contents, room: listRoom(room)) { return .done }
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.lookAtTuning(device))
    case .enter, .right, .character("l"), .character("e"):
      undoes = false
      return change(context)
    case .character("p"):
      undoes = false
      return tuning.map { .open(TuningPresetScreen($0)) } ?? .done
    case .character("u"): return undo()
    default: return .pass
    }
  }

  private mutating func change(_ context: Context) -> Reaction {
    guard let tuning else { return .done }
    guard let row = tuning.rows.first(where: { $0.id == browser.chosen }) else { return .open(TuningFormScreen(tuning, at: nil)) }
    if row.id == "mtu" {
      let carrier = context.host?.interfaces.first { $0.name == tuning.bond ?? tuning.device }
      if let network = carrier?.network { return .open(NetworkMTUScreen(network)) }
      refusal = "MTU cannot be changed here: it is the network's, and which that is is not known"
      return .beep
    }
    // Whether it negotiates is part of the speed that is chosen.
    let form = TuningFormScreen(tuning, at: row.id == "autoneg" ? "speed" : row.id)
    if form.isAtChosen { return .open(form) }
    refusal = "\(row.label) cannot be changed: the driver does not let anybody"
    return .beep
  }

  private mutating func undo() -> Reaction {
    guard let tuning else { return .done }
    undoes = tuning.wayBack != nil
    if let way = tuning.wayBack { return .open(ChangeReviewScreen(.tuneNIC(way))) }
    guard tuning.isAnythingKept else { return .beep }
    return .open(ChangeReviewScreen(.tuneNIC(.defaults([tuning.device]))))
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .tuning(device, let result) = report else { return .pass }
    switch result {
    case .success(let tuning): stage = .known(tuning)
    case .failure(let problem): stage = .failed(problem)
    }
    rebuild()
    settle(context, room: room)
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    guard choice == .changed else { return .done }
    isUndone = undoes && !isUndone
    return .ask(.lookAtTuning(device))
  }

  mutating func settle(_ context: Context, room: Size) { browser.settle(contents, room: listRoom(room)) }

  // MARK: Drawing

  private static let columns = [
    Table.Column("Setting", minimum: 15), Table.Column("Kept", minimum: 9), Table.Column("Now", minimum: 10),
    Table.Column("", minimum: 38, ideal: 100),
  ]

  private mutating func rebuild() {
    let rows = (tuning?.rows ?? []).map { row in
      let style: Style = row.mark == .warning ? .warning : .normal
      let note = (row.mark == .warning ? "! " : "") + row.note
      return Browser.Row(id: row.id, cells: [.init(row.label), .init(row.kept, style), .init(row.now, style), .init(note, style)])
    }
    contents = Browser.Contents(rows, columns: Self.columns)
  }

  private func paneRows(_ rows: Int) -> Int { rows < 14 ? 0 : rows < 26 ? 5 : 8 }

  private func listRoom(_ room: Size) -> Int {
    let pane = paneRows(room.rows)
    return max(1, room.rows - 3 - (pane == 0 ? 0 : pane + 1) - (browser.filter == nil ? 0 : 1))
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let chosen = tuning?.rows.first { $0.id == browser.chosen }
    let (top, bottom) = frame.stacked(area, bottom: paneRows(area.rows), titles: (heading, chosen?.label ?? ""))
    switch stage {
    case .looking: frame.draw("Asking \(device) ...", at: top.inset(left: 1).origin, style: .dim, width: top.columns - 1)
    case .failed(let problem):
      let facts = [Fact("", problem.text.sentence, style: .bad, mark: "!! ")] + (problem.remedy.map { [Fact("", $0.sentence, mark: "   ")] } ?? [])
      FactRows(facts, columns: top.columns - 2).draw(into: &frame, in: top.inset(left: 1, right: 1), facts)
    case .known(let tuning):
      browser.draw(into: &frame, in: top, contents, empty: "The driver of \(tuning.device) tells of no settings.")
      let facts = meaning(tuning, chosen)
      let inner = bottom.inset(left: 1, right: 1)
      FactRows(facts, columns: inner.columns).draw(into: &frame, in: inner, facts)
    }
  }

  private var heading: String {
    guard let tuning else { return title }
    let place = tuning.bond.map { ", member of \($0)" } ?? (tuning.networkName.isEmpty ? "" : ", \"\(tuning.networkName)\"")
    return "Settings of \(tuning.device)" + (tuning.driver.map { " (\($0))" } ?? "") + place
  }

  private func meaning(_ tuning: NICTuning, _ chosen: NICTuning.Row?) -> [Fact] {
    var facts: [Fact] = []
    if let refusal { facts.append(Fact("", refusal.sentence, style: .warning, mark: "! ")) }
    if let chosen { facts.append(Fact("", chosen.purpose.sentence)) }
    if let chosen, !chosen.note.isEmpty { facts.append(Fact("", chosen.note.capitalizedFirst.sentence, style: chosen.mark == .warning ? .warning : .normal)) }
    if let preset = tuning.advised.first {
      facts.append(Fact("", "This card is known for trouble. p offers: \(preset.title).", style: .warning, mark: "! "))
    }
    if tuning.isAsking {
      facts.append(Fact("", "What XAPI keeps is still being asked for.", style: .dim))
    } else if let silence = tuning.silence {
      facts.append(Fact("", "What is kept is not known: \(silence). Settings can be changed until the next plug or boot.", style: .warning, mark: "! "))
    } else if tuning.kept == nil {
      facts.append(Fact("", "XAPI does not know this NIC: nothing can be kept.", style: .warning, mark: "! "))
    }
    if !tuning.networkKept.isEmpty {
      let words = tuning.networkKept.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
      facts.append(Fact("", "Kept for the bridge of its network: \(words)."))
    }
    if let problem = tuning.featuresProblem { facts.append(Fact("", "Offloads are not known: \(problem).", style: .warning, mark: "! ")) }
    return facts
  }
}

extension NICTuning {
  /// XAPI sets something of it at a plug because somebody said so.
  var isAnythingKept: Bool { kept?.config.keys.contains { $0.hasPrefix("ethtool-") || $0 == TuningRequest.mtuKey } ?? false }
}

extension InterfaceView {
  /// Empty for what is no bond.
  var bondMembers: [String] { if case .bond(_, let members) = kind { members } else { [] } }
}
