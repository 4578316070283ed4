import JSON
import XenAPI

/// What an interface that XAPI makes anew has of its own, and would lose with its row: a VLAN's, a tunnel's.
public struct VLANSettings: Hashable, Sendable {
  var ipv4: IPv4Settings
  var ipv6: IPv6Settings
  var otherConfig: [String: String]
  /// Of the row that ties the two interfaces together.
  var tieConfig: [String: String]
  /// nil when it is that of the interface below, as XAPI makes it.
  var primary: AddressFamily?

  init(_ pif: PIF, below: PIF?, tieConfig: [String: String]) {
    (ipv4, ipv6, otherConfig) = (IPv4Settings(pif), IPv6Settings(pif), pif.otherConfig)
    self.tieConfig = tieConfig
    if let below, below.primaryAddressType != pif.primaryAddressType { primary = pif.primaryAddressType }
  }

  /// As a new one is.
  var isNothing: Bool { ipv4 == .none && ipv6 == .none && otherConfig.isEmpty && tieConfig.isEmpty && primary == nil }

  var words: String {
    let addresses = [ipv4.mode == .none ? "" : ipv4.words, ipv6.mode == .none ? "" : ipv6.words].filter { !$0.isEmpty }
    return addresses.isEmpty ? "its settings" : addresses.joined(separator: " and ")
  }

  func isThere(_ pif: PIF, tieConfig: [String: String]) -> Bool {
    IPv4Settings(pif).isAs(ipv4) && IPv6Settings(pif).isAs(ipv6) && otherConfig.allSatisfy { pif.otherConfig[$0.key] == $0.value }
      && self.tieConfig.allSatisfy { tieConfig[$0.key] == $0.value } && (primary == nil || primary == pif.primaryAddressType)
  }

  /// Addresses as the actions that set them are written down.
  var json: JSONValue {
    var object = JSONObject([
      ("ipv4", ChangeAction.setIPv4("", ipv4).json), ("ipv6", ChangeAction.setIPv6("", ipv6).json),
      ("other", Self.object(otherConfig)), ("tie", Self.object(tieConfig)),
    ])
    if let primary { object.append("primary", .string(primary.rawValue)) }
    return .object(object)
  }

  private static func object(_ map: [String: String]) -> JSONValue {
    .object(JSONObject(map.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }

  init?(_ json: JSONValue) {
    guard let other = json["other"]?.object, case .setIPv4(_, let ipv4)? = json["ipv4"].flatMap({ ChangeAction($0) }),
      case .setIPv6(_, let ipv6)? = json["ipv6"].flatMap({ ChangeAction($0) })
    else { return nil }
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    (otherConfig, tieConfig) = ([:], [:])
    for (key, value) in other { otherConfig[key] = value.string }
    for (key, value) in json["tie"]?.object ?? JSONObject() { tieConfig[key] = value.string }
    primary = json["primary"]?.string.map { AddressFamily(rawValue: $0) }
  }
}

extension ChangeCalls {
  /// On an interface of any host.
  /// - Parameter tie: the row that ties it to the one below: its class, its reference and its other-config.
  func settle(
    _ ref: Ref<PIF>, _ pif: PIF, _ settings: VLANSettings, tie: (owner: String, ref: JSONValue, config: [String: String])
  ) async throws(ChangeFailure) {
    try await note(settings.tieConfig, over: tie.config, of: tie.owner, tie.ref)
    var isNews = try await note(settings.otherConfig, over: pif.otherConfig, of: "PIF", ref.json)
    if let primary = settings.primary, primary != pif.primaryAddressType {
      try await task("PIF.set_primary_address_type", [ref.json, .string(primary.rawValue)])
      isNews = true
    }
    let (sets4, sets6) = (!IPv4Settings(pif).isAs(settings.ipv4), !IPv6Settings(pif).isAs(settings.ipv6))
    if sets4 { try await set(settings.ipv4, on: ref) }
    if sets6 { try await set(settings.ipv6, on: ref) }
    // XAPI plugs an interface as it makes it, before there is anything in its other-config.
    if isNews, !sets4, !sets6, pif.currentlyAttached { try await task("PIF.plug", [ref.json]) }
  }

  /// - Returns: true when there was something to write.
  @discardableResult
  private func note(
    _ wanted: [String: String], over now: [String: String], of owner: String, _ ref: JSONValue
  ) async throws(ChangeFailure) -> Bool {
    let news = wanted.filter { now[$0.key] != $0.value }.sorted { $0.key < $1.key }
    for (key, value) in news {
      // add refuses a key that is there.
      if now[key] != nil { try await call("\(owner).remove_from_other_config", [ref, .string(key)]) }
      try await call("\(owner).add_to_other_config", [ref, .string(key), .string(value)])
    }
    return !news.isEmpty
  }
}
