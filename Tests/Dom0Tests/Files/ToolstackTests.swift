import Dom0
import Foundation
import Glibc
import Testing

@Suite struct ToolstackTests {
  @Test func everyMarkIsOneStepOn() throws {
    let host = try TemporaryHost()
    func marks() -> ToolstackMarks { ToolstackMarks(of: host.system) }
    #expect(marks().progress == .stopped)
    try host.write("812\n", ToolstackMarks.pidPath)
    #expect(marks().progress == .stopped)
    #expect(marks().isStale)
    try host.write("xapi\n", "/proc/812/comm")
    #expect(marks().pid == 812)
    #expect(!marks().isStale)
    #expect(marks().progress == .started)
    try host.makeFolder("/var/lib/xcp")
    let socket = try Listener(host.root + ToolstackMarks.socketPath)
    #expect(marks().progress == .listening)
    try host.write("", ToolstackMarks.readyPath)
    #expect(marks().progress == .ready)
    try host.write("", ToolstackMarks.completePath)
    #expect(marks().progress == .complete)
    // Killed: what it left proves nothing.
    try host.write("other\n", "/proc/812/comm")
    #expect(marks().progress == .stopped)
    #expect(marks().hasCompleteFile && marks().hasSocket)
    withExtendedLifetime(socket) {}
  }

  /// Some releases write no pid file.
  @Test func withoutAPidFileTheLockCounts() throws {
    let host = try TemporaryHost()
    try host.write("", ToolstackMarks.readyPath)
    #expect(ToolstackMarks(of: host.system).progress == .stopped)
    try host.write("", ToolstackMarks.lockPath)
    #expect(ToolstackMarks(of: host.system).progress == .ready)
  }

  @Test func aFileInPlaceOfTheSocketIsNone() throws {
    let host = try TemporaryHost()
    try host.write("", ToolstackMarks.lockPath)
    try host.write("", ToolstackMarks.socketPath)
    #expect(ToolstackMarks(of: host.system).progress == .started)
  }

  @Test func seesBlocksRestartsAndReboots() throws {
    let host = try TemporaryHost()
    let calm = ToolstackMarks(of: host.system)
    #expect(!calm.isBlocked && !calm.isRestarting && !calm.needsReboot)
    try host.write("", ToolstackMarks.blockPath)
    try host.write("", ToolstackMarks.restartPath)
    try host.write("", ToolstackMarks.rebootPaths[1])
    let busy = ToolstackMarks(of: host.system)
    #expect(busy.isBlocked && busy.isRestarting && busy.needsReboot)
    var status = stat()
    try #require(stat(host.root + ToolstackMarks.restartPath, &status) == 0)
    try host.write("1: FLOCK  ADVISORY  WRITE 9 00:17:\(status.st_ino) 0 EOF\n", "/proc/locks")
    #expect(ToolstackMarks(of: host.system).isRestarting)
    try host.write("1: FLOCK  ADVISORY  WRITE 9 00:17:1\(status.st_ino) 0 EOF\n", "/proc/locks")
    #expect(!ToolstackMarks(of: host.system).isRestarting)
  }

  @Test func aDamagedPidFileIsNamed() throws {
    let host = try TemporaryHost()
    try host.write("junk", ToolstackMarks.pidPath)
    let marks = ToolstackMarks(of: host.system)
    #expect(marks.progress == .stopped)
    #expect(marks.problems == ["/var/run/xapi.pid is damaged: it is not a process number"])
  }
}

/// A unix socket with a name.
private final class Listener {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    try #require(bytes.count < MemoryLayout.size(ofValue: address.sun_path))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    try #require(result == 0)
  }

  deinit { close(descriptor) }
}
