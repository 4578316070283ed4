import Dom0
import JSON
import XenAPI

public enum VIFIntent: IntentGroup {
  /// A new VIF of a VM on a network, both by uuid; plugged when the VM runs. The MAC is made by XAPI when it is empty.
  case create(vm: String, network: String, mac: String)
  /// To another network, by their uuids.
  case move(vif: String, network: String)
  case plug(vif: String)
  case unplug(vif: String)

  var name: String {
    switch self {
    case .create: "create a VIF"
    case .move: "move a VIF"
    case .plug: "plug a VIF"
    case .unplug: "unplug a VIF"
    }
  }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    try VIFPlanner(self, try await ChangeLook(client, system).facts()).plan()
  }
}

public enum VIFAction: ActionGroup {
  /// A VIF at a place of a VM, by uuids.
  case create(vm: String, network: String, device: String, mac: String)
  /// The VIF at a place of a VM goes, unless it is plugged into a VM that runs.
  case destroy(vm: String, device: String)
  case move(vif: String, network: String)
  /// The VIF at a place of a VM is plugged, or is not.
  case plugged(vm: String, device: String, Bool)

  var json: JSONValue {
    switch self {
    case .create(let vm, let network, let device, let mac):
      ["set": "create", "vm": .string(vm), "network": .string(network), "device": .string(device), "mac": .string(mac)]
    case .destroy(let vm, let device): ["set": "destroy", "vm": .string(vm), "device": .string(device)]
    case .move(let vif, let network): ["set": "move", "vif": .string(vif), "network": .string(network)]
    case .plugged(let vm, let device, let isOn): ["set": "plugged", "vm": .string(vm), "device": .string(device), "value": .bool(isOn)]
    }
  }

  init?(_ json: JSONValue) {
    func text(_ key: String) -> String { json[key]?.string ?? "" }
    switch json["set"]?.string {
    case "create": self = .create(vm: text("vm"), network: text("network"), device: text("device"), mac: text("mac"))
    case "destroy": self = .destroy(vm: text("vm"), device: text("device"))
    case "move": self = .move(vif: text("vif"), network: text("network"))
    case "plugged":
      guard let isOn = json["value"]?.bool else { return nil }
      self = .plugged(vm: text("vm"), device: text("device"), isOn)
    default: return nil
    }
  }

  var sentence: String {
    switch self {
    case .create(_, _, let device, _): "Create VIF \(device) of the VM"
    case .destroy(_, let device): "Remove VIF \(device) of the VM"
    case .move: "Move the VIF to the other network"
    case .plugged(_, let device, true): "Plug VIF \(device) into the running VM"
    case .plugged(_, let device, false): "Unplug VIF \(device) from the running VM"
    }
  }

  func commands(_ commands: ChangeCommands) -> [String] {
    switch self {
    case .create(let vm, let network, let device, let mac):
      ["VIF=$(xe vif-create vm-uuid=\(vm) network-uuid=\(network) device=\(device)\(mac.isEmpty ? "" : " mac=\(mac)"))"]
    case .destroy(let vm, let device): ["xe vif-destroy uuid=\(Self.uuid(vm, device, commands.scene))"]
    case .move(let vif, let network): ["xe vif-move uuid=\(vif) network-uuid=\(network)"]
    case .plugged(let vm, let device, let isOn): ["xe vif-\(isOn ? "plug" : "unplug") uuid=\(Self.uuid(vm, device, commands.scene))"]
    }
  }

  private static func uuid(_ vm: String, _ device: String, _ scene: ChangeScene) -> String { scene.vif(device, of: vm)?.record.uuid ?? "$VIF" }

  /// VIFs and VMs are not read while a change is carried out: there may be thousands. XAPI is asked about this one instead.
  func isReached(_ scene: ChangeScene) -> Bool? { nil }

  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) {
    let book = VIFBook(calls.client)
    switch self {
    case .create(let vm, let network, let device, let mac):
      let owner = try await book.ref("VM", vm, "the VM")
      let place = try await book.ref("network", network, "the network")
      if let there = try await book.vif(device, of: owner) {
        guard there.record["network"] == place else { throw ChangeFailure("the VM has another VIF \(device) by now") }
        return
      }
      let record: JSONValue = [
        "device": .string(device), "network": place, "VM": owner, "MAC": .string(mac),
        "MTU": .int(calls.scene.network(uuid: network).flatMap { calls.scene.database.networks[$0]?.mtu } ?? 1500), "other_config": [:],
        "qos_algorithm_type": "", "qos_algorithm_params": [:],
      ]
      try await calls.task("VIF.create", [record])
    case .destroy(let vm, let device):
      let owner = try await book.ref("VM", vm, "the VM")
      guard let there = try await book.vif(device, of: owner) else { return }
      try await calls.task("VIF.destroy", [there.ref])
    case .move(let uuid, let network):
      let vif = try await book.ref("VIF", uuid, "the VIF")
      let place = try await book.ref("network", network, "the network")
      if try await book.record("VIF", vif)["network"] == place { return }
      try await calls.task("VIF.move", [vif, place])
    case .plugged(let vm, let device, let isOn):
      let owner = try await book.ref("VM", vm, "the VM")
      guard let there = try await book.vif(device, of: owner) else {
        if !isOn { return }
        throw ChangeFailure("the VM has no VIF \(device) any more")
      }
      if there.record["currently_attached"]?.bool == isOn { return }
      try await calls.task(isOn ? "VIF.plug" : "VIF.unplug", [there.ref])
    }
  }
}

/// Asks XAPI about single VIFs.
private struct VIFBook {
  private let client: XenClient

  init(_ client: XenClient) { self.client = client }

  func ref(_ owner: String, _ uuid: String, _ name: String) async throws(ChangeFailure) -> JSONValue {
    do throws(XenError) {
      return try await client.call("\(owner).get_by_uuid", [.string(uuid)], limit: .seconds(10))
    } catch .failure(let failure) where failure.code == "UUID_INVALID" {
      throw ChangeFailure("\(name) is not there any more")
    } catch {
      throw ChangeFailure("XAPI could not be asked about \(name): \(error)", isUnknown: true)
    }
  }

  func record(_ owner: String, _ ref: JSONValue) async throws(ChangeFailure) -> JSONValue {
    do throws(XenError) {
      return try await client.call("\(owner).get_record", [ref], limit: .seconds(10))
    } catch {
      throw ChangeFailure("XAPI could not be asked how it is: \(error)", isUnknown: true)
    }
  }

  func vif(_ device: String, of vm: JSONValue) async throws(ChangeFailure) -> (ref: JSONValue, record: JSONValue)? {
    for ref in try await record("VM", vm)["VIFs"]?.array ?? [] {
      let record = try await record("VIF", ref)
      if record["device"]?.string == device { return (ref, record) }
    }
    return nil
  }
}

extension ChangeScene {
  func vm(uuid: String) -> Ref<VM>? { database.vms.all.first { $0.record.uuid == uuid }?.ref }

  func vif(uuid: String) -> (ref: Ref<VIF>, record: VIF)? { database.vifs.all.first { $0.record.uuid == uuid } }

  func vif(_ device: String, of uuid: String) -> (ref: Ref<VIF>, record: VIF)? {
    guard let vm = vm(uuid: uuid) else { return nil }
    return database.vifs.all.first { $0.record.vm == vm && $0.record.device == device }
  }
}

public enum VIFErrand: ErrandGroup {
  /// VIFs of all networks, or of one, by its uuid.
  case look(network: String?)

  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {
    switch self {
    case .look(let network):
      do throws(ChangeProblem) {
        report(.vifs(.list(.success(VIFList(try await ChangeLook(client, system).facts(), network: network)))))
      } catch {
        report(.vifs(.list(.failure(error))))
      }
    }
  }
}

public enum VIFReport: Sendable {
  case list(Result<VIFList, ChangeProblem>)
}

/// Which VMs are on which network.
public struct VIFList: Hashable, Sendable {
  public struct Row: Hashable, Sendable {
    public var uuid: String
    /// Its place in the VM.
    public var device: String
    public var vm: String
    public var vmUUID: String
    public var state: PowerState
    /// Where the VM runs; empty when it does not.
    public var host: String
    public var network: String
    public var networkUUID: String
    public var mac: String
    public var isPlugged: Bool
    public var locking: LockingMode
    /// Addresses that a locked VIF may use.
    public var allowed: [String]
  }

  public struct Thing: Hashable, Sendable {
    public var uuid: String
    public var name: String
  }

  /// By VM, then by device.
  public var rows: [Row]
  /// Where a VIF can go.
  public var networks: [Thing]
  /// VMs that can get one.
  public var vms: [Thing]

  public init(_ facts: ChangeFacts, network: String? = nil) {
    let database = facts.database
    rows = database.vifs.all.compactMap { _, vif -> Row? in
      guard let vm = database.vms[vif.vm], !vm.isSnapshot, let place = database.networks[vif.network], network.map({ $0 == place.uuid }) ?? true
      else { return nil }
      return Row(
        uuid: vif.uuid, device: vif.device, vm: vm.nameLabel, vmUUID: vm.uuid, state: vm.powerState,
        host: database.hosts[vm.residentOn]?.nameLabel ?? "", network: place.nameLabel, networkUUID: place.uuid, mac: vif.mac,
        isPlugged: vif.currentlyAttached, locking: vif.lockingMode, allowed: vif.ipv4Allowed + vif.ipv6Allowed)
    }.sorted { a, b in a.vm != b.vm ? comesBefore(a.vm, b.vm) : a.vmUUID != b.vmUUID ? a.vmUUID < b.vmUUID : comesBefore(a.device, b.device) }
    networks = database.networks.all.filter { $0.record.otherConfig["is_host_internal_management_network"] != "true" }
      .map { Thing(uuid: $0.record.uuid, name: $0.record.nameLabel) }.sorted { comesBefore($0.name, $1.name) }
    vms = database.vms.all.filter { !$0.record.isTemplate && !$0.record.isSnapshot && !$0.record.isControlDomain }
      .map { Thing(uuid: $0.record.uuid, name: $0.record.nameLabel) }.sorted { comesBefore($0.name, $1.name) }
  }
}
