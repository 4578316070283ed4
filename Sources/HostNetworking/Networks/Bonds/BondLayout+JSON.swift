import JSON
import XenAPI

extension BondLayout {
  var json: JSONValue {
    var object = JSONObject([
      ("host", .string(owner.uuid)), ("label", .string(owner.label)), ("members", members.json), ("bond", .string(bond)),
      ("interfaces", .array(interfaces.map(\.json))),
    ])
    if !tunnels.isEmpty { object.append("tunnels", .array(tunnels.map(\.json))) }
    if !vifs.isEmpty { object.append("vifs", vifs.json) }
    if !mtus.isEmpty {
      object.append("mtus", .object(JSONObject(mtus.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) })))
    }
    if let bondConfig { object.append("bondConfig", bondConfig.json) }
    return .object(object)
  }

  init?(_ json: JSONValue) {
    guard let uuid = json["host"]?.string, let members = json["members"]?.texts, let rows = json["interfaces"]?.array else {
      return nil
    }
    let interfaces = rows.compactMap { Interface($0) }
    guard interfaces.count == rows.count else { return nil }
    self.init(
      owner: BondOwner(uuid: uuid, label: json["label"]?.string ?? ""), members: members, bond: json["bond"]?.string ?? "the bond",
      interfaces: interfaces, vifs: json["vifs"]?.textMap ?? [:], bondConfig: json["bondConfig"]?.textMap)
    let tunnels = (json["tunnels"]?.array ?? []).map { BondLayout.Tunnel($0) }
    guard !tunnels.contains(nil) else { return nil }
    self.tunnels = tunnels.compactMap { $0 }
    for (network, mtu) in json["mtus"]?.object ?? JSONObject() { mtus[network] = mtu.int.map { Int(clamping: $0) } }
  }
}

extension BondLayout.Tunnel {
  fileprivate var json: JSONValue { ["access": access.json, "protocol": .string(kind), "otherConfig": otherConfig.json] }

  fileprivate init?(_ json: JSONValue) {
    guard let access = json["access"].flatMap({ BondLayout.Interface($0) }), let kind = json["protocol"]?.string else { return nil }
    self.init(access: access, kind: kind, otherConfig: json["otherConfig"]?.textMap ?? [:])
  }
}

extension BondLayout.Interface {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    func add(_ name: String, _ value: JSONValue?) { if let value { object.append(name, value) } }
    add("nic", place.nic.map { .string($0) })
    add("tag", place.tag.map { .int(Int64($0)) })
    add("network", network.map { .string($0) })
    add("ipv4", ipv4?.json)
    add(
      "ipv6",
      ipv6.map {
        [
          "mode": .string($0.mode.rawValue), "address": .string($0.address), "gateway": .string($0.gateway),
          "dns": .string($0.dns),
        ]
      })
    add("otherConfig", otherConfig?.json)
    if !addedConfig.isEmpty { add("addedConfig", addedConfig.json) }
    add("vlanConfig", vlanConfig?.json)
    add("protected", isProtected.map { .bool($0) })
    add("attached", isAttached.map { .bool($0) })
    return .object(object)
  }

  fileprivate init?(_ json: JSONValue) {
    guard json.object != nil else { return nil }
    func text(_ owner: JSONValue, _ key: String) -> String { owner[key]?.string ?? "" }
    self.init(
      place: BondLayout.Place(nic: json["nic"]?.string, tag: json["tag"]?.int.map { Int(clamping: $0) }), network: json["network"]?.string,
      ipv4: json["ipv4"].flatMap { IPv4Settings($0) },
      ipv6: json["ipv6"].map {
        IPv6Settings(
          mode: IPConfigurationMode(rawValue: text($0, "mode")), address: text($0, "address"), gateway: text($0, "gateway"),
          dns: text($0, "dns"))
      },
      otherConfig: json["otherConfig"]?.textMap, addedConfig: json["addedConfig"]?.textMap ?? [:],
      vlanConfig: json["vlanConfig"]?.textMap, isProtected: json["protected"]?.bool, isAttached: json["attached"]?.bool)
  }
}

extension IPv4Settings {
  var json: JSONValue {
    ["mode": .string(mode.rawValue), "address": .string(address), "netmask": .string(netmask), "gateway": .string(gateway), "dns": .string(dns)]
  }

  init?(_ json: JSONValue) {
    guard let mode = json["mode"]?.string else { return nil }
    func text(_ key: String) -> String { json[key]?.string ?? "" }
    self.init(mode: IPConfigurationMode(rawValue: mode), address: text("address"), netmask: text("netmask"), gateway: text("gateway"), dns: text("dns"))
  }
}
