import JSON

/// `ip -j addr|link|route|neigh` (notes on dom0 §3.8), iproute2 4.19 with its empty objects.
struct IPTool {
  struct Neighbour {
    var ip: String
    var device: String
    /// nil: it does not answer.
    var mac: String?
  }

  private let kernel: KernelView
  private let neighbours: [Neighbour]

  init(_ kernel: KernelView, neighbours: [Neighbour]) {
    self.kernel = kernel
    self.neighbours = neighbours
  }

  func run(_ arguments: [String]) -> SimulatedTool {
    let options = arguments.filter { $0.hasPrefix("-") }
    let words = arguments.filter { !$0.hasPrefix("-") }
    let isJSON = options.contains { ["-j", "-json", "--json"].contains($0) }
    let family = options.contains("-6") ? 6 : options.contains("-4") ? 4 : nil
    let rest = words.dropFirst().filter { $0 != "show" && $0 != "list" }
    var device = Self.following("dev", in: Array(rest))
    guard let object = words.first else { return .failure(255, "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }") }
    if device == nil, let first = rest.first, !["dev", "up", "table", "scope"].contains(first) { device = first }
    if let device, kernel.device(device) == nil {
      return .failure(
        1, object.hasPrefix("r") ? "Cannot find device \"\(device)\"" : "Device \"\(device)\" does not exist.")
    }
    let answer: JSONValue
    switch object {
    case "a", "addr", "address": answer = links(device, withAddresses: true, family, isDetailed: false)
    case "l", "link": answer = links(device, withAddresses: false, nil, isDetailed: options.contains("-s"))
    case "r", "route", "ro": answer = routes(device, isIPv6: family == 6)
    case "n", "neigh", "neighbour": answer = knownNeighbours(device, isIPv6: family == 6)
    default: return .failure(1, "Object \"\(object)\" is unknown, try \"ip help\".")
    }
    return SimulatedTool(isJSON ? answer.description + "\n" : Self.plain(answer))
  }

  // MARK: Arguments

  static func following(_ word: String, in arguments: [String]) -> String? {
    guard let index = arguments.firstIndex(of: word), index + 1 < arguments.count else { return nil }
    return arguments[index + 1]
  }

  /// The value of an option.
  static func value(of option: String, in arguments: [String]) -> String? {
    if let following = following(option, in: arguments) { return following }
    return arguments.first { $0.hasPrefix(option) && $0.utf8.count > option.utf8.count }.map {
      String($0.dropFirst(option.count))
    }
  }

  /// What is neither an option nor an option's value.
  static func operands(of arguments: [String], taking: Set<String>) -> [String] {
    var found: [String] = []
    var skips = false
    for argument in arguments {
      if skips {
        skips = false
      } else if taking.contains(argument) {
        skips = true
      } else if !argument.hasPrefix("-") {
        found.append(argument)
      }
    }
    return found
  }

  // MARK: Answers

  private func links(_ name: String?, withAddresses: Bool, _ family: Int?, isDetailed: Bool) -> JSONValue {
    .array(
      kernel.devices.map { device in
        let addresses = device.addresses.filter { family == nil || $0.isIPv6 == (family == 6) }
        // 4.19 leaves an empty object where it leaves a device out.
        if let name, device.name != name { return [:] }
        if family != nil, addresses.isEmpty { return [:] }
        return .object(link(device, withAddresses ? addresses : nil, isDetailed: isDetailed))
      })
  }

  private func link(_ device: KernelView.Device, _ addresses: [KernelView.Address]?, isDetailed: Bool) -> JSONObject {
    var members: JSONObject = [
      "ifindex": .int(Int64(device.index)), "ifname": .string(device.name),
      "flags": .array(device.flags.map { .string($0) }), "mtu": .int(device.mtu),
      "qdisc": device.isPort ? "mq" : "noqueue",
    ]
    if device.isPort { members.append("master", "ovs-system") }
    members.append("operstate", .string(device.operstate.uppercased()))
    if addresses == nil { members.append("linkmode", "DEFAULT") }
    members.append("group", "default")
    members.append("txqlen", 1000)
    members.append("link_type", device.name == "lo" ? "loopback" : "ether")
    members.append("address", .string(device.mac))
    members.append("broadcast", device.name == "lo" ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff")
    if let addresses { members.append("addr_info", .array(addresses.map { Self.info($0, of: device.name) })) }
    if isDetailed {
      let none: JSONValue = ["bytes": 0, "packets": 0, "errors": 0, "dropped": 0]
      members.append("stats64", ["rx": none, "tx": none])
    }
    return members
  }

  private static func info(_ address: KernelView.Address, of device: String) -> JSONValue {
    let forever: JSONValue = 4_294_967_295
    var members: JSONObject = [
      "family": address.isIPv6 ? "inet6" : "inet", "local": .string(address.ip),
      "prefixlen": .int(Int64(address.prefix)),
    ]
    if !address.isIPv6, let number = IPv4Text.number(address.ip),
      let mask = IPv4Text.number(IPv4Text.mask(ofPrefix: address.prefix)), device != "lo"
    {
      members.append("broadcast", .string(IPv4Text.text(number | ~mask)))
    }
    members.append("scope", device == "lo" ? "host" : address.isLinkLocal ? "link" : "global")
    if address.isDynamic { members.append("dynamic", true) }
    if address.isDuplicate {
      members.append("tentative", true)
      members.append("dadfailed", true)
    }
    if !address.isIPv6 { members.append("label", .string(device)) }
    members.append("valid_life_time", address.isDynamic ? 86_012 : forever)
    members.append("preferred_life_time", address.isDynamic ? 86_012 : forever)
    return .object(members)
  }

  private func routes(_ device: String?, isIPv6: Bool) -> JSONValue {
    .array(
      kernel.routes.filter { $0.isIPv6 == isIPv6 && (device == nil || $0.device == device) }.map { route in
        var members: JSONObject = ["dst": .string(route.destination)]
        if let gateway = route.gateway { members.append("gateway", .string(gateway)) }
        members.append("dev", .string(route.device))
        if let source = route.source {
          members.append("protocol", "kernel")
          members.append("scope", "link")
          members.append("prefsrc", .string(source))
        }
        members.append("flags", [])
        return .object(members)
      })
  }

  private func knownNeighbours(_ device: String?, isIPv6: Bool) -> JSONValue {
    .array(
      neighbours.filter { $0.ip.contains(":") == isIPv6 && (device == nil || $0.device == device) }.map { neighbour in
        var members: JSONObject = ["dst": .string(neighbour.ip), "dev": .string(neighbour.device)]
        if let mac = neighbour.mac { members.append("lladdr", .string(mac)) }
        members.append("state", [neighbour.mac == nil ? "FAILED" : "REACHABLE"])
        return .object(members)
      })
  }

  /// Enough for somebody who reads it with their eyes.
  private static func plain(_ answer: JSONValue) -> String {
    (answer.array ?? []).compactMap(\.object).filter { !$0.isEmpty }.map { members in
      members.map { "\($0.0) \($0.1.string ?? $0.1.description)" }.joined(separator: " ") + "\n"
    }.joined()
  }
}
