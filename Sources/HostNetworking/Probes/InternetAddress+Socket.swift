import Glibc

extension InternetAddress {
  /// The address as the kernel takes it.
  /// - Parameter scope: the number of the device, for an IPv6 address of the link.
  func withSocketAddress<Result>(
    port: UInt16, scope: UInt32 = 0, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    switch self {
    case .v4(let address):
      var place = sockaddr_in()
      place.sin_family = sa_family_t(AF_INET)
      place.sin_port = port.bigEndian
      place.sin_addr.s_addr = address.bits.bigEndian
      return Self.pass(&place, body)
    case .v6(let address):
      var place = sockaddr_in6()
      place.sin6_family = sa_family_t(AF_INET6)
      place.sin6_port = port.bigEndian
      place.sin6_scope_id = scope
      withUnsafeMutableBytes(of: &place.sin6_addr) { $0.copyBytes(from: address.bytes) }
      return Self.pass(&place, body)
    }
  }

  private static func pass<Place, Result>(
    _ place: inout Place, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Place>.size)) }
    }
  }

  /// AF_INET or AF_INET6.
  var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }
}

extension ProbeSocket {
  /// Binds to a device, when one is named, and tells the scope of its addresses.
  func use(_ device: String?, for address: InternetAddress) throws(SocketFailure) -> UInt32 {
    guard let device else { return 0 }
    let number = try index(of: device)
    try bind(to: device)
    return address.isIPv6 ? UInt32(bitPattern: number) : 0
  }

  /// Connects; on a socket that never blocks this only begins it.
  func connect(to address: InternetAddress, port: UInt16, scope: UInt32) throws(SocketFailure) {
    let outcome = address.withSocketAddress(port: port, scope: scope) { Glibc.connect(descriptor, $0, $1) }
    guard outcome == 0 || errno == EINPROGRESS else { throw SocketFailure() }
  }

  /// Takes one datagram; nil when there is none now.
  func receive(into buffer: inout [UInt8]) throws(SocketFailure) -> Int? {
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count >= 0 { return count }
      if errno == EINTR { continue }
      if errno == EAGAIN { return nil }
      throw SocketFailure()
    }
  }

  /// Sends one datagram to whom the socket is connected. A full queue loses it, as a wire does.
  func transmit(_ bytes: [UInt8]) throws(SocketFailure) {
    guard send(descriptor, bytes, bytes.count, 0) < 0, errno != EAGAIN, errno != ENOBUFS, errno != EINTR else { return }
    throw SocketFailure()
  }
}
