import HostNetworking
import TerminalUI
import XenAPI

/// Mode and properties of a bond that is there.
struct BondSettingsScreen: Screen {
  private enum Field: String {
    case mode, hashing, time, fallback, key, delay, pool
  }

  private let settings: BondSettings
  private let isPool: Bool
  private var form: Form

  /// - Parameter isElsewhere: other hosts have it as well, and should not come to differ unasked.
  init(_ settings: BondSettings, isPool: Bool, isElsewhere: Bool = false) {
    self.settings = settings
    self.isPool = isPool
    form = Self.form(settings, isPool: isPool, isElsewhere: isElsewhere)
    look()
  }

  var title: String { "Settings of \(settings.name)" }

  let help = [
    "active-backup uses one link, and another when that fails; balance-slb spreads VMs over the links; LACP spreads connections, and the "
      + "switch ports must be one group.",
    "Every change plugs the bond anew: what goes over it stops for some seconds.",
    "Up delay: how long a link that came back is left alone before it is used. XAPI waits 31 s, for switches whose ports pass nothing "
      + "at first (spanning tree). With ports that are ready at once a second is enough.",
  ]

  private static func form(_ settings: BondSettings, isPool: Bool, isElsewhere: Bool) -> Form {
    func place(_ value: String?, _ values: [String]) -> Int { value.flatMap { values.firstIndex(of: $0) } ?? 0 }
    var fields: [FormField] = [
      .choice(
        id: Field.mode.rawValue, label: "Mode", ["active-backup", "balance-slb", "LACP"], selected: BondProperties.modes.firstIndex(of: settings.mode) ?? 0),
      .choice(
        id: Field.hashing.rawValue, label: "  Hashing", ["addresses and ports", "source MAC"],
        selected: place(settings.properties[BondProperties.hashing], BondProperties.hashings)),
      .choice(
        id: Field.time.rawValue, label: "  LACP time", ["slow (30 s)", "fast (1 s)"], selected: place(settings.properties[BondProperties.time], BondProperties.times)),
      .choice(
        id: Field.fallback.rawValue, label: "  Fallback", ["on: one link works alone", "off: nothing passes"],
        selected: settings.properties[BondProperties.fallback] == "false" ? 1 : 0),
      .text(
        id: Field.key.rawValue, label: "  Group key", settings.properties[BondProperties.key] ?? "", limit: 5, placeholder: "none",
        check: { text in text.isEmpty ? nil : BondProperties.problem(BondProperties.key, text, in: .lacp) }),
      .text(
        id: Field.delay.rawValue, label: "Up delay (ms)", settings.upDelay, limit: 6, placeholder: "31000 by XAPI",
        check: { BondProperties.problem(upDelay: $0) }),
    ]
    if isPool {
      fields.append(.choice(id: Field.pool.rawValue, label: "Where", ["on all hosts with this network", "on this host"], selected: isElsewhere ? 0 : 1))
    }
    return Form(fields)
  }

  private mutating func look() {
    let isLACP = form.choice(Field.mode.rawValue) == 2
    for field in [Field.hashing, .time, .fallback, .key] { form.setHidden(!isLACP, field.rawValue) }
  }

  /// What differs from the settings there are.
  private var request: BondSettingsRequest {
    let mode = BondProperties.modes[min(form.choice(Field.mode.rawValue) ?? 0, 2)]
    var request = BondSettingsRequest(bond: settings.name, isPoolWide: isPool && form.choice(Field.pool.rawValue) == 0)
    if mode != settings.mode { request.mode = mode }
    if mode == .lacp {
      let before = BondProperties.defaults.merging(settings.properties) { _, now in now }
      var values = [
        BondProperties.hashing: BondProperties.hashings[form.choice(Field.hashing.rawValue) ?? 0],
        BondProperties.time: BondProperties.times[form.choice(Field.time.rawValue) ?? 0],
        BondProperties.fallback: form.choice(Field.fallback.rawValue) == 1 ? "false" : "true",
      ]
      let key = form.value(Field.key.rawValue)
      // XAPI cannot remove one: the review says so.
      if !key.isEmpty || mode == settings.mode && settings.properties[BondProperties.key] != nil { values[BondProperties.key] = key }
      request.properties = values.filter { before[$0.key] != $0.value }
    }
    let delay = form.value(Field.delay.rawValue)
    if delay != settings.upDelay { request.upDelay = delay }
    return request
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
    case .submitted: return .open(ChangeReviewScreen(.bonds(.set(request))))
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 2, right: 2, bottom: 1)
    form.draw(into: &frame, in: inside)
    let (_, below) = inside.splitTop(min(form.rows + 1, inside.rows))
    let facts = help.flatMap { [Fact("", $0, style: .dim), Fact("", "")] }
    FactRows(facts, columns: below.columns).draw(into: &frame, in: below, facts)
  }
}
