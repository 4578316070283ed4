import HostNetworking
import TerminalUI
import XenAPI

/// The second page: addresses, names and, for a new VLAN, its tag; filled in with what is there, checked while it is typed.
struct ManagementFormScreen: Screen {
  private typealias Field = ManagementAnswers.Field

  private let facts: ChangeFacts
  private let bases: [String]
  private let place: ManagementAnswers.Place
  private var form: Form
  private var check = ManagementCheck(request: nil, problems: [])

  private static let modes: [AddressAnswers.Mode] = [.none, .dhcp, .fixed]
  private static let modesV6: [AddressAnswers.ModeV6] = [.none, .dhcp, .autoconf, .fixed]
  private static let families: [AddressFamily] = [.ipv4, .ipv6]
  private static let texts: [Field] = [.tag, .ip, .netmask, .gateway, .ipv6, .gatewayV6, .dns, .searchDomains, .hostname]

  init(_ place: ManagementAnswers.Place, _ facts: ChangeFacts) {
    self.place = place
    self.facts = facts
    bases = facts.vlanBases
    form = Self.form(ManagementAnswers(prefilledFor: place, facts), facts, bases: bases)
    look()
  }

  var title: String {
    switch place {
    case .interface(let name): "Management on \(name)"
    case .newVLAN: "Management on a new VLAN"
    }
  }

  let help = [
    "How this host shall be reached. Tab and the arrows move between fields; Left, Right and Space choose.",
    "The fields are filled in with the interface's own settings, or with those that management has now.",
    "What is wrong is said below the field at once. The review that follows asks the network as well: whether the address is taken, "
      + "and whether the gateway answers.",
    "Primary type is the family by which the other hosts of the pool reach this one.",
    "The address of the interface that has management now goes away with the move, unless you keep it.",
  ]

  private static func form(_ answers: ManagementAnswers, _ facts: ChangeFacts, bases: [String]) -> Form {
    var fields: [FormField] = []
    if case .newVLAN(let base) = answers.place {
      fields += [
        .choice(id: Field.base.rawValue, label: "VLAN on", bases, selected: bases.firstIndex(of: base) ?? 0),
        .text(id: Field.tag.rawValue, label: "VLAN tag", answers.tag, limit: 4, placeholder: "0 to 4094"),
      ]
    }
    fields += [
      .choice(
        id: Field.mode.rawValue, label: "IPv4", ["none", "DHCP", "static"],
        selected: modes.firstIndex(of: answers.addresses.mode) ?? 1),
      .text(id: Field.ip.rawValue, label: "  Address", answers.ip, limit: 15),
      .text(id: Field.netmask.rawValue, label: "  Netmask", answers.netmask, limit: 15, placeholder: "255.255.255.0 or 24"),
      .text(id: Field.gateway.rawValue, label: "  Gateway", answers.gateway, limit: 15, placeholder: "none"),
      .choice(
        id: Field.modeV6.rawValue, label: "IPv6", ["none", "DHCP", "autoconf", "static"],
        selected: modesV6.firstIndex(of: answers.addresses.modeV6) ?? 0),
      .text(id: Field.ipv6.rawValue, label: "  Address", answers.ipv6, limit: 49, placeholder: "with its length: fd00::11/64"),
      .text(id: Field.gatewayV6.rawValue, label: "  Gateway", answers.gatewayV6, limit: 45, placeholder: "none"),
      .choice(id: Field.primary.rawValue, label: "Primary type", ["IPv4", "IPv6"], selected: answers.primary == .ipv6 ? 1 : 0),
      .text(id: Field.dns.rawValue, label: "DNS servers", answers.dns, placeholder: "none"),
      .text(id: Field.searchDomains.rawValue, label: "Search domains", answers.searchDomains, placeholder: "none"),
      .text(id: Field.hostname.rawValue, label: "Host name", answers.hostname, limit: 253, placeholder: "as it is"),
    ]
    if let old = facts.candidates.first(where: \.isManagement)?.name {
      fields.append(
        .choice(id: Field.keepsOldAddress.rawValue, label: "Old address", ["is taken off \(old)", "stays on \(old)"]))
    }
    return Form(fields)
  }

  private var answers: ManagementAnswers {
    var answers = ManagementAnswers(place)
    if case .newVLAN = place, let index = form.choice(Field.base.rawValue), bases.indices.contains(index) {
      answers.place = .newVLAN(on: bases[index])
    }
    answers.tag = form.value(Field.tag.rawValue)
    answers.hostname = form.value(Field.hostname.rawValue)
    for field in AddressAnswers.Field.allCases where Self.texts.contains(where: { $0.rawValue == field.rawValue }) {
      answers.addresses[field] = form.value(field.rawValue)
    }
    answers.mode = form.choice(Field.mode.rawValue).map { Self.modes[$0] } ?? .dhcp
    answers.modeV6 = form.choice(Field.modeV6.rawValue).map { Self.modesV6[$0] } ?? .none
    answers.primary = form.choice(Field.primary.rawValue).map { Self.families[$0] } ?? .ipv4
    answers.keepsOldAddress = form.choice(Field.keepsOldAddress.rawValue) == 1
    // What a hidden field still holds was not answered.
    for field in AddressAnswers.Field.allCases where !answers.uses(Field(rawValue: field.rawValue) ?? .mode, facts) {
      answers.addresses[field] = ""
    }
    return answers
  }

  /// Checks all answers at once and tells each field what is wrong with it.
  private mutating func look() {
    let answers = answers
    check = answers.checked(against: facts)
    for field in Field.allCases {
      form.setHidden(!answers.uses(field, facts), field.rawValue)
      let refusal = check.refusal(of: field)
      form.update(field.rawValue) { $0.check = { _ in refusal } }
    }
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, then review"), ("Tab", "next"), ("Left/Right", "choose"), ("Esc", "back"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open:
      look()
      return .done
    case .cancelled: return .back
    case .submitted:
      guard let request = check.request else { return .done }
      return .open(ChangeReviewScreen(.management(request)))
    case .ignored: return .unused(key)
    }
  }

  /// After a change everything here is old.
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let remarks = remarks
    let wanted = FactRows(remarks, columns: area.columns - 4).rows.count
    // The form comes first; what does not fit of the rest is not lost: the review says it again.
    let room = max(0, min(wanted, area.rows - 3 - min(form.rows, area.rows - 6)))
    let (top, bottom) = frame.stacked(area, bottom: room, titles: (title, check.problems.allSatisfy(\.isRefused) ? "Now" : "Good to know"))
    form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    let inner = bottom.inset(left: 1, right: 1)
    guard !inner.isEmpty else { return }
    FactRows(remarks, columns: inner.columns).draw(into: &frame, in: inner, remarks)
  }

  /// What is not refused, but worth knowing before going on.
  private var remarks: [Fact] {
    let interface = [Field.interface, .base].compactMap { check.refusal(of: $0) }.map { Fact("", $0.sentence, style: .bad, mark: "!! ") }
    return interface
      + check.problems.filter { !$0.isRefused }.map { Fact("", $0.text.sentence, style: .warning, mark: "!  ") } + now
  }

  private var now: [Fact] {
    guard let management = facts.candidates.first(where: \.isManagement) else { return [Fact("", "Management: no interface carries it.")] }
    let addresses = management.addresses.isEmpty ? "no address" : management.addresses.joined(separator: ", ")
    return [Fact("", "Management: \(management.name), \(addresses)")]
  }
}
