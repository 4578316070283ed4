import JSON
import XenAPI

public enum AddressAction: ActionGroup {
  /// XAPI refuses to unplug an interface, or does not.
  case protect(String, Bool)
  /// Of a network that an earlier step made; bytes.
  case mtu(mark: String, Int)

  var json: JSONValue {
    switch self {
    case .protect(let name, let isOn): ["set": "protect", "on": .string(name), "value": .bool(isOn)]
    case .mtu(let mark, let mtu): ["set": "mtu", "mark": .string(mark), "mtu": .int(Int64(mtu))]
    }
  }

  init?(_ json: JSONValue) {
    switch json["set"]?.string {
    case "protect":
      guard let name = json["on"]?.string, let isOn = json["value"]?.bool else { return nil }
      self = .protect(name, isOn)
    case "mtu":
      guard let mark = json["mark"]?.string, let mtu = json["mtu"]?.int else { return nil }
      self = .mtu(mark: mark, Int(clamping: mtu))
    default: return nil
    }
  }

  var sentence: String {
    switch self {
    case .protect(let name, true): "Protect \(name) against unplugging"
    case .protect(let name, false): "Allow \(name) to be unplugged"
    case .mtu(_, let mtu): "Set the new network's MTU to \(mtu)"
    }
  }

  func commands(_ commands: ChangeCommands) -> [String] {
    switch self {
    case .protect(let name, let isOn): ["xe pif-param-set uuid=\(commands.interface(name)) disallow-unplug=\(isOn)"]
    case .mtu(let mark, let mtu): ["xe network-param-set uuid=\(commands.network(.mark(mark))) MTU=\(mtu)"]
    }
  }

  func isReached(_ scene: ChangeScene) -> Bool? {
    switch self {
    case .protect(let name, let isOn): scene.tree[name].map { $0.pif.disallowUnplug == isOn } ?? !isOn
    case .mtu(let mark, let mtu): scene.network(mark: mark).map { scene.database.networks[$0]?.mtu == Int64(mtu) } ?? false
    }
  }

  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) {
    switch self {
    case .protect(let name, let isOn): try await calls.call("PIF.set_disallow_unplug", [try calls.node(name).ref.json, .bool(isOn)])
    case .mtu(let mark, let mtu):
      guard let network = calls.scene.network(mark: mark) else { throw ChangeFailure("the new network is not there any more") }
      try await calls.call("network.set_MTU", [network.json, .int(Int64(mtu))])
    }
  }
}
