import JSON

/// How a task of XAPI's ended.
public enum TaskOutcome: Sendable, Hashable {
  /// The result as XAPI writes it: empty, or the reference that the call answers.
  case success(String)
  case failure(XenError)
  /// The call was taken, but how it ended is not known: XAPI fell silent or forgot it. It may have been done.
  case unknown(XenError)
}

extension XenClient {
  /// Runs a call as a task, so that it goes on in XAPI whatever becomes of the connection: changes of the management
  /// network cut it as a rule.
  /// - Parameters:
  ///   - method: without the `Async.`.
  ///   - limit: how long to wait for its end.
  ///   - progress: told what part is done, 0 to 1, whenever that changes.
  public func runTask(
    _ method: String, _ parameters: [JSONValue], limit: Duration = .seconds(330),
    progress: @Sendable (Double) -> Void = { _ in }
  ) async -> TaskOutcome {
    let task: JSONValue
    do {
      task = try await call("Async." + method, parameters)
    } catch .transport(let error) where error.isBeforeSending {
      return .failure(.transport(error))
    } catch .transport(let error) {
      return .unknown(.transport(error))
    } catch {
      return .failure(error)
    }
    let outcome = await end(of: task, until: .now + limit, limit, progress)
    // One whose end is not known may still be at work: others have to be able to see it.
    if case .unknown = outcome { return outcome }
    _ = try? await call("task.destroy", [task], limit: .seconds(5))
    return outcome
  }

  private func end(
    of task: JSONValue, until deadline: ContinuousClock.Instant, _ limit: Duration, _ progress: (Double) -> Void
  ) async -> TaskOutcome {
    var told = 0.0
    var pause = Duration.milliseconds(10)
    var last = XenError.transport(.timedOut(limit))
    while true {
      do {
        let record = try await call("task.get_record", [task], limit: .seconds(10))
        switch record["status"]?.string {
        case "success": return .success(Self.reference(in: record["result"]?.string ?? ""))
        case "failure", "cancelled": return .failure(.failure(Self.failure(record)))
        default: break
        }
        if case .double(let part)? = record["progress"], part > told {
          told = part
          progress(part)
        }
      } catch .failure(let failure) where failure.code == "HANDLE_INVALID" {
        return .unknown(.failure(failure))
      } catch {
        // The way to the coordinator may be cut for a while: that is what the task is for.
        last = error
      }
      guard .now + pause < deadline, !Task.isCancelled else { return .unknown(last) }
      try? await Task.sleep(for: pause)
      pause = min(pause * 2, .milliseconds(500))
    }
  }

  private static func failure(_ record: JSONValue) -> XenFailure {
    let info = record["error_info"]?.array?.compactMap(\.string) ?? []
    let code = info.first ?? (record["status"]?.string == "cancelled" ? "TASK_CANCELLED" : "INTERNAL_ERROR")
    return XenFailure(code: code, parameters: Array(info.dropFirst()))
  }

  /// Results are XML even for those who speak JSON: `<value>OpaqueRef:…</value>`.
  private static func reference(in result: String) -> String {
    guard result.hasPrefix("<value>"), result.hasSuffix("</value>") else { return result }
    return String(result.dropFirst(7).dropLast(8))
  }
}

extension TransportError {
  /// The request cannot have reached XAPI.
  fileprivate var isBeforeSending: Bool {
    switch self {
    case .absent, .refused, .notPermitted, .unknownHost, .tls: true
    default: false
    }
  }
}
