import Foundation
import Glibc
import Testing

@testable import Dom0

@Suite struct AppendTests {
  private let host: TemporaryHost
  private static let path = "/var/log/lines"

  init() throws {
    host = try TemporaryHost()
    try host.makeFolder("/var/log")
  }

  private func add(_ text: String, limit: Int64 = 100) throws {
    try host.system.append(Array(text.utf8), to: Self.path, limit: limit)
  }

  @Test func linesComeBelowEachOther() throws {
    try add("one\n")
    try add("two\n")
    #expect(host.text(Self.path) == "one\ntwo\n")
    #expect(try host.system.status(Self.path).mode == 0o600)
  }

  @Test func aCutLineDoesNotSwallowTheNext() throws {
    try host.write("one\ntw", Self.path)
    try add("three\n")
    #expect(host.text(Self.path) == "one\ntw\nthree\n")
  }

  @Test func aFileThatHasGrownIsPutAside() throws {
    for number in 0..<25 { try add("line number \(number)\n", limit: 100) }
    let (now, before) = (host.text(Self.path) ?? "", host.text(Self.path + ".1") ?? "")
    #expect(now.utf8.count <= 100)
    #expect(before.utf8.count <= 100)
    #expect(now.hasSuffix("line number 24\n"))
    // The two files follow on each other.
    let numbers = (before + now).split(separator: "\n").compactMap { Int($0.split(separator: " ")[2]) }
    #expect(numbers == Array((25 - numbers.count)..<25))
    #expect(host.names().filter { $0.hasPrefix("var/log/lines") } == ["var/log/lines", "var/log/lines.1"])
  }

  @Test func aLinkIsNotWrittenThrough() throws {
    try host.write("precious", "/etc/precious")
    try host.link(Self.path, to: "/etc/precious")
    #expect(throws: HostFileError.notChanged(path: Self.path, reason: "it is a link")) { try add("one\n") }
    #expect(host.text("/etc/precious") == "precious")
  }

  @Test func linesOfManyWritersStayWhole() async throws {
    let system = host.system
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for number in 0..<40 {
            let line = "\(writer) \(number) " + String(repeating: "x", count: 60) + "\n"
            try? system.append(Array(line.utf8), to: Self.path, limit: 1 << 20)
          }
        }
      }
    }
    let lines = (host.text(Self.path) ?? "").split(separator: "\n")
    #expect(lines.count == 320)
    #expect(lines.allSatisfy { $0.hasSuffix(String(repeating: "x", count: 60)) && $0.split(separator: " ").count == 3 })
  }
}

/// The system log, received by a socket of our own.
@Suite struct SystemLogTests {
  @Test func eachMessageIsADatagram() throws {
    // Short: a socket's path has room for a hundred characters.
    let folder = "/tmp/xl-\(UUID().uuidString.prefix(6))"
    try FileManager.default.createDirectory(atPath: folder + "/dev", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let listener = try LogListener(folder + "/dev/log")
    let log = SystemLog(HostSystem(root: folder))
    try log.send("root on pts/0: \"DNS\":\nstep 1\u{1b}[31m", .notice, at: 1_795_368_005)
    try log.send(String(repeating: "ä", count: 900), .error, at: 1_795_368_005)
    let first = try #require(listener.receive())
    // authpriv is 10, notice 5.
    #expect(first.hasPrefix("<85>Nov "))
    #expect(first.hasSuffix(" xcpconsole[\(getpid())]: root on pts/0: \"DNS\": step 1 [31m"))
    let second = try #require(listener.receive())
    #expect(second.hasPrefix("<83>"))
    #expect(second.utf8.count <= 1024)
    #expect(second.hasSuffix("ä..."))
    #expect(!second.contains("\u{fffd}"))
  }

  @Test func withoutALogItSaysSo() throws {
    let host = try TemporaryHost()
    #expect(throws: HostFileError.missing(path: "/dev/log")) { try SystemLog(host.system).send("text", at: 0) }
  }

  @Test func nobodyWhoListensIsNoReasonToWait() throws {
    let folder = "/tmp/xl-\(UUID().uuidString.prefix(6))"
    try FileManager.default.createDirectory(atPath: folder + "/dev", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let listener = try LogListener(folder + "/dev/log")
    let log = SystemLog(HostSystem(root: folder))
    // The listener never reads: its queue fills up.
    var failure: HostFileError?
    for _ in 0..<2000 where failure == nil {
      do throws(HostFileError) { try log.send(String(repeating: "x", count: 900), at: 0) } catch { failure = error }
    }
    guard case .notChanged(path: "/dev/log", _) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(listener.receive() != nil)
  }
}

private final class LogListener {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
  }

  deinit { close(descriptor) }

  func receive() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }
}
