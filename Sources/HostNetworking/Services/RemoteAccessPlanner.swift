import Dom0
import XenAPI

/// Plans logins over SSH: through XAPI where it knows of them (25.21 on), else by systemd.
public struct RemoteAccessPlanner: Sendable {
  /// Seconds; XAPI takes no more.
  public static let longestTimeout: Int64 = 172_800

  private let facts: ServicesFacts

  public init(_ facts: ServicesFacts) { self.facts = facts }

  private var access: AccessFacts { facts.access }
  private var services: HostServices? { facts.services.flatMap { $0.isSSHOn == nil ? nil : $0 } }

  public func plan(_ request: RemoteAccessRequest) throws(ChangeProblem) -> ChangePlan {
    if let problem = access.unitsProblem { throw ChangeProblem("systemd does not tell of sshd: \(problem)") }
    guard access.isKnown else { throw ChangeProblem("there is no sshd on this host") }
    if let timeout = request.timeout, !(0...Self.longestTimeout).contains(timeout) {
      throw ChangeProblem("the time-out is 0 to \(Self.longestTimeout) seconds", remedy: "XAPI takes two days at the most")
    }
    let steps =
      access.isAs(request, services)
      ? []
      : [
        ChangeStep(
          0, sentence(request), commands: commands(request), action: .setRemoteAccess(request), undo: [.setRemoteAccess(now)])
      ]
    return ChangePlan(
      intent: .remoteAccess(request), title: title(request), differences: differences(request),
      consequences: consequences(request), hazards: hazards(request), steps: steps)
  }

  private var now: RemoteAccessRequest {
    RemoteAccessRequest(
      isOn: access.isOn, startsAtBoot: access.startsAtBoot, autoMode: services?.sshAutoMode, timeout: services?.sshTimeout)
  }

  private func isAuto(_ request: RemoteAccessRequest) -> Bool { request.autoMode == true && services?.sshAutoMode != nil }

  private func title(_ request: RemoteAccessRequest) -> String {
    isAuto(request) ? "SSH by itself, while XAPI is not well" : request.isOn ? "SSH on" : "SSH off"
  }

  private func sentence(_ request: RemoteAccessRequest) -> String {
    if isAuto(request) { return "Let SSH be on only while XAPI is not well" }
    if request.isOn == access.isOn {
      return request.startsAtBoot ? "Start SSH with the host" : "Start SSH with the host no more"
    }
    return ChangeAction.setRemoteAccess(request).sentence
  }

  // MARK: By hand

  private func commands(_ request: RemoteAccessRequest) -> [String] {
    guard let services else { return unitCommands(request) }
    let set = "xe host-param-set uuid=\(services.uuid)"
    var lines: [String] = []
    if let timeout = request.timeout, timeout != services.sshTimeout { lines.append("\(set) ssh-enabled-timeout=\(timeout)") }
    if isAuto(request) {
      if !request.isOn { lines.append("xe host-disable-ssh host=\(services.uuid)") }
      return lines + ["\(set) ssh-auto-mode=true"]
    }
    if request.isOn {
      lines.append("xe host-enable-ssh host=\(services.uuid)")
    } else {
      if request.autoMode == false, services.sshAutoMode == true { lines.append("\(set) ssh-auto-mode=false") }
      lines.append("xe host-disable-ssh host=\(services.uuid)")
    }
    // XAPI ties the two together.
    if request.isOn != request.startsAtBoot {
      lines.append("systemctl \(request.startsAtBoot ? "enable" : "disable") sshd")
    }
    return lines
  }

  private func unitCommands(_ request: RemoteAccessRequest) -> [String] {
    var lines: [String] = []
    if request.startsAtBoot != access.startsAtBoot {
      lines.append("systemctl \(request.startsAtBoot ? "enable" : "disable") sshd")
    }
    if request.isOn != access.isOn { lines.append("systemctl \(request.isOn ? "start" : "stop") sshd") }
    return lines
  }

  // MARK: What is told

  private func differences(_ request: RemoteAccessRequest) -> [ChangePlan.Difference] {
    func word(_ flag: Bool) -> String { flag ? "on" : "off" }
    func whole(_ flag: Bool) -> String { flag ? "starts" : "does not start" }
    let auto = isAuto(request)
    var rows = [
      ChangePlan.Difference(
        "SSH", now: word(access.isOn), after: auto ? "off while XAPI is well" : word(request.isOn)),
      ChangePlan.Difference(
        "At boot", now: whole(access.startsAtBoot), after: whole(auto || request.startsAtBoot)),
    ]
    if let present = services?.sshAutoMode {
      rows.append(
        ChangePlan.Difference("Auto mode", now: word(present), after: word(request.isOn && !auto ? false : request.autoMode ?? present)))
    }
    if let present = services?.sshTimeout {
      rows.append(
        ChangePlan.Difference("Time-out", now: Self.words(present), after: Self.words(request.timeout ?? present)))
    }
    return rows
  }

  /// `none`, `after 30 minutes`, `after 2 hours`.
  public static func words(_ timeout: Int64) -> String {
    if timeout == 0 { return "none" }
    if timeout % 3600 == 0 { return timeout == 3600 ? "after an hour" : "after \(timeout / 3600) hours" }
    return timeout % 60 == 0 ? "after \(timeout / 60) minutes" : "after \(timeout) s"
  }

  private func consequences(_ request: RemoteAccessRequest) -> [String] {
    var lines: [String] = []
    let ends = access.isOn && (!request.isOn || isAuto(request))
    if ends { lines.append("sessions that are open stay open; new ones are refused") }
    if isAuto(request) { lines.append("XAPI's monitor looks once a minute, and switches SSH on when XAPI has been unwell for long") }
    if request.isOn, services?.sshAutoMode == true, !isAuto(request) { lines.append("auto mode ends: SSH stays on whatever XAPI does") }
    if facts.services == nil { lines.append("XAPI does not answer: systemd does it, and XAPI learns it when it starts") }
    if !request.isOn, request.startsAtBoot, !isAuto(request) { lines.append("SSH is back on after the next start of the host") }
    return lines
  }

  private func hazards(_ request: RemoteAccessRequest) -> [Hazard] {
    var hazards: [Hazard] = []
    let ends = !request.isOn || isAuto(request)
    if ends, let peer = facts.session.peer {
      hazards.append(
        Hazard(
          .warning, "you are connected over SSH from \(peer): this session stays, but you will not get in again",
          remedy: "Make sure that you can reach the screen or the serial line"))
    }
    if request.isOn, !request.startsAtBoot {
      hazards.append(Hazard(.notice, "SSH is off again after the next start of the host"))
    }
    if access.ssh?.load == "masked" {
      hazards.append(Hazard(.blocking, "sshd is masked: systemd refuses to start it", remedy: "systemctl unmask sshd, as root"))
    }
    if request.isOn, !isAuto(request), access.hostKeys.isEmpty, access.keysProblem == nil {
      hazards.append(Hazard(.notice, "there are no host keys yet: sshd makes them when it starts"))
    }
    if !request.isOn, request.autoMode == nil, services?.sshAutoMode == true {
      hazards.append(
        Hazard(.warning, "auto mode is on and brings SSH back while XAPI is not well", remedy: "Switch auto mode off as well"))
    }
    return hazards
  }
}
