import Dom0
import XenAPI

/// Makes the plans of intents about the names of NICs.
struct NamesPlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func plan(_ intent: Intent) async throws(ChangeProblem) -> ChangePlan {
    let planner = RenamePlanner(await NamesLook(client, system).names())
    switch intent {
    case .renameNICs(let request): return try planner.plan(request)
    case .resetNICNames: return try planner.resetPlan(InstalledRules(of: system))
    default: throw ChangeProblem("\(intent.name) is not about the names of NICs")
    }
  }
}

/// The installer's copies of the rules. A copy that is missing or damaged is no way back: the host would come up with names
/// that nobody chose.
public struct InstalledRules: Hashable, Sendable {
  public var fixed: StaticRules?
  public var dynamic: DynamicRules?
  /// What is wrong with them: sentences without a full stop.
  public var problems: [String] = []
  /// The rules of now; nil where there is a file that cannot be read.
  public var liveFixed: RulesFile?
  public var liveDynamic: RulesFile?

  /// The rules of now are the same.
  public var areInForce: Bool {
    fixed.map { liveFixed == .bytes($0.bytes) } ?? false && dynamic.map { liveDynamic == .bytes($0.bytes) } ?? false
  }

  /// Files of now that could not be put back, since they cannot be read.
  public var unreadable: [String] {
    [liveFixed == nil ? RenameRules.staticPath : nil, liveDynamic == nil ? RenameRules.dynamicPath : nil].compactMap { $0 }
  }

  public init(of system: HostSystem) {
    liveFixed = try? RulesFile(RenameRules.staticPath, on: system)
    liveDynamic = try? RulesFile(RenameRules.dynamicPath, on: system)
    for (copy, live) in RenameRules.fromInstall {
      do throws(HostFileError) {
        let bytes = try system.read(copy)
        if live == RenameRules.staticPath {
          fixed = try StaticRules(parsing: bytes, path: copy)
        } else {
          dynamic = try DynamicRules(parsing: bytes, path: copy)
        }
      } catch {
        problems.append("the installer's copy is no use: \(error)")
      }
    }
  }
}
