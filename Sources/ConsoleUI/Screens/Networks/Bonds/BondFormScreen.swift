import HostNetworking
import TerminalUI
import XenAPI

/// A new bond, second page: how it works, its network, where, and VLANs on it.
struct BondFormScreen: Screen {
  private enum Field: String, CaseIterable {
    case mode, hashing, time, fallback, key, mac, network, name, pool, vlans
  }

  private let members: [String]
  private let networks: [BondNetwork]
  private let isPool: Bool
  private let facts: BondFacts
  private var hints: [String] = []
  private var form: Form

  private let suggestedName: String

  /// - Parameter filledIn: what was filled in before, for other members perhaps.
  init(_ members: [String], _ facts: BondFacts, filledIn: [String: String] = [:]) {
    let members = facts.ordered(members)
    self.members = members
    self.facts = facts
    networks = facts.freeNetworks
    isPool = facts.hostCount > 1
    suggestedName = BondIntent.suggestedName(members, facts)
    form = Self.form(members, networks, name: suggestedName, isPool: isPool)
    fill(filledIn)
    look()
  }

  var title: String { "New bond of \(members.joined(separator: ", "))" }

  let help = [
    "How the bond works. Tab and the arrows move between fields; Left, Right and Space choose.",
    "active-backup uses one link, and another when that fails: it works with every switch. balance-slb spreads VMs over the links: no "
      + "setting on the switch is needed. LACP spreads connections over the links: the ports must be one group on the switch.",
    "LACP: hashing tells by what traffic is spread; time, how often both sides assure each other; fallback, whether one link works alone "
      + "while the switch speaks no LACP.",
    "The first member is the primary: the bond has its MAC, and its address. It is the NIC with management, else one with an address, else "
      + "the one that was marked first.",
    "A new network is made for the bond, or one is taken that has no interface yet.",
    "VLANs: tags with commas, made on the bond in the same go, each with a network of its own.",
  ]

  private static let modeWords = ["active-backup", "balance-slb", "LACP"]
  private static let hashWords = ["addresses and ports", "source MAC"]

  private static func form(_ members: [String], _ networks: [BondNetwork], name: String, isPool: Bool) -> Form {
    var fields: [FormField] = [
      .choice(id: Field.mode.rawValue, label: "Mode", modeWords),
      .choice(id: Field.hashing.rawValue, label: "  Hashing", hashWords),
      .choice(id: Field.time.rawValue, label: "  LACP time", ["slow (30 s)", "fast (1 s)"]),
      .choice(id: Field.fallback.rawValue, label: "  Fallback", ["on: one link works alone", "off: nothing passes"]),
      .text(id: Field.key.rawValue, label: "  Group key", limit: 5, placeholder: "none", check: { text in
        text.isEmpty ? nil : BondProperties.problem(BondProperties.key, text, in: .lacp)
      }),
      .choice(id: Field.network.rawValue, label: "Network", ["a new one"] + networks.map(\.name)),
      .text(id: Field.name.rawValue, label: "  Its name", name, required: true),
      .text(id: Field.vlans.rawValue, label: "VLANs on it", placeholder: "none, or 10,20,100-110", check: { BondIntent.tagProblem($0) }),
    ]
    if isPool {
      fields.append(.choice(id: Field.pool.rawValue, label: "Where", ["on all hosts of the pool", "on this host"]))
    }
    fields.append(
      .text(id: Field.mac.rawValue, label: "MAC", limit: 17, placeholder: "that of \(members.first ?? "the primary")", check: { BondProperties.problem(mac: $0.lowercased()) }))
    return Form(fields)
  }

  private mutating func fill(_ values: [String: String]) {
    for (id, value) in values {
      form.setText(value, id)
      form.update(id) { field in
        guard case .choice(let options, _) = field.kind, let place = options.firstIndex(of: value) else { return }
        field.kind = .choice(options: options, selected: place)
      }
    }
  }

  /// What is not as the form suggested it itself: a name is made of the members.
  private var filledIn: [String: String] {
    let all = Dictionary(form.fields.map { ($0.id, $0.value) }, uniquingKeysWith: { first, _ in first })
    return all.filter { $0.key != Field.name.rawValue || $0.value != suggestedName }
  }

  private mutating func look() {
    let isLACP = form.choice(Field.mode.rawValue) == 2
    for field in [Field.hashing, .time, .fallback, .key] { form.setHidden(!isLACP, field.rawValue) }
    form.setHidden(form.choice(Field.network.rawValue) != 0, Field.name.rawValue)
    hints = facts.remarks(on: request)
  }

  private var request: BondRequest {
    let mode = BondProperties.modes[min(form.choice(Field.mode.rawValue) ?? 0, 2)]
    var properties: [String: String] = [:]
    if mode == .lacp {
      properties[BondProperties.hashing] = BondProperties.hashings[form.choice(Field.hashing.rawValue) ?? 0]
      properties[BondProperties.time] = BondProperties.times[form.choice(Field.time.rawValue) ?? 0]
      properties[BondProperties.fallback] = form.choice(Field.fallback.rawValue) == 1 ? "false" : "true"
      let key = form.value(Field.key.rawValue)
      if !key.isEmpty { properties[BondProperties.key] = key }
    }
    let place = (form.choice(Field.network.rawValue) ?? 0) - 1
    return BondRequest(
      members: members, mode: mode, properties: properties, mac: form.value(Field.mac.rawValue).lowercased(),
      network: networks.indices.contains(place) ? .existing(networks[place].uuid) : .new(name: form.value(Field.name.rawValue)),
      isPoolWide: isPool && form.choice(Field.pool.rawValue) == 0, vlans: BondIntent.tags(form.value(Field.vlans.rawValue)) ?? [])
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, then review"), ("Tab", "next"), ("Left/Right", "choose"), ("Esc", "back"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open:
      look()
      return .done
    case .cancelled: return .backWith(.filledIn(filledIn))
    case .submitted: return .open(ChangeReviewScreen(.bonds(.create(request))))
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let remarks = self.remarks
    let wanted = FactRows(remarks, columns: area.columns - 4).rows.count
    let room = max(0, min(wanted, area.rows - 3 - min(form.rows, area.rows - 6)))
    let (top, bottom) = frame.stacked(area, bottom: room, titles: (title, "Good to know"))
    form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    let inner = bottom.inset(left: 1, right: 1)
    guard !inner.isEmpty else { return }
    let rows = FactRows(remarks, columns: inner.columns)
    rows.draw(into: &frame, in: inner, remarks)
    let hidden = rows.rows.count - inner.rows
    if hidden > 0 {
      let more = " more in the review "
      frame.draw(more, at: Point(column: inner.column + max(0, inner.columns - more.count), row: inner.endRow - 1), style: .dim, width: more.count)
    }
  }

  private var remarks: [Fact] {
    let mode =
      switch form.choice(Field.mode.rawValue) {
      case 1: "balance-slb: VMs are spread over the links by their MACs, anew every 30 minutes. The switch needs no setting."
      case 2: "LACP: connections are spread over the links. The switch ports must be one group that speaks LACP."
      default: "active-backup: one link carries everything, and another when it fails. Works with every switch, also with two."
      }
    return [Fact("", mode)] + hints.map { Fact("", $0.sentence, style: .warning, mark: "!  ") }
  }
}
