import JSON
import XenAPI

/// On disk: `{"do": "set-ipv4", "on": "eth0", …}`.
extension ChangeAction {
  public var json: JSONValue {
    var object = JSONObject([("do", .string(word))])
    func add(_ key: String, _ value: JSONValue) { object.append(key, value) }
    switch self {
    case .createNetwork(let name, let mark):
      add("name", .string(name))
      add("mark", .string(mark))
    case .destroyNetwork(let mark): add("mark", .string(mark))
    case .createVLAN(let tag, let base, let network):
      add("tag", .int(Int64(tag)))
      add("on", .string(base))
      switch network {
      case .uuid(let uuid): add("network", .string(uuid))
      case .mark(let mark): add("mark", .string(mark))
      }
    case .destroyVLAN(let tag, let base):
      add("tag", .int(Int64(tag)))
      add("on", .string(base))
    case .plug(let name), .unplug(let name), .manage(let name): add("on", .string(name))
    case .setIPv4(let name, let settings):
      add("on", .string(name))
      add("mode", .string(settings.mode.rawValue))
      add("address", .string(settings.address))
      add("netmask", .string(settings.netmask))
      add("gateway", .string(settings.gateway))
      add("dns", .string(settings.dns))
    case .setIPv6(let name, let settings):
      add("on", .string(name))
      add("mode", .string(settings.mode.rawValue))
      add("address", .string(settings.address))
      add("gateway", .string(settings.gateway))
      add("dns", .string(settings.dns))
    case .setSearchDomains(let name, let domains):
      add("on", .string(name))
      add("domains", .array(domains.map { .string($0) }))
    case .setPrimaryAddressType(let name, let family):
      add("on", .string(name))
      add("family", .string(family.rawValue))
    case .managePool(let network): add("network", .string(network))
    case .setHostname(let name), .setLabel(let name): add("name", .string(name))
    case .setTimeServers(let request):
      add("mode", .string(request.mode.rawValue))
      add("servers", .array(request.servers.map { .string($0) }))
    case .setRemoteAccess(let request):
      add("on", .bool(request.isOn))
      add("boot", .bool(request.startsAtBoot))
      if let auto = request.autoMode { add("auto", .bool(auto)) }
      if let timeout = request.timeout { add("timeout", .int(timeout)) }
    case .disableManagement, .recoverMembers: break
    }
    return .object(object)
  }

  /// nil for what is no action, or one of a newer version.
  public init?(_ json: JSONValue) {
    let reader = ActionReader(json)
    switch json["do"]?.string {
    case "create-network":
      guard let name = reader.text("name"), let mark = reader.text("mark") else { return nil }
      self = .createNetwork(name: name, mark: mark)
    case "destroy-network":
      guard let mark = reader.text("mark") else { return nil }
      self = .destroyNetwork(mark: mark)
    case "create-vlan":
      guard let tag = reader.tag, let base = reader.text("on") else { return nil }
      if let mark = reader.text("mark") {
        self = .createVLAN(tag: tag, on: base, network: .mark(mark))
      } else if let uuid = reader.text("network") {
        self = .createVLAN(tag: tag, on: base, network: .uuid(uuid))
      } else {
        return nil
      }
    case "destroy-vlan":
      guard let tag = reader.tag, let base = reader.text("on") else { return nil }
      self = .destroyVLAN(tag: tag, on: base)
    case "plug", "unplug", "manage":
      guard let name = reader.text("on") else { return nil }
      self = json["do"] == "plug" ? .plug(name) : json["do"] == "unplug" ? .unplug(name) : .manage(name)
    case "set-ipv4":
      guard let name = reader.text("on"), let settings = reader.ipv4 else { return nil }
      self = .setIPv4(name, settings)
    case "set-ipv6":
      guard let name = reader.text("on"), let settings = reader.ipv6 else { return nil }
      self = .setIPv6(name, settings)
    case "set-search-domains":
      guard let name = reader.text("on"), let domains = reader.texts("domains") else { return nil }
      self = .setSearchDomains(name, domains)
    case "set-primary-address-type":
      guard let name = reader.text("on"), let family = reader.text("family") else { return nil }
      self = .setPrimaryAddressType(name, AddressFamily(rawValue: family))
    case "disable-management": self = .disableManagement
    case "manage-pool":
      guard let network = reader.text("network") else { return nil }
      self = .managePool(network: network)
    case "recover-members": self = .recoverMembers
    case "set-hostname", "set-label":
      guard let name = reader.text("name") else { return nil }
      self = json["do"] == "set-label" ? .setLabel(name) : .setHostname(name)
    case "set-time-servers":
      guard let mode = reader.text("mode").flatMap({ TimeServerRequest.Mode(rawValue: $0) }),
        let servers = reader.texts("servers")
      else { return nil }
      self = .setTimeServers(TimeServerRequest(mode: mode, servers: servers))
    case "set-remote-access":
      guard let isOn = json["on"]?.bool, let boot = json["boot"]?.bool else { return nil }
      self = .setRemoteAccess(
        RemoteAccessRequest(
          isOn: isOn, startsAtBoot: boot, autoMode: json["auto"]?.bool, timeout: json["timeout"]?.int))
    default: return nil
    }
  }

  private var word: String {
    switch self {
    case .createNetwork: "create-network"
    case .destroyNetwork: "destroy-network"
    case .createVLAN: "create-vlan"
    case .destroyVLAN: "destroy-vlan"
    case .plug: "plug"
    case .unplug: "unplug"
    case .setIPv4: "set-ipv4"
    case .setIPv6: "set-ipv6"
    case .setSearchDomains: "set-search-domains"
    case .setPrimaryAddressType: "set-primary-address-type"
    case .manage: "manage"
    case .disableManagement: "disable-management"
    case .managePool: "manage-pool"
    case .recoverMembers: "recover-members"
    case .setHostname: "set-hostname"
    case .setLabel: "set-label"
    case .setTimeServers: "set-time-servers"
    case .setRemoteAccess: "set-remote-access"
    }
  }
}

/// Takes members out of an action's object.
private struct ActionReader {
  let json: JSONValue

  init(_ json: JSONValue) { self.json = json }

  func text(_ key: String) -> String? { json[key]?.string }

  func texts(_ key: String) -> [String]? {
    guard let array = json[key]?.array else { return nil }
    let texts = array.compactMap(\.string)
    return texts.count == array.count ? texts : nil
  }

  var tag: Int? { json["tag"]?.int.flatMap { (0...4094).contains($0) ? Int($0) : nil } }

  var ipv4: IPv4Settings? {
    guard let mode = text("mode"), let address = text("address"), let netmask = text("netmask"),
      let gateway = text("gateway"), let dns = text("dns")
    else { return nil }
    return IPv4Settings(
      mode: IPConfigurationMode(rawValue: mode), address: address, netmask: netmask, gateway: gateway, dns: dns)
  }

  var ipv6: IPv6Settings? {
    guard let mode = text("mode"), let address = text("address"), let gateway = text("gateway"), let dns = text("dns")
    else { return nil }
    return IPv6Settings(mode: IPConfigurationMode(rawValue: mode), address: address, gateway: gateway, dns: dns)
  }
}
