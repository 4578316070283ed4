import Dom0
import XenAPI

/// What the doctor has to know of a host before it asks the network. Made of the host's own files, kernel and switch; XAPI adds
/// names where it answers.
public struct DoctorFacts: Sendable {
  /// A card below management.
  public struct NIC: Hashable, Sendable {
    public var name: String
    /// Not in the machine.
    public var isMissing = false
    public var isUp = true
    /// nil when the kernel does not tell.
    public var hasLink: Bool?
    /// Mbit/s.
    public var speed: Int?
    public var duplex: NetworkDevice.Duplex?
    /// Bytes.
    public var mtu: Int?

    public init(_ name: String) { self.name = name }
  }

  public struct Bond: Hashable, Sendable {
    public var name: String
    public var mode: BondMode
    public var state: SwitchBond?
    public var lacp: SwitchLACP?
    public var kernel: KernelBondStatus?

    public init(_ name: String, _ mode: BondMode) {
      self.name = name
      self.mode = mode
    }
  }

  /// IPv4 or IPv6 on management.
  public struct Family: Hashable, Sendable {
    public var isIPv6: Bool
    public var mode = IPConfigurationMode.none
    /// With prefix length, as set up.
    public var configured: [String] = []
    /// Empty when none is set up.
    public var configuredGateway = ""
    /// Those that are really there, without those that reach no further than the link; nil when nobody could be asked.
    public var addresses: [IPAddress]?
    /// Default routes of the kernel; nil when nobody could be asked.
    public var routes: [LocalFacts.Gateway]?
    /// What DHCP gave last; nil when nothing.
    public var lease: LocalFacts.Lease?

    public init(isIPv6: Bool) { self.isIPv6 = isIPv6 }

    /// Somebody wants it, or it is there anyhow.
    public var isUsed: Bool { mode != .none || !configured.isEmpty || addresses?.isEmpty == false }
    public var name: String { isIPv6 ? "IPv6" : "IPv4" }

    /// The addresses that others can speak to.
    public var usable: [IPAddress] { (addresses ?? []).filter { !$0.isDuplicate } }
  }

  /// The interface that this host is managed on.
  public struct Management: Sendable {
    /// `bond0`, `VLAN 20 on eth1`.
    public var name: String
    public var bridge: String
    /// nil when nobody could be asked.
    public var hasBridge: Bool?
    /// 1 to 4094; nil for untagged.
    public var tag: Int?
    public var nics: [NIC] = []
    public var bond: Bond?
    /// Of the bridge, in bytes.
    public var mtu: Int?
    public var ipv4 = Family(isIPv6: false)
    public var ipv6 = Family(isIPv6: true)

    public init(name: String, bridge: String) {
      self.name = name
      self.bridge = bridge
    }

    /// The families in use; IPv4 where none is, for then there is something to say of it.
    public var families: [Family] {
      let used = [ipv4, ipv6].filter(\.isUsed)
      return used.isEmpty ? [ipv4] : used
    }
  }

  /// Another host of the pool.
  public struct Peer: Hashable, Sendable {
    /// Empty when not known.
    public var name: String
    public var address: String

    public init(name: String, address: String) {
      self.name = name
      self.address = address
    }

    var words: String { name.isEmpty ? address : "\(name) (\(address))" }
  }

  public enum XAPIWord: Hashable, Sendable {
    case answers
    /// It answers, but only to say why it does nothing else.
    case emergency(String)
    case silent(String)
    /// There was nobody to ask.
    case notAsked
  }

  /// This host's name; nil when not known.
  public var host: String?
  /// nil when there is no such interface.
  public var management: Management?
  /// Every network that this host is in, whatever the interface.
  public var subnets: [IPAddress] = []
  /// The kernel could be asked.
  public var knowsKernel = false
  /// Those that are really asked; nil when the file cannot be read.
  public var nameServers: [String]?
  public var searchDomains: [String] = []
  /// Names and addresses, as set up and from DHCP.
  public var timeServers: [String] = []
  /// What chronyd says; nil when it was not asked.
  public var timeSources: Result<[ChronySource], LiveFailure>?
  /// nil on the coordinator and when the role is not known.
  public var coordinator: Peer?
  /// The other hosts of the pool but the coordinator.
  public var members: [Peer] = []
  public var xapi = XAPIWord.notAsked
  /// Tags that this host or its pool uses anywhere: where somebody may answer by mistake.
  public var knownTags: [Int] = []
  /// A name that the host may need, to look up.
  public var nameToTry = DoctorFacts.anyName

  static let anyName = "xcp-ng.org"

  public init() {}
}
