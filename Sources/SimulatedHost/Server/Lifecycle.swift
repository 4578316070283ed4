import Glibc

/// Starting, stopping and failing on purpose.
extension SimulatedHost {
  /// Binds the unix socket and serves it until `stop()`. A stale socket at the path is removed first. The scenario
  /// `xapi-down` makes no socket.
  public func start(socketPath: String) async throws(SimulationError) {
    self.socketPath = socketPath
    guard servesSocket else {
      // Whoever is at the path would answer in this host's stead.
      if SocketFile(at: socketPath) != nil { throw .inUse(path: socketPath) }
      return
    }
    try await bind(socketPath)
    if activeFault == .refuse { await refuse() }
  }

  /// Binds a second socket, which takes commands (`POST /tool`) and wishes (`POST /simulate`) until `stop()`, whatever
  /// becomes of XAPI and its own socket.
  public func startTools(socketPath: String) async throws(SimulationError) {
    toolServer = try await Server(path: socketPath, host: self, for: .tools)
  }

  /// Ends all connections and removes the sockets.
  public func stop() async {
    pendingRestart?.cancel()
    pendingReboot?.cancel()
    pendingContact?.cancel()
    pendingSSH?.cancel()
    for work in transientWorks.values { work.cancel() }
    pendingFlush?.cancel()
    counterFeed?.stop()
    counterFeed = nil
    statisticsFeed?.cancel()
    statisticsFeed = nil
    // Whoever removes the files after this must not find new ones.
    pendingFiles?.cancel()
    await pendingFiles?.value
    heartbeat?.cancel()
    heartbeat = nil
    look?.cancel()
    for work in works.values { work.cancel() }
    await closeSocket()
    socketFile?.remove()
    socketFile = nil
    socketPath = nil
    await toolServer?.stop()
    toolServer?.file?.remove()
    toolServer = nil
  }

  /// Changes what goes wrong; nil mends it.
  public func setFault(_ fault: Fault?, after requests: Int = 0) async {
    options.fault = fault
    options.faultAfter = requests
    answered = 0
    if activeFault == .refuse {
      await refuse()
    } else if server == nil, let socketPath, servesSocket, pendingRestart == nil, dom0.isRunning("xapi") {
      try? await bind(socketPath)
    }
  }

  private func bind(_ path: String) async throws(SimulationError) {
    let server = try await Server(path: path, host: self)
    self.server = server
    socketFile = server.file
  }

  /// The toolstack goes away and comes back: the socket is gone for a while, sessions, tasks and the memory of
  /// deletions are lost. With files (`attach`), XAPI starts by them: a trigger of the network reset is heeded.
  public func restartToolstack(downFor pause: Duration = .seconds(2)) async {
    guard !dom0.isDown else { return }
    if dom0.isRunning("xapi") { flushDatabase() }
    for unit in Self.toolstack where dom0.stopped[unit] == nil { dom0.stopped[unit] = "inactive" }
    await leaveSocket()
    world.forgetMemory()
    wakeAll()
    try? writeFollowingFiles()
    try? await Task.sleep(for: pause)
    guard !Task.isCancelled else { return }
    for unit in Self.toolstack where !dom0.broken.contains(unit) { dom0.stopped[unit] = nil }
    if dom0.isRunning("xapi") { startXAPI() }
    try? writeFollowingFiles()
    await serveAgain()
  }

  /// The socket and its file go.
  func leaveSocket() async {
    // While the old one closes, a new one may be bound: that one's file stays.
    let file = socketFile
    socketFile = nil
    await closeSocket()
    file?.remove()
  }

  /// The socket is there again, where XAPI runs and somebody asked for it.
  func serveAgain() async {
    guard let socketPath, servesSocket, server == nil, dom0.isRunning("xapi") else { return }
    try? await bind(socketPath)
  }

  private func closeSocket() async {
    let old = server
    server = nil
    await old?.stop()
    wakeAll()
  }

  private func refuse() async { await closeSocket() }

  /// The fault once enough requests have been answered.
  private var activeFault: Fault? { answered >= options.faultAfter ? options.fault : nil }

  /// Counts a request in; the fault it is to meet, if any.
  func faultForNextRequest() -> Fault? {
    if let fault = activeFault { return fault }
    answered += 1
    if activeFault == .refuse {
      // Connections end after this answer, not before it.
      Task {
        try? await Task.sleep(for: .milliseconds(20))
        await self.refuse()
      }
    }
    return nil
  }
}
