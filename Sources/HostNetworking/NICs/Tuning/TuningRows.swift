import Dom0

extension NICTuning {
  /// One setting: how XAPI keeps it, how it is, and what follows if they differ.
  public struct Row: Hashable, Sendable, Identifiable {
    public enum Mark: Hashable, Sendable { case none, notice, warning }

    public var id: String
    public var label: String
    public var kept: String
    public var now: String
    /// A few words without a full stop; empty when there is nothing to say.
    public var note: String
    public var mark: Mark
    /// What it is, a sentence without a full stop.
    public var purpose: String
  }

  public var rows: [Row] {
    shownFeatures.map(row) + [speedRow, negotiationRow] + ringRows + [mtuRow]
  }

  private var unknown: String { silence == nil ? "-" : "?" }

  // MARK: Features

  private func row(_ feature: NICFeature) -> Row {
    let now = features[feature]
    let (note, mark) = verdict(feature, now)
    return Row(
      id: feature.rawValue, label: feature.label, kept: keptText(feature), now: now.map(Self.text) ?? "?", note: note, mark: mark,
      purpose: feature.purpose)
  }

  private static func text(_ feature: EthtoolFeature) -> String { (feature.isOn ? "on" : "off") + (feature.isFixed ? " fixed" : "") }

  private func keptText(_ feature: NICFeature) -> String {
    guard let kept else { return unknown }
    switch kept.flag(feature.key) {
    case .means(let isOn): return isOn ? "on" : "off"
    case .ignored(let text, _): return "\"\(text)\""
    case .absent: return kept.atPlug(feature).map { "(\($0 ? "on" : "off"))" } ?? "-"
    }
  }

  private func verdict(_ feature: NICFeature, _ now: EthtoolFeature?) -> (String, Row.Mark) {
    if let kept, case .ignored(_, let why) = kept.flag(feature.key) { return (why, .warning) }
    guard let now else { return featuresProblem == nil && !features.isEmpty ? ("not known to this kernel", .none) : ("", .none) }
    guard let wanted = kept?.atPlug(feature) else {
      if let missing = missing(for: feature, now) { return ("off because \(missing.label) is off", .notice) }
      if now.isOn != feature.usual, !now.isFixed { return ("\(now.isOn ? "on" : "off") by hand or by the driver, not kept", .notice) }
      return ("", .none)
    }
    if wanted == now.isOn { return ("", .none) }
    if now.isFixed { return ("the driver does not let it be changed", wanted == feature.usual ? .none : .warning) }
    if wanted, let missing = missing(for: feature, now) { return ("needs \(missing.label), which is off", .warning) }
    if let requested = now.requested, requested == wanted { return ("asked for, and the driver does not do it", .warning) }
    return ("not applied until it is plugged anew", .warning)
  }

  /// What keeps a feature that is off from being on.
  private func missing(for feature: NICFeature, _ now: EthtoolFeature) -> NICFeature? {
    now.isOn || now.requested != true ? nil : feature.needs.first { features[$0]?.isOn == false }
  }

  // MARK: The link

  private var speedRow: Row {
    var note = "", mark = Row.Mark.none
    let speed = link?.speed.map { "\($0)" } ?? (link?.hasLink == false ? "no link" : "?")
    let duplex = link?.duplex.map { $0 == .full ? " full" : " half" } ?? ""
    if let kept {
      for case .ignored(_, let why) in [kept.speed] { (note, mark) = (why, .warning) }
      for case .ignored(_, let why) in [kept.duplex] { (note, mark) = (why, .warning) }
      if mark == .none, let wanted = kept.speed.meaning, let now = link?.speed, now != wanted {
        (note, mark) = supportedSpeeds.isEmpty || supportedSpeeds.contains(wanted)
          ? ("not applied until it is plugged anew", .warning) : ("the NIC cannot do \(wanted)", .warning)
      }
    }
    if mark == .none, link?.duplex == .half { (note, mark) = ("half duplex: slow, and mostly a mismatch with the switch", .warning) }
    return Row(
      id: "speed", label: "Speed, duplex", kept: keptSpeed, now: speed + duplex, note: note, mark: mark,
      purpose: "Mbit/s" + (supportedSpeeds.isEmpty ? "" : "; it can do \(supportedSpeeds.map { "\($0)" }.joined(separator: ", "))"))
  }

  private var keptSpeed: String {
    guard let kept else { return unknown }
    let words = [kept.config["ethtool-speed"], kept.config["ethtool-duplex"]].compactMap { $0 }
    return words.isEmpty ? "-" : words.joined(separator: " ")
  }

  private var negotiationRow: Row {
    var note = "", mark = Row.Mark.none
    let flag = kept?.flag("ethtool-autoneg") ?? .absent
    if case .ignored(_, let why) = flag { (note, mark) = (why, .warning) }
    if let wanted = flag.meaning, let now = link?.negotiates, wanted != now {
      (note, mark) = ("not applied until it is plugged anew", .warning)
    } else if flag == .absent, link?.negotiates == false, kept != nil {
      (note, mark) = ("off by hand or by the driver, not kept", .notice)
    }
    let text = kept.map { $0.config["ethtool-autoneg"] ?? "-" } ?? unknown
    return Row(
      id: "autoneg", label: "Negotiation", kept: flag.isIgnored ? "\"\(text)\"" : text,
      now: link?.negotiates.map { $0 ? "on" : "off" } ?? "?", note: note, mark: mark,
      purpose: "Both ends agree on speed and duplex; switched off, both must be set alike")
  }

  // MARK: Rings and MTU

  /// Kinds of rings that the driver has.
  public var ringNames: [String] {
    ["RX", "TX"].filter { (rings?.most[$0] ?? 0) > 0 }
  }

  private var ringRows: [Row] {
    ringNames.map { name in
      Row(
        id: "\(name.lowercased())-ring", label: "\(name) ring", kept: "never", now: rings?.current[name].map { "\($0)" } ?? "?",
        note: "at most \(rings?.most[name] ?? 0)", mark: .none,
        purpose: "Packets that wait between card and kernel; longer rings lose fewer in bursts. XAPI keeps none: it lasts until the next boot")
    }
  }

  private var mtuRow: Row {
    var note = "", mark = Row.Mark.none
    let own = kept?.mtu ?? .absent
    if case .ignored(_, let why) = own { (note, mark) = (why, .warning) }
    let wanted = own.meaning ?? networkMTU
    if mark == .none, let wanted, let mtu, kept != nil, wanted != mtu { (note, mark) = ("not applied until it is plugged anew", .warning) }
    if mark == .none, own.meaning != nil, let networkMTU { note = "on this host; its network has \(networkMTU)" }
    let text = own == .absent ? networkMTU.map { "(\($0))" } ?? unknown : kept?.config[TuningRequest.mtuKey] ?? unknown
    return Row(
      id: "mtu", label: "MTU", kept: text, now: mtu.map { "\($0)" } ?? "?", note: note, mark: mark,
      purpose: "Bytes of the largest packet; mostly set for the whole network, and only by way of exception for one host")
  }
}
