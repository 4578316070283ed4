import JSON
import XenAPI

/// What a VLAN's interface has besides its tag, and would lose with it.
public struct VLANSettings: Hashable, Sendable {
  var ipv4: IPv4Settings
  var ipv6: IPv6Settings
  var otherConfig: [String: String]

  init(_ pif: PIF) {
    (ipv4, ipv6, otherConfig) = (IPv4Settings(pif), IPv6Settings(pif), pif.otherConfig)
  }

  /// As a new VLAN is.
  var isNothing: Bool { ipv4 == .none && ipv6 == .none && otherConfig.isEmpty }

  var words: String {
    let addresses = [ipv4.mode == .none ? "" : ipv4.words, ipv6.mode == .none ? "" : ipv6.words].filter { !$0.isEmpty }
    return addresses.isEmpty ? "its settings" : addresses.joined(separator: " and ")
  }

  func isThere(_ pif: PIF) -> Bool {
    IPv4Settings(pif).isAs(ipv4) && IPv6Settings(pif).isAs(ipv6) && otherConfig.allSatisfy { pif.otherConfig[$0.key] == $0.value }
  }

  /// Addresses as the actions that set them are written down.
  var json: JSONValue {
    [
      "ipv4": ChangeAction.setIPv4("", ipv4).json, "ipv6": ChangeAction.setIPv6("", ipv6).json,
      "other": .object(JSONObject(otherConfig.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
    ]
  }

  init?(_ json: JSONValue) {
    guard let other = json["other"]?.object, case .setIPv4(_, let ipv4)? = json["ipv4"].flatMap({ ChangeAction($0) }),
      case .setIPv6(_, let ipv6)? = json["ipv6"].flatMap({ ChangeAction($0) })
    else { return nil }
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    otherConfig = [:]
    for (key, value) in other { otherConfig[key] = value.string }
  }
}
