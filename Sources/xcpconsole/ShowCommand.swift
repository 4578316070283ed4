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
    var status = stat()
    guard stat(root, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw Failure(text: "--root: \(root) is not a folder")
    }
    let endpoint = path.map { Endpoint.unixSocket(path: $0) } ?? .dom0
    let system = try ToolsOption.system(root: root, tools: tools)
    let watch = HostWatch(endpoint: endpoint, system: system)
    return try console(
      watch,
      HostWork(
        endpoint, system: system, probes: system.isThisMachine ? .real(system) : .byTools(system),
        settings: ChangeSettings(
          guardWay: GuardCommand.way(socket: socket, root: root, tools: tools), confirmWithin: Double(confirmWithin)), known: watch.known))
  }

  /// Runs the console until its user leaves.
  /// - Parameter prepare: done in the background before XAPI is asked for anything.
  private func console(_ watch: HostWatch, _ work: HostWork, prepare: @escaping @Sendable () async -> Void = {}) throws -> Int32 {
    let watching = Background()
    let errands = Errands(work)
    var console = Console(
      Console.Hands(
        start: { mailbox in
          errands.open(mailbox)
          watching.start {
            await prepare()
            async let _ = work.relieveGuard()
            await watch.run { mailbox.post(.host($0)) }
          }
        },
        retry: { watch.retryNow() },
        carryOut: { errands.carryOut($0) }, watch: { errands.watch($0) },
        now: { Moment(instant: .now, wall: Int64(time(nil))) }))
    let code: Int32
    do {
      code = try Terminal.run(&console)
    } catch {
      throw Failure(text: "\(error)")
    }
    try waiting {
      await watching.stop()
      await errands.stop()
      await watch.close()
      await work.close()
    }
    return code
  }

  private func runDemo(_ scenario: Scenario) throws -> Int32 {
    let folder = try DemoFolder()
    defer { folder.remove() }
    _ = try SocketPath.checked(folder.path + Demo.socketPath, named: "the demo's socket")
    let demo = Demo(scenario, in: folder)
    let endpoint = Endpoint.unixSocket(path: demo.socket)
    let system = HostSystem(root: folder.path, tools: demo.tools)
    // The host ends with the program, and so does what has to be guarded.
    let keeper = PendingGuard(Reversal(XenClient(endpoint), system))
    let settings = ChangeSettings(guardWay: .here(keeper), confirmWithin: Double(confirmWithin))
    let watch = HostWatch(endpoint: endpoint, system: system)
    let code = try console(
      watch, HostWork(endpoint, system: system, probes: .byTools(system), settings: settings, known: watch.known),
      prepare: { await demo.start() })
    if let problem = try waiting(for: { await demo.stop() }) { throw Failure(text: problem) }
    return code
  }
}

/// The simulated host of a demo, made in the background: the first frame does not wait for it.
private actor Demo {
  static let socketPath = "/var/lib/xcp/xapi"
  /// A reboot in a demo is to be seen, not to be waited for.
  private static let rebootTime = Duration.seconds(5)
  /// As long as a DHCP server takes.
  private static let leaseTime = Duration.milliseconds(1500)

  nonisolated let socket: String
  nonisolated let tools = SimulatedTools()
  private let scenario: Scenario
  private let folder: DemoFolder
  private var host: SimulatedHost?
  private var problem: String?

  init(_ scenario: Scenario, in folder: DemoFolder) {
    self.scenario = scenario
    self.folder = folder
    socket = folder.path + Self.socketPath
  }

  func start() async {
    var options = SimulatedHost.Options()
    options.rebootTime = Self.rebootTime
    options.leaseTime = Self.leaseTime
    let host = SimulatedHost(scenario: scenario, options: options)
    self.host = host
    do {
      try await host.attach(root: folder.path)
      tools.serve(by: host)
      try await host.start(socketPath: socket)
    } catch {
      problem = "\(error)"
      tools.serve(by: nil)
    }
  }

  /// - Returns: why the simulated host did not start, when it did not.
  func stop() async -> String? {
    await host?.stop()
    return problem
  }
}

/// A socket that the user named.
enum SocketPath {
  /// What fits into a socket address.
  private static let longest = 107

  /// A path that does not exist is fine: XAPI may come up later.
  /// - Parameter name: how the path is called in what is said of it.
  static func checked(_ path: String?, named name: String = "--socket") throws -> String? {
    guard let path else { return nil }
    if path.isEmpty { throw Failure(text: "\(name): the path is empty", code: 2) }
    if path.utf8.count > longest {
      throw Failure(text: "\(name): a socket's path has at most \(longest) bytes, this one has \(path.utf8.count)", code: 2)
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return path }
      throw Failure(text: "\(name): \(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw Failure(text: "\(name): \(path) is not a socket") }
    return path
  }
}
