import JSON

/// Calls that wait for something to happen.
extension SimulatedHost {
  private static let longestWait: Double = 24 * 60 * 60
  private static let heartbeatPeriod: Duration = .seconds(30)

  /// `event.from` and `event.next`.
  func wait(_ waiting: Dispatcher.Waiting, session: String) async throws(APIError) -> RPCResult {
    startHeartbeat()
    switch waiting {
    case .from(let classes, let token, let timeout):
      let subscription = Subscription(classes, world.schema)
      let changes = try await changes(since: token.database, subscription, timeout: timeout, session)
      return .rendered(world.database.render(changes, messages: token.messages))
    case .next:
      guard let known = world.registrations[session] else { throw APIError("SESSION_NOT_REGISTERED", session) }
      let subscription = Subscription(known.classes, world.schema)
      let changes = try await changes(since: known.since, subscription, timeout: -1, session)
      world.registrations[session]?.since = changes.last
      var out = PieceWriter()
      world.database.renderEvents(changes, into: &out, id: { _ in "0" }, timestamp: "\(world.clock().seconds).")
      return .rendered(out.pieces)
    }
  }

  /// - Parameter timeout: seconds; a negative or unusable one means a day.
  private func changes(
    since: Int64, _ subscription: Subscription, timeout: Double, _ session: String
  ) async throws(APIError) -> Changes {
    let usable = timeout >= 0 && timeout <= Self.longestWait
    let deadline = ContinuousClock.now + .seconds(usable ? timeout : Self.longestWait)
    var since = since
    while true {
      if !subscription.onlyTasks { try? await Task.sleep(for: options.batching, tolerance: .zero) }
      // A member's waiting calls are relayed to its coordinator: they break off with it.
      if let error = world.emergency { throw error }
      guard world.database.exists("session", session) else { throw APIError("SESSION_INVALID", session) }
      let changes = world.database.changes(since: since, subscription)
      if !changes.isEmpty || ContinuousClock.now >= deadline || Task.isCancelled { return changes }
      since = changes.last
      await pause(until: deadline)
    }
  }

  /// Sleeps until something changes, at most until `deadline`.
  private func pause(until deadline: ContinuousClock.Instant) async {
    let id = nextWaiter
    nextWaiter += 1
    let timer = Task { [weak self] in
      try? await Task.sleep(until: deadline, clock: .continuous)
      if !Task.isCancelled { await self?.wake(id) }
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { continuation.resume() } else { waiters[id] = continuation }
      }
    } onCancel: {
      Task { await self.wake(id) }
    }
    timer.cancel()
  }

  private func wake(_ id: Int) { waiters.removeValue(forKey: id)?.resume() }

  /// Lets everybody who waits look again.
  func wakeAll() {
    followWorld()
    let all = waiters
    waiters = [:]
    for continuation in all.values { continuation.resume() }
  }

  /// Sees to it that the links of new bonds are counted after a while.
  func scheduleLook() {
    guard look == nil, world.hasNewBonds else { return }
    look = Task { [weak self] in
      while let period = await self?.options.monitorPeriod {
        try? await Task.sleep(for: period)
        guard !Task.isCancelled, await self?.lookAtLinks() == true else { break }
      }
      await self?.endLooking()
    }
  }

  private func endLooking() { look = nil }

  /// - Returns: whether there is more to be found by looking again.
  @discardableResult
  func lookAtLinks() -> Bool {
    let generation = world.database.generation
    world.lookAtLinks()
    if world.database.generation != generation { wakeAll() }
    return world.hasNewBonds
  }

  /// Hosts report their health about every 30 s; here only while somebody listens, so that an idle server sleeps.
  private func startHeartbeat() {
    guard heartbeat == nil else { return }
    heartbeat = Task { [weak self] in
      while true {
        try? await Task.sleep(for: Self.heartbeatPeriod)
        guard !Task.isCancelled, await self?.beat() == true else { return }
      }
    }
  }

  private func beat() -> Bool {
    guard !waiters.isEmpty else {
      heartbeat = nil
      return false
    }
    let now = JSONValue.string(world.clock().datetime)
    for ref in world.database.refs("host_metrics") where world.database.bool("host_metrics", ref, "live") {
      world.database.set("host_metrics", ref, "last_updated", now)
    }
    wakeAll()
    return true
  }
}
