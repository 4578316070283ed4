import JSON

/// Finds out what a request asks for, and does it unless it has to wait.
struct Dispatcher: Sendable {
  /// A call that answers when something happens.
  enum Waiting: Sendable {
    case from(classes: [String], token: EventToken, timeout: Double)
    case next
  }

  enum Outcome: Sendable {
    case done(RPCResult)
    case waits(Waiting, session: String)
    case works(Work)
  }

  private let calls = CallTable()

  /// Calls that XAPI serves in emergency mode, and a member serves itself instead of relaying them.
  private static let local: Set<String> = [
    "session.slave_local_login", "session.slave_local_login_with_password", "session.local_logout",
    "pool.emergency_reset_master", "pool.emergency_transition_to_master", "pool.ping_slave",
    "host.propose_new_master", "host.commit_new_master", "host.abort_new_master", "host.local_assert_healthy",
    "host.signal_networking_change", "host.local_management_reconfigure", "host.ha_xapi_healthcheck",
    "host.emergency_ha_disable", "host.management_disable", "host.get_system_status_capabilities",
    "host.is_in_emergency_mode", "host.shutdown_agent", "host.emergency_reset_server_certificate",
    "host.emergency_disable_tls_verification", "host.emergency_reenable_tls_verification",
    "host.emergency_clear_mandatory_guidance", "host.update_firewalld_service_status",
  ]

  /// Classes whose calls have no asynchronous form.
  private static let neverAsync: Set<String> = ["session", "event", "task", "blob", "data_source"]

  /// The shape that a failure of this call takes.
  func shape(_ method: String, _ world: World) -> ErrorShape {
    if Self.local.contains(method) { return .object }
    if world.emergency != nil { return .undispatched }
    return world.isCoordinator || method == "session.login_with_password" ? .object : .relayed
  }

  func run(_ request: RPCRequest, on world: inout World, overTCP: Bool) throws(APIError) -> Outcome {
    let method = Method(request.method, world.schema)
    if let error = world.emergency, !Self.local.contains(method.name) { throw error }
    guard let owner = method.owner, let operation = Operation(method.call, of: owner) else {
      try check(session: request.parameters.first, for: method.name, world)
      throw APIError("MESSAGE_METHOD_UNKNOWN", method.name)
    }
    let wanted = operation.parameters(of: owner)
    let needsSession = operation.needsSession
    let received = request.parameters.count - (needsSession ? 1 : 0)
    guard (wanted.types.count - wanted.optional...wanted.types.count).contains(received) else {
      throw APIError(
        "MESSAGE_PARAMETER_COUNT_MISMATCH", method.name, String(wanted.types.count), String(received))
    }
    var session = Wire.nullRef
    if needsSession { session = try check(session: request.parameters.first, for: method.name, world) }
    let arguments = try unmarshal(
      request.parameters.dropFirst(needsSession ? 1 : 0), wanted.types, of: owner, world.schema)
    if let waiting = try Self.waiting(method.name, arguments) { return .waits(waiting, session: session) }
    let context = CallContext(session: session, overTCP: overTCP)
    if method.isAsync { return try start(method, operation, on: &world, context, arguments) }
    return try perform(method, operation, of: owner, on: &world, context, arguments)
  }

  // MARK: Steps

  @discardableResult
  private func check(session: JSONValue?, for method: String, _ world: World) throws(APIError) -> String {
    guard let session else { throw APIError("MESSAGE_METHOD_UNKNOWN", method) }
    guard let ref = session.string else {
      throw .failure("Expected string, got '\(Unmarshaller.print(session))'")
    }
    if world.localSessions.contains(ref), Self.local.contains(method) { return ref }
    guard world.database.exists("session", ref) else { throw APIError("SESSION_INVALID", ref) }
    return ref
  }

  private func unmarshal(
    _ values: ArraySlice<JSONValue>, _ types: [FieldType], of owner: ClassSchema, _ schema: Schema
  ) throws(APIError) -> Arguments {
    let unmarshaller = Unmarshaller(schema: schema)
    var result: [JSONValue] = []
    for (value, type) in zip(values, types) {
      result.append(try unmarshaller.value(value, as: type, of: owner))
    }
    return Arguments(values: result)
  }

  private static func waiting(_ method: String, _ arguments: Arguments) throws(APIError) -> Waiting? {
    switch method {
    case "event.from":
      guard let token = EventToken(arguments.string(1)) else {
        throw APIError("EVENT_FROM_TOKEN_PARSE_FAILURE", arguments.string(1))
      }
      return .from(classes: arguments.strings(0), token: token, timeout: arguments.double(2))
    case "event.next": return .next
    default: return nil
    }
  }

  private func perform(
    _ method: Method, _ operation: Operation, of owner: ClassSchema, on world: inout World, _ context: CallContext,
    _ arguments: Arguments
  ) throws(APIError) -> Outcome {
    guard case .call(let call) = operation else {
      let failure = world.takeFailure(of: method.name)
      if let failure, !failure.afterTheWork { throw failure.error }
      let result = try GenericCalls.run(operation, of: owner, on: &world, arguments)
      if let failure { throw failure.error }
      return .done(result)
    }
    if call.removed { throw APIError("MESSAGE_REMOVED") }
    guard let handler = calls.handlers[method.name] else { throw .internalError("not simulated: \(method.name)") }
    if let long = calls.long[method.name], long.duration(world, arguments) > .zero {
      return .works(begin(long, method, handler, on: &world, context, arguments, isAsync: false))
    }
    return .done(.value(try Self.run(method.name, handler, on: &world, context, arguments)))
  }

  /// Runs a handler, or fails as somebody wished.
  private static func run(
    _ name: String, _ handler: CallHandler, on world: inout World, _ context: CallContext, _ arguments: Arguments
  ) throws(APIError) -> JSONValue {
    try Forwarding.check(name, arguments, world)
    if let writes = world.behaviour.deaths.removeValue(forKey: name) {
      world.database.dieAfter(writes: writes)
      world.lastPlugged = nil
      defer { world.hasDied = world.database.endOfCall() || world.hasDied }
      return try handler(&world, context, arguments)
    }
    guard let failure = world.takeFailure(of: name) else { return try handler(&world, context, arguments) }
    if failure.afterTheWork { _ = try handler(&world, context, arguments) }
    throw failure.error
  }

  /// Starts a call as a task. Unless it takes time, the work is done by the time the task's ref is answered.
  private func start(
    _ method: Method, _ operation: Operation, on world: inout World, _ context: CallContext, _ arguments: Arguments
  ) throws(APIError) -> Outcome {
    guard case .call(let call) = operation, !Self.neverAsync.contains(method.owner?.name ?? "") else {
      throw APIError("Fault", "No async mode for this operation (rpc: \(method.name))")
    }
    if call.removed { throw APIError("MESSAGE_REMOVED") }
    guard let handler = calls.handlers[method.name] else {
      let task = TaskCalls.begin(&world, label: "Async.\(method.name)")
      TaskCalls.end(&world, task, .failure(.internalError("not simulated: \(method.name)")))
      return .done(.value(.string(task)))
    }
    let long = calls.long[method.name] ?? .ordinary
    if long.duration(world, arguments) > .zero {
      return .works(begin(long, method, handler, on: &world, context, arguments, isAsync: true))
    }
    let task = TaskCalls.begin(&world, label: "Async.\(method.name)")
    let result: Result<JSONValue, APIError>
    do throws(APIError) {
      result = .success(try Self.run(method.name, handler, on: &world, context, arguments))
    } catch {
      result = .failure(error)
    }
    TaskCalls.end(&world, task, result)
    return .done(.value(.string(task)))
  }

  private static func refusal(
    _ long: LongCall, on world: inout World, _ task: String, _ arguments: Arguments
  ) -> APIError? {
    do throws(APIError) {
      try long.begin(&world, task, arguments)
      return nil
    } catch {
      return error
    }
  }

  /// The task of a call that takes time, and what is left to do.
  private func begin(
    _ long: LongCall, _ method: Method, _ handler: @escaping CallHandler, on world: inout World,
    _ context: CallContext, _ arguments: Arguments, isAsync: Bool
  ) -> Work {
    let task = TaskCalls.begin(&world, label: isAsync ? "Async.\(method.name)" : method.name)
    let refusal = Self.refusal(long, on: &world, task, arguments)
    if refusal == nil, long.canBeCancelled { world.database.set("task", task, "allowed_operations", ["cancel"]) }
    return Work(
      task: task, isAsync: isAsync, duration: refusal == nil ? long.duration(world, arguments) : .zero,
      canBeCancelled: long.canBeCancelled,
      finish: { world throws(APIError) in
        if let refusal { throw refusal }
        return try Self.run(method.name, handler, on: &world, context, arguments)
      },
      tidy: { world in long.tidy(&world, task, arguments) })
  }
}

/// A method's name taken apart: `Async.PIF.scan`, `PIF.scan`, or the old spelling `PIF_scan`.
struct Method: Sendable {
  let isAsync: Bool
  /// Without the async prefix.
  let name: String
  let call: String
  let owner: ClassSchema?

  init(_ text: String, _ schema: Schema) {
    isAsync = text.hasPrefix("Async.")
    let bare = isAsync ? String(text.dropFirst(6)) : text
    if let dot = bare.firstIndex(of: ".") {
      name = bare
      call = String(bare[bare.index(after: dot)...])
      owner = schema[String(bare[..<dot])]
      return
    }
    owner = schema.classes.filter { bare.hasPrefix($0.name + "_") }.max { $0.name.count < $1.name.count }
    call = String(bare.dropFirst((owner?.name.count ?? -1) + 1))
    name = owner.map { "\($0.name).\(String(bare.dropFirst($0.name.count + 1)))" } ?? bare
  }
}
