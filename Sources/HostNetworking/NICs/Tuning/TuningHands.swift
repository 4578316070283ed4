import Dom0

/// Sets NICs and their services with the host's own tools. What is so already is left alone, and what was done is looked at.
struct TuningHands: Sendable {
  private let system: HostSystem

  init(_ system: HostSystem) { self.system = system }

  func perform(_ action: ChangeAction) async throws(ChangeFailure) -> ChangeHands.Done {
    switch action {
    case .setFeatures(let device, let values): try await setFeatures(device, values)
    case .setRings(let device, let values): try await setRings(device, values)
    case .setLinkMode(let device, let mode): try await setLink(device, mode)
    case .setFCoE(let isOn): try await FCoEHands(system).set(isOn)
    case .putBackUnits(let units): try await FCoEHands(system).putBack(units)
    default: throw ChangeFailure("this is no setting of a NIC")
    }
  }

  /// The lines that do the same by hand.
  static func commands(_ action: ChangeAction) -> [String] {
    switch action {
    case .setFeatures(let device, let values): features(device, values).map { $0.joined(separator: " ") }
    case .setRings(let device, let values): [rings(device, values).joined(separator: " ")]
    case .setLinkMode(let device, let mode): [(["ethtool", "-s", device] + mode.arguments).joined(separator: " ")]
    case .setFCoE(let isOn): FCoEHands.commands(isOn)
    case .putBackUnits(let units): units.flatMap(\.commands)
    default: []
    }
  }

  // MARK: Features

  /// Wholes first, and in a call of their own: `tso on` sets all of its parts, in newer versions of ethtool even those that
  /// are named beside it.
  private static func features(_ device: String, _ values: [String: Bool]) -> [[String]] {
    let wholes = NICFeature.allCases.compactMap { feature in values[feature.rawValue].map { (feature.rawValue, $0) } }
    let parts = values.filter { value in !wholes.contains { $0.0 == value.key } }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return [wholes, parts].filter { !$0.isEmpty }
      .map { ["ethtool", "-K", device] + $0.flatMap { [$0.0, $0.1 ? "on" : "off"] } }
  }

  private func setFeatures(_ device: String, _ values: [String: Bool]) async throws(ChangeFailure) -> ChangeHands.Done {
    let before = try await featuresOf(device)
    // One that is off because of another is still asked for, and comes back with it.
    let isSo = values.allSatisfy { name, isOn in before.named(name)?.isOn == isOn && (before.asked(name) ?? isOn) == isOn }
    if isSo { return .wasSo }
    var complaint: String?
    for words in Self.features(device, values) { complaint = try await run(words) ?? complaint }
    let after = try await featuresOf(device)
    let left = values.filter { name, isOn in
      guard let now = after.named(name) else { return true }
      // What is asked for waits for what it needs.
      return now.isOn != isOn && after.asked(name) != isOn
    }
    guard left.isEmpty else {
      let words = left.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value ? "on" : "off")" }.joined(separator: ", ")
      throw ChangeFailure("\(device) did not take \(words)" + (complaint.map { ": \($0)" } ?? ""))
    }
    return .done
  }

  private func featuresOf(_ device: String) async throws(ChangeFailure) -> [EthtoolFeature] {
    do throws(LiveFailure) { return try await EthtoolFeature.all(device, on: system) } catch {
      throw ChangeFailure("\(device) cannot be asked for its settings: \(error)")
    }
  }

  // MARK: Rings

  private static func rings(_ device: String, _ values: [String: Int]) -> [String] {
    ["ethtool", "-G", device]
      + values.sorted { $0.key < $1.key }.flatMap { [$0.key.lowercased().split(separator: " ").joined(separator: "-"), "\($0.value)"] }
  }

  private func setRings(_ device: String, _ values: [String: Int]) async throws(ChangeFailure) -> ChangeHands.Done {
    let before = try await ringsOf(device)
    let different = values.filter { before.current[$0.key] != $0.value }
    if different.isEmpty { return .wasSo }
    let complaint = try await run(Self.rings(device, different))
    let after = try await ringsOf(device)
    var rounded: [String] = []
    for (name, entries) in values.sorted(by: { $0.key < $1.key }) where after.current[name] != entries {
      // Some drivers round to what they can, and do not complain; asked again they stay at that.
      guard let now = after.current[name], complaint == nil else {
        throw ChangeFailure("the \(name) ring of \(device) has \(after.current[name] ?? 0) entries, not \(entries)" + (complaint.map { ": \($0)" } ?? ""))
      }
      rounded.append(values.count > 1 ? "\(name) \(now) entries" : "\(now) entries")
    }
    return rounded.isEmpty ? .done : .found(rounded.joined(separator: ", "))
  }

  private func ringsOf(_ device: String) async throws(ChangeFailure) -> EthtoolRings {
    do throws(LiveFailure) { return try await EthtoolRings.read(device, on: system) } catch {
      throw ChangeFailure("\(device) cannot be asked for its rings: \(error)")
    }
  }

  // MARK: The link

  private func setLink(_ device: String, _ mode: LinkMode) async throws(ChangeFailure) -> ChangeHands.Done {
    if let now = try await linkOf(device).linkMode, mode.isMet(by: now) { return .wasSo }
    let complaint = try await run(["ethtool", "-s", device] + mode.arguments)
    let now = try await linkOf(device)
    // Without a link nobody tells the speed; whether it negotiates is always told.
    let takesIt = now.link?.negotiates == mode.negotiates
    let isOther = now.link?.hasLink == true && mode.speed != nil && now.link?.speed != nil && now.link?.speed != mode.speed
    guard takesIt, !isOther || complaint == nil else {
      throw ChangeFailure("\(device) does not \(mode.words)" + (complaint.map { ": \($0)" } ?? ""))
    }
    return .done
  }

  private func linkOf(_ device: String) async throws(ChangeFailure) -> NICTuning {
    var nic = NICTuning(device: device)
    do throws(LiveFailure) { nic.link = try await EthtoolLink.read(device, on: system) } catch {
      throw ChangeFailure("\(device) cannot be asked for its link: \(error)")
    }
    return nic
  }

  /// ethtool complains, and ends well all the same when some of it worked: what counts is how it is afterwards.
  /// - Returns: its complaint.
  private func run(_ words: [String]) async throws(ChangeFailure) -> String? {
    let output: ToolOutput
    do throws(ToolFailure) {
      output = try await system.tools.run(Command(words, timeLimit: .seconds(20)))
    } catch {
      throw ChangeFailure("\(words.joined(separator: " ")): \(error)")
    }
    let lines = output.errorText.split(whereSeparator: \.isNewline).map { String($0) }
    if let first = lines.first { return first }
    return output.succeeded ? nil : "ethtool ended with \(output.exit)"
  }
}

extension [EthtoolFeature] {
  /// What was asked for of a feature or of a part, where that is not what is.
  func asked(_ name: String) -> Bool? {
    NICFeature(name: name).flatMap { self[$0]?.requested } ?? named(name)?.requested
  }
}
