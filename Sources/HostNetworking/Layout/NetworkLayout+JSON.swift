import JSON
import XenAPI

extension NetworkLayout {
  /// Reads a layout file.
  /// - Parameter name: what the file is called in errors.
  public init(parsing bytes: [UInt8], name: String) throws(LayoutError) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw .notJSON(name: name, reason: bytes.isEmpty ? "it is empty" : "\(error)")
    }
    try self.init(json: value, name: name)
  }

  public init(json: JSONValue, name: String) throws(LayoutError) {
    guard json["format"]?.string == Self.format else { throw .otherFormat(name: name) }
    var reader = try LayoutReader(json, name: name, place: "")
    _ = try reader.string("format")
    let version = try reader.int("version", default: 0)
    if version > Self.version { throw .newer(name: name, version: version) }
    if version < 1 { throw reader.damaged("version", "expected a whole number from 1") }
    var below = try reader.below("taken")
    taken = try Taken(&below)
    below = try reader.below("host")
    host = try SavedHost(&below)
    nics = try reader.list("nics") { (reader) throws(LayoutError) in try SavedNIC(&reader) }
    networks = try reader.list("networks") { (reader) throws(LayoutError) in try SavedNetwork(&reader) }
    interfaces = try reader.list("interfaces") { (reader) throws(LayoutError) in try SavedInterface(&reader) }
    bonds = try reader.list("bonds") { (reader) throws(LayoutError) in try SavedBond(&reader) }
    vlans = try reader.list("vlans") { (reader) throws(LayoutError) in try SavedVLAN(&reader) }
    tunnels = try reader.list("tunnels") { (reader) throws(LayoutError) in try SavedTunnel(&reader) }
    sriovs = try reader.list("sriov") { (reader) throws(LayoutError) in try SavedSRIOV(&reader) }
    let management = try reader.string("management")
    self.management = management.isEmpty ? nil : management
    unknown = reader.rest
    try check(name: name)
  }

  /// The layout as a JSON value, members in the order of the schema.
  public var json: JSONValue {
    var object = JSONObject([
      ("format", .string(Self.format)), ("version", .int(Self.version)), ("taken", taken.json), ("host", host.json),
      ("nics", .array(nics.map(\.json))), ("networks", .array(networks.map(\.json))),
      ("interfaces", .array(interfaces.map(\.json))), ("bonds", .array(bonds.map(\.json))),
      ("vlans", .array(vlans.map(\.json))), ("tunnels", .array(tunnels.map(\.json))),
      ("sriov", .array(sriovs.map(\.json))), ("management", management.map { .string($0) } ?? .null),
    ])
    for (key, value) in unknown { object.append(key, value) }
    return .object(object)
  }

  /// The file's bytes: the same layout always gives the same.
  public var encoded: [UInt8] { json.readable }
}

// MARK: The parts

extension NetworkLayout.Taken {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    let text = try reader.needed("at")
    guard let date = XenDate(text) else {
      throw reader.damaged("at", "\"\(text)\" is not a moment like 2026-11-22T17:20:05Z")
    }
    at = date.seconds
    from = try reader.choice("from")
    why = try reader.string("why")
    missing = try reader.strings("missing")
    unknown = reader.rest
  }

  var json: JSONValue {
    .object(
      [
        "at": .string(UTCText.readable(at)), "from": .string(from.rawValue), "why": .string(why),
        "missing": missing.json,
      ],
      unknown)
  }
}

extension SavedHost {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    uuid = try reader.string("uuid")
    name = try reader.string("name")
    role = try reader.string("role")
    pool = try reader.string("pool")
    coordinator = try reader.string("coordinator")
    product = try reader.string("product")
    backend = try reader.string("backend")
    unknown = reader.rest
  }

  var json: JSONValue {
    .object(
      [
        "uuid": .string(uuid), "name": .string(name), "role": .string(role), "pool": .string(pool),
        "coordinator": .string(coordinator), "product": .string(product), "backend": .string(backend),
      ], unknown)
  }
}

extension SavedNIC {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    device = try reader.needed("device")
    mac = try reader.mac("mac")
    pci = try reader.string("pci")
    vendor = try reader.string("vendor")
    model = try reader.string("model")
    unknown = reader.rest
  }

  var json: JSONValue {
    .object(
      [
        "device": .string(device), "mac": .string(mac), "pci": .string(pci), "vendor": .string(vendor),
        "model": .string(model),
      ], unknown)
  }
}

extension SavedNetwork {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    uuid = try reader.string("uuid")
    name = try reader.string("name")
    description = try reader.string("description")
    bridge = try reader.string("bridge")
    mtu = try reader.int("mtu", default: 1500)
    managed = try reader.bool("managed", default: true)
    locking = try reader.spelling("locking", default: .unlocked)
    purpose = try reader.strings("purpose")
    tags = try reader.strings("tags")
    otherConfig = try reader.map("other_config")
    unknown = reader.rest
    if id.isEmpty { throw reader.damaged("uuid", "a network needs a uuid or a bridge") }
  }

  var json: JSONValue {
    .object(
      [
        "uuid": .string(uuid), "name": .string(name), "description": .string(description), "bridge": .string(bridge),
        "mtu": .int(mtu), "managed": .bool(managed), "locking": .string(locking.rawValue), "purpose": purpose.json,
        "tags": tags.json, "other_config": otherConfig.json,
      ], unknown)
  }
}

extension SavedInterface {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    name = try reader.needed("name")
    kind = try reader.choice("kind")
    device = try reader.needed("device")
    uuid = try reader.string("uuid")
    network = try reader.string("network")
    mac = try reader.mac("mac")
    mtu = try reader.int("mtu", default: -1)
    plugged = try reader.bool("plugged", default: true)
    managed = try reader.bool("managed", default: true)
    protected = try reader.bool("protected", default: false)
    primary = try reader.spelling("primary", default: .ipv4)
    var below = try reader.below("ipv4")
    ipv4 = try IPv4(&below)
    below = try reader.below("ipv6")
    ipv6 = try IPv6(&below)
    dns = try reader.strings("dns")
    properties = try reader.map("properties")
    otherConfig = try reader.map("other_config")
    unknown = reader.rest
  }

  var json: JSONValue {
    .object(
      [
        "name": .string(name), "kind": .string(kind.rawValue), "device": .string(device), "uuid": .string(uuid),
        "network": .string(network), "mac": .string(mac), "mtu": .int(mtu), "plugged": .bool(plugged),
        "managed": .bool(managed), "protected": .bool(protected), "primary": .string(primary.rawValue),
        "ipv4": ipv4.json, "ipv6": ipv6.json, "dns": dns.json, "properties": properties.json,
        "other_config": otherConfig.json,
      ], unknown)
  }
}

extension SavedInterface.IPv4 {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    mode = try reader.spelling("mode", default: .none)
    address = try reader.string("address")
    netmask = try reader.string("netmask")
    gateway = try reader.string("gateway")
    unknown = reader.rest
  }

  var json: JSONValue {
    .object(
      [
        "mode": .string(mode.rawValue), "address": .string(address), "netmask": .string(netmask),
        "gateway": .string(gateway),
      ], unknown)
  }
}

extension SavedInterface.IPv6 {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    mode = try reader.spelling("mode", default: .none)
    addresses = try reader.strings("addresses")
    gateway = try reader.string("gateway")
    unknown = reader.rest
  }

  var json: JSONValue {
    .object(
      ["mode": .string(mode.rawValue), "addresses": addresses.json, "gateway": .string(gateway)], unknown)
  }
}

extension SavedBond {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    name = try reader.needed("name")
    uuid = try reader.string("uuid")
    mode = BondMode(rawValue: try reader.needed("mode"))
    members = try reader.strings("members")
    primary = try reader.string("primary")
    mac = try reader.mac("mac")
    properties = try reader.map("properties")
    otherConfig = try reader.map("other_config")
    unknown = reader.rest
  }

  var json: JSONValue {
    .object(
      [
        "name": .string(name), "uuid": .string(uuid), "mode": .string(mode.rawValue), "members": members.json,
        "primary": .string(primary), "mac": .string(mac), "properties": properties.json,
        "other_config": otherConfig.json,
      ], unknown)
  }
}

extension SavedVLAN {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    name = try reader.needed("name")
    base = try reader.needed("on")
    tag = try reader.int("tag", default: -1)
    guard (0...4094).contains(tag) else { throw reader.damaged("tag", "expected a whole number from 0 to 4094") }
    otherConfig = try reader.map("other_config")
    unknown = reader.rest
  }

  var json: JSONValue {
    .object(
      ["name": .string(name), "on": .string(base), "tag": .int(tag), "other_config": otherConfig.json], unknown)
  }
}

extension SavedTunnel {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    name = try reader.needed("name")
    base = try reader.needed("on")
    `protocol` = try reader.spelling("protocol", default: .gre)
    otherConfig = try reader.map("other_config")
    unknown = reader.rest
  }

  var json: JSONValue {
    .object(
      [
        "name": .string(name), "on": .string(base), "protocol": .string(`protocol`.rawValue),
        "other_config": otherConfig.json,
      ], unknown)
  }
}

extension SavedSRIOV {
  init(_ reader: inout LayoutReader) throws(LayoutError) {
    name = try reader.needed("name")
    base = try reader.needed("on")
    unknown = reader.rest
  }

  var json: JSONValue { .object(["name": .string(name), "on": .string(base)], unknown) }
}

extension JSONValue {
  /// An object of known members, then those that came with the file.
  fileprivate static func object(_ known: JSONObject, _ unknown: JSONObject) -> JSONValue {
    var object = known
    for (key, value) in unknown { object.append(key, value) }
    return .object(object)
  }
}

extension [String] {
  var json: JSONValue { .array(map { .string($0) }) }
}

extension [String: String] {
  /// Keys in order: the same map always gives the same bytes.
  var json: JSONValue { .object(JSONObject(sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })) }
}
