import HostNetworking
import TerminalUI

/// The second page: address, VLAN and names, filled in with what is there now and checked while it is typed.
struct ResetFormScreen: Screen {
  private typealias Field = ResetAnswers.Field

  private let facts: ResetFacts
  private let device: ResetDevice
  private var form: Form
  private var check: ResetCheck

  private static let names = "names"
  private static let modes: [ResetAnswers.Mode] = [.none, .dhcp, .fixed]
  private static let modesV6: [ResetAnswers.ModeV6] = [.none, .dhcp, .autoconf, .fixed]

  init(_ facts: ResetFacts, device: ResetDevice) {
    self.facts = facts
    self.device = device
    var answers = facts.answers
    answers.device = device.name
    form = Self.form(answers, facts)
    check = ResetCheck(request: nil, problems: [])
    look()
  }

  var title: String { "Emergency network reset: \(device.name)" }

  let help = [
    "How the host shall be reached after the reset. Tab and the arrows move between fields; Left, Right and Space choose.",
    "The fields are filled in with what is there now. Leave the VLAN empty unless the switch port carries tagged frames only.",
    "Interface names: the installer's rules are put back unless you keep the present ones; keep them when NICs were renamed or "
      + "replaced since the installation.",
  ]

  private static func form(_ answers: ResetAnswers, _ facts: ResetFacts) -> Form {
    var fields: [FormField] = [
      .text(id: Field.vlan.rawValue, label: "VLAN", answers.vlan, limit: 4, placeholder: "none"),
      .choice(
        id: Field.mode.rawValue, label: "IPv4", ["none", "DHCP", "static"],
        selected: modes.firstIndex(of: answers.mode) ?? 1),
      .text(id: Field.ip.rawValue, label: "  Address", answers.ip, limit: 15),
      .text(id: Field.netmask.rawValue, label: "  Netmask", answers.netmask, limit: 15, placeholder: "255.255.255.0 or 24"),
      .text(id: Field.gateway.rawValue, label: "  Gateway", answers.gateway, limit: 15, placeholder: "none"),
      .choice(
        id: Field.modeV6.rawValue, label: "IPv6", ["none", "DHCP", "autoconf", "static"],
        selected: modesV6.firstIndex(of: answers.modeV6) ?? 0),
      .text(id: Field.ipv6.rawValue, label: "  Address", answers.ipv6, limit: 49, placeholder: "with its length: fd00::11/64"),
      .text(id: Field.gatewayV6.rawValue, label: "  Gateway", answers.gatewayV6, limit: 45, placeholder: "none"),
      .text(id: Field.dns.rawValue, label: "DNS servers", answers.dns, placeholder: "none"),
      .text(id: Field.searchDomains.rawValue, label: "Search domains", answers.searchDomains, placeholder: "none"),
    ]
    if facts.renamesInterfaces {
      fields.append(
        .choice(id: names, label: "NIC names", ["as installed", "keep the present ones"], selected: answers.keepsInterfaceNames ? 1 : 0))
    }
    if case .member(let coordinator) = facts.role {
      fields.append(
        .text(id: Field.coordinator.rawValue, label: "Coordinator", answers.coordinator, limit: 45, placeholder: "\(coordinator), as now"))
    }
    return Form(fields)
  }

  private var answers: ResetAnswers {
    var answers = ResetAnswers()
    answers.device = device.name
    for field in [Field.vlan, .ip, .netmask, .gateway, .ipv6, .gatewayV6, .dns, .searchDomains, .coordinator] {
      answers[field] = form.value(field.rawValue)
    }
    answers.mode = form.choice(Field.mode.rawValue).map { Self.modes[$0] } ?? .dhcp
    answers.modeV6 = form.choice(Field.modeV6.rawValue).map { Self.modesV6[$0] } ?? .none
    answers.keepsInterfaceNames = form.choice(Self.names) == 1
    // What a hidden field still holds was not answered.
    for field in Field.allCases where !answers.uses(field) { answers[field] = "" }
    return answers
  }

  /// Checks all answers at once and tells each field what is wrong with it.
  private mutating func look() {
    let answers = answers
    check = answers.checked(against: facts)
    for field in Field.allCases {
      form.setHidden(!answers.uses(field), field.rawValue)
      let refusal = check.refusal(of: field)
      form.update(field.rawValue) { $0.check = { _ in refusal } }
    }
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, at the end review"), ("Tab", "next"), ("Left/Right", "choose"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open:
      look()
      return .done
    case .cancelled: return .back
    case .submitted:
      guard let request = check.request else { return .done }
      return .open(facts.canShutDownVMs ? ResetVMsScreen(facts, request) : ResetReviewScreen(facts, request))
    case .ignored: return .unused(key)
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let showsNow = area.rows >= 20
    let (top, bottom) = frame.stacked(area, bottom: showsNow ? 4 : 0, titles: (title, "Now"))
    form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    guard !bottom.isEmpty else { return }
    let lines = remarks + now
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
  }

  /// What is not refused, but worth knowing before going on.
  private var remarks: [Fact] {
    let renamed: [Fact] =
      switch device.nameAfterReset {
      case .other(let name) where form.choice(Self.names) == 0:
        [Fact("", "With the names as installed this NIC will be called \(name), and \(device.name) will be another one: keep the "
          + "present names, or choose the NIC that is to be \(device.name).", style: .warning, mark: "!  ")]
      case .same, .other, .unknown: []
      }
    return renamed + check.problems.filter { !$0.isRefused }.map { Fact("", $0.text.sentence, style: .warning, mark: "!  ") }
  }

  private var now: [Fact] {
    let settings = facts.now
    let live = settings.liveAddresses.isEmpty ? "no address" : settings.liveAddresses.joined(separator: ", ")
    return [
      Fact("Management", settings.interfaceWords), Fact("Configured", "IPv4 \(settings.ipv4.words); IPv6 \(settings.ipv6.words)"),
      Fact("Really there", live),
      Fact("DNS", settings.dns.isEmpty ? "none" : settings.dns.map { "\($0)" }.joined(separator: ", ")),
    ]
  }
}

extension ResetFacts {
  /// XAPI can be asked to shut down what runs.
  var canShutDownVMs: Bool { !runningVMs.isEmpty && runningVMs.allSatisfy { $0.ref != nil } }
}
