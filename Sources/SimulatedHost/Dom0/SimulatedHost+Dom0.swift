import JSON

/// The host below XAPI: its files, its commands, its boot.
extension SimulatedHost {
  // MARK: Files

  /// Writes the host's files into a folder that stands for `/`. From then on they follow what happens on the host, each
  /// replaced in one step. The host reads back what others write there when it boots.
  public func attach(root: String) throws(SimulationError) {
    let trimmed = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    dom0.tree = FileTree(root: trimmed)
    dom0.written = [:]
    refreshLive()
    try writeInstalledFiles()
    try writeFollowingFiles()
    followReaders()
    keepStatisticsFresh()
    if !dom0.isRunning("xapi") || world.emergency != nil { flushDatabase() }
  }

  // MARK: Tools

  /// Runs a command of the host.
  /// - Returns: what it left behind; nil when the host has no such program.
  public func runTool(_ arguments: [String], input: [UInt8] = []) async -> SimulatedTool? {
    guard let program = arguments.first else { return nil }
    let name = program.split(separator: "/").last.map { String($0) } ?? program
    let line = ([name] + arguments.dropFirst()).joined(separator: " ")
    switch fault(of: name, line) {
    case .missing: return nil
    case .fail(let code, let errors): return .failure(code, errors)
    case .hang:
      try? await Task.sleep(for: .seconds(24 * 60 * 60))
      return SimulatedTool(code: 143)
    case nil: break
    }
    refreshLive()
    settleRoutes()
    return await run(name, Array(arguments.dropFirst()))
  }

  /// Lets a tool misbehave; nil mends it.
  /// - Parameter command: the tool's name, or the beginning of a command line: `systemctl stop xapi`.
  public func setTool(_ command: String, _ fault: SimulatedTool.Fault?) { dom0.faults[command] = fault }

  /// The fault with the longest command that fits.
  private func fault(of name: String, _ line: String) -> SimulatedTool.Fault? {
    dom0.faults.filter { $0.key == name || line == $0.key || line.hasPrefix($0.key + " ") }
      .max { $0.key.count < $1.key.count }?.value
  }

  // MARK: The outside

  /// Changes what is on the wires; nil lets every cable lead to everything.
  public func setWiring(_ wiring: Wiring?) {
    world.wiring = wiring
    retryCoordinator()
    wakeAll()
  }

  /// Moves the pool's coordinator: where it answers from now on; nil is where the database has it.
  public func setCoordinator(address: String?) {
    world.coordinatorAddress = address
    retryCoordinator()
    wakeAll()
  }

}
