import Dom0
import XenAPI

/// Thinks other settings of NICs through. Pure: the same facts and the same wish make the same plan.
struct TuningPlanner {
  /// What is to become of one NIC: the part of the request that is not so already.
  struct Work {
    var nic: NICTuning
    var kept: [String: String?] = [:]
    var features: [String: Bool] = [:]
    var rings: [String: Int] = [:]
    var link: LinkMode?

    var device: String { nic.device }
    /// The NIC's link goes down for some seconds.
    var dropsLink: Bool { link != nil || !rings.isEmpty }
    var isEmpty: Bool { kept.isEmpty && features.isEmpty && rings.isEmpty && link == nil }
  }

  /// As it was asked for; bonds may be named in it.
  private let asked: TuningRequest
  let request: TuningRequest
  let facts: TuningFacts
  let works: [Work]

  init(_ asked: TuningRequest, _ facts: TuningFacts) {
    self.asked = asked
    var request = asked
    request.devices = facts.nics.map(\.device)
    self.request = request
    self.facts = facts
    works = facts.nics.map { Self.work(request, $0) }
  }

  private static func work(_ request: TuningRequest, _ nic: NICTuning) -> Work {
    var work = Work(nic: nic)
    let wish = request.clears ? defaults(request, nic) : request
    for (key, value) in wish.kept where nic.kept?.config[key] != value { work.kept[key] = .some(value) }
    for (name, isOn) in wish.features where nic.features.named(name)?.isOn != isOn || isWantedOtherwise(name, isOn, nic) {
      work.features[name] = isOn
    }
    for (name, entries) in wish.rings where nic.rings?.current[name] != entries { work.rings[name] = entries }
    if let link = wish.link, nic.linkMode.map({ !link.isMet(by: $0) }) ?? true { work.link = link }
    return work
  }

  /// It is so for now, because of another feature, and would not stay so.
  private static func isWantedOtherwise(_ name: String, _ isOn: Bool, _ nic: NICTuning) -> Bool {
    guard let feature = NICFeature(name: name), let requested = nic.features[feature]?.requested else { return false }
    return requested != isOn
  }

  /// Drops every key, and switches back what they had set.
  private static func defaults(_ request: TuningRequest, _ nic: NICTuning) -> TuningRequest {
    var wish = request
    for key in nic.kept?.keys ?? [] { wish.kept[key] = .some(nil) }
    if nic.kept?.config[TuningRequest.mtuKey] != nil { wish.kept[TuningRequest.mtuKey] = .some(nil) }
    for feature in NICFeature.allCases {
      guard case .means? = nic.kept?.flag(feature.key), let now = nic.features[feature], !now.isFixed else { continue }
      wish.features[feature.rawValue] = nic.kept?.properties[feature.rawValue].map { $0 == "on" } ?? feature.usual
    }
    let modes = ["ethtool-speed", "ethtool-duplex", "ethtool-autoneg"]
    if modes.contains(where: { nic.kept?.config[$0] != nil }) { wish.link = LinkMode() }
    return wish
  }

  func plan() -> ChangePlan {
    let steps = steps()
    let hazards = hazards()
    let isProvisional = works.contains { $0.nic.canCutOff && interrupts($0) } && !steps.isEmpty
    return ChangePlan(
      intent: .tuneNIC(asked), title: title, differences: differences, consequences: steps.isEmpty ? [] : consequences,
      hazards: hazards, steps: steps, isProvisional: isProvisional, expectation: isProvisional ? expectation : nil)
  }

  var scene: ChangeScene? { facts.source.scene }

  /// What carries it is plugged anew; what is not plugged is left so.
  func isReplugged(_ work: Work) -> Bool { wantsPlug(work) && work.nic.isPlugged != false }

  /// Something of it would be applied by a plug only.
  func wantsPlug(_ work: Work) -> Bool { request.replugs || request.appliesMTU && !hasMTU(work) }

  /// Traffic stops for a moment at least: with another offload some drivers start the card anew.
  func interrupts(_ work: Work) -> Bool { work.dropsLink || isReplugged(work) || !work.features.isEmpty }

  private func hasMTU(_ work: Work) -> Bool {
    guard work.kept[TuningRequest.mtuKey] == nil else { return false }
    guard let now = work.nic.mtu, let wanted = work.nic.kept?.mtu.meaning ?? work.nic.networkMTU else { return true }
    return now == wanted
  }

  private var replugs: Bool { works.contains(where: isReplugged) }
  private var names: String { request.devices.joined(separator: ", ") }

  /// What management should be found like afterwards: as now.
  private var expectation: Expectation? {
    if let scene { return .asNow(scene) }
    if let nic = works.first(where: \.nic.isManagement)?.nic { return Expectation(interface: nic.carrier, cards: nic.companions) }
    guard case .files(_, let interfaces, _) = facts.source else { return nil }
    return interfaces.first(where: \.isManagement).map { Expectation(interface: $0.name, cards: [$0.device]) }
  }

  // MARK: Steps

  private func steps() -> [ChangeStep] {
    var steps = works.flatMap(steps)
    if replugs { steps += plugging }
    return steps.numbered
  }

  private func steps(_ work: Work) -> [ChangeStep] {
    var steps: [ChangeStep] = []
    let nic = work.nic
    // Written down first: once the link is cut, a member does not reach its coordinator.
    if !work.kept.isEmpty {
      steps.append(step(.setOtherConfig(nic.device, work.kept), undo: [.setOtherConfig(nic.device, before(work))]))
    }
    if let link = work.link {
      steps.append(step(.setLinkMode(nic.device, link), undo: [.setLinkMode(nic.device, nic.linkMode ?? LinkMode())]))
    }
    if !work.features.isEmpty {
      steps.append(step(.setFeatures(nic.device, work.features), undo: [.setFeatures(nic.device, featuresBefore(work))]))
    }
    if !work.rings.isEmpty {
      let before = work.rings.keys.map { ($0, nic.rings?.current[$0] ?? 0) }
      steps.append(
        step(.setRings(nic.device, work.rings), undo: [.setRings(nic.device, Dictionary(uniqueKeysWithValues: before))]))
    }
    return steps
  }

  private func before(_ work: Work) -> [String: String?] {
    Dictionary(uniqueKeysWithValues: work.kept.keys.map { ($0, work.nic.kept?.config[$0]) })
  }

  /// As they are now, part by part.
  private func featuresBefore(_ work: Work) -> [String: Bool] {
    let features = work.nic.features
    var before = features.exactly(work.features.keys.compactMap { NICFeature(name: $0) })
    for name in work.features.keys where NICFeature(name: name) == nil { before[name] = features.named(name).map { $0.requested ?? $0.isOn } }
    return before
  }

  /// A bond's members are plugged with their bond.
  private var plugging: [ChangeStep] {
    var seen: Set<String> = []
    return works.compactMap { work in
      let name = work.nic.carrier
      guard isReplugged(work), seen.insert(name).inserted else { return nil }
      let records = works.filter { $0.nic.carrier == name && !$0.kept.isEmpty }
        .map { ChangeAction.setOtherConfig($0.device, before($0)) }
      // A plug applies what is kept and leaves the rest of the card alone: plugged once more with the old settings, it is
      // not yet as it was.
      let putBack = (works.map(\.nic) + facts.others).filter { $0.carrier == name }.flatMap(\.putBack)
      if let node = scene?.tree[name], let (mtu, back) = applyingMTU(work, node) {
        return step(.applyMTU(pif: node.pif.uuid, name: name, mtu: mtu), undo: records + back + putBack)
      }
      return step(.replug(name), undo: (records.isEmpty ? [.plug(name)] : records + [.replug(name)]) + putBack)
    }
  }

  /// The MTU that a plug brings, and what takes it back; nil when the plug leaves it as it is.
  private func applyingMTU(_ work: Work, _ node: InterfaceTree.Node) -> (mtu: Int, back: [ChangeAction])? {
    let key = TuningRequest.mtuKey
    var config = node.pif.otherConfig
    let before = KeptSettings(config: config).mtu.meaning ?? work.nic.networkMTU ?? 1500
    if node.kind == .nic, let change = work.kept[key] { config[key] = change }
    let after = KeptSettings(config: config).mtu.meaning ?? work.nic.networkMTU ?? 1500
    let now = node.pif.mtu > 0 ? Int(node.pif.mtu) : before
    guard after != now else { return nil }
    let back = ChangeAction.applyMTU(pif: node.pif.uuid, name: node.name, mtu: now)
    if before == now { return (after, [back]) }
    // What was kept before is not what was in force: it is so only while the plug looks at it.
    return (after, [.setOtherConfig(node.name, [key: "\(now)"]), back, .setOtherConfig(node.name, [key: node.pif.otherConfig[key]])])
  }

  private func step(_ action: ChangeAction, undo: [ChangeAction]) -> ChangeStep {
    let commands = scene.map { ChangeCommands(scene: $0).lines(action) } ?? NICCommands.lines(action)
    return ChangeStep(0, action.sentence, commands: commands, action: action, undo: undo)
  }

  // MARK: Words

  private var title: String {
    if request.clears { return "\(names): nothing kept, and as it usually is" }
    var parts: [String] = []
    for feature in NICFeature.allCases {
      guard let isOn = request.features[feature.rawValue] ?? request.kept[feature.key]?.map({ $0 == "on" }) else {
        if request.kept[feature.key] != nil { parts.append("\(feature.label) not kept") }
        continue
      }
      parts.append("\(feature.label) \(isOn ? "on" : "off")")
    }
    if let link = request.link { parts.append(link.words) } else if request.kept["ethtool-autoneg"] != nil { parts.append("speed kept otherwise") }
    for (name, entries) in request.rings.sorted(by: { $0.key < $1.key }) { parts.append("\(name) ring \(entries)") }
    if let mtu = request.mtu { parts.append(mtu.map { "MTU \($0) on this host" } ?? "the MTU of its network") }
    return "\(names): " + (parts.isEmpty ? "plugged anew" : parts.joined(separator: ", "))
  }

  private var differences: [ChangePlan.Difference] { works.flatMap { differences($0, prefix: works.count > 1 ? "\($0.device) " : "") } }

  private func differences(_ work: Work, prefix: String) -> [ChangePlan.Difference] {
    let nic = work.nic
    var rows: [ChangePlan.Difference] = []
    // Names are short enough for the narrow column that they stand in.
    func name(_ feature: NICFeature) -> String { prefix.isEmpty && feature != .sg ? feature.label : prefix + feature.rawValue }
    for feature in NICFeature.allCases {
      guard let isOn = work.features[feature.rawValue] ?? work.features[feature.longName] else { continue }
      let now = nic.features[feature].map { $0.isOn ? "on" : "off" } ?? "?"
      rows.append(.init(name(feature), now: now, after: isOn ? "on" : "off"))
    }
    for (feature, isOn) in alsoChanged(work) {
      rows.append(.init(name(feature), now: isOn ? "off" : "on", after: isOn ? "on" : "off"))
    }
    if let link = work.link { rows.append(.init("\(prefix)Link", now: nic.linkWords, after: link.words)) }
    for (name, entries) in work.rings.sorted(by: { $0.key < $1.key }) {
      rows.append(.init("\(prefix)\(name) ring", now: nic.rings?.current[name].map { "\($0)" } ?? "?", after: "\(entries)"))
    }
    for (key, value) in work.kept.sorted(by: { $0.key < $1.key }) {
      func words(_ value: String?) -> String { value.map { "kept \($0)" } ?? "not kept" }
      let short = key.hasPrefix("ethtool-") ? String(key.dropFirst(8)) : key
      rows.append(.init(prefix + short, now: words(nic.kept?.config[key]), after: words(value)))
    }
    return rows
  }

  /// Features that the kernel switches together with those that are asked for, and how they are afterwards.
  func alsoChanged(_ work: Work) -> [(feature: NICFeature, isOn: Bool)] {
    let nic = work.nic
    func after(_ feature: NICFeature) -> Bool {
      work.features[feature.rawValue] ?? work.features[feature.longName] ?? nic.features[feature]?.isOn ?? false
    }
    return NICFeature.allCases.compactMap { feature in
      guard work.features[feature.rawValue] == nil, !feature.needs.isEmpty, let now = nic.features[feature], !now.isFixed else { return nil }
      let isAble = feature.needs.allSatisfy(after)
      let will = isAble && (now.requested ?? now.isOn)
      return will == now.isOn ? nil : (feature, will)
    }
  }

  private var consequences: [String] {
    var lines: [String] = []
    for work in works {
      let also = alsoChanged(work)
      let off = also.filter { !$0.isOn }.map(\.feature.label)
      let on = also.filter(\.isOn).map(\.feature.label)
      if !off.isEmpty { lines.append("\(off.joined(separator: " and ")) of \(work.device) goes off as well: the kernel needs what is switched off") }
      if !on.isEmpty { lines.append("\(on.joined(separator: " and ")) of \(work.device) comes back on with it") }
    }
    let isLive = works.contains { !$0.features.isEmpty || $0.link != nil || !$0.rings.isEmpty }
    let isKept = works.contains { !$0.kept.isEmpty }
    if isLive, !isKept, !request.clears {
      let isRing = works.contains { !$0.rings.isEmpty }
      lines.append(isRing && !works.contains { !$0.features.isEmpty } ? "It lasts until the next boot: XAPI keeps no ring sizes" : "It lasts until the next plug or boot: XAPI keeps nothing of it")
    } else if isLive, isKept, works.contains(where: { !$0.rings.isEmpty }) {
      lines.append("The ring sizes last until the next boot: XAPI keeps none")
    }
    if isKept, !isLive, !replugs { lines.append("Nothing changes until \(names) is plugged anew or the host boots") }
    if isKept, isLive {
      let keeps = works.contains { $0.kept.values.contains { $0 != nil } }
      lines.append(keeps ? "XAPI sets it again at every plug and boot" : "XAPI keeps nothing of it any more")
    }
    if works.contains(where: { !$0.features.isEmpty && !$0.dropsLink }), !replugs {
      lines.append("Traffic goes on; some cards start anew for it, which takes a second or two")
    }
    return lines
  }
}

extension LinkMode {
  /// The NIC is set so, as far as it tells.
  func isMet(by now: LinkMode) -> Bool {
    negotiates == now.negotiates && speed == now.speed && (isFullDuplex == nil || now.isFullDuplex == nil || isFullDuplex == now.isFullDuplex)
  }
}

extension NICTuning {
  /// `negotiates, 1000 Mbit/s full`.
  var linkWords: String {
    guard let link else { return "?" }
    let way = link.negotiates.map { $0 ? "negotiates" : "does not negotiate" }
    let speed = link.speed.map { "\($0) Mbit/s" + (link.duplex.map { $0 == .full ? " full" : " half" } ?? "") }
    return [way, speed ?? (link.hasLink == false ? "no link" : nil)].compactMap { $0 }.joined(separator: ", ")
  }
}

extension Expectation {
  /// Management as it is: nothing of it shall change.
  static func asNow(_ scene: ChangeScene) -> Expectation {
    guard let node = scene.tree.management else { return Expectation(interface: nil) }
    let pif = node.pif
    let isIPv6 = pif.primaryAddressType == .ipv6
    var expectation = Expectation(interface: node.name, cards: scene.cards(below: node).map(\.pif.device), isIPv6: isIPv6)
    if isIPv6 {
      if pif.ipv6ConfigurationMode == .static {
        expectation.address = pif.ipv6.first { !$0.isEmpty }.flatMap { $0.split(separator: "/").first }.map { String($0) }
        expectation.gateway = pif.ipv6Gateway.isEmpty ? nil : pif.ipv6Gateway
      }
    } else if pif.ipConfigurationMode == .static {
      expectation.address = pif.ip
      expectation.gateway = pif.gateway.isEmpty ? nil : pif.gateway
    }
    expectation.servers = pif.dnsServers
    if let coordinator = scene.database.pools.first?.record.coordinator, coordinator != scene.host {
      expectation.coordinator = scene.database.hosts[coordinator]?.address
    }
    return expectation
  }
}
