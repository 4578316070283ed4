import Dom0
import XenAPI

/// Speed and duplex of a NIC.
public struct LinkMode: Hashable, Sendable {
  /// Mbit/s; nil leaves it to the negotiation.
  public var speed: Int?
  public var isFullDuplex: Bool?
  public var negotiates: Bool

  public init(speed: Int? = nil, isFullDuplex: Bool? = nil, negotiates: Bool = true) {
    self.speed = speed
    self.isFullDuplex = isFullDuplex
    self.negotiates = negotiates
  }

  /// After "let eth0": `negotiate`, `run at 1000 Mbit/s, full duplex`.
  public var words: String {
    let duplex = isFullDuplex.map { $0 ? ", full duplex" : ", half duplex" } ?? ""
    let at = speed.map { "run at \($0) Mbit/s\(duplex)" }
    return negotiates ? at.map { "negotiate, and \($0)" } ?? "negotiate" : at ?? "stop negotiating"
  }
}

/// Other settings for a NIC.
public struct TuningRequest: Hashable, Sendable {
  public var device: String

  public init(device: String) { self.device = device }
}

/// Another MTU for a network.
public struct NetworkMTURequest: Hashable, Sendable {
  /// The network's uuid.
  public var network: String
  /// Bytes.
  public var mtu: Int

  public init(network: String, mtu: Int) {
    self.network = network
    self.mtu = mtu
  }
}

/// What can be set of a NIC, how XAPI keeps it and how it is now.
public struct NICTuning: Hashable, Sendable {
  public var device: String

  public init(device: String) { self.device = device }
}

struct TuningLook: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func tuning(of device: String) async -> Result<NICTuning, ChangeProblem> { .success(NICTuning(device: device)) }
}

struct TuningPlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func plan(_ intent: Intent) async throws(ChangeProblem) -> ChangePlan { throw ChangeProblem("this is still missing") }
}

struct TuningHands: Sendable {
  private let system: HostSystem

  init(_ system: HostSystem) { self.system = system }

  func perform(_ action: ChangeAction) async throws(ChangeFailure) -> ChangeHands.Done { throw ChangeFailure("this is still missing") }

  static func commands(_ action: ChangeAction) -> [String] { [] }
}
