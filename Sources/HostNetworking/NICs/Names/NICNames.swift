import Dom0
import XenAPI

/// Other names for NICs.
public struct RenameRequest: Hashable, Sendable {
  /// The name that each NIC shall have, by its MAC; those that keep theirs may be left out.
  public var names: [String: String]

  public init(names: [String: String]) { self.names = names }
}

/// What NICs are called, and why.
public struct NICNames: Hashable, Sendable {
  public init() {}
}

struct NamesLook: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func names() async -> NICNames { NICNames() }
}

struct NamesPlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func plan(_ intent: Intent) async throws(ChangeProblem) -> ChangePlan { throw ChangeProblem("this is still missing") }
}

struct NamesHands: Sendable {
  private let system: HostSystem

  init(_ system: HostSystem) { self.system = system }

  func perform(_ action: ChangeAction) async throws(ChangeFailure) -> ChangeHands.Done { throw ChangeFailure("this is still missing") }

  static func commands(_ action: ChangeAction) -> [String] { [] }
}
