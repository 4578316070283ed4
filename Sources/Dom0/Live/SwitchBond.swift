/// A bond of Open vSwitch as `ovs-appctl bond/show` tells it (`reference/dom0.md` §3.6).
public struct SwitchBond: Hashable, Sendable {
  public enum LACPStatus: Hashable, Sendable {
    /// The switch at the other end speaks LACP too.
    case negotiated
    /// Asked for, but nobody answers.
    case configured
    case off
    case other(String)
  }

  public var name: String
  /// `balance-tcp`, `balance-slb`, `active-backup`.
  public var mode: String?
  public var lacp: LACPStatus?
  /// Works as active-backup when there is no LACP.
  public var fallsBack: Bool?
  /// Milliseconds.
  public var upDelay: Int?
  public var downDelay: Int?
  /// The MAC of the member in use; nil for none.
  public var activeMAC: String?
  public var activeMember: String?
  public var members: [Member]

  public struct Member: Hashable, Sendable {
    public var name: String
    public var isEnabled: Bool
    public var isActive: Bool
    /// What the switch would let it do: false while it has no link or no LACP partner.
    public var mayEnable: Bool?
    /// For instance `updelay expires in 12000 ms`.
    public var pending: String?
    /// Of the values that senders are spread over, so many go here at the moment; only modes that spread have any.
    public var hashes = 0
    /// Kilobytes that went here by them lately.
    public var load = 0
  }
}

/// LACP on one bond as `ovs-appctl lacp/show` tells it.
public struct SwitchLACP: Hashable, Sendable {
  public var name: String
  /// For instance `active negotiated`.
  public var status: String?
  public var systemID: String?
  public var key: Int?
  /// `slow` or `fast`.
  public var rate: String?
  public var members: [Member]

  public struct Member: Hashable, Sendable {
    public enum Word: String, Hashable, Sendable { case current, expired, defaulted }

    public var name: String
    /// nil for a word not known to us.
    public var word: Word?
    public var isAttached: Bool
    public var mayEnable: Bool?
    public var actor: Party
    public var partner: Party
  }

  /// One end of a link.
  public struct Party: Hashable, Sendable {
    public var systemID: String?
    public var systemPriority: Int?
    public var portID: Int?
    public var portPriority: Int?
    public var key: Int?
    /// `activity`, `timeout`, `aggregation`, `synchronized`, `collecting`, `distributing`, `defaulted`, `expired`.
    public var state: Set<String>
  }

  /// What a bond's LACP amounts to.
  public enum Diagnosis: Hashable, Sendable {
    /// Every member has a partner, and it is the same one.
    case good
    case noMembers
    /// No member has a link.
    case noLinks
    /// No member has a partner.
    case silentSwitch
    /// These have no partner while others have.
    case silentMembers([String])
    /// Members end in different switches or different groups.
    case partedMembers([[String]])
    /// The partner hears us, but keeps these out.
    case refusedMembers([String])
  }
}
