import HostNetworking
import TerminalUI

/// What NICs are called, and other names for them: chosen here, seen at once with what follows, written after a review.
struct NICNamesScreen: Screen {
  private var editor: NICNameEditor?
  private var list = ListState()
  private var chosen: String?
  /// Why the last key did nothing.
  private var refusal: String?
  private var isLooking = true
  /// When to look again by itself: XAPI is silent, or has just come back, perhaps after a reboot.
  private var nextLook: ContinuousClock.Instant?
  private var wasLive = true

  let title = "Names of NICs"

  let help = [
    "Which NIC is called what, where it sits in the machine, and what it is used for. Names count: XAPI puts a NIC on its network by "
      + "its name, on all hosts of a pool.",
    "+ and - move the chosen NIC down and up among the names; Enter gives it any name. Whoever loses a name gets the one that "
      + "became free. u takes the last choice back. Nothing is written before y and a review.",
    "Names change at the next boot only. NICs in use keep theirs: management, bond members, those with VLANs or an address.",
    "The position is the firmware's: em1 is the first on the board, p1p2 the second port of the card in slot 1. b lets the light of "
      + "the chosen port blink; or pull its cable and see which link goes.",
    "i shows the rules and whatever is odd about them. s lets static rules be changed as well, where they stand in the way. R goes "
      + "back to the names of the installation. f does what is left to do in XAPI after a renaming.",
  ]

  var errand: Errand? { .lookAtNames }

  private var isEditable: Bool { editor?.names.scheme == .rules && editor?.outlook != nil && editor?.names.problem == nil }
  private var leftover: NamesLeftover? { editor?.names.leftovers.first }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    guard let editor else { return [("Esc", "back"), ("?", "help")] }
    guard editor.names.scheme == .rules else { return [("b", "blink"), ("i", "rules"), ("r", "look again"), ("Esc", "back"), ("?", "help")] }
    var keys: [(key: String, does: String)] = []
    if !editor.wanted.isEmpty { keys.append(("y", "review")) }
    if isEditable { keys += [("Enter", "name"), ("+/-", "move")] }
    if editor.canUndo { keys.append(("u", "undo")) }
    keys.append(("b", "blink"))
    if !editor.wanted.isEmpty, (try? editor.names.staticRules?.get())?.rules.isEmpty == false {
      keys.append(("s", editor.changesStaticRules ? "keep static rules" : "static rules too"))
    }
    if leftover != nil, editor.wanted.isEmpty { keys.append(("f", "finish")) }
    return keys + [("i", "rules"), ("R", "reset"), ("Esc", editor.wanted.isEmpty ? "back" : "drop"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    refusal = nil
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5):
      isLooking = true
      return .ask(.lookAtNames)
    default: break
    }
    guard let editor else { return .pass }
    if editor.names.scheme == .order {
      if key == .character("i") { return .open(NICRulesScreen(editor.names)) }
      list.handle(key, count: editor.names.order.count, visible: tableRows(room))
      return key == .character("b") ? blink(editor.names.order.indices.contains(list.selected) ? editor.names.order[list.selected].name : nil) : .done
    }
    if list.handle(key, count: editor.nics.count, visible: tableRows(room)) {
      chosen = editor.nics.indices.contains(list.selected) ? editor.nics[list.selected].mac : nil
      return .done
    }
    if key == .character("b") { return blink(nic?.name) }
    if key == .character("i") { return .open(NICRulesScreen(editor.names)) }
    guard editor.names.scheme == .rules else { return .pass }
    return edit(key, context, room)
  }

  private func blink(_ device: String?) -> Reaction { device.map { .open(BlinkScreen($0)) } ?? .done }

  private mutating func edit(_ key: Key, _ context: Context, _ room: Size) -> Reaction {
    guard var editor, let nic else { return .pass }
    switch key {
    case .character("R"): return .open(ChangeReviewScreen(.resetNICNames))
    case .character("f"):
      guard let leftover, editor.wanted.isEmpty else { return .done }
      return .open(ChangeReviewScreen(leftover.intent))
    case .character("y"), .function(8):
      return editor.wanted.isEmpty ? .done : .open(ChangeReviewScreen(.renameNICs(editor.request)))
    case .character("s"): editor.changesStaticRules.toggle()
    case .character("u"): editor.undo()
    case .character("-"), .character("+"), .character("="), .enter, .right, .character("l"), .character("e"):
      guard isEditable else { return .done }
      switch key {
      case .character("-"): refusal = editor.move(nic.mac, by: -1)
      case .character("+"), .character("="): refusal = editor.move(nic.mac, by: 1)
      default:
        refusal = editor.refusal(nic.mac)
        if refusal == nil { return .open(NICNameChoiceScreen(nic, editor)) }
      }
    default: return .pass
    }
    self.editor = editor
    settle(context, room: room)
    return .done
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .nicNames(let names) = report else { return .pass }
    // The first word is the host's own; XAPI's comes after it.
    isLooking = names.xapi == nil && names.silence == nil && names.scheme == .rules
    nextLook = names.silence == nil ? nil : context.now.instant + .seconds(5)
    if editor == nil { editor = NICNameEditor(names) } else { editor?.take(names) }
    settle(context, room: room)
    return .done
  }

  func nextWake(_ context: Context) -> ContinuousClock.Instant? { nextLook }

  mutating func tick(_ context: Context) -> Reaction {
    guard let moment = nextLook, context.now.instant >= moment else { return .pass }
    nextLook = nil
    return .ask(.lookAtNames)
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    switch choice {
    case .named(let mac, let name):
      refusal = editor?.give(mac, name)
      return .done
    // After a change everything here is old.
    case .changed:
      isLooking = true
      return .ask(.lookAtNames)
    default: return .done
    }
  }

  // MARK: Drawing

  private var nic: NICNames.NIC? { editor?.nics.first { $0.mac == chosen } }

  private func paneRows(_ room: Size) -> Int { room.rows < 14 ? 3 : min(9, room.rows / 3) }

  /// Below the title and the columns' names, above the pane.
  private func tableRows(_ room: Size) -> Int { max(1, room.rows - 3 - paneRows(room) - 1) }

  mutating func settle(_ context: Context, room: Size) {
    let isLive = context.host?.connection == .live
    if isLive, !wasLive, editor != nil { nextLook = context.now.instant }
    wasLive = isLive
    guard let editor else { return }
    let nics = editor.nics
    if let place = nics.firstIndex(where: { $0.mac == chosen }) { list.selected = place }
    list.clamp(count: editor.names.scheme == .order ? editor.names.order.count : nics.count, visible: tableRows(room))
    if chosen == nil || !nics.contains(where: { $0.mac == chosen }) {
      chosen = nics.indices.contains(list.selected) ? nics[list.selected].mac : nil
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let pane = paneRows(Size(columns: area.columns, rows: area.rows))
    let (top, bottom) = frame.stacked(area, bottom: pane, titles: (title, nic.map { "\($0.name) \($0.mac)" } ?? ""))
    guard let editor else {
      frame.draw("Looking at the host ...", at: top.inset(left: 1).origin, style: .dim, width: top.columns - 1)
      return
    }
    let view = NICNamesTable(editor, context)
    view.draw(into: &frame, in: top, list, chosen: chosen)
    let rows = editor.names.scheme == .order ? editor.names.order.count : editor.nics.count
    let (_, rest) = top.splitTop(min(top.rows, rows + 2))
    let below = rest.inset(left: 1, right: 1)
    let remarks = NICNamesWords(editor, isLooking: isLooking).remarks
    if below.rows > 0 { FactRows(remarks, columns: below.columns).draw(into: &frame, in: below, remarks) }
    let inner = bottom.inset(left: 1, right: 1)
    var facts = refusal.map { [Fact("", $0.sentence, style: .bad, mark: "!  ")] } ?? []
    facts += NICNamesWords(editor, isLooking: isLooking).meaning(of: nic)
    if below.rows <= 1, let first = remarks.first { facts.append(first) }
    FactRows(facts, columns: inner.columns).draw(into: &frame, in: inner, facts)
  }
}
