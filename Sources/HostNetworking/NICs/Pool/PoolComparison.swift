import Dom0
import XenAPI

/// The hosts of a pool beside each other, device name by device name.
public struct PoolComparison: Hashable, Sendable {
  public init() {}
}

struct PoolLook: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func comparison() async -> Result<PoolComparison, ChangeProblem> { .success(PoolComparison()) }
}
