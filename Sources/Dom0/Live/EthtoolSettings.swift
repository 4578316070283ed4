/// `ethtool -l`: how many queues (channels) a NIC has.
public struct EthtoolChannels: Hashable, Sendable {
  /// By kind: `RX`, `TX`, `Other`, `Combined`.
  public var most: [String: Int]
  public var current: [String: Int]

  public static func read(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> EthtoolChannels {
    parse(try await system.answerText(of: ["ethtool", "-l", nic]))
  }

  /// What `ethtool -l NIC` wrote: built like the rings of `-g`.
  public static func parse(_ text: String) -> EthtoolChannels {
    let rings = EthtoolRings.parse(text)
    return EthtoolChannels(most: rings.most, current: rings.current)
  }
}

/// `ethtool -a`: whether a NIC asks its neighbour to pause, and is asked to.
public struct EthtoolPause: Hashable, Sendable {
  public var negotiates: Bool?
  public var receives: Bool?
  public var sends: Bool?

  public static func read(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> EthtoolPause {
    parse(try await system.answerText(of: ["ethtool", "-a", nic]))
  }

  /// What `ethtool -a NIC` wrote.
  public static func parse(_ text: String) -> EthtoolPause {
    var pause = EthtoolPause()
    for line in text.lines {
      guard let (name, value) = line.halves(at: ":"), value == "on" || value == "off" else { continue }
      switch name {
      case "Autonegotiate": pause.negotiates = value == "on"
      case "RX": pause.receives = value == "on"
      case "TX": pause.sends = value == "on"
      default: continue
      }
    }
    return pause
  }

  public init(negotiates: Bool? = nil, receives: Bool? = nil, sends: Bool? = nil) {
    self.negotiates = negotiates
    self.receives = receives
    self.sends = sends
  }
}
