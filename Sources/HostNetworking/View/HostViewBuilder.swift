import Dom0
import XenAPI

extension HostView {
  /// Joins what XAPI told with the host's own files. Work grows with this host's interfaces and the pool's networks and VIFs,
  /// not with the interfaces of the whole pool.
  /// - Parameter hostname: the machine's own, for as long as XAPI has not told the host's name.
  public init(_ live: LiveState, inventory: Inventory?, hostname: String? = nil) {
    connection = live.connection
    since = live.since
    heard = live.database == nil ? nil : live.heard
    name = hostname
    product = inventory.flatMap { Self.product($0.productBrand, $0.productVersion) }
    (role, facts, management, interfaces, networks, vms, findings) = (.unknown, nil, nil, [], [], [], [])
    guard let database = live.database else { return }
    let inventoryHost = inventory?.installationUUID.flatMap { uuid in
      database.hosts.all.first { $0.record.uuid == uuid }?.ref
    }
    guard let ref = inventoryHost ?? live.thisHost, let host = database.hosts[ref] else { return }
    let join = HostJoin(database, ref, host)
    name = host.nameLabel.isEmpty ? host.hostname : host.nameLabel
    product = join.product ?? product
    role = join.role
    facts = join.facts
    interfaces = join.interfaces()
    networks = join.networks(interfaces)
    vms = join.vms()
    management = join.management(interfaces)
    findings = Finding.all(in: self, coordinatorIsLive: join.coordinatorIsLive)
  }
}

extension HostView {
  /// `XCP-ng 8.3.0`; nil without a brand.
  static func product(_ brand: String?, _ version: String?) -> String? {
    brand.map { "\($0) \(version ?? "")".trimmed }
  }
}

extension String {
  var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
