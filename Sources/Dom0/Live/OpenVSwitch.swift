/// Open vSwitch's configuration and state, joined from its tables (`reference/dom0.md` §3.6).
public struct OpenVSwitch: Hashable, Sendable {
  /// Real bridges only; VLANs ("fake bridges") are among their ports.
  public var bridges: [Bridge]

  public struct Bridge: Hashable, Sendable {
    public var name: String
    public var uuid: String
    public var ports: [Port]
    public var externalIDs: [String: String]
    public var otherConfig: [String: String]
    /// `standalone` or `secure`; nil counts as standalone.
    public var failMode: String?
    /// `system`, `netdev`; empty counts as system.
    public var datapath: String
    public var hasController: Bool

    /// The XAPI networks of this bridge, without those of its VLANs.
    public var networkUUIDs: [String] { OpenVSwitch.networkUUIDs(in: externalIDs) }
  }

  public struct Port: Hashable, Sendable {
    public var name: String
    public var uuid: String
    public var interfaces: [Interface]
    /// The VLAN tag of an access port.
    public var tag: Int?
    /// True when it is a bridge of its own to everybody else: a VLAN.
    public var isFakeBridge: Bool
    public var bond: Bond?
    public var mac: String?
    public var externalIDs: [String: String]
    public var otherConfig: [String: String]

    public var isBond: Bool { interfaces.count > 1 }
    /// The XAPI networks of a fake bridge.
    public var networkUUIDs: [String] { OpenVSwitch.networkUUIDs(in: externalIDs) }
  }

  /// What a port with several interfaces was told.
  public struct Bond: Hashable, Sendable {
    /// `active-backup`, `balance-slb`, `balance-tcp`; nil when nothing was said.
    public var mode: String?
    /// `active`, `passive`, `off`; nil counts as off.
    public var lacp: String?
    /// The MAC of the member in use, where the switch tells.
    public var activeMAC: String?
    /// Milliseconds.
    public var upDelay: Int?
    public var downDelay: Int?
  }

  public struct Interface: Hashable, Sendable {
    public var name: String
    public var uuid: String
    /// Empty for an ordinary device, else `internal`, `vxlan`, `gre`, `patch`…
    public var type: String
    /// nil when the switch does not tell.
    public var isUp: Bool?
    public var hasLink: Bool?
    /// Mb/s.
    public var speed: Int?
    public var isFullDuplex: Bool?
    public var mac: String?
    public var mtu: Int?
    /// -1 when the switch could not open the device; 65534 is the bridge's own port.
    public var portNumber: Int?
    /// Why the switch could not use the device.
    public var error: String?
    public var status: [String: String]
    public var statistics: [String: Int64]
    public var externalIDs: [String: String]
    public var options: [String: String]

    public var isTunnel: Bool { OpenVSwitch.tunnelTypes.contains(type) }
  }

  static let tunnelTypes: Set<String> = ["gre", "ip6gre", "vxlan", "geneve", "stt", "lisp", "erspan", "ip6erspan"]
}

extension OpenVSwitch {
  /// A VLAN: a bridge to everybody else, a port with a tag to the switch.
  public struct FakeBridge: Hashable, Sendable {
    public var name: String
    public var parent: String
    public var tag: Int
    public var networkUUIDs: [String]
  }

  public var fakeBridges: [FakeBridge] {
    bridges.flatMap { bridge in
      bridge.ports.filter(\.isFakeBridge).map {
        FakeBridge(name: $0.name, parent: bridge.name, tag: $0.tag ?? 0, networkUUIDs: $0.networkUUIDs)
      }
    }
  }

  /// Every port of more than one interface, with the bridge it is in.
  public var bonds: [(bridge: String, port: Port)] {
    bridges.flatMap { bridge in bridge.ports.filter(\.isBond).map { (bridge.name, $0) } }
  }

  /// Tunnels, with the bridge they are in.
  public var tunnels: [(bridge: String, interface: Interface)] {
    bridges.flatMap { bridge in
      bridge.ports.flatMap(\.interfaces).filter(\.isTunnel).map { (bridge.name, $0) }
    }
  }

  /// Every bridge one can name, VLANs included.
  public var bridgeNames: [String] { bridges.map(\.name) + fakeBridges.map(\.name) }

  static func networkUUIDs(in externalIDs: [String: String]) -> [String] {
    (externalIDs["xs-network-uuids"] ?? "").split(separator: ";").map { String($0) }
  }
}
