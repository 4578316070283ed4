import Dom0
import JSON

extension NICDetails {
  /// For programs: what was asked and not told is null, with the reason below `problems`.
  public var json: JSONValue {
    var object = JSONObject([("device", .string(device)), ("present", .bool(kernel != nil))])
    addKernel(to: &object)
    object.append("link", link.value.map(Self.json) ?? .null)
    object.append("driver", driver.value.map(Self.json) ?? .null)
    object.append("permanent_mac", .text(permanentMAC.value ?? nil))
    object.append("place", (firmware.value ?? nil).map(Self.json) ?? .null)
    object.append("neighbour", neighbour)
    object.append("module", module.value.map { .rows($0) } ?? .null)
    object.append(
      "offloads", features.value.map { features in .object(JSONObject(features.map { ($0.name, .bool($0.isOn)) })) } ?? .null)
    object.append("rings", rings.value.map { Self.table($0.current, $0.most) } ?? .null)
    object.append("queues", channels.value.map { Self.table($0.current, $0.most) } ?? .null)
    object.append(
      "pause",
      pause.value.map { ["autonegotiated": .flag($0.negotiates), "rx": .flag($0.receives), "tx": .flag($0.sends)] } ?? .null)
    object.append("driver_counters", statistics.value.map { .rows($0) } ?? .null)
    object.append("problems", .object(JSONObject(problems.map { ($0.0.rawValue, .string("\($0.1)")) })))
    return .object(object)
  }

  private func addKernel(to object: inout JSONObject) {
    let link: JSONValue = kernel?.hasCarrier.map { .bool($0) } ?? .null
    object.append("up", kernel.map { .bool($0.isUp) } ?? .null)
    object.append("carrier", link)
    object.append("speed", .number(kernel?.speed))
    object.append("duplex", .text(kernel?.duplex?.rawValue))
    object.append("mac", .text(kernel?.mac))
    object.append("mtu", .number(kernel?.mtu))
    object.append("pci", .text(kernel?.hardware?.address))
    object.append("slot", .text(slot))
    object.append("counters", kernel?.counters?.json ?? .null)
  }

  private var neighbour: JSONValue {
    guard case .known(.neighbour(let neighbour)) = lldp else { return .null }
    return [
      "system": .text(neighbour.system), "description": .text(neighbour.systemDescription), "chassis": .text(neighbour.chassis),
      "port": .text(neighbour.port), "port_description": .text(neighbour.portDescription), "vlan": .number(neighbour.vlan),
      "addresses": .array(neighbour.addresses.map { .string($0) }),
    ]
  }

  /// What could not be told, and why.
  public var problems: [(Question, LiveFailure)] {
    let all: [(Question, LiveFailure?)] = [
      (.link, link.failure), (.driver, driver.failure), (.permanentMAC, permanentMAC.failure), (.features, features.failure),
      (.rings, rings.failure), (.channels, channels.failure), (.pause, pause.failure), (.module, module.failure),
      (.statistics, statistics.failure), (.lldp, lldp.failure), (.firmware, firmware.failure),
    ]
    return all.compactMap { question, failure in failure.map { (question, $0) } }
  }

  private static func json(_ link: EthtoolLink) -> JSONValue {
    func modes(_ modes: [String]) -> JSONValue { .array(modes.map { .string($0) }) }
    return [
      "autonegotiation": .flag(link.negotiates), "port": .text(link.port), "supported": modes(link.supportedModes),
      "advertised": modes(link.advertisedModes), "partner": modes(link.partnerModes), "wake_on": .text(link.wakeOn),
    ]
  }

  private static func json(_ driver: EthtoolDriver) -> JSONValue {
    ["name": .text(driver.driver), "version": .text(driver.version), "firmware": .text(driver.firmware)]
  }

  private static func json(_ name: FirmwareName) -> JSONValue {
    ["name": .text(name.name), "slot": .text(name.slot), "label": .text(name.label)]
  }

  private static func table(_ current: [String: Int], _ most: [String: Int]) -> JSONValue {
    .object(
      JSONObject(
        current.keys.sorted().map { name in
          (name.lowercased(), ["current": .number(current[name]), "most": .number(most[name])] as JSONValue)
        }))
  }
}

extension NetworkDevice.Counters {
  var json: JSONValue {
    func count(_ value: UInt64) -> JSONValue { Int64(exactly: value).map { .int($0) } ?? .double(Double(value)) }
    return [
      "rx_bytes": count(receivedBytes), "rx_packets": count(receivedPackets), "rx_errors": count(receiveErrors),
      "rx_dropped": count(receiveDrops), "tx_bytes": count(sentBytes), "tx_packets": count(sentPackets),
      "tx_errors": count(sendErrors), "tx_dropped": count(sendDrops),
    ]
  }
}

extension WatchedLink {
  /// For programs.
  public var json: JSONValue {
    [
      "device": .string(device), "present": .bool(!isGone), "up": .bool(isUp), "link": .string(linkName), "speed": .number(speed),
      "duplex": .text(duplex?.rawValue), "mac": .text(mac), "changes": .number(changes),
      "rx_bytes_per_second": receiving.map { .double($0) } ?? .null, "tx_bytes_per_second": sending.map { .double($0) } ?? .null,
    ]
  }

  /// `up`, `down`, `off` (nobody has set it up), `gone` or `unknown`.
  public var linkName: String {
    if isGone { return "gone" }
    if !isUp { return "off" }
    return link == .up ? "up" : link == .down ? "down" : "unknown"
  }
}

extension JSONValue {
  fileprivate static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
  fileprivate static func number(_ number: Int?) -> JSONValue { number.map { .int(Int64($0)) } ?? .null }
  fileprivate static func flag(_ flag: Bool?) -> JSONValue { flag.map { .bool($0) } ?? .null }
  fileprivate static func rows(_ rows: [EthtoolRow]) -> JSONValue {
    .object(JSONObject(rows.map { ($0.name, Int64($0.value).map { .int($0) } ?? .string($0.value)) }))
  }
}
