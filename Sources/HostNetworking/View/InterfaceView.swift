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
    public var mode = IPConfigurationMode.none
    /// With prefix length where known; empty when there is none.
    public var addresses: [String] = []
    public var gateway = ""
  }

  /// What the kernel and the switch say of it, whatever XAPI says.
  public struct Kernel: Hashable, Sendable {
    /// A NIC that is not in the machine, or a bond that the switch does not have.
    public var isMissing = false
    public var link = LinkState.unknown
    /// A NIC that nobody has set up: then there is no telling whether there is a cable.
    public var isOff = false
    public var mac: String?
    /// Bytes; of a VLAN that of its bridge.
    public var mtu: Int?
    /// Those on its bridge, with prefix length, without those that reach no further than the link; nil when nobody
    /// could be asked.
    public var addresses: [String]?
    /// Its bridge is there; nil when nobody could be asked.
    public var hasBridge: Bool?
    /// Of a bond.
    public var bond: BondState?
  }

  /// How a bond works at the moment.
  public struct BondState: Hashable, Sendable {
    /// The member that carries the traffic, or the traffic of unknown addresses.
    public var active: String?
    /// Members with a link that the switch does not use.
    public var idle: [String] = []
    /// LACP was asked for; true when the other side speaks it.
    public var lacpNegotiated: Bool?
  }

  public var id: InterfaceID
  /// The kernel has it, and XAPI, which has told of others, does not.
  public var isStranger = false
  /// XAPI's record; nil while XAPI has not told of it.
  public var ref: Ref<PIF>?
  /// Empty while XAPI has not told of it.
  public var uuid = ""
  public var kind: Kind
  /// The kernel's name of the device, or of the one below.
  public var device: String
  /// As XAPI has it; the kernel's own where XAPI has none.
  public var mac = ""
  /// The link as XAPI tells it, `unknown` while it tells nothing.
  public var linkByXAPI = LinkState.unknown
  /// nil when the kernel was not asked.
  public var kernel: Kernel?
  /// Mbit/s; nil without a link.
  public var speed: Int?
  /// nil without a link.
  public var fullDuplex: Bool?
  public var vendor = ""
  public var model = ""
  public var driver = ""
  /// `0000:04:00.0`; empty for what is not a card.
  public var pci = ""
  /// nil when it was never plugged.
  public var mtu: Int?
  public var ipv4 = Addressing()
  public var ipv6 = Addressing()
  public var dns: [String] = []
  /// The bond it belongs to.
  public var memberOf: String?
  /// Tags of the VLANs on top of it, in order.
  public var vlans: [Int] = []
  public var network: NetworkID?
  public var networkName = ""
  public var bridge = ""
  public var isManagement = false
  public var isAttached = false
  public var isManaged = true
  public var isUnplugForbidden = false
  public var capabilities: [String] = []
  /// Names of the VMs that run on this host with a VIF on its network.
  public var vms: [String] = []

  /// The kernel knows best; XAPI looks every few seconds only.
  public var link: LinkState {
    guard let kernel, kernel.link != .unknown else { return linkByXAPI }
    return kernel.link
  }

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
    if isStranger { return "NOT IN XAPI" }
    if let memberOf { return "\(memberOf) member" }
    var parts: [String] = []
    if isManagement { parts.append("MANAGEMENT") }
    if !vlans.isEmpty { parts.append(vlans.count == 1 ? "1 VLAN" : "\(vlans.count) VLANs") }
    if !vms.isEmpty { parts.append(vms.count == 1 ? "1 VM" : "\(vms.count) VMs") }
    if !isManagement, ipv4.mode != .none || ipv6.mode != .none { parts.append("IP") }
    if !isManaged { parts.append("not managed") }
    return parts.isEmpty ? "unused" : parts.joined(separator: ", ")
  }

  /// All addresses that are really there, as far as anybody can tell, the IPv4 ones first.
  public var addresses: [String] { kernel?.addresses ?? configuredAddresses }

  /// All addresses that it was given, the IPv4 ones first.
  public var configuredAddresses: [String] { ipv4.addresses + ipv6.addresses }

  /// Those it was given and does not have. What reaches no further than the link comes and goes with it, and is not
  /// missed.
  public var lostAddresses: [String] {
    guard let there = kernel?.addresses else { return [] }
    return configuredAddresses.filter { !there.contains($0) && !$0.lowercased().hasPrefix("fe80:") }
  }
}
