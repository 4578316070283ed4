/// sysfs and procfs, as far as a network console reads them (notes on dom0 §3.9).
enum KernelFiles {
  /// All files of a view, by path.
  static func entries(_ kernel: KernelView) -> [String: TreeEntry] {
    var entries: [String: TreeEntry] = [:]
    for device in kernel.devices { add(device, to: &entries) }
    entries["/proc/net/dev"] = .text(devices(kernel))
    entries["/proc/net/if_inet6"] = .text(ipv6(kernel))
    return entries
  }

  /// The names of a bridge's files below its folder.
  static func names(of bridge: KernelView.Device) -> [String] {
    var entries: [String: TreeEntry] = [:]
    add(bridge, to: &entries)
    let length = "/sys/class/net/\(bridge.name)/".utf8.count
    return entries.keys.map { String($0.dropFirst(length)) }
  }

  private static func add(_ device: KernelView.Device, to entries: inout [String: TreeEntry]) {
    let base = "/sys/class/net/\(device.name)"
    func put(_ name: String, _ value: String) { entries["\(base)/\(name)"] = .text(value + "\n") }
    put("address", device.mac)
    put("mtu", String(device.mtu))
    put("operstate", device.operstate)
    put("flags", "0x" + String(device.flagBits, radix: 16))
    put("ifindex", String(device.index))
    put("type", device.name == "lo" ? "772" : "1")
    // Reading these gives EINVAL while a device is down; a plain file can only be missing.
    if device.isUp { put("carrier", device.hasCarrier ? "1" : "0") }
    if case .card(let card) = device.kind {
      if device.isUp {
        put("speed", device.speed.map { String($0) } ?? "-1")
        put("duplex", device.speed == nil ? "unknown" : "full")
      }
      put("tx_queue_len", "1000")
      put("carrier_changes", String(card.carrierChanges + (card.beganUp ? 1 : 0)))
      addHardware(card, base, to: &entries)
      // Bridges have counters too; they would be half of all files, and `/proc/net/dev` has them.
      addCounters(of: device, base, to: &entries)
    }
  }

  /// Where the card is plugged, which driver has it, and who made it.
  private static func addHardware(_ card: NIC, _ base: String, to entries: inout [String: TreeEntry]) {
    let bus = card.pciPath.split(separator: ":").prefix(2).joined(separator: ":")
    let place = "/sys/devices/pci\(bus)/\(card.pciPath)"
    entries["\(base)/device"] = .link("../../../devices/pci\(bus)/\(card.pciPath)")
    entries["\(place)/vendor"] = .text("0x\(card.vendorID)\n")
    entries["\(place)/device"] = .text("0x\(card.deviceID)\n")
    entries["\(place)/class"] = .text("0x020000\n")
    entries["\(place)/driver"] = .link("../../../bus/pci/drivers/\(card.driver)")
    entries["/sys/bus/pci/drivers/\(card.driver)/module_name"] = .text("\(card.driver)\n")
    if card.capabilities.contains("sriov") {
      entries["\(place)/sriov_totalvfs"] = .text("63\n")
      entries["\(place)/sriov_numvfs"] = .text("0\n")
    }
  }

  /// The files that move while there is traffic: a card's counters.
  static func addCounters(
    of device: KernelView.Device, _ base: String, to entries: inout [String: TreeEntry]
  ) {
    for (name, value) in counters(of: device) { entries["\(base)/statistics/\(name)"] = .text("\(value)\n") }
  }

  /// Made of the device's MAC, so that they stay.
  static func counters(of device: KernelView.Device) -> [(String, UInt64)] {
    let seed = device.mac.utf8.reduce(UInt64(device.index)) { ($0 &* 31 &+ UInt64($1)) % 1_000_003 }
    let card: NIC? = if case .card(let card) = device.kind { card } else { nil }
    // Counters stay when the cable is pulled.
    let had = card.map { $0.hadLink && device.isUp } ?? (device.isUp && device.hasCarrier)
    let packets: UInt64 = had ? seed &* 137 + 4_211 : 0
    let more = card?.traffic ?? Traffic()
    return [
      ("rx_bytes", packets * 812 + more.receivedBytes), ("rx_packets", packets + more.receivedPackets),
      ("rx_errors", more.errors), ("rx_dropped", packets / 90_000 + more.drops),
      ("tx_bytes", packets * 655 + more.sentBytes), ("tx_packets", packets / 5 * 4 + more.sentPackets), ("tx_errors", 0),
      ("tx_dropped", 0),
    ]
  }

  private static func devices(_ kernel: KernelView) -> String {
    var text = "Inter-|   Receive                                                |  Transmit\n"
    text += " face |bytes    packets errs drop fifo frame compressed multicast|"
    text += "bytes    packets errs drop fifo colls carrier compressed\n"
    for device in kernel.devices {
      let counters = counters(of: device).map { String($0.1) }
      let received = counters[..<4].joined(separator: " ") + " 0 0 0 0"
      text += "\(device.name): \(received) \(counters[4...].joined(separator: " ")) 0 0 0 0\n"
    }
    return text
  }

  /// The kernel's own VLANs, by names like `eth1.42` (`/proc/net/vlan/config`).
  static func vlans(_ names: Set<String>) -> String {
    let rows = names.sorted().map { name in
      let parts = name.split(separator: ".")
      return "\(name)\(String(repeating: " ", count: max(0, 15 - name.utf8.count)))| \(parts.last ?? "")  | \(parts.first ?? "")\n"
    }
    return "VLAN Dev name    | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n" + rows.joined()
  }

  /// `address index prefix scope flags name`, in hexadecimal.
  private static func ipv6(_ kernel: KernelView) -> String {
    var text = ""
    for device in kernel.devices {
      for address in device.addresses where address.isIPv6 {
        let scope = address.isLinkLocal ? "20" : device.name == "lo" ? "10" : "00"
        text += "\(expanded(address.ip)) \(two(device.index)) \(two(address.prefix)) \(scope) 80 \(device.name)\n"
      }
    }
    return text
  }

  private static func two(_ number: Int) -> String { (number < 16 ? "0" : "") + String(number, radix: 16) }

  /// All 32 digits of an IPv6 address.
  private static func expanded(_ ip: String) -> String {
    func groups(_ text: Substring) -> [Substring] { text.split(separator: ":") }
    let gap = ip.range(of: "::")
    let head = groups(gap.map { ip[..<$0.lowerBound] } ?? ip[...])
    let tail = gap.map { groups(ip[$0.upperBound...]) } ?? []
    let middle = [Substring](repeating: "0", count: max(0, 8 - head.count - tail.count))
    return (head + middle + tail).map { String(repeating: "0", count: max(0, 4 - $0.count)) + $0 }.joined()
  }
}
