import HostNetworking
import TerminalUI

/// Asks for other settings of a NIC: what is left as it is stays so.
struct TuningFormScreen: Screen {
  private static let lasting = "lasting"
  private static let link = "speed"
  private static let whom = "whom"

  private let tuning: NICTuning
  private var form: Form
  private let wanted: String?
  /// Enter was pressed at the end with everything left as it is.
  private var isEmpty = false
  private let modes: [LinkMode?]
  private let lastings: [(words: String, lasting: TuningRequest.Lasting, replugs: Bool)]

  /// - Parameter at: the row of the settings that was chosen.
  init(_ tuning: NICTuning, at row: String?) {
    self.tuning = tuning
    wanted = row
    modes = Self.modes(tuning)
    var lastings: [(words: String, lasting: TuningRequest.Lasting, replugs: Bool)] = [("now only, until the next plug or boot", .now, false)]
    if tuning.canKeep {
      lastings.insert(("now, and kept by XAPI", .always, false), at: 0)
      lastings.append(("kept only, from the next plug on", .later, false))
      lastings.append(("kept, and plugged anew now", .always, true))
    }
    self.lastings = lastings
    form = Form([])
    form = makeForm()
    for _ in 0..<form.fields.count where form.fields[form.focus].id != row && form.fields.contains(where: { $0.id == row }) {
      _ = form.handle(.tab)
    }
  }

  /// The row that was chosen has a field.
  var isAtChosen: Bool { wanted != nil && form.fields.indices.contains(form.focus) && form.fields[form.focus].id == wanted }

  var title: String { "Change settings of \(tuning.device)" }

  let help = [
    "Left and Right change a value. What is left as it is is not touched; default drops what XAPI keeps and makes it as it usually is.",
    "Forced without negotiation, the switch port must be set to the very same. On the management NIC it is made on trial.",
    "Now, and kept is what you mostly want. Now only works without XAPI and is gone with the next plug or boot.",
    "Enter goes on; at the end the review shows what happens.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Left/Right", "change"), ("Tab", "next"), ("Enter", "next, at the end review"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    isEmpty = false
    if case .character(let typed) = key, !("0"..."9").contains(typed), form.fields.indices.contains(form.focus),
      form.fields[form.focus].id.hasSuffix("-ring")
    {
      return .beep
    }
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      let request = request
      guard request.isEmpty else { return .open(ChangeReviewScreen(.tuneNIC(request))) }
      isEmpty = true
      return .beep
    case .ignored: return .unused(key)
    }
  }

  /// Once the change is made, what lies below shows it.
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  // MARK: The form

  private func makeForm() -> Form {
    var fields = tuning.shownFeatures.compactMap { feature -> FormField? in
      guard let now = tuning.features[feature] else { return nil }
      if now.isFixed, tuning.kept?.config[feature.key] == nil { return nil }
      let kept = tuning.kept?.flag(feature.key).meaning.map { ", kept \($0 ? "on" : "off")" } ?? ""
      return .choice(id: feature.rawValue, label: feature.label, ["as it is (\(now.isOn ? "on" : "off")\(kept))", "on", "off", "default"])
    }
    if tuning.link != nil {
      fields.append(.choice(id: Self.link, label: "Speed, duplex", modes.map { $0?.choice ?? "as it is" }))
    }
    fields += tuning.ringNames.map { name in
      let most = tuning.rings?.most[name] ?? 0
      return .text(
        id: "\(name.lowercased())-ring", label: "\(name) ring", tuning.rings?.current[name].map { "\($0)" } ?? "", limit: 6,
        check: { text in Int(text).map { (1...most).contains($0) } ?? text.isEmpty ? nil : "1 to \(most) entries" })
    }
    if tuning.companions.count > 1 {
      let all = tuning.companions.joined(separator: ", ")
      fields.append(.choice(id: Self.whom, label: "Of", ["\(all) (\(tuning.bond ?? "bond"))", "\(tuning.device) alone"]))
    }
    fields.append(.choice(id: Self.lasting, label: "Lasting", lastings.map(\.words)))
    return Form(fields)
  }

  private static func modes(_ tuning: NICTuning) -> [LinkMode?] {
    let speeds = tuning.supportedSpeeds
    let full = speeds.map { LinkMode(speed: $0, isFullDuplex: true, negotiates: true) }
    let forced = speeds.map { LinkMode(speed: $0, isFullDuplex: true, negotiates: false) }
    return [nil, LinkMode()] + full + forced
  }

  private var request: TuningRequest {
    let isWhole = tuning.companions.count > 1 && form.choice(Self.whom) == 0
    var request = TuningRequest(devices: isWhole ? tuning.companions : [tuning.device])
    let choice = lastings[min(form.choice(Self.lasting) ?? 0, lastings.count - 1)]
    for feature in NICFeature.allCases {
      switch form.choice(feature.rawValue) {
      case 1: request.set(feature, true, choice.lasting)
      case 2: request.set(feature, false, choice.lasting)
      case 3: request.set(feature, nil, choice.lasting)
      default: break
      }
    }
    if let index = form.choice(Self.link), modes.indices.contains(index), let mode = modes[index] { request.set(mode, choice.lasting) }
    for name in tuning.ringNames {
      if let entries = Int(form.value("\(name.lowercased())-ring")), entries != tuning.rings?.current[name] { request.rings[name] = entries }
    }
    request.replugs = choice.replugs
    return request
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: area.rows < 20 ? isEmpty ? 1 : 0 : 4, titles: (title, "What it does"))
    form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    let field = form.fields.indices.contains(form.focus) ? form.fields[form.focus].id : ""
    let text = tuning.rows.first { $0.id == field }?.purpose ?? (field == Self.whom ? "The members of a bond should be set alike" : lastingWords)
    let facts = [isEmpty ? Fact("", "Nothing chosen yet: Left and Right change a value.", style: .warning, mark: "! ") : Fact("", text.sentence)]
    FactRows(facts, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), facts)
  }

  private var lastingWords: String {
    !tuning.canKeep
      ? "XAPI does not tell, so nothing can be kept: it is set at once, until the next plug or boot"
      : "At once it is set with ethtool, without plugging anything; kept it is set by XAPI at every plug and boot"
  }
}

extension LinkMode {
  fileprivate var choice: String {
    guard let speed else { return "negotiate" }
    return negotiates ? "negotiate \(speed) only" : "\(speed) \(isFullDuplex == false ? "half" : "full"), forced"
  }
}
