import Dom0
import XenAPI

/// Looks at this host's network from the cable upwards and says what is wrong, what that means and what to do: by itself, live, in
/// a few seconds, and with XAPI down as well.
public struct Doctor: Sendable {
  let look: DoctorLook
  let probes: any NetworkProbes
  let timing: DoctorTiming

  /// - Parameters:
  ///   - system: the host's files and tools.
  ///   - client: nil leaves XAPI alone.
  ///   - probes: how the network is asked.
  public init(
    _ system: HostSystem, client: XenClient?, probes: any NetworkProbes, timing: DoctorTiming = DoctorTiming()
  ) {
    look = DoctorLook(system, client: client, timing: timing)
    self.probes = probes
    self.timing = timing
  }

  /// Runs once up the ladder. Cancelling the task ends it at once.
  /// - Parameter report: every change, as it comes.
  public func run(_ report: @escaping @Sendable (DoctorNews) -> Void = { _ in }) async -> DoctorReport {
    let began = ContinuousClock.now
    let question = look.askXAPI()
    defer { question.cancel() }
    let facts = await look.facts(question)
    return await Self.run(facts, probes, timing, began, xapi: question, report)
  }

  /// The same for a host of which all is known already.
  /// - Parameter xapi: asked, and perhaps not answered yet.
  static func run(
    _ facts: DoctorFacts, _ probes: any NetworkProbes, _ timing: DoctorTiming = DoctorTiming(),
    _ began: ContinuousClock.Instant = .now, xapi: XAPIQuestion? = nil,
    _ report: @escaping @Sendable (DoctorNews) -> Void = { _ in }
  ) async -> DoctorReport {
    let ladder = Ladder(report)
    let round = DoctorRound(
      facts: facts, probes: probes, timing: timing, ladder: ladder, question: xapi, began: began)
    await run(ladder, round.lines, timing, began) { await round.climb() }
    return DoctorReport(host: facts.host, lines: ladder.lines, took: .now - began)
  }

  /// Until `climb` is at its end, or its time is over.
  static func run(
    _ ladder: Ladder, _ lines: [DoctorLine.ID], _ timing: DoctorTiming, _ began: ContinuousClock.Instant,
    _ climb: @escaping @Sendable () async -> Void
  ) async {
    ladder.begin(lines)
    await withTaskGroup { group in
      group.addTask { await climb() }
      group.addTask { try? await Task.sleep(for: timing.whole - (ContinuousClock.now - began)) }
      await group.next()
      ladder.close(because: Task.isCancelled ? "stopped" : "it took too long")
      group.cancelAll()
    }
  }
}
