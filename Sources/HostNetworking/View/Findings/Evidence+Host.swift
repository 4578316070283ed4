import Dom0
import XenAPI

/// What the rest stands on: services, disks, files, and a reset that is under way.
extension Evidence {
  func services() -> [Finding] {
    guard let local else { return [] }
    let usesSwitch = (try? local.files.network.get())?.backend.usesOpenVSwitch ?? true
    var findings: [Finding] = []
    if usesSwitch { findings += stopped("openvswitch", "no bridge works without it", local) }
    findings += stopped("xcp-networkd", "nobody sets up the network", local)
    if !isLive { findings += stopped("xapi", "XAPI is not there", local) }
    findings += idleNetworkd(local)
    for name in ["NetworkManager", "firewalld"] where local.unit(name)?.isActive == true {
      findings.append(
        Finding(
          .warning, "\(name) runs, and fights with XAPI over the network.",
          remedy: "Stop it for good: systemctl disable --now \(name)."))
    }
    return findings
  }

  private func stopped(_ name: String, _ consequence: String, _ local: LocalHost) -> [Finding] {
    guard let unit = local.unit(name), unit.exists, !unit.isActive, unit.active != "activating" else { return [] }
    let how = unit.hasFailed ? "has failed" : "does not run"
    return [
      Finding(
        .trouble, "The service \(name) \(how): \(consequence).",
        remedy: "systemctl start \(name) starts it; /var/log/daemon.log may tell why it stopped.")
    ]
  }

  /// networkd writes down what it sees every five seconds.
  private func idleNetworkd(_ local: LocalHost) -> [Finding] {
    guard local.unit("xcp-networkd")?.isActive == true, let stats = try? local.live.stats?.get() else { return [] }
    let age = local.live.wall - stats.written
    // Somewhat more than one round late: a busy host is no broken one.
    guard age > 3 * NetworkStats.stale else { return [] }
    return [
      Finding(
        .warning,
        "xcp-networkd has not looked at the links for \(age >= 120 ? "\(age / 60) minutes" : "\(age) seconds").",
        remedy: "Restart it: systemctl restart xcp-networkd.")
    ]
  }

  // MARK: A reset under way

  func reset() -> [Finding] {
    guard let local else { return [] }
    var findings = earlier(local.files.earlierReset)
    if findings.isEmpty, case .success(let trigger?) = local.files.trigger { findings.append(pending(trigger)) }
    let isWaiting = local.managementBridge == ManagementSettings.temporaryBridge
    if isWaiting, findings.isEmpty, local.files.uptime.map({ $0 > 600 }) ?? true {
      findings.append(
        Finding(
          .warning, "Management is still on the temporary bridge \(ManagementSettings.temporaryBridge).",
          remedy: "XAPI has not finished a network reset onto a VLAN: restart the toolstack, or reset again.",
          place: .reset))
    }
    findings += local.files.staleClients.map { path in
      Finding(
        .warning, "\(path) names a DHCP client that is gone: networkd will not start another.",
        remedy: "Remove that file, then restart xcp-networkd.")
    }
    // A host on guard is as it should be; it matters only to somebody who is about to reset it.
    if (try? local.files.local.get())?.isHAArmed == true, !(isLive && view.facts?.haEnabled == true) {
      findings.append(
        Finding(
          isLive ? .warning : .notice,
          "High availability is armed on this host\(isLive ? ", but off in the pool" : "").",
          remedy: "No network reset while it is: switch high availability off first."))
    }
    return findings
  }

  private func pending(_ trigger: ResetTrigger) -> Finding {
    let target = trigger.settings.map { settings in
      settings.vlan.map { "VLAN \($0) on \(settings.device)" } ?? settings.device
    }
    guard let target else {
      return Finding(
        .trouble, "\(trigger.path) asks for a network reset, but names no device.",
        remedy: "XAPI stumbles over it at every start: remove the file, or reset again.", place: .reset)
    }
    let isMember = if case .member = view.role { true } else { false }
    return Finding(
      .warning, "A network reset to \(target) waits for XAPI.",
      remedy: isMember
        ? "XAPI finishes it once it has reached the coordinator."
        : "XAPI finishes it when it starts.", place: .reset)
  }

  /// A reset of this program that is not over. What waits for XAPI is told by its trigger.
  private func earlier(_ standing: ResetStanding) -> [Finding] {
    switch standing {
    case .none, .carriedOut, .waitingForXAPI: []
    case .interrupted(let journal):
      [
        Finding(
          .trouble, "A network reset to \(journal.request.device) has begun and is not finished.",
          remedy: "Finish it or take it back.", place: .reset)
      ]
    case .waitingForReboot(let journal):
      [
        Finding(
          .warning, "A network reset to \(journal.request.device) is written and waits for a reboot.", place: .reset)
      ]
    case .damaged(let problem): [Finding(.warning, "\(problem).", place: .reset)]
    }
  }

  // MARK: Disks

  func disks() -> [Finding] {
    guard let local else { return [] }
    var findings: [Finding] = []
    if local.files.rootDisk?.isReadOnly == true {
      findings.append(
        Finding(
          .trouble, "The root file system is read-only: no setting can be kept.",
          remedy: "mount -o remount,rw / makes it writable; dmesg may tell why it is not."))
    } else if local.files.rootDisk?.isFull == true {
      findings.append(
        Finding(.trouble, "The root file system is full: no setting can be kept.", remedy: "Free some space first."))
    }
    if local.files.logDisk?.isFull == true, local.files.rootDisk?.isFull != true {
      findings.append(
        Finding(
          .trouble, "/var/log is full: XAPI does not work well, or at all.",
          remedy: "Remove old logs, for instance xensource.log.*.gz."))
    }
    return findings
  }
}
