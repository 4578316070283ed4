import XenAPI

/// XAPI's database at one moment, as actions look at it.
struct ChangeScene: Sendable {
  let database: XenDatabase
  let host: Ref<Host>
  let tree: InterfaceTree

  init(_ database: XenDatabase, host: Ref<Host>) {
    self.database = database
    self.host = host
    tree = InterfaceTree(database, host: host)
  }

  func network(mark: String) -> Ref<Network>? {
    database.networks.all.first { $0.record.otherConfig[ChangeAction.markKey] == mark }?.ref
  }

  func network(uuid: String) -> Ref<Network>? { database.networks.all.first { $0.record.uuid == uuid }?.ref }

  func network(bridge: String) -> Ref<Network>? { database.networks.all.first { $0.record.bridge == bridge }?.ref }

  /// VIFs by their uuids, in the order of these; those that are no more are left out.
  func vifs(_ uuids: [String]) -> [(ref: Ref<VIF>, record: VIF)] {
    let wanted = Set(uuids)
    return database.vifs.all.filter { wanted.contains($0.record.uuid) }.sorted { $0.record.uuid < $1.record.uuid }
  }

  func network(_ choice: NetworkChoice) -> Ref<Network>? {
    switch choice {
    case .uuid(let uuid): network(uuid: uuid)
    case .mark(let mark): network(mark: mark)
    }
  }

  /// Of any host of the pool.
  func pif(uuid: String) -> (ref: Ref<PIF>, record: PIF)? { database.pifs.all.first { $0.record.uuid == uuid } }

  func vlan(_ tag: Int, on base: String) -> InterfaceTree.Node? {
    tree[SavedInterface.vlanName(Int64(tag), on: base)]
  }

  /// Whether an action has nothing to do any more. nil when the database does not tell: it is about the host's services.
  func isReached(_ action: ChangeAction) -> Bool? {
    switch action {
    case .createNetwork(_, let mark): network(mark: mark) != nil
    case .destroyNetwork(let mark): network(mark: mark) == nil
    case .createVLAN(let tag, let base, let choice):
      vlan(tag, on: base).map { network(choice) == $0.pif.network } ?? false
    case .destroyVLAN(let tag, let base): vlan(tag, on: base) == nil
    case .plug(let name): tree[name]?.pif.currentlyAttached ?? false
    case .unplug(let name): !(tree[name]?.pif.currentlyAttached ?? false)
    case .setIPv4(let name, let settings): tree[name].map { IPv4Settings($0.pif).isAs(settings) } ?? false
    case .setIPv6(let name, let settings): tree[name].map { IPv6Settings($0.pif).isAs(settings) } ?? false
    case .setSearchDomains(let name, let domains): tree[name].map { $0.pif.searchDomains == domains } ?? false
    case .setPrimaryAddressType(let name, let family): tree[name]?.pif.primaryAddressType == family
    case .manage(let name): tree[name]?.pif.management ?? false
    case .disableManagement: tree.management == nil
    case .managePool(let uuid):
      network(uuid: uuid).map { network in
        database.hosts.all.allSatisfy { host in
          host.record.pifs.contains { database.pifs[$0].map { $0.network == network && $0.management } ?? false }
        }
      } ?? false
    case .recoverMembers: false
    case .setHostname(let name): database.hosts[host]?.hostname == name
    case .setLabel(let label): database.hosts[host]?.nameLabel == label
    case .scanNICs(let devices): devices.isEmpty ? false : devices.allSatisfy { tree[$0] != nil }
    case .introduceNIC(let device, let mac, _): tree[device].map { $0.pif.mac == mac } ?? false
    case .forgetNIC(let device): tree[device] == nil
    case .replug: false
    case .setOtherConfig(let name, let values):
      tree[name].map { node in values.allSatisfy { node.pif.otherConfig[$0.key] == $0.value } } ?? false
    case .setNetworkMTU(let uuid, let mtu): network(uuid: uuid).map { database.networks[$0]?.mtu == Int64(mtu) } ?? false
    case .applyMTU(let uuid, _, let mtu): pif(uuid: uuid).map { $0.record.currentlyAttached && $0.record.mtu == Int64(mtu) } ?? false
    case .moveVIFs(let uuids, let from, _):
      network(uuid: from).map { origin in vifs(uuids).allSatisfy { $0.record.network != origin } } ?? true
    case .setDisallowUnplug(let name, let isProtected): tree[name]?.pif.disallowUnplug == isProtected
    case .setProperties(let name, let values):
      tree[name].map { node in values.allSatisfy { node.pif.properties[$0.key] == $0.value } } ?? false
    case .destroyBridgeNetwork(let bridge): network(bridge: bridge) == nil
    case .destroyEmptyNetwork(let uuid): network(uuid: uuid) == nil
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: action.group?.isReached(self)
    case .setTimeServers, .setRemoteAccess: nil
    case .setFeatures, .setRings, .setLinkMode, .setFCoE, .putBackUnits, .setNICNames, .resetNICNames, .putBackNICNames: nil
    }
  }
}

extension ChangeAction {
  /// In the other-config of a network that a change has made, until the change is kept.
  static let markKey = "xcpconsole-change"
}

extension PIF {
  /// `other-config:domain`, by comma.
  var searchDomains: [String] { (otherConfig["domain"] ?? "").words }

  var dnsServers: [String] { dns.words }
}

extension IPv4Settings {
  /// As an interface has them now. What a lease brought is no setting.
  init(_ pif: PIF) {
    self.init(mode: pif.ipConfigurationMode, dns: pif.dnsServers.filter { !$0.contains(":") }.joined(separator: ","))
    if mode == .static { (address, netmask, gateway) = (pif.ip, pif.netmask, pif.gateway) }
    if mode != .static { dns = "" }
  }

  func isAs(_ wanted: IPv4Settings) -> Bool { self == wanted }

  /// `10.0.4.12/24, gateway 10.0.4.1`, `DHCP`, `none`.
  public var words: String {
    switch mode {
    case .static:
      let length = try? IPv4Prefix.length(ofNetmask: netmask)
      return "\(address)/\(length.map { "\($0)" } ?? netmask)"
    case .dhcp: return "DHCP"
    case .none: return "none"
    default: return mode.rawValue
    }
  }
}

extension IPv6Settings {
  init(_ pif: PIF) {
    self.init(mode: pif.ipv6ConfigurationMode, dns: pif.dnsServers.filter { $0.contains(":") }.joined(separator: ","))
    guard mode == .static else { return }
    // With DHCP for IPv4, XAPI writes down all that the bridge has, the kernel's own link-local address among it.
    let all = pif.ipv6.filter { !$0.isEmpty }
    (address, gateway) = (all.first { !$0.lowercased().hasPrefix("fe80:") } ?? all.first ?? "", pif.ipv6Gateway)
  }

  /// Servers from DHCP are no setting; those of any other mode are.
  func isAs(_ wanted: IPv6Settings) -> Bool {
    guard mode == wanted.mode, mode != .static || (address.lowercased(), gateway) == (wanted.address.lowercased(), wanted.gateway)
    else { return false }
    return dns == wanted.dns || mode == .dhcp && wanted.dns.isEmpty
  }

  public var words: String {
    switch mode {
    case .static: address
    case .dhcp: "DHCP"
    case .autoconf: "autoconf"
    case .none: "none"
    default: mode.rawValue
    }
  }
}
