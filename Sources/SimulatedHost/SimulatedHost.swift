import JSON
public enum Scenario: String, CaseIterable, Sendable { case standalone, pool, member, stranded, xapiDown = "xapi-down", large, emergency }
public struct SimulationError: Error {}
public actor SimulatedHost {
  public struct Options: Sendable { public init(latency: Duration = .zero, fault: Fault? = nil, faultAfter: Int = 0) {} }
  public enum Fault: String, CaseIterable, Sendable { case hang, refuse, close, garbage, slow, http500 }
  public init(scenario: Scenario, options: Options = .init()) {}
  public init(state: JSONValue, options: Options = .init()) throws(SimulationError) {}
  public func start(socketPath: String) async throws(SimulationError) {}
  public func stop() async {}
  public var inventory: String { "" }
}
public enum Replay { public struct Report: Sendable { public var differences: [String] = []; public var matched = 0; public var total = 0 }
  public static func run(capture: JSONValue, state: JSONValue) async -> Report { Report() } }
