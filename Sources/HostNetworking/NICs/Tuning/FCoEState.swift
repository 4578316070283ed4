import Dom0
import JSON
import XenAPI

/// Fibre Channel over Ethernet on this host: its services, the NICs that could, and the storage that does.
public struct FCoEState: Hashable, Sendable {
  /// What is switched: the one that makes a configuration for NICs that can, and the daemon that reads it.
  public static let services = ["xs-fcoe", "fcoe"]
  /// Speaks LLDP for all; FCoE needs it, others use it as well.
  public static let lldp = "lldpad"

  public var units: [SystemUnit] = []
  public var unitsProblem: String?
  /// NICs that can, by name; nil when nobody could be asked.
  public var capable: [String]?
  /// NICs that can and that XAPI leaves alone: the host may have started from storage behind them.
  public var setAside: [String] = []
  /// Storage repositories in use over it, by name; nil while XAPI does not tell.
  public var storage: [String]?
  public var silence: String?

  public init() {}

  public func unit(_ name: String) -> SystemUnit? { units.first { $0.name == "\(name).service" } }

  /// Those there are of the two.
  public var present: [SystemUnit] { Self.services.compactMap { unit($0) }.filter(\.exists) }

  /// It runs, or starts with the host.
  public var isOn: Bool { present.contains { $0.isActive || $0.startsWithHost } }
  public var isOff: Bool { !present.isEmpty && present.allSatisfy(\.isWhollyOff) }
}

extension SystemUnit {
  public var isMasked: Bool { load == "masked" || enabled == "masked" }
  /// systemd or another unit starts it at boot.
  public var startsWithHost: Bool { !isMasked && (enabled == "enabled" || enabled == "static") }
  var isWhollyOff: Bool { !isActive && active != "activating" && !startsWithHost }

  /// Without `.service`.
  public var shortName: String { name.hasSuffix(".service") ? String(name.dropLast(8)) : name }

  /// `runs, starts with the host`.
  public var words: String {
    if !exists { return "not on this host" }
    let now = isActive ? "runs" : active == "failed" ? "has failed" : "does not run"
    if isMasked { return "\(now), masked: nobody can start it" }
    return "\(now), \(enabled == "static" ? "started by others" : startsWithHost ? "starts with the host" : "does not start with the host")"
  }
}

/// How a unit was, to be put back so.
public struct UnitState: Hashable, Sendable {
  public var name: String
  public var isActive: Bool
  /// `enabled`, `disabled`, `masked`, `static`.
  public var file: String

  public init(name: String, isActive: Bool, file: String) {
    self.name = name
    self.isActive = isActive
    self.file = file
  }

  init(_ unit: SystemUnit) {
    self.init(name: unit.shortName, isActive: unit.isActive, file: unit.isMasked ? "masked" : unit.enabled ?? "")
  }

  var commands: [String] {
    var lines = [isActive ? "systemctl start \(name)" : "systemctl stop \(name)"]
    switch file {
    case "enabled": lines.insert(contentsOf: ["systemctl unmask \(name)", "systemctl enable \(name)"], at: 0)
    case "disabled": lines.insert(contentsOf: ["systemctl unmask \(name)", "systemctl disable \(name)"], at: 0)
    case "masked": lines.append("systemctl mask \(name)")
    default: lines.insert("systemctl unmask \(name)", at: 0)
    }
    return lines
  }
}

/// Looks it up: without XAPI all but the storage.
struct FCoELook: Sendable {
  private static let driver = "/opt/xensource/libexec/fcoe_driver"

  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  /// - Parameter early: told what the host itself tells, when XAPI has not answered by then.
  func state(early: @Sendable (FCoEState) -> Void = { _ in }) async -> FCoEState {
    async let asked = told()
    var state = await Self.units(on: system)
    state.capable = await capable()
    state.silence = "XAPI has not answered yet"
    early(state)
    switch await asked {
    case .success(let told):
      (state.storage, state.silence, state.setAside) = (told.storage, nil, told.aside)
      if state.capable == nil { state.capable = told.capable }
    case .failure(let problem): state.silence = problem.text
    }
    return state
  }

  static func units(on system: HostSystem) async -> FCoEState {
    var state = FCoEState()
    do throws(LiveFailure) {
      state.units = try await SystemUnit.all((FCoEState.services + [FCoEState.lldp]).map { "\($0).service" }, on: system)
    } catch {
      state.unitsProblem = "\(error)"
    }
    return state
  }

  /// The product's own word for each NIC; nil where there is no such program.
  private func capable() async -> [String]? {
    let nics = ((try? NetworkDevice.all(on: system)) ?? []).filter(\.isPhysical).map(\.name)
    var found: [String] = []
    for nic in nics {
      guard let output = try? await system.tools.run(Command([Self.driver, "--xapi", nic, "capable"], timeLimit: .seconds(5))),
        output.succeeded
      else { return nil }
      if output.text.hasPrefix("True") { found.append(nic) }
    }
    return found.sorted { comesBefore($0, $1) }
  }

  private struct Told: Sendable {
    var storage: [String]
    var capable: [String]
    var aside: [String]
  }

  private func told() async -> Result<Told, ChangeProblem> {
    do throws(ChangeProblem) { return .success(try await inXAPI()) } catch { return .failure(error) }
  }

  private func inXAPI() async throws(ChangeProblem) -> Told {
    let facts = try await ChangeLook(client, system).facts()
    let pifs = (facts.database.hosts[facts.host]?.pifs ?? []).compactMap { facts.database.pifs[$0] }.filter { $0.capabilities.contains("fcoe") }
    let answer: (repositories: JSONValue, connections: JSONValue)
    do throws(XenError) {
      let limit = Duration.seconds(5)
      let repositories = try await client.call("SR.get_all_records", limit: limit)
      let connections = try await client.call("PBD.get_all_records", limit: limit)
      answer = (repositories, connections)
    } catch {
      throw ChangeProblem("XAPI does not tell of storage: \(error)")
    }
    return Told(
      storage: try Self.storage(answer.repositories, answer.connections, of: facts.host), capable: pifs.map(\.device),
      aside: pifs.filter { !$0.managed }.map(\.device))
  }

  /// Names of repositories over FCoE that a host has attached. What is not understood is not known: it does not count as none.
  static func storage(_ repositories: JSONValue, _ connections: JSONValue, of host: Ref<Host>) throws(ChangeProblem) -> [String] {
    guard let repositories = repositories.object, let connections = connections.object else {
      throw ChangeProblem("XAPI's answer about storage is not understood")
    }
    let used = Set(
      connections.values.filter { $0["host"] == host.json && $0["currently_attached"]?.bool == true }.compactMap { $0["SR"]?.string })
    var names: [String] = []
    for (ref, repository) in repositories where used.contains(ref) && repository["type"]?.string == "lvmofcoe" {
      names.append(repository["name_label"]?.string ?? ref)
    }
    return names.sorted { comesBefore($0, $1) }
  }
}
