/// Echo requests and what comes back (RFC 792, RFC 4443).
struct EchoPackets {
  let isIPv6: Bool
  /// Tells our requests from those of others.
  let id: UInt16
  let size: Int

  func request(_ sequence: UInt16) -> [UInt8] {
    var packet = PacketBytes()
    packet.add(isIPv6 ? 128 : 8)
    packet.add([0, 0, 0])
    packet.add16(id)
    packet.add16(sequence)
    // Letters, as a payload that no device takes for anything else.
    packet.add((0..<max(0, size)).map { UInt8(0x61 + $0 % 26) })
    // For IPv6 the kernel puts the checksum in: it knows the addresses.
    if !isIPv6 { packet.set16(Checksum.internet(packet.bytes), at: 2) }
    return packet.bytes
  }

  enum Word: Equatable {
    case reply(UInt16)
    case problem(UInt16, EchoAnswer.Problem)
  }

  /// What a packet says to our requests; nil when nothing. For IPv4 it begins with the IP header, for IPv6 with ICMP's.
  func word(_ packet: ArraySlice<UInt8>, from sender: InternetAddress?) -> Word? {
    isIPv6 ? word6(PacketReader(packet), sender) : word4(PacketReader(packet), sender)
  }

  private func word4(_ packet: PacketReader, _ sender: InternetAddress?) -> Word? {
    guard let first = packet.byte(0), first >> 4 == 4 else { return nil }
    let message = packet.from(Int(first & 15) * 4)
    let by = packet.ipv4(12).map { InternetAddress.v4($0) } ?? sender
    guard let kind = message.byte(0), let code = message.byte(1) else { return nil }
    if kind == 0 { return reply(message) }
    // The packet that it is about follows, with our request in it.
    let quoted = message.from(8)
    guard kind == 3 || kind == 11, let inner = quoted.byte(0), inner >> 4 == 4, quoted.byte(9) == 1,
      let sequence = ours(quoted.from(Int(inner & 15) * 4), request: 8)
    else { return nil }
    if kind == 11 { return .problem(sequence, .unreachable(by: by, reason: "the packets go round in a circle (TTL exceeded)")) }
    if code == 4 {
      let most = message.number16(6).flatMap { $0 == 0 ? nil : Int($0) }
      return .problem(sequence, .tooLong(most: most, by: by))
    }
    return .problem(sequence, .unreachable(by: by, reason: Self.reason4(code)))
  }

  private func word6(_ message: PacketReader, _ sender: InternetAddress?) -> Word? {
    guard let kind = message.byte(0), let code = message.byte(1) else { return nil }
    if kind == 129 { return reply(message) }
    let quoted = message.from(8)
    guard (1...4).contains(kind), quoted.byte(0).map({ $0 >> 4 }) == 6, quoted.byte(6) == 58,
      let sequence = ours(quoted.from(40), request: 128)
    else { return nil }
    switch kind {
    case 1: return .problem(sequence, .unreachable(by: sender, reason: Self.reason6(code)))
    case 2: return .problem(sequence, .tooLong(most: message.number32(4).map { Int($0) }, by: sender))
    case 3: return .problem(sequence, .unreachable(by: sender, reason: "the packets go round in a circle (hop limit)"))
    default: return .problem(sequence, .unreachable(by: sender, reason: "it does not understand the packet"))
    }
  }

  private func reply(_ message: PacketReader) -> Word? {
    message.number16(4) == id ? message.number16(6).map { .reply($0) } : nil
  }

  private func ours(_ message: PacketReader, request: UInt8) -> UInt16? {
    guard message.byte(0) == request, message.number16(4) == id else { return nil }
    return message.number16(6)
  }

  private static func reason4(_ code: UInt8) -> String {
    switch code {
    case 0, 6: "no route to its network"
    case 1, 7: "the host does not answer on its link"
    case 2: "it does not know the protocol"
    case 9, 10, 13: "forbidden by a firewall"
    default: "not reachable (code \(code))"
    }
  }

  private static func reason6(_ code: UInt8) -> String {
    switch code {
    case 0: "no route to its network"
    case 1, 5, 6: "forbidden by a firewall"
    case 3: "the host does not answer on its link"
    default: "not reachable (code \(code))"
    }
  }
}
