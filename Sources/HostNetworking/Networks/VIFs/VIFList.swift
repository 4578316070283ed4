import XenAPI

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
    /// Addresses that a locked VIF may send from.
    public var ipv4Allowed: [String]
    public var ipv6Allowed: [String]

    public var allowed: [String] { ipv4Allowed + ipv6Allowed }
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
        isPlugged: vif.currentlyAttached, locking: vif.lockingMode, ipv4Allowed: vif.ipv4Allowed, ipv6Allowed: vif.ipv6Allowed)
    }.sorted { a, b in a.vm != b.vm ? comesBefore(a.vm, b.vm) : a.vmUUID != b.vmUUID ? a.vmUUID < b.vmUUID : comesBefore(a.device, b.device) }
    networks = database.networks.all.filter { $0.record.otherConfig["is_host_internal_management_network"] != "true" }
      .map { Thing(uuid: $0.record.uuid, name: $0.record.nameLabel) }.sorted { comesBefore($0.name, $1.name) }
    vms = database.vms.all.filter { !$0.record.isTemplate && !$0.record.isSnapshot && !$0.record.isControlDomain }
      .map { Thing(uuid: $0.record.uuid, name: $0.record.nameLabel) }.sorted { comesBefore($0.name, $1.name) }
  }
}

extension [VIFList.Thing] {
  /// Names to choose from: those that several go by are told apart by the beginnings of their uuids.
  public var choices: [String] {
    var counts: [String: Int] = [:]
    for thing in self { counts[thing.name, default: 0] += 1 }
    return map { counts[$0.name] == 1 ? $0.name : "\($0.name) (\($0.uuid.prefix(8)))" }
  }
}
