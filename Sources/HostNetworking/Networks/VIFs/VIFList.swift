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
    /// What holds for VIFs that are as the network has it.
    public var networkMode = LockingMode.unlocked
    /// Addresses that a locked VIF may send from.
    public var ipv4Allowed: [String]
    public var ipv6Allowed: [String]

    public var allowed: [String] { ipv4Allowed + ipv6Allowed }
    /// What holds for it.
    public var effective: LockingMode { locking == .networkDefault ? networkMode : locking }
  }

  public struct Thing: Hashable, Sendable {
    public var uuid: String
    public var name: String
    /// What tells it from others of the same name: the state of a VM, where a network leads on this host.
    public var about = ""
    /// Where a VM runs, a network's bridge; may be empty.
    public var place = ""
    /// Nothing passes there: a bond has the NIC of the network.
    public var isIdle = false
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
        isPlugged: vif.currentlyAttached, locking: vif.lockingMode, networkMode: place.defaultLockingMode,
        ipv4Allowed: vif.ipv4Allowed, ipv6Allowed: vif.ipv6Allowed)
    }.sorted { a, b in a.vm != b.vm ? comesBefore(a.vm, b.vm) : a.vmUUID != b.vmUUID ? a.vmUUID < b.vmUUID : comesBefore(a.device, b.device) }
    networks = database.networks.all.filter { $0.record.otherConfig["is_host_internal_management_network"] != "true" }
      .map { _, network in
        let (about, isIdle) = Self.lead(network, facts)
        return Thing(uuid: network.uuid, name: network.nameLabel, about: about, place: network.bridge, isIdle: isIdle)
      }
      .sorted { a, b in a.isIdle != b.isIdle ? b.isIdle : comesBefore(a.name, b.name) }
    vms = database.vms.all.filter { !$0.record.isTemplate && !$0.record.isSnapshot && !$0.record.isControlDomain }
      .map { _, vm in
        let count = vm.vifs.count
        return Thing(
          uuid: vm.uuid, name: vm.nameLabel, about: "\(vm.powerState.rawValue.lowercased()), \(count == 1 ? "1 VIF" : "\(count) VIFs")",
          place: database.hosts[vm.residentOn]?.nameLabel ?? "")
      }.sorted { comesBefore($0.name, $1.name) }
  }

  private static func lead(_ network: Network, _ facts: ChangeFacts) -> (words: String, isIdle: Bool) {
    let database = facts.database
    let pifs = network.pifs.compactMap { database.pifs[$0] }
    if pifs.isEmpty { return ("leads nowhere", false) }
    guard let pif = pifs.first(where: { $0.host == facts.host }) else { return ("not on this host", false) }
    guard let bond = database.bonds[pif.bondSlaveOf] else { return (database.name(of: pif), false) }
    return ("no traffic: \(pif.device) is in \(database.pifs[bond.interface]?.device ?? "a bond")", true)
  }
}
