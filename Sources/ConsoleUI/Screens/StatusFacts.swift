import HostNetworking
import TerminalUI
import XenAPI

/// What there is to say of the host as a whole. Lines that are wrong lead to the place that shows more.
struct StatusFacts {
  let context: Context

  /// For the page of its own.
  var all: [Fact] { everything(withHeading: true) }

  /// - Parameter withHeading: false where the title says already that something is wrong.
  func everything(withHeading: Bool) -> [Fact] {
    guard let host = context.host else { return [Fact("", "Looking at the host ...", style: .dim)] }
    guard host.sources.configuration != nil else { return unknown(host) }
    return remedy(host) + FindingFacts(host).full(withHeading: withHeading)
      + ManagementLines(host, now: context.now).facts + pool(host) + running(host) + machine(host)
  }

  /// For the pane beside the menu: what changes, without what the machine is made of. A slow line pays for every word.
  var brief: [Fact] {
    guard let host = context.host, host.sources.configuration != nil else { return all }
    return remedy(host) + FindingFacts(host).brief + ManagementLines(host, now: context.now).facts + pool(host)
      + running(host)
  }

  /// Something keeps the host from being managed, or soon will.
  var isTroubled: Bool { context.host?.findings.first?.weight == .trouble }

  /// Over the findings of a host in trouble.
  static let troubleTitle = "What is wrong"

  private func unknown(_ host: HostView) -> [Fact] {
    // What is wrong is said by the notice already.
    var lines = XAPIWords(context).notice == nil ? [Fact("", "No answer from XAPI yet.")] : []
    lines += remedy(host)
    lines += host.findings.isEmpty ? [] : FindingFacts(host).full(withHeading: true)
    if let product = host.product { lines.append(Fact("Product", product)) }
    lines.append(Fact("", "Interfaces and networks appear here as soon as XAPI tells of them.", style: .dim))
    return lines
  }

  /// What to do about a XAPI that is starting or cut off.
  private func remedy(_ host: HostView) -> [Fact] {
    guard case .emergency(let failure) = host.connection, let remedy = failure.explained().remedy else { return [] }
    // An address that is missing is told of below, with its cause.
    if isTroubled, failure.code == "HOST_HAS_NO_MANAGEMENT_IP" { return [] }
    return [Fact("", remedy.sentence, style: .strong)]
  }

  // MARK: Pool and machine

  private func pool(_ host: HostView) -> [Fact] {
    let facts = host.facts
    let live = facts.flatMap { $0.liveHosts < $0.poolHosts ? ", \($0.liveHosts) of \($0.poolHosts) live" : nil } ?? ""
    var lines: [Fact] = []
    switch host.role {
    case .member(let pool, let coordinator, let address):
      let name = pool.isEmpty ? "a pool" : "\"\(pool)\""
      let hosts = facts.map { ", \($0.poolHosts) hosts" } ?? ""
      lines.append(Fact("Pool", "member of \(name)\(hosts)\(live)"))
      lines.append(Fact("Coordinator", [coordinator, address].filter { !$0.isEmpty }.joined(separator: " ")))
    case .coordinator(_, let count):
      lines.append(Fact("Pool", count == 0 ? "coordinator" : "\(host.role.words), \(count) hosts\(live)"))
    case .standalone: lines.append(Fact("Pool", "single host"))
    case .unknown: lines.append(Fact("Pool", "not known"))
    }
    if facts?.enabled == false { lines.append(Fact("Host", "MAINTENANCE MODE", style: .warning)) }
    return lines + availability(host) + vms(host)
  }

  private func availability(_ host: HostView) -> [Fact] {
    if let facts = host.facts { return [Fact("HA", facts.haEnabled ? "on" : "off")] }
    guard let local = host.local else { return [] }
    return [Fact("HA", local.isHAArmed ? "armed" : "not armed")]
  }

  private func vms(_ host: HostView) -> [Fact] {
    if let facts = host.facts {
      return [Fact("VMs", "\(facts.runningVMs) running here, \(facts.haltedVMs) halted in the pool")]
    }
    guard let count = host.local?.runningVMs, case .written(let wall) = host.sources.names?.age else { return [] }
    return [Fact("VMs", "\(count) ran here at \(Units.moment(wall, now: context.now.wall))")]
  }

  private func running(_ host: HostView) -> [Fact] {
    guard let boot = host.facts?.bootTime, (1...max(1, context.now.wall)).contains(boot) else { return [] }
    return [Fact("Up", Units.age(context.now.wall - boot))]
  }

  private func machine(_ host: HostView) -> [Fact] {
    guard let facts = host.facts else { return host.product.map { [Fact("Software", $0)] } ?? [] }
    var lines: [Fact] = []
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
    lines.append(Fact("Software", "\(host.product ?? ""), XAPI \(facts.toolstack), \(facts.networkBackend)"))
    return lines
  }
}
