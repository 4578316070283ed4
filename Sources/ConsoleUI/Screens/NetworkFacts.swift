import HostNetworking
import TerminalUI

/// What there is to say of a network.
struct NetworkFacts {
  private let network: NetworkView

  init(_ network: NetworkView) { self.network = network }

  /// For the pane below the list.
  var brief: [Fact] {
    var facts = [Fact("", summary)]
    if !network.description.isEmpty { facts.append(Fact("", network.description)) }
    facts.append(Fact("VMs", vms))
    if !network.tags.isEmpty { facts.append(Fact("Tags", network.tags.joined(separator: ", "))) }
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
    facts += [
      Fact("Hosts", network.hosts == 0 ? "no host has an interface on it" : Units.count(network.hosts, "host")),
      Fact("VIFs", "\(network.vifs)"),
      Fact("Running VMs", network.runningVMs.isEmpty ? "none" : network.runningVMs.joined(separator: ", ")),
      Fact("Other VMs", network.otherVMs.isEmpty ? "none" : network.otherVMs.joined(separator: ", ")),
    ]
    if let mode = network.lockingMode { facts.append(Fact("Locking", mode.rawValue)) }
    if !network.purpose.isEmpty { facts.append(Fact("Purpose", network.purpose.joined(separator: ", "))) }
    if !network.tags.isEmpty { facts.append(Fact("Tags", network.tags.joined(separator: ", "))) }
    if network.isManagement { facts.append(Fact("Management", "XAPI listens here")) }
    if !network.isManaged { facts.append(Fact("Managed", "no: XAPI leaves it alone", style: .warning)) }
    if !network.uuid.isEmpty { facts.append(Fact("UUID", network.uuid)) }
    return facts
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
