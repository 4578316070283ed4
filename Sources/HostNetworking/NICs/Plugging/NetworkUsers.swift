import XenAPI

/// The VMs with a VIF on one network, as seen from one host.
struct NetworkUsers: Sendable {
  struct User: Hashable, Sendable {
    var vif: String
    var vm: String
  }

  /// They hold the network: attached, of VMs that run or are paused here.
  var holding: [User] = []
  /// Of VMs that run here, and not attached.
  var idle: [User] = []
  /// Of VMs that run on other hosts.
  var elsewhere: [User] = []
  /// Of VMs that do not run, templates and snapshots left out.
  var halted: [User] = []

  init(_ network: Ref<Network>?, _ database: XenDatabase, host: Ref<Host>) {
    for ref in database.networks[network]?.vifs ?? [] {
      guard let vif = database.vifs[ref], let vm = database.vms[vif.vm], vm.isGuest else { continue }
      let user = User(vif: vif.uuid, vm: vm.nameLabel)
      if !vm.isRunning {
        halted.append(user)
      } else if vm.residentOn != host {
        elsewhere.append(user)
      } else if vif.currentlyAttached {
        holding.append(user)
      } else {
        idle.append(user)
      }
    }
  }

  var isEmpty: Bool { holding.isEmpty && idle.isEmpty && elsewhere.isEmpty && halted.isEmpty }
  var here: [User] { holding + idle }
}

extension [NetworkUsers.User] {
  /// Each VM once, in order.
  var vms: [String] { Set(map(\.vm)).sorted(by: comesBefore) }
}

extension PluggingFacts {
  func users(of node: InterfaceTree.Node) -> NetworkUsers { users(of: node.pif.network) }
  func users(of network: Ref<Network>?) -> NetworkUsers { NetworkUsers(network, database, host: change.host) }

  /// What XAPI unplugs with it, each after what it rests on: tunnels, virtual functions and their VLANs.
  func riders(on node: InterfaceTree.Node) -> [InterfaceTree.Node] {
    let tunnels = tree.nodes.filter { $0.kind == .tunnel && $0.base == node.ref }
    func functions(_ card: Ref<PIF>) -> [InterfaceTree.Node] { tree.nodes.filter { $0.kind == .sriov && $0.base == card } }
    let above: [InterfaceTree.Node] =
      switch node.kind {
      case .bond: tunnels + node.members.flatMap(functions)
      case .sriov: tunnels + tree.vlans(on: node.ref)
      case .nic, .vlan, .tunnel: tunnels + functions(node.ref)
      }
    return above.flatMap { [$0] + riders(on: $0) }
  }

  /// VLANs on bridges, which stay up when what is below is unplugged.
  func vlansAbove(_ node: InterfaceTree.Node) -> [InterfaceTree.Node] { node.kind == .sriov ? [] : tree.vlans(on: node.ref) }

  /// This session comes in over an address of this interface.
  func carriesSession(_ node: InterfaceTree.Node) -> Bool {
    guard let local = change.session.local else { return false }
    let own = [node.pif.ip] + node.pif.ipv6.map { String($0.prefix { $0 != "/" }) }
      + (change.addresses?[bridge(of: node)] ?? []).map { String($0.prefix { $0 != "/" }) }
    return own.contains(local)
  }
}

extension InterfaceTree.Node {
  /// Those of its own, with their length: `10.0.20.11/24`, `10.0.4.100/24 (DHCP)`, `DHCP`.
  var addresses: [String] {
    var words: [String] = []
    switch pif.ipConfigurationMode {
    case .none: break
    case .static: words.append(IPv4Settings(pif).words)
    default:
      let length = prefixLength(ofMask: pif.netmask).map { "/\($0)" } ?? ""
      words.append(pif.ip.isEmpty ? pif.ipConfigurationMode.rawValue : "\(pif.ip)\(length) (\(pif.ipConfigurationMode.rawValue))")
    }
    switch pif.ipv6ConfigurationMode {
    case .none: break
    case .static: words += pif.ipv6.filter { !$0.isEmpty && !$0.lowercased().hasPrefix("fe80:") }
    default: words.append("IPv6 by \(pif.ipv6ConfigurationMode.rawValue)")
    }
    return words
  }

  /// What is set up of it by hand in XAPI, as it is put on a record that XAPI makes anew: other-config first, which is in force
  /// from the next plug or address on, and the protection last, which would stand in the way of unplugging.
  func settings() -> [ChangeAction] {
    var actions: [ChangeAction] = []
    let (ipv4, ipv6) = (IPv4Settings(pif), IPv6Settings(pif))
    if !pif.otherConfig.isEmpty { actions.append(.setOtherConfig(name, pif.otherConfig.mapValues { .some($0) })) }
    actions.append(.setPrimaryAddressType(name, pif.primaryAddressType))
    if ipv4 != .none { actions.append(.setIPv4(name, ipv4)) }
    if ipv6 != .none { actions.append(.setIPv6(name, ipv6)) }
    if kind == .nic, let gro = pif.properties["gro"], gro != "on" { actions.append(.setProperties(name, ["gro": gro])) }
    if !pif.currentlyAttached {
      actions.append(.unplug(name))
    } else if kind == .vlan, !pif.otherConfig.isEmpty {
      // XAPI plugs a VLAN as it makes it, before there is anything in its other-config.
      actions.append(.replug(name))
    } else {
      actions.append(.plug(name))
    }
    if pif.disallowUnplug { actions.append(.setDisallowUnplug(name, true)) }
    return actions
  }
}
