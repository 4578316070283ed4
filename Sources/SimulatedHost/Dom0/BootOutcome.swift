/// What a host is like after a boot.
public struct BootOutcome: Hashable, Sendable {
  public enum Role: Hashable, Sendable {
    case coordinator
    /// With the coordinator's address as the member knows it.
    case member(of: String)
    /// `pool.conf` says neither.
    case broken
  }

  public enum Addressing: Hashable, Sendable {
    case none
    /// With the lease, when somebody answers: `10.0.4.100/24`.
    case dhcp(lease: String?)
    case autoconf
    /// `10.0.4.11/24`, and the router.
    case fixed(String, router: String?)
  }

  /// The interface that carries management, as the kernel has it.
  public struct Management: Hashable, Sendable {
    /// The bridge that the inventory names.
    public var bridge: String
    /// A card or bond; nil when the bridge has no way out.
    public var device: String?
    public var vlan: Int?
    public var ipv4: Addressing
    public var ipv6: Addressing
    /// DNS servers that networkd has set.
    public var dns: [String]
  }

  public var role: Role
  /// nil: there is no bridge of the name that the inventory gives.
  public var management: Management?
  /// The same in XAPI's database afterwards: the PIF's device and VLAN, mode and address. nil when no PIF is flagged,
  /// or when the database cannot be reached.
  public var flagged: Management?
  /// A member got through to its coordinator; nil on a coordinator.
  public var reachesCoordinator: Bool?
  /// XAPI's error in emergency mode.
  public var emergency: String?
  /// XAPI went through the reset to its end.
  public var wasReset: Bool
  /// The trigger is still there: XAPI tries again at its next start.
  public var isTriggerLeft: Bool
  /// What was wrong on the way, in words.
  public var problems: [String]
}
