/// Questions and answers of the domain name system (RFC 1035 section 4).
enum DNSMessage {
  /// nil for a name that cannot be asked for.
  static func query(_ question: DNSQuestion, id: UInt16) -> [UInt8]? {
    var packet = PacketBytes()
    packet.add16(id)
    // A plain query; recursion desired.
    packet.add16(0x0100)
    packet.add16(1)
    packet.add([UInt8](repeating: 0, count: 6))
    let name = question.name.hasSuffix(".") ? question.name.dropLast() : question.name[...]
    if !name.isEmpty {
      guard name.utf8.count <= 253 else { return nil }
      for label in name.split(separator: ".", omittingEmptySubsequences: false) {
        guard (1...63).contains(label.utf8.count) else { return nil }
        packet.add(UInt8(label.utf8.count))
        packet.add(label.utf8)
      }
    }
    packet.add(0)
    packet.add16(question.kind.rawValue)
    packet.add16(1)
    return packet.bytes
  }

  struct Answer: Equatable {
    var code: Int
    var isCut: Bool
    var isAuthoritative: Bool
    var addresses: [InternetAddress]
    var alias: String?
  }

  /// nil for what is no answer to this question.
  static func answer(_ bytes: ArraySlice<UInt8>, to question: DNSQuestion, id: UInt16) -> Answer? {
    let packet = PacketReader(bytes)
    guard packet.number16(0) == id, let flags = packet.number16(2), flags & 0x8000 != 0,
      let questions = packet.number16(4), let answers = packet.number16(6)
    else { return nil }
    var answer = Answer(
      code: Int(flags & 15), isCut: flags & 0x0200 != 0, isAuthoritative: flags & 0x0400 != 0, addresses: [])
    var place = 12
    if questions == 1 {
      // It has to be ours: an answer to another question may be old, or somebody's guess.
      guard let (name, after) = name(in: packet, at: place), let kind = packet.number16(after),
        name == folded(question.name), kind == question.kind.rawValue
      else { return nil }
      place = after + 4
    } else if questions > 1 || answer.code == 0 {
      return nil
    }
    for _ in 0..<answers {
      guard let (name, after) = name(in: packet, at: place), let kind = packet.number16(after),
        let length = packet.number16(after + 8), let data = packet.part(after + 10, Int(length))
      else { break }
      place = after + 10 + Int(length)
      switch DNSQuestion.Kind(rawValue: kind) {
      case .a? where question.kind == .a: answer.take(PacketReader(data).ipv4(0).map { .v4($0) }, of: name, question)
      case .aaaa? where question.kind == .aaaa: answer.take(PacketReader(data).ipv6(0).map { .v6($0) }, of: name, question)
      default: continue
      }
    }
    return answer
  }

  /// A name in small letters, without its last dot, and what follows it. Pointers lead to earlier places only, so there is
  /// an end to them.
  private static func name(in packet: PacketReader, at start: Int) -> (String, Int)? {
    var labels: [String] = []
    var (place, end, jumps) = (start, Int?.none, 0)
    while let length = packet.byte(place) {
      switch length {
      case 0: return (labels.joined(separator: "."), end ?? place + 1)
      case 1...63:
        guard let label = packet.part(place + 1, Int(length)), labels.count < 128 else { return nil }
        labels.append(String(decoding: label.map(small), as: UTF8.self))
        place += 1 + Int(length)
      case 0xc0...0xff:
        guard let pointer = packet.number16(place), jumps < 128 else { return nil }
        end = end ?? place + 2
        jumps += 1
        let target = Int(pointer & 0x3fff)
        guard target < place else { return nil }
        place = target
      default: return nil
      }
    }
    return nil
  }

  private static func small(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte + 0x20 : byte }

  fileprivate static func folded(_ name: String) -> String {
    let plain = name.hasSuffix(".") ? name.dropLast() : name[...]
    return String(decoding: plain.utf8.map(small), as: UTF8.self)
  }
}

extension DNSMessage.Answer {
  fileprivate mutating func take(_ address: InternetAddress?, of name: String, _ question: DNSQuestion) {
    guard let address else { return }
    addresses.append(address)
    if name != DNSMessage.folded(question.name) { alias = name }
  }
}
