/// An error that XAPI answered: its code and parameters, in the order XAPI sends them (`reference/xapi.md` §6).
public struct XenFailure: Error, Hashable, Sendable {
  /// For example `PIF_IS_MANAGEMENT_INTERFACE`.
  public let code: String
  /// Often references: map them to names before showing them.
  public let parameters: [String]

  public init(code: String, parameters: [String] = []) {
    self.code = code
    self.parameters = parameters
  }

  /// True for what XAPI answers to every call while it starts or is cut off from its coordinator (§1.5). Then only
  /// local sessions and the emergency calls work.
  public var isEmergency: Bool {
    switch code {
    case "HOST_STILL_BOOTING", "HOST_IN_EMERGENCY_MODE", "HOST_HAS_NO_MANAGEMENT_IP", "HOST_ITS_OWN_SLAVE",
      "HOST_MASTER_CANNOT_TALK_BACK", "HOST_UNKNOWN_TO_MASTER", "HOST_BROKEN",
      "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR", "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED",
      "HA_HOST_CANNOT_ACCESS_STATEFILE", "HA_HEARTBEAT_DAEMON_STARTUP_FAILED":
      true
    default: false
    }
  }
}

/// Why no answer came, or none that can be used.
public enum XenError: Error, Hashable, Sendable {
  /// XAPI answered with an error of its own.
  case failure(XenFailure)
  /// No answer over this connection.
  case transport(TransportError)
  /// An HTTP status other than 200; XAPI's page has the reason in `detail` when it gives one.
  case http(status: Int, detail: String)
  /// The answer is not JSON-RPC, or lacks what it must have.
  case nonsense(String)

  public var failure: XenFailure? { if case .failure(let failure) = self { failure } else { nil } }
}

/// What can go wrong below HTTP.
public enum TransportError: Error, Hashable, Sendable {
  /// The socket's file does not exist: XAPI is not running, or still starting.
  case absent
  /// Nobody listens.
  case refused
  /// Only root may connect.
  case notPermitted
  /// The name of the other host is not known.
  case unknownHost(String)
  /// No complete answer within the limit.
  case timedOut(Duration)
  /// The connection ended in the middle.
  case closed
  /// What came was not HTTP.
  case notHTTP
  /// The other side's certificate was not accepted, or TLS failed.
  case tls(String)
  /// The caller gave up.
  case cancelled
  /// Larger than any answer of XAPI should be.
  case tooLarge(bytes: Int)
  /// Anything else, in libcurl's words.
  case other(String)
}

extension XenError: CustomStringConvertible {
  /// One plain sentence without a full stop, XAPI's code in brackets when there is one.
  public var description: String {
    switch self {
    case .failure(let failure): "\(failure)"
    case .transport(let error): "\(error)"
    case .http(let status, let detail):
      "XAPI answered with HTTP status \(status)" + (detail.isEmpty ? "" : ": \(detail)")
    case .nonsense(let what): "XAPI's answer makes no sense: \(what)"
    }
  }
}

extension TransportError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .absent: "XAPI is not running: its socket is not there"
    case .refused: "XAPI is not running: nobody listens on its socket"
    case .notPermitted: "only root may talk to XAPI on this host"
    case .unknownHost(let name): "the name \(name) is not known"
    case .timedOut(let limit): "XAPI gave no answer in \(Self.words(limit))"
    case .closed: "XAPI closed the connection in the middle of an answer"
    case .notHTTP: "what answers on XAPI's socket does not speak HTTP"
    case .tls(let reason): "no secure connection: \(reason)"
    case .cancelled: "given up"
    case .tooLarge(let bytes): "an answer of more than \(bytes / 1_048_576) MiB was not read"
    case .other(let text): text
    }
  }

  /// To a tenth of a second, rounded up.
  private static func words(_ time: Duration) -> String {
    guard time > .zero else { return "time" }
    let (seconds, attoseconds) = time.components
    let tenths = seconds * 10 + (attoseconds + 99_999_999_999_999_999) / 100_000_000_000_000_000
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }
}
