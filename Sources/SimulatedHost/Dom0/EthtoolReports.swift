/// `ethtool -S`, `-l`, `-a` and `-m`, in the plain text of 4.19 (notes on dom0 §3.8).
struct EthtoolReports {
  private let device: KernelView.Device

  init(_ device: KernelView.Device) { self.device = device }

  func run(_ option: String) -> SimulatedTool {
    guard case .card(let card) = device.kind else { return refusal(option) }
    return switch option {
    case "-S": statistics(card)
    case "-l": channels(card)
    case "-a": pause(card)
    default: module(card)
    }
  }

  private func refusal(_ option: String) -> SimulatedTool {
    switch option {
    case "-S": .failure(94, "no stats available")
    case "-l": .failure(1, "Cannot get device channel parameters\n: Operation not supported")
    case "-a": .failure(76, "Cannot get device pause settings: Operation not supported")
    default: .failure(1, "Cannot get module EEPROM information: Operation not supported")
    }
  }

  private func statistics(_ card: NIC) -> SimulatedTool {
    let counts = Dictionary(uniqueKeysWithValues: KernelFiles.counters(of: device))
    func count(_ name: String) -> UInt64 { counts[name] ?? 0 }
    let rows: [(String, UInt64)] = [
      ("rx_packets", count("rx_packets")), ("tx_packets", count("tx_packets")), ("rx_bytes", count("rx_bytes")),
      ("tx_bytes", count("tx_bytes")), ("rx_errors", count("rx_errors")), ("tx_errors", 0), ("rx_dropped", 0), ("tx_dropped", 0),
      ("multicast", count("rx_packets") / 900), ("collisions", 0), ("rx_over_errors", 0),
      ("rx_crc_errors", count("rx_errors") + (card.position == 1 ? 17 : 0)), ("rx_missed_errors", count("rx_dropped")),
      ("tx_aborted_errors", 0), ("tx_timeout_count", 0), ("rx_no_buffer_count", 0), ("rx_long_length_errors", 0),
    ]
    return SimulatedTool("NIC statistics:\n" + rows.map { "     \($0.0): \($0.1)\n" }.joined())
  }

  private func channels(_ card: NIC) -> SimulatedTool {
    guard card.driver != "r8169" else { return refusal("-l") }
    func table(_ count: Int) -> String { "RX:\t\t0\nTX:\t\t0\nOther:\t\t1\nCombined:\t\(count)\n" }
    return SimulatedTool(
      "Channel parameters for \(device.name):\nPre-set maximums:\n\(table(card.speed >= 10_000 ? 63 : 8))"
        + "Current hardware settings:\n\(table(card.speed >= 10_000 ? 16 : 4))\n")
  }

  private func pause(_ card: NIC) -> SimulatedTool {
    let state = card.speed >= 10_000 ? "off" : "on"
    return SimulatedTool("Pause parameters for \(device.name):\nAutonegotiate:\ton\nRX:\t\t\(state)\nTX:\t\t\(state)\n\n")
  }

  /// Only the fast cards have cages for modules.
  private func module(_ card: NIC) -> SimulatedTool {
    guard card.driver == "mlx5_core" else { return refusal("-m") }
    guard card.hadLink else { return .failure(1, "Cannot get module EEPROM information: Input/output error") }
    let rows = [
      ("Identifier", "0x03 (SFP)"), ("Extended identifier", "0x04 (GBIC/SFP defined by 2-wire interface ID)"),
      ("Connector", "0x07 (LC)"), ("Transceiver type", "Extended: 25G Base-SR"), ("BR, Nominal", "25750MBd"),
      ("Length (OM4)", "100m"), ("Vendor name", "FINISAR CORP."), ("Vendor OUI", "00:90:65"), ("Vendor PN", "FTLF8536P4BCL"),
      ("Vendor rev", "A"), ("Vendor SN", "X\(card.mac.filter { $0 != ":" }.suffix(6).uppercased())"), ("Date code", "230417"),
      ("Laser bias current", "7.512 mA"), ("Laser output power", "1.0284 mW / 0.12 dBm"),
      ("Receiver signal average optical power", card.carrier ? "0.8317 mW / -0.80 dBm" : "0.0000 mW / -inf dBm"),
      ("Module temperature", "41.25 degrees C / 106.25 degrees F"), ("Module voltage", "3.2914 V"),
    ]
    return SimulatedTool(
      rows.map { "\t\($0.0)\(String(repeating: " ", count: max(0, 42 - $0.0.count))): \($0.1)\n" }.joined())
  }
}
