import HostNetworking
import TerminalUI
import XenAPI

/// What there is to say of the host as a whole. Lines that are wrong lead to the place that shows more.
struct StatusFacts {
  let context: Context

  var all: [Fact] {
    guard let host = context.host else { return [Fact("", "Looking at the host ...", style: .dim)] }
    guard let facts = host.facts else { return unknown(host) }
    return remedy(host) + findings(host) + management(host) + pool(host, facts) + machine(facts)
  }

  /// For the pane beside the menu: what changes, without what the machine is made of. A slow line pays for every word.
  var brief: [Fact] {
    guard let host = context.host, let facts = host.facts else { return all }
    return remedy(host) + findings(host) + management(host) + pool(host, facts) + running(facts)
  }

  private func unknown(_ host: HostView) -> [Fact] {
    // What is wrong is said by the notice already.
    var lines = XAPIWords(context).notice == nil ? [Fact("", "No answer from XAPI yet.")] : []
    lines += remedy(host)
    if let product = host.product { lines.append(Fact("Product", product)) }
    lines.append(Fact("", "Interfaces and networks appear here as soon as XAPI tells of them.", style: .dim))
    return lines
  }

  /// What to do about a XAPI that is starting or cut off.
  private func remedy(_ host: HostView) -> [Fact] {
    guard case .emergency(let failure) = host.connection, let remedy = failure.explained().remedy else { return [] }
    return [Fact("", remedy.sentence, style: .strong)]
  }

  // MARK: What deserves a look

  private func findings(_ host: HostView) -> [Fact] {
    guard !host.findings.isEmpty else { return [Fact("Health", "nothing to look at", style: .good)] }
    let heading = Fact("Look at", Units.count(host.findings.count, "thing"), style: .strong)
    return [heading]
      + host.findings.map { finding in
        let place: Place? =
          switch finding.place {
          case .interface(let ref): .interface(ref)
          case .network(let ref): .network(ref)
          case .nowhere: nil
          }
        return Fact(
          "", finding.text, style: finding.weight == .trouble ? .bad : .warning, place: place,
          mark: finding.weight == .trouble ? "!! " : "!  ")
      }
  }

  // MARK: Management

  private func management(_ host: HostView) -> [Fact] {
    guard let management = host.management,
      let interface = host.interfaces.first(where: { $0.id == management.interface })
    else { return [Fact("Management", "none", style: .bad)] }
    let address = interface.addresses.first ?? management.address
    let isIPv6 = interface.ipv4.addresses.isEmpty && !interface.ipv6.addresses.isEmpty
    let mode = isIPv6 ? interface.ipv6.mode : interface.ipv4.mode
    var lines = [
      Fact(
        "Management",
        "\(address.isEmpty ? "NO ADDRESS" : address), \(mode.word), \(interface.name) (\(management.bridge))",
        style: address.isEmpty ? .bad : .strong, place: .interface(interface.id)),
      Fact("Link", link(interface), style: interface.link.isImpaired ? interface.link.style : .normal),
    ]
    let others = interface.addresses.dropFirst()
    if !others.isEmpty { lines.append(Fact("Also", others.joined(separator: ", "))) }
    let gateways = [interface.ipv4.gateway, interface.ipv6.gateway].filter { !$0.isEmpty }
    lines.append(Fact("Gateway", gateways.isEmpty ? "none" : gateways.joined(separator: ", ")))
    lines.append(Fact("DNS", interface.dns.isEmpty ? "none" : interface.dns.joined(separator: ", ")))
    return lines
  }

  private func link(_ interface: InterfaceView) -> String {
    var words =
      switch interface.link {
      case .up: "up"
      case .down: "DOWN"
      case .partly(let up, let all): "\(up) of \(all) up"
      case .unknown: "not known"
      }
    if interface.speed != nil { words += ", \(interface.speedWords)" }
    if !interface.duplexWord.isEmpty { words += ", \(interface.duplexWord)" }
    return words + ", \(interface.mac)"
  }

  // MARK: Pool and machine

  private func pool(_ host: HostView, _ facts: HostFacts) -> [Fact] {
    let hosts = facts.liveHosts < facts.poolHosts ? ", \(facts.liveHosts) of \(facts.poolHosts) live" : ""
    var lines: [Fact] = []
    switch host.role {
    case .member(let pool, let coordinator, let address):
      let name = pool.isEmpty ? "the pool" : "\"\(pool)\""
      lines.append(Fact("Pool", "member of \(name), \(facts.poolHosts) hosts\(hosts)"))
      lines.append(Fact("Coordinator", "\(coordinator) \(address)"))
    case .coordinator(_, let count):
      lines.append(Fact("Pool", "\(host.role.words), \(count) hosts\(hosts)"))
    case .standalone: lines.append(Fact("Pool", "single host"))
    case .unknown: lines.append(Fact("Pool", "not known"))
    }
    if !facts.enabled { lines.append(Fact("Host", "MAINTENANCE MODE", style: .warning)) }
    lines.append(Fact("HA", facts.haEnabled ? "on" : "off"))
    lines.append(
      Fact("VMs", "\(facts.runningVMs) running here, \(facts.haltedVMs) halted in the pool"))
    return lines
  }

  private func running(_ facts: HostFacts) -> [Fact] {
    guard let boot = facts.bootTime, (1...max(1, context.now.wall)).contains(boot) else { return [] }
    return [Fact("Up", Units.age(context.now.wall - boot))]
  }

  private func machine(_ facts: HostFacts) -> [Fact] {
    var lines = running(facts)
    if facts.memoryTotal > 0 {
      lines.append(
        Fact("Memory", "\(Units.memory(facts.memoryTotal)), \(Units.memory(facts.memoryInUse)) given to VMs"))
    }
    if facts.cpus > 0 {
      let sockets = facts.sockets > 1 ? " in \(facts.sockets) sockets" : ""
      lines.append(Fact("CPU", "\(Units.count(facts.cpus, "CPU"))\(sockets), \(facts.cpuModel)"))
    }
    let machine = [facts.manufacturer, facts.model].filter { !$0.isEmpty }.joined(separator: " ")
    if !machine.isEmpty { lines.append(Fact("Machine", machine)) }
    lines.append(
      Fact("Software", "\(context.host?.product ?? ""), XAPI \(facts.toolstack), \(facts.networkBackend)"))
    return lines
  }
}
