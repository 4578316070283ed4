import Dom0

/// What there is to say of the clock.
enum TimeVerdicts {
  /// Seconds. Certificates and logs stand this much.
  private static let most = 5.0

  /// What chronyd says by itself; nil when the servers have to be asked.
  static func told(_ sources: Result<[ChronySource], LiveFailure>?) -> DoctorLine.State? {
    guard let source = (try? sources?.get())?.first(where: { $0.state == .selected }) else { return nil }
    let offset = abs(source.offset) < 0.001 ? "less than 1 ms" : words(source.offset)
    return .ok("synchronized with \(source.name), \(offset) off")
  }

  static let noServers = DoctorLine.State.notice(
    DoctorWord(
      "no time server is set up",
      means: "The clock drifts. Pool members whose clocks differ by minutes refuse each other's certificates.",
      next: "Set time servers: menu item Management interface."))

  static let unnamed = DoctorLine.State.skipped("no DNS server answers, and the time servers are names")

  /// - Parameters:
  ///   - answers: of the time servers, in their order.
  ///   - isSettled: chronyd runs and has just not chosen one.
  static func asked(_ answers: [(server: String, answer: TimeAnswer)], runs: Bool) -> DoctorLine.State {
    let replies = answers.compactMap { server, answer -> (server: String, reply: TimeReply)? in
      if case .reply(let reply) = answer, !reply.isUnsynchronized { (server, reply) } else { nil }
    }
    guard let best = replies.min(by: { $0.reply.after < $1.reply.after }) else { return none(answers) }
    guard abs(best.reply.offset) <= most else {
      let side = best.reply.offset > 0 ? "behind" : "ahead of"
      return .bad(
        DoctorWord(
          "the clock is \(words(best.reply.offset)) \(side) \(best.server)",
          means: "Pool members whose clocks differ refuse each other's certificates, and logs cannot be compared.",
          next: runs
            ? "chronyd corrects it step by step; at once with: chronyc makestep."
            : "Start the time service: menu item Management interface, time servers."))
    }
    return .notice(
      DoctorWord(
        "\(best.server) answers and the clock is right (\(words(best.reply.offset)) off), but nobody keeps it so",
        means: runs ? "chronyd has not chosen a server yet, which takes some minutes after its start." : "chronyd does not run.",
        next: runs ? "Test again in some minutes." : "Start the time service: menu item Management interface, time servers."))
  }

  private static func none(_ answers: [(server: String, answer: TimeAnswer)]) -> DoctorLine.State {
    guard !answers.isEmpty else { return unnamed }
    if answers.allSatisfy({ if case .notAsked = $0.answer { true } else { false } }) {
      if case .notAsked(let why)? = answers.first?.answer { return .skipped(why) }
    }
    let lost = answers.filter { if case .reply = $0.answer { true } else { false } }.map(\.server)
    let names = answers.map(\.server).joinedWithAnd
    return .bad(
      DoctorWord(
        lost.isEmpty ? "no time server answers: \(names)" : "\(lost.joinedWithAnd) does not know the time itself",
        means: "The clock drifts. Pool members whose clocks differ by minutes refuse each other's certificates.",
        next: lost.isEmpty
          ? "Check the names of the time servers, and whether a firewall drops UDP port 123; or use others."
          : "Use a time server that is synchronized itself."))
  }

  /// `2 ms`, `1.3 s`, `4 minutes`, `3 hours`.
  static func words(_ offset: Double) -> String {
    let size = abs(offset)
    guard size.isFinite, size < 1e12 else { return "ages" }
    if size < 10 { return Duration.milliseconds(size * 1000).brief }
    if size < 120 { return "\(Int(size)) s" }
    if size < 7200 { return "\(Int(size / 60)) minutes" }
    return size < 172_800 ? "\(Int(size / 3600)) hours" : "\(Int(size / 86_400)) days"
  }
}
