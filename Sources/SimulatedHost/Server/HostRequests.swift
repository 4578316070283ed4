/// What calls ask of the host as a whole, carried out after they have been answered.
extension SimulatedHost {
  /// Time between such a call's answer and what it asked for.
  private static let fuse: Duration = .milliseconds(50)

  func carryOutRequest() {
    if world.hasDied {
      world.hasDied = false
      world.request = nil
      let pause = options.deathTime
      pendingRestart?.cancel()
      Task { await self.crash("xapi", backAfter: pause) }
      return
    }
    if world.hasNewFiles {
      world.hasNewFiles = false
      try? writeFollowingFiles()
    }
    guard let request = world.request, pendingRestart == nil else { return }
    world.request = nil
    pendingRestart = Task {
      try? await Task.sleep(for: Self.fuse)
      if !Task.isCancelled { await self.carryOut(request) }
      self.pendingRestart = nil
    }
  }

  private func carryOut(_ request: HostRequest) async {
    switch request {
    case .restartToolstack: await restartToolstack(downFor: options.restartTime)
    case .reboot: await boot()
    case .stopToolstack: await stopUnit("xapi")
    case .shutDown: await powerOff()
    }
  }
}
