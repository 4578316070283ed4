import XenAPI

/// A network of the pool, as seen from this host.
public struct NetworkView: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Reaches the outside through a NIC.
    case external
    case bond
    case vlan(tag: Int)
    /// Between hosts, through a tunnel.
    case tunnel
    case sriov
    /// Between VMs of one host only.
    case privateToHost
    /// XAPI's own, between the control domain and guests.
    case hostInternal
  }

  public var id: NetworkID
  /// XAPI's record; nil while XAPI has not told of it.
  public var ref: Ref<Network>?
  public var uuid: String
  public var name: String
  public var description: String
  public var bridge: String
  public var kind: Kind
  /// The interface of this host that feeds it; nil when there is none here.
  public var interface: InterfaceID?
  public var interfaceName: String
  public var link: LinkState
  /// Hosts of the pool that have an interface on it.
  public var hosts: Int
  public var vifs: Int
  /// VMs with a VIF on it that run anywhere in the pool, by name.
  public var runningVMs: [String]
  /// VMs with a VIF on it that do not run.
  public var otherVMs: [String]
  public var mtu: Int
  /// nil while XAPI has not told of it.
  public var lockingMode: LockingMode?
  public var purpose: [String]
  public var tags: [String]
  public var isManaged: Bool
  public var isManagement: Bool
  /// The bond that this host's interface is a member of: the network has no traffic of its own then.
  public var memberOf: String?
}

extension NetworkView.Kind {
  /// What an interface makes of its network.
  init(_ interface: InterfaceView.Kind) {
    self =
      switch interface {
      case .nic: .external
      case .bond: .bond
      case .vlan(let tag, _): .vlan(tag: tag)
      case .tunnel: .tunnel
      case .sriov: .sriov
      }
  }
}

extension [NetworkView] {
  /// By name; XAPI's own comes last.
  var inOrder: [NetworkView] {
    sorted { left, right in
      let (a, b) = (left.kind == .hostInternal, right.kind == .hostInternal)
      return a != b ? !a : comesBefore(left.name, right.name)
    }
  }
}
