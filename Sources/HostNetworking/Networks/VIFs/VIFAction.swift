import JSON
import XenAPI

/// VMs, VIFs and networks are named by their uuids. A VIF that is made anew has another one: then its place in the VM and its
/// MAC tell which is meant.
public enum VIFAction: ActionGroup {
  case create(VIFSetup)
  /// Only the one with this MAC, and not while it is plugged into a VM that runs.
  case destroy(vm: String, device: String, mac: String)
  case move(vif: String, network: String)
  /// The VIF at a place of a VM is plugged, or is not.
  case plugged(vm: String, device: String, mac: String, Bool)
  case locking(vif: String, LockingMode)
  case allowed(vif: String, ipv4: [String], ipv6: [String])
  case address(VIFAddress)

  var json: JSONValue {
    switch self {
    case .create(let setup): ["set": "create", "vif": setup.json]
    case .destroy(let vm, let device, let mac): ["set": "destroy", "vm": .string(vm), "device": .string(device), "mac": .string(mac)]
    case .move(let vif, let network): ["set": "move", "vif": .string(vif), "network": .string(network)]
    case .plugged(let vm, let device, let mac, let isOn):
      ["set": "plugged", "vm": .string(vm), "device": .string(device), "mac": .string(mac), "value": .bool(isOn)]
    case .locking(let vif, let mode): ["set": "locking", "vif": .string(vif), "mode": .string(mode.rawValue)]
    case .allowed(let vif, let ipv4, let ipv6): ["set": "allowed", "vif": .string(vif), "ipv4": .of(ipv4), "ipv6": .of(ipv6)]
    case .address(let request):
      [
        "set": "address", "vif": .string(request.vif), "ipv6": .bool(request.isIPv6), "address": request.address.map { .string($0) } ?? .null,
        "gateway": .string(request.gateway),
      ]
    }
  }

  init?(_ json: JSONValue) {
    func text(_ key: String) -> String { json[key]?.string ?? "" }
    switch json["set"]?.string {
    case "create":
      guard let setup = json["vif"].flatMap({ VIFSetup($0) }) else { return nil }
      self = .create(setup)
    case "destroy": self = .destroy(vm: text("vm"), device: text("device"), mac: text("mac"))
    case "move": self = .move(vif: text("vif"), network: text("network"))
    case "plugged":
      guard let isOn = json["value"]?.bool else { return nil }
      self = .plugged(vm: text("vm"), device: text("device"), mac: text("mac"), isOn)
    case "locking": self = .locking(vif: text("vif"), LockingMode(rawValue: text("mode")))
    case "allowed": self = .allowed(vif: text("vif"), ipv4: json["ipv4"].list, ipv6: json["ipv6"].list)
    case "address":
      self = .address(VIFAddress(vif: text("vif"), isIPv6: json["ipv6"]?.bool ?? false, address: json["address"]?.string, gateway: text("gateway")))
    default: return nil
    }
  }

  var sentence: String {
    switch self {
    case .create(let setup): return "Create VIF \(setup.device) of the VM, MAC \(setup.mac)"
    case .destroy(_, let device, _): return "Remove VIF \(device) of the VM"
    case .move: return "Move the VIF to the other network"
    case .plugged(_, let device, _, true): return "Plug VIF \(device) into the running VM"
    case .plugged(_, let device, _, false): return "Unplug VIF \(device) from the running VM"
    case .locking(_, let mode): return "Set the VIF's locking mode to \(mode.words)"
    case .allowed(_, let ipv4, let ipv6):
      let all = ipv4 + ipv6
      return all.isEmpty ? "Allow no addresses while it is locked" : "Allow \(PoolWords.list(all)) while it is locked"
    case .address(let request):
      let family = request.isIPv6 ? "IPv6" : "IPv4"
      return request.address.map { "Let the guest tools set \($0) inside the VM" } ?? "Leave the \(family) address to the VM"
    }
  }

  func commands(_ commands: ChangeCommands) -> [String] {
    switch self {
    case .create(let setup): return setup.lines
    case .destroy(let vm, let device, _): return ["xe vif-destroy uuid=\(Self.uuid(vm, device, commands.scene))"]
    case .move(let vif, let network): return ["xe vif-move uuid=\(vif) network-uuid=\(network)"]
    case .plugged(let vm, let device, _, let isOn): return ["xe vif-\(isOn ? "plug" : "unplug") uuid=\(Self.uuid(vm, device, commands.scene))"]
    case .locking(let vif, let mode): return ["xe vif-param-set uuid=\(vif) locking-mode=\(mode.rawValue)"]
    case .allowed(let vif, let ipv4, let ipv6):
      // xe has no way to set an empty list, but to clear one.
      return [("ipv4-allowed", ipv4), ("ipv6-allowed", ipv6)].map { name, list in
        list.isEmpty
          ? "xe vif-param-clear uuid=\(vif) param-name=\(name)" : "xe vif-param-set uuid=\(vif) \(ShellWord.quoted("\(name)=\(list.joined(separator: ","))"))"
      }
    case .address(let request):
      let verb = "xe vif-configure-\(request.isIPv6 ? "ipv6" : "ipv4") uuid=\(request.vif)"
      guard let address = request.address else { return ["\(verb) mode=none"] }
      return ["\(verb) mode=static address=\(address)" + (request.gateway.isEmpty ? "" : " gateway=\(request.gateway)")]
    }
  }

  private static func uuid(_ vm: String, _ device: String, _ scene: ChangeScene) -> String { scene.vif(device, of: vm)?.record.uuid ?? "$VIF" }

  /// VIFs and VMs are not read while a change is carried out: there may be thousands. XAPI is asked about this one instead.
  func isReached(_ scene: ChangeScene) -> Bool? { nil }
}

extension VIFSetup {
  /// Lines that make it.
  fileprivate var lines: [String] {
    var lines = ["VIF=$(xe vif-create vm-uuid=\(vm) network-uuid=\(network) device=\(device)\(mac.isEmpty ? "" : " mac=\(mac)"))"]
    func set(_ word: String) { lines.append("xe vif-param-set uuid=$VIF \(ShellWord.quoted(word))") }
    for (key, value) in otherConfig.sorted(by: { $0.key < $1.key }) { set("other-config:\(key)=\(value)") }
    if !qosType.isEmpty { set("qos_algorithm_type=\(qosType)") }
    for (key, value) in qos.sorted(by: { $0.key < $1.key }) { set("qos_algorithm_params:\(key)=\(value)") }
    if !ipv4Allowed.isEmpty { set("ipv4-allowed=\(ipv4Allowed.joined(separator: ","))") }
    if !ipv6Allowed.isEmpty { set("ipv6-allowed=\(ipv6Allowed.joined(separator: ","))") }
    if locking != .networkDefault { set("locking-mode=\(locking.rawValue)") }
    return lines
  }
}

extension LockingMode {
  /// In a sentence.
  public var words: String {
    switch self {
    case .networkDefault: "the network's default"
    case .locked: "locked"
    case .unlocked: "unlocked"
    case .disabled: "disabled"
    default: rawValue
    }
  }
}
