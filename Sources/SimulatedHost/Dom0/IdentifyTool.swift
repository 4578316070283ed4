/// `ethtool -p NIC [seconds]`: lets the light of a port blink, and ends when that is over.
enum IdentifyTool {
  static func isMeant(_ arguments: [String]) -> Bool { arguments.contains { $0 == "-p" || $0 == "--identify" } }

  /// Drivers that have no command for the light.
  static let dark: Set<String> = ["r8169", "virtio_net", "xen-netfront"]
}

extension SimulatedHost {
  /// No port's light blinks.
  public var isDark: Bool { dom0.blinking == nil }

  func identify(_ arguments: [String]) async -> SimulatedTool {
    let words = arguments.filter { !$0.hasPrefix("-") }
    guard let device = words.first else {
      return .failure(1, "ethtool: bad command line argument(s)\nFor more information run ethtool -h")
    }
    guard let card = ownCards.first(where: { $0.device == device }) else {
      let isThere = KernelView(world, dom0.live).device(device) != nil
      return .failure(77, "Cannot identify NIC: \(isThere ? "Operation not supported" : "No such device")")
    }
    guard !IdentifyTool.dark.contains(card.driver) else { return .failure(77, "Cannot identify NIC: Operation not supported") }
    // The kernel keeps one note for all cards.
    guard dom0.blinking == nil else { return .failure(77, "Cannot identify NIC: Device or resource busy") }
    dom0.blinking = device
    defer { dom0.blinking = nil }
    let seconds = words.dropFirst().first.flatMap { Int($0) } ?? 0
    try? await Task.sleep(for: .seconds(seconds > 0 ? seconds : 24 * 60 * 60))
    return SimulatedTool()
  }

  // MARK: lldptool

  /// `lldptool -t -n -i NIC`: what the switch says of itself. Every fourth port has a switch that says nothing.
  func lldptool(_ arguments: [String]) -> SimulatedTool {
    guard dom0.isRunning("lldpad") else {
      return .failure(255, "connect: Connection refused\nFailed to connect to lldpad - clif_open: Connection refused")
    }
    guard let name = IPTool.value(of: "-i", in: arguments), arguments.contains("-n") else {
      return .failure(1, "lldptool: a neighbour's TLVs are all that is simulated")
    }
    guard let card = ownCards.first(where: { $0.device == name }), card.carrier else {
      return .failure(4, "Device not found or inactive")
    }
    guard card.position % 4 != 2 else { return SimulatedTool() }
    let (unit, port) = (card.position % 2, 7 + card.position)
    let kind = card.speed >= 25_000 ? "TwentyFiveGigE" : card.speed >= 10_000 ? "TenGigabitEthernet" : "GigabitEthernet"
    return SimulatedTool(
      """
      Chassis ID TLV
      \tMAC: 00:1c:73:aa:b0:0\(unit)
      Port ID TLV
      \tIfname: \(kind)1/0/\(port)
      Time to Live TLV
      \t120
      Port Description TLV
      \t\(hostname) \(card.device)
      System Name TLV
      \tsw-r4-\(unit == 0 ? "a" : "b")
      System Description TLV
      \tSimulated Networks SN-5248, software 4.28.3M
      System Capabilities TLV
      \tSystem capabilities:  Bridge, Router
      \tEnabled capabilities: Bridge
      Management Address TLV
      \tIPv4: 10.0.4.\(250 + unit)
      \tIfindex: 5001
      Port VLAN ID TLV
      \tPVID: \(card.position < 2 ? 1 : 40)
      End of LLDPDU TLV

      """)
  }
}
