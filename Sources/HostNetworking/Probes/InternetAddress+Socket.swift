import Glibc

extension InternetAddress {
  /// The address as the kernel takes it.
  func withSocketAddress<Result>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
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
      withUnsafeMutableBytes(of: &place.sin6_addr) { bytes in
        for (index, group) in address.groups.enumerated() {
          bytes[2 * index] = UInt8(group >> 8)
          bytes[2 * index + 1] = UInt8(truncatingIfNeeded: group)
        }
      }
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
}
