/// Who answers: neighbours, ping, arping.
extension SimulatedHost {
  /// The neighbours that the kernel knows: the router of every network with an address, and the coordinator.
  var neighbours: [IPTool.Neighbour] {
    let kernel = KernelView(world, dom0.live)
    var found: [IPTool.Neighbour] = []
    for route in kernel.routes where !route.isIPv6 {
      guard let gateway = route.gateway, !found.contains(where: { $0.ip == gateway }) else { continue }
      found.append(
        IPTool.Neighbour(ip: gateway, device: route.device, mac: isAnswering(gateway) ? "02:fc:00:00:00:01" : nil))
    }
    return found
  }

  /// Whether somebody has this address: a router or a coordinator on a network that a bridge with an address leads to,
  /// or this host itself.
  func isAnswering(_ ip: String?) -> Bool {
    guard let ip, !ip.isEmpty else { return false }
    let kernel = KernelView(world, dom0.live)
    for device in kernel.devices {
      if device.addresses.contains(where: { $0.ip == ip }) { return true }
      guard let uplink = dom0.live.uplink(of: device.name), let segment = world.segment(behind: uplink),
        let own = device.addresses.first(where: { !$0.isIPv6 })
      else { continue }
      guard own.ip.hasPrefix(segment.subnet + ".") || world.wiring == nil else { continue }
      if ip == segment.router { return true }
      if !world.isCoordinator, ip == world.coordinatorIP, world.reachesCoordinator(from: own.ip, behind: uplink) {
        return true
      }
      // Servers beside the router: DNS and the like.
      if ip.hasPrefix(segment.subnet + "."), ["2", "3"].contains(ip.dropFirst(segment.subnet.count + 1)) {
        return true
      }
    }
    return false
  }

  func ping(_ arguments: [String]) -> SimulatedTool {
    let target = IPTool.operands(of: arguments, taking: ["-c", "-W", "-w", "-I", "-i", "-s", "-M", "-t"]).last ?? ""
    let size = IPTool.value(of: "-s", in: arguments) ?? "56"
    let bytes = (Int(size) ?? 56) + 8
    let head = "PING \(target) (\(target)) \(size)(\(bytes + 20)) bytes of data.\n"
    guard isAnswering(target) else {
      let routed = KernelView(world, dom0.live).routes.contains { !$0.isIPv6 }
      if !routed { return .failure(2, "connect: Network is unreachable") }
      return SimulatedTool(
        head + "\n--- \(target) ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n",
        code: 1)
    }
    return SimulatedTool(
      head + "\(bytes) bytes from \(target): icmp_seq=1 ttl=64 time=0.412 ms\n\n--- \(target) ping statistics ---\n"
        + "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
        + "rtt min/avg/max/mdev = 0.412/0.412/0.412/0.000 ms\n"
    )
  }

  func arping(_ arguments: [String]) -> SimulatedTool {
    let target = IPTool.operands(of: arguments, taking: ["-c", "-w", "-I", "-s"]).last ?? ""
    let device = IPTool.value(of: "-I", in: arguments) ?? ""
    let own = KernelView(world, dom0.live).ipv4(of: device)?.ip ?? "0.0.0.0"
    let answers = isAnswering(target) && own != target
    let reply = answers ? "Unicast reply from \(target) [02:FC:00:00:00:01]  0.702ms\n" : ""
    let isDuplicateTest = arguments.contains("-D")
    return SimulatedTool(
      "ARPING \(target) from \(own) \(device)\n\(reply)Sent 1 probes (1 broadcast(s))\n"
        + "Received \(answers ? 1 : 0) response(s)\n",
      code: answers == isDuplicateTest ? 1 : 0)
  }
}
