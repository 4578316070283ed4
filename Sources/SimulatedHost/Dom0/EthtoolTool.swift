import JSON

/// `ethtool X`, `-i`, `-k`, `-P`, in the plain text of 4.19 (notes on dom0 §3.8).
struct EthtoolTool {
  private let kernel: KernelView
  private let offload: [String: NetworkdConfig.Interface]

  init(_ kernel: KernelView, offload: [String: NetworkdConfig.Interface]) {
    self.kernel = kernel
    self.offload = offload
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
    case "-K", "-s", "-G", "-A": return SimulatedTool()
    case "-S", "-g", "-l", "-a", "-m": return EthtoolReports(device).run(option ?? "")
    default: return .failure(1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h")
    }
  }

  private func settings(_ device: KernelView.Device) -> SimulatedTool {
    guard case .card(let card) = device.kind else {
      return SimulatedTool("Settings for \(device.name):\n\tLink detected: \(device.hasCarrier ? "yes" : "no")\n")
    }
    let isLinked = device.isUp && device.hasCarrier
    let modes = Self.modes(upTo: card.speed)
    let lines = [
      "Supported ports: [ TP ]", "Supported link modes:   \(modes.joined(separator: "\n\t                        "))",
      "Supported pause frame use: Symmetric", "Supports auto-negotiation: Yes", "Supported FEC modes: Not reported",
      "Advertised link modes:  \(modes.joined(separator: "\n\t                        "))",
      "Advertised pause frame use: Symmetric", "Advertised auto-negotiation: Yes",
    ] + (isLinked ? ["Link partner advertised link modes:  \(modes.joined(separator: "\n\t                                     "))"] : []) + [
      "Speed: \(isLinked ? "\(card.speed)Mb/s" : "Unknown!")", "Duplex: \(isLinked ? "Full" : "Unknown! (255)")",
      "Port: Twisted Pair", "PHYAD: 0", "Transceiver: internal", "Auto-negotiation: on", "MDI-X: Unknown",
      "Supports Wake-on: d", "Wake-on: d", "Current message level: 0x00000007 (7)\n\t\t\t       drv probe link",
      "Link detected: \(isLinked ? "yes" : "no")",
    ]
    return SimulatedTool("Settings for \(device.name):\n" + lines.map { "\t\($0)\n" }.joined())
  }

  private static func modes(upTo speed: Int64) -> [String] {
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
    let set = offload[device.name]?.offload ?? [:]
    func state(_ short: String, _ standard: String) -> String {
      switch set[short]?.string {
      case "on", "true": "on"
      case "off", "false": "off"
      default: standard
      }
    }
    let checksums = state("tx", "on")
    let lines = [
      "rx-checksumming: \(state("rx", "on"))", "tx-checksumming: \(checksums)",
      "\ttx-checksum-ipv4: off [fixed]", "\ttx-checksum-ip-generic: \(checksums)", "\ttx-checksum-ipv6: off [fixed]",
      "scatter-gather: \(state("sg", "on"))", "\ttx-scatter-gather: \(state("sg", "on"))",
      "tcp-segmentation-offload: \(state("tso", "on"))", "\ttx-tcp-segmentation: \(state("tso", "on"))",
      "udp-fragmentation-offload: off", "generic-segmentation-offload: \(state("gso", "on"))",
      "generic-receive-offload: \(state("gro", "on"))", "large-receive-offload: \(state("lro", "off"))",
      "rx-vlan-offload: on", "tx-vlan-offload: on", "ntuple-filters: off", "receive-hashing: on",
      "highdma: on [fixed]", "rx-vlan-filter: on [fixed]",
    ]
    return SimulatedTool("Features for \(device.name):\n" + lines.map { $0 + "\n" }.joined())
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
