/// What has gone over a card.
struct Traffic: Sendable, Hashable {
  var receivedBytes: UInt64 = 0
  var receivedPackets: UInt64 = 0
  var sentBytes: UInt64 = 0
  var sentPackets: UInt64 = 0
  var errors: UInt64 = 0
  var drops: UInt64 = 0
}

extension NIC {
  /// Its link was there when the host was made.
  var beganUp: Bool { carrier == (carrierChanges % 2 == 0) }

  /// Has a link, or had one.
  var hadLink: Bool { carrier || carrierChanges > 0 }
}

extension World {
  /// Lets traffic flow over this host's cards for so long, in proportion to their links and to who uses them.
  /// - Parameter uses: for each card that carries something, how many guests it carries, and whether management.
  mutating func pass(seconds: Double, uses: [String: (guests: Int, isManagement: Bool)]) {
    for index in nics.indices where nics[index].host == thisHost && nics[index].carrier {
      guard let use = uses[nics[index].device] else { continue }
      // Of the link: what the neighbours broadcast, what management needs, what guests do.
      let share = min(0.6, 0.0002 + (use.isManagement ? 0.002 : 0) + 0.03 * Double(use.guests))
      let bytes = Double(nics[index].speed) * 125_000 * seconds * share
      let isQuiet = use.guests == 0 && !use.isManagement
      nics[index].traffic.add(received: UInt64(bytes), sent: isQuiet ? 0 : UInt64(bytes / 3))
      nics[index].traffic.errors += UInt64(Double(nics[index].errorRate) * seconds + 0.5)
    }
  }
}

extension Traffic {
  /// Of packets of 900 bytes.
  fileprivate mutating func add(received: UInt64, sent: UInt64) {
    receivedBytes += received
    receivedPackets += received / 900
    sentBytes += sent
    sentPackets += sent / 900
  }
}
