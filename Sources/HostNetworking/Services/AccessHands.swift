import Dom0
import XenAPI

/// Switches logins over SSH on and off.
struct AccessHands: Sendable {
  let system: HostSystem
  let xapi: ServiceCalls?

  func set(_ request: RemoteAccessRequest) async throws(ChangeFailure) {
    if let xapi, xapi.services.isSSHOn != nil { try await set(request, xapi) }
    // What XAPI does not know of, or ties together: whether the daemon is started with the host.
    guard request.autoMode != true || xapi?.services.sshAutoMode == nil else { return }
    try await setUnit(request)
  }

  /// Switching on ends auto mode by itself, and opens the firewall; ending auto mode closes it. So it is never ended
  /// for a daemon that is to run. Switching off leaves auto mode as it is, and with it the daemon comes back: so auto
  /// mode goes first.
  private func set(_ request: RemoteAccessRequest, _ xapi: ServiceCalls) async throws(ChangeFailure) {
    let services = xapi.services
    let hasAuto = services.sshAutoMode != nil
    if let timeout = request.timeout, services.sshTimeout != nil, timeout != services.sshTimeout {
      try await xapi.call("host.set_ssh_enabled_timeout", [.int(timeout)])
    }
    if request.autoMode == true, hasAuto {
      if !request.isOn { try await xapi.call("host.disable_ssh") }
      if services.sshAutoMode == false { try await xapi.call("host.set_ssh_auto_mode", [true]) }
    } else if request.isOn {
      try await xapi.call("host.enable_ssh")
    } else {
      if request.autoMode == false, services.sshAutoMode == true {
        try await xapi.call("host.set_ssh_auto_mode", [false])
      }
      try await xapi.call("host.disable_ssh")
    }
  }

  private func setUnit(_ request: RemoteAccessRequest) async throws(ChangeFailure) {
    // XAPI does not wait for systemd.
    let access = await ServicesLook.access(on: system)
    if let problem = access.unitsProblem { throw ChangeFailure("systemd does not tell of sshd: \(problem)") }
    guard access.isKnown else { throw ChangeFailure("there is no sshd on this host") }
    if access.startsAtBoot != request.startsAtBoot {
      try await system.service(["systemctl", request.startsAtBoot ? "enable" : "disable", "sshd"])
    }
    if access.isOn != request.isOn { try await system.service(["systemctl", request.isOn ? "start" : "stop", "sshd"]) }
    // Without XAPI its monitor would go on switching.
    if xapi == nil, let auto = request.autoMode, access.monitor?.exists == true, access.monitor?.isActive != auto {
      try await system.service(["systemctl", auto ? "enable" : "disable", "xapi-ssh-monitor"])
      try await system.service(["systemctl", auto ? "start" : "stop", "xapi-ssh-monitor"])
    }
  }
}

extension AccessFacts {
  /// - Parameter services: what XAPI says; nil while it is silent.
  func isAs(_ request: RemoteAccessRequest, _ services: HostServices?) -> Bool {
    if let timeout = request.timeout, let present = services?.sshTimeout, present != timeout { return false }
    if request.autoMode == true, let auto = services?.sshAutoMode {
      // Whether the daemon runs is the monitor's affair from then on.
      return auto && (request.isOn || !isOn)
    }
    if let wanted = request.autoMode, let auto = services?.sshAutoMode, auto != wanted { return false }
    return isOn == request.isOn && startsAtBoot == request.startsAtBoot
      && services?.isSSHOn.map { $0 == request.isOn } ?? true
  }
}
