import JSON
import XenAPI

/// All that makes a VIF what it is: what a new one gets, and what one that was removed is made again from.
public struct VIFSetup: Hashable, Sendable {
  /// By their uuids.
  var vm: String
  var network: String
  var device: String
  var mac: String
  /// Bytes.
  var mtu: Int64 = 1500
  var otherConfig: [String: String] = [:]
  var qosType = ""
  var qos: [String: String] = [:]
  var locking = LockingMode.networkDefault
  var ipv4Allowed: [String] = []
  var ipv6Allowed: [String] = []
  /// Tags; nil where XAPI does not know them.
  var trunks: [Int64]?
  /// What the guest tools set inside the VM; nil when they do not.
  var ipv4: Fixed?
  var ipv6: Fixed?

  struct Fixed: Hashable, Sendable {
    /// With its prefix length.
    var address: String
    var gateway: String
  }

  init(vm: String, network: String, device: String, mac: String) {
    self.vm = vm
    self.network = network
    self.device = device
    self.mac = mac
  }

  /// - Parameter row: the answer of `VIF.get_record`.
  init(vm: String, network: String, _ row: JSONValue) {
    func text(_ key: String) -> String { row[key]?.string ?? "" }
    self.init(vm: vm, network: network, device: text("device"), mac: text("MAC"))
    mtu = row["MTU"]?.int ?? 1500
    (otherConfig, qosType, qos) = (row["other_config"].texts, text("qos_algorithm_type"), row["qos_algorithm_params"].texts)
    locking = LockingMode(rawValue: text("locking_mode"))
    (ipv4Allowed, ipv6Allowed) = (row["ipv4_allowed"].list, row["ipv6_allowed"].list)
    trunks = row["trunks"]?.array.map { $0.compactMap(\.int) }
    func fixed(_ family: String) -> Fixed? {
      guard text("\(family)_configuration_mode") == "Static", let address = row["\(family)_addresses"].list.first else { return nil }
      return Fixed(address: address, gateway: text("\(family)_gateway"))
    }
    (ipv4, ipv6) = (fixed("ipv4"), fixed("ipv6"))
  }

  /// The parameter of `VIF.create`.
  func record(vm: JSONValue, network: JSONValue) -> JSONValue {
    var record: JSONObject = [
      "device": .string(device), "network": network, "VM": vm, "MAC": .string(mac), "MTU": .int(mtu), "other_config": .of(otherConfig),
      "qos_algorithm_type": .string(qosType), "qos_algorithm_params": .of(qos), "locking_mode": .string(locking.rawValue),
      "ipv4_allowed": .of(ipv4Allowed), "ipv6_allowed": .of(ipv6Allowed),
    ]
    if let trunks { record["trunks"] = .array(trunks.map { .int($0) }) }
    return .object(record)
  }

  // MARK: On disk

  var json: JSONValue {
    var object: JSONObject = [
      "vm": .string(vm), "network": .string(network), "device": .string(device), "mac": .string(mac), "mtu": .int(mtu),
      "other": .of(otherConfig), "qos-type": .string(qosType), "qos": .of(qos), "locking": .string(locking.rawValue),
      "ipv4-allowed": .of(ipv4Allowed), "ipv6-allowed": .of(ipv6Allowed),
    ]
    if let trunks { object["trunks"] = .array(trunks.map { .int($0) }) }
    for (key, fixed) in [("ipv4", ipv4), ("ipv6", ipv6)] {
      if let fixed { object[key] = ["address": .string(fixed.address), "gateway": .string(fixed.gateway)] }
    }
    return .object(object)
  }

  init?(_ json: JSONValue) {
    guard let vm = json["vm"]?.string, let network = json["network"]?.string, let device = json["device"]?.string, let mac = json["mac"]?.string
    else { return nil }
    self.init(vm: vm, network: network, device: device, mac: mac)
    mtu = json["mtu"]?.int ?? 1500
    (otherConfig, qosType, qos) = (json["other"].texts, json["qos-type"]?.string ?? "", json["qos"].texts)
    locking = json["locking"]?.string.map { LockingMode(rawValue: $0) } ?? .networkDefault
    (ipv4Allowed, ipv6Allowed) = (json["ipv4-allowed"].list, json["ipv6-allowed"].list)
    trunks = json["trunks"]?.array.map { $0.compactMap(\.int) }
    func fixed(_ key: String) -> Fixed? {
      json[key]?["address"]?.string.map { Fixed(address: $0, gateway: json[key]?["gateway"]?.string ?? "") }
    }
    (ipv4, ipv6) = (fixed("ipv4"), fixed("ipv6"))
  }
}

extension JSONValue? {
  /// A map of texts; what is none is left out.
  var texts: [String: String] {
    var map: [String: String] = [:]
    for (key, value) in self?.object ?? [:] { map[key] = value.string }
    return map
  }

  var list: [String] { (self?.array ?? []).compactMap(\.string) }
}

extension JSONValue {
  static func of(_ map: [String: String]) -> JSONValue {
    .object(JSONObject(map.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }

  static func of(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
}
