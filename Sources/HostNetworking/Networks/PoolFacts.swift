import Dom0
import XenAPI

/// What plans about networks and VLANs are made from: those of every other plan, and what only these ask.
struct PoolFacts: Sendable {
  var change: ChangeFacts
  /// VLAN devices that this host's kernel has, whoever made them: `eth1.42`.
  var kernelVLANs: Set<String> = []
  /// Servers of the storage that hosts have attached; empty when nobody asked, or XAPI did not tell.
  var storage: [Ref<Host>: [MTUStorage]] = [:]

  init(_ change: ChangeFacts, kernelVLANs: Set<String> = []) {
    self.change = change
    self.kernelVLANs = kernelVLANs
  }

  var database: XenDatabase { change.database }
  /// This host.
  var host: Ref<Host> { change.host }

  static func look(_ client: XenClient, _ system: HostSystem) async throws(ChangeProblem) -> PoolFacts {
    try await look(ChangeLook(client, system))
  }

  /// - Parameter withStorage: for those who take addresses away.
  static func look(_ look: ChangeLook, withStorage: Bool = false) async throws(ChangeProblem) -> PoolFacts {
    var facts = PoolFacts(try await look.facts(), kernelVLANs: VLANConfig(of: look.system).devices)
    if withStorage { facts.storage = await MTUStorage.byHost(look.client, limit: .seconds(10), attachedOnly: true) ?? [:] }
    return facts
  }
}

/// `/proc/net/vlan/config`: the VLANs of the kernel itself. It is not there as long as there has never been one.
struct VLANConfig {
  /// By the device below and the tag, `eth1.42`, whatever the VLAN's own device is called.
  let devices: Set<String>

  init(of system: HostSystem) { self.init((try? system.text("/proc/net/vlan/config")) ?? "") }

  /// Two lines of titles, then `eth1.42        | 42  | eth1`.
  init(_ text: String) {
    devices = Set(
      text.split(whereSeparator: \.isNewline).compactMap { line in
        let columns = line.split(separator: "|").map { String($0).trimmed }
        guard columns.count == 3, let tag = Int(columns[1]) else { return nil }
        return "\(columns[2]).\(tag)"
      })
  }
}

extension PoolFacts {
  var isPool: Bool { database.hosts.count > 1 }
  var pool: Pool? { database.pools.first?.record }
  var isCoordinator: Bool { pool?.coordinator == host }

  /// The coordinator hears its heartbeat; this host is there in any case.
  func isLive(_ ref: Ref<Host>) -> Bool {
    ref == host || database.hosts[ref].map { database.hostMetrics[$0.metrics]?.live ?? true } ?? false
  }

  func hostName(_ ref: Ref<Host>?) -> String {
    guard let host = database.hosts[ref] else { return "another host" }
    return host.nameLabel.isEmpty ? host.hostname : host.nameLabel
  }

  /// `eth1`, `VLAN 42 on bond0 of xcp2`.
  func name(_ pif: PIF) -> String {
    let name = database.name(of: pif)
    return pif.host == host ? name : "\(name) of \(hostName(pif.host))"
  }

  /// The same, with the host also when it is this one, where there are several.
  func nameWithHost(_ pif: PIF) -> String {
    isPool ? "\(database.name(of: pif)) of \(hostName(pif.host))" : database.name(of: pif)
  }

  func network(uuid: String) -> (ref: Ref<Network>, record: Network)? { database.networks.all.first { $0.record.uuid == uuid } }

  /// Names of the networks, for what is told of them.
  func networkName(_ ref: Ref<Network>?) -> String { database.networks[ref].map { "\"\($0.nameLabel)\"" } ?? "an unknown network" }

  /// Why high availability or the redo log forbid to take something down that is plugged; nil when they do not.
  func haGuard(_ what: String) -> Hazard? {
    if pool?.haEnabled == true || change.isHAArmed {
      return Hazard(
        .blocking, "High availability is on: XAPI takes down nothing that is plugged while it is, and \(what)",
        remedy: "Switch it off first (xe pool-ha-disable), and on again afterwards")
    }
    guard pool?.redoLogEnabled == true else { return nil }
    return Hazard(
      .blocking, "The redo log is on: XAPI takes down nothing that is plugged while it is, and \(what)",
      remedy: "Switch it off first (xe pool-disable-redo-log)")
  }
}

/// A VIF with the VM it belongs to.
struct NetworkUser {
  let vif: VIF
  let vm: VM?

  /// `web-01`, or the control domain's and templates' too.
  var name: String { vm.map { $0.nameLabel.isEmpty ? $0.uuid : $0.nameLabel } ?? "an unknown VM" }
}

extension PoolFacts {
  /// All VIFs on a network, by the names of their VMs.
  func users(of network: Network) -> [NetworkUser] {
    network.vifs.compactMap { database.vifs[$0] }.map { NetworkUser(vif: $0, vm: database.vms[$0.vm]) }
      .sorted { $0.name == $1.name ? comesBefore($0.vif.device, $1.vif.device) : comesBefore($0.name, $1.name) }
  }

  /// Those that keep a host's interface on the network from being unplugged (`VIF_IN_USE`).
  func holders(of network: Network, on host: Ref<Host>?) -> [NetworkUser] {
    users(of: network).filter { user in
      guard user.vif.currentlyAttached, let vm = user.vm else { return false }
      return vm.isRunning && vm.residentOn == host
    }
  }

  static func names(_ users: [NetworkUser]) -> [String] {
    var seen: Set<String> = []
    return users.map(\.name).filter { seen.insert($0).inserted }
  }
}
