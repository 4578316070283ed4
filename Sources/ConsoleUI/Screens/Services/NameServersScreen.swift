import HostNetworking
import TerminalUI

/// DNS servers and search domains: what is asked, whether it answers, and a list to change it.
struct NameServersScreen: Screen {
  /// What the person has made of the lists; nothing is changed before the review.
  private struct Draft: Hashable {
    var servers: [String]
    var domains: [String]
  }

  private enum Part { case server, domain }

  /// A line being typed.
  private struct Typing {
    var part: Part
    /// The place it takes; nil at the end.
    var place: Int?
    var field: TextField
    var problem: String?
  }

  private var facts: ServicesFacts?
  private var draft = Draft(servers: [], domains: [])
  private var begun: Draft?
  private var list = ListState()
  private var typing: Typing?
  /// What came of asking each server: what is wrong with it, if anything.
  private var answers: [String: String?] = [:]
  private var remark: String?

  let title = "DNS servers and search domains"

  let help = [
    "Which DNS servers are asked for names, in this order, and in which domains short names are looked for. Three servers are asked at the most.",
    "a adds a server, s a search domain; Enter changes the chosen line, x takes it away, + and - move it. y shows what will "
      + "happen, u takes your edits back, t asks the servers whether they answer.",
    "The interface stays up: only its DNS settings are written anew. With an address from DHCP the servers come from there, and "
      + "XAPI takes no others.",
  ]

  var errand: Errand? { .lookAtServices }

  private var canEdit: Bool { facts?.names.map { !$0.isFromDHCP } ?? false }
  private var isChanged: Bool { begun.map { $0 != draft } ?? false }
  private var count: Int { draft.servers.count + draft.domains.count }

  /// The chosen line.
  private var chosen: (part: Part, place: Int)? {
    guard count > 0 else { return nil }
    let isServer = list.selected < draft.servers.count
    return isServer ? (.server, list.selected) : (.domain, list.selected - draft.servers.count)
  }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if typing != nil { return [("Enter", "take it"), ("Esc", "leave it as it was")] }
    let edits = canEdit ? [("a", "add server"), ("s", "add domain")] + (count > 0 ? [("Enter", "edit"), ("x", "remove"), ("+ -", "move")] : []) : []
    let more = (isChanged ? [("u", "undo edits")] : [("t", "ask them")]) + [("Esc", "back"), ("?", "help")]
    return (isChanged ? [("y", "review")] : []) + edits + more
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    remark = nil
    if typing != nil { return type(key, room) }
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.lookAtServices)
    case .character("t"): return ask()
    case .character("y"), .function(8): return review()
    case .character("u"):
      if let begun { draft = begun }
    case .character("a"): begin(.server, nil)
    case .character("s"): begin(.domain, nil)
    case .enter, .right, .character("l"):
      if let chosen { begin(chosen.part, chosen.place) }
    case .character("x"), .delete: remove()
    case .character("+"): move(-1)
    case .character("-"): move(+1)
    default:
      return list.handle(key, count: count, visible: visible(room)) ? .done : .pass
    }
    list.clamp(count: count, visible: visible(room))
    return .done
  }

  private mutating func begin(_ part: Part, _ place: Int?) {
    guard canEdit else {
      remark = whyNot
      return
    }
    if part == .server, place == nil, draft.servers.count >= NameServersPlanner.most {
      remark = "Only three servers are ever asked: take one away or change it."
      return
    }
    let text = place.map { part == .server ? draft.servers[$0] : draft.domains[$0] } ?? ""
    typing = Typing(part: part, place: place, field: TextField(text, limit: part == .server ? 45 : 253))
  }

  private mutating func type(_ key: Key, _ room: Size) -> Reaction {
    guard var typing else { return .pass }
    switch key {
    case .escape:
      self.typing = nil
      return .done
    case .enter:
      let text = typing.field.text.filter { !$0.isWhitespace }
      typing.problem = problem(text, typing)
      self.typing = typing.problem == nil ? nil : typing
      if typing.problem == nil { put(text, typing) }
      list.clamp(count: count, visible: visible(room))
      return .done
    default:
      guard typing.field.handle(key) else {
        if case .character = key { return .done }
        return .pass
      }
      typing.problem = nil
      self.typing = typing
      return .done
    }
  }

  private func problem(_ text: String, _ typing: Typing) -> String? {
    let others = (typing.part == .server ? draft.servers : draft.domains).enumerated().filter { $0.offset != typing.place }
    if others.contains(where: { $0.element == text }) { return "\(text) is in the list already" }
    if typing.part == .domain { return DomainName.problem(text) }
    do throws(AddressError) {
      return try InternetAddress(parsing: text).reasonNotForHosts
    } catch {
      return "\(error)"
    }
  }

  private mutating func put(_ text: String, _ typing: Typing) {
    switch (typing.part, typing.place) {
    case (.server, let place?): draft.servers[place] = text
    case (.server, nil):
      draft.servers.append(text)
      list.selected = draft.servers.count - 1
    case (.domain, let place?): draft.domains[place] = text
    case (.domain, nil):
      draft.domains.append(text)
      list.selected = count - 1
    }
  }

  private mutating func remove() {
    guard canEdit, let chosen else { return }
    if chosen.part == .server { draft.servers.remove(at: chosen.place) } else { draft.domains.remove(at: chosen.place) }
  }

  private mutating func move(_ step: Int) {
    guard canEdit, let chosen else { return }
    let target = chosen.place + step
    let room = chosen.part == .server ? draft.servers.indices : draft.domains.indices
    guard room.contains(target) else { return }
    if chosen.part == .server { draft.servers.swapAt(chosen.place, target) } else { draft.domains.swapAt(chosen.place, target) }
    list.selected += step
  }

  private mutating func ask() -> Reaction {
    let servers = draft.servers.isEmpty ? facts?.nameServers ?? [] : draft.servers
    guard !servers.isEmpty else { return .done }
    answers = [:]
    return .ask(.askNameServers(servers))
  }

  private func review() -> Reaction {
    guard isChanged else { return .done }
    return .open(
      ChangeReviewScreen(
        .nameServers(
          NameServerRequest(servers: draft.servers.compactMap { InternetAddress($0) }, searchDomains: draft.domains))))
  }

  private var whyNot: String {
    guard let names = facts?.names else { return "XAPI keeps these, and has not answered." }
    return "\(names.interface) has its address from DHCP, and its DNS servers with it: XAPI takes no others."
  }

  // MARK: What comes back

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .services(let facts):
      self.facts = facts
      if let names = facts.names {
        let found = Draft(servers: names.servers, domains: names.searchDomains)
        if begun == nil || !isChanged || begun == draft { draft = found }
        begun = found
        list.clamp(count: count, visible: visible(room))
      }
      if case .asking = facts.xapi { return .done }
      return answers.isEmpty ? ask() : .done
    case .nameServer(let server, let problem):
      answers[server] = .some(problem)
      return .done
    default: return .pass
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    guard choice == .changed else { return .done }
    // What was asked for is there now, or is not: in both cases the host is looked at anew, and its servers are asked.
    (facts, begun, answers) = (nil, nil, [:])
    return .ask(.lookAtServices)
  }

  mutating func settle(_ context: Context, room: Size) { list.clamp(count: count, visible: visible(room)) }

  // MARK: Drawing

  private static let footRows = 6

  private func visible(_ room: Size) -> Int { max(1, room.rows - Self.footRows - 6) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: min(Self.footRows, max(0, area.rows - 8)), titles: (title, "Now"))
    drawLists(into: &frame, in: top.inset(left: 2, right: 2))
    let lines = now
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
  }

  private func drawLists(into frame: inout Frame, in area: Rect) {
    guard let facts else {
      frame.draw("Looking ...", at: area.origin, style: .dim, width: area.columns)
      return
    }
    var rows: [(text: String, style: Style, line: Int?)] = [("Servers, asked in this order", .heading, nil)]
    if facts.names == nil || facts.names?.isFromDHCP == true {
      rows += facts.nameServers.map { ("  \($0)  \(answer($0).text)", answer($0).style, nil) }
      if facts.nameServers.isEmpty { rows.append(("  none", .dim, nil)) }
      rows.append(("Search domains", .heading, nil))
      rows.append(("  " + (facts.searchDomains.isEmpty ? "none" : facts.searchDomains.joined(separator: ", ")), .normal, nil))
    } else {
      rows += draft.servers.enumerated().map { place, server in
        ("\(place + 1) \(server)  \(answer(server).text)", answer(server).style, place)
      }
      if draft.servers.isEmpty { rows.append(("  none: no name will be found", .warning, nil)) }
      rows.append(("Search domains", .heading, nil))
      rows += draft.domains.enumerated().map { ("  \($1)", .normal, draft.servers.count + $0) }
      if draft.domains.isEmpty { rows.append(("  none", .dim, nil)) }
    }
    let foot = 3
    let shown = max(1, area.rows - foot)
    let current = rows.firstIndex { $0.line == list.selected } ?? 0
    let first = max(0, min(rows.count - shown, current - shown + 2))
    for (line, row) in rows.dropFirst(first).prefix(shown).enumerated() {
      let place = Point(column: area.column, row: area.row + line)
      let isChosen = row.line != nil && row.line == list.selected && canEdit
      if isChosen { frame.fill(Rect(column: place.column, row: place.row, columns: area.columns, rows: 1), .selection) }
      frame.draw((isChosen ? ">" : " ") + row.text, at: place, style: isChosen ? .selection : row.style, width: area.columns)
    }
    drawTyping(into: &frame, in: area.splitBottom(foot).bottom)
  }

  private func drawTyping(into frame: inout Frame, in area: Rect) {
    guard let typing else {
      let words = remark ?? (isChanged ? "Changed here, not on the host yet: y shows what will happen." : canEdit ? "" : whyNot)
      let style: Style = remark != nil || isChanged || !canEdit ? .warning : .dim
      for (line, text) in words.wrapped(to: area.columns).prefix(area.rows - 1).enumerated() {
        frame.draw(text, at: Point(column: area.column, row: area.row + 1 + line), style: style, width: area.columns)
      }
      return
    }
    let label = typing.part == .server ? "DNS server: " : "Search domain: "
    let row = Point(column: area.column, row: area.row + 1)
    let used = frame.draw(label, at: row, style: .strong, width: area.columns)
    typing.field.draw(
      into: &frame, at: Point(column: row.column + used, row: row.row), width: max(8, min(48, area.columns - used)), focused: true)
    if let problem = typing.problem {
      frame.draw("! \(problem)", at: Point(column: row.column + used, row: row.row + 1), style: .bad, width: area.columns - used)
    }
  }

  private func answer(_ server: String) -> (text: String, style: Style) {
    switch answers[server] {
    case nil: ("", .normal)
    case .some(nil): ("answers", .normal)
    case .some(let problem?): ("! \(problem)", .bad)
    }
  }

  private var now: [Fact] {
    guard let facts else { return [] }
    func words(_ list: [String]) -> String { list.isEmpty ? "none" : list.joined(separator: ", ") }
    var lines: [Fact] = []
    if let names = facts.names {
      let way = names.isFromDHCP ? "address and DNS from DHCP" : "set by hand"
      lines.append(Fact("Interface", names.interface + (names.isNamed ? " (other-config:peerdns), " : ", ") + way))
      if !names.isFromDHCP {
        lines.append(Fact("In XAPI", words(names.servers) + "; search " + words(names.searchDomains)))
      }
    }
    if let silence = facts.silenceFact { lines.append(silence) }
    let isOther = facts.names.map { !$0.isFromDHCP && $0.servers != facts.nameServers } ?? false
    lines.append(
      Fact(
        "Really asked", words(facts.nameServers) + "; search " + words(facts.searchDomains) + (isOther ? ": not what XAPI has" : ""),
        style: isOther ? .warning : .normal))
    if let problem = facts.resolverProblem { lines.append(Fact("", problem.sentence, style: .bad)) }
    return lines
  }
}
