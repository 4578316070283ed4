import HostNetworking
import TerminalUI

/// What the page of a NIC says, as lines of plain text for a command.
public enum NICText {
  /// - Parameters:
  ///   - host: nil when nothing could be read of it.
  ///   - columns: where lines are broken.
  /// - Returns: nothing when there is no such NIC.
  public static func lines(_ details: NICDetails, host: HostView?, columns: Int) -> [String] {
    let interface = host?.interfaces.first { $0.kind == .nic && $0.device == details.device }
    guard interface != nil || details.kernel != nil else { return [] }
    var facts = NICFacts(
      device: details.device, interface: interface, details: details, sample: nil, interfaces: host?.interfaces ?? []
    ).all
    if let counters = details.kernel?.counters {
      facts.append(
        Fact("Received", "\(Units.bytes(counters.receivedBytes)), \(counters.receivedPackets) packets, "
          + "\(counters.receiveErrors) errors, \(counters.receiveDrops) drops"))
      facts.append(
        Fact("Sent", "\(Units.bytes(counters.sentBytes)), \(counters.sentPackets) packets, \(counters.sendErrors) errors, "
          + "\(counters.sendDrops) drops"))
    }
    let rows = FactRows(facts, columns: max(40, columns))
    return rows.rows.map { $0.label.fitted(to: rows.labelColumns) + $0.text }
  }

  /// Where networks and users are known from while XAPI is silent; nil while it answers.
  /// - Parameter now: seconds since 1970.
  public static func source(_ host: HostView?, now: Int64) -> String? {
    guard let host else { return "neither XAPI nor this host's own files tell what its NICs are used for" }
    guard host.heard == nil else { return nil }
    let own = "XAPI does not answer: networks and users are from this host's own files and tools"
    guard case .written(let wall) = host.sources.names?.age else { return own }
    return own + ", names from \(Units.moment(wall, now: now))"
  }

  /// A line for each NIC: device, link, speed, MAC, use, card.
  public static func list(_ links: [WatchedLink], host: HostView?) -> [String] {
    var rows = [["DEVICE", "LINK", "SPEED", "MAC", "USED AS", "NETWORK", "CARD"]]
    for link in links {
      let interface = host?.interfaces.first { $0.kind == .nic && $0.device == link.device }
      rows.append([
        link.device, link.linkName, link.speed.map(Units.speed) ?? "-", link.mac ?? "-", usage(link, interface, host),
        interface.map { $0.networkName.isEmpty ? "-" : $0.networkName } ?? "-", interface?.card ?? "",
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { TerminalUI.columns(of: $0[column]) }.max() ?? 0 }
    return rows.map { row in
      let line = row.enumerated().map { $0.element.fitted(to: widths[$0.offset]) }.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// What a NIC is used as, in a few words.
  public static func usage(_ link: WatchedLink, host: HostView?) -> String {
    usage(link, host?.interfaces.first { $0.kind == .nic && $0.device == link.device }, host)
  }

  static func usage(_ link: WatchedLink, _ interface: InterfaceView?, _ host: HostView?) -> String {
    if let interface { return interface.usage }
    if link.device.hasPrefix("side-") { return "half renamed" }
    return host?.heard == nil ? "-" : "NOT IN XAPI"
  }

  /// `eth1 is DOWN`, `eth1 is up, 10 Gb/s, full duplex`.
  public static func news(_ link: WatchedLink) -> String {
    switch link.linkName {
    case "up":
      let more = [link.speed.map(Units.speed), link.duplex.map { $0 == .full ? "full duplex" : "HALF DUPLEX" }].compactMap { $0 }
      return (["\(link.device) is up"] + more).joined(separator: ", ")
    case "down": return "\(link.device) is DOWN: no carrier"
    case "off": return "\(link.device) is off: nobody has set it up"
    case "gone": return "\(link.device) is gone"
    default: return "\(link.device): link not known"
    }
  }

  /// The time of day, `14:02:09`.
  public static func time(_ wall: Int64) -> String { Units.time(wall) }
}
