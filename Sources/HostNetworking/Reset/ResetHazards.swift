extension ResetFacts {
  /// What to know before this reset, the blocking first.
  /// - Parameter losses: false where what is lost is shown by other means.
  public func hazards(for request: ResetRequest, losses: Bool = true) -> [Hazard] {
    let found = blocking + pool(request) + device(request) + (losses ? self.losses : []) + remarks(request)
    return found.enumerated().sorted { left, right in
      left.element.weight == right.element.weight
        ? left.offset < right.offset : left.element.weight > right.element.weight
    }.map(\.element)
  }

  /// True when the reset must not begin.
  public func isBlocked(for request: ResetRequest) -> Bool {
    hazards(for: request).contains { $0.weight == .blocking }
  }

  // MARK: What must not be

  private var blocking: [Hazard] {
    var hazards: [Hazard] = []
    if !isRoot { hazards.append(Hazard(.blocking, "Only root can reset the network", remedy: "Start this program as root")) }
    if managementBridge == nil {
      hazards.append(
        Hazard(
          .blocking, "The inventory cannot be read: \(problems.first ?? "it names no management interface")",
          remedy: "Put /etc/xensource-inventory right first: XAPI does not know its own host without it"))
    }
    switch diskProblem {
    case nil: break
    case .readOnly?:
      hazards.append(
        isThisMachine
          ? Hazard(.warning, "The root file system is read-only: it is made writable first")
          : Hazard(.blocking, "The files cannot be written: their file system is read-only"))
    case .full(let free)?:
      hazards.append(
        Hazard(
          .blocking, "The root file system is full: \(free) bytes are left",
          remedy: "Make room first, for instance in /var/log and /tmp"))
    }
    return hazards + earlierReset + availability
  }

  private var earlierReset: [Hazard] {
    switch standing {
    case .none, .carriedOut: break
    case .interrupted:
      return [
        Hazard(.blocking, "An earlier reset was interrupted", remedy: "Finish it, or undo it, before another one")
      ]
    case .waitingForReboot:
      return [
        Hazard(.blocking, "An earlier reset is written and waits for the reboot", remedy: "Reboot, or undo it first")
      ]
    case .waitingForXAPI:
      return [
        Hazard(
          .blocking, "An earlier reset waits for XAPI to carry it out",
          remedy: "On a member XAPI must reach its coordinator first; or undo that reset")
      ]
    case .damaged(let reason):
      return [Hazard(.warning, "The journal of an earlier reset cannot be read: \(reason)")]
    }
    guard triggerIsPending else { return [] }
    return [Hazard(.warning, "A reset by another program is pending already (\(triggerPath)): this one replaces it")]
  }

  private var availability: [Hazard] {
    var hazards: [Hazard] = []
    let isCertain = poolSource == .xapi || !role.isMember
    if haArmed == .yes || (haEnabled == .yes && isCertain) {
      hazards.append(
        Hazard(
          .blocking, "High availability is on: XAPI would delete the network records and then refuse to set the new ones",
          remedy: HARelease.advice(self)))
    } else if haEnabled == .yes {
      hazards.append(
        Hazard(
          .warning, "The pool had high availability on when this host last heard of it",
          remedy: "Make sure on the coordinator that it is off now"))
    } else if case .unknown(let reason) = haEnabled {
      hazards.append(
        Hazard(
          .warning, "Whether the pool has high availability on is not known: \(reason)",
          remedy: "Make sure that it is off"))
    }
    if redoLog == .yes {
      hazards.append(
        Hazard(
          .blocking, "The redo log is on, and XAPI would refuse the new settings after deleting the old ones",
          remedy: "Turn it off: xe pool-disable-redo-log"))
    }
    if clustering == .yes {
      hazards.append(
        Hazard(
          .blocking, "Clustering is enabled on this host and uses one of its interfaces",
          remedy: "Disable it first: xe cluster-host-disable uuid=..."))
    }
    return hazards
  }

  // MARK: The pool

  private func pool(_ request: ResetRequest) -> [Hazard] {
    switch role {
    case .member(let present): return member(request, request.coordinator.map { "\($0)" } ?? present, present)
    case .broken(let reason):
      return [
        Hazard(
          .warning, "Whether this host is a coordinator or a member is not known: \(reason)",
          remedy: "XAPI does not start properly without /etc/xensource/pool.conf: put it right first")
      ]
    case .coordinator(let hosts):
      let others = hosts == 2 ? "the other host" : "the other \(hosts - 1) hosts"
      return [
        Hazard(
          .warning, "If this coordinator's address changes, \(others) of the pool will not find it",
          remedy: "Then reset each member, too, and give it the new address (--master)")
      ]
    case .standalone, .coordinatorOrStandalone: return []
    }
  }

  private func member(_ request: ResetRequest, _ address: String, _ present: String) -> [Hazard] {
    var hazards: [Hazard] = []
    switch coordinatorReach {
    case .silent(let reason):
      hazards.append(
        Hazard(
          .warning, "The coordinator does not answer at \(present): \(reason)",
          remedy: address == present
            ? "XAPI here waits for it and finishes the reset only then. If its address has changed, give the new one"
            : nil))
    case .answers where address != present:
      hazards.append(Hazard(.warning, "The coordinator answers at \(present), and shall be looked for at \(address)"))
    case .answers, .notAsked: break
    }
    hazards.append(Hazard(.notice, "In a pool the coordinator is reset first, then its members"))
    return hazards
  }

  // MARK: The NIC

  private func device(_ request: ResetRequest) -> [Hazard] {
    var hazards: [Hazard] = []
    if let nic = device(request.device) {
      switch nic.link {
      case .down: hazards.append(Hazard(.warning, "\(nic.name) has no link", remedy: "Check its cable and switch port"))
      case .off: hazards.append(Hazard(.notice, "\(nic.name) is switched off: whether it has a link is not known"))
      case .up, .unknown: break
      }
      if !request.keepsInterfaceNames, renamesInterfaces { hazards += names(nic) }
    }
    // XAPI copies the coordinator's bonds to a member at its start, and management follows the NIC onto its bond.
    if role.isMember, now.members.contains(request.device) {
      hazards.append(
        Hazard(
          .warning,
          "\(request.device) belongs to a bond of this pool: XAPI makes that bond again on a member and moves management onto it",
          remedy: "If the bond is what fails, choose a NIC that is in no bond"))
    }
    if let family = request.onlyFamily, family != addressFamily {
      hazards.append(
        Hazard(
          .warning, "This host's primary address family becomes \(family): the product does not support the change",
          remedy: "Give it an address of both families, or none of \(family) only"))
    }
    return hazards
  }

  private func names(_ nic: ResetDevice) -> [Hazard] {
    switch nic.nameAfterReset {
    case .same: return []
    case .other(let name):
      return [
        Hazard(
          .warning, "\(nic.name) (\(nic.mac)) will be called \(name) once the installation's names are back",
          remedy: "Keep the interface names, or the management interface will be another port")
      ]
    case .unknown:
      return [
        Hazard(
          .warning, "The installation's names do not know \(nic.name) (\(nic.mac)): it may come up with another name",
          remedy: "Keep the interface names")
      ]
    }
  }

  // MARK: What follows

  private var losses: [Hazard] {
    var hazards: [Hazard] = []
    if !runningVMs.isEmpty {
      let count = runningVMs.count == 1 ? "1 VM still runs" : "\(runningVMs.count) VMs still run"
      hazards.append(
        Hazard(
          .warning, "\(count) and will be cut off by the reboot: \(runningVMs.map(\.name).joined(separator: ", "))",
          remedy: "Shut them down first"))
    }
    if !deleted.isEmpty {
      hazards.append(
        Hazard(
          .warning, "Deleted on this host: \(deleted.joined(separator: "; "))",
          remedy: "They can be restored from the saved layout after the reboot"))
    }
    return hazards
  }

  private func remarks(_ request: ResetRequest) -> [Hazard] {
    guard request.isFixed, !request.dns.isEmpty, request.searchDomains.isEmpty else { return [] }
    return [
      Hazard(
        .notice, "Without a search domain the DNS servers take effect only once XAPI is up",
        remedy: "Give a search domain if this matters")
    ]
  }
}
