/// Speed and duplex of a NIC.
public struct LinkMode: Hashable, Sendable {
  /// Mbit/s; nil leaves it to the negotiation.
  public var speed: Int?
  public var isFullDuplex: Bool?
  public var negotiates: Bool

  public init(speed: Int? = nil, isFullDuplex: Bool? = nil, negotiates: Bool = true) {
    self.speed = speed
    self.isFullDuplex = isFullDuplex
    self.negotiates = negotiates
  }

  /// After "let eth0": `negotiate`, `run at 1000 Mbit/s, full duplex`.
  public var words: String {
    let duplex = isFullDuplex.map { $0 ? ", full duplex" : ", half duplex" } ?? ""
    let at = speed.map { "run at \($0) Mbit/s\(duplex)" }
    return negotiates ? at.map { "negotiate, and \($0)" } ?? "negotiate" : at.map { "\($0), without negotiation" } ?? "stop negotiating"
  }

  /// What follows `ethtool -s NIC`.
  var arguments: [String] {
    (speed.map { ["speed", "\($0)"] } ?? []) + (isFullDuplex.map { ["duplex", $0 ? "full" : "half"] } ?? [])
      + ["autoneg", negotiates ? "on" : "off"]
  }

  /// As XAPI keeps it of a NIC; a key that is not to be there is nil.
  public var kept: [String: String?] {
    // Plain negotiation is what a NIC does by itself.
    if negotiates, speed == nil { return ["ethtool-speed": nil, "ethtool-duplex": nil, "ethtool-autoneg": nil] }
    return [
      "ethtool-speed": speed.map { "\($0)" }, "ethtool-duplex": isFullDuplex.map { $0 ? "full" : "half" },
      "ethtool-autoneg": negotiates ? "on" : "off",
    ]
  }
}
