import Dom0
import XenAPI

/// A NIC of this host that may become a member of a bond, for a list to choose from.
public struct BondCandidate: Hashable, Sendable {
  public var name: String
  public var hasLink: Bool?
  /// Mbit/s; nil without a link.
  public var speed: Int?
  public var driver: String
  /// What it is there for today.
  public var use: String
  /// Why it cannot be a member; nil when it can.
  public var refusal: String?
  /// What goes to the bond with it; nil when there is nothing on it.
  public var consequence: String?
}

/// A network that a bond can be put on.
public struct BondNetwork: Hashable, Sendable {
  public var uuid: String
  public var name: String
}

extension BondFacts {
  /// This host's NICs; bonds too, for people to see why they are none to choose.
  public var candidates: [BondCandidate] {
    let own = facts.bondScene
    return own.tree.nodes.filter { $0.kind == .nic || $0.kind == .bond }.map { node in
      let refusal = BondMemberCheck.refusal(node, own)
      let parts = Self.parts(node, own)
      let member = own.tree.bond(ofMember: node.ref).map { "\($0.name) member" }
      return BondCandidate(
        name: node.name, hasLink: own.carrier(node), speed: own.speed(node), driver: own.driver(node),
        use: member ?? (node.kind == .bond ? "a bond itself" : parts.isEmpty ? "unused" : parts.joined(separator: ", ")),
        refusal: refusal.map { $0.text + ($0.remedy.map { ". \($0)" } ?? "") }, consequence: parts.isEmpty ? nil : parts.andList)
    }
  }

  /// `management 10.0.4.11/24`, `VLANs 20 and 30`, `3 VMs`.
  private static func parts(_ node: InterfaceTree.Node, _ own: BondScene) -> [String] {
    var parts: [String] = []
    if node.pif.management {
      parts.append("management \(BondPlanning.address(node))")
    } else if node.pif.ipConfigurationMode != .none {
      parts.append("address \(IPv4Settings(node.pif).present(node.pif.ip))")
    }
    if node.pif.ipv6ConfigurationMode != .none, !node.pif.management || node.pif.primaryAddressType != .ipv6 {
      parts.append("IPv6 \(IPv6Settings(node.pif).words)")
    }
    if node.pif.disallowUnplug { parts.append("protected") }
    let tunnels = own.tree.nodes.count { $0.kind == .tunnel && $0.base == node.ref }
    if tunnels > 0 { parts.append(BondPlanning.count(tunnels, "tunnel")) }
    if own.tree.nodes.contains(where: { $0.kind == .sriov && $0.base == node.ref }) { parts.append("SR-IOV") }
    let vlans = own.tree.vlans(on: node.ref)
    if vlans.contains(where: \.pif.management) { parts.append("management on its VLAN") }
    if !vlans.isEmpty { parts.append("VLAN\(vlans.count == 1 ? "" : "s") " + BondPlanning.some(vlans.map { "\($0.pif.vlan)" })) }
    let guests = Set(([node] + vlans).flatMap { own.guests(on: $0.pif.network) })
    if !guests.isEmpty { parts.append(BondPlanning.count(guests.count, "VM")) }
    return parts
  }

  public var hostCount: Int { facts.database.hosts.count }

  /// Networks without an interface on any host, by name.
  public var freeNetworks: [BondNetwork] {
    facts.database.networks.all.map(\.record)
      .filter { $0.managed && $0.pifs.isEmpty && $0.otherConfig["is_host_internal_management_network"] != "true" }
      .sorted { comesBefore($0.nameLabel, $1.nameLabel) }.map { BondNetwork(uuid: $0.uuid, name: $0.nameLabel) }
  }

  /// What to think of while the form is filled in: sentences without a full stop.
  public func remarks(on request: BondRequest) -> [String] {
    let plan = BondIntent.create(request).plan(self, mark: nil)
    return plan.hazards.filter { $0.weight != .notice }.map(\.text) + (plan.isProvisional ? ["The change is made on trial: management, this session or storage goes over these NICs"] : [])
  }

  /// Bonds of this host by name, and their members.
  public var bonds: [BondSettings] {
    let own = facts.bondScene
    return own.tree.nodes.compactMap { BondParts($0.name, own) }.map { parts in
      BondSettings(
        name: parts.bond.name, uuid: parts.row.uuid, mode: parts.row.mode, properties: parts.row.mode == .lacp ? parts.row.properties : [:],
        upDelay: parts.bond.pif.otherConfig[BondSettingsPlanner.delayKey] ?? "", members: parts.devices, network: parts.network?.nameLabel ?? "",
        networkUUID: parts.network?.uuid ?? "", mac: parts.bond.pif.mac, isMACGiven: !parts.row.autoUpdateMAC,
        isAttached: parts.bond.pif.currentlyAttached, carriesManagement: own.tree.carriesManagement(parts.bond.ref),
        vlans: own.tree.vlans(on: parts.bond.ref).map { Int($0.pif.vlan) })
    }
  }
}

/// A bond as XAPI has it.
public struct BondSettings: Hashable, Sendable {
  public var name: String
  public var uuid: String
  public var mode: BondMode
  /// Of LACP.
  public var properties: [String: String]
  /// Milliseconds; empty where XAPI's own is used.
  public var upDelay: String
  /// The primary member first.
  public var members: [String]
  public var network: String
  public var networkUUID: String
  public var mac: String
  /// Rather than inherited from the primary member.
  public var isMACGiven: Bool
  public var isAttached: Bool
  public var carriesManagement: Bool
  public var vlans: [Int]
}

extension BondFacts {
  /// The same NICs, the one first that is the primary member of a bond of them.
  public func ordered(_ members: [String]) -> [String] { facts.bondScene.ordered(members) }

  /// Another host has a bond on the network of this one, too.
  public func isElsewhere(_ bond: String) -> Bool {
    BondScope(bond, BondPlanning(facts), isPoolWide: true).map { !$0.others.isEmpty } ?? false
  }
}

extension BondIntent {
  /// What a new network for such a bond is called.
  public static func suggestedName(_ members: [String], _ facts: BondFacts) -> String {
    BondCreatePlanner(BondRequest(members: members, mode: .activeBackup), facts).networkName
  }

  /// Tags and ranges with commas or spaces, `100-110,200`; nil for what is none.
  public static func tags(_ text: String) -> [Int]? {
    if text.allSatisfy({ $0 == "," || $0.isWhitespace }) { return [] }
    return try? TagList(parsing: text).tags
  }

  public static func tagProblem(_ text: String) -> String? {
    if tags(text) != nil { return nil }
    do { _ = try TagList(parsing: text) } catch { return error.description }
    return nil
  }
}
