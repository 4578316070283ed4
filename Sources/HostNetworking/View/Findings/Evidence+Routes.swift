import Dom0
import XenAPI

/// The way out: default routes and name servers.
extension Evidence {
  func routes() -> [Finding] {
    guard let local, let management = view.management, !management.address.isEmpty else { return [] }
    return defaults(local, management) + names(local)
  }

  private func defaults(_ local: LocalHost, _ management: ManagementFacts) -> [Finding] {
    guard let facts = view.local?.defaultRoutes else { return [] }
    let place = management.interface.map { Finding.Place.interface($0) } ?? .nowhere
    let isIPv6 = management.address.contains(":")
    let routes = facts.filter { $0.isIPv6 == isIPv6 }
    let addressing = isIPv6 ? managementInterface?.ipv6 : managementInterface?.ipv4
    if routes.isEmpty {
      // A network without a way out may be meant to be one.
      guard let addressing, !addressing.gateway.isEmpty else {
        return [Finding(.notice, "There is no default route: this host reaches its own networks only.", place: place)]
      }
      return [
        Finding(
          .trouble, "There is no default route, though the gateway \(addressing.gateway) is set up.",
          remedy: "Restart xcp-networkd to set it up again.", place: place)
      ]
    }
    if Set(routes.map(\.device)).count > 1 {
      let ways = routes.map { "\($0.address) on \($0.device)" }.joined(separator: " and ")
      return [
        Finding(
          .warning, "There are \(routes.count) default routes: \(ways).",
          remedy: "Only one interface should have a gateway.", place: place)
      ]
    }
    if let first = routes.first, !management.bridge.isEmpty, first.device != management.bridge {
      return [
        Finding(
          .warning, "The default route goes through \(first.device), not through management (\(management.bridge)).",
          place: place)
      ]
    }
    return []
  }

  private func names(_ local: LocalHost) -> [Finding] {
    switch local.files.resolver {
    case .failure(let error): return [Finding(.warning, "\(error): names cannot be looked up.")]
    case .success(let conf):
      guard conf.nameServers.isEmpty else { return [] }
      // networkd of 8.3 sets name servers from management.conf only together with DOMAIN (dom0.md §2.2).
      let conf = try? local.files.management.get()
      let isHalf = conf.map { !$0.dns.isEmpty && $0.searchDomains.isEmpty } ?? false
      if !isHalf, managementInterface?.dns.isEmpty == true, managementInterface?.ipv4.mode == .static {
        return [Finding(.notice, "No DNS server is set up: names cannot be looked up.")]
      }
      return [
        Finding(
          .warning, "\(ResolvConf.path) names no DNS server: names cannot be looked up.",
          remedy: isHalf
            ? "management.conf has DNS without DOMAIN: networkd waits for XAPI to set it."
            : "Set the DNS servers of the management interface anew.")
      ]
    }
  }
}
