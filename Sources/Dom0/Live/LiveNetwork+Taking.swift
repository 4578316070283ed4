import Glibc

extension LiveNetwork {
  /// Reads the parts asked for, all at once. Each tool has a limit of its own, so that the whole takes no longer than
  /// the slowest: up to 10 s when one hangs.
  /// - Parameters:
  ///   - parts: what to read; `.files` starts no process.
  ///   - units: the units of systemd to ask for.
  ///   - progress: called with what is there after the files, and after each tool that answered.
  public static func take(
    of system: HostSystem, parts: Parts = [.files, .tools], units: [String] = SystemUnit.networking,
    progress: (LiveNetwork) -> Void = { _ in }
  ) async -> LiveNetwork {
    var live = LiveNetwork(instant: .now, wall: Int64(Glibc.time(nil)))
    // First of all, for it tells whether there is a switch to ask.
    let backend = Self.part { () throws(HostFileError) in try NetworkBackend.read(from: system) }
    if parts.contains(.backend) { live.set(.backend, \.backend, backend) }
    await withTaskGroup(of: Change.self) { group in
      for read in readings(parts, units: units, hasSwitch: (try? backend.get())?.usesOpenVSwitch ?? true) {
        group.addTask { await read(system) }
      }
      live.takeFiles(parts, of: system)
      if !parts.isDisjoint(with: .files) { progress(live) }
      for await change in group {
        change(&live)
        progress(live)
      }
    }
    return live
  }

  /// Puts the parts of a newer reading in place of the older ones.
  public mutating func merge(_ newer: LiveNetwork) {
    (instant, wall) = (newer.instant, newer.wall)
    for (part, moment) in newer.moments { moments[part] = moment }
    backend = newer.backend ?? backend
    devices = newer.devices ?? devices
    kernelBonds = newer.kernelBonds ?? kernelBonds
    kernelVLANs = newer.kernelVLANs ?? kernelVLANs
    stats = newer.stats ?? stats
    addresses = newer.addresses ?? addresses
    routes = newer.routes ?? routes
    neighbours = newer.neighbours ?? neighbours
    openVSwitch = newer.openVSwitch ?? openVSwitch
    switchBonds = newer.switchBonds ?? switchBonds
    lacp = newer.lacp ?? lacp
    units = newer.units ?? units
    time = newer.time ?? time
    firmwareNames = newer.firmwareNames ?? firmwareNames
  }

  // MARK: Files

  private mutating func takeFiles(_ parts: Parts, of system: HostSystem) {
    func take<Value>(
      _ part: Parts, _ place: WritableKeyPath<LiveNetwork, Part<Value>>,
      _ read: (HostSystem) throws(HostFileError) -> Value
    ) {
      guard parts.contains(part) else { return }
      set(part, place, Self.part { () throws(HostFileError) in try read(system) })
    }
    take(.devices, \.devices) { system throws(HostFileError) in try NetworkDevice.all(on: system) }
    take(.kernelBonds, \.kernelBonds) { system throws(HostFileError) in try KernelBondStatus.all(on: system) }
    take(.kernelVLANs, \.kernelVLANs) { system throws(HostFileError) in try KernelVLAN.all(on: system) }
  }

  private static func part<Value>(_ read: () throws(HostFileError) -> Value) -> Result<Value, LiveFailure> {
    Result(catching: read).mapError { .file($0) }
  }

  private static func part<Value>(
    _ read: () async throws(LiveFailure) -> Value
  ) async -> Result<Value, LiveFailure> {
    do {
      return .success(try await read())
    } catch {
      return .failure(error)
    }
  }

  // MARK: Tools

  /// What a reading makes of the whole.
  private typealias Change = @Sendable (inout LiveNetwork) -> Void
  private typealias Reading = @Sendable (HostSystem) async -> Change

  /// What takes its time, each to be run beside the others.
  private static func readings(_ parts: Parts, units: [String], hasSwitch: Bool) -> [Reading] {
    var readings: [Reading] = []
    func add<Value: Sendable>(
      _ part: Parts, _ place: WritableKeyPath<LiveNetwork, Part<Value>> & Sendable,
      _ read: @escaping @Sendable (HostSystem) async throws(LiveFailure) -> Value
    ) {
      guard parts.contains(part) else { return }
      readings.append { system in
        let result = await Self.part { () async throws(LiveFailure) in try await read(system) }
        return { $0.set(part, place, result) }
      }
    }
    add(.stats, \.stats) { system throws(LiveFailure) in try await settledStats(of: system) }
    add(.addresses, \.addresses) { system throws(LiveFailure) in try await IPDevice.all(on: system) }
    add(.routes, \.routes) { system throws(LiveFailure) in try await bothTables(of: system) }
    add(.neighbours, \.neighbours) { system throws(LiveFailure) in try await IPNeighbour.all(on: system) }
    add(.units, \.units) { system throws(LiveFailure) in try await SystemUnit.all(units, on: system) }
    add(.time, \.time) { system throws(LiveFailure) in try await ChronySource.all(on: system) }
    add(.firmwareNames, \.firmwareNames) { system throws(LiveFailure) in try await FirmwareName.all(on: system) }
    guard hasSwitch else { return readings }
    add(.openVSwitch, \.openVSwitch) { system throws(LiveFailure) in try await OpenVSwitch.read(from: system) }
    add(.switchBonds, \.switchBonds) { system throws(LiveFailure) in try await SwitchBond.all(on: system) }
    add(.switchBonds, \.lacp) { system throws(LiveFailure) in try await SwitchLACP.all(on: system) }
    return readings
  }

  private static func bothTables(of system: HostSystem) async throws(LiveFailure) -> [IPRoute] {
    async let second = part { () async throws(LiveFailure) in try await IPRoute.all(.v6, on: system) }
    let first = await part { () async throws(LiveFailure) in try await IPRoute.all(.v4, on: system) }
    // A kernel without IPv6 refuses; it has no such routes.
    if case .failure(.refused) = await second { return try first.get() }
    return try await first.get() + second.get()
  }

  /// networkd writes its file in place: what is damaged now may be whole in a moment.
  private static func settledStats(of system: HostSystem) async throws(LiveFailure) -> NetworkStats {
    var attempts = 0
    while true {
      do {
        return try NetworkStats.read(from: system)
      } catch {
        attempts += 1
        guard case .malformed = error, attempts < 3 else { throw .file(error) }
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  private mutating func set<Value>(
    _ part: Parts, _ place: WritableKeyPath<LiveNetwork, Part<Value>>, _ result: Result<Value, LiveFailure>
  ) {
    self[keyPath: place] = result
    (instant, wall) = (.now, Int64(Glibc.time(nil)))
    moments[part] = instant
  }
}
