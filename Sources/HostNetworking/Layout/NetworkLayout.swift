import JSON
import XenAPI

/// The whole network configuration of one host at one moment, to be put back after a network reset or on new hardware.
///
/// Written as JSON for people to read (`xcpconsole layout show`), one object:
///
///     "format"      always "xcpconsole network layout"
///     "version"     1; a file with a larger one is refused
///     "taken"       {"at": UTC, "from": "XAPI" | "saved database" | "host files", "why",
///                    "missing": [what it could not tell]}
///     "host"        {"uuid", "name", "role", "pool", "coordinator", "product", "backend"}
///     "nics"        [{"device", "mac", "pci", "vendor", "model"}]
///     "networks"    [{"uuid", "name", "description", "bridge", "mtu", "managed", "locking", "purpose", "tags",
///                     "other_config"}]
///     "interfaces"  [{"name", "kind", "device", "uuid", "network", "mac", "mtu", "plugged", "managed", "protected",
///                     "primary", "ipv4": {"mode", "address", "netmask", "gateway"},
///                     "ipv6": {"mode", "addresses", "gateway"}, "dns", "properties", "other_config"}]
///     "bonds"       [{"name", "uuid", "mode", "members", "primary", "mac", "properties", "other_config"}]
///     "vlans"       [{"name", "on", "tag", "other_config"}]
///     "tunnels"     [{"name", "on", "protocol", "other_config"}]
///     "sriov"       [{"name", "on"}]
///     "management"  the name of the interface XAPI listens on
///
/// Interfaces refer to each other by name (`eth0`, `bond0`, `VLAN 20 on bond0`, `SR-IOV on eth1`), and to networks by
/// uuid, or by bridge where no uuid is known. Members that this version does not know are kept when a file is read and
/// written again.
public struct NetworkLayout: Hashable, Sendable {
  public static let format = "xcpconsole network layout"
  /// What this program writes, and the newest that it reads.
  public static let version: Int64 = 1

  public var taken: Taken
  public var host: SavedHost
  public var nics: [SavedNIC] = []
  public var networks: [SavedNetwork] = []
  /// Settings of every interface: NICs, bonds, VLANs, tunnels and SR-IOV.
  public var interfaces: [SavedInterface] = []
  public var bonds: [SavedBond] = []
  public var vlans: [SavedVLAN] = []
  public var tunnels: [SavedTunnel] = []
  public var sriovs: [SavedSRIOV] = []
  /// The name of the interface that XAPI listens on; nil when management was disabled.
  public var management: String?
  /// Members of the file that this version does not know.
  public var unknown = JSONObject()

  public init(taken: Taken, host: SavedHost) {
    self.taken = taken
    self.host = host
  }

  /// When and from what a layout was taken.
  public struct Taken: Hashable, Sendable {
    public enum Source: String, Hashable, Sendable, CaseIterable {
      /// XAPI told: complete.
      case xapi = "XAPI"
      /// XAPI's database as it was last saved to disk.
      case savedDatabase = "saved database"
      /// Files of the host's network daemon: what is really configured, without names.
      case hostFiles = "host files"
    }

    /// Seconds since 1970, UTC.
    public var at: Int64
    public var from: Source
    /// Why it was taken: `before a network reset`, `asked for`.
    public var why: String
    /// What the source could not tell, one sentence each; empty for XAPI.
    public var missing: [String]
    public var unknown = JSONObject()

    public init(at: Int64, from: Source, why: String = "", missing: [String] = []) {
      self.at = at
      self.from = from
      self.why = why
      self.missing = missing
    }
  }
}

extension NetworkLayout {
  /// The settings of the interface of this name.
  public func interface(_ name: String) -> SavedInterface? { interfaces.first { $0.name == name } }

  /// The network by its uuid, or by its bridge where it has no uuid.
  public func network(_ id: String) -> SavedNetwork? { networks.first { $0.id == id } }

  /// The bond that has this interface as a member.
  public func bond(ofMember name: String) -> SavedBond? { bonds.first { $0.members.contains(name) } }
}
