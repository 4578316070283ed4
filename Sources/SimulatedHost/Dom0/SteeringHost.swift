import JSON

/// Wishes about the host below XAPI (see `Steering.swift`):
///
///     {"tool": {"name": "systemctl stop xapi", "fault": "fail"}}   "hang", "missing", or null to mend it
///     {"reboot": {"seconds": 1}}
///     {"unit": {"name": "xcp-networkd", "state": "failed"}}        or "active"
///     {"wiring": {"lacp": false, "segments": [
///         {"devices": ["eth2"], "vlan": 10, "subnet": "10.0.4", "router": "10.0.4.1", "dhcp": true}]}}
///     {"wiring": null}                                             every cable leads to everything
///     {"rename": {"device": "eth2", "fails": true}}                at a boot no card can get that name
///     {"errors": {"device": "eth1", "rate": 5}}                    so many bad packets come in each second
///     {"lights": null}                                             changes nothing: tells how many lights blink
///     {"coordinator": "10.0.4.99"}                                 the coordinator answers there from now on
extension SimulatedHost {
  /// nil: no such wish.
  func grantForHost(_ name: String, _ wish: JSONValue) async throws -> Int? {
    switch name {
    case "tool":
      guard let tool = wish["name"]?.string, let fault = wish["fault"] else {
        throw Refused(text: "tool needs name and fault")
      }
      setTool(tool, try Self.fault(fault))
    case "reboot":
      if let seconds = Self.number(wish["seconds"]) { options.rebootTime = .seconds(seconds) }
      reboot(isForced: wish["force"]?.bool ?? false)
    case "unit":
      guard let unit = wish["name"]?.string, Self.units.contains(unit), let state = wish["state"]?.string else {
        throw Refused(text: "unit needs name and state")
      }
      try await setUnit(unit, state)
    case "card": return try grantCard(wish)
    case "wiring": setWiring(try Self.wiring(wish))
    case "rename":
      guard let device = wish["device"]?.string, let fails = wish["fails"]?.bool else {
        throw Refused(text: "rename needs device and fails")
      }
      refuseName(device, isRefused: fails)
    case "coordinator": setCoordinator(address: wish.string)
    case "errors":
      guard let device = wish["device"]?.string, let rate = wish["rate"]?.int, rate >= 0 else {
        throw Refused(text: "errors needs device and rate, packets a second")
      }
      setErrors(device: device, rate: UInt64(rate))
    case "lights": return dom0.blinking == nil ? 0 : 1
    default: return nil
    }
    return 0
  }

  /// Whether interface-rename cannot give a name to any card at the next boots.
  public func refuseName(_ device: String, isRefused: Bool) {
    if isRefused { world.behaviour.brokenRenames.insert(device) } else { world.behaviour.brokenRenames.remove(device) }
  }

  private static func fault(_ wish: JSONValue) throws -> SimulatedTool.Fault? {
    switch wish {
    case .null: nil
    case "fail": .fail(code: 1, errors: "simulated failure")
    case "hang": .hang
    case "missing": .missing
    default: throw Refused(text: "a tool's fault is fail, hang, missing or null")
    }
  }

  private func setUnit(_ unit: String, _ state: String) async throws {
    switch state {
    case "failed": await breakUnit(unit)
    case "active":
      dom0.broken.remove(unit)
      await startUnit(unit)
    default: throw Refused(text: "a unit's state is failed or active")
    }
  }

  private static func wiring(_ wish: JSONValue) throws -> Wiring? {
    if wish == .null { return nil }
    guard let segments = wish["segments"]?.array else { throw Refused(text: "wiring needs segments") }
    let made = try segments.map { segment in
      guard let devices = segment["devices"]?.array, let subnet = segment["subnet"]?.string else {
        throw Refused(text: "a segment needs devices and subnet")
      }
      return Wiring.Segment(
        devices: Set(devices.compactMap(\.string)), vlan: segment["vlan"]?.int.map { Int($0) }, subnet: subnet,
        router: segment["router"]?.string, hasDHCP: segment["dhcp"]?.bool ?? true)
    }
    return Wiring(segments: made, hasLACP: wish["lacp"]?.bool ?? true)
  }
}
