import XenAPI

extension Finding {
  /// What deserves a look, the worst first. Each names the thing and, where there is one, the place that shows more.
  static func all(in view: HostView, coordinatorIsLive: Bool) -> [Finding] {
    var findings = management(view)
    if !coordinatorIsLive, case .member(_, let coordinator, let address) = view.role {
      findings.append(
        Finding(
          weight: .trouble, text: "The coordinator \(coordinator) (\(address)) gives no heartbeat.", place: .nowhere))
    }
    findings += view.interfaces.compactMap(link)
    if let facts = view.facts {
      if !facts.enabled {
        findings.append(Finding(weight: .warning, text: "This host is in maintenance mode.", place: .nowhere))
      }
      if facts.liveHosts < facts.poolHosts, coordinatorIsLive {
        let lost = facts.poolHosts - facts.liveHosts
        findings.append(
          Finding(
            weight: .warning,
            text: "\(lost) of \(facts.poolHosts) hosts of the pool give\(lost == 1 ? "s" : "") no heartbeat.", place: .nowhere))
      }
    }
    // A stable sort by hand: equal weights keep the order of the interfaces.
    return findings.enumerated()
      .sorted { $0.element.weight != $1.element.weight ? $0.element.weight > $1.element.weight : $0.offset < $1.offset }
      .map(\.element)
  }

  private static func management(_ view: HostView) -> [Finding] {
    guard let management = view.management else {
      return [
        Finding(
          weight: .trouble, text: "No management interface: this host cannot be managed over the network.",
          place: .nowhere)
      ]
    }
    var findings: [Finding] = []
    let place = Place.interface(management.interface)
    if !management.link.carries, management.link != .unknown {
      findings.append(
        Finding(
          weight: .trouble,
          text: "\(management.name) (management) has no link. Check cable and switch port.", place: place))
    }
    if management.address.isEmpty {
      let mode = view.interfaces.first(where: \.isManagement)?.ipv4.mode ?? .none
      findings.append(
        Finding(
          weight: .trouble,
          text: "No management address on \(management.name)"
            + (mode == .dhcp ? ": no answer from DHCP." : "."), place: place))
    }
    return findings
  }

  private static func link(_ interface: InterfaceView) -> Finding? {
    let place = Place.interface(interface.id)
    switch (interface.kind, interface.link) {
    case (.bond, .partly(let up, let all)) where up < all && (up > 0 || !interface.isManagement):
      return Finding(
        weight: up == 0 ? .trouble : .warning,
        text: "\(interface.name) has \(up) of \(all) links.", place: place)
    case (.nic, .down) where !interface.isManagement && interface.memberOf == nil && !interface.vms.isEmpty:
      let vms = interface.vms.count == 1 ? "VM \(interface.vms[0]) uses" : "\(interface.vms.count) VMs here use"
      return Finding(
        weight: .warning,
        text: "\(interface.name) has no link, but \(vms) its network \"\(interface.networkName)\".", place: place)
    case (.nic, .down) where !interface.isManagement && !interface.vlans.isEmpty:
      let vlans = interface.vlans.count == 1 ? "a VLAN" : "\(interface.vlans.count) VLANs"
      return Finding(
        weight: .warning, text: "\(interface.name) has no link, but carries \(vlans).", place: place)
    default: return nil
    }
  }
}
