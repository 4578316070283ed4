import JSON
import XenAPI

/// On disk: `{"do": "set-ipv4", "on": "eth0", …}`.
extension ChangeAction {
  public var json: JSONValue {
    if let groupJSON { return groupJSON }
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
    case .scanNICs(let devices): add("devices", .array(devices.map { .string($0) }))
    case .introduceNIC(let device, let mac, let isManaged):
      add("on", .string(device))
      add("mac", .string(mac))
      add("managed", .bool(isManaged))
    case .forgetNIC(let name), .replug(let name): add("on", .string(name))
    case .setOtherConfig(let name, let values):
      add("on", .string(name))
      let sorted = values.sorted { $0.key < $1.key }
      add("values", .object(JSONObject(sorted.map { ($0.key, $0.value.map { .string($0) } ?? .null) })))
    case .setNetworkMTU(let uuid, let mtu):
      add("network", .string(uuid))
      add("mtu", .int(Int64(mtu)))
    case .applyMTU(let uuid, let name, let mtu):
      add("pif", .string(uuid))
      add("on", .string(name))
      add("mtu", .int(Int64(mtu)))
    case .setDisallowUnplug(let name, let isProtected):
      add("on", .string(name))
      add("protected", .bool(isProtected))
    case .setProperties(let name, let values):
      add("on", .string(name))
      add("values", .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })))
    case .destroyBridgeNetwork(let bridge): add("bridge", .string(bridge))
    case .moveVIFs(let vifs, let from, let to):
      add("vifs", .array(vifs.map { .string($0) }))
      add("from", .string(from))
      add("to", .string(to))
    case .destroyEmptyNetwork(let uuid): add("network", .string(uuid))
    case .setFeatures(let device, let values):
      add("on", .string(device))
      add("values", .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .bool($0.value)) })))
    case .setRings(let device, let values):
      add("on", .string(device))
      add("values", .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) })))
    case .setLinkMode(let device, let mode):
      add("on", .string(device))
      if let speed = mode.speed { add("speed", .int(Int64(speed))) }
      if let isFull = mode.isFullDuplex { add("full", .bool(isFull)) }
      add("negotiates", .bool(mode.negotiates))
    case .setFCoE(let isOn): add("on", .bool(isOn))
    case .putBackUnits(let units):
      add("units", .array(units.map { ["name": .string($0.name), "active": .bool($0.isActive), "file": .string($0.file)] }))
    case .setNICNames(let names):
      add("names", .object(JSONObject(names.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })))
    case .putBackNICNames(let statics, let dynamic):
      if let statics { add("static", statics.json) }
      if let dynamic { add("dynamic", dynamic.json) }
    case .disableManagement, .recoverMembers, .resetNICNames, .networks, .vlans, .bonds, .addresses, .routes, .vifs: break
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
    default:
      guard let action = Self.ofNICs(json, reader) ?? Self.ofGroups(json) else { return nil }
      self = action
    }
  }

  private static func ofNICs(_ json: JSONValue, _ reader: ActionReader) -> ChangeAction? {
    switch json["do"]?.string {
    case "scan-nics": return reader.texts("devices").map { .scanNICs(expecting: $0) }
    case "introduce-nic":
      guard let device = reader.text("on"), let mac = reader.text("mac") else { return nil }
      return .introduceNIC(device, mac: mac, managed: json["managed"]?.bool ?? true)
    case "forget-nic": return reader.text("on").map { .forgetNIC($0) }
    case "replug": return reader.text("on").map { .replug($0) }
    case "set-other-config":
      guard let name = reader.text("on"), let object = json["values"]?.object else { return nil }
      var values: [String: String?] = [:]
      for (key, value) in object {
        guard value == .null || value.string != nil else { return nil }
        values[key] = .some(value.string)
      }
      return .setOtherConfig(name, values)
    case "set-network-mtu":
      guard let uuid = reader.text("network"), let mtu = json["mtu"]?.int else { return nil }
      return .setNetworkMTU(uuid, Int(clamping: mtu))
    case "apply-mtu":
      guard let uuid = reader.text("pif"), let name = reader.text("on"), let mtu = json["mtu"]?.int else { return nil }
      return .applyMTU(pif: uuid, name: name, mtu: Int(clamping: mtu))
    case "move-vifs":
      guard let vifs = reader.texts("vifs"), let from = reader.text("from"), let to = reader.text("to") else { return nil }
      return .moveVIFs(vifs, from: from, to: to)
    case "set-disallow-unplug":
      guard let name = reader.text("on"), let isProtected = json["protected"]?.bool else { return nil }
      return .setDisallowUnplug(name, isProtected)
    case "set-properties":
      guard let name = reader.text("on"), let values = reader.map("values", { $0.string }) else { return nil }
      return .setProperties(name, values)
    case "destroy-bridge-network": return reader.text("bridge").map { .destroyBridgeNetwork($0) }
    case "destroy-empty-network": return reader.text("network").map { .destroyEmptyNetwork($0) }
    case "set-features":
      guard let device = reader.text("on"), let values = reader.map("values", { $0.bool }) else { return nil }
      return .setFeatures(device, values)
    case "set-rings":
      guard let device = reader.text("on"), let values = reader.map("values", { $0.int.map { Int(clamping: $0) } }) else { return nil }
      return .setRings(device, values)
    case "set-link-mode":
      guard let device = reader.text("on"), let negotiates = json["negotiates"]?.bool else { return nil }
      return .setLinkMode(
        device,
        LinkMode(
          speed: json["speed"]?.int.map { Int(clamping: $0) }, isFullDuplex: json["full"]?.bool, negotiates: negotiates))
    case "set-fcoe": return json["on"]?.bool.map { .setFCoE($0) }
    case "put-back-units":
      guard let rows = json["units"]?.array else { return nil }
      let units = rows.compactMap { row -> UnitState? in
        guard let name = row["name"]?.string, let isActive = row["active"]?.bool, let file = row["file"]?.string else { return nil }
        return UnitState(name: name, isActive: isActive, file: file)
      }
      return units.count == rows.count ? .putBackUnits(units) : nil
    case "set-nic-names": return reader.map("names", { $0.string }).map { .setNICNames($0) }
    case "reset-nic-names": return .resetNICNames
    case "put-back-nic-names":
      let (statics, dynamic) = (json["static"].map { RulesFile($0) }, json["dynamic"].map { RulesFile($0) })
      // One that is there and cannot be read is not one that is to be left alone.
      if case .some(.none) = statics { return nil }
      if case .some(.none) = dynamic { return nil }
      return .putBackNICNames(static: statics ?? nil, dynamic: dynamic ?? nil)
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
    case .scanNICs: "scan-nics"
    case .introduceNIC: "introduce-nic"
    case .forgetNIC: "forget-nic"
    case .replug: "replug"
    case .setOtherConfig: "set-other-config"
    case .setNetworkMTU: "set-network-mtu"
    case .applyMTU: "apply-mtu"
    case .moveVIFs: "move-vifs"
    case .setDisallowUnplug: "set-disallow-unplug"
    case .setProperties: "set-properties"
    case .destroyBridgeNetwork: "destroy-bridge-network"
    case .destroyEmptyNetwork: "destroy-empty-network"
    case .setFeatures: "set-features"
    case .setRings: "set-rings"
    case .setLinkMode: "set-link-mode"
    case .setFCoE: "set-fcoe"
    case .putBackUnits: "put-back-units"
    case .setNICNames: "set-nic-names"
    case .resetNICNames: "reset-nic-names"
    case .putBackNICNames: "put-back-nic-names"
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: ""
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

  /// An object of which every value is of one kind.
  func map<Value>(_ key: String, _ value: (JSONValue) -> Value?) -> [String: Value]? {
    guard let object = json[key]?.object else { return nil }
    var values: [String: Value] = [:]
    for (name, member) in object {
      guard let known = value(member) else { return nil }
      values[name] = known
    }
    return values
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
