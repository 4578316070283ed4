import Dom0
import XenAPI

/// Restarts and waits.
struct ToolstackHands: Sendable {
  /// How long the program may take: it waits for every unit.
  static let limit = Duration.seconds(600)
  /// How long XAPI may take until it answers.
  static let patience = Duration.seconds(300)

  /// Seconds after which a member that is cut off will not find its coordinator by itself.
  static let emergencyPatience: Int64 = 20

  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  /// A unit that did not come up does not end it: XAPI may answer all the same, and the units are looked at afterwards.
  func restart(_ part: ToolstackPart, _ told: @escaping @Sendable (String) -> Void) async throws(ChangeFailure) -> ChangeHands.Done {
    let ticker = Self.ticker(told)
    defer { ticker.cancel() }
    let output: ToolOutput
    do throws(ToolFailure) {
      output = try await system.tools.run(Command(part.command, timeLimit: Self.limit))
    } catch .missing(let tool) {
      throw ChangeFailure("\(tool) is not on this host; systemctl restart toolstack.target does the same")
    } catch .timedOut {
      throw ChangeFailure(
        "\(part.command[0]) did not end within \(Self.limit.components.seconds) s: look at systemctl list-jobs and /var/log/xensource.log",
        isUnknown: true)
    } catch {
      throw ChangeFailure("\(error)")
    }
    guard !output.succeeded else { return .done }
    let lines = (output.text + output.errorText).split(whereSeparator: \.isNewline).map { String($0) }
    if let locked = lines.first(where: { $0.contains("cannot lock") }) {
      throw ChangeFailure("another restart is at work (\(locked)): wait for its end")
    }
    if part == .toolstack, lines.contains(where: { $0.contains("failed to restart") }) { return .done }
    throw ChangeFailure("\(part.command.joined(separator: " ")) failed: \(lines.last ?? "it did not say why"); see systemctl status and /var/log/xensource.log")
  }

  private static func ticker(_ told: @escaping @Sendable (String) -> Void) -> Task<Void, Never> {
    let begin = ContinuousClock.now
    return Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(5))
        if !Task.isCancelled { told("\((ContinuousClock.now - begin).components.seconds) s so far") }
      }
    }
  }

  func awaitXAPI(_ told: @escaping @Sendable (String) -> Void, patience: Duration = patience) async throws(ChangeFailure) -> ChangeHands.Done {
    let begin = ContinuousClock.now
    var (said, words) = ("", "")
    while true {
      let silence = await silence()
      guard let silence else { return .done }
      let seconds = (ContinuousClock.now - begin).components.seconds
      if seconds >= Self.emergencyPatience, let reason = (try? await client.emergencyReason()) ?? nil {
        throw ChangeFailure("XAPI has started, and waits in emergency mode: \(reason.explained().sentence)")
      }
      said = silence
      let news = "\(ToolstackMarks(of: system).progress.words), \(seconds / 5 * 5) s so far"
      if news != words { told(news) }
      words = news
      guard ContinuousClock.now - begin < patience, !Task.isCancelled else { break }
      try? await Task.sleep(for: .milliseconds(500))
    }
    throw ChangeFailure(
      "XAPI has not answered within \(patience.components.seconds) s: \(said). \(ToolstackMarks(of: system).progress.words.capitalizedWord); "
        + "see /var/log/xensource.log", isUnknown: true)
  }

  /// Why XAPI does not answer; nil when it does. One that answers and says why it cannot work yet counts as silent.
  private func silence() async -> String? {
    do throws(XenError) {
      _ = try await client.call("pool.get_all", limit: .seconds(5))
      return nil
    } catch {
      return "\(error)"
    }
  }

  func checkUnits(_ names: [String] = []) async throws(ChangeFailure) -> ChangeHands.Done {
    let units: [SystemUnit]
    do throws(LiveFailure) {
      units = try await SystemUnit.all(names.isEmpty ? SystemUnit.toolstack : names, on: system)
    } catch {
      throw ChangeFailure("the services could not be looked at: \(error)", isUnknown: true)
    }
    let broken = units.filter { $0.shouldRun && !$0.isActive }
    guard let first = broken.first else { return .done }
    let words = broken.map { "\($0.name) is \($0.active)" }.joined(separator: ", ")
    throw ChangeFailure("\(words), and all else was restarted. See systemctl status \(first.name)")
  }
}

extension ToolstackProgress {
  /// What it is doing, in words.
  public var words: String {
    switch self {
    case .stopped: "XAPI does not run"
    case .started: "XAPI starts, and does not listen yet"
    case .listening: "XAPI listens, and is not ready yet"
    case .ready: "XAPI is ready, and finishes its start"
    case .complete: "XAPI has started"
    }
  }
}
