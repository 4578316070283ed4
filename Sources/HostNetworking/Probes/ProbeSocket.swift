import CLinux
import Dom0
import Glibc

/// Makes sockets. A socket belongs to the network namespace that its maker's thread was in: tests make theirs elsewhere.
struct SocketMaker: Sendable {
  /// What socket(2) takes and returns; on failure the error's number, negative.
  var make: @Sendable (_ family: Int32, _ kind: Int32, _ protocol: Int32) -> Int32

  static let ours = SocketMaker { family, kind, number in
    let descriptor = socket(family, kind, number)
    return descriptor < 0 ? -errno : descriptor
  }
}

/// What the kernel says against something.
struct SocketFailure: Error {
  let code: Int32

  init(_ code: Int32 = errno) { self.code = code }

  var words: String { String(cString: strerror(code)) }
  /// This process may not do that.
  var isRefusal: Bool { code == EPERM || code == EACCES }
}

/// A socket that never blocks, and waiting for it, on a thread that may wait, with an end.
struct ProbeSocket: ~Copyable {
  let descriptor: Int32
  private let stop: WakePipe

  init(
    _ family: Int32, _ kind: __socket_type, _ number: Int32 = 0, by maker: SocketMaker, stop: WakePipe
  ) throws(SocketFailure) {
    let flags = Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let made = maker.make(family, flags, number)
    guard made >= 0 else { throw SocketFailure(-made) }
    descriptor = made
    self.stop = stop
  }

  deinit { close(descriptor) }

  /// Waits for an event of poll(2).
  /// - Returns: false when the time is over or nobody wants to know any more.
  func wait(for events: Int32 = POLLIN, until deadline: ContinuousClock.Instant) -> Bool {
    while true {
      let left = deadline - .now
      guard left > .zero else { return false }
      var descriptors = [
        pollfd(fd: descriptor, events: Int16(events), revents: 0),
        pollfd(fd: stop.reading, events: Int16(POLLIN), revents: 0),
      ]
      var length = timespec(left)
      let count = ppoll(&descriptors, 2, &length, nil)
      if count < 0, errno != EINTR { return false }
      if descriptors[1].revents != 0 { return false }
      if count > 0 { return true }
    }
  }

  /// Nobody wants to know any more.
  var isStopped: Bool {
    var descriptor = pollfd(fd: stop.reading, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) > 0
  }

  // MARK: Options

  func set<Value>(_ level: Int32, _ option: Int32, _ value: Value) throws(SocketFailure) {
    let outcome = withUnsafePointer(to: value) {
      setsockopt(descriptor, level, option, $0, socklen_t(MemoryLayout<Value>.size))
    }
    guard outcome == 0 else { throw SocketFailure() }
  }

  /// Sends and receives through one device only (SO_BINDTODEVICE, which root may).
  func bind(to device: String) throws(SocketFailure) {
    let name = Array(device.utf8.prefix(15)) + [0]
    guard setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, socklen_t(name.count)) == 0 else {
      throw SocketFailure()
    }
  }

  // MARK: Devices (netdevice(7)), in the socket's namespace

  /// - Returns: the 16 bytes of the answer.
  private func ask(_ request: UInt, of device: String) throws(SocketFailure) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 40)
    for (index, byte) in device.utf8.prefix(15).enumerated() { buffer[index] = byte }
    let outcome = buffer.withUnsafeMutableBytes { bytes -> Int32 in
      bytes.baseAddress.map { ioctl(descriptor, request, $0) } ?? -1
    }
    guard outcome == 0 else { throw SocketFailure() }
    return Array(buffer[16..<32])
  }

  func index(of device: String) throws(SocketFailure) -> Int32 {
    try ask(UInt(SIOCGIFINDEX), of: device).withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
  }

  func isUp(_ device: String) throws(SocketFailure) -> Bool {
    let flags = try ask(UInt(SIOCGIFFLAGS), of: device).withUnsafeBytes { $0.loadUnaligned(as: UInt16.self) }
    return flags & UInt16(IFF_UP) != 0
  }

  func mac(of device: String) throws(SocketFailure) -> MAC {
    MAC(try ask(UInt(SIOCGIFHWADDR), of: device)[2..<8])
  }

  func ipv4(of device: String) -> IPv4Address? {
    guard let answer = try? ask(UInt(SIOCGIFADDR), of: device) else { return nil }
    return IPv4Address(bits: answer[4..<8].reduce(0) { $0 << 8 | UInt32($1) })
  }
}

extension timespec {
  /// A time that is not negative.
  fileprivate init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  }
}

/// A hardware address of Ethernet.
struct MAC: Hashable, CustomStringConvertible {
  let bytes: [UInt8]

  /// - Parameter bytes: six; others make the address of nobody.
  init(_ bytes: some Sequence<UInt8>) {
    let taken = Array(bytes.prefix(6))
    self.bytes = taken.count == 6 ? taken : [UInt8](repeating: 0, count: 6)
  }

  static let everybody = MAC([UInt8](repeating: 0xff, count: 6))

  var description: String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined(separator: ":")
  }
}
