import JSON
import Synchronization

/// How to become somebody at XAPI.
public enum Credentials: Sendable, Hashable {
  /// Over the local socket whoever connects is root: XAPI looks at no password there (`reference/xapi.md` §1.4).
  case localRoot
  case password(user: String, password: String)
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Never the password.
  public var description: String {
    switch self {
    case .localRoot: "root (local)"
    case .password(let user, _): user
    }
  }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Calls XAPI: one endpoint, one session, logged in when first needed and again when XAPI has forgotten it.
public actor XenClient {
  /// XAPI keeps 500 sessions for an originator and drops the oldest: each program says who it is.
  public static let originator = "xcpconsole"

  /// How long a call may take when the caller does not say.
  public static let defaultLimit = Duration.seconds(20)

  private let transport: HTTPTransport
  private let credentials: Credentials
  private var session: String?
  private var login: Task<Result<String, XenError>, Never>?
  private let lastID = Atomic<Int64>(0)

  public init(_ endpoint: Endpoint, credentials: Credentials = .localRoot) {
    transport = HTTPTransport(endpoint)
    self.credentials = credentials
  }

  // MARK: Calls

  /// Calls `method` with the session and `parameters`, and answers its result.
  /// - Parameter limit: for the whole call, a new login included.
  public func call(
    _ method: String, _ parameters: [JSONValue] = [], limit: Duration = defaultLimit
  ) async throws(XenError) -> JSONValue {
    try await call(method, parameters, limit: limit) { (scanner) throws(JSONError) in try scanner.value() }
  }

  /// The same, with the result decoded straight from the answer's bytes.
  ///
  /// When XAPI no longer knows the session, a new one is made and the call sent once more: XAPI checks the session
  /// before anything else, so nothing can have been done twice.
  public func call<Value: Sendable>(
    _ method: String, _ parameters: [JSONValue] = [], lane: HTTPTransport.Lane = .calls,
    limit: Duration = defaultLimit, decode: @Sendable (inout JSONScanner) throws(JSONError) -> Value
  ) async throws(XenError) -> Value {
    let deadline = ContinuousClock.now + limit
    do {
      let session = try await openSession(limit: limit)
      do {
        return try await send(method, [.string(session)] + parameters, lane, limit: deadline - .now, decode)
      } catch .failure(let failure) where failure.code == "SESSION_INVALID" {
        if self.session == session { self.session = nil }
        let fresh = try await openSession(limit: deadline - .now)
        return try await send(method, [.string(fresh)] + parameters, lane, limit: deadline - .now, decode)
      }
    } catch .transport(.timedOut) {
      // What was left for the last step means nothing to the caller.
      throw .transport(.timedOut(limit))
    }
  }

  /// Calls a method that takes no session, or one of its own.
  nonisolated func send<Value>(
    _ method: String, _ parameters: [JSONValue], _ lane: HTTPTransport.Lane = .calls, limit: Duration,
    _ decode: (inout JSONScanner) throws(JSONError) -> Value
  ) async throws(XenError) -> Value {
    let id = lastID.add(1, ordering: .relaxed).newValue
    let response: HTTPResponse
    do {
      response = try await transport.post(RPC.request(method, parameters, id: id), lane: lane, limit: limit)
    } catch {
      throw .transport(error)
    }
    return try RPC.result(of: response, decode)
  }

  nonisolated func send(
    _ method: String, _ parameters: [JSONValue], limit: Duration = defaultLimit
  ) async throws(XenError) -> JSONValue {
    try await send(method, parameters, limit: limit) { (scanner) throws(JSONError) in try scanner.value() }
  }

  // MARK: Sessions

  /// The session, opened if there is none. Callers that come meanwhile share one login; each waits for it as long as
  /// its own limit and its own task allow.
  func openSession(limit: Duration = defaultLimit) async throws(XenError) -> String {
    let deadline = ContinuousClock.now + limit
    while true {
      if let session { return session }
      let attempt = login ?? beginLogin(limit: deadline - .now)
      guard let result = await attempt.value(within: deadline - .now) else {
        throw .transport(Task.isCancelled ? .cancelled : .timedOut(limit))
      }
      switch result {
      case .success(let session): return session
      // It was somebody else's limit that ended the attempt.
      case .failure(.transport(.timedOut)) where deadline > .now && !Task.isCancelled: continue
      case .failure(let error): throw error
      }
    }
  }

  private func beginLogin(limit: Duration) -> Task<Result<String, XenError>, Never> {
    let attempt = Task { [credentials] in
      let result: Result<String, XenError>
      do throws(XenError) {
        result = .success(try await logIn(as: credentials, limit: limit))
      } catch {
        result = .failure(error)
      }
      login = nil
      if case .success(let session) = result { self.session = session }
      return result
    }
    login = attempt
    return attempt
  }

  private nonisolated func logIn(as credentials: Credentials, limit: Duration) async throws(XenError) -> String {
    let (user, password) =
      switch credentials {
      case .localRoot: ("root", "")
      case .password(let user, let password): (user, password)
      }
    let answer = try await send(
      "session.login_with_password", [.string(user), .string(password), "1.1", .string(Self.originator)], limit: limit)
    guard let session = answer.string, !session.isEmpty else { throw .nonsense("the login answered no session") }
    return session
  }

  /// The session's name, when there is one. For calls that take it twice.
  public var currentSession: String? { session }

  /// Ends the session, if there is one; a host that does not answer within `limit` keeps it (XAPI forgets it in a day).
  public func logout(limit: Duration = .milliseconds(500)) async {
    guard let session else { return }
    self.session = nil
    _ = try? await send("session.logout", [.string(session)], limit: limit)
  }

  // MARK: Cut off from the coordinator

  /// Asks a host in emergency mode, through a session of its own that only it knows, what keeps it there (§7.4).
  /// - Returns: the reason, or nil when the host says it is healthy (it may have recovered meanwhile).
  public func emergencyReason(limit: Duration = .seconds(5)) async throws(XenError) -> XenFailure? {
    let answer = try await send("session.slave_local_login_with_password", ["root", ""], limit: limit)
    guard let local = answer.string else { throw .nonsense("the local login answered no session") }
    var outcome: Result<XenFailure?, XenError> = .success(nil)
    do {
      _ = try await send("host.local_assert_healthy", [.string(local)], limit: limit)
    } catch .failure(let failure) {
      outcome = .success(failure)
    } catch {
      outcome = .failure(error)
    }
    // Given back in any case, and quickly: XAPI keeps local sessions until it restarts.
    _ = try? await send("session.local_logout", [.string(local)], limit: .milliseconds(500))
    return try outcome.get()
  }
}
