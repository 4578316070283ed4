import Foundation
import Glibc
import Synchronization
import Testing

@testable import XenAPI

/// The thread behind a transport.
@Suite(.timeLimit(.minutes(1))) struct CurlWorkerTests {
  private let limit = Duration.seconds(20)

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
