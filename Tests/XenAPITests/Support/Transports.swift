@testable import XenAPI

/// A server that answers each request with its own body.
func echo() -> ScriptedServer { ScriptedServer { .body($0.body) } }

func transport(_ server: ScriptedServer) -> HTTPTransport { HTTPTransport(.unixSocket(path: server.path)) }

/// How a request fails; nil when it is answered.
func failure(
  _ transport: HTTPTransport, _ lane: HTTPTransport.Lane = .calls, limit: Duration = .seconds(20)
) async -> TransportError? {
  do {
    _ = try await transport.post(Array("{}".utf8), lane: lane, limit: limit)
    return nil
  } catch { return error }
}
