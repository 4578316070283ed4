import ArgumentParser
import SimulatedHost

/// What can be asked of the program on its command line.
struct XCPConsole: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "xcpconsole",
    abstract: "See, change and rescue the networking of an XCP-ng or XenServer host.",
    version: version,
    subcommands: [
      Show.self, DoctorCommand.self, NICCommand.self, NetworkCommand.self, VLANCommand.self, BondCommand.self,
      AddressCommand.self, RouteCommand.self, VIFCommand.self, ToolstackCommand.self, PendingCommand.self, ResetCommand.self, LayoutCommand.self, Simulate.self,
    ],
    defaultSubcommand: Show.self)
}

enum DemoOption {
  static let standard = Scenario.pool

  /// An option of which the value may be left out is more than the parser knows.
  static func spelledOut(_ arguments: [String]) -> [String] {
    arguments.map { $0 == "--demo" ? "--demo=\(standard.rawValue)" : $0 }
  }
}

extension Scenario: ExpressibleByArgument {}
extension SimulatedHost.Fault: ExpressibleByArgument {}
extension HostVersion: ExpressibleByArgument {}

/// The console itself.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "console",
    abstract: XCPConsole.configuration.abstract,
    usage: """
      xcpconsole [--socket <path>] [--root <dir>] [--demo[=<scenario>]]
      xcpconsole pending [--keep|--revert|--extend]  (xcpconsole pending --help)
      xcpconsole doctor ...  (xcpconsole doctor --help)
      xcpconsole nic list|show|watch|scan|plug|rename|set ...  (xcpconsole nic --help)
      xcpconsole bond list|show|create|set|add|remove|destroy ...  (xcpconsole bond --help)
      xcpconsole network|vlan|address|route|vif ...  (xcpconsole network --help, and so on)
      xcpconsole toolstack restart ...  (xcpconsole toolstack --help)
      xcpconsole reset ...  (xcpconsole reset --help)
      xcpconsole layout save|list|show|restore ...  (xcpconsole layout --help)
      xcpconsole simulate ...  (xcpconsole simulate --help)
      """,
    discussion: """
      The console takes the terminal and talks to XAPI over the local socket, as root.

      --demo shows it on a simulated host inside the program: nothing on this machine is touched. Scenarios: \
      \(Scenario.allCases.map(\.rawValue).joined(separator: ", ")); without a name, \(DemoOption.standard.rawValue).
      """)

  @Option(help: ArgumentHelp("The socket XAPI listens on.", valueName: "path"))
  var socket: String?

  @Option(help: ArgumentHelp("The folder that stands for / when the host's own files are read.", valueName: "dir"))
  var root = "/"

  @Option(
    help: ArgumentHelp("Show a simulated host instead of this one; the name may be left out.", valueName: "scenario"))
  var demo: Scenario?

  @Option(help: .hidden)
  var tools: String?

  /// Seconds.
  @Option(help: .hidden)
  var confirmWithin = 90

  mutating func validate() throws {
    if !(5...3600).contains(confirmWithin) { throw ValidationError("--confirm-within takes 5 to 3600 seconds") }
    if demo != nil, socket != nil { throw ValidationError("--demo brings its own host: leave out --socket") }
    if demo != nil, tools != nil { throw ValidationError("--demo brings its own commands: leave out --tools") }
    if demo != nil, root != "/" { throw ValidationError("--demo brings its own files: leave out --root") }
  }
}

/// A simulated host for others to talk to.
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a simulated host on a socket, or replay recorded answers against one.",
    discussion: "Runs until Ctrl-C or SIGTERM. With --replay, prints each difference and how many exchanges matched.")

  @Option(help: ArgumentHelp("The host to simulate.", valueName: "scenario"))
  var scenario = Scenario.standalone

  @Option(help: ArgumentHelp("Where to listen.", valueName: "path"))
  var socket: String?

  @Option(help: ArgumentHelp("Where to take commands (POST /tool), whatever becomes of XAPI.", valueName: "path"))
  var toolsSocket: String?

  @Option(help: ArgumentHelp("Wait before each answer.", valueName: "ms"))
  var latencyMs = 0

  @Option(help: ArgumentHelp("Misbehave: \(SimulatedHost.Fault.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "kind"))
  var fault: SimulatedHost.Fault?

  @Option(help: ArgumentHelp("Answer so many requests well before misbehaving.", valueName: "count"))
  var faultAfter = 0

  @Option(help: ArgumentHelp("Start from a recorded state instead of a scenario.", valueName: "state.json"))
  var load: String?

  @Option(help: ArgumentHelp("Write the host's files into this folder, and boot by them.", valueName: "dir"))
  var root: String?

  @Option(help: ArgumentHelp("How long a DHCP server takes to give an address.", valueName: "ms"))
  var leaseMs = 1500

  @Option(help: ArgumentHelp("The release the host is of: 8.2 or 8.3.", valueName: "version"))
  var hostVersion = HostVersion.v8_3

  @Flag(help: .hidden)
  var realAddresses = false

  @Flag(help: "Replay: give CAPTURE.json and STATE.json.")
  var replay = false

  @Argument(help: ArgumentHelp("With --replay: the capture and the state it started from.", valueName: "file"))
  var files: [String] = []

  mutating func validate() throws {
    if latencyMs < 0 { throw ValidationError("--latency-ms takes a whole number from 0") }
    if leaseMs < 0 { throw ValidationError("--lease-ms takes a whole number from 0") }
    if realAddresses, root == nil { throw ValidationError("--real-addresses goes with --root") }
    if faultAfter < 0 { throw ValidationError("--fault-after takes a whole number from 0") }
    if replay {
      if files.count != 2 { throw ValidationError("--replay takes two files: CAPTURE.json STATE.json") }
      if socket != nil { throw ValidationError("--replay needs no --socket") }
      if root != nil { throw ValidationError("--replay needs no --root") }
    } else {
      if !files.isEmpty { throw ValidationError("files are taken with --replay only") }
      if root == "/" { throw ValidationError("--root: a simulated host does not write into /") }
      if socket == nil { throw ValidationError("--socket is missing: where should the simulated host listen?") }
    }
  }
}
