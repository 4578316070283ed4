import Dom0
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
  /// Other hosts have their XAPI's work from this one (pool.conf); nil when that could not be read.
  public var isCoordinator: Bool?
  /// Hosts of the pool; nil when XAPI did not tell.
  public var hosts: Int?
  /// What XAPI is busy with, by name; nil when it could not be asked.
  public var tasks: [String]?
  /// Why XAPI did not answer; nil when it did.
  public var silence: String?
  /// Units of the toolstack that this host has.
  public var units: [SystemUnit] = []
  public var unitsProblem: String?

  public init() {}

  public var brokenUnits: [SystemUnit] { units.filter { $0.shouldRun && !$0.isActive } }
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

  /// - Parameter asksXAPI: false leaves out what only XAPI tells.
  func facts(asksXAPI: Bool = true) async -> ToolstackFacts {
    var facts = ToolstackFacts()
    async let tasks = asksXAPI ? tasks() : .success([])
    let marks = ToolstackMarks(of: system)
    (facts.progress, facts.isRestarting, facts.isBlocked) = (marks.progress, marks.isRestarting, marks.isBlocked)
    facts.isHAArmed = (try? LocalDB(of: system).isHAArmed) ?? false
    facts.isResetPending = ((try? ResetTrigger.pending(on: system)) ?? nil) != nil
    facts.pending = PendingStore(system).standing()
    facts.isCoordinator = (try? PoolConf(of: system)).map { $0 == .coordinator }
    if asksXAPI { facts.hosts = (try? await client.call("host.get_all", limit: .seconds(3)).array)?.count }
    do throws(LiveFailure) {
      facts.units = try await SystemUnit.all(SystemUnit.toolstack, on: system).filter(\.exists)
    } catch {
      facts.unitsProblem = "\(error)"
    }
    switch await tasks {
    case .success(let names): facts.tasks = names
    case .failure(let error): facts.silence = "\(error)"
    }
    return facts
  }

  /// Names of the tasks that are at work.
  private func tasks() async -> Result<[String], XenError> {
    do throws(XenError) {
      let rows = try await client.call("task.get_all_records", limit: .seconds(3)).object
      return .success(
        (rows?.values ?? []).filter { $0["status"]?.string == "pending" }.map { $0["name_label"]?.string ?? "a task without a name" }.sorted())
    } catch {
      return .failure(error)
    }
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
      return lines
    case .networkd: return ["bridges, addresses and VMs stay as they are; what is missing of them is set up again"]
    }
  }

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
    if !broken.isEmpty { hazards.append(Hazard(.notice, "\(PoolWords.list(broken)) before the restart already")) }
    guard part != .networkd else {
      if facts.isResetPending {
        hazards.append(
          Hazard(.warning, "A network reset waits for the next boot: the network daemon would take the reset's addresses at once", remedy: "Undo the reset first, unless that is meant"))
      }
      return hazards
    }
    if facts.isCoordinator == true, let hosts = facts.hosts, hosts > 1 {
      hazards.append(
        Hazard(
          .warning, "This host is the coordinator of \(hosts) hosts: until XAPI is back nobody can start, move or change VMs anywhere in the pool",
          remedy: "Nothing of the VMs that run is lost"))
    }
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
    if let silence = facts.silence { hazards.append(Hazard(.notice, "XAPI does not answer at present (\(silence)): what it is busy with is not known")) }
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
