/// Other settings for NICs: what XAPI shall keep of them, and how they shall be at once.
public struct TuningRequest: Hashable, Sendable {
  /// How long a setting shall last.
  public enum Lasting: Hashable, Sendable, CaseIterable {
    /// At once, and kept by XAPI for every plug and boot to come.
    case always
    /// At once, until the next plug or boot; works without XAPI.
    case now
    /// Kept by XAPI; the NIC is left alone until it is plugged the next time.
    case later
  }

  /// The kernel's names: one NIC, or the members of a bond.
  public var devices: [String]
  /// Keys of other-config; nil drops one.
  public var kept: [String: String?] = [:]
  /// At once, by ethtool's names.
  public var features: [String: Bool] = [:]
  /// At once, by the names of `ethtool -g`. XAPI keeps nothing of it.
  public var rings: [String: Int] = [:]
  /// At once.
  public var link: LinkMode?
  /// Afterwards they are plugged anew in any case, so that everything kept is applied.
  public var replugs = false
  /// Afterwards they are plugged anew where that brings another MTU.
  public var appliesMTU = false
  /// Drops all that XAPI keeps of them, and switches back what that had set.
  public var clears = false

  public init(devices: [String]) { self.devices = devices }

  public init(device: String) { self.init(devices: [device]) }

  // MARK: Wishes

  /// - Parameter isOn: nil drops what is kept, and makes it as it usually is.
  public mutating func set(_ feature: NICFeature, _ isOn: Bool?, _ lasting: Lasting) {
    if lasting != .now { kept[feature.key] = .some(isOn.map { $0 ? "on" : "off" }) }
    if lasting != .later { features[feature.rawValue] = isOn ?? feature.usual }
  }

  public mutating func set(_ mode: LinkMode, _ lasting: Lasting) {
    if lasting != .now { kept.merge(mode.kept) { $1 } }
    if lasting != .later { link = mode }
  }

  /// The MTU of this host's interface, whatever its network's is; nil drops it. Looked at when it is plugged.
  public mutating func set(mtu: Int?) { kept[Self.mtuKey] = .some(mtu.map { "\($0)" }) }

  public static let mtuKey = "mtu"

  /// Everything that was kept is dropped.
  public static func defaults(_ devices: [String]) -> TuningRequest {
    var request = TuningRequest(devices: devices)
    request.clears = true
    return request
  }

  /// Puts back what a plan has changed of one of its devices.
  init?(takingBack plan: ChangePlan, of device: String) {
    guard case .tuneNIC(let request) = plan.intent else { return nil }
    self.init(device: device)
    for step in plan.steps {
      for action in step.undo {
        switch action {
        case .setOtherConfig(device, let values): kept.merge(values) { $1 }
        // A plug is taken back with all that is so now; it brought what was kept anew.
        case .setFeatures(device, let values): features.merge(step.action.isPlug ? values.filter { isKept($0.key) } : values) { $1 }
        case .setRings(device, let values): rings.merge(values) { $1 }
        case .setLinkMode(device, let mode):
          if !step.action.isPlug || LinkMode().kept.keys.contains(where: { kept.keys.contains($0) }) { link = mode }
        default: break
        }
      }
    }
    guard !isEmpty else { return nil }
    (replugs, appliesMTU) = (request.replugs, request.appliesMTU)
  }

  /// Something of a feature, or of the whole that it is part of, is kept otherwise.
  private func isKept(_ name: String) -> Bool {
    NICFeature.allCases.contains { kept.keys.contains($0.key) && ($0.rawValue == name || $0.isPart(name)) }
  }

  /// What puts a plan's changes back, for each of its devices: one request for all where they were alike.
  static func waysBack(from plan: ChangePlan) -> [String: TuningRequest] {
    guard case .tuneNIC(let request) = plan.intent else { return [:] }
    var ways: [String: TuningRequest] = [:]
    for device in request.devices { ways[device] = TuningRequest(takingBack: plan, of: device) }
    func bare(_ way: TuningRequest) -> TuningRequest {
      var way = way
      way.devices = []
      return way
    }
    guard ways.count == request.devices.count, Set(ways.values.map(bare)).count == 1 else { return ways }
    return ways.mapValues { way in
      var way = way
      way.devices = request.devices
      return way
    }
  }

  /// The MTU that shall be kept; nil when nothing is said of it, nil in it to drop it.
  var mtu: String?? { kept[Self.mtuKey] }
  public var isEmpty: Bool { kept.isEmpty && features.isEmpty && rings.isEmpty && link == nil && !replugs && !clears }
  /// It is about what XAPI keeps.
  var needsXAPI: Bool { !kept.isEmpty || replugs || clears }
}

extension ChangeAction {
  /// It applies all that is kept of an interface.
  var isPlug: Bool {
    switch self {
    case .replug, .applyMTU: true
    default: false
    }
  }
}
