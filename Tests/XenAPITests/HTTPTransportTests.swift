import Glibc
import Testing

@testable import XenAPI

@Suite(.timeLimit(.minutes(1))) struct HTTPTransportTests {
  private let limit = Duration.seconds(20)

  // MARK: Connections

  @Test func eachLaneKeepsOneConnection() async throws {
    let server = ScriptedServer { request in
      // An event is answered when the next call has been: the lanes are busy at the same time.
      if request.body.first == UInt8(ascii: "e") { usleep(2000) }
      return .body(request.body)
    }
    let transport = transport(server)
    for index in 0..<20 {
      async let event = transport.post(Array("event \(index)".utf8), lane: .events, limit: limit)
      let call = try await transport.post(Array("call \(index)".utf8), limit: limit)
      #expect(try await event.body == Array("event \(index)".utf8))
      #expect(call.status == 200 && call.body == Array("call \(index)".utf8))
    }
    #expect(server.connections == 2)
  }

  @Test func manyAtOnceAreAnsweredEachWithItsOwn() async throws {
    let server = echo()
    let transport = transport(server)
    let right = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<200 {
        group.addTask {
          let body = Array("request \(index)".utf8)
          return (try? await transport.post(body, lane: index % 2 == 0 ? .calls : .events, limit: .seconds(30)).body)
            == body
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(right == 200)
    #expect(server.connections == 2)
  }

  @Test func lanesDoNotWaitForEachOther() async throws {
    let server = ScriptedServer { $0.body == Array("held".utf8) ? .nothing : .body($0.body) }
    let transport = transport(server)
    let held = Task { try await transport.post(Array("held".utf8), lane: .events, limit: .seconds(3600)) }
    #expect(await eventually { server.requests.count == 1 })
    _ = try await transport.post(Array("x".utf8), limit: limit)
    held.cancel()
    #expect(await held.result.failure as? TransportError == .cancelled)
  }

  @Test func requestsAreShortAndPlain() async throws {
    let server = echo()
    let transport = transport(server)
    _ = try await transport.post(Array("x".utf8), limit: limit)
    let head = try #require(server.requests.first?.head)
    #expect(head.hasPrefix("POST /jsonrpc HTTP/1.1\r\n"))
    // XAPI takes 1,024 bytes of headers.
    #expect(head.utf8.count < 300)
    #expect(!head.lowercased().contains("expect"))
    #expect(head.contains("Content-Length: 1"))
  }

  @Test func largeBodiesPassBothWays() async throws {
    let server = echo()
    let transport = transport(server)
    let body = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    #expect(try await transport.post(body, limit: limit).body == body)
    #expect(try await transport.post([], limit: limit).body == [])
  }

  @Test func aConnectionThatWasClosedWhileIdleIsReplaced() async throws {
    let server = ScriptedServer { request in
      .raw(
        Array("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok".utf8),
        close: request.connection == 1)
    }
    let transport = transport(server)
    _ = try await transport.post([], limit: limit)
    #expect(await eventually { server.endedConnections == 1 })
    #expect(try await transport.post([], limit: limit).body == Array("ok".utf8))
    #expect(server.connections == 2)
  }

  /// The first time may have done something: only a person may decide to try again.
  @Test func aRequestIsNeverSentTwice() async throws {
    let server = ScriptedServer { $0.body == Array("{}".utf8) ? .close : .body($0.body) }
    let transport = transport(server)
    _ = try await transport.post(Array("first".utf8), limit: limit)
    #expect(await failure(transport) == .closed)
    #expect(server.requests.count == 2)
    _ = try await transport.post(Array("later".utf8), limit: limit)
    #expect(server.requests.count == 3)
  }

  // MARK: Time and cancellation

  @Test func theDeadlineHoldsWhenNothingComes() async throws {
    let server = ScriptedServer { $0.body == Array("{}".utf8) ? .nothing : .body($0.body) }
    let transport = transport(server)
    let start = ContinuousClock.now
    #expect(await failure(transport, limit: .milliseconds(80)) == .timedOut(.milliseconds(80)))
    #expect(.now - start >= .milliseconds(80))
    // The connection with the lost answer is not used again.
    _ = try await transport.post(Array("next".utf8), limit: limit)
    #expect(server.connections == 2)
  }

  @Test func theDeadlineHoldsForATrickle() async throws {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"
    let server = ScriptedServer { _ in
      .trickle(Array(head.utf8) + Array(repeating: 0x20, count: 100_000), pause: .milliseconds(1))
    }
    let transport = transport(server)
    #expect(await failure(transport, limit: .milliseconds(150)) == .timedOut(.milliseconds(150)))
  }

  @Test func aTrickleThatEndsInTimeIsAnAnswer() async throws {
    let server = ScriptedServer { _ in
      .trickle(Array("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nslow".utf8), pause: .milliseconds(1))
    }
    let transport = transport(server)
    #expect(try await transport.post([], limit: limit).body == Array("slow".utf8))
  }

  @Test func waitingForTheLaneCounts() async throws {
    let server = ScriptedServer { _ in .nothing }
    let transport = transport(server)
    let first = Task { try await transport.post(Array("held".utf8), limit: .seconds(3600)) }
    #expect(await eventually { server.requests.count == 1 })
    #expect(await failure(transport, limit: .milliseconds(50)) == .timedOut(.milliseconds(50)))
    #expect(server.requests.count == 1)
    first.cancel()
    _ = await first.result
  }

  @Test func aLimitThatIsOverIsOver() async throws {
    let server = echo()
    let transport = transport(server)
    #expect(await failure(transport, limit: .zero) == .timedOut(.zero))
    #expect(await failure(transport, limit: .seconds(-5)) == .timedOut(.seconds(-5)))
    #expect(server.requests.isEmpty)
  }

  @Test func cancellationEndsARequestAtOnce() async throws {
    let server = ScriptedServer { $0.body == Array("held".utf8) ? .nothing : .body($0.body) }
    let transport = transport(server)
    let task = Task { try await transport.post(Array("held".utf8), limit: .seconds(3600)) }
    #expect(await eventually { server.requests.count == 1 })
    task.cancel()
    #expect(await task.result.failure as? TransportError == .cancelled)
    #expect(await eventually { server.endedConnections == 1 })
    #expect(try await transport.post(Array("x".utf8), limit: limit).body == Array("x".utf8))
  }

  @Test func cancellationBeforehandSendsNothing() async throws {
    let server = echo()
    let transport = transport(server)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await transport.post(Array("never".utf8), limit: .seconds(3600))
    }
    task.cancel()
    #expect(await task.result.failure as? TransportError == .cancelled)
    _ = try await transport.post(Array("x".utf8), limit: limit)
    #expect(server.requests.count == 1)
  }

  @Test func cancellationOfAQueuedRequestLeavesTheOneBefore() async throws {
    let gate = Gate()
    let server = ScriptedServer { request in
      if request.body == Array("first".utf8) { gate.wait() }
      return .body(request.body)
    }
    let transport = transport(server)
    async let first = transport.post(Array("first".utf8), limit: limit)
    #expect(await eventually { server.requests.count == 1 })
    let second = Task { try await transport.post(Array("second".utf8), limit: .seconds(3600)) }
    second.cancel()
    #expect(await second.result.failure as? TransportError == .cancelled)
    gate.open()
    #expect(try await first.body == Array("first".utf8))
    #expect(server.requests.count == 1)
  }

  @Test func cancellingAtAnyMomentEndsEveryRequestOnce() async throws {
    let server = echo()
    let transport = transport(server)
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<150 {
        group.addTask {
          let task = Task { try await transport.post(Array("\(index)".utf8), limit: .seconds(30)) }
          for _ in 0..<(index % 13) { await Task.yield() }
          task.cancel()
          if let answer = try? await task.value { #expect(answer.body == Array("\(index)".utf8)) }
        }
      }
    }
    #expect(try await transport.post(Array("after".utf8), limit: limit).body == Array("after".utf8))
  }
}
