import HostNetworking
import TerminalUI

/// What hangs on what, as rows of a map: NIC or bond, VLAN, network, VMs. Pure: the same host and filter make the same rows.
struct TopologyMap {
  /// Where Enter leads.
  enum Target: Hashable, Sendable {
    case interface(InterfaceID)
    case network(NetworkID)
    case vms(NetworkID)
  }

  struct Node: Sendable {
    /// All of it, for the filter.
    var text: String
    var style = Style.normal
    var target: Target?
    /// What the text lists, where not all of it may fit.
    var names: [String] = []

    /// As many names as there is room for, and how many more there are.
    func text(columns room: Int) -> String {
      guard names.count > 1, TerminalUI.columns(of: text) > room else { return text }
      for count in (1..<names.count).reversed() {
        let short = names.prefix(count).joined(separator: ", ") + " +\(names.count - count)"
        if TerminalUI.columns(of: short) <= room { return short }
      }
      return names[0].fitted(to: max(1, room - 4)).trimmedEnd + " +\(names.count - 1)"
    }
  }

  /// The four columns.
  enum Column: Int, CaseIterable, Sendable { case interface, vlan, network, vms }

  /// How a branch leaves the line below its NIC or bond.
  enum Branch: Sendable { case none, only, first, middle, last }

  struct Row: Sendable {
    var nodes: [Column: Node] = [:]
    var branch = Branch.none
    /// Of the NIC or bond that the row belongs to, for when its own row is scrolled out of sight.
    var owner = ""
  }

  let rows: [Row]
  /// Without the filter.
  let count: Int

  init(_ host: HostView, filter: Filter = Filter(), isWide: Bool = false) {
    let maker = MapMaker(host, isWide: isWide)
    let groups = maker.groups
    count = groups.reduce(0) { $0 + $1.rowCount }
    rows = groups.flatMap { $0.rows(filter) }
  }
}

extension String {
  fileprivate var trimmedEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}

/// A NIC or bond with what lies on it, or networks without one.
private struct MapGroup {
  var base: TopologyMap.Node
  var members: [TopologyMap.Node] = []
  var branches: [[TopologyMap.Column: TopologyMap.Node]] = []
  /// Set in below the base as lines.
  var hasLines = true

  var rowCount: Int { max(1 + members.count, branches.count) }

  func rows(_ filter: Filter) -> [TopologyMap.Row] {
    let isWhole = filter.isEmpty || filter.matches(base.text)
    // Words of the base and of a branch together find the branch.
    let branches = isWhole ? self.branches : self.branches.filter { branch in filter.matches([base.text] + branch.values.map(\.text)) }
    let members = isWhole ? self.members : self.members.filter { filter.matches([base.text, $0.text]) }
    if !isWhole, branches.isEmpty, members.isEmpty { return [] }
    return (0..<max(1 + members.count, branches.count)).map { index in
      var row = TopologyMap.Row(owner: base.text)
      if index == 0 {
        row.nodes[.interface] = base
      } else if members.indices.contains(index - 1) {
        var member = members[index - 1]
        member.text = (index == members.count ? "└ " : "├ ") + member.text
        row.nodes[.interface] = member
      }
      guard branches.indices.contains(index) else { return row }
      row.nodes.merge(branches[index]) { _, new in new }
      if hasLines {
        row.branch = branches.count == 1 ? .only : index == 0 ? .first : index == branches.count - 1 ? .last : .middle
      }
      return row
    }
  }
}

/// Puts the map together.
private struct MapMaker {
  private let host: HostView
  private let networks: [NetworkID: NetworkView]
  private let isWide: Bool
  /// What lies on each device.
  private let uppers: [String: [InterfaceView]]

  init(_ host: HostView, isWide: Bool) {
    self.host = host
    self.isWide = isWide
    networks = Dictionary(host.networks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var uppers: [String: [InterfaceView]] = [:]
    for interface in host.interfaces {
      switch interface.kind {
      case .vlan(_, let base), .tunnel(_, let base), .sriov(let base): uppers[base, default: []].append(interface)
      case .nic, .bond: break
      }
    }
    self.uppers = uppers
  }

  var groups: [MapGroup] {
    let bases = host.interfaces.filter { interface in
      guard interface.memberOf == nil else { return false }
      if case .bond = interface.kind { return true }
      return interface.kind == .nic
    }
    let rest = [
      MapGroup(base: .init(text: "private", style: .heading), branches: branches(.privateToHost, "private"), hasLines: false),
      MapGroup(base: .init(text: "host internal", style: .heading), branches: branches(.hostInternal, "internal"), hasLines: false),
      MapGroup(base: .init(text: "other hosts only", style: .heading), branches: elsewhere, hasLines: false),
    ]
    return bases.map(group) + rest.filter { !$0.branches.isEmpty }
  }

  private func group(_ interface: InterfaceView) -> MapGroup {
    var group = MapGroup(base: node(interface))
    if case .bond(_, let members) = interface.kind {
      group.members = members.compactMap { name in host.interfaces.first { $0.device == name && $0.kind == .nic } }.map(node)
    }
    if interface.network != nil { group.branches.append(branch(interface, "untagged")) }
    group.branches += (uppers[interface.device] ?? []).flatMap { upper in
      // A tunnel may go over a VLAN.
      [branch(upper, word(upper))] + (upper.name == interface.device ? [] : (uppers[upper.name] ?? []).map { branch($0, word($0)) })
    }
    return group
  }

  private func word(_ interface: InterfaceView) -> String {
    switch interface.kind {
    case .vlan(let tag, _): "VLAN \(tag)"
    case .tunnel: interface.device
    case .sriov: "SR-IOV"
    case .nic, .bond: "untagged"
    }
  }

  private func node(_ interface: InterfaceView) -> TopologyMap.Node {
    let isGone = interface.kernel?.isMissing == true
    var words = [interface.device, isGone ? "GONE" : interface.link.word]
    if interface.isManagement { words.append("MGMT") }
    if isWide {
      if case .bond(let mode, _) = interface.kind { words.append(mode.word) }
      if let speed = interface.speed, speed > 0 { words.append(Units.speed(speed)) }
    }
    let isBad = isGone || interface.link.isImpaired
    return .init(
      text: words.joined(separator: " "), style: isBad ? (interface.link.carries ? .warning : .bad) : interface.isManagement ? .strong : .normal,
      target: .interface(interface.id))
  }

  private func branch(_ interface: InterfaceView, _ word: String) -> [TopologyMap.Column: TopologyMap.Node] {
    var nodes: [TopologyMap.Column: TopologyMap.Node] = [:]
    let isUp = interface.isAttached
    let isManagement = interface.isManagement && word != "untagged"
    // What matters comes first: the end is what is cut.
    nodes[.vlan] = .init(
      text: isUp ? word + (isManagement && isWide ? " MGMT" : "") : isWide ? "! \(word) unplugged" : "!\(word)", style: isUp ? .normal : .warning,
      target: .interface(interface.id))
    guard let network = interface.network.flatMap({ networks[$0] }) else { return nodes }
    return nodes.merging(self.nodes(network, mark: isManagement && !isWide ? "MGMT " : "")) { old, _ in old }
  }

  private func nodes(_ network: NetworkView, mark: String = "") -> [TopologyMap.Column: TopologyMap.Node] {
    var nodes: [TopologyMap.Column: TopologyMap.Node] = [
      .network: .init(text: mark + network.name, style: network.isManagement ? .strong : .normal, target: .network(network.id))
    ]
    let vms = network.runningVMs + network.otherVMs.map { "(\($0))" }
    if !vms.isEmpty {
      nodes[.vms] = .init(
        text: vms.joined(separator: ", "), style: network.runningVMs.isEmpty ? .dim : .normal, target: .vms(network.id), names: vms)
    }
    return nodes
  }

  private func branches(_ kind: NetworkView.Kind, _ word: String) -> [[TopologyMap.Column: TopologyMap.Node]] {
    host.networks.filter { $0.kind == kind && $0.interface == nil }.map { nodes($0) }
  }

  /// Networks that hosts have which are not this one.
  private var elsewhere: [[TopologyMap.Column: TopologyMap.Node]] {
    host.networks.filter { $0.interface == nil && $0.kind != .privateToHost && $0.kind != .hostInternal }.map { network in
      var nodes = self.nodes(network)
      if case .vlan(let tag) = network.kind { nodes[.vlan] = .init(text: "VLAN \(tag)", style: .dim, target: .network(network.id)) }
      return nodes
    }
  }
}
