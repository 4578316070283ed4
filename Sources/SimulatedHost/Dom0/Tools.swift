import JSON

/// The commands a simulated host has (notes on dom0 §3).
extension SimulatedHost {
  /// - Returns: nil when there is no such program.
  func run(_ name: String, _ arguments: [String]) async -> SimulatedTool? {
    switch name {
    case "ip": IPTool(KernelView(world, dom0.live), neighbours: neighbours).run(arguments)
    case "ethtool": EthtoolTool(KernelView(world, dom0.live), offload: dom0.live.interfaces).run(arguments)
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
    case "ping": ping(arguments)
    case "arping": arping(arguments)
    case "xe": await xe(arguments)
    case "mount": mount(arguments)
    case "interface-rename", "interface-rename.py": renameTool(arguments)
    case "hostnamectl", "set-hostname": hostname(name, arguments)
    case "sync", "logger", "udevadm", "modprobe", "true": SimulatedTool()
    default: nil
    }
  }

  // MARK: Services

  private func systemctl(_ arguments: [String]) async -> SimulatedTool {
    let words = arguments.filter { !$0.hasPrefix("-") }
    let units = words.dropFirst().map(Self.unit)
    switch words.first {
    case "is-active": return isActive(units)
    case "is-enabled":
      let known = units.allSatisfy { Self.units.contains($0) || $0 == "toolstack.target" }
      return known
        ? SimulatedTool("enabled\n")
        : .failure(1, "Failed to get unit file state for \(units.first ?? ""): No such file or directory")
    case "is-system-running": return SimulatedTool("running\n")
    case "show": return show(units, of: arguments)
    case "cat":
      guard let unit = units.first, Self.units.contains(unit) else {
        return .failure(1, "No files found for \(units.first ?? "").service.")
      }
      return SimulatedTool("# /usr/lib/systemd/system/\(unit).service\n[Unit]\nDescription=\(unit)\n")
    case "stop": return await change(units) { await self.stopUnit($0) }
    case "start": return await change(units) { await self.startUnit($0) }
    case "restart", "try-restart":
      return await change(units) { unit in
        await self.stopUnit(unit)
        await self.startUnit(unit)
      }
    case "poweroff", "halt": return await powerOffTool()
    case "reboot":
      reboot(isForced: arguments.contains("-f") || arguments.contains("--force"))
      return SimulatedTool()
    case "enable", "disable", "mask", "unmask", "daemon-reload", "reset-failed": return SimulatedTool()
    default: return .failure(1, "Unknown operation '\(words.first ?? "")'.")
    }
  }

  private func isActive(_ units: [String]) -> SimulatedTool {
    let states = units.map { unit -> String in
      if unit == "toolstack.target" { return "active" }
      guard Self.units.contains(unit) else { return "unknown" }
      return dom0.isDown ? "inactive" : dom0.stopped[unit] ?? "active"
    }
    return SimulatedTool(states.map { $0 + "\n" }.joined(), code: states.contains("active") ? 0 : 3)
  }

  private func show(_ units: [String], of arguments: [String]) -> SimulatedTool {
    var wanted: [String] = []
    for (index, argument) in arguments.enumerated() {
      if argument == "-p" || argument == "--property", index + 1 < arguments.count {
        wanted += arguments[index + 1].split(separator: ",").map { String($0) }
      } else if let equals = argument.range(of: "--property=") {
        wanted += argument[equals.upperBound...].split(separator: ",").map { String($0) }
      }
    }
    let names = arguments.filter { !$0.hasPrefix("-") && $0 != "show" && !wanted.contains($0) && !$0.contains(",") }
    let blocks = names.map(Self.unit).map { unit -> String in
      let isKnown = Self.units.contains(unit)
      let state = isKnown ? (dom0.isDown ? "inactive" : dom0.stopped[unit] ?? "active") : "inactive"
      let values: [(String, String)] = [
        ("Id", "\(unit).service"), ("LoadState", isKnown ? "loaded" : "not-found"), ("ActiveState", state),
        ("SubState", ["active": "running", "failed": "failed"][state] ?? "dead"),
        ("Result", state == "failed" ? "exit-code" : "success"), ("ExecMainStatus", state == "failed" ? "2" : "0"),
        ("MainPID", state == "active" ? "1874" : "0"), ("NRestarts", "0"),
      ]
      return values.filter { wanted.isEmpty || wanted.contains($0.0) }.map { "\($0.0)=\($0.1)\n" }.joined()
    }
    return SimulatedTool(blocks.joined(separator: "\n"))
  }

  private func change(_ units: [String], _ work: (String) async -> Void) async -> SimulatedTool {
    for unit in units {
      guard unit == "toolstack.target" || Self.units.contains(unit) else {
        return .failure(5, "Failed to operate on \(unit).service: Unit not found.")
      }
      let all = unit == "toolstack.target" ? Self.toolstack : [unit]
      for unit in all { await work(unit) }
      if dom0.stopped[unit] == "failed" {
        return .failure(1, "Job for \(unit).service failed. See 'systemctl status \(unit).service' for details.")
      }
    }
    return SimulatedTool()
  }

  private func powerOffTool() async -> SimulatedTool {
    await powerOff()
    return SimulatedTool()
  }

  private func rebootTool(_ arguments: [String]) -> SimulatedTool {
    reboot(isForced: arguments.contains("-f") || arguments.contains("--force") || arguments.contains("-ff"))
    return SimulatedTool()
  }

  /// A program of 8.3: stops `stunnel@xapi`, restarts the target, waits for its units.
  private func toolstackRestart() async -> SimulatedTool {
    guard !dom0.isDown else { return .failure(1, "Failed to connect to bus") }
    await restartToolstack(downFor: options.restartTime)
    if let failed = Self.toolstack.first(where: { dom0.stopped[$0] != nil }) {
      return SimulatedTool("Executing xe-toolstack-restart\n\(failed).service failed to restart, \n", code: 1)
    }
    return SimulatedTool("Executing xe-toolstack-restart\ndone.\n")
  }

  // MARK: Others

  private func biosdevname(_ arguments: [String]) -> SimulatedTool {
    let isPhysical = arguments.contains("physical")
    let blocks = ownCards.map { card -> String in
      let port = card.position + 1
      let mac = card.mac.uppercased()
      return """
        BIOS device: \(isPhysical ? "em\(port)" : card.device)
        Kernel name: \(card.device)
        Permanent MAC: \(mac)
        Assigned MAC : \(mac)
        Driver: \(card.driver)
        Driver version: \(EthtoolTool.version(of: card.driver))
        Firmware version: \(EthtoolTool.firmware(of: card.driver))
        Bus Info: \(card.pciPath)
        PCI name      : \(card.pciPath)
        PCI Slot      : embedded
        SMBIOS Device Type: Ethernet
        SMBIOS Instance: \(port)
        SMBIOS Label: Integrated NIC \(port)
        sysfs Label: NIC\(port)
        Embedded Index: \(port)

        """
    }
    return SimulatedTool(blocks.joined(separator: "\n"))
  }

  private func chronyc(_ arguments: [String]) -> SimulatedTool {
    guard dom0.isRunning("chronyd") else { return .failure(1, "506 Cannot talk to daemon") }
    let isOnline = KernelView(world, dom0.live).routes.contains {
      $0.destination == "default" && isAnswering($0.gateway)
    }
    switch arguments.last {
    case "sources":
      let sources = [("10.62.16.11", "*", 3, "-0.000006851"), ("10.71.56.11", "+", 2, "0.000496471")]
      return SimulatedTool(
        sources.map { source in
          isOnline
            ? "^,\(source.1),\(source.0),\(source.2),6,377,57,\(source.3),\(source.3),0.082518920\n"
            : "^,?,\(source.0),0,10,0,4294967295,0.000000000,0.000000000,0.000000000\n"
        }.joined())
    case "tracking":
      return SimulatedTool(isOnline ? "0A3E100B,10.62.16.11,4\n" : "00000000,,0\n")
    default: return .failure(1, "Unrecognized command")
    }
  }

  private func timedatectl(_ arguments: [String]) -> SimulatedTool {
    guard arguments.first != "set-ntp" else { return SimulatedTool() }
    let isOnline = KernelView(world, dom0.live).routes.contains {
      $0.destination == "default" && isAnswering($0.gateway)
    }
    return SimulatedTool(
      "      Local time: \(world.clock().datetime)\n       Time zone: Europe/Zurich (CET, +0100)\n"
        + "     NTP enabled: \(dom0.isRunning("chronyd") ? "yes" : "no")\n"
        + "NTP synchronized: \(isOnline ? "yes" : "no")\n"
    )
  }

  private func mount(_ arguments: [String]) -> SimulatedTool {
    if arguments.contains(where: { $0.range(of: "remount,rw") != nil }) { dom0.isReadOnly = false }
    if arguments.contains(where: { $0.range(of: "remount,ro") != nil }) { dom0.isReadOnly = true }
    return SimulatedTool()
  }

  private func renameTool(_ arguments: [String]) -> SimulatedTool? {
    guard layout.hasInterfaceRename else { return nil }
    if arguments.contains("--list") || arguments.contains("-l") {
      let rows = ownCards.map { card in
        "\(card.device)  \(card.mac)  \(card.pciPath)[0]  \(card.device)  em\(card.position + 1)  "
          + "Integrated NIC \(card.position + 1)  \(card.driver)  \(EthtoolTool.version(of: card.driver))  "
          + "\(EthtoolTool.firmware(of: card.driver))\n"
      }
      return SimulatedTool(
        "Name  MAC                PCI              ethN  Phys  SMBios            Driver  Version  Firmware\n"
          + rows.joined())
    }
    if arguments.contains("--reset-to-install"), let tree = dom0.tree {
      for name in ["static-rules.conf", "dynamic-rules.json"] {
        if let bytes = tree.read("\(InterfaceRename.folder)/.from_install/\(name)") {
          try? tree.put("\(InterfaceRename.folder)/\(name)", .file(bytes, mode: 0o644))
        }
      }
    }
    return SimulatedTool(code: 0, errors: Array("INFO     [2026-11-22 20:00:02] All done\n".utf8))
  }

  private func hostname(_ name: String, _ arguments: [String]) -> SimulatedTool {
    guard let new = arguments.last, let tree = dom0.tree else { return SimulatedTool() }
    try? tree.put("/etc/hostname", .text("\(new)\n"))
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
    case "host-is-in-emergency-mode": return SimulatedTool(world.emergency == nil ? "false\n" : "true\n")
    default: return .failure(1, "Unknown command: \(arguments.first ?? "")")
    }
  }
}
