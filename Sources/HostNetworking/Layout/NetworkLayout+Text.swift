import XenAPI

extension NetworkLayout {
  /// The layout in lines for people, at most about 100 columns wide where names allow.
  public var text: [String] {
    let title = [host.name.isEmpty ? "an unnamed host" : host.name, host.product].filter { !$0.isEmpty }
    var lines = [
      "Network layout of \(title.joined(separator: ", "))",
      "Saved \(UTCText.readable(taken.at)) from \(taken.from.rawValue)\(taken.why.isEmpty ? "" : ", \(taken.why)")",
    ]
    if !roleText.isEmpty { lines.append(roleText) }
    lines += taken.missing.map { "! \($0)" }
    lines += section("NICs", nics.map { text(of: $0) })
    lines += section("Bonds", bonds.map { text(of: $0) })
    lines += section("VLANs", vlans.map { "\($0.name)\(networkText($0.name))\(settingsText($0.name))" })
    lines += section("Tunnels", tunnels.map { "\($0.name) over \($0.base), \($0.protocol)\(networkText($0.name))" })
    lines += section("SR-IOV", sriovs.map { "\($0.name)\(networkText($0.name))" })
    let used = Set(interfaces.map(\.network))
    let idle = networks.filter { !used.contains($0.id) && !$0.isSystem }
    lines += section("Networks without an interface", idle.map { $0.name.isEmpty ? $0.bridge : $0.name })
    lines += ["", "Management on \(management ?? "nothing: it was disabled")"]
    return lines
  }

  private var roleText: String {
    let pool = host.pool.isEmpty ? "its pool" : "pool \(host.pool)"
    return switch host.role {
    case "coordinator": "Coordinator of \(pool)"
    case "member": "Member of \(pool)\(host.coordinator.isEmpty ? "" : ", coordinator \(host.coordinator)")"
    default: ""
    }
  }

  private func section(_ title: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["", title] + lines.map { "  \($0)" }
  }

  private func text(of nic: SavedNIC) -> String {
    let bond = bonds.first { $0.members.contains(nic.device) }
    let use = bond.map { ", in \($0.name)" } ?? networkText(nic.device) + settingsText(nic.device)
    let mac = nic.mac.isEmpty ? "MAC not known" : nic.mac
    return "\(nic.device)  \(mac)\(nic.pci.isEmpty ? "" : "  \(nic.pci)")\(use)"
  }

  private func text(of bond: SavedBond) -> String {
    let properties = bond.properties.isEmpty ? "" : " (\(bond.properties.listed))"
    return "\(bond.name)  \(bond.members.joined(separator: " + "))  \(bond.mode)\(properties)"
      + networkText(bond.name) + settingsText(bond.name)
  }

  private func networkText(_ name: String) -> String {
    guard let network = interface(name).flatMap({ network($0.network) }) else { return "" }
    let mtu = network.mtu == 1500 ? "" : ", MTU \(network.mtu)"
    return ", " + (network.name.isEmpty ? "bridge \(network.bridge)" : "network \"\(network.name)\"") + mtu
  }

  private func settingsText(_ name: String) -> String {
    guard let interface = interface(name) else { return "" }
    var parts: [String] = []
    if interface.ipv4.mode != .none { parts.append(interface.ipv4Words) }
    if interface.ipv6.mode != .none { parts.append(interface.ipv6Words) }
    if !interface.otherConfig.isEmpty { parts.append(interface.otherConfig.listed) }
    if interface.protected { parts.append("protected against unplugging") }
    if !interface.plugged { parts.append("not plugged") }
    return parts.map { ", \($0)" }.joined()
  }
}
