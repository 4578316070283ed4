import ConsoleUI
import Dom0
import Glibc
import HostNetworking
import SimulatedHost
import TerminalUI
import XenAPI

extension Show {
  func run(on standard: Standard) throws -> Int32 {
    if let demo { return try runDemo(demo) }
    let path = try SocketPath.checked(socket)
    return try console(
      HostWatch(endpoint: path.map { .unixSocket(path: $0) } ?? .dom0, system: HostSystem(root: root)))
  }

  /// Runs the console until its user leaves.
  /// - Parameter prepare: done in the background before XAPI is asked for anything.
  private func console(_ watch: HostWatch, prepare: @escaping @Sendable () async -> Void = {}) throws -> Int32 {
    let watching = Background()
    var console = Console(
      Console.Hands(
        start: { mailbox in
          watching.start {
            await prepare()
            await watch.run { mailbox.post(.host($0)) }
          }
        },
        retry: { watch.retryNow() },
        now: { Moment(instant: .now, wall: Int64(time(nil))) }))
    let code: Int32
    do {
      code = try Terminal.run(&console)
    } catch {
      throw Failure(text: "\(error)")
    }
    try waiting {
      await watching.stop()
      await watch.close()
    }
    return code
  }

  private func runDemo(_ scenario: Scenario) throws -> Int32 {
    let folder = try DemoFolder()
    defer { folder.remove() }
    let host = SimulatedHost(scenario: scenario)
    try folder.write(host.inventory, to: "etc/xensource-inventory")
    let socket = folder.path + "/xapi"
    let code = try console(
      HostWatch(endpoint: .unixSocket(path: socket), system: HostSystem(root: folder.path)),
      prepare: { try? await host.start(socketPath: socket) })
    try waiting { await host.stop() }
    return code
  }
}

/// A socket that the user named.
enum SocketPath {
  /// What fits into a socket address.
  private static let longest = 107

  /// A path that does not exist is fine: XAPI may come up later.
  static func checked(_ path: String?) throws -> String? {
    guard let path else { return nil }
    if path.isEmpty { throw Failure(text: "--socket: the path is empty", code: 2) }
    if path.utf8.count > longest {
      throw Failure(text: "--socket: a socket's path has at most \(longest) bytes, this one has \(path.utf8.count)", code: 2)
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return path }
      throw Failure(text: "--socket: \(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw Failure(text: "--socket: \(path) is not a socket") }
    return path
  }
}
