import HostNetworking
import TerminalUI

/// The address of an interface that is not management: for storage, migration or a mesh.
struct AddressScreen: Screen {
  private typealias Field = AddressAnswers.Field

  private static let modes: [AddressAnswers.Mode] = [.none, .dhcp, .fixed]
  private static let modesV6: [AddressAnswers.ModeV6] = [.none, .dhcp, .autoconf, .fixed]
  private static let texts: [Field] = [.ip, .netmask, .gateway, .ipv6, .gatewayV6]
  private static let purpose = "purpose"
  private static let protected = "protected"
  private static let route = "route"

  private let interface: String
  private var answers: AddressForm?
  private var problem: ChangeProblem?
  private var form = Form([])
  private var problems: [AnswerProblem<AddressForm.Field>] = []

  init(_ interface: String) { self.interface = interface }

  var title: String { "Address of \(interface)" }

  let help = [
    "An address of its own for storage, migration or a mesh: this host is not managed by it. The review asks the network whether it is free.",
    "A gateway is mostly left out: XAPI keeps it on record, and uses that of one interface only, which is management's unless another has "
      + "the default route. For networks behind a router add a static route instead.",
    "Unplugging forbidden: XAPI refuses to take the interface down, which guards storage against mistakes. The purpose is a word for people.",
  ]

  var errand: Errand? { .lookForChange }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if answers == nil { return (problem == nil ? [] : [("r", "look again"), ("t", "toolstack")]) + [("Esc", "back"), ("?", "help")] }
    return [("Enter", "next, then review"), ("Tab", "next"), ("Left/Right", "choose"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    guard answers != nil else { return FactsToCome.handle(key, &problem) }
    switch form.handle(key) {
    case .open:
      look()
      return .done
    case .cancelled: return .back
    case .submitted:
      guard let request = answers?.checked().request else { return .done }
      return .open(ChangeReviewScreen(.addresses(.set(request))))
    case .ignored: return .unused(key)
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .changeFacts(let result) = report, answers == nil else { return .pass }
    switch result {
    case .failure(let problem): self.problem = problem
    case .success(let facts):
      guard let found = AddressForm(interface, facts) else {
        problem = ChangeProblem("This host has no interface \(interface) any more")
        return .done
      }
      answers = found
      form = Self.form(found)
      look()
    }
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .back : .done }

  private static func form(_ answers: AddressForm) -> Form {
    let now = answers.addresses
    return Form([
      .choice(id: Field.mode.rawValue, label: "IPv4", ["none", "DHCP", "static"], selected: modes.firstIndex(of: now.mode) ?? 0),
      .text(id: Field.ip.rawValue, label: "  Address", now.ip, limit: 15),
      .text(id: Field.netmask.rawValue, label: "  Netmask", now.netmask, limit: 15, placeholder: "255.255.255.0"),
      .text(id: Field.gateway.rawValue, label: "  Gateway", now.gateway, limit: 15, placeholder: "none"),
      .choice(id: Field.modeV6.rawValue, label: "IPv6", ["none", "DHCP", "autoconf", "static"], selected: modesV6.firstIndex(of: now.modeV6) ?? 0),
      .text(id: Field.ipv6.rawValue, label: "  Address", now.ipv6, limit: 49, placeholder: "with its length: fd00::11/64"),
      .text(id: Field.gatewayV6.rawValue, label: "  Gateway", now.gatewayV6, limit: 45, placeholder: "none"),
      .choice(id: route, label: "Default route", ["not by this interface", "by its gateway"], selected: answers.isDefaultRoute ? 1 : 0),
      .text(id: purpose, label: "Purpose", answers.purpose, limit: 40, placeholder: "none; Storage, Backup, Migration"),
      .choice(id: protected, label: "Unplugging", ["allowed", "forbidden"], selected: answers.isProtected ? 1 : 0),
    ])
  }

  /// Takes the fields in, checks them all, and tells each what is wrong with it.
  private mutating func look() {
    guard var answers else { return }
    answers.addresses.mode = form.choice(Field.mode.rawValue).map { Self.modes[$0] } ?? .none
    answers.addresses.modeV6 = form.choice(Field.modeV6.rawValue).map { Self.modesV6[$0] } ?? .none
    for field in Self.texts {
      let isUsed = answers.addresses.uses(field)
      form.setHidden(!isUsed, field.rawValue)
      // What a hidden field still holds was not answered.
      answers.addresses[field] = isUsed ? form.value(field.rawValue) : ""
    }
    let hasGateway = answers.addresses.uses(.gateway) && !answers.addresses.gateway.isEmpty
    form.setHidden(!hasGateway && !answers.isDefaultRoute, Self.route)
    answers.isDefaultRoute = form[Self.route]?.isHidden == true ? answers.isDefaultRoute : form.choice(Self.route) == 1
    answers.purpose = form.value(Self.purpose)
    answers.isProtected = form.choice(Self.protected) == 1
    let check = answers.checked()
    problems = check.problems
    for field in Self.texts + [.mode, .modeV6] {
      let refusal = check.refusal(of: .address(field))
      form.update(field.rawValue) { $0.check = { _ in refusal } }
    }
    self.answers = answers
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let remarks = remarks
    let wanted = FactRows(remarks, columns: area.columns - 4).rows.count
    let room = max(0, min(wanted, area.rows - 3 - min(form.rows, area.rows - 6)))
    let (top, bottom) = frame.stacked(area, bottom: room, titles: (title, "Good to know"))
    let inside = top.inset(left: 2, right: 2)
    if let problem {
      let facts = [Fact("", problem.text.sentence, style: .bad)] + (problem.remedy.map { [Fact("", $0.sentence)] } ?? [])
      FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
    } else if answers == nil {
      frame.draw("Looking ...", at: inside.origin, style: .dim, width: inside.columns)
    } else {
      form.draw(into: &frame, in: inside)
    }
    let inner = bottom.inset(left: 1, right: 1)
    guard !inner.isEmpty else { return }
    FactRows(remarks, columns: inner.columns).draw(into: &frame, in: inner, remarks)
  }

  private var remarks: [Fact] {
    guard let answers else { return [] }
    var facts = problems.filter { !$0.isRefused }.map { Fact("", $0.text.sentence, style: .warning, mark: "!  ") }
    if !answers.addresses.gateway.isEmpty, answers.addresses.mode == .fixed, !answers.isDefaultRoute {
      facts.append(
        Fact("", "This gateway is kept on record and not used: the default route is management's. Leave it out, or add a static route.", style: .warning, mark: "!  "))
    }
    if facts.isEmpty { facts.append(Fact("", "No gateway is needed for machines in the same network.", style: .dim)) }
    return facts
  }
}
