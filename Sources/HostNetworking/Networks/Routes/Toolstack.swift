import Dom0
import JSON
import XenAPI

/// What is restarted, from drastic to light.
public enum ToolstackPart: String, Hashable, Sendable, CaseIterable {
  case toolstack, xapi, networkd

  public var name: String {
    switch self {
    case .toolstack: "restart the toolstack"
    case .xapi: "restart XAPI"
    case .networkd: "restart the network daemon"
    }
  }

  var command: [String] {
    switch self {
    case .toolstack: ["xe-toolstack-restart"]
    case .xapi: ["systemctl", "restart", "xapi"]
    case .networkd: ["systemctl", "restart", "xcp-networkd"]
    }
  }

  var sentence: String {
    switch self {
    case .toolstack: "Stop and start XAPI and all its helpers"
    case .xapi: "Stop and start XAPI"
    case .networkd: "Stop and start xcp-networkd"
    }
  }
}

/// What a restart of the toolstack has to know of the host. Everything but the tasks is told without XAPI.
public struct ToolstackFacts: Hashable, Sendable {
  /// How far XAPI has come, by the files it leaves.
  public var progress = ToolstackProgress.stopped
  /// `xe-toolstack-restart` is at work.
  public var isRestarting = false
  /// Somebody keeps XAPI from starting (`/etc/xensource/xapi_block_startup`).
  public var isBlocked = false
  public var isHAArmed = false
  /// A network reset waits for XAPI's next start.
  public var isResetPending = false
  /// A change waits to be confirmed.
  public var pending = PendingStanding.none
  /// What XAPI is busy with on this host, by name; nil when it could not be asked.
  public var tasks: [String]?
  /// Why XAPI did not answer; nil when it did.
  public var silence: String?
  /// Units of the toolstack that this host has.
  public var units: [SystemUnit] = []
  /// What the host is in its pool; nil when its file does not tell.
  public var role: PoolConf?
  /// Names of the pool's other hosts, by the saved database while XAPI does not answer; nil when nobody tells.
  public var others: [String]?
  public var unitsProblem: String?

  public init() {}

  public var brokenUnits: [SystemUnit] { units.filter { $0.shouldRun && !$0.isActive } }

  /// Why XAPI does not answer, without saying again that it does not run.
  var cause: String? {
    silence.map { $0.hasPrefix(Self.gone) ? String($0.dropFirst(Self.gone.count)) : $0 }
  }

  /// What TransportError says before the reason.
  private static let gone = "XAPI is not running: "

  /// How XAPI is, in one clause.
  public var standing: String {
    guard let silence, let cause else { return "answers" }
    if progress == .stopped, cause != silence { return "does not run: \(cause)" }
    return "\(progress.words), and does not answer: \(cause)"
  }
}

extension SystemUnit {
  /// `toolstack.target` and what is enabled of it (`reference/dom0.md` §2.12).
  static let toolstack =
    [
      "message-switch", "forkexecd", "xcp-networkd", "xapi", "xenopsd-xc", "squeezed", "v6d", "perfmon", "xcp-rrdd", "xcp-rrdd-iostat",
      "xcp-rrdd-squeezed", "xcp-rrdd-netdev", "xcp-rrdd-cpu", "xcp-rrdd-xenpm", "xcp-rrdd-gpumon", "xapi-storage-script", "varstored-guard",
    ].map { $0 + ".service" }

  var shouldRun: Bool { exists && enabled == "enabled" }
}

struct ToolstackLook: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func facts() async -> ToolstackFacts {
    var facts = ToolstackFacts()
    async let told = told()
    facts.role = try? PoolConf(of: system)
    let marks = ToolstackMarks(of: system)
    (facts.progress, facts.isRestarting, facts.isBlocked) = (marks.progress, marks.isRestarting, marks.isBlocked)
    facts.isHAArmed = (try? LocalDB(of: system).isHAArmed) ?? false
    facts.isResetPending = ((try? ResetTrigger.pending(on: system)) ?? nil) != nil
    facts.pending = PendingStore(system).standing()
    do throws(LiveFailure) {
      facts.units = try await SystemUnit.all(SystemUnit.toolstack, on: system).filter(\.exists)
    } catch {
      facts.unitsProblem = "\(error)"
    }
    switch await told {
    case .success(let told): (facts.tasks, facts.others) = (told.tasks, told.others)
    case .failure(let error): (facts.silence, facts.others) = ("\(error)", savedOthers())
    }
    return facts
  }

  /// Names of the tasks that are at work here, and of the other hosts. Tasks of other hosts outlive a restart of this one.
  private func told() async -> Result<(tasks: [String], others: [String]), XenError> {
    do throws(XenError) {
      async let asked = hosts()
      let rows = try await client.call("task.get_all_records", limit: .seconds(3)).object
      let hosts = await asked
      let pending = (rows?.values ?? []).filter { row in
        guard row["status"]?.string == "pending" else { return false }
        guard let here = hosts.here, let there = row["resident_on"]?.string, hosts.others.keys.contains(there) else { return true }
        return there == here
      }
      return .success((pending.map { $0["name_label"]?.string ?? "a task without a name" }.sorted(), hosts.others.values.sorted(by: comesBefore)))
    } catch {
      return .failure(error)
    }
  }

  /// By the database as it was last written, as the first line has it; nil when that does not tell.
  private func savedOthers() -> [String]? {
    guard let saved = try? XapiDatabase(of: system), saved.problems.isEmpty, let uuid = (try? Inventory(of: system))?.installationUUID,
      saved.hosts.contains(where: { $0.uuid == uuid })
    else { return nil }
    return saved.hosts.filter { $0.uuid != uuid }.map { $0.name.isEmpty ? $0.hostname : $0.name }.sorted(by: comesBefore)
  }

  /// By their refs. When it cannot be told which one is this, all are others, and every task counts.
  private func hosts() async -> (here: String?, others: [String: String]) {
    let rows = (try? await client.call("host.get_all_records", limit: .seconds(3)))?.object ?? JSONObject()
    let uuid = (try? Inventory(of: system))?.installationUUID
    var (here, others): (String?, [String: String]) = (nil, [:])
    for (ref, row) in rows {
      if row["uuid"]?.string == uuid { here = ref } else { others[ref] = row["name_label"]?.string ?? "" }
    }
    return (here, others)
  }
}

/// Plans the restart. VMs go on whatever happens to the toolstack; what is lost is said.
struct ToolstackPlanner: Sendable {
  private let facts: ToolstackFacts

  init(_ facts: ToolstackFacts) { self.facts = facts }

  func plan(_ part: ToolstackPart) -> ChangePlan {
    ChangePlan(
      intent: .routes(.restart(part)), title: part.name.prefix(1).uppercased() + part.name.dropFirst(), consequences: consequences(part),
      hazards: hazards(part).sorted { $0.weight > $1.weight }, steps: steps(part).numbered)
  }

  /// - Parameter isWhole: nothing else is meant by it. Part of a longer plan, a service that has been down for long is no
  ///   reason to take the rest back.
  func steps(_ part: ToolstackPart, isWhole: Bool = true) -> [ChangeStep] {
    let broken = facts.brokenUnits.map(\.name)
    // What was down before does not make the restart a failure.
    let names = broken.isEmpty ? [] : facts.units.map(\.name).filter { !broken.contains($0) }
    let actions: [RouteAction] =
      switch part {
      case .networkd: [.restart(part), .checkUnits(["xcp-networkd.service"])]
      case .xapi: [.restart(part), .awaitXAPI]
      case .toolstack: [.restart(part), .awaitXAPI] + (isWhole ? [.checkUnits(names)] : [])
      }
    return actions.map { action in
      ChangeStep(0, action.sentence, commands: action.commandsAlone, action: .routes(action))
    }
  }

  func consequences(_ part: ToolstackPart) -> [String] {
    switch part {
    case .toolstack, .xapi:
      var lines = ["running VMs and their traffic go on", "XAPI does not answer for up to some minutes; Xen Orchestra and others connect anew"]
      if part == .toolstack { lines.append("static routes, VLANs and addresses are set up as XAPI has them; nothing is taken away") }
      if case .member = facts.role { lines.append("only this host is without XAPI meanwhile: the coordinator and the other hosts go on") }
      lines.append("no setting is changed: what XAPI has wrong on record stays wrong")
      return lines
    case .networkd:
      return ["bridges, addresses and VMs stay as they are; what is missing of them is set up again", "XAPI is not restarted, and not needed"]
    }
  }

  /// A coordinator's XAPI is that of the whole pool; nil for a host without one.
  private var poolWithout: Hazard? {
    guard case .coordinator = facts.role else { return nil }
    let loss = "until XAPI answers, VMs can be started, migrated or changed on none of the pool's hosts"
    guard let others = facts.others else { return Hazard(.notice, "If this host has a pool, it is its coordinator: \(loss)") }
    guard !others.isEmpty else { return nil }
    return Hazard(
      .warning, "This host is the coordinator of a pool with \(PoolWords.list(others)): \(loss)", remedy: "Do it when nobody needs that")
  }

  /// What a restart would meet; also asked by longer plans that end with one.
  func hazards(_ part: ToolstackPart) -> [Hazard] {
    var hazards: [Hazard] = []
    if facts.isRestarting {
      hazards.append(
        Hazard(.blocking, "A restart of the toolstack is at work already (\(ToolstackMarks.restartPath) is locked)", remedy: "Wait for its end"))
    }
    switch facts.pending {
    case .there(let change, _):
      hazards.append(
        Hazard(
          .blocking, "A change waits to be confirmed: \(change.title). Taking it back needs XAPI", remedy: "Keep it or take it back first"))
    case .damaged(let why): hazards.append(Hazard(.warning, "Whether a change waits to be confirmed cannot be told: \(why)"))
    case .none: break
    }
    let broken = facts.brokenUnits.map { "\($0.name) is \($0.active)" }
    if !broken.isEmpty { hazards.append(Hazard(.notice, "Already before the restart, \(PoolWords.list(broken))")) }
    guard part != .networkd else {
      // The reset has put its own file in the place of what the daemon remembers.
      if facts.isResetPending {
        hazards.append(
          Hazard(
            .warning, "A network reset waits for XAPI's next start: the network daemon takes the reset's address for management at once",
            remedy: "Undo the reset first, unless that is meant"))
      }
      return hazards
    }
    if let poolWithout { hazards.append(poolWithout) }
    if facts.isHAArmed {
      hazards.append(
        Hazard(
          .warning, "High availability is on: the host goes on beating without XAPI, but nobody restarts VMs until it is back",
          remedy: "Do it when all hosts are well"))
    }
    if facts.isResetPending {
      hazards.append(
        Hazard(.warning, "A network reset waits for XAPI's next start and would be carried out now", remedy: "Undo the reset first, unless that is meant"))
    }
    if facts.isBlocked {
      hazards.append(Hazard(.warning, "\(ToolstackMarks.blockPath) keeps XAPI from starting", remedy: "Remove the file, or XAPI stays silent"))
    }
    if let tasks = facts.tasks, !tasks.isEmpty {
      let names = tasks.prefix(4).joined(separator: ", ") + (tasks.count > 4 ? " and \(tasks.count - 4) more" : "")
      hazards.append(
        Hazard(.warning, "\(tasks.count == 1 ? "1 task runs and is" : "\(tasks.count) tasks run and are") lost: \(names)", remedy: "Wait for their end"))
    }
    if let cause = facts.cause { hazards.append(Hazard(.notice, "XAPI does not answer at present (\(cause)): what it is busy with is not known")) }
    return hazards
  }
}

extension RouteAction {
  /// For lines that need nothing of the database.
  var commandsAlone: [String] {
    switch self {
    case .restart(let part): [part.command.joined(separator: " ")]
    case .awaitXAPI: ["xapi-wait-init-complete \(ToolstackHands.patience.components.seconds)"]
    case .checkUnits(let names): ["systemctl list-dependencies toolstack.target"].map { names.count == 1 ? "systemctl status \(names[0])" : $0 }
    default: []
    }
  }
}

/// Restarts and waits.
struct ToolstackHands: Sendable {
  /// How long the program may take: it waits for every unit.
  static let limit = Duration.seconds(600)
  /// How long XAPI may take until it answers.
  static let patience = Duration.seconds(300)

  /// Seconds after which XAPI that has not even begun to start is asked of systemd.
  static let failurePatience: Int64 = 20
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
    var (failed, asked) = (String?.none, Int64(0))
    while true {
      let silence = await silence()
      guard let silence else { return .done }
      let seconds = (ContinuousClock.now - begin).components.seconds
      if seconds >= Self.emergencyPatience, let reason = (try? await client.emergencyReason()) ?? nil {
        throw ChangeFailure("XAPI has started, and waits in emergency mode: \(reason.explained().sentence)")
      }
      said = silence
      let progress = ToolstackMarks(of: system).progress
      if progress == .stopped, seconds >= Self.failurePatience, seconds / 5 != asked {
        failed = await failedWords()
        asked = seconds / 5
      }
      let news = "\(progress == .stopped ? failed ?? progress.words : progress.words), \(seconds / 5 * 5) s of at most \(patience.components.seconds) s"
      if news != words { told(news) }
      words = news
      guard ContinuousClock.now - begin < patience, !Task.isCancelled else { break }
      try? await Task.sleep(for: .milliseconds(500))
    }
    var facts = ToolstackFacts()
    (facts.progress, facts.silence) = (ToolstackMarks(of: system).progress, said)
    let state = await failedWords() ?? "\(facts.progress.words): \(facts.cause ?? said); see journalctl -u xapi and /var/log/xensource.log"
    throw ChangeFailure("XAPI has not answered within \(patience.components.seconds) s. \(state)", isUnknown: true)
  }

  /// Where systemd has given XAPI up; nil where it has not, or does not tell.
  private func failedWords() async -> String? {
    guard let unit = try? await SystemUnit.all(["xapi.service"], on: system).first, unit.active == "failed" else { return nil }
    return "xapi.service has failed: see journalctl -u xapi and /var/log/xensource.log"
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

  /// - Parameter names: those that have to run; empty for all. What is down of the rest was so before, and is told.
  func checkUnits(_ names: [String] = []) async throws(ChangeFailure) -> ChangeHands.Done {
    let units: [SystemUnit]
    do throws(LiveFailure) {
      units = try await SystemUnit.all(names.count == 1 ? names : SystemUnit.toolstack, on: system)
    } catch {
      throw ChangeFailure("the services could not be looked at: \(error)", isUnknown: true)
    }
    let broken = units.filter { $0.shouldRun && !$0.isActive }
    func words(_ units: [SystemUnit]) -> String { units.map { "\($0.name) is \($0.active)" }.joined(separator: ", ") }
    let new = broken.filter { names.isEmpty || names.contains($0.name) }
    guard let first = new.first else { return broken.isEmpty ? .done : .found("\(words(broken)), as before") }
    throw ChangeFailure("\(words(new)), and all else was restarted. See systemctl status \(first.name)")
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
