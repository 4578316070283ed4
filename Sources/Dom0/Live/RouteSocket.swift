import CLinux
import Glibc

/// A socket on which the kernel tells of changed links, addresses and routes (netlink(7), rtnetlink(7)).
struct RouteSocket: Sendable {
  struct Failure: Error {
    let reason: String

    init() { reason = String(cString: strerror(errno)) }
  }

  let descriptor: Int32

  private static let groups =
    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE

  /// In the network namespace of the thread that calls.
  static func open() -> Result<RouteSocket, Failure> {
    let kind = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_NETLINK, kind, NETLINK_ROUTE)
    guard descriptor >= 0 else { return .failure(Failure()) }
    var address = sockaddr_nl()
    address.nl_family = UInt16(AF_NETLINK)
    address.nl_groups = UInt32(groups)
    let bound = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
      }
    }
    guard bound == 0 else {
      let failure = Failure()
      Glibc.close(descriptor)
      return .failure(failure)
    }
    return .success(RouteSocket(descriptor: descriptor))
  }

  /// Takes all that waits. What it says does not matter: whoever hears the bell looks for himself.
  /// - Returns: false when the socket is of no more use.
  func drain() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 { continue }
      // Messages lost for want of room (ENOBUFS) are a change as well.
      guard count < 0, errno == EINTR || errno == ENOBUFS else { return count < 0 && errno == EAGAIN }
    }
  }

  func close() { Glibc.close(descriptor) }
}
