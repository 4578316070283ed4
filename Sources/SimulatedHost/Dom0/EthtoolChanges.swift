import JSON

/// `ethtool -K`, `-G`, `-s`, which change a card, and `-g`, as ethtool 4.19 does and says it.
extension SimulatedHost {
  func ethtool(_ arguments: [String]) -> SimulatedTool {
    let tool = EthtoolTool(KernelView(world, dom0.live), world)
    guard let option = arguments.first, arguments.count > 1 else { return tool.run(arguments) }
    let change: (NIC, [String]) -> SimulatedTool
    switch option {
    case "-K", "--features", "--offload": change = changeFeatures
    case "-G", "--set-ring": change = changeRings
    case "-s", "--change": change = changeLink
    case "-g", "--show-ring": change = { card, _ in self.showRings(card) }
    default: return tool.run(arguments)
    }
    let name = arguments[1]
    guard let device = tool.kernel.device(name) else {
      return option == "-s"
        ? .failure(0, "Cannot get current device settings: No such device\n  not setting")
        : .failure(["-G": 81, "-g": 76][option] ?? 1, "Cannot get device ring settings: No such device")
    }
    guard case .card(let card) = device.kind else {
      return .failure(["-G": 81, "-g": 76][option] ?? 1, "Cannot get device settings: Operation not supported")
    }
    let result = change(card, Array(arguments.dropFirst(2)))
    if option != "-g" {
      followWorld()
      retryCoordinator()
      wakeAll()
    }
    return result
  }

  private static let bad = SimulatedTool.failure(1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h")

  /// Words by two.
  private static func pairs(_ words: [String]) -> [(String, String)]? {
    guard !words.isEmpty, words.count % 2 == 0 else { return nil }
    return stride(from: 0, to: words.count, by: 2).map { (words[$0], words[$0 + 1]) }
  }

  // MARK: -K

  static let longNames = [
    "rx": "rx-checksumming", "tx": "tx-checksumming", "sg": "scatter-gather", "tso": "tcp-segmentation-offload",
    "ufo": "udp-fragmentation-offload", "gso": "generic-segmentation-offload", "gro": "generic-receive-offload",
    "lro": "large-receive-offload",
  ]
  /// Parts that are set by their own name; here none of them can be set alone.
  private static let parts = ["tx-tcp-mangleid-segmentation"]

  private func changeFeatures(_ card: NIC, _ words: [String]) -> SimulatedTool {
    guard let pairs = Self.pairs(words) else { return Self.bad }
    var asked: [String: Bool] = [:]
    for (name, value) in pairs {
      guard value == "on" || value == "off" else { return Self.bad }
      if Self.parts.contains(name) { continue }
      guard let short = CardDriver.features.first(where: { $0 == name || Self.longNames[$0] == name }) else { return Self.bad }
      asked[short] = value == "on"
    }
    let driver = CardDriver(card.driver)
    let before = driver.effective(world.settings(of: card).wanted)
    var errors = ""
    world.set(card.device) { settings in
      for (name, isOn) in asked.sorted(by: { $0.key < $1.key }) {
        if driver.fixed[name] == nil { settings.wanted[name] = isOn } else { errors += "Cannot change \(Self.longNames[name] ?? name)\n" }
      }
    }
    let wanted = world.card(card.device).map { world.settings(of: $0).wanted } ?? [:]
    let after = driver.effective(wanted)
    let isAsAsked = after == before.merging(asked) { $1 }
    if isAsAsked { return SimulatedTool(errors: Array(errors.utf8)) }
    guard after != before else {
      return SimulatedTool(code: 1, errors: Array((errors + "Could not change any device features\n").utf8))
    }
    let changed = CardDriver.features.filter { before[$0] != after[$0] }.compactMap { Self.longNames[$0] }
    let lines = EthtoolTool.lines(driver, wanted).filter { line in changed.contains { line.hasPrefix($0 + ":") } }
    return SimulatedTool(
      output: Array(("Actual changes:\n" + lines.map { $0 + "\n" }.joined()).utf8), errors: Array(errors.utf8))
  }

  // MARK: -g, -G

  private func showRings(_ card: NIC) -> SimulatedTool {
    let rings = world.rings(of: card)
    func lines(_ values: [String: Int]) -> String {
      ["RX", "RX Mini", "RX Jumbo", "TX"].map { "\($0):\t\t\(values[$0] ?? 0)\n" }.joined()
    }
    return SimulatedTool(
      "Ring parameters for \(card.device):\nPre-set maximums:\n\(lines(rings.most))Current hardware settings:\n\(lines(rings.current))\n")
  }

  private func changeRings(_ card: NIC, _ words: [String]) -> SimulatedTool {
    guard let pairs = Self.pairs(words) else { return Self.bad }
    let (most, current) = world.rings(of: card)
    var wanted = current
    for (name, value) in pairs {
      guard let number = Int(value), let key = ["rx": "RX", "tx": "TX", "rx-mini": "RX Mini", "rx-jumbo": "RX Jumbo"][name] else {
        return Self.bad
      }
      wanted[key] = number
    }
    if wanted == current { return .failure(80, "no ring parameters changed, aborting") }
    guard wanted.allSatisfy({ $0.value >= 0 && $0.value <= most[$0.key] ?? 0 }) else {
      return .failure(81, "Cannot set device ring parameters: Invalid argument")
    }
    world.set(card.device) { $0.rings = wanted }
    return SimulatedTool()
  }

  // MARK: -s

  /// ethtool complains of what the driver refuses, and ends well all the same.
  private func changeLink(_ card: NIC, _ words: [String]) -> SimulatedTool {
    guard let pairs = Self.pairs(words) else { return Self.bad }
    var settings = world.settings(of: card)
    var names: [String] = []
    for (name, value) in pairs {
      names.append(name)
      switch (name, value) {
      case ("speed", _):
        guard let speed = Int64(value) else { return Self.bad }
        settings.speed = speed
      case ("duplex", "full"), ("duplex", "half"): settings.isFullDuplex = value == "full"
      case ("autoneg", "on"), ("autoneg", "off"): settings.negotiates = value == "on"
      case ("advertise", _): break
      default: return Self.bad
      }
    }
    // Negotiating without a word about speed: everything is offered again.
    if settings.negotiates, !names.contains("speed"), !names.contains("duplex") { (settings.speed, settings.isFullDuplex) = (nil, nil) }
    let supported = EthtoolTool.modes(upTo: card.speed)
    let isSupported = settings.speed.map { speed in supported.contains { $0.hasPrefix("\(speed)base") } } ?? settings.negotiates
    guard isSupported, settings.negotiates || settings.speed != nil else {
      return .failure(0, "Cannot set new settings: Invalid argument\n" + names.map { "  not setting \($0)" }.joined(separator: "\n"))
    }
    world.set(card.device) { $0 = settings }
    return SimulatedTool()
  }

  // MARK: FCoE

  /// `/opt/xensource/libexec/fcoe_driver --xapi eth0 capable`
  func fcoeDriver(_ arguments: [String]) -> SimulatedTool {
    guard let name = IPTool.value(of: "--xapi", in: arguments), arguments.last == "capable" else { return SimulatedTool() }
    return SimulatedTool(world.card(name)?.capabilities.contains("fcoe") == true ? "True\n" : "False\n")
  }
}
