import Foundation
import Glibc
import JSON
import Synchronization
import Testing

@testable import XenAPI

@Suite(.timeLimit(.minutes(1))) struct HTTPTransportTests {
  private let limit = Duration.seconds(20)

  private func echo() -> ScriptedServer { ScriptedServer { .body($0.body) } }

  private func transport(_ server: ScriptedServer) -> HTTPTransport { HTTPTransport(.unixSocket(path: server.path)) }

  private func failure(_ transport: HTTPTransport, _ lane: HTTPTransport.Lane = .calls, limit: Duration = .seconds(20)) async -> TransportError? {
    do {
      _ = try await transport.post(Array("{}".utf8), lane: lane, limit: limit)
      return nil
    } catch { return error }
  }

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
          return (try? await transport.post(body, lane: index % 2 == 0 ? .calls : .events, limit: .seconds(30)).body) == body
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
      .raw(Array("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok".utf8), close: request.connection == 1)
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
    let server = ScriptedServer { _ in .trickle(Array(head.utf8) + Array(repeating: 0x20, count: 100_000), pause: .milliseconds(1)) }
    let transport = transport(server)
    #expect(await failure(transport, limit: .milliseconds(150)) == .timedOut(.milliseconds(150)))
  }

  @Test func aTrickleThatEndsInTimeIsAnAnswer() async throws {
    let server = ScriptedServer { _ in .trickle(Array("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nslow".utf8), pause: .milliseconds(1)) }
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

  // MARK: No answer

  @Test func anAbsentSocket() async {
    #expect(await failure(HTTPTransport(.unixSocket(path: "/nonexistent/xapi"))) == .absent)
    let folder = Sockets.newFolder()
    #expect(await failure(HTTPTransport(.unixSocket(path: folder + "/xapi"))) == .absent)
    rmdir(folder)
  }

  @Test func aStaleSocket() async {
    let folder = Sockets.newFolder()
    Sockets.leaveStale(folder + "/xapi")
    #expect(await failure(HTTPTransport(.unixSocket(path: folder + "/xapi"))) == .refused)
    unlink(folder + "/xapi")
    rmdir(folder)
  }

  @Test func aPlainFileOrFolderIsNoSocket() async {
    let error = await failure(HTTPTransport(.unixSocket(path: "/etc/passwd")))
    #expect(error == .refused)
    #expect(await failure(HTTPTransport(.unixSocket(path: "/tmp"))) == .refused)
  }

  /// The worker inherits the credentials of the thread that makes it: root need not be given up for the whole process.
  @Test func aSocketThatOnlyOthersMayOpen() async throws {
    let server = echo()
    chmod(server.path, 0)
    let path = server.path
    let made = Mutex<HTTPTransport?>(nil)
    let ready = Gate()
    let thread = Thread {
      Sockets.becomeNobodyForFiles()
      let transport = HTTPTransport(.unixSocket(path: path))
      made.withLock { $0 = transport }
      ready.open()
    }
    thread.start()
    ready.wait()
    let transport = try #require(made.withLock { $0 })
    #expect(await failure(transport) == .notPermitted)
  }

  @Test func aSocketThatGoesAndComesBack() async throws {
    let folder = Sockets.newFolder()
    let path = folder + "/xapi"
    let transport = HTTPTransport(.unixSocket(path: path))
    #expect(await failure(transport) == .absent)
    var server = ScriptedServer(path: path) { .body($0.body) }
    #expect(await failure(transport) == nil)
    server.stop()
    #expect(await failure(transport) == .absent)
    server = ScriptedServer(path: path) { .body($0.body) }
    #expect(await failure(transport) == nil)
    server.stop()
    rmdir(folder)
  }

  @Test(arguments: [
    "", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"result\":",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
  ])
  func aConnectionClosedInTheMiddle(sent: String) async {
    let server = ScriptedServer { _ in .raw(Array(sent.utf8), close: true) }
    #expect(await failure(transport(server)) == .closed)
  }

  @Test(arguments: ["garbage\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}", "{\"result\":\"\"}"])
  func garbage(sent: String) async {
    let server = ScriptedServer { _ in .raw(Array(sent.utf8), close: true) }
    #expect(await failure(transport(server)) == .notHTTP)
  }

  @Test func chunkedAnswers() async throws {
    let server = ScriptedServer { _ in
      .raw(Array("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n".utf8), close: false)
    }
    let transport = transport(server)
    for _ in 0..<3 { #expect(try await transport.post([], limit: limit).body == Array("hello world".utf8)) }
    #expect(server.connections == 1)
  }

  @Test func answersWithoutLengthEndWithTheConnection() async throws {
    let server = ScriptedServer { _ in .raw(Array("HTTP/1.0 200 OK\r\n\r\nold".utf8), close: true) }
    #expect(try await transport(server).post([], limit: limit).body == Array("old".utf8))
  }

  @Test func otherStatusesAreAnswers() async throws {
    let server = ScriptedServer { _ in .body(Array("<html>".utf8), status: "500 Internal Error", close: true) }
    let transport = transport(server)
    let answer = try await transport.post([], limit: limit)
    #expect(answer.status == 500 && answer.body == Array("<html>".utf8))
    #expect(try await transport.post([], limit: limit).status == 500)
    #expect(server.connections == 2)
  }

  @Test func redirectsAreNotFollowed() async throws {
    let server = ScriptedServer { _ in
      .raw(Array("HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".utf8), close: false)
    }
    #expect(try await transport(server).post([], limit: limit).status == 301)
  }

  // MARK: The thread

  @Test func theThreadEndsWithItsTransport() async throws {
    let server = echo()
    weak var unused: CurlWorker?
    weak var used: CurlWorker?
    do {
      let first = transport(server)
      let second = transport(server)
      (unused, used) = (first.worker, second.worker)
      _ = try await second.post(Array("x".utf8), lane: .calls, limit: limit)
      _ = try await second.post(Array("x".utf8), lane: .events, limit: limit)
      #expect(unused != nil && used != nil)
      withExtendedLifetime((first, second)) {}
    }
    for _ in 0..<2000 where unused != nil || used != nil { try await Task.sleep(for: .milliseconds(5)) }
    #expect(unused == nil && used == nil)
    #expect(await eventually { server.endedConnections == server.connections })
  }

  @Test func theThreadEndsAfterARequestThatFailed() async throws {
    weak var worker: CurlWorker?
    do {
      let server = ScriptedServer { _ in .nothing }
      let transport = transport(server)
      worker = transport.worker
      _ = await failure(transport, limit: .milliseconds(20))
    }
    for _ in 0..<2000 where worker != nil { try await Task.sleep(for: .milliseconds(5)) }
    #expect(worker == nil)
  }

  @Test func makingAndDroppingManyIsSafe() async throws {
    let server = echo()
    for index in 0..<100 {
      let transport = transport(server)
      if index % 3 == 0 { _ = try await transport.post(Array("x".utf8), limit: limit) }
    }
  }

  /// Signals are for the thread that owns the terminal; and a broken TLS connection must not end the program.
  @Test func theThreadTakesNoSignals() async throws {
    let server = echo()
    let transport = transport(server)
    _ = try await transport.post(Array("x".utf8), limit: limit)
    let worker = transport.worker
    let free: [Int32] = await withCheckedContinuation { continuation in
      worker.submit(
        CurlWorker.Request(
          id: worker.nextID(), lane: .calls, body: [], limit: limit, deadline: .now + limit,
          finish: { _ in
            // Runs on the worker's thread.
            var mask = sigset_t()
            pthread_sigmask(SIG_SETMASK, nil, &mask)
            let signals = [SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGPIPE, SIGTSTP, SIGCONT, SIGCHLD]
            continuation.resume(returning: signals.filter { sigismember(&mask, $0) != 1 })
          }))
    }
    #expect(free == [])
    withExtendedLifetime(transport) {}
  }

  @Test func theThreadThatMakesItKeepsItsSignals() {
    let kept = Mutex(false)
    let done = Gate()
    let path = "/nonexistent"
    let thread = Thread {
      // A thread of its own: those of Swift's pool take no signals anyway.
      var mask = sigset_t()
      sigaddset(&mask, SIGWINCH)
      pthread_sigmask(SIG_UNBLOCK, &mask, nil)
      _ = HTTPTransport(.unixSocket(path: path))
      pthread_sigmask(SIG_SETMASK, nil, &mask)
      kept.withLock { $0 = sigismember(&mask, SIGWINCH) == 0 }
      done.open()
    }
    thread.start()
    done.wait()
    #expect(kept.withLock { $0 })
  }
}

extension Result {
  var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}

/// Holds threads until it is opened.
final class Gate: Sendable {
  private let condition = NSCondition()
  private let isOpen = Mutex(false)

  func open() {
    condition.lock()
    isOpen.withLock { $0 = true }
    condition.broadcast()
    condition.unlock()
  }

  func wait() {
    condition.lock()
    while !isOpen.withLock({ $0 }) { condition.wait() }
    condition.unlock()
  }
}
