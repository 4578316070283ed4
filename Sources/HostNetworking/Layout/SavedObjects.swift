import JSON
import XenAPI

/// The host that a layout is of.
public struct SavedHost: Hashable, Sendable {
  /// `INSTALLATION_UUID` of that machine's inventory.
  public var uuid = ""
  public var name = ""
  /// `standalone`, `coordinator`, `member`; empty when not known.
  public var role = ""
  /// The pool's name; empty when it has none.
  public var pool = ""
  /// Name or address of the pool's coordinator; empty on the coordinator itself.
  public var coordinator = ""
  /// `XCP-ng 8.3.0`.
  public var product = ""
  /// `openvswitch` or `bridge`.
  public var backend = ""
  public var unknown = JSONObject()

  public init() {}
}

/// A network card.
public struct SavedNIC: Hashable, Sendable {
  /// `eth0`.
  public var device: String
  /// Lower-case hex with colons; what a card is recognised by.
  public var mac: String
  /// `0000:04:00.0`; empty when not known.
  public var pci = ""
  public var vendor = ""
  public var model = ""
  public var unknown = JSONObject()

  public init(device: String, mac: String) {
    self.device = device
    self.mac = mac
  }
}

/// A network with its settings.
public struct SavedNetwork: Hashable, Sendable {
  /// Empty when the source did not know it.
  public var uuid: String
  public var name: String
  public var bridge: String
  public var description = ""
  public var mtu: Int64 = 1500
  public var managed = true
  public var locking = LockingMode.unlocked
  /// `nbd`, `insecure_nbd`.
  public var purpose: [String] = []
  public var tags: [String] = []
  public var otherConfig: [String: String] = [:]
  public var unknown = JSONObject()

  public init(uuid: String, name: String, bridge: String) {
    self.uuid = uuid
    self.name = name
    self.bridge = bridge
  }

  /// What interfaces refer to it by.
  public var id: String { uuid.isEmpty ? bridge : uuid }

  /// What it is called in sentences.
  public var title: String { name.isEmpty ? "the network of bridge \(bridge)" : "network \"\(name)\"" }

  /// Made by every host itself.
  public var isSystem: Bool { otherConfig["is_host_internal_management_network"] == "true" || bridge == "xenapi" }
}

/// Settings of one interface, whatever its kind.
public struct SavedInterface: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case nic = "NIC"
    case bond
    case vlan = "VLAN"
    case tunnel
    case sriov = "SR-IOV"
  }

  public struct IPv4: Hashable, Sendable {
    public var mode = IPConfigurationMode.none
    /// Of DHCP, what was leased at the time.
    public var address = ""
    public var netmask = ""
    public var gateway = ""
    public var unknown = JSONObject()

    public init() {}
  }

  public struct IPv6: Hashable, Sendable {
    public var mode = IPConfigurationMode.none
    /// With prefix length.
    public var addresses: [String] = []
    public var gateway = ""
    public var unknown = JSONObject()

    public init() {}
  }

  /// `eth0`, `bond0`, `VLAN 20 on bond0`, `tunnel0`, `SR-IOV on eth1`: unique in a layout.
  public var name: String
  public var kind: Kind
  /// The kernel's name of the interface, or of the one below for VLANs and SR-IOV.
  public var device: String
  public var uuid = ""
  /// `SavedNetwork.id`; empty when not known.
  public var network = ""
  public var mac = ""
  /// -1 when not known.
  public var mtu: Int64 = -1
  public var plugged = true
  public var managed = true
  /// Must not be unplugged ("disallow_unplug" in XAPI).
  public var protected = false
  public var primary = AddressFamily.ipv4
  public var ipv4 = IPv4()
  public var ipv6 = IPv6()
  public var dns: [String] = []
  public var properties: [String: String] = [:]
  public var otherConfig: [String: String] = [:]
  public var unknown = JSONObject()

  public init(name: String, kind: Kind, device: String) {
    self.name = name
    self.kind = kind
    self.device = device
  }

  public static func vlanName(_ tag: Int64, on base: String) -> String { "VLAN \(tag) on \(base)" }
  public static func sriovName(on nic: String) -> String { "SR-IOV on \(nic)" }
}

/// How a bond is made.
public struct SavedBond: Hashable, Sendable {
  /// `bond0`; its settings are those of the interface of this name.
  public var name: String
  public var uuid = ""
  public var mode: BondMode
  /// Names of NICs, as a rule.
  public var members: [String]
  /// Gets everything back when the bond is destroyed; gives its MAC.
  public var primary = ""
  /// A MAC that was given by hand; empty when the bond takes its primary member's.
  public var mac = ""
  public var properties: [String: String] = [:]
  public var otherConfig: [String: String] = [:]
  public var unknown = JSONObject()

  public init(name: String, mode: BondMode, members: [String]) {
    self.name = name
    self.mode = mode
    self.members = members
  }
}

/// How a VLAN is made.
public struct SavedVLAN: Hashable, Sendable {
  public var name: String
  /// The interface below.
  public var base: String
  /// 0 to 4094.
  public var tag: Int64
  public var otherConfig: [String: String] = [:]
  public var unknown = JSONObject()

  public init(base: String, tag: Int64) {
    name = SavedInterface.vlanName(tag, on: base)
    self.base = base
    self.tag = tag
  }
}

/// How a tunnel is made.
public struct SavedTunnel: Hashable, Sendable {
  public var name: String
  /// The transport interface.
  public var base: String
  public var `protocol`: TunnelProtocol
  public var otherConfig: [String: String] = [:]
  public var unknown = JSONObject()

  public init(name: String, base: String, protocol: TunnelProtocol) {
    self.name = name
    self.base = base
    self.protocol = `protocol`
  }
}

/// SR-IOV on a NIC.
public struct SavedSRIOV: Hashable, Sendable {
  public var name: String
  /// The NIC.
  public var base: String
  public var unknown = JSONObject()

  public init(base: String) {
    name = SavedInterface.sriovName(on: base)
    self.base = base
  }
}
