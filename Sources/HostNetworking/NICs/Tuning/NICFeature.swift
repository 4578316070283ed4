import Dom0

/// Work that a NIC can take off the processor, by the short names of `ethtool -K`.
public enum NICFeature: String, Hashable, Sendable, CaseIterable {
  case tx, rx, sg, tso, ufo, gso, gro, lro

  /// As `ethtool -k` spells it.
  public var longName: String {
    switch self {
    case .tx: "tx-checksumming"
    case .rx: "rx-checksumming"
    case .sg: "scatter-gather"
    case .tso: "tcp-segmentation-offload"
    case .ufo: "udp-fragmentation-offload"
    case .gso: "generic-segmentation-offload"
    case .gro: "generic-receive-offload"
    case .lro: "large-receive-offload"
    }
  }

  /// As people call it.
  public var label: String {
    switch self {
    case .tx: "TX checksum"
    case .rx: "RX checksum"
    case .sg: "Scatter-gather"
    case .tso: "TSO"
    case .ufo: "UFO"
    case .gso: "GSO"
    case .gro: "GRO"
    case .lro: "LRO"
    }
  }

  /// A sentence without a full stop.
  public var purpose: String {
    switch self {
    case .tx: "The card puts the checksums into what is sent"
    case .rx: "The card checks the checksums of what is received"
    case .sg: "The card gathers a packet from several pieces of memory; TSO and GSO need it"
    case .tso: "The card cuts large TCP packets into pieces; it needs TX checksum and scatter-gather"
    case .ufo: "The card cuts large UDP packets into pieces; newer kernels have none"
    case .gso: "The kernel cuts large packets as late as it can; it needs scatter-gather"
    case .gro: "The kernel joins received packets before it passes them on"
    case .lro: "The card joins received packets; they cannot be passed on to VMs, so XAPI switches it off"
    }
  }

  /// In an interface's or a network's other-config.
  public var key: String { "ethtool-\(rawValue)" }

  /// What the kernel switches off together with this one (`netdev_fix_features`).
  var needs: [NICFeature] {
    switch self {
    case .tso, .ufo: [.tx, .sg]
    case .gso: [.sg]
    default: []
    }
  }

  /// How a NIC has it when nobody asked for anything. XAPI switches LRO off at every plug.
  public var usual: Bool { self != .lro && self != .ufo }

  /// Names of what it consists of begin so, in `ethtool -k`.
  private var part: String? {
    switch self {
    case .tx: "tx-checksum-"
    case .sg: "tx-scatter-gather"
    case .tso: "tx-tcp"
    case .ufo: "tx-udp-fragmentation"
    default: nil
    }
  }

  func isPart(_ name: String) -> Bool { part.map { name.hasPrefix($0) } ?? false }

  /// The feature of a name of ethtool's, short or long.
  init?(name: String) {
    guard let feature = Self.allCases.first(where: { $0.rawValue == name || $0.longName == name }) else { return nil }
    self = feature
  }
}

extension [EthtoolFeature] {
  /// A feature by its short or long name.
  func named(_ name: String) -> EthtoolFeature? {
    let long = NICFeature(name: name)?.longName ?? name
    return first { $0.name == long }
  }

  /// A feature of the usual ones. Nothing of a part that cannot be changed can be.
  public subscript(feature: NICFeature) -> EthtoolFeature? {
    guard var found = named(feature.rawValue) else { return nil }
    let parts = filter { feature.isPart($0.name) }
    if !parts.isEmpty, parts.allSatisfy(\.isFixed) { found.isFixed = true }
    if found.requested == nil {
      found.requested = parts.lazy.compactMap(\.requested).first { $0 != found.isOn }
    }
    return found
  }

  /// All that `ethtool -K` must be told for these features to be as they are here: switching one sets all its parts, and a
  /// part need not have been like the whole.
  func exactly(_ features: some Sequence<NICFeature>) -> [String: Bool] {
    var values: [String: Bool] = [:]
    for feature in features {
      guard let whole = self[feature], !whole.isFixed else { continue }
      let asked = whole.requested ?? whole.isOn
      values[feature.rawValue] = asked
      for part in self where feature.isPart(part.name) && !part.isFixed {
        let value = part.requested ?? part.isOn
        if value != asked { values[part.name] = value }
      }
    }
    return values
  }
}
