import JSON

/// From an HTTP request to its answer.
extension SimulatedHost {
  /// Bodies of calls may be this long, in bytes.
  static let longestBody = 300 * 1024

  /// Stands for the answer of an XAPI that is no more.
  private static let noAnswer = "NO_ANSWER"

  func respond(_ head: HTTPHead, _ body: [UInt8], overTCP: Bool = false) async -> HTTPResponse {
    switch (head.method, head.path) {
    case ("OPTIONS", _): return .options(head)
    case ("POST", "/jsonrpc"): return await respondToCall(head, body, overTCP)
    case ("POST", "/simulate"): return await steer(head, body)
    case ("POST", "/tool"): return await respondToTool(head, body)
    case ("POST", _): return respondToXML(head, body, overTCP)
    default: return .notFound(head)
    }
  }

  private func respondToCall(_ head: HTTPHead, _ body: [UInt8], _ overTCP: Bool) async -> HTTPResponse {
    let request: RPCRequest
    do { request = try RPCRequest(body: body) } catch { return .internalError(error.text) }
    watchedCalls?.append(request.method)
    let result = await run(request, overTCP: overTCP)
    if case .failure(let error) = result, error.code == Self.noAnswer {
      // The connection is closed with XAPI; until then nobody gets anything.
      while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
    }
    let shape = dispatcher.shape(request.method, world)
    if options.latency > .zero { try? await Task.sleep(for: options.latency) }
    return .ok(head, RPCAnswer.body(result, to: request, shape: shape))
  }

  private func run(_ request: RPCRequest, overTCP: Bool) async -> RPCResult {
    let (generation, plugs, services) = (world.database.generation, world.plugs, world.services)
    defer {
      if world.database.generation != generation || world.plugs != plugs || world.services != services {
        wakeAll()
        scheduleLook()
      }
      scheduleLeases()
      scheduleSSH()
      carryOutRequest()
    }
    do throws(APIError) {
      let outcome = try dispatcher.run(request, on: &world, overTCP: overTCP)
      if world.hasDied { return .failure(APIError(Self.noAnswer)) }
      switch outcome {
      case .done(let result): return result
      case .waits(let waiting, let session): return try await wait(waiting, session: session)
      case .works(let work): return try await answer(work)
      }
    } catch {
      return .failure(error)
    }
  }

  /// XML-RPC, as far as logging in and out go.
  private func respondToXML(_ head: HTTPHead, _ body: [UInt8], _ overTCP: Bool) -> HTTPResponse {
    guard let call = XMLCall(body) else {
      return .internalError("Xmlm.Error(1:1, \"expected root element\")")
    }
    let request = RPCRequest(
      version: .v2, id: 0, method: call.method, parameters: call.parameters.map { .string($0) })
    let answer: String
    do throws(APIError) {
      guard case .done(.value(let value)) = try dispatcher.run(request, on: &world, overTCP: overTCP) else {
        throw APIError.internalError("not simulated over XML-RPC: \(call.method)")
      }
      wakeAll()
      answer = XMLCall.success(value.string ?? value.description)
    } catch {
      answer = XMLCall.failure([error.code] + error.parameters)
    }
    return .ok(head, [Array(answer.utf8)], type: "text/xml")
  }
}
