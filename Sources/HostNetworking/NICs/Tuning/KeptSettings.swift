/// What XAPI keeps of a NIC's settings, read as XAPI reads it: a value it does not understand it logs and ignores
/// (`reference/xapi.md` §3.6).
public struct KeptSettings: Hashable, Sendable {
  public var config: [String: String]
  /// Of the interface; of a bond's member those of the bond.
  public var properties: [String: String]

  public init(config: [String: String], properties: [String: String] = [:]) {
    self.config = config
    self.properties = properties
  }

  /// A key's value, and what XAPI makes of it.
  public enum Value<Meaning: Hashable & Sendable>: Hashable, Sendable {
    /// No such key.
    case absent
    case means(Meaning)
    /// Ignored; why, without a full stop.
    case ignored(String, why: String)

    public var meaning: Meaning? { if case .means(let meaning) = self { meaning } else { nil } }
    public var isIgnored: Bool { if case .ignored = self { true } else { false } }
  }

  public func flag(_ key: String) -> Value<Bool> {
    switch config[key] {
    case nil: .absent
    case "on", "true": .means(true)
    case "off", "false": .means(false)
    case let text?: .ignored(text, why: "XAPI ignores \"\(text)\": it takes on, true, off and false")
    }
  }

  public var speed: Value<Int> {
    guard let text = config["ethtool-speed"] else { return .absent }
    guard let speed = Int(text), speed > 0 else {
      return .ignored(text, why: "XAPI ignores \"\(text)\": a speed is a number of Mbit/s")
    }
    return .means(speed)
  }

  /// True for full duplex.
  public var duplex: Value<Bool> {
    switch config["ethtool-duplex"] {
    case nil: .absent
    case "full": .means(true)
    case "half": .means(false)
    case let text?: .ignored(text, why: "XAPI ignores \"\(text)\": it takes full and half")
    }
  }

  public var mtu: Value<Int> {
    guard let text = config[TuningRequest.mtuKey] else { return .absent }
    guard let mtu = Int(text), mtu > 0 else {
      return .ignored(text, why: "XAPI ignores \"\(text)\": an MTU is a number of bytes")
    }
    return .means(mtu)
  }

  /// What XAPI sets at a plug; nil leaves it as it is. LRO is switched off unless something is said of it, and a value that
  /// is not understood keeps the property from counting.
  public func atPlug(_ feature: NICFeature) -> Bool? {
    switch flag(feature.key) {
    case .means(let isOn): return isOn
    case .ignored: return feature == .lro ? false : nil
    case .absent:
      if let property = properties[feature.rawValue] { return property == "on" }
      return feature == .lro ? false : nil
    }
  }

  /// Keys that set something of the NIC.
  var keys: [String] { config.keys.filter { $0.hasPrefix("ethtool-") }.sorted() }
}
