/// An Ethernet frame's kind.
enum EtherType {
  static let arp: UInt16 = 0x0806
  static let ipv6: UInt16 = 0x86dd
  static let vlan: UInt16 = 0x8100
}

/// The head of an Ethernet frame.
private func head(to: MAC, from: MAC, tag: Int?, type: UInt16) -> PacketBytes {
  var packet = PacketBytes()
  packet.add(to.bytes)
  packet.add(from.bytes)
  if let tag {
    packet.add16(EtherType.vlan)
    packet.add16(UInt16(truncatingIfNeeded: tag & 0xfff))
  }
  packet.add16(type)
  return packet
}

/// What was heard from a machine on the link.
struct NeighbourWord: Equatable {
  var mac: MAC
  /// It only wants the address, and asks like us whether somebody has it.
  var isClaim: Bool
}

/// ARP for IPv4 on Ethernet (RFC 826).
enum ARPPacket {
  /// - Parameter sender: nil for a probe (RFC 5227 section 2.1.1), which changes nobody's table.
  static func request(for target: IPv4Address, from mac: MAC, sender: IPv4Address?, tag: Int?) -> [UInt8] {
    var packet = head(to: .everybody, from: mac, tag: tag, type: EtherType.arp)
    packet.add16(1)
    packet.add16(0x0800)
    packet.add(6)
    packet.add(4)
    packet.add16(1)
    packet.add(mac.bytes)
    packet.add((sender ?? IPv4Address(bits: 0)).bytes)
    packet.add([UInt8](repeating: 0, count: 6))
    packet.add(target.bytes)
    // Ethernet's shortest frame has 60 bytes; some cards and switches do not fill up what is shorter.
    packet.add([UInt8](repeating: 0, count: max(0, 60 - packet.bytes.count)))
    return packet.bytes
  }

  /// What a frame, its tag taken off, says of an address; nil when nothing.
  static func word(_ frame: ArraySlice<UInt8>, of target: IPv4Address) -> NeighbourWord? {
    let reader = PacketReader(frame)
    guard reader.number16(12) == EtherType.arp, reader.number16(14) == 1, reader.number16(16) == 0x0800,
      reader.byte(18) == 6, reader.byte(19) == 4, let kind = reader.number16(20), kind == 1 || kind == 2,
      let mac = reader.part(22, 6), let sender = reader.ipv4(28), let asked = reader.ipv4(38)
    else { return nil }
    if sender == target { return NeighbourWord(mac: MAC(mac), isClaim: false) }
    // Somebody else probes for the same address at this moment (RFC 5227 section 2.1.1).
    guard kind == 1, sender.bits == 0, asked == target else { return nil }
    return NeighbourWord(mac: MAC(mac), isClaim: true)
  }
}

/// Neighbour discovery of IPv6 (RFC 4861) on Ethernet.
enum NDPacket {
  private static let solicitation: UInt8 = 135
  private static let advertisement: UInt8 = 136
  private static let icmp: UInt8 = 58

  /// - Parameter sender: an address of the link; nil asks as a host without any (RFC 4862 section 5.4.2).
  static func request(for target: IPv6Address, from mac: MAC, sender: IPv6Address?, tag: Int?) -> [UInt8] {
    let group = target.solicitedNode
    var message = PacketBytes()
    message.add(solicitation)
    message.add([0, 0, 0, 0, 0, 0, 0])
    message.add(target.bytes)
    // Our own hardware address, which must not be told from nowhere (RFC 4861 section 4.3).
    if sender != nil { message.add([1, 1] + mac.bytes) }
    let source = sender ?? IPv6Address(high: 0, low: 0)
    message.set16(Self.checksum(message.bytes, from: source, to: group), at: 2)
    let groupMAC = MAC([0x33, 0x33] + group.bytes.suffix(4))
    var packet = head(to: groupMAC, from: mac, tag: tag, type: EtherType.ipv6)
    packet.add32(0x6000_0000)
    packet.add16(UInt16(message.bytes.count))
    packet.add(icmp)
    packet.add(255)
    packet.add(source.bytes)
    packet.add(group.bytes)
    packet.add(message.bytes)
    return packet.bytes
  }

  /// What a frame, its tag taken off, says of an address; nil when nothing.
  static func word(_ frame: ArraySlice<UInt8>, of target: IPv6Address) -> NeighbourWord? {
    let reader = PacketReader(frame)
    // Only what comes from the link itself has a hop limit of 255.
    guard reader.number16(12) == EtherType.ipv6, reader.byte(20) == icmp, reader.byte(21) == 255,
      let kind = reader.byte(54), let source = reader.ipv6(22), reader.ipv6(62) == target,
      let length = reader.number16(18), let message = reader.part(54, Int(length)),
      let receiver = reader.ipv6(38), checksum(Array(message), from: source, to: receiver) == 0,
      let from = reader.part(6, 6)
    else { return nil }
    switch kind {
    case advertisement: return NeighbourWord(mac: option(2, in: reader.from(78)) ?? MAC(from), isClaim: false)
    // Another host makes sure of the same address at this moment (RFC 4862 section 5.4.3).
    case solicitation where source.isUnspecified: return NeighbourWord(mac: MAC(from), isClaim: true)
    default: return nil
    }
  }

  /// The hardware address in an option: 1 the source's, 2 the target's.
  private static func option(_ wanted: UInt8, in options: PacketReader) -> MAC? {
    var rest = options
    while let kind = rest.byte(0), let length = rest.byte(1), length > 0 {
      if kind == wanted, let mac = rest.part(2, 6) { return MAC(mac) }
      rest = rest.from(Int(length) * 8)
    }
    return nil
  }

  /// RFC 4443 section 2.3: with a head that the packet does not have.
  static func checksum(_ message: [UInt8], from source: IPv6Address, to receiver: IPv6Address) -> UInt16 {
    var whole = PacketBytes()
    whole.add(source.bytes)
    whole.add(receiver.bytes)
    whole.add32(UInt32(message.count))
    whole.add([0, 0, 0, icmp])
    whole.add(message)
    return Checksum.internet(whole.bytes)
  }
}
