import JSON

/// An XAPI server on a unix socket, with a world behind it that can be changed while it serves.
///
/// Speaks JSON-RPC 1.0 and 2.0 at `/jsonrpc` the way XAPI does, down to its quirks; the notes on XAPI are its
/// specification and recorded answers of a real one its test (`Replay`).
public actor SimulatedHost {
  /// How the server behaves.
  public struct Options: Sendable {
    /// Time added to every answer.
    public var latency: Duration = .zero
    /// What goes wrong, if anything.
    public var fault: Fault?
    /// Requests that are answered well before the fault sets in.
    public var faultAfter: Int = 0
    /// How long `event.from` waits for more changes before it answers. XAPI: 50 ms.
    public var batching: Duration = .milliseconds(50)
    /// What kind of files and tools the host has.
    public var layout = Dom0Layout()
    /// How long the host is away when it reboots.
    public var rebootTime: Duration = .zero
    /// How long the socket is gone when a call or a tool restarts the toolstack.
    public var restartTime: Duration = .seconds(2)
    /// How long a DHCP server takes to give an address.
    public var leaseTime: Duration = .zero
    /// How long members and coordinator take to notice that they have lost each other.
    public var contactTime: Duration = .seconds(2)
    /// `systemd-run` really runs programs, as processes of their own; otherwise it only notes them.
    public var runsTransients = false
    /// The release that the host is of.
    public var version = HostVersion.v8_3
    /// How long XAPI stays away when it dies under a call; nil: until it is started.
    public var deathTime: Duration?
    /// How often XAPI looks at the links of bonds.
    public var monitorPeriod: Duration = .seconds(5)
    /// How long calls take that were started as tasks; nil: four times the latency.
    public var taskTime: Duration?
    /// How long a virtual machine takes to shut down.
    public var shutdownTime: Duration = .zero

    public init(latency: Duration = .zero, fault: Fault? = nil, faultAfter: Int = 0) {
      self.latency = latency
      self.fault = fault
      self.faultAfter = faultAfter
    }
  }

  /// Ways to fail. `/simulate` is served whatever the fault, except behind a refused connection.
  public enum Fault: String, CaseIterable, Sendable {
    /// Reads requests and never answers.
    case hang
    /// Refuses connections: the socket's file is there, nobody listens.
    case refuse
    /// Reads a request and closes the connection.
    case close
    /// Answers with bytes that are not HTTP.
    case garbage
    /// Answers a few bytes a second.
    case slow
    /// Answers with an HTML page, as XAPI does when it breaks.
    case http500
  }

  /// What `/etc/xensource-inventory` says on this host.
  public nonisolated let inventory: String

  let dispatcher = Dispatcher()
  var world: World
  var options: Options
  /// Requests answered well so far, for `Options.faultAfter`.
  var answered = 0

  /// Names of calls in the order they came; nil while nobody wants to know.
  var watchedCalls: [String]?

  var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
  var nextWaiter = 0
  var heartbeat: Task<Void, Never>?
  var look: Task<Void, Never>?
  /// Calls that run as tasks, by a number of their own.
  var works: [Int: Task<Void, Never>] = [:]
  var nextWork = 0

  /// XAPI makes its socket; where it does not run at first, its start or a boot mends it.
  var servesSocket: Bool
  var socketPath: String?
  /// The file this host bound, once it has.
  var socketFile: SocketFile?
  var server: Server?
  /// Where commands are taken while XAPI's socket comes and goes.
  var toolServer: Server?
  var pendingRestart: Task<Void, Never>?

  /// Files, services and tools below XAPI.
  var dom0 = Dom0State()
  var layout: Dom0Layout
  var pendingFlush: Task<Void, Never>?
  var pendingFiles: Task<Void, Never>?
  var pendingReboot: Task<Void, Never>?
  var pendingContact: Task<Void, Never>?
  var pendingSSH: Task<Void, Never>?
  var plannedSSHEnd: Int64?
  /// Where addresses are mirrored to, and what is being mirrored.
  var mirror: RealNetwork?
  var mirroring: Task<Void, Never>?
  /// Waiting and running units of `systemd-run`, by name.
  var transientWorks: [String: Task<Void, Never>] = [:]
  var isBooting = false
  /// Hears who looks at the counters; nil where nobody asked for files.
  var counterFeed: CounterFeed?
  /// Writes networkd's statistics anew from time to time.
  var statisticsFeed: Task<Void, Never>?

  public init(scenario: Scenario, options: Options = .init()) {
    self.init(world: scenario.world(), servesSocket: scenario != .xapiDown, options: options)
  }

  /// Serves a recorded state: class -> ref -> record.
  public init(state: JSONValue, options: Options = .init()) throws(SimulationError) {
    self.init(world: try World(recorded: state), servesSocket: true, options: options)
  }

  init(world: World, servesSocket: Bool = true, options: Options = .init()) {
    self.world = world
    self.world.settle()
    self.world.behaviour.taskTime = options.taskTime ?? options.latency * 4
    self.world.behaviour.shutdownTime = options.shutdownTime
    self.world.behaviour.leaseTime = options.leaseTime
    self.servesSocket = servesSocket
    self.options = options
    layout = options.layout
    dom0.bootTime = world.clock().seconds - 6 * 24 * 3600
    if options.version == .v8_2 {
      self.world.become(.v8_2)
      layout.trigger = "/tmp/network-reset"
      layout.speaksOfMembers = false
    }
    inventory = self.world.inventory
    if !servesSocket {
      dom0.stopped["xapi"] = "failed"
    }
  }

  /// Calls that a real XAPI would serve and this one answers with `INTERNAL_ERROR "not simulated: …"`.
  public static func callsNotSimulated(product: Product = .xapi26_1_3) -> [String] {
    CallTable().missing(from: Schema(product: product))
  }
}
