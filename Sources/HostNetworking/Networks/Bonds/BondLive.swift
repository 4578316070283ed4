import Dom0

/// How a bond works at one moment: what the switch and the kernel say, whatever XAPI does.
public struct BondLive: Sendable {
  /// Who distributes the packets.
  public enum Backend: Hashable, Sendable {
    case openVSwitch
    /// The kernel's own bonding, below a Linux bridge.
    case kernel
  }

  public struct LACP: Hashable, Sendable {
    /// The other side speaks it as well.
    public var isNegotiated: Bool
    /// nil when the switch of this host does not tell.
    public var fallsBack: Bool?
    /// `slow` or `fast`.
    public var rate: String?
    /// The switches at the other ends, by their system ids.
    public var partners: [String]
    /// What is wrong and what to do about it; nil when all is well.
    public var advice: String?
  }

  public struct Member: Hashable, Sendable {
    public var name: String
    /// The kernel has no such device.
    public var isMissing = false
    public var hasLink: Bool?
    /// Mbit/s; nil without a link.
    public var speed: Int?
    /// When its link came or went; nil when that was before anybody looked.
    public var since: ContinuousClock.Instant?
    /// The switch uses it; nil when the switch could not be asked.
    public var isUsed: Bool?
    /// It carries the traffic, or the traffic of unknown senders.
    public var isActive = false
    /// `updelay expires in 12000 ms`.
    public var pending: String?
    /// What LACP says of its partner: `current`, `expired`, `defaulted`; nil without LACP.
    public var lacp: String?
    /// System id of the partner.
    public var partner: String?
    /// Bytes a second; nil until there are two looks.
    public var received: Double?
    public var sent: Double?
    /// Of the values that senders are spread over, so many go here; 0 where nothing is spread.
    public var hashes = 0
    /// Kilobytes that went here by them lately, as the switch counts for its balance.
    public var load = 0
    /// How both ends see the link; nil without LACP.
    public var ends: Ends?

    public init(name: String) { self.name = name }
  }

  /// LACP on one link.
  public struct Ends: Hashable, Sendable {
    public struct Party: Hashable, Sendable {
      /// nil for nobody.
      public var system: String?
      public var port: Int?
      /// Ports with one key can be one group.
      public var key: Int?
      /// `activity`, `synchronized`, `collecting`, ... in the order of LACP's own bits.
      public var state: [String]

      public init(system: String? = nil, port: Int? = nil, key: Int? = nil, state: [String] = []) {
        (self.system, self.port, self.key, self.state) = (system, port, key, state)
      }
    }

    public var own: Party
    public var partner: Party

    public init(own: Party, partner: Party) { (self.own, self.partner) = (own, partner) }
  }

  /// Something to know about it.
  public struct Remark: Hashable, Sendable {
    public var weight: Hazard.Weight
    /// Whole sentences.
    public var text: String
  }

  public var bond: String
  public var instant: ContinuousClock.Instant
  public var backend: Backend
  /// Why the switch could not be asked; nil when it could.
  public var problem: String?
  /// The switch has the bond; nil when it could not be asked.
  public var isThere: Bool?
  /// With one member it is a plain port for the switch, and no bond.
  public var isPlain = false
  /// In the switch's words: `balance-tcp`.
  public var mode: String?
  public var active: String?
  /// Milliseconds.
  public var upDelay: Int?
  public var downDelay: Int?
  /// nil without LACP.
  public var lacp: LACP?
  public var members: [Member] = []

  public init(bond: String, instant: ContinuousClock.Instant, backend: Backend) {
    self.bond = bond
    self.instant = instant
    self.backend = backend
  }

  /// One carries, the others wait.
  public var isActiveBackup: Bool { mode?.contains("active-backup") == true }

  public var linksUp: Int { members.count { $0.hasLink == true } }

  /// What it amounts to, in plain words, the worst first.
  public var remarks: [Remark] {
    var remarks: [Remark] = []
    func say(_ weight: Hazard.Weight, _ text: String) { remarks.append(Remark(weight: weight, text: text)) }
    if let problem {
      say(.warning, "The switch cannot be asked (\(problem)). Links and traffic are the kernel's own word.")
    } else if isPlain {
      let name = members.first?.name ?? "one NIC"
      say(.warning, "\(name) alone carries \(bond), as a plain port: it speaks no LACP, and nothing is there to fall back on. Add a NIC.")
    } else if isThere == false {
      say(.blocking, "\(bond) is not set up: it is unplugged, or the network daemon failed. Plug it, and look at xensource.log.")
    }
    let down = members.filter { $0.hasLink == false }.map(\.name)
    if !members.isEmpty, down.count == members.count {
      say(.blocking, "No NIC of \(bond) has a link: nothing passes. Check cables and switch ports.")
    } else if !down.isEmpty {
      say(.warning, "\(down.andList) \(down.count == 1 ? "has" : "have") no link. Check \(down.count == 1 ? "its cable and its switch port" : "cables and switch ports").")
    }
    for member in members where member.isMissing { say(.blocking, "\(member.name) is not in this machine.") }
    if let lacp, let advice = lacp.advice, down.count < members.count {
      let rest =
        lacp.isNegotiated ? "" : lacp.fallsBack == true
          ? " Meanwhile one link works alone (fallback)." : lacp.fallsBack == false ? " Nothing passes meanwhile: fallback is off." : ""
      say(.warning, advice + rest)
    }
    for member in members {
      if let pending = member.pending, let wait = Self.wait(pending) {
        say(.notice, pending.hasPrefix("up") ? "\(member.name) has a link again, and is used in \(wait) (up delay)." : "\(member.name) lost its link, and is given up in \(wait).")
      } else if member.hasLink == true, member.isUsed == false, lacp?.advice == nil, !isActiveBackup {
        say(.warning, "\(member.name) has a link, and the switch does not use it.")
      }
    }
    if remarks.isEmpty, !members.isEmpty {
      if let lacp, !lacp.isNegotiated {
        say(.warning, "All links are up, but LACP is not negotiated\(lacp.fallsBack == true ? ": one link works alone (fallback)" : ""). Look at the switch ports.")
      } else {
        say(.notice, lacp == nil ? "All links are up." : "All links are up, and the switch speaks LACP on each of them.")
      }
    }
    return remarks.enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }.map(\.element)
  }

  /// `12 s` of `updelay expires in 12000 ms`.
  private static func wait(_ text: String) -> String? {
    text.split(separator: " ").lazy.compactMap { Int($0) }.first.map { $0 >= 1000 ? "\($0 / 1000) s" : "\($0) ms" }
  }
}
