import Dom0
import Foundation
import Synchronization

@testable import HostNetworking

/// Something that listens in a namespace of the lab, until it is let go.
final class LabServer: Sendable {
  private let stop = Mutex<Int32>(-1)

  /// Accepts connections and hangs up.
  static func tcp(port: UInt16, by maker: SocketMaker) async throws -> LabServer {
    try await start(SOCK_STREAM, port, maker) { descriptor in
      listen(descriptor, 8)
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        close(connection)
      }
    }
  }

  /// Tells the time, as a server of stratum 2.
  /// - Parameter ahead: seconds it is ahead of this machine's clock.
  static func time(ahead: Double = 0, by maker: SocketMaker) async throws -> LabServer {
    try await start(SOCK_DGRAM, 123, maker) { descriptor in
      var buffer = [UInt8](repeating: 0, count: 256)
      while true {
        var place = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &place) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { recvfrom(descriptor, &buffer, 256, 0, $0, &size) }
        }
        guard count > 0 else { return }
        guard count >= 48 else { continue }
        let now = Date().timeIntervalSince1970 + ahead + 2_208_988_800
        let stamp = UInt64(now) << 32 | UInt64((now - now.rounded(.down)) * 4_294_967_296)
        var answer = [UInt8](repeating: 0, count: 48)
        answer[0] = 4 << 3 | 4
        answer[1] = 2
        answer.replaceSubrange(24..<32, with: buffer[40..<48])
        for offset in [32, 40] {
          for index in 0..<8 { answer[offset + index] = UInt8(truncatingIfNeeded: stamp >> UInt64(56 - 8 * index)) }
        }
        _ = withUnsafePointer(to: &place) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { sendto(descriptor, answer, 48, 0, $0, size) }
        }
      }
    }
  }

  private static func start(
    _ kind: __socket_type, _ port: UInt16, _ maker: SocketMaker, _ serve: @escaping @Sendable (Int32) -> Void
  ) async throws -> LabServer {
    let server = LabServer()
    let descriptor = await WorkThread.run { _ in maker.make(AF_INET6, Int32(kind.rawValue), 0) } refused: { _ in -1 }
    guard descriptor >= 0 else { throw LabError(description: "no socket: \(-descriptor)") }
    // Bound to all addresses of both families.
    let everybody = InternetAddress.v6(IPv6Address(high: 0, low: 0))
    guard everybody.withSocketAddress(port: port, { bind(descriptor, $0, $1) }) == 0 else {
      throw LabError(description: "port \(port): \(String(cString: strerror(errno)))")
    }
    server.stop.withLock { $0 = descriptor }
    Thread.detachNewThread { serve(descriptor) }
    return server
  }

  deinit {
    let descriptor = stop.withLock { $0 }
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }
}
