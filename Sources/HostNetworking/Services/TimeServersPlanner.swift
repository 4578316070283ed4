import Dom0
import XenAPI

/// Plans where the clock is set from: through XAPI from 26.0 on, else in the daemon's own file.
public struct TimeServersPlanner: Sendable {
  private let facts: ServicesFacts

  public init(_ facts: ServicesFacts) { self.facts = facts }

  private var time: TimeFacts { facts.time }
  /// XAPI's own, when it keeps time servers.
  private var services: HostServices? { facts.services.flatMap { $0.ntpMode == nil ? nil : $0 } }

  /// Why a text cannot be a time server; nil when it can.
  public static func problem(_ server: String) -> String? {
    HostnameText.isHost(server) ? nil : "\(server) is neither an address nor a name"
  }

  public func plan(_ request: TimeServerRequest) throws(ChangeProblem) -> ChangePlan {
    if let problem = request.servers.lazy.compactMap({ Self.problem($0) }).first {
      throw ChangeProblem("a time server is wrong: \(problem)")
    }
    if request.mode == .custom, request.servers.isEmpty {
      throw ChangeProblem("no time server is named", remedy: "Name one, or choose where they come from")
    }
    if services == nil, let problem = time.fileProblem {
      throw ChangeProblem("the time servers cannot be changed: \(problem)")
    }
    let (wanted, before) = (action(request), undo)
    let steps =
      wanted == before && isSo(wanted)
      ? []
      : [
        ChangeStep(
          0, ChangeAction.setTimeServers(request).sentence, commands: commands(wanted), action: .setTimeServers(wanted),
          undo: [.setTimeServers(before)])
      ]
    return ChangePlan(
      intent: .timeServers(request), title: Self.title(request), differences: differences(request),
      consequences: consequences(request), hazards: hazards(request), steps: steps)
  }

  /// Nothing is left to do but for the same words: XAPI's and those of the files.
  private func isSo(_ wanted: TimeServerRequest) -> Bool {
    services.map { $0.isAs(wanted, time) } ?? time.isAs(wanted)
  }

  private static func title(_ request: TimeServerRequest) -> String {
    switch request.mode {
    case .factory: "Time servers of the product"
    case .dhcp: "Time servers from DHCP"
    case .custom: "Time servers \(request.servers.joined(separator: ", "))"
    case .off: "No time servers"
    }
  }

  // MARK: What is done

  /// With all that the list shall hold: XAPI's, which it keeps in every mode, or the file's.
  private func action(_ request: TimeServerRequest) -> TimeServerRequest {
    if let services {
      return TimeServerRequest(mode: request.mode, servers: request.mode == .custom ? request.servers : services.ntpServers)
    }
    switch request.mode {
    case .custom: return request
    case .dhcp: return TimeServerRequest(mode: .dhcp)
    case .factory: return TimeServerRequest(mode: .factory, servers: time.isFactory ? time.request.servers : time.factory)
    case .off: return TimeServerRequest(mode: .off, servers: time.request.servers)
    }
  }

  private var undo: TimeServerRequest {
    guard let services, let mode = services.mode else { return time.request }
    return TimeServerRequest(mode: mode, servers: services.ntpServers)
  }

  private func commands(_ wanted: TimeServerRequest) -> [String] {
    if let services {
      let set = "xe host-param-set uuid=\(services.uuid)"
      let mode = "\(set) ntp-mode=\(wanted.mode.xapi)"
      guard wanted.mode == .custom else { return [mode] }
      return ["\(set) ntp-custom-servers=\(ShellWord.quoted(wanted.servers.joined(separator: ",")))", mode]
    }
    let (path, name) = (time.daemon.path, time.daemon.name)
    if wanted.mode == .off { return ["systemctl stop \(name)", "systemctl disable \(name)"] }
    var lines = ["sed -i -E '/^(server|pool|peer)[[:space:]]/d' \(path)"]
    let plain = wanted.servers.filter { !$0.contains(" ") }
    if !plain.isEmpty {
      lines.append("printf 'server %s iburst\\n' \(plain.map { ShellWord.quoted($0) }.joined(separator: " ")) >> \(path)")
    }
    lines += wanted.servers.filter { $0.contains(" ") }.map { "echo \(ShellWord.quoted($0)) >> \(path)" }
    lines.append("chmod \(wanted.mode == .dhcp ? "755" : "644") \(time.daemon.hook)")
    return lines + ["systemctl enable \(name)", "systemctl restart \(name)"]
  }

  // MARK: What is told

  private func differences(_ request: TimeServerRequest) -> [ChangePlan.Difference] {
    let mode = services?.mode ?? time.mode
    return [
      ChangePlan.Difference("Set from", now: mode.words, after: request.mode.words),
      ChangePlan.Difference("Servers", now: serversNow(mode), after: servers(request)),
      ChangePlan.Difference("Daemon", now: time.daemon.name, after: request.mode == .off ? "\(time.daemon.name), stopped" : time.daemon.name),
    ]
  }

  private func serversNow(_ mode: TimeServerRequest.Mode) -> String {
    let named = mode == .dhcp ? time.dhcpServers + time.servers.map(\.host) : time.servers.map(\.host)
    return mode == .off || named.isEmpty ? "none" : named.joined(separator: ", ")
  }

  private func servers(_ request: TimeServerRequest) -> String {
    switch request.mode {
    case .custom: request.servers.joined(separator: ", ")
    case .dhcp: time.dhcpServers.isEmpty ? "those that DHCP names" : time.dhcpServers.joined(separator: ", ")
    case .factory: action(request).servers.isEmpty || services != nil ? time.factory.joined(separator: ", ") : action(request).servers.joined(separator: ", ")
    case .off: "none"
    }
  }

  private func consequences(_ request: TimeServerRequest) -> [String] {
    var lines: [String] = []
    if request.mode != .off { lines.append("\(time.daemon.name) is restarted; it takes a minute or so to follow a server") }
    if let database = facts.change?.database, database.hosts.count > 1 {
      lines.append("only this host: each host of the pool has its own time servers")
    }
    if facts.services == nil, time.daemon == .chrony {
      lines.append("XAPI does not answer: its versions from 26.0 on take over what they find when they start")
    }
    if services == nil, request.mode == .dhcp, !time.readsDHCPFolder {
      lines.append("\(time.daemon.name) hears of DHCP's servers when a lease is renewed")
    }
    return lines
  }

  private func hazards(_ request: TimeServerRequest) -> [Hazard] {
    var hazards: [Hazard] = []
    if let unit = time.unit, !unit.exists {
      hazards.append(Hazard(.blocking, "\(time.daemon.name) is not installed on this host"))
    }
    if request.mode == .dhcp, let change = facts.change, !change.hasDHCP {
      hazards.append(
        Hazard(
          .blocking, "no interface of this host has its address from DHCP: nobody would name time servers",
          remedy: "Name them yourself"))
    } else if request.mode == .dhcp, time.dhcpServers.isEmpty {
      hazards.append(
        Hazard(
          .warning, "DHCP has not named a time server so far: the clock may be set by nobody",
          remedy: "Ask whoever runs the DHCP server for option 42, or name servers yourself"))
    }
    if request.mode == .factory, services != nil, !time.hasConfiguredFactory {
      hazards.append(Hazard(.notice, "XAPI is not told which servers the product ships with, and may refuse"))
    }
    if request.mode == .off {
      hazards.append(
        Hazard(
          .warning, "The clock will drift: certificates, high availability and Active Directory fail when it is minutes off",
          remedy: "Set it by hand from time to time"))
    }
    if time.isFarOff, let offset = time.offset, request.mode != .off {
      hazards.append(
        Hazard(
          .warning, "The clock is \(Int(offset)) s off and may jump: logs and running VMs notice",
          remedy: "Do it when nothing depends on the time"))
    }
    let others = time.servers.filter { $0.kind != "server" }
    if services != nil, !others.isEmpty {
      let names = others.map { "\($0.kind) \($0.host)" }.joined(separator: ", ")
      hazards.append(Hazard(.notice, "\(time.daemon.path) also names \(names): XAPI leaves those alone, they go on being asked"))
    }
    return hazards
  }
}

extension TimeServerRequest.Mode {
  public var words: String {
    switch self {
    case .factory: "the product's own servers"
    case .dhcp: "servers that DHCP names"
    case .custom: "servers set by hand"
    case .off: "nowhere"
    }
  }
}

extension ChangeFacts {
  fileprivate var hasDHCP: Bool {
    let pifs = (database.hosts[host]?.pifs ?? []).compactMap { database.pifs[$0] }
    return pifs.contains { $0.ipConfigurationMode == .dhcp || $0.ipv6ConfigurationMode == .dhcp }
  }
}
