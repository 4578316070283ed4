import CLinux
import Dom0
import Glibc

/// Asks all machines on a link at once who has an address, over a packet socket (packet(7)).
struct LinkProbe: Sendable {
  enum Purpose: Sendable {
    /// As a host that has no address yet: nobody's tables change.
    case duplicate
    case gateway
  }

  let target: InternetAddress
  let device: String
  /// Tags to ask with; nil for none. More than one are asked one after the other, and listened to all together.
  let tags: [Int?]
  let purpose: Purpose
  let limit: Duration
  /// Who speaks up on a VLAN that nobody asked on is heard as well.
  var hearsEveryTag = false
  /// MACs of this host. An answer of our own is none.
  let own: @Sendable () -> Set<String>

  /// How often it is asked: what is asked for may be lost, and a switch may still learn.
  private static let again = Duration.milliseconds(300)
  /// How long others are waited for once one has answered.
  private static let grace = Duration.milliseconds(60)
  /// Between two questions with different tags: a burst of broadcasts is what switches guard against.
  private static let breath = Duration.microseconds(500)

  enum Outcome: Sendable {
    case heard([Neighbour])
    case failed(SocketFailure)
    /// In plain words.
    case refused(String)
  }

  func run(by maker: SocketMaker, stop: WakePipe) -> Outcome {
    do throws(SocketFailure) {
      // Nothing is heard before it is bound: what comes in meanwhile would not have passed the filter.
      let socket = try ProbeSocket(AF_PACKET, SOCK_RAW, by: maker, stop: stop)
      guard let index = try? socket.index(of: device) else { return .refused("there is no device \(device)") }
      guard try socket.isUp(device) else { return .refused("\(device) is down") }
      try listen(on: socket, index)
      return try ask(socket, index, sender(on: socket, index, maker, stop))
    } catch {
      return .failed(error)
    }
  }

  // MARK: Listening

  private func listen(on socket: borrowing ProbeSocket, _ index: Int32) throws(SocketFailure) {
    try socket.set(SOL_PACKET, PACKET_AUXDATA, Int32(1))
    try filter(socket)
    // Every kind: of frames that a switch takes over, listeners to one kind only never hear.
    var place = Self.place(index, UInt16(ETH_P_ALL))
    let bound = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
    guard bound == 0 else { throw SocketFailure() }
    // Cards drop VLANs that nobody has registered, and groups that nobody listens to, unless told otherwise. The kernel
    // takes this back when the socket closes.
    let kind = tags.contains { $0 != nil } ? PACKET_MR_PROMISC : PACKET_MR_ALLMULTI
    var membership = packet_mreq()
    membership.mr_ifindex = index
    membership.mr_type = UInt16(kind)
    try? socket.set(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
  }

  /// The kernel passes on what may be an answer and nothing else: a busy card must not keep us busy (bpf, classic).
  private func filter(_ socket: borrowing ProbeSocket) throws(SocketFailure) {
    func load(_ size: Int32, _ offset: UInt32) -> sock_filter {
      sock_filter(code: UInt16(BPF_LD | size | BPF_ABS), jt: 0, jf: 0, k: offset)
    }
    func equal(_ value: UInt32, yes: UInt8 = 0, no: UInt8) -> sock_filter {
      sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: yes, jf: no, k: value)
    }
    func end(_ length: UInt32) -> sock_filter { sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: length) }
    var program: [sock_filter]
    switch target {
    case .v4: program = [load(BPF_H, 12), equal(UInt32(EtherType.arp), no: 1), end(256), end(0)]
    case .v6:
      // ICMPv6, a solicitation or an advertisement.
      program = [
        load(BPF_H, 12), equal(UInt32(EtherType.ipv6), no: 6), load(BPF_B, 20), equal(58, no: 4),
        load(BPF_B, 54), equal(135, yes: 1, no: 0), equal(136, no: 1), end(512), end(0),
      ]
    }
    let count = UInt16(program.count)
    let outcome = program.withUnsafeMutableBufferPointer { parts in
      var whole = sock_fprog(len: count, filter: parts.baseAddress)
      return setsockopt(
        socket.descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &whole, socklen_t(MemoryLayout<sock_fprog>.size))
    }
    guard outcome == 0 else { throw SocketFailure() }
  }

  // MARK: Asking

  private struct Sender {
    var mac: MAC
    var address: InternetAddress?
  }

  /// As whom a gateway is asked.
  private func sender(
    on socket: borrowing ProbeSocket, _ index: Int32, _ maker: SocketMaker, _ stop: WakePipe
  ) throws(SocketFailure) -> Sender {
    let mac = try socket.mac(of: device)
    guard purpose == .gateway, tags == [nil] else { return Sender(mac: mac) }
    switch target {
    case .v4: return Sender(mac: mac, address: socket.ipv4(of: device).map { .v4($0) })
    case .v6: return Sender(mac: mac, address: Self.linkLocal(on: index, maker, stop).map { .v6($0) })
    }
  }

  /// The address that the kernel would speak to all nodes of the link from.
  private static func linkLocal(on index: Int32, _ maker: SocketMaker, _ stop: WakePipe) -> IPv6Address? {
    guard let socket = try? ProbeSocket(AF_INET6, SOCK_DGRAM, by: maker, stop: stop) else { return nil }
    let everybody = InternetAddress.v6(IPv6Address(high: 0xff02 << 48, low: 1))
    let connected = everybody.withSocketAddress(port: 9, scope: UInt32(index)) {
      connect(socket.descriptor, $0, $1)
    }
    guard connected == 0 else { return nil }
    var own = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let told = withUnsafeMutablePointer(to: &own) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.descriptor, $0, &size) }
    }
    guard told == 0 else { return nil }
    let address = withUnsafeBytes(of: own.sin6_addr) { IPv6Address(bytes: Array($0)[...]) }
    return address.flatMap { $0.isLinkLocal ? $0 : nil }
  }

  private func ask(
    _ socket: borrowing ProbeSocket, _ index: Int32, _ sender: Sender
  ) throws(SocketFailure) -> Outcome {
    let began = ContinuousClock.now
    var deadline = began + limit
    var next = began
    var round = 0
    var asked: [Int: ContinuousClock.Instant] = [:]
    var heard = Heard(own: own)
    while true {
      if ContinuousClock.now >= next, heard.isEmpty {
        for tag in tags {
          // Every other time as a host without address: some answer only those whose address fits, others only those.
          let from = round.isMultiple(of: 2) ? sender.address : nil
          try send(question(sender.mac, from, tag), over: socket, index)
          if asked[tag ?? 0] == nil { asked[tag ?? 0] = .now }
          if tags.count > 1, socket.wait(until: .now + Self.breath) { take(from: socket, asked, &heard) }
        }
        round += 1
        next = .now + Self.again
      }
      let until = heard.isEmpty ? min(deadline, next) : deadline
      if socket.wait(until: until) {
        let isFirst = heard.isEmpty
        take(from: socket, asked, &heard)
        if isFirst, !heard.isEmpty { deadline = min(deadline, .now + Self.grace) }
      } else if ContinuousClock.now >= deadline || socket.isStopped {
        return .heard(heard.neighbours)
      }
    }
  }

  private func question(_ mac: MAC, _ sender: InternetAddress?, _ tag: Int?) -> [UInt8] {
    switch (target, sender) {
    case (.v4(let address), .v4(let own)?): ARPPacket.request(for: address, from: mac, sender: own, tag: tag)
    case (.v4(let address), _): ARPPacket.request(for: address, from: mac, sender: nil, tag: tag)
    case (.v6(let address), .v6(let own)?): NDPacket.request(for: address, from: mac, sender: own, tag: tag)
    case (.v6(let address), _): NDPacket.request(for: address, from: mac, sender: nil, tag: tag)
    }
  }

  private func send(_ frame: [UInt8], over socket: borrowing ProbeSocket, _ index: Int32) throws(SocketFailure) {
    var place = Self.place(index, UInt16(frame[12]) << 8 | UInt16(frame[13]))
    let count = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(socket.descriptor, frame, frame.count, 0, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
    // A full queue or a link that has just gone loses the question, as a wire does.
    guard count >= 0 || [ENOBUFS, EAGAIN, EINTR, ENETDOWN].contains(errno) else { throw SocketFailure() }
  }

  private func take(
    from socket: borrowing ProbeSocket, _ asked: [Int: ContinuousClock.Instant], _ heard: inout Heard
  ) {
    var buffer = [UInt8](repeating: 0, count: 512)
    while true {
      var from = sockaddr_ll()
      var tag: Int32 = -1
      let count = take_frame(socket.descriptor, &buffer, buffer.count, &from, &tag)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      // What this host itself sends is no answer.
      guard Int32(from.sll_pkttype) != PACKET_OUTGOING, let word = word(buffer[..<min(count, buffer.count)]) else { continue }
      // A tag of zero has a priority in it and no VLAN.
      let vlan = tag > 0 ? Int(tag) : nil
      // Whoever makes sure of the address on another VLAN does not compete with us. But a machine that speaks up by itself on
      // a VLAN that nobody asked on is found as well.
      guard hearsEveryTag || tags.contains(vlan) else { continue }
      heard.add(word, tag: vlan, after: asked[vlan ?? 0].map { .now - $0 } ?? .zero, onlyOnce: hearsEveryTag)
    }
  }

  private func word(_ frame: ArraySlice<UInt8>) -> NeighbourWord? {
    let word: NeighbourWord? =
      switch target {
      case .v4(let address): ARPPacket.word(frame, of: address)
      case .v6(let address): NDPacket.word(frame, of: address)
      }
    guard let word, !word.isClaim || purpose == .duplicate else { return nil }
    return word
  }

  private static func place(_ index: Int32, _ type: UInt16) -> sockaddr_ll {
    var place = sockaddr_ll()
    place.sll_family = UInt16(AF_PACKET)
    place.sll_protocol = type.bigEndian
    place.sll_ifindex = index
    place.sll_halen = 6
    withUnsafeMutableBytes(of: &place.sll_addr) { $0.copyBytes(from: MAC.everybody.bytes) }
    return place
  }
}

/// Those who have answered, each once.
private struct Heard {
  private let own: @Sendable () -> Set<String>
  private var ours: Set<String>?
  private(set) var neighbours: [Neighbour] = []

  init(own: @escaping @Sendable () -> Set<String>) { self.own = own }

  var isEmpty: Bool { neighbours.isEmpty }

  /// - Parameter onlyOnce: one for each tag is enough.
  mutating func add(_ word: NeighbourWord, tag: Int?, after: Duration, onlyOnce: Bool) {
    let mac = "\(word.mac)"
    // Looked up when first needed: mostly nobody answers.
    let known = ours ?? own()
    ours = known
    guard !known.contains(mac) else { return }
    guard !neighbours.contains(where: { $0.tag == tag && (onlyOnce || $0.mac == mac) }) else { return }
    neighbours.append(Neighbour(mac: mac, tag: tag, after: after))
  }
}
