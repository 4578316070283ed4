import FlyingSocks
import Glibc

/// A listening unix socket and its connections.
final class Server: Sendable {
  private let listener: Socket
  private let pool: SocketWaiter
  private let tasks: ServerTasks
  /// What was made at the path.
  let file: SocketFile?

  /// What a socket is for.
  enum Purpose: Sendable {
    /// XAPI's calls, which may go wrong on purpose.
    case calls
    /// The host's commands, which run whatever becomes of XAPI.
    case tools
  }

  /// Binds `path` and serves it.
  init(path: String, host: SimulatedHost, for purpose: Purpose = .calls) async throws(SimulationError) {
    try Self.clear(path)
    let pool = SocketWaiter()
    let tasks = ServerTasks()
    do {
      try await pool.prepare()
      let socket = try Socket(domain: AF_UNIX, type: .stream)
      do {
        try socket.bind(to: .unix(path: path))
        try socket.listen()
        try socket.setFlags(.nonBlocking)
      } catch {
        try? socket.close()
        throw error
      }
      listener = socket
    } catch {
      throw .cannotBind(path: path, reason: (error as? SocketError).map(Self.describe) ?? "\(error)")
    }
    file = SocketFile(at: path)
    self.pool = pool
    self.tasks = tasks
    let listener = listener
    await tasks.add { await Self.accept(listener, pool, tasks, host, purpose) }
  }

  private static func describe(_ error: SocketError) -> String {
    if case .failed(_, let number, _) = error { String(cString: strerror(number)) } else { "\(error)" }
  }

  /// Makes way for a new socket: only a socket that nobody serves is removed.
  private static func clear(_ path: String) throws(SimulationError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
    guard let probe = try? Socket(domain: AF_UNIX, type: .stream) else { return }
    defer { try? probe.close() }
    if (try? probe.connect(to: .unix(path: path))) != nil { throw .inUse(path: path) }
    unlink(path)
  }

  private static func accept(
    _ listener: Socket, _ pool: SocketWaiter, _ tasks: ServerTasks, _ host: SimulatedHost, _ purpose: Purpose
  ) async {
    while !Task.isCancelled {
      do {
        let file = try listener.accept().file
        let socket = Socket(file: file)
        try socket.setFlags(.nonBlocking)
        await tasks.add {
          var connection = Connection(socket: socket, pool: pool, purpose: purpose)
          await connection.serve(host)
        }
      } catch SocketError.blocked {
        do { try await pool.suspendSocket(listener, untilReadyFor: [.read]) } catch { return }
      } catch {
        return
      }
    }
  }

  /// Ends all connections and stops listening. The socket's file stays: refused connections look like that.
  func stop() async {
    await tasks.stop()
    pool.stop()
    // The waiting thread may still hold the socket in its `poll`: closing alone would let one more client in.
    shutdown(listener.file.rawValue, Int32(SHUT_RDWR))
    try? listener.close()
  }
}

/// The tasks of a server, so that all can be ended.
actor ServerTasks {
  private var running: [Int: Task<Void, Never>] = [:]
  private var next = 0
  private var stopped = false

  func add(_ work: @escaping @Sendable () async -> Void) {
    let id = next
    next += 1
    let task = Task {
      await work()
      self.done(id)
    }
    running[id] = task
    if stopped { task.cancel() }
  }

  private func done(_ id: Int) { running[id] = nil }

  func stop() async {
    stopped = true
    let all = Array(running.values)
    for task in all { task.cancel() }
    for task in all { await task.value }
  }
}
