import JSON

/// The commands a simulated host has (notes on dom0 §3).
extension SimulatedHost {
  /// - Returns: nil when there is no such program.
  func run(_ name: String, _ arguments: [String]) async -> SimulatedTool? {
    switch name {
    case "ip":
      changeRoute(arguments)
        ?? IPTool(KernelView(world, dom0.live, routes: dom0.routes), neighbours: neighbours).run(arguments)
    case "ethtool" where IdentifyTool.isMeant(arguments): await identify(arguments)
    case "lldptool": lldptool(arguments)
    case "ethtool": ethtool(arguments)
    case "ovs-vsctl":
      dom0.isRunning("openvswitch") ? VSwitchTool(world, dom0.live).run(arguments) : .failure(1, VSwitchTool.noDatabase)
    case "ovs-appctl":
      dom0.isRunning("openvswitch")
        ? BondTool(world, dom0.live, speaksOfMembers: layout.speaksOfMembers).run(arguments)
        : .failure(1, BondTool.noDaemon)
    case "systemctl": await systemctl(arguments)
    case "reboot": rebootTool(arguments)
    case "shutdown": await arguments.contains("-r") ? rebootTool(arguments) : powerOffTool()
    case "poweroff", "halt": await powerOffTool()
    case "biosdevname": biosdevname(arguments)
    case "chronyc": chronyc(arguments)
    case "timedatectl": timedatectl(arguments)
    case "xe-toolstack-restart": await toolstackRestart()
    case "xe-get-network-backend": SimulatedTool("openvswitch\n")
    case "systemd-run": systemdRun(arguments)
    case "ssh-keygen": sshKeygen(arguments)
    case "openssl": openssl(arguments)
    case "getent": getent(arguments)
    case "dig", "nslookup", "host": askNameServer(name, arguments)
    case "curl": curl(arguments)
    case "timeout": await timeLimited(arguments)
    case "ping": ping(arguments)
    case "ping6": ping(arguments, isIPv6: true)
    case "arping": arping(arguments)
    case "xe": await xe(arguments)
    case "mount": mount(arguments)
    case "interface-rename", "interface-rename.py": renameTool(arguments)
    case "hostname", "hostnamectl", "set-hostname": hostname(name, arguments)
    case "fcoe_driver": fcoeDriver(arguments)
    case "sync", "logger", "udevadm", "modprobe", "true": SimulatedTool()
    default: nil
    }
  }

  // MARK: Power

  private func rebootTool(_ arguments: [String]) -> SimulatedTool {
    reboot(isForced: arguments.contains("-f") || arguments.contains("--force") || arguments.contains("-ff"))
    return SimulatedTool()
  }

  /// `timeout seconds command`: the command; how long it may take is its caller's matter.
  private func timeLimited(_ arguments: [String]) async -> SimulatedTool? {
    let rest = IPTool.operands(of: arguments, taking: ["-s", "-k"]).dropFirst()
    guard let inner = rest.first, let start = arguments.firstIndex(of: inner) else { return .failure(125, "timeout: missing operand") }
    return await runTool(Array(arguments[start...]))
  }

  /// A program of 8.3: stops `stunnel@xapi`, restarts the target, waits for its units.
  private func toolstackRestart() async -> SimulatedTool {
    guard !dom0.isDown else { return .failure(1, "Failed to connect to bus") }
    guard !dom0.isRestarting else {
      return SimulatedTool(
        "Exiting: cannot lock \(Self.restartLock). Is an instance of xe-toolstack-restart running already?\n", code: 1)
    }
    dom0.isRestarting = true
    try? dom0.tree?.put(Self.restartLock, .text(""))
    defer {
      dom0.isRestarting = false
      dom0.tree?.remove(Self.restartLock)
    }
    // What hung is struck down and comes back well.
    if options.fault == .hang { options.fault = nil }
    await restartToolstack(downFor: options.restartTime)
    if let failed = Self.toolstack.first(where: { dom0.stopped[$0] != nil && !dom0.disabled.contains($0) }) {
      return SimulatedTool(
        "Executing xe-toolstack-restart\n\(failed).service failed to restart, Active: failed (Result: exit-code)\n", code: 1)
    }
    return SimulatedTool("Executing xe-toolstack-restart\ndone.\n")
  }

  // MARK: Others

  private func chronyc(_ arguments: [String]) -> SimulatedTool {
    guard world.services.timeUnit == "chronyd" else { return .failure(127, "chronyc: command not found") }
    let time = TimeSources(world, dom0.live)
    guard time.isRunning, !dom0.isDown else { return .failure(1, "506 Cannot talk to daemon") }
    switch arguments.filter({ !$0.hasPrefix("-") }).first {
    case "sources":
      return SimulatedTool(
        time.sources.enumerated().map { index, source in
          source.sign == "?"
            ? "^,?,\(source.address),0,10,0,4294967295,0.000000000,0.000000000,0.000000000\n"
            : "^,\(source.sign),\(source.address),\(index + 2),6,377,57,-0.000006851,-0.000118707,0.082518920\n"
        }.joined())
    case "tracking":
      guard let taken = time.sources.first(where: { $0.sign == "*" }) else {
        return SimulatedTool("00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,"
          + "1.000000000,0.0,Not synchronised\n")
      }
      return SimulatedTool(
        "0A3E100B,\(taken.address),3,\(world.clock().seconds).113428832,0.000006851,-0.000118707,0.000082519,-3.214,0.001,"
          + "0.102,0.001200713,0.000412093,64.4,Normal\n")
    case "makestep", "burst", "online", "reload": return SimulatedTool("200 OK\n")
    default: return .failure(1, "Unrecognized command")
    }
  }

  private func timedatectl(_ arguments: [String]) -> SimulatedTool {
    if arguments.first == "set-ntp" {
      guard arguments.count > 1, ["true", "false", "yes", "no", "1", "0"].contains(arguments[1]) else {
        return .failure(1, "Failed to parse NTP setting")
      }
      let isOn = ["true", "yes", "1"].contains(arguments[1])
      world.services.setUnit(world.services.timeUnit, active: isOn, enabled: isOn)
      if isOn { readTimeServers() }
      followWorld()
      return SimulatedTool()
    }
    let time = TimeSources(world, dom0.live)
    let unit = world.services.units[world.services.timeUnit]
    return SimulatedTool(
      "      Local time: \(world.clock().datetime)\n       Time zone: Europe/Zurich (CET, +0100)\n"
        + "     NTP enabled: \(unit?.isEnabled == true ? "yes" : "no")\n"
        + "NTP synchronized: \(time.isSynchronised ? "yes" : "no")\n"
    )
  }

  /// `ssh-keygen -lf file`.
  private func sshKeygen(_ arguments: [String]) -> SimulatedTool {
    guard arguments.first?.hasPrefix("-l") == true, let path = arguments.last, let tree = dom0.tree else {
      return .failure(1, "Too few arguments.")
    }
    guard let text = tree.text(path) else { return .failure(255, "ssh-keygen: \(path): No such file or directory") }
    return HostKeys.line(text).map { SimulatedTool($0) } ?? .failure(255, "\(path) is not a public key file.")
  }

  /// `openssl x509 -noout -fingerprint -sha256 -in file`.
  private func openssl(_ arguments: [String]) -> SimulatedTool {
    guard arguments.first == "x509", arguments.contains("-fingerprint"), let path = IPTool.value(of: "-in", in: arguments),
      let tree = dom0.tree
    else { return .failure(1, "openssl:Error: invalid command") }
    guard let text = tree.text(path) else { return .failure(1, "Error opening Certificate \(path)") }
    return HostKeys.fingerprint(text).map { SimulatedTool("SHA256 Fingerprint=\($0)\n") }
      ?? .failure(1, "unable to load certificate")
  }

  private func mount(_ arguments: [String]) -> SimulatedTool {
    if arguments.contains(where: { $0.range(of: "remount,rw") != nil }) { dom0.isReadOnly = false }
    if arguments.contains(where: { $0.range(of: "remount,ro") != nil }) { dom0.isReadOnly = true }
    return SimulatedTool()
  }

  /// `hostname`, `hostnamectl [set-hostname name]`, XAPI's `set-hostname name`.
  private func hostname(_ name: String, _ arguments: [String]) -> SimulatedTool {
    let words = arguments.filter { !$0.hasPrefix("-") && $0 != "set-hostname" && $0 != "status" }
    guard name != "hostname", let new = words.first else {
      return SimulatedTool(name == "hostnamectl" ? "   Static hostname: \(hostname)\n" : "\(hostname)\n")
    }
    world.services.hostname = new
    followWorld()
    return SimulatedTool()
  }

  /// The commands that work without a living XAPI, as far as a rescue needs them.
  private func xe(_ arguments: [String]) async -> SimulatedTool {
    let down = SimulatedTool.failure(1, "Error: Connection refused (calling connect )")
    guard dom0.isRunning("xapi"), servesSocket else { return down }
    switch arguments.first {
    case "host-emergency-ha-disable":
      world.haDisarmed = true
      followWorld()
      return SimulatedTool()
    case "host-signal-networking-change":
      world.refreshNetworking(of: world.thisHost)
      wakeAll()
      return SimulatedTool()
    case "host-is-in-emergency-mode": return SimulatedTool(world.emergency == nil ? "false\n" : "true\n")
    default: return .failure(1, "Unknown command: \(arguments.first ?? "")")
    }
  }
}
