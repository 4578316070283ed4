/// Who answers: neighbours, ping, arping, names.
extension SimulatedHost {
  var reach: Reach { Reach(world, dom0.live) }

  /// The neighbours that the kernel knows: the router of every network with an address, and the coordinator where that is
  /// on the link.
  var neighbours: [IPTool.Neighbour] {
    let reach = reach
    var found: [IPTool.Neighbour] = []
    func add(_ ip: String, _ device: String) {
      guard !found.contains(where: { $0.ip == ip && $0.device == device }) else { return }
      found.append(IPTool.Neighbour(ip: ip, device: device, mac: reach.neighbour(ip, on: device)))
    }
    for route in reach.kernel.routes { if let gateway = route.gateway { add(gateway, route.device) } }
    if !world.isCoordinator, let way = reach.way(to: world.coordinatorIP), way.gateway == nil {
      add(world.coordinatorIP, way.device)
    }
    return found
  }

  /// `ping`, `ping6`.
  func ping(_ arguments: [String], isIPv6 wantsIPv6: Bool = false) -> SimulatedTool {
    let taking: Set<String> = ["-c", "-W", "-w", "-I", "-i", "-s", "-M", "-t", "-Q", "-l", "-p"]
    let name = IPTool.operands(of: arguments, taking: taking).last ?? ""
    let reach = reach
    let isAddress = IPv4Text.isValid(name) || IPv6Text.isValid(String(name.prefix { $0 != "%" }))
    guard let target = isAddress ? name : NameService(reach).lookUp(name) else {
      return .failure(2, "ping: \(name): Name or service not known")
    }
    let zone = target.split(separator: "%").map { String($0) }
    let ip = zone.first ?? target
    let isIPv6 = ip.contains(":")
    if (wantsIPv6 || arguments.contains("-6")) && !isIPv6 || arguments.contains("-4") && isIPv6 {
      return .failure(2, "ping: \(name): Address family for hostname not supported")
    }
    let size = Int(IPTool.value(of: "-s", in: arguments) ?? "56") ?? 56
    let count = max(1, Int(IPTool.value(of: "-c", in: arguments) ?? "1") ?? 1)
    let device = IPTool.value(of: "-I", in: arguments) ?? (zone.count > 1 ? zone[1] : nil)
    if let device, reach.kernel.device(device) == nil { return .failure(2, "ping: SO_BINDTODEVICE \(device): No such device") }
    let head = "PING \(name) (\(ip)) \(size)(\(size + (isIPv6 ? 8 : 28))) bytes of data.\n"
    let way = reach.way(to: ip, over: device)
    if IPTool.value(of: "-M", in: arguments) == "do", let way, let mtu = reach.kernel.device(way.device)?.mtu,
      size + (isIPv6 ? 48 : 28) > mtu
    {
      return SimulatedTool(
        code: 1, output: Array((head + Self.summary(name, count, received: 0)).utf8),
        errors: Array("ping: local error: Message too long, mtu=\(mtu)\n".utf8))
    }
    let answer = reach.answer(ip, over: device)
    if answer == .answers, let narrow = reach.limit(to: ip, over: device) {
      let mtu = way.flatMap { reach.kernel.device($0.device)?.mtu } ?? 1500
      let staysWhole = IPTool.value(of: "-M", in: arguments) == "do"
      // What may be cut leaves this host in pieces of its own MTU, and a router cuts it again; a switch cuts nothing.
      let length = staysWhole ? size + (isIPv6 ? 48 : 28) : min(size + (isIPv6 ? 48 : 28), Int(mtu))
      if length > narrow.most, narrow.teller == nil || staysWhole || isIPv6 {
        let words = isIPv6 ? "Packet too big: mtu=\(narrow.most)" : "Frag needed and DF set (mtu = \(narrow.most))"
        let line = narrow.teller.map { "From \($0) icmp_seq=1 \(words)\n" } ?? ""
        return SimulatedTool(head + line + Self.summary(name, count, received: 0), code: 1)
      }
    }
    switch answer {
    case .noRoute: return .failure(2, "connect: Network is unreachable")
    case .silent:
      let from = way?.gateway == nil ? way.flatMap { reach.source(on: $0.device, for: ip) } : nil
      let lines = from.map { "From \($0) icmp_seq=1 Destination Host Unreachable\n" } ?? ""
      return SimulatedTool(head + lines + Self.summary(name, count, received: 0), code: 1)
    case .own, .answers:
      let lines = (1...count).map { "\(size + 8) bytes from \(ip): icmp_seq=\($0) ttl=64 time=0.412 ms\n" }.joined()
      return SimulatedTool(
        head + lines + Self.summary(name, count, received: count) + "rtt min/avg/max/mdev = 0.412/0.412/0.412/0.000 ms\n")
    }
  }

  private static func summary(_ name: String, _ count: Int, received: Int) -> String {
    "\n--- \(name) ping statistics ---\n\(count) packets transmitted, \(received) received, "
      + "\(100 - 100 * received / count)% packet loss, time 0ms\n"
  }

  /// `arping`: a question on the link; `-D` asks whether an address is free.
  func arping(_ arguments: [String]) -> SimulatedTool {
    let target = IPTool.operands(of: arguments, taking: ["-c", "-w", "-I", "-s", "-i"]).last ?? ""
    let device = IPTool.value(of: "-I", in: arguments) ?? ""
    let reach = reach
    guard let known = reach.kernel.device(device) else { return .failure(2, "arping: Device \(device) not available.") }
    let isTest = arguments.contains("-D")
    let own = isTest ? "0.0.0.0" : known.addresses.first { !$0.isIPv6 }?.ip ?? "0.0.0.0"
    let mac = reach.neighbour(target, on: device)
    let reply = mac.map { "Unicast reply from \(target) [\($0.uppercased())]  0.702ms\n" } ?? ""
    return SimulatedTool(
      "ARPING \(target) from \(own) \(device)\n\(reply)Sent 1 probes (1 broadcast(s))\n"
        + "Received \(mac == nil ? 0 : 1) response(s)\n",
      code: (mac != nil) == isTest ? 1 : 0)
  }

  // MARK: Names

  /// `getent hosts|ahosts name`.
  func getent(_ arguments: [String]) -> SimulatedTool {
    let names = NameService(reach)
    guard arguments.count >= 2, ["hosts", "ahosts", "ahostsv4", "ahostsv6"].contains(arguments[0]) else {
      return SimulatedTool("", code: 1)
    }
    let found = arguments.dropFirst().compactMap { name -> String? in
      let isAddress = IPv4Text.isValid(name) || IPv6Text.isValid(name)
      return (isAddress ? name : names.lookUp(name)).map { ip in "\(ip)  \(name)\n" }
    }
    return SimulatedTool(found.joined(), code: found.isEmpty ? 2 : 0)
  }

  /// `dig [@server] name`, `nslookup name [server]`, `host name [server]`.
  func askNameServer(_ tool: String, _ arguments: [String]) -> SimulatedTool {
    let words = arguments.filter { !$0.hasPrefix("-") && !$0.hasPrefix("+") }
    let named = words.first { $0.hasPrefix("@") }.map { String($0.dropFirst()) }
    let plain = words.filter { !$0.hasPrefix("@") }
    guard let name = plain.first else { return .failure(1, "\(tool): no name") }
    let server = named ?? (tool == "dig" ? nil : plain.count > 1 ? plain[1] : nil)
    let reach = reach
    let names = NameService(reach)
    guard server.map(reach.answersNames) ?? (names.answering != nil) else {
      let text = ";; connection timed out; no servers could be reached\n"
      return SimulatedTool(text, code: tool == "dig" ? 9 : 1)
    }
    let address = names.lookUp(name, at: server)
    if tool == "dig" {
      if arguments.contains("+short") { return SimulatedTool(address.map { "\($0)\n" } ?? "") }
      let status = address == nil ? "NXDOMAIN" : "NOERROR"
      let answer = address.map { ";; ANSWER SECTION:\n\(name).\t\t300\tIN\tA\t\($0)\n" } ?? ""
      return SimulatedTool(";; ->>HEADER<<- opcode: QUERY, status: \(status), id: 4711\n\n\(answer)")
    }
    guard let address else { return SimulatedTool("** server can't find \(name): NXDOMAIN\n", code: 1) }
    return SimulatedTool("Server:\t\t\(server ?? names.answering ?? "")\n\nName:\t\(name)\nAddress: \(address)\n")
  }

  /// `curl … https://address/`: this host's XAPI and those of the pool answer with the page of the pool's web server.
  func curl(_ arguments: [String]) -> SimulatedTool {
    guard let url = arguments.last(where: { $0.hasPrefix("http") }) else { return .failure(2, "curl: no URL specified!") }
    let rest = url.drop { $0 != "/" }.dropFirst(2)
    let place = rest.hasPrefix("[") ? rest.dropFirst().prefix { $0 != "]" } : rest.prefix { $0 != "/" && $0 != ":" }
    let reach = reach
    let isAddress = IPv4Text.isValid(String(place)) || IPv6Text.isValid(String(place))
    guard let ip = isAddress ? String(place) : NameService(reach).lookUp(String(place)) else {
      return .failure(6, "curl: (6) Could not resolve host: \(place)")
    }
    switch reach.answer(ip) {
    case .noRoute: return .failure(7, "curl: (7) Couldn't connect to server")
    case .silent: return .failure(28, "curl: (28) Connection timed out")
    case .own where !(dom0.isRunning("xapi") && servesSocket):
      return .failure(7, "curl: (7) Failed connect to \(place):443; Connection refused")
    case .own, .answers: return SimulatedTool(arguments.contains("-w") ? "200" : "<html><body>XCP-ng</body></html>\n")
    }
  }
}
