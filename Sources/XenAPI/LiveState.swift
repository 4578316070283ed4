import JSON

/// How things stand between this program and XAPI.
public enum ConnectionState: Sendable, Hashable {
  /// No answer yet since the start.
  case connecting
  /// Answers come.
  case live
  /// XAPI answers, but only to say that it is starting or cut off from its coordinator.
  case emergency(XenFailure)
  /// No answer, or no sensible one.
  case silent(XenError)

  var isSilent: Bool { if case .silent = self { true } else { false } }
}

/// What XAPI is known to say, and how fresh that is. A value.
public struct LiveState: Sendable {
  public internal(set) var connection = ConnectionState.connecting
  /// Since when `connection` is what it is.
  public internal(set) var since = ContinuousClock.now
  /// The last state that XAPI told; kept while it is silent. nil before the first.
  public internal(set) var database: XenDatabase?
  /// Where in XAPI's history `database` stands; empty before the first.
  public internal(set) var token = ""
  /// This host, by XAPI's word for the session; nil until known.
  public internal(set) var thisHost: Ref<Host>?
  /// When an answer came last.
  public internal(set) var heard: ContinuousClock.Instant?

  public init() {}
}

/// Keeps a `LiveState` up to date for as long as it runs, whatever XAPI does: one `event.from` with an empty token
/// loads everything, the following ones bring changes; losses are noticed and mended by loading again (§1.8, §7.1).
public struct LiveMonitor: Sendable {
  /// All in seconds of wall time; tests shorten them.
  public struct Timing: Sendable {
    /// How long XAPI may hold an `event.from` when nothing changes. Also how long a hang can go unnoticed.
    public var hold = Duration.seconds(15)
    /// How much longer than that an answer may take.
    public var grace = Duration.seconds(3)
    /// A full load of a large pool over a slow machine.
    public var load = Duration.seconds(60)
    public var login = Duration.seconds(10)
    /// How long XAPI may take to show that it still lives, when asked to.
    public var probe = Duration.seconds(3)
    /// Between attempts while XAPI is silent, first and longest.
    public var retry = Duration.milliseconds(250)
    public var longestRetry = Duration.seconds(2)
    /// XAPI batches changes over 50 ms; a storm of them is not followed faster than this.
    public var breath = Duration.milliseconds(100)

    public init() {}
  }

  private let client: XenClient
  private let timing: Timing
  private let doorbell = Doorbell()

  public init(_ client: XenClient, timing: Timing = Timing()) {
    self.client = client
    self.timing = timing
  }

  /// Tries again at once when waiting to do so. While all seems well, asks XAPI whether it still lives: a hang shows in
  /// seconds then, not only when the next answer is overdue.
  public func retryNow() { doorbell.ring() }

  /// Runs until its task is cancelled; `publish` gets every new state.
  public func run(_ publish: @escaping @Sendable (LiveState) -> Void) async {
    var state = LiveState()
    var pause = timing.retry
    publish(state)
    while !Task.isCancelled {
      do {
        try await follow(&state) {
          pause = timing.retry
          publish($0)
        }
      } catch {
        if Task.isCancelled { return }
        await enter(error, &state, publish)
      }
      await doorbell.wait(pause)
      pause = min(pause * 2, timing.longestRetry)
    }
  }

  /// Follows XAPI until something goes wrong.
  private func follow(_ state: inout LiveState, _ publish: (LiveState) -> Void) async throws(XenError) {
    _ = try await client.openSession(limit: timing.login)
    var token = ""
    var loads = 0
    // Differences between rows and counts that a full load did not mend: XAPI's own, not a loss.
    var accepted: [String: Int] = [:]
    while !Task.isCancelled {
      let full = token.isEmpty
      let base = full ? XenDatabase() : state.database ?? XenDatabase()
      let asked = ContinuousClock.now
      guard let (batch, database) = try await next(token, base, wasSilent: state.connection.isSilent) else { continue }
      guard !batch.token.isEmpty else { throw .nonsense("an answer of event.from without a token") }
      let gaps = database.gaps(to: batch.counts)
      if !full, batch.token < token || gaps != accepted {
        // XAPI restarted from an older database, or forgot deletions before we asked: begin anew.
        token = ""
        if loads > 1 { await doorbell.wait(timing.longestRetry) }
        continue
      }
      loads = full ? loads + 1 : 0
      token = batch.token
      if full || batch.events > 0 { state.database = database }
      state.token = token
      if state.thisHost.flatMap({ database.hosts[$0] }) == nil { state.thisHost = try await askThisHost(limit: timing.login) }
      state.heard = .now
      let news = state.connection != .live
      if news {
        state.connection = .live
        state.since = .now
      }
      if news || full || batch.events > 0 { publish(state) }
      if full, gaps != accepted {
        // Rows came and went while XAPI put its answer together, or it counts what it does not tell: once more, but not
        // for ever at full speed.
        accepted = gaps
        if !gaps.isEmpty { token = "" }
        if loads > 1 { await doorbell.wait(timing.longestRetry) }
      } else if batch.events > 0 || asked + timing.breath > .now {
        // A XAPI that holds nothing back is not asked without pause. Not at the bell: a ring is a question about XAPI, and
        // must not be lost on a breath.
        try? await Task.sleep(for: timing.breath)
      }
    }
  }

  private enum Outcome: Sendable {
    case answer(EventBatch, XenDatabase)
    case failure(XenError)
    /// XAPI answers others again: it has forgotten what it was asked while it hung.
    case lost
  }

  /// One `event.from`, given up early when XAPI fails a probe meanwhile.
  /// - Returns: nil when it is to be asked anew.
  private func next(
    _ token: String, _ base: XenDatabase, wasSilent: Bool
  ) async throws(XenError) -> (EventBatch, XenDatabase)? {
    let outcome = await withTaskGroup { group in
      group.addTask { await events(token, base) }
      group.addTask { await probes(wasSilent: wasSilent) }
      let first = await group.next()
      group.cancelAll()
      return first
    }
    switch outcome {
    case .answer(let batch, let database): return (batch, database)
    case .failure(let error): throw error
    case .lost: return nil
    case nil: throw .transport(.cancelled)
    }
  }

  /// A session that XAPI has forgotten is renewed by the client.
  private func events(_ token: String, _ base: XenDatabase) async -> Outcome {
    let classes = JSONValue.array(XenDatabase.eventClasses.map { .string($0) })
    do {
      let (batch, database) = try await client.call(
        "event.from", [classes, .string(token), .double(timing.hold / .seconds(1))], lane: .events,
        limit: token.isEmpty ? timing.load : timing.hold + timing.grace
      ) { (scanner) throws(JSONError) in
        var database = base
        let batch = try EventBatch(&scanner, into: &database)
        return (batch, database)
      }
      return .answer(batch, database)
    } catch {
      return .failure(error)
    }
  }

  /// Asks XAPI for a sign of life whenever the bell rings; ends when none comes, or with its task, or when one comes of a
  /// XAPI that was silent.
  private func probes(wasSilent: Bool) async -> Outcome {
    while true {
      await doorbell.wait(nil)
      if Task.isCancelled { return .failure(.transport(.cancelled)) }
      do {
        _ = try await askThisHost(limit: timing.probe)
      } catch .failure {
        // An error of XAPI's own is a sign of life as well.
      } catch {
        return .failure(error)
      }
      if wasSilent { return .lost }
    }
  }

  private func askThisHost(limit: Duration) async throws(XenError) -> Ref<Host>? {
    let session = await client.currentSession ?? ""
    return try await client.call("session.get_this_host", [.string(session)], limit: limit)
      .string.flatMap { Ref($0) }
  }

  private func enter(_ error: XenError, _ state: inout LiveState, _ publish: (LiveState) -> Void) async {
    guard let failure = error.failure, failure.isEmergency else {
      return become(.silent(error), &state, publish)
    }
    // Known at once; why it is so takes another question, and a host in trouble may take its time to answer.
    if case .emergency = state.connection {} else { become(.emergency(failure), &state, publish) }
    let reason = try? await client.emergencyReason(limit: timing.probe)
    become(.emergency((reason ?? nil) ?? failure), &state, publish)
  }

  private func become(_ next: ConnectionState, _ state: inout LiveState, _ publish: (LiveState) -> Void) {
    // The same silence again is no news: nobody need wake up for it. A new wording of it does not start its clock again.
    if state.connection == next { return }
    switch (state.connection, next) {
    case (.silent, .silent), (.emergency, .emergency): break
    default: state.since = silenceBegan(state, next)
    }
    state.connection = next
    publish(state)
  }

  /// A XAPI that hangs has been silent since its last answer, not since we noticed.
  private func silenceBegan(_ state: LiveState, _ next: ConnectionState) -> ContinuousClock.Instant {
    switch (next, state.connection) {
    case (.silent(.transport(.timedOut)), .live): state.heard ?? .now
    case (.silent, .connecting): state.since
    default: .now
    }
  }
}
