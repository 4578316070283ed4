/// What the machine at the other end of a cable says of itself (IEEE 802.1AB).
public struct LLDPNeighbour: Hashable, Sendable {
  /// The switch's name.
  public var system: String?
  /// What it is: maker, model, software. May have more than one line.
  public var systemDescription: String?
  /// What identifies it, mostly a MAC.
  public var chassis: String?
  /// The port's name or number, `Ethernet12`.
  public var port: String?
  public var portDescription: String?
  /// The VLAN of untagged packets there.
  public var vlan: Int?
  /// Addresses that the switch is managed at.
  public var addresses: [String] = []

  public init() {}

  /// True when nothing at all was told.
  public var isEmpty: Bool { self == LLDPNeighbour() }
}

/// What is known of a NIC's neighbour.
public enum LLDPAnswer: Hashable, Sendable {
  case neighbour(LLDPNeighbour)
  /// Somebody listens on that port and has heard nothing; by the name of the tool.
  case silence(String)
  /// The daemon does not listen on that port; by the name of the tool.
  case deaf(String)
}
