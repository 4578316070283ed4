import Dom0
import XenAPI

/// One stage of taking a NIC out of the machine.
public struct RetireRequest: Hashable, Sendable {
  public var device: String

  public init(device: String) { self.device = device }
}

/// The way to take a NIC out of the machine, as far as it has been gone: made of how the host is now, so that it can be left
/// and found again, also after the reboot in its midst.
public struct RetirePath: Hashable, Sendable {
  public var device: String

  public init(device: String) { self.device = device }
}

struct RetireLook: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func path(of device: String) async -> Result<RetirePath, ChangeProblem> { .success(RetirePath(device: device)) }
}

struct RetirePlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func plan(_ request: RetireRequest) async throws(ChangeProblem) -> ChangePlan { throw ChangeProblem("this is still missing") }
}
