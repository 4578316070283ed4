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
  /// The rules of now; nil where there is no such file, or where it is no text.
  public var liveFixed: String?
  public var liveDynamic: String?

  /// The rules of now are the same.
  public var areInForce: Bool {
    fixed.map { liveFixed == String(decoding: $0.bytes, as: UTF8.self) } ?? false
      && dynamic.map { liveDynamic == String(decoding: $0.bytes, as: UTF8.self) } ?? false
  }

  public init(of system: HostSystem) {
    liveFixed = Self.text(RenameRules.staticPath, system)
    liveDynamic = Self.text(RenameRules.dynamicPath, system)
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

  private static func text(_ path: String, _ system: HostSystem) -> String? {
    (try? system.read(path)).flatMap { String(validating: $0, as: UTF8.self) }
  }
}
