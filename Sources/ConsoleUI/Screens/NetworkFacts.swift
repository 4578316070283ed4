import HostNetworking
import TerminalUI

/// What there is to say of a network.
struct NetworkFacts {
  private let network: NetworkView
  private let entry: PoolNetworks.Entry?

  /// - Parameter entry: what is on it on all hosts; nil while XAPI has not told.
  init(_ network: NetworkView, _ entry: PoolNetworks.Entry? = nil) {
    self.network = network
    self.entry = entry
  }

  /// For the pane below the list.
  var brief: [Fact] {
    var facts = [Fact("", summary)]
    if !network.description.isEmpty { facts.append(Fact("", network.description)) }
    if let hosts { facts.append(hosts) }
    facts.append(Fact("VMs", vms))
    if !network.tags.isEmpty { facts.append(Fact("Labels", network.tags.joined(separator: ", "))) }
    return facts
  }

  /// For the page of its own.
  var full: [Fact] {
    var facts = [
      Fact("Name", network.name),
      Fact("Description", network.description.isEmpty ? "-" : network.description),
      Fact("Kind", network.kindSentence),
      Fact("Bridge", network.bridge.isEmpty ? "none" : network.bridge),
      Fact("MTU", "\(network.mtu)"),
    ]
    if let interface = network.interface {
      facts.append(Fact("Interface", network.interfaceName, place: .interface(interface)))
      facts.append(Fact("Link", network.link.word, style: network.link.style))
    }
    facts += [Fact("Hosts", network.hosts == 0 ? "no host has an interface on it" : Units.count(network.hosts, "host"))]
    facts += interfaces
    facts += [Fact("VIFs", "\(network.vifs)")]
    facts += vifs
    facts += [
      Fact("Running VMs", network.runningVMs.isEmpty ? "none" : network.runningVMs.joined(separator: ", ")),
      Fact("Other VMs", network.otherVMs.isEmpty ? "none" : network.otherVMs.joined(separator: ", ")),
    ]
    if let mode = network.lockingMode { facts.append(Fact("Locking", mode.rawValue)) }
    if network.lockingMode != nil || !network.purpose.isEmpty {
      facts.append(Fact("Purpose", network.purpose.isEmpty ? "none" : network.purpose.joined(separator: ", ")))
    }
    if !network.tags.isEmpty { facts.append(Fact("Labels", network.tags.joined(separator: ", "))) }
    if network.isManagement { facts.append(Fact("Management", "XAPI listens here")) }
    if !network.isManaged { facts.append(Fact("Managed", "no: XAPI leaves it alone", style: .warning)) }
    if !network.uuid.isEmpty { facts.append(Fact("UUID", network.uuid)) }
    return facts
  }

  /// What hangs on it, for those who are about to remove it: VMs first, because they decide; those that run before others.
  /// - Parameter rows: that there is room for.
  func hanging(rows: Int) -> [Fact] {
    let heading = Fact("", "On \(network.name) now", style: .heading)
    guard entry != nil else { return [heading, Fact("", "Not known while XAPI is silent.", style: .warning)] }
    let all = interfaces
    let hosts = all.isEmpty ? [Fact("Hosts", "none")] : all.count > 4 ? [hosts].compactMap { $0 } : all
    // The line of hosts may be broken, and one tells how many more VIFs there are.
    let room = max(3, rows - 2 - max(3, hosts.count))
    let vifs = self.vifs
    let rest = vifs.count - room
    return [heading] + (vifs.isEmpty ? [Fact("VIFs", "none")] : Array(vifs.prefix(room)))
      + (rest > 0 ? [Fact("", "  and \(Units.count(rest, "VIF")) more")] : []) + hosts
  }

  /// All hosts in one line, with what is wrong on any; nil when there is one, or nobody has told.
  private var hosts: Fact? {
    guard let all = entry?.interfaces, Set(all.map(\.host)).count > 1 else { return nil }
    let words = all.map { interface in
      let state = !interface.isLive ? " off" : !interface.isAttached ? " not plugged" : interface.hasLink == false ? " DOWN" : ""
      return (text: interface.host + state, isWell: state.isEmpty)
    }
    // Those that are not well are not cut off.
    let shown = words.filter { !$0.isWell } + words.filter(\.isWell)
    let rest = shown.count - 8
    return Fact("Hosts", shown.prefix(8).map(\.text).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : ""))
  }

  /// One line for each host, this one first.
  private var interfaces: [Fact] {
    (entry?.interfaces ?? []).map { interface in
      var words = [interface.name]
      if interface.isManagement { words.append("management") }
      if !interface.isAttached { words.append("not plugged") }
      if interface.hasLink == false { words.append("DOWN") }
      if !interface.isLive { words.append("host switched off or cut off") }
      let isWell = interface.isAttached && interface.hasLink != false && interface.isLive
      return Fact("  \(interface.host)", words.joined(separator: ", "), style: isWell ? .normal : .warning)
    }
  }

  /// One line for each VIF, by VM.
  private var vifs: [Fact] {
    let all = entry?.vifs ?? []
    return (all.filter(\.isAttached) + all.filter { !$0.isAttached }).map { vif in
      let place = vif.isAttached ? "attached" + (vif.host.map { " on \($0)" } ?? "") : "not attached"
      let locking = vif.lockingMode == .networkDefault ? "" : ", \(vif.lockingMode.rawValue)"
      return Fact("  \(vif.vm)", "VIF \(vif.device), \(vif.mac), \(place)\(locking)", style: vif.isAttached ? .normal : .dim)
    }
  }

  private var summary: String {
    var parts = [network.kindSentence]
    if network.isManagement { parts.append("MANAGEMENT") }
    if !network.bridge.isEmpty { parts.append("bridge \(network.bridge)") }
    if network.hosts > 0 { parts.append("on \(Units.count(network.hosts, "host"))") }
    return parts.joined(separator: ", ")
  }

  private var vms: String {
    let running = network.runningVMs.isEmpty ? "none running" : network.runningVMs.joined(separator: ", ")
    return network.otherVMs.isEmpty ? running : "\(running); not running: \(network.otherVMs.joined(separator: ", "))"
  }
}
