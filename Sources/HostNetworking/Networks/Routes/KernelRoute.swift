import Dom0
import JSON

/// A static route as the kernel of this host has it, or shall have it.
public struct KernelRoute: Hashable, Sendable {
  public var route: StaticRoute
  /// The bridge.
  public var device: String

  public init(_ route: StaticRoute, on device: String) {
    self.route = route
    self.device = device
  }

  /// Words for `ip route replace` and `ip route del`.
  var words: [String] { ["\(route.destination)", "via", "\(route.gateway)", "dev", device] }

  /// A route through a gateway that somebody set: not the kernel's own, not a routing daemon's, not the default one. nil for
  /// all others.
  public init?(_ row: IPRoute) {
    guard row.family == .v4, row.kind == nil, let destination = row.destination, let device = row.device,
      let gateway = row.gateway.flatMap({ IPv4Address($0) }), Self.origins.contains(row.origin ?? "boot"),
      // The kernel writes a route to one address without its length.
      let prefix = try? IPv4Prefix(parsing: destination.contains("/") ? destination : destination + "/32")
    else { return nil }
    self.init(StaticRoute(prefix, via: gateway), on: device)
  }

  /// `ip route` without a word about it leaves `boot`, which it does not print.
  private static let origins: Set<String> = ["boot", "static"]

  /// Those of this host's main table.
  static func all(on system: HostSystem) async throws(LiveFailure) -> [KernelRoute] {
    try await IPRoute.all(.v4, on: system).compactMap { KernelRoute($0) }
  }
}

extension KernelRoute: CustomStringConvertible {
  public var description: String { "\(route) on \(device)" }
}

extension KernelRoute {
  var json: JSONValue { ["route": .string(route.item), "dev": .string(device)] }

  init?(_ json: JSONValue) {
    guard let item = json["route"]?.string, let route = RouteItem(item).route, let device = json["dev"]?.string else { return nil }
    self.init(route, on: device)
  }
}
