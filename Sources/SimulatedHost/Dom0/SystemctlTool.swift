/// `systemctl` (notes on dom0 §2.12).
extension SimulatedHost {
  func systemctl(_ arguments: [String]) async -> SimulatedTool {
    let words = IPTool.operands(of: arguments, taking: ["-p", "-s", "-t", "-n", "-o"])
    let units = words.dropFirst().map(Self.unit)
    switch words.first {
    case "is-active": return isActive(units)
    case "is-enabled": return isEnabled(units)
    case "is-failed":
      let states = units.map { state(of: $0) ?? "unknown" }
      return SimulatedTool(states.map { $0 + "\n" }.joined(), code: states.contains("failed") ? 0 : 1)
    case "is-system-running": return SimulatedTool("running\n")
    case "show": return show(units, of: arguments)
    case "cat":
      guard let unit = units.first, isKnown(unit) else {
        return .failure(1, "No files found for \(units.first ?? "").service.")
      }
      return SimulatedTool("# /usr/lib/systemd/system/\(unit).service\n[Unit]\nDescription=\(unit)\n")
    case "stop": return await change(units) { await self.stopUnit($0) }
    case "start": return await change(units, isStart: true) { await self.startUnit($0) }
    case "restart", "try-restart", "reload-or-restart":
      return await change(units) { unit in
        await self.stopUnit(unit)
        await self.startUnit(unit)
      }
    case "kill": return await killUnits(units, IPTool.value(of: "-s", in: arguments) ?? "TERM")
    case "poweroff", "halt": return await powerOffTool()
    case "reboot":
      reboot(isForced: arguments.contains("-f") || arguments.contains("--force"))
      return SimulatedTool()
    case "enable", "disable":
      let result = enable(units, words.first == "enable")
      guard result.code == 0, arguments.contains("--now") else { return result }
      return words.first == "enable"
        ? await change(units) { await self.startUnit($0) } : await change(units) { await self.stopUnit($0) }
    case "mask", "unmask": return mask(units, words.first == "mask")
    case "daemon-reload", "reset-failed", "reload": return SimulatedTool()
    default: return .failure(1, "Unknown operation '\(words.first ?? "")'.")
    }
  }

  // MARK: Asking

  /// This host has such a unit: of its own, or one that `systemd-run` has made.
  private func isKnown(_ unit: String) -> Bool {
    if ["chronyd", "ntpd", "chrony-wait"].contains(unit) {
      return unit == world.services.timeUnit || (unit == "chrony-wait" && world.services.timeUnit == "chronyd")
    }
    return Self.units.contains(unit) || unit == "toolstack.target" || dom0.transients[Self.bare(unit)] != nil
      || world.services.units[unit] != nil
  }

  /// What systemd says of it; nil when it knows no such unit.
  private func state(of unit: String) -> String? {
    guard isKnown(unit) else { return nil }
    if dom0.isDown { return "inactive" }
    if unit == "toolstack.target" { return "active" }
    if let transient = dom0.transients[Self.bare(unit)] { return transient.state(asTimer: unit.hasSuffix(".timer")) }
    if let own = world.services.units[unit] { return dom0.stopped[unit] ?? (own.isActive ? "active" : "inactive") }
    return dom0.stopped[unit] ?? "active"
  }

  static func bare(_ unit: String) -> String { unit.hasSuffix(".timer") ? String(unit.dropLast(6)) : unit }

  private func isActive(_ units: [String]) -> SimulatedTool {
    let states = units.map { state(of: $0) ?? "unknown" }
    return SimulatedTool(states.map { $0 + "\n" }.joined(), code: states.contains("active") ? 0 : 3)
  }

  private func isEnabled(_ units: [String]) -> SimulatedTool {
    var text = ""
    var isAny = false
    for unit in units {
      guard isKnown(unit) else {
        return .failure(1, "Failed to get unit file state for \(unit).service: No such file or directory")
      }
      let state = fileState(unit)
      isAny = isAny || state == "enabled" || state == "static"
      text += state + "\n"
    }
    return SimulatedTool(text, code: isAny ? 0 : 1)
  }

  private func fileState(_ unit: String) -> String {
    if dom0.transients[Self.bare(unit)] != nil { return "static" }
    return world.services.units[unit]?.fileState ?? (dom0.disabled.contains(unit) ? "disabled" : "enabled")
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
      let state = state(of: unit) ?? "inactive"
      let load = world.services.units[unit]?.isMasked == true ? "masked" : isKnown(unit) ? "loaded" : "not-found"
      let values: [(String, String)] = [
        ("Id", unit.hasSuffix(".timer") ? unit : "\(unit).service"), ("LoadState", load),
        ("ActiveState", state),
        ("SubState", ["active": unit.hasSuffix(".timer") ? "waiting" : "running", "failed": "failed"][state] ?? "dead"),
        ("UnitFileState", isKnown(unit) ? fileState(unit) : ""),
        ("Result", state == "failed" ? "exit-code" : "success"), ("ExecMainStatus", state == "failed" ? "2" : "0"),
        ("MainPID", state == "active" ? "1874" : "0"), ("NRestarts", "0"),
      ]
      return values.filter { wanted.isEmpty || wanted.contains($0.0) }.map { "\($0.0)=\($0.1)\n" }.joined()
    }
    return SimulatedTool(blocks.joined(separator: "\n"))
  }

  // MARK: Doing

  private func change(_ units: [String], isStart: Bool = false, _ work: (String) async -> Void) async -> SimulatedTool {
    for unit in units {
      guard isKnown(unit) else {
        return .failure(5, "Failed to operate on \(unit).service: Unit not found.")
      }
      if isStart, world.services.units[unit]?.isMasked == true {
        return .failure(1, "Failed to start \(unit).service: Unit is masked.")
      }
      let all = unit == "toolstack.target" ? Self.toolstack : [unit]
      for unit in all { await work(unit) }
      if dom0.stopped[unit] == "failed" {
        return .failure(1, "Job for \(unit).service failed. See 'systemctl status \(unit).service' for details.")
      }
    }
    return SimulatedTool()
  }

  private func enable(_ units: [String], _ isOn: Bool) -> SimulatedTool {
    for unit in units {
      guard isKnown(unit) else { return .failure(1, "Failed to execute operation: No such file or directory") }
      if let own = world.services.units[unit] {
        if own.isMasked { return .failure(1, "Failed to execute operation: Cannot send after transport endpoint shutdown") }
        if !own.isStatic { world.services.setUnit(unit, enabled: isOn) }
      } else if isOn {
        dom0.disabled.remove(unit)
      } else {
        dom0.disabled.insert(unit)
      }
    }
    followWorld()
    return SimulatedTool()
  }

  private func mask(_ units: [String], _ isMasked: Bool) -> SimulatedTool {
    for unit in units { world.services.units[unit]?.isMasked = isMasked }
    followWorld()
    return SimulatedTool()
  }

  /// A unit's program is struck down. systemd starts XAPI and networkd again by itself (`Restart=on-failure`).
  private func killUnits(_ units: [String], _ signal: String) async -> SimulatedTool {
    for unit in units {
      guard isKnown(unit) else { return .failure(1, "Failed to kill unit \(unit).service: Unit is not loaded.") }
      let isHard = ["KILL", "SIGKILL", "9"].contains(signal)
      guard isHard else {
        await stopUnit(unit)
        continue
      }
      await crash(unit, backAfter: unit == "xapi" || unit == "xcp-networkd" ? options.restartTime : nil)
    }
    return SimulatedTool()
  }

  func powerOffTool() async -> SimulatedTool {
    await powerOff()
    return SimulatedTool()
  }
}
