import Foundation
import Glibc
import Synchronization
import Testing

@testable import XenAPI

/// Answers that are cut, odd or do not come.
@Suite(.timeLimit(.minutes(1))) struct HTTPAnswerTests {
  private let limit = Duration.seconds(20)

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

  @Test(arguments: [
    "garbage\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}", "{\"result\":\"\"}",
  ])
  func garbage(sent: String) async {
    let server = ScriptedServer { _ in .raw(Array(sent.utf8), close: true) }
    #expect(await failure(transport(server)) == .notHTTP)
  }

  @Test func chunkedAnswers() async throws {
    let server = ScriptedServer { _ in
      .raw(
        Array("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n".utf8),
        close: false)
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
}
