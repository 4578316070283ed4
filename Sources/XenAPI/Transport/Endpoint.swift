/// Where an XAPI listens.
public enum Endpoint: Hashable, Sendable {
  /// The local socket. Whoever may open it is root to XAPI.
  case unixSocket(path: String)
  /// Another host over HTTPS. Its certificate is always checked: against the system's authorities, or those in
  /// `authorities` (a PEM file) when given.
  case https(host: String, port: Int = 443, authorities: String? = nil)

  /// The socket of dom0 (`reference/xapi.md` §1.1).
  public static let dom0 = Endpoint.unixSocket(path: "/var/lib/xcp/xapi")

  var url: String {
    switch self {
    case .unixSocket: "http://localhost/jsonrpc"
    case .https(let host, let port, _):
      "https://\(host.contains(":") ? "[\(host)]" : host):\(port)/jsonrpc"
    }
  }
}
