import XenAPI

/// The state of a link or, of a bond, of its links.
public enum LinkState: Hashable, Sendable {
  case up
  case down
  /// So many members of a bond up, of so many.
  case partly(up: Int, of: Int)
  /// Nobody has told yet.
  case unknown

  /// Some traffic can pass.
  public var carries: Bool {
    switch self {
    case .up: true
    case .partly(let up, _): up > 0
    case .down, .unknown: false
    }
  }

  /// Less than it should be.
  public var isImpaired: Bool {
    switch self {
    case .up, .unknown: false
    case .down: true
    case .partly(let up, let all): up < all
    }
  }
}

/// A network interface of this host, joined with everything that belongs to it.
public struct InterfaceView: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case nic
    case bond(mode: BondMode, members: [String])
    case vlan(tag: Int, on: String)
    case tunnel(TunnelProtocol, over: String)
    case sriov(on: String)
  }

  /// Settings of one address family.
  public struct Addressing: Hashable, Sendable {
    public var mode: IPConfigurationMode
    /// With prefix length where known; empty when there is none.
    public var addresses: [String]
    public var gateway: String
  }

  public var id: InterfaceID
  /// XAPI's record; nil while XAPI has not told of it.
  public var ref: Ref<PIF>?
  /// Empty while XAPI has not told of it.
  public var uuid: String
  public var kind: Kind
  /// The kernel's name of the device, or of the one below.
  public var device: String
  public var mac: String
  public var link: LinkState
  /// Mbit/s; nil without a link.
  public var speed: Int?
  /// nil without a link.
  public var fullDuplex: Bool?
  public var vendor: String
  public var model: String
  public var driver: String
  /// `0000:04:00.0`; empty for what is not a card.
  public var pci: String
  /// nil when it was never plugged.
  public var mtu: Int?
  public var ipv4: Addressing
  public var ipv6: Addressing
  public var dns: [String]
  /// The bond it belongs to.
  public var memberOf: String?
  /// Tags of the VLANs on top of it, in order.
  public var vlans: [Int]
  public var network: NetworkID?
  public var networkName: String
  public var bridge: String
  public var isManagement: Bool
  public var isAttached: Bool
  public var isManaged: Bool
  public var isUnplugForbidden: Bool
  public var capabilities: [String]
  /// Names of the VMs that run on this host with a VIF on its network.
  public var vms: [String]

  /// What people call it: `eth0`, `bond0`, `VLAN 20 on bond0`.
  public var name: String {
    switch kind {
    case .nic, .bond: device
    case .vlan(let tag, let base): "VLAN \(tag) on \(base)"
    case .tunnel(_, let base): "\(device) over \(base)"
    case .sriov(let base): "SR-IOV on \(base)"
    }
  }

  /// What it is there for, in a few words.
  public var usage: String {
    if let memberOf { return "\(memberOf) member" }
    var parts: [String] = []
    if isManagement { parts.append("MANAGEMENT") }
    if !vlans.isEmpty { parts.append(vlans.count == 1 ? "1 VLAN" : "\(vlans.count) VLANs") }
    if !vms.isEmpty { parts.append(vms.count == 1 ? "1 VM" : "\(vms.count) VMs") }
    if !isManagement, ipv4.mode != .none || ipv6.mode != .none { parts.append("IP") }
    if !isManaged { parts.append("not managed") }
    return parts.isEmpty ? "unused" : parts.joined(separator: ", ")
  }

  /// All addresses, the IPv4 ones first.
  public var addresses: [String] { ipv4.addresses + ipv6.addresses }
}
