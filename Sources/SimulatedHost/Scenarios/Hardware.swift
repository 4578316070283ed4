/// A model of network card, as `lspci` names it.
struct CardModel: Sendable {
  let vendorID: String
  let vendor: String
  let deviceID: String
  let device: String
  let subsystem: String
  let driver: String
  /// Mbit/s
  let speed: Int64
  /// First three bytes of its MAC addresses.
  let oui: String
  var sriov = false

  static let x550 = CardModel(
    vendorID: "8086", vendor: "Intel Corporation", deviceID: "1563", device: "Ethernet Controller 10G X550T",
    subsystem: "Ethernet Converged Network Adapter X550-T2", driver: "ixgbe", speed: 10_000, oui: "a0:36:9f",
    sriov: true)

  static let i350 = CardModel(
    vendorID: "8086", vendor: "Intel Corporation", deviceID: "1521", device: "I350 Gigabit Network Connection",
    subsystem: "I350 Gigabit Network Connection", driver: "igb", speed: 1000, oui: "0c:c4:7a", sriov: true)

  static let bcm5720 = CardModel(
    vendorID: "14e4", vendor: "Broadcom Inc. and subsidiaries", deviceID: "165f",
    device: "NetXtreme BCM5720 Gigabit Ethernet PCIe", subsystem: "NetXtreme BCM5720 Gigabit Ethernet PCIe",
    driver: "tg3", speed: 1000, oui: "b0:26:28")

  static let connectX5 = CardModel(
    vendorID: "15b3", vendor: "Mellanox Technologies", deviceID: "1017", device: "MT27800 Family [ConnectX-5]",
    subsystem: "ConnectX®-5 EN network interface card, 25GbE dual-port SFP28", driver: "mlx5_core", speed: 25_000,
    oui: "ec:0d:9a", sriov: true)

  /// The card's MAC address number `serial`.
  func mac(_ serial: Int) -> String {
    func two(_ byte: Int) -> String { (byte < 16 ? "0" : "") + String(byte & 255, radix: 16) }
    return "\(oui):\(two(serial >> 16 & 255)):\(two(serial >> 8 & 255)):\(two(serial & 255))"
  }
}
