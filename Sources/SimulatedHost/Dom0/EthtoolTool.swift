import JSON

/// `ethtool X`, `-i`, `-k`, `-P`, in the plain text of 4.19 (notes on dom0 §3.8).
struct EthtoolTool {
  let kernel: KernelView
  let world: World

  init(_ kernel: KernelView, _ world: World) {
    self.kernel = kernel
    self.world = world
  }

  func run(_ arguments: [String]) -> SimulatedTool {
    let option = arguments.first { $0.hasPrefix("-") }
    guard let name = arguments.first(where: { !$0.hasPrefix("-") }) else {
      return .failure(1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h")
    }
    guard let device = kernel.device(name) else {
      let what =
        ["-i": "driver information", "-k": "device feature names", "-P": "permanent address"][option ?? ""]
        ?? "device settings"
      return option == nil
        ? SimulatedTool(
          code: 75, output: Array("Settings for \(name):\nNo data available\n".utf8),
          errors: Array("Cannot get device settings: No such device\n".utf8))
        : .failure(71, "Cannot get \(what): No such device")
    }
    switch option {
    case nil: return settings(device)
    case "-i", "--driver": return driver(device)
    case "-k", "--show-features", "--show-offload": return features(device)
    case "-P", "--show-permaddr":
      if case .card(let card) = device.kind { return SimulatedTool("Permanent address: \(card.mac)\n") }
      return SimulatedTool("Permanent address: 00:00:00:00:00:00\n")
    case "-A": return SimulatedTool()
    case "-S", "-l", "-a", "-m": return EthtoolReports(device).run(option ?? "")
    default: return .failure(1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h")
    }
  }

  private func settings(_ device: KernelView.Device) -> SimulatedTool {
    guard case .card(let card) = device.kind else {
      return SimulatedTool("Settings for \(device.name):\n\tLink detected: \(device.hasCarrier ? "yes" : "no")\n")
    }
    let isLinked = device.isUp && device.hasCarrier
    let modes = Self.modes(upTo: card.speed)
    let set = world.settings(of: card)
    let advertised = set.speed.map { speed in modes.filter { $0.hasPrefix("\(speed)base") } } ?? modes
    let lines = [
      "Supported ports: [ TP ]", "Supported link modes:   \(modes.joined(separator: "\n\t                        "))",
      "Supported pause frame use: Symmetric", "Supports auto-negotiation: Yes", "Supported FEC modes: Not reported",
      "Advertised link modes:  \(set.negotiates ? advertised.joined(separator: "\n\t                        ") : "Not reported")",
      "Advertised pause frame use: Symmetric", "Advertised auto-negotiation: \(set.negotiates ? "Yes" : "No")",
    ] + (isLinked && set.negotiates ? ["Link partner advertised link modes:  \(modes.joined(separator: "\n\t                                     "))"] : []) + [
      "Speed: \(isLinked ? "\(world.speed(of: card))Mb/s" : "Unknown!")",
      "Duplex: \(isLinked ? set.isFullDuplex == false ? "Half" : "Full" : "Unknown! (255)")",
      "Port: Twisted Pair", "PHYAD: 0", "Transceiver: internal", "Auto-negotiation: \(set.negotiates ? "on" : "off")", "MDI-X: Unknown",
      "Supports Wake-on: d", "Wake-on: d", "Current message level: 0x00000007 (7)\n\t\t\t       drv probe link",
      "Link detected: \(isLinked ? "yes" : "no")",
    ]
    return SimulatedTool("Settings for \(device.name):\n" + lines.map { "\t\($0)\n" }.joined())
  }

  static func modes(upTo speed: Int64) -> [String] {
    [(100, "100baseT/Full"), (1000, "1000baseT/Full"), (10_000, "10000baseT/Full"), (25_000, "25000baseCR/Full")]
      .filter { $0.0 <= speed }.map(\.1)
  }

  private func driver(_ device: KernelView.Device) -> SimulatedTool {
    var name = "openvswitch"
    var version = ""
    var firmware = ""
    var bus = ""
    if case .card(let card) = device.kind {
      (name, version, firmware, bus) = (
        card.driver, Self.version(of: card.driver), Self.firmware(of: card.driver), card.pciPath
      )
    }
    let lines = [
      ("driver", name), ("version", version), ("firmware-version", firmware), ("expansion-rom-version", ""),
      ("bus-info", bus), ("supports-statistics", "yes"), ("supports-test", "yes"), ("supports-eeprom-access", "yes"),
      ("supports-register-dump", "yes"), ("supports-priv-flags", "no"),
    ]
    return SimulatedTool(lines.map { "\($0.0): \($0.1)\n" }.joined())
  }

  private func features(_ device: KernelView.Device) -> SimulatedTool {
    var driver = CardDriver("openvswitch")
    var wanted: [String: Bool] = [:]
    if case .card(let card) = device.kind {
      driver = CardDriver(card.driver)
      wanted = world.settings(of: card).wanted
    }
    return SimulatedTool("Features for \(device.name):\n" + Self.lines(driver, wanted).map { $0 + "\n" }.joined())
  }

  /// With what was asked for in vain.
  static func lines(_ driver: CardDriver, _ wanted: [String: Bool]) -> [String] {
    let features = driver.effective(wanted)
    func state(_ short: String) -> String {
      let isOn = features[short] == true
      if short != "ufo", driver.fixed[short] != nil { return "\(isOn ? "on" : "off") [fixed]" }
      let asked = short == "ufo" ? isOn : wanted[short] ?? (short != "lro")
      return (isOn ? "on" : "off") + (asked == isOn ? "" : " [requested \(asked ? "on" : "off")]")
    }
    let (checksums, segments) = (state("tx"), state("tso"))
    return [
      "rx-checksumming: \(state("rx"))", "tx-checksumming: \(features["tx"] == true ? "on" : "off")",
      "\ttx-checksum-ipv4: off [fixed]", "\ttx-checksum-ip-generic: \(checksums)", "\ttx-checksum-ipv6: off [fixed]",
      "scatter-gather: \(features["sg"] == true ? "on" : "off")", "\ttx-scatter-gather: \(state("sg"))",
      "tcp-segmentation-offload: \(features["tso"] == true ? "on" : "off")", "\ttx-tcp-segmentation: \(segments)",
      "\ttx-tcp-mangleid-segmentation: off", "\ttx-tcp6-segmentation: \(segments)",
      "udp-fragmentation-offload: off", "generic-segmentation-offload: \(state("gso"))",
      "generic-receive-offload: \(state("gro"))", "large-receive-offload: \(state("lro"))",
      "rx-vlan-offload: on", "tx-vlan-offload: on", "ntuple-filters: off", "receive-hashing: on",
      "highdma: on [fixed]", "rx-vlan-filter: on [fixed]",
    ]
  }

  static func version(of driver: String) -> String {
    ["ixgbe": "5.9.4", "igb": "5.3.5.20", "tg3": "3.137", "mlx5_core": "5.4-1.0.3"][driver] ?? "4.19.0+1"
  }

  static func firmware(of driver: String) -> String {
    [
      "ixgbe": "0x8000095c, 19.5.12", "igb": "1.67, 0x80000d38", "tg3": "FFV22.61.8 bc 5720-v1.39",
      "mlx5_core": "16.35.2000",
    ][driver] ?? ""
  }
}
