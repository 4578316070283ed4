import Foundation
import Glibc
import JSON
import Testing

@testable import XenAPI

@Suite(.serialized, .timeLimit(.minutes(1))) struct HTTPSTests {
  private func failure(_ endpoint: Endpoint) async -> TransportError? {
    await XenAPITests.failure(HTTPTransport(endpoint))
  }

  private func isTLS(_ error: TransportError?) -> Bool { if case .tls = error { true } else { false } }

  @Test func theCertificateIsAlwaysChecked() async throws {
    guard let server = try await TLSServer(name: "IP:127.0.0.1") else { return }
    let host = "127.0.0.1"
    let unknown = await failure(.https(host: host, port: server.port))
    #expect(isTLS(unknown), "a certificate that nobody vouches for: \(String(describing: unknown))")
    let known = Endpoint.https(host: host, port: server.port, authorities: server.certificate)
    let client = XenClient(known, credentials: .password(user: "root", password: "x"))
    #expect(try await client.call("PIF.get_all") == "OpaqueRef:tls")
    #expect(try await client.call("PIF.get_all") == "OpaqueRef:tls")
    let absent = await failure(.https(host: host, port: server.port, authorities: "/nonexistent.pem"))
    #expect(isTLS(absent), "authorities that cannot be read: \(String(describing: absent))")
  }

  @Test func theNameInTheCertificateCounts() async throws {
    guard let server = try await TLSServer(name: "IP:127.0.0.2") else { return }
    let other = await failure(.https(host: "127.0.0.1", port: server.port, authorities: server.certificate))
    #expect(isTLS(other), "\(String(describing: other))")
  }

  @Test func aPortThatSpeaksNoTLSIsAnError() async throws {
    let listener = Sockets.listenOnLoopback()
    let thread = Thread {
      let connection = accept(listener.descriptor, nil, nil)
      _ = Sockets.send(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), to: connection)
      var part = [UInt8](repeating: 0, count: 4096)
      _ = recv(connection, &part, part.count, 0)
      close(connection)
      close(listener.descriptor)
    }
    thread.start()
    let error = await failure(.https(host: "127.0.0.1", port: listener.port))
    #expect(isTLS(error), "\(String(describing: error))")
  }

  @Test func aPortWhereNobodyListensRefuses() async {
    #expect(await failure(.https(host: "127.0.0.1", port: Sockets.freePort())) == .refused)
  }

  /// libcurl never looks names of this domain up (RFC 7686): no query leaves the machine.
  @Test func anUnknownNameIsTold() async {
    #expect(await failure(.https(host: "xcp9.onion")) == .unknownHost("xcp9.onion"))
  }

  @Test func addressesOfTheNewKindAreBracketed() {
    #expect(Endpoint.https(host: "fd00::11").url == "https://[fd00::11]:443/jsonrpc")
    #expect(Endpoint.https(host: "xcp1", port: 8443).url == "https://xcp1:8443/jsonrpc")
    #expect(Endpoint.dom0 == .unixSocket(path: "/var/lib/xcp/xapi"))
  }
}

extension Sockets {
  static func listenOnLoopback() -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let port = bindLoopback(descriptor)
    _ = Glibc.listen(descriptor, 8)
    return (descriptor, port)
  }
}
