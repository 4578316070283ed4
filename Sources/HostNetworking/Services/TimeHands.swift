import Dom0
import XenAPI

/// Sets where the clock is set from.
struct TimeHands: Sendable {
  let system: HostSystem
  let xapi: ServiceCalls?

  func set(_ request: TimeServerRequest) async throws(ChangeFailure) {
    if let xapi, xapi.services.ntpMode != nil {
      try await set(request, xapi)
    } else {
      try await setInFiles(request)
    }
  }

  // MARK: XAPI, from 26.0

  private func set(_ request: TimeServerRequest, _ xapi: ServiceCalls) async throws(ChangeFailure) {
    let time = await ServicesLook.time(on: system)
    var present = xapi.services.mode
    // XAPI does nothing when it believes to be in the mode already; somebody may have changed the files meanwhile.
    if present == request.mode, request.mode != .custom, !time.isIn(request.mode) {
      let detour: TimeServerRequest.Mode = request.mode == .off ? .dhcp : .off
      try await xapi.call("host.set_ntp_mode", [.string(detour.xapi)])
      present = detour
    }
    let servers = request.servers.filter { !$0.contains(" ") }
    // In custom mode the list may not be empty: it is filled before, and emptied after.
    if request.mode == .custom {
      try await xapi.call("host.set_ntp_custom_servers", [.array(servers.map { .string($0) })])
    }
    if present != request.mode { try await xapi.call("host.set_ntp_mode", [.string(request.mode.xapi)]) }
    if request.mode != .custom, servers != xapi.services.ntpServers {
      try await xapi.call("host.set_ntp_custom_servers", [.array(servers.map { .string($0) })])
    }
  }

  // MARK: The host's own files

  private func setInFiles(_ request: TimeServerRequest) async throws(ChangeFailure) {
    let isChrony = system.exists(TimeConf.chronyPath) || !system.exists(TimeConf.ntpPath)
    let daemon = isChrony ? TimeFacts.Daemon.chrony : .ntpd
    do {
      let old = try TimeConf(of: system)
      let new = try old.setting(servers: request.servers)
      if new.bytes != old.bytes { try new.write(to: system) }
      try setHook(request.mode, daemon, new)
    } catch let error as HostFileError {
      throw ChangeFailure("\(error)")
    } catch {
      throw ChangeFailure("\(error)")
    }
    if request.mode == .off {
      try await system.service(["systemctl", "stop", daemon.name])
      try await system.service(["systemctl", "disable", daemon.name])
    } else {
      try await system.service(["systemctl", "enable", daemon.name])
      try await system.service(["systemctl", "restart", daemon.name])
    }
  }

  /// Whether servers from DHCP are used; those that the present leases name are put there or taken away at once, as XAPI
  /// does it.
  private func setHook(
    _ mode: TimeServerRequest.Mode, _ daemon: TimeFacts.Daemon, _ conf: TimeConf
  ) throws(HostFileError) {
    let usesDHCP = mode == .dhcp
    if mode != .off, system.exists(daemon.hook), try TimeConf.usesDHCP(on: system, hook: daemon.hook) != usesDHCP {
      try TimeConf.setUsesDHCP(usesDHCP, on: system, hook: daemon.hook)
    }
    guard daemon == .chrony, mode != .off, conf.readsDHCPFolder else { return }
    if usesDHCP {
      for (bridge, servers) in leased() {
        try system.makeFolder(TimeConf.dhcpFolder)
        let lines = servers.map { "server \($0) iburst prefer\n" }.joined()
        try system.replace("\(TimeConf.dhcpFolder)/\(bridge).sources", with: Array(lines.utf8))
      }
    } else {
      let names = ((try? system.names(in: TimeConf.dhcpFolder)) ?? []).filter { $0.hasSuffix(".sources") }
      for name in names { try system.remove("\(TimeConf.dhcpFolder)/\(name)") }
    }
  }

  private func leased() -> [(bridge: String, servers: [String])] {
    let names = (try? system.names(in: "/var/lib/xcp")) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("dhclient-"), name.hasSuffix(".leases") else { return nil }
      let bridge = String(name.dropFirst(9).dropLast(7))
      let servers = (try? DhclientLeases(of: bridge, on: system))?.latest?.timeServers ?? []
      return servers.isEmpty ? nil : (bridge, servers)
    }
  }
}

extension TimeFacts {
  /// Whether the files and the daemon are as a request wants them, without XAPI's word.
  func isAs(_ request: TimeServerRequest) -> Bool {
    guard servers.map(\.spelling) == request.servers || Set(servers.map(\.host)) == Set(request.servers) else {
      return false
    }
    if request.mode == .off { return isOff }
    return !isOff && usesDHCP == (request.mode == .dhcp)
  }

  /// Whether they are in a mode, whatever the servers are.
  func isIn(_ wanted: TimeServerRequest.Mode) -> Bool {
    switch wanted {
    case .off: isOff
    case .dhcp: !isOff && usesDHCP
    case .factory: !isOff && !usesDHCP && isFactory
    case .custom: !isOff && !usesDHCP
    }
  }

  private var isOff: Bool { unit.map { !$0.isActive } ?? false }
}

extension HostServices {
  func isAs(_ request: TimeServerRequest, _ time: TimeFacts) -> Bool {
    guard mode == request.mode, time.isIn(request.mode) else { return false }
    let servers = request.servers.filter { !$0.contains(" ") }
    guard ntpServers == servers else { return false }
    return request.mode != .custom || Set(time.servers.filter { $0.kind == "server" }.map(\.host)) == Set(servers)
  }
}
