/// Another MTU for a network.
public struct NetworkMTURequest: Hashable, Sendable {
  /// The network's uuid.
  public var network: String
  /// Bytes.
  public var mtu: Int

  public init(network: String, mtu: Int) {
    self.network = network
    self.mtu = mtu
  }

  /// The least that IPv4 needs (RFC 791), and what the largest frames of common switches hold. XAPI checks nothing.
  public static let range = 68...9216

  /// Why a text is no MTU; nil when it is one.
  public static func problem(_ text: String) -> String? {
    guard let mtu = Int(text) else { return "an MTU is a number of bytes" }
    return range.contains(mtu) ? nil : "an MTU is \(range.lowerBound) to \(range.upperBound) bytes"
  }
}
