import HostNetworking
import TerminalUI
import XenAPI

/// How a bond works, live, and what can be done with it. What is shown comes from the switch and the kernel, and needs no XAPI.
struct BondScreen: Screen {
  private let bond: String
  private var live: BondLive?
  private var history = BondHistory()
  private var settings: BondSettings?
  private var facts: BondFacts?
  /// Why XAPI does not tell more.
  private var problem: String?
  private var list = ListState()

  init(_ bond: String) { self.bond = bond }

  var title: String { "Bond \(bond)" }

  let help = [
    "The members of the bond as the switch and the kernel have them at this moment, also while XAPI is away: links, traffic, who "
      + "carries it, and whether the switch on the other side speaks LACP.",
    "s changes mode and properties, a adds a member, x takes the chosen one out, d destroys the bond. XAPI cannot change the members of "
      + "a bond: it is made anew, with everything on it.",
    "Since: how long the link has been so, as far as this page has seen it. Hash: how many of the 256 values that senders are spread over "
      + "go to a member.",
    "A large screen shows the traffic of each member as a course, all by one scale, and what both ends say of LACP.",
    "Nothing is changed before a page shows what will happen, and there y is pressed.",
  ]

  var errand: Errand? { .bonds(.look) }
  var watches: Set<Watch> { [.bond(bond)] }

  private var members: [BondLive.Member] { live?.members ?? settings.map { $0.members.map { BondLive.Member(name: $0) } } ?? [] }
  private var isPool: Bool { (facts?.hostCount ?? 1) > 1 }
  private var chosen: String? { members.indices.contains(list.selected) ? members[list.selected].name : nil }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    guard settings != nil else { return [("Enter", "the NIC"), ("r", "ask XAPI again"), ("Esc", "back"), ("?", "help")] }
    return [("s", "settings"), ("a", "add"), ("x", "take out"), ("d", "destroy"), ("Enter", "NIC"), ("r", "refresh"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if list.handle(key, count: members.count, visible: max(1, members.count)) { return .done }
    switch key {
    case .escape, .left, .character("h"): return .back
    case .enter, .right, .character("l"): return chosen.map { .open(NICDetailScreen($0)) } ?? .done
    case .character("r"), .function(5): return .ask(.bonds(.look))
    case .character("s"), .character("m"): return settings.map { .open(BondSettingsScreen($0, isPool: isPool, isElsewhere: facts?.isElsewhere(bond) ?? false)) } ?? .beep
    case .character("a"): return facts.map { .open(BondAddScreen(bond, $0)) } ?? .beep
    case .character("x"):
      guard settings != nil, let chosen else { return .beep }
      return .open(isPool ? BondWhereScreen(.takeOut(chosen), bond) : ChangeReviewScreen(.bonds(.removeMember(chosen, bond: bond))))
    case .character("d"): return settings.map { .open(BondDestroyScreen(bond, network: $0.network, primary: $0.members.first ?? "its first NIC", isPool: isPool)) } ?? .beep
    default: return .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .bonds(.live(let news)) where news.bond == bond:
      live = news
      history.take(news)
    case .bonds(.facts(.success(let news))):
      facts = news
      settings = news.bonds.first { $0.name == bond }
      problem = settings == nil ? "XAPI knows no \(bond) on this host" : nil
    case .bonds(.facts(.failure(let failure))):
      (facts, settings) = (nil, nil)
      problem = failure.text
    default: return .pass
    }
    settle(context, room: room)
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .ask(.bonds(.look)) : .done }

  mutating func settle(_ context: Context, room: Size) { list.clamp(count: members.count, visible: max(1, members.count)) }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let links = live.map { $0.members.isEmpty ? "" : ": \($0.linksUp) of \($0.members.count) links" } ?? ""
    let top = settledFacts
    let rows = FactRows(top, columns: area.columns - 4).rows.count
    frame.box(area, title: title + links)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let (upper, rest) = inside.splitTop(min(rows, max(0, inside.rows - 4)))
    FactRows(top, columns: upper.columns).draw(into: &frame, in: upper, top)
    let (table, below) = rest.splitTop(min(members.count + 3, rest.rows))
    drawMembers(into: &frame, in: table.splitTop(1).rest, context)
    let remarks = self.remarks
    let said = FactRows(remarks, columns: below.columns)
    said.draw(into: &frame, in: below, remarks)
    if let live { BondPanels(live: live, history: history).draw(into: &frame, in: below.splitTop(min(said.rows.count + 1, below.rows)).rest) }
  }

  /// Mode, who carries, LACP.
  private var settledFacts: [Fact] {
    var facts: [Fact] = []
    let inSwitch = live?.mode.map { mode in settings.map { $0.mode.rawValue == mode ? "" : " (\(mode) on the switch)" } ?? mode } ?? ""
    facts.append(Fact("Mode", (settings?.mode.word ?? "") + inSwitch + (settings.map(Self.words) ?? "")))
    if let settings {
      facts.append(Fact("Network", "\(settings.network)\(settings.carriesManagement ? ", carries MANAGEMENT" : "")" + (settings.vlans.isEmpty ? "" : ", \(settings.vlans.count == 1 ? "1 VLAN" : "\(settings.vlans.count) VLANs")")))
    }
    if let lacp = live?.lacp {
      let partners = lacp.partners.isEmpty ? "" : " with \(lacp.partners.joined(separator: " and "))"
      let rate = lacp.rate.map { ", \($0)" } ?? ""
      facts.append(
        Fact("LACP", lacp.isNegotiated ? "negotiated\(partners)\(rate)" : "nobody answers\(rate)", style: lacp.isNegotiated && lacp.advice == nil ? .good : .warning))
    }
    if let live {
      let delays = [live.upDelay.map { "used \(Self.seconds($0)) after a link came back" }, live.downDelay.map { "given up \(Self.seconds($0)) after it went" }]
      let words = delays.compactMap { $0 }.joined(separator: ", ")
      if !words.isEmpty { facts.append(Fact("Delays", words)) }
    } else {
      facts.append(Fact("", "Looking at the switch ...", style: .dim))
    }
    if let problem { facts.append(Fact("XAPI", "\(problem)".sentence, style: .warning)) }
    return facts
  }

  private static func words(_ settings: BondSettings) -> String {
    guard settings.mode == .lacp else { return "" }
    let values = settings.properties
    return [
      values[BondProperties.hashing].map { ", hashing \($0)" }, values[BondProperties.fallback].map { ", fallback \($0 == "true" ? "on" : "off")" },
      values[BondProperties.key].map { ", key \($0)" },
    ].compactMap { $0 }.joined()
  }

  private static func seconds(_ milliseconds: Int) -> String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : milliseconds > 1000 ? "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" : "\(milliseconds) ms"
  }

  private static let columns: [Table.Column] = [
    .init("Member", minimum: 6, ideal: 9, priority: 0), .init("Link", minimum: 4, ideal: 4, priority: 0),
    .init("Speed", minimum: 8, ideal: 8, priority: 2, alignment: .right), .init("Since", minimum: 7, ideal: 10, priority: 5, alignment: .right),
    .init("Works as", minimum: 10, ideal: 14, priority: 0), .init("Received", minimum: 9, ideal: 10, priority: 1, alignment: .right),
    .init("Sent", minimum: 9, ideal: 10, priority: 1, alignment: .right), .init("Hash", minimum: 4, ideal: 4, priority: 4, alignment: .right),
    .init("LACP partner", minimum: 17, ideal: 17, priority: 3),
  ]

  private func drawMembers(into frame: inout Frame, in area: Rect, _ context: Context) {
    guard !area.isEmpty else { return }
    let isSpread = members.contains { $0.hashes > 0 }
    let hasLACP = live?.lacp != nil
    let hidden = (isSpread ? [] : [7]) + (hasLACP ? [] : [8])
    let columns = Self.columns.enumerated().filter { !hidden.contains($0.offset) }
    let table = Table(columns.map(\.element), gap: 1)
    let layout = table.layout(width: area.columns - 1)
    table.drawHeader(into: &frame, at: Point(column: area.column + 1, row: area.row), layout: layout, style: .dim)
    for (index, member) in members.prefix(max(0, area.rows - 1)).enumerated() {
      let cells = Self.cells(member, live, context)
      let start = Point(column: area.column, row: area.row + 1 + index)
      let isChosen = index == list.selected
      if isChosen {
        frame.fill(Rect(column: start.column, row: start.row, columns: area.columns, rows: 1), .selection)
        frame.draw(">", at: start, style: .selection, width: 1)
      }
      let shown = columns.map { cells[$0.offset] }
      let linkStyle: Style = member.hasLink == false || member.isMissing ? .bad : member.hasLink == true ? .good : .dim
      table.draw(
        shown, into: &frame, at: Point(column: start.column + 1, row: start.row), layout: layout, style: isChosen ? .selection : .normal,
        styles: isChosen ? [:] : [1: linkStyle])
    }
  }

  private static func cells(_ member: BondLive.Member, _ live: BondLive?, _ context: Context) -> [String] {
    let work =
      member.isMissing ? "missing" : member.isActive ? "active" : member.pending != nil ? "waits" : live?.isActiveBackup == true
      ? (member.hasLink == true ? "standby" : "-") : member.isUsed.map { $0 ? "in use" : "NOT USED" } ?? "-"
    return [
      member.name, member.isMissing ? "-" : member.hasLink.map { $0 ? "up" : "DOWN" } ?? "?", member.speed.map { Units.speed($0) } ?? "-",
      member.since.map { Units.clock(context.now.seconds(since: $0)) } ?? "-", work, rate(member.received), rate(member.sent),
      member.hashes > 0 ? "\(member.hashes)" : "-", member.partner ?? (live?.lacp == nil ? "" : "nobody"),
    ]
  }

  /// `1.2 Gb/s`, `310 Mb/s`, `0`; of bytes a second.
  static func rate(_ bytes: Double?) -> String {
    guard let bytes, bytes.isFinite, bytes >= 0 else { return "-" }
    let bits = bytes * 8
    if bits < 1 { return "0" }
    if bits < 1_000_000 { return "\(max(1, Int(bits / 1000))) kb/s" }
    return Units.speed(Int(min(bits / 1_000_000, 1e9)))
  }

  private var remarks: [Fact] {
    (live?.remarks ?? []).map { remark in
      switch remark.weight {
      case .blocking: Fact("", remark.text, style: .bad, mark: "!! ")
      case .warning: Fact("", remark.text, style: .warning, mark: "!  ")
      case .notice: Fact("", remark.text, mark: "   ")
      }
    }
  }

  // MARK: Time

  /// While links are counted from, their ages change.
  func nextWake(_ context: Context) -> ContinuousClock.Instant? {
    members.contains { $0.since != nil } ? context.now.instant + .seconds(1) : nil
  }

  mutating func tick(_ context: Context) -> Reaction { .done }
}
