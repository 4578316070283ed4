import HostNetworking
import TerminalUI
import XenAPI

/// Where and how this host is managed, as lines of the status.
struct ManagementLines {
  private let host: HostView
  private let now: Moment

  init(_ host: HostView, now: Moment) {
    self.host = host
    self.now = now
  }

  var facts: [Fact] {
    guard let management = host.management else { return [Fact("Management", "none", style: .bad)] }
    guard let interface = host.interfaces.first(where: { $0.id == management.interface }) else {
      let address = management.address.isEmpty ? "NO ADDRESS" : management.address
      return [
        Fact(
          "Management", "\(address), bridge \(management.bridge)", style: management.address.isEmpty ? .bad : .strong)
      ]
    }
    return address(management, interface) + lease(interface) + ways(interface)
  }

  private func address(_ management: ManagementFacts, _ interface: InterfaceView) -> [Fact] {
    let address =
      interface.addresses.first { $0.prefix { $0 != "/" } == management.address } ?? interface.addresses.first
      ?? management.address
    let isLost = management.isAddressKnown
    let isIPv6 = interface.ipv4.mode == .none && interface.ipv6.mode != .none
    let mode = isIPv6 ? interface.ipv6.mode : interface.ipv4.mode
    var lines = [
      Fact(
        "Management",
        "\(address.isEmpty ? isLost ? "NO ADDRESS" : "address not known" : address), \(mode.word), \(interface.name) "
          + "(\(management.bridge))",
        style: address.isEmpty ? isLost ? .bad : .warning : .strong, place: .interface(interface.id)),
      Fact(
        "Link", interface.mac.isEmpty ? interface.linkWords : "\(interface.linkWords), \(interface.mac)",
        style: interface.link.isImpaired ? interface.link.style : .normal),
    ]
    let lost = interface.lostAddresses
    if !lost.isEmpty { lines.append(Fact("Set up", "\(lost.joined(separator: ", ")), but not there", style: .warning)) }
    let others = interface.addresses.filter { $0 != address }
    if !others.isEmpty { lines.append(Fact("Also", others.joined(separator: ", "))) }
    return lines
  }

  /// What DHCP gave last, while its word counts.
  private func lease(_ interface: InterfaceView) -> [Fact] {
    guard interface.ipv4.mode == .dhcp || interface.ipv6.mode == .dhcp, let lease = host.local?.lease else { return [] }
    guard let ends = lease.ends else { return [Fact("DHCP", "\(lease.address) for ever")] }
    let isOver = ends <= now.wall
    return [
      Fact(
        "DHCP", "lease of \(lease.address) \(isOver ? "ended at" : "until") \(Units.moment(ends, now: now.wall))",
        style: isOver ? .warning : .normal)
    ]
  }

  /// As set up; where nothing is set up, as found.
  private func ways(_ interface: InterfaceView) -> [Fact] {
    var gateways = [interface.ipv4.gateway, interface.ipv6.gateway].filter { !$0.isEmpty }
    if gateways.isEmpty {
      gateways = (host.local?.defaultRoutes ?? []).filter { $0.device == interface.bridge }.map(\.address)
    }
    let servers = interface.dns.isEmpty ? host.local?.nameServers ?? [] : interface.dns
    return [
      Fact("Gateway", gateways.isEmpty ? "none" : gateways.joined(separator: ", ")),
      Fact("DNS", servers.isEmpty ? "none" : servers.joined(separator: ", ")),
    ]
  }
}
