import Dom0

/// What can be set of a NIC, how XAPI keeps it and how it is now: each part with its own success or failure.
public struct NICTuning: Hashable, Sendable {
  public var device: String
  /// `igb`; nil when the driver does not tell.
  public var driver: String?
  /// The card's PCI numbers, four hexadecimal digits each.
  public var vendor: String?
  public var model: String?

  // MARK: Now

  public var features: [EthtoolFeature] = []
  public var featuresProblem: String?
  public var rings: EthtoolRings?
  public var link: EthtoolLink?
  public var linkProblem: String?
  /// Bytes; nil when the kernel does not tell.
  public var mtu: Int?

  // MARK: Kept

  /// nil while XAPI does not tell, and for a NIC that it does not know.
  public var kept: KeptSettings?
  /// Why XAPI tells nothing: a sentence without a full stop.
  public var silence: String?
  /// XAPI may yet tell.
  public var isAsking = false
  /// `ethtool-…` of its network, which are for the bridge's interface.
  public var networkKept: [String: String] = [:]
  public var networkMTU: Int?

  // MARK: Around it

  public var networkName = ""
  /// The bond it belongs to, and all NICs of that.
  public var bond: String?
  public var members: [String] = []
  public var isManagement = false
  /// It is plugged, or its bond is; nil while XAPI does not tell.
  public var isPlugged: Bool?
  /// The address of this host that the session of whoever asks comes in over, when it passes this NIC.
  public var sessionAddress: String?
  /// The last change of its settings made from this console, turned round.
  public var wayBack: TuningRequest?

  public init(device: String) { self.device = device }

  /// Settings can be kept, as far as is known.
  public var canKeep: Bool { kept != nil || isAsking }

  /// All NICs that should be set alike.
  public var companions: [String] { members.isEmpty ? [device] : members }

  /// What is plugged: its bond, or itself.
  var carrier: String { bond ?? device }

  /// Without it nobody may reach the host any more to put things right.
  var canCutOff: Bool { isManagement || sessionAddress != nil }

  /// Sets it as it is now, as far as it tells.
  var putBack: [ChangeAction] {
    let features = features.exactly(NICFeature.allCases)
    return (linkMode.map { [.setLinkMode(device, $0)] } ?? []) + (features.isEmpty ? [] : [.setFeatures(device, features)])
  }

  /// Features that this kernel has at all: UFO is gone from newer ones.
  public var shownFeatures: [NICFeature] {
    NICFeature.allCases.filter { feature in
      guard feature == .ufo else { return true }
      return features[feature]?.isOn == true || kept?.config[feature.key] != nil
    }
  }

  /// How the link is set now; nil when the driver does not tell.
  var linkMode: LinkMode? {
    guard let link, let negotiates = link.negotiates else { return nil }
    // A NIC that offers less than it can was told to.
    let offered = Set(link.advertisedModes.compactMap(Self.speed))
    let able = Set(link.supportedModes.compactMap(Self.speed))
    if negotiates {
      guard offered.count == 1, able.count > 1 else { return LinkMode() }
      return LinkMode(speed: offered.first, isFullDuplex: true, negotiates: true)
    }
    return LinkMode(speed: link.speed ?? kept?.speed.meaning, isFullDuplex: link.duplex.map { $0 == .full }, negotiates: false)
  }

  /// Mbit/s that its driver supports, in order; empty when it does not tell.
  public var supportedSpeeds: [Int] { Set((link?.supportedModes ?? []).compactMap(Self.speed)).sorted() }

  /// `10000baseT/Full`.
  static func speed(_ mode: String) -> Int? { Int(mode.prefix { $0.isNumber }) }

  func supports(_ speed: Int, isFull: Bool) -> Bool {
    guard let modes = link?.supportedModes, !modes.isEmpty else { return true }
    return modes.contains { Self.speed($0) == speed && $0.hasSuffix(isFull ? "/Full" : "/Half") }
  }
}
