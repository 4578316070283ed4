import CLinux
import Dom0
import Glibc

/// Tries whether somebody listens: connects and hangs up. Nothing is sent.
struct TCPProbe: Sendable {
  let address: InternetAddress
  let port: UInt16
  let device: String?
  let limit: Duration

  func run(by maker: SocketMaker, stop: WakePipe) -> TCPAnswer {
    let began = ContinuousClock.now
    do throws(SocketFailure) {
      let socket = try ProbeSocket(address.family, SOCK_STREAM, by: maker, stop: stop)
      let scope = try socket.use(device, for: address)
      try socket.connect(to: address, port: port, scope: scope)
      guard socket.wait(for: POLLOUT, until: began + limit) else { return .silent("no answer within \(limit.brief)") }
      var code: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
      if code != 0 { throw SocketFailure(code) }
      return .connected(after: .now - began)
    } catch {
      return error.code == ECONNREFUSED ? .refused(after: .now - began) : .silent(error.words)
    }
  }
}
