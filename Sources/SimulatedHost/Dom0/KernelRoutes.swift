extension NetworkdConfig {
  /// A static route as the kernel has it.
  struct KernelRoute: Sendable, Hashable {
    var route: Route
    var device: String

    func leadsTo(_ subnet: String, _ prefix: Int) -> Bool { route.subnet == subnet && route.prefix == prefix }
  }
}

/// Static routes in the kernel: networkd sets them at each plug (`ip route replace`, what goes wrong is passed over) and
/// never takes one away (notes on dom0 §3.5).
extension SimulatedHost {
  static let restartLock = "/dev/shm/xe_toolstack_restart.lock"

  /// Carries out what networkd was told at plugs since the last time.
  func settleRoutes() {
    // With a bridge its routes go.
    let bridges = dom0.live.bridges
    dom0.routes.removeAll { bridges[$0.device] == nil }
    if let device = world.defaultDevice, !device.isEmpty, bridges[device] == nil { world.defaultDevice = nil }
    guard !world.toldPIFs.isEmpty, dom0.isRunning("xcp-networkd") else { return }
    let told = world.toldPIFs.map { NetworkdConfig.bridge(of: $0, world) }
    world.toldPIFs = []
    settleDefault(told)
    // The kernel takes routes away whose gateway is on no link any more.
    let kernel = KernelView(world, dom0.live)
    dom0.routes.removeAll { told.contains($0.device) && Self.refusal(of: $0, kernel) != nil }
    set(told)
  }

  /// networkd sets the default route when it sets up the interface that has it, and at no other time: told that another one
  /// shall have it, it only notes that.
  private func settleDefault(_ told: [String]) {
    if let own = dom0.live.gatewayInterface, told.contains(own) {
      world.defaultDevice = own
    } else if let device = world.defaultDevice, told.contains(device), dom0.live.interfaces[device]?.isConfigured != true {
      // With its address the kernel takes the routes over it away.
      world.defaultDevice = ""
    }
  }

  /// networkd has come up and sets what its file has.
  func setRoutesOfNetworkd() {
    world.defaultDevice = nil
    set(dom0.live.interfaces.keys.sorted())
  }

  private func set(_ bridges: [String]) {
    let wanted = bridges.flatMap { bridge in
      (dom0.live.interfaces[bridge]?.routes ?? []).map { NetworkdConfig.KernelRoute(route: $0, device: bridge) }
    }
    guard !wanted.isEmpty else { return }
    let kernel = KernelView(world, dom0.live)
    for route in wanted where Self.refusal(of: route, kernel) == nil { replace(route) }
  }

  private func replace(_ new: NetworkdConfig.KernelRoute) {
    dom0.routes.removeAll { $0.leadsTo(new.route.subnet, new.route.prefix) }
    dom0.routes.append(new)
  }

  /// What the kernel says to a route that it does not take.
  private static func refusal(of new: NetworkdConfig.KernelRoute, _ kernel: KernelView) -> String? {
    let route = new.route
    guard (0...32).contains(route.prefix), KernelView.subnet(route.subnet, route.prefix) == route.subnet else {
      return "RTNETLINK answers: Invalid argument"
    }
    guard let device = kernel.device(new.device) else { return "Cannot find device \"\(new.device)\"" }
    let own = device.addresses.filter { !$0.isIPv6 }
    let isNear = own.contains { address in
      address.ip != route.gateway && KernelView.subnet(route.gateway, address.prefix) == KernelView.subnet(address.ip, address.prefix)
    }
    return isNear ? nil : "Error: Nexthop has invalid gateway."
  }

  // MARK: The command

  /// `ip route add|replace|del SUBNET/LENGTH via GATEWAY dev DEVICE`; nil for every other command line of `ip`.
  func changeRoute(_ arguments: [String]) -> SimulatedTool? {
    let words = arguments.filter { !$0.hasPrefix("-") }
    guard words.count > 2, "route".hasPrefix(words[0]), ["add", "replace", "del", "delete"].contains(words[1]),
      !arguments.contains("-6")
    else { return nil }
    let parts = words[2].split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    let prefix = parts.count == 2 ? Int(parts[1]) : parts.count == 1 ? 32 : nil
    guard let prefix, IPv4Text.isValid(parts[0]) else {
      return .failure(1, "Error: any valid prefix is expected rather than \"\(words[2])\".")
    }
    let gateway = IPTool.following("via", in: words)
    let device = IPTool.following("dev", in: words)
    if words[1].hasPrefix("del") {
      let found = dom0.routes.firstIndex { route in
        route.leadsTo(parts[0], prefix) && (gateway ?? route.route.gateway) == route.route.gateway && (device ?? route.device) == route.device
      }
      guard let found else { return .failure(2, "RTNETLINK answers: No such process") }
      dom0.routes.remove(at: found)
      return SimulatedTool()
    }
    guard let gateway, IPv4Text.isValid(gateway), let device else { return .failure(2, "RTNETLINK answers: No such device") }
    let new = NetworkdConfig.KernelRoute(
      route: NetworkdConfig.Route(subnet: parts[0], prefix: prefix, gateway: gateway), device: device)
    if words[1] == "add", dom0.routes.contains(where: { $0.leadsTo(parts[0], prefix) }) {
      return .failure(2, "RTNETLINK answers: File exists")
    }
    if let refusal = Self.refusal(of: new, KernelView(world, dom0.live)) {
      return .failure(refusal.hasPrefix("Cannot") ? 1 : 2, refusal)
    }
    replace(new)
    return SimulatedTool()
  }
}
