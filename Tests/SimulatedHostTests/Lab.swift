import JSON

@testable import SimulatedHost

/// A world and the calls that change it, without a server in between.
struct Lab {
  var world: World
  private let dispatcher = Dispatcher()
  private let session: String

  init(_ scenario: Scenario = .standalone) {
    self.init(scenario.world())
  }

  init(_ world: World) {
    self.world = world
    self.world.settle()
    session = self.world.create("session", ["this_host": .string(world.thisHost)])
  }

  /// A call's result, as text for those that answer a ref.
  @discardableResult
  mutating func call(_ method: String, _ parameters: JSONValue...) throws(APIError) -> String {
    let request = RPCRequest(version: .v2, id: 0, method: method, parameters: [.string(session)] + parameters)
    guard case .done(.value(let value)) = try dispatcher.run(request, on: &world, overTCP: false) else { return "?" }
    return value.string ?? value.description
  }

  /// The code and parameters that a call fails with; empty when it does not.
  mutating func failure(_ method: String, _ parameters: JSONValue...) -> [String] {
    let request = RPCRequest(version: .v2, id: 0, method: method, parameters: [.string(session)] + parameters)
    do throws(APIError) {
      _ = try dispatcher.run(request, on: &world, overTCP: false)
      return []
    } catch {
      return [error.code] + error.parameters
    }
  }

  mutating func network(_ name: String) throws(APIError) -> String {
    try call("network.create", ["name_label": .string(name), "other_config": [:]])
  }

  /// The untagged PIF of a device of this host.
  func pif(_ device: String) -> String { PIFCalls.base(world, device: device, host: world.thisHost) ?? "none" }

  /// The PIF of this host on the network of this name.
  func pif(on network: String) -> String {
    let ref = world.database.find("network", "name_label", .string(network)).first ?? ""
    return world.pif(on: ref, of: world.thisHost) ?? "none"
  }

  func text(_ name: String, _ ref: String, _ field: String) -> String { world.database.string(name, ref, field) }
  func flag(_ name: String, _ ref: String, _ field: String) -> Bool { world.database.bool(name, ref, field) }
  func set(_ name: String, _ ref: String, _ field: String) -> [String] { world.database.strings(name, ref, field) }
}
