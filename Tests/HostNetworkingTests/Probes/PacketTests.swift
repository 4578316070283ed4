import Testing

@testable import HostNetworking

/// What we put on the wire, and what we make of what comes back.
struct PacketTests {
  private let ours = MAC([2, 0, 0, 0, 0, 1])
  private let theirs = MAC([2, 0, 0, 0, 0, 9])

  // MARK: The link

  @Test func anARPProbeIsAsTheRFCWantsIt() throws {
    let target = try IPv4Address(parsing: "10.0.4.12")
    let frame = ARPPacket.request(for: target, from: ours, sender: nil, tag: nil)
    #expect(frame.count == 60)
    #expect(
      frame[..<42] == [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6,
        0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 4, 12,
      ])
    let tagged = ARPPacket.request(for: target, from: ours, sender: nil, tag: 4094)
    #expect(tagged[12..<18] == [0x81, 0, 0x0f, 0xfe, 8, 6])
  }

  @Test func whoSaysAnAddressIsTheirsIsHeard() throws {
    let target = try IPv4Address(parsing: "10.0.4.12")
    let other = try IPv4Address(parsing: "10.0.4.13")
    // A question of theirs tells their address as well as an answer does.
    let word = NeighbourWord(mac: theirs, isClaim: false)
    #expect(ARPPacket.word(ARPPacket.request(for: other, from: theirs, sender: target, tag: nil)[...], of: target) == word)
    #expect(ARPPacket.word(ARPPacket.request(for: target, from: theirs, sender: other, tag: nil)[...], of: target) == nil)
    // Somebody else makes sure of the address too.
    #expect(
      ARPPacket.word(ARPPacket.request(for: target, from: theirs, sender: nil, tag: nil)[...], of: target)
        == NeighbourWord(mac: theirs, isClaim: true))
  }

  @Test func aSolicitationHasTheRightChecksumAndGroup() throws {
    let target = try IPv6Address(parsing: "fd00:4::12:3456")
    let sender = try IPv6Address(parsing: "fe80::1")
    let frame = NDPacket.request(for: target, from: ours, sender: sender, tag: nil)
    #expect(frame[..<6] == [0x33, 0x33, 0xff, 0x12, 0x34, 0x56])
    #expect("\(target.solicitedNode)" == "ff02::1:ff12:3456")
    #expect(frame.count == 14 + 40 + 32)
    #expect(NDPacket.checksum(Array(frame[54...]), from: sender, to: target.solicitedNode) == 0)
    // From nowhere, the own MAC is not told (RFC 4861 section 4.3).
    #expect(NDPacket.request(for: target, from: ours, sender: nil, tag: nil).count == 14 + 40 + 24)
    #expect(
      NDPacket.word(NDPacket.request(for: target, from: theirs, sender: nil, tag: nil)[...], of: target)
        == NeighbourWord(mac: theirs, isClaim: true))
    #expect(NDPacket.word(frame[...], of: target) == nil)
    var damaged = NDPacket.request(for: target, from: theirs, sender: nil, tag: nil)
    damaged[60] ^= 1
    #expect(NDPacket.word(damaged[...], of: target) == nil)
  }

  // MARK: Echo

  @Test func anEchoIsKnownByItsNumber() throws {
    let packets = EchoPackets(isIPv6: false, id: 0x1234, size: 8)
    let request = packets.request(7)
    #expect(request.count == 16)
    #expect(Checksum.internet(request) == 0)
    func ip(_ message: [UInt8], from source: String) throws -> [UInt8] {
      [0x45, 0, 0, UInt8(20 + message.count), 0, 0, 0, 0, 64, 1, 0, 0] + (try IPv4Address(parsing: source)).bytes
        + [10, 0, 4, 12] + message
    }
    var reply = request
    reply[0] = 0
    #expect(packets.word(try ip(reply, from: "10.0.4.1")[...], from: nil) == .reply(7))
    // A request of ours that comes by is no reply, nor is somebody else's reply.
    #expect(packets.word(try ip(request, from: "10.0.4.1")[...], from: nil) == nil)
    #expect(EchoPackets(isIPv6: false, id: 1, size: 8).word(try ip(reply, from: "10.0.4.1")[...], from: nil) == nil)
    let quoted = [UInt8]([3, 4, 0, 0, 0, 0, 0x05, 0x78]) + (try ip(request, from: "10.0.4.12"))
    #expect(
      packets.word(try ip(quoted, from: "10.0.4.1")[...], from: nil)
        == .problem(7, .tooLong(most: 1400, by: try InternetAddress(parsing: "10.0.4.1"))))
  }

  // MARK: Damage

  /// Whatever comes in, a decoder says something or nothing, and comes back.
  @Test func damagedPacketsAreSurvived() throws {
    var random = SeededNumbers(seed: 7)
    let v4 = try IPv4Address(parsing: "10.0.4.12")
    let v6 = try IPv6Address(parsing: "fd00::12")
    let question = DNSQuestion("a.example")
    let query = try #require(DNSMessage.query(question, id: 1))
    let seeds: [[UInt8]] = [
      ARPPacket.request(for: v4, from: theirs, sender: v4, tag: nil), NDPacket.request(for: v6, from: theirs, sender: nil, tag: nil),
      EchoPackets(isIPv6: true, id: 1, size: 30).request(1), query, [],
    ]
    for _ in 0..<60_000 {
      var bytes = seeds.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      bytes = Array(bytes.prefix(Int.random(in: 0...(bytes.count + 1), using: &random)))
      _ = ARPPacket.word(bytes[...], of: v4)
      _ = NDPacket.word(bytes[...], of: v6)
      _ = EchoPackets(isIPv6: false, id: 1, size: 8).word(bytes[...], from: nil)
      _ = EchoPackets(isIPv6: true, id: 1, size: 8).word(bytes[...], from: nil)
      _ = DNSMessage.answer(bytes[...], to: question, id: 1)
      _ = TimePacket.reply(bytes[...], cookie: 1, sent: 0, received: 0, after: .zero)
    }
  }

  // MARK: Names

  /// An answer with its question, as servers send it: names by pointers.
  private func answer(_ records: [[UInt8]], flags: UInt16 = 0x8180, name: String = "www.example") throws -> [UInt8] {
    var bytes = try #require(DNSMessage.query(DNSQuestion(name), id: 7))
    (bytes[2], bytes[3]) = (UInt8(flags >> 8), UInt8(truncatingIfNeeded: flags))
    bytes[7] = UInt8(records.count)
    return bytes + records.flatMap { $0 }
  }

  @Test func answersAreRead() throws {
    let question = DNSQuestion("www.example")
    let a: [UInt8] = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 7]
    let found = DNSMessage.answer(try answer([a])[...], to: question, id: 7)
    #expect(found?.addresses == [try InternetAddress(parsing: "192.0.2.7")])
    #expect(found?.alias == nil)
    // Another name's address, reached by an alias: its name ends in a pointer.
    let cname: [UInt8] = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, 0x62, 0xc0, 16]
    let b: [UInt8] = [1, 0x62, 0xc0, 16, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 8]
    #expect(DNSMessage.answer(try answer([cname, b])[...], to: question, id: 7)?.alias == "b.example")
    #expect(DNSMessage.answer(try answer([], flags: 0x8183)[...], to: question, id: 7)?.code == 3)
    #expect(DNSMessage.answer(try answer([], flags: 0x8380)[...], to: question, id: 7)?.isCut == true)
    // Another question's answer, another number's, and no answer at all.
    #expect(DNSMessage.answer(try answer([a], name: "old.example")[...], to: question, id: 7) == nil)
    #expect(DNSMessage.answer(try answer([a])[...], to: question, id: 8) == nil)
    #expect(DNSMessage.answer(try answer([a], flags: 0x0100)[...], to: question, id: 7) == nil)
    // A pointer to itself.
    let circle: [UInt8] = [0xc0, 29, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 7]
    #expect(DNSMessage.answer(try answer([circle])[...], to: question, id: 7)?.addresses == [])
  }

  @Test(arguments: ["a..b", ".", String(repeating: "a", count: 64) + ".b", String(repeating: "abcdefg.", count: 33)])
  func namesThatCannotBeAskedForAreNot(name: String) {
    // The root alone is a name as well.
    #expect((DNSMessage.query(DNSQuestion(name), id: 1) == nil) == (name != "."))
  }

  // MARK: Time

  @Test func timeIsReadAcrossTheEndOfAnEra() {
    // 7 February 2036, six seconds past the moment NTP begins to count anew.
    let now = 2_085_978_502.0
    var packet = TimePacket.request(cookie: 5)
    packet[0] = 0x24
    packet[1] = 1
    packet.replaceSubrange(24..<32, with: packet[40..<48])
    for offset in [32, 40] { packet.replaceSubrange(offset..<(offset + 8), with: [0, 0, 0, 6, 0x80, 0, 0, 0]) }
    let reply = TimePacket.reply(packet[...], cookie: 5, sent: now - 0.1, received: now + 0.1, after: .milliseconds(200))
    #expect(reply.map { abs($0.offset - 0.5) < 0.001 } == true)
    #expect(TimePacket.reply(packet[...], cookie: 6, sent: now, received: now, after: .zero) == nil)
    packet[1] = 0
    packet.replaceSubrange(12..<16, with: Array("DENY".utf8))
    let kiss = TimePacket.reply(packet[...], cookie: 5, sent: now, received: now, after: .zero)
    #expect(kiss?.kiss == "DENY" && kiss?.isUnsynchronized == true)
  }
}
