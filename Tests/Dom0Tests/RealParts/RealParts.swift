import Dom0
import Foundation
import Testing

/// What the tests of this folder need of the machine: they ask the real kernel and the real Open vSwitch.
enum RealParts {
  static let programs = [
    "unshare", "nsenter", "mount", "ip", "ethtool", "ovsdb-tool", "ovsdb-server", "ovs-vswitchd", "ovs-vsctl",
    "ovs-appctl",
  ]
  static let schema = "/usr/share/openvswitch/vswitch.ovsschema"

  /// What is not there, in words; empty when all is.
  static let missing: [String] = {
    let folders = Command.path.split(separator: ":")
    var missing = programs.filter { name in
      !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
    if !FileManager.default.fileExists(atPath: schema) { missing.append(schema) }
    if geteuid() != 0 { missing.append("being root") }
    return missing
  }()

  /// Continuous integration installs everything: there, what is missing fails the tests instead of sparing them.
  static let mayRun = missing.isEmpty || ProcessInfo.processInfo.environment["CI"] == "true"

  static let comment: Comment = """
    Needs iproute2, ethtool, openvswitch-switch and root. Missing: \(missing.joined(separator: ", "))
    """
}

struct RealPartsError: Error, CustomStringConvertible {
  let description: String
}

/// A network namespace of its own, with its own sysfs and, when asked for, its own Open vSwitch.
///
/// Everything in it is below one process of ours, which ends when we do: nothing is left behind however a test ends.
final class RealNetwork: Sendable {
  let system: HostSystem
  private let holder: Process
  private let line: Pipe
  private let scratch: Scratch
  let namespace: String

  init(withSwitch: Bool = false) async throws {
    guard RealParts.missing.isEmpty else {
      throw RealPartsError(description: "missing: \(RealParts.missing.joined(separator: ", "))")
    }
    scratch = try Scratch()
    (holder, line) = try Self.hold(scratch, withSwitch: withSwitch)
    let process = holder.processIdentifier
    namespace = "/proc/\(process)/ns/net"
    system = HostSystem(
      root: "/proc/\(process)/root", tools: NamespaceTools(process: process, runFolder: scratch.path))
    let scratch = scratch
    await waitUntil { FileManager.default.fileExists(atPath: "\(scratch.path)/ready") }
    guard FileManager.default.fileExists(atPath: "\(scratch.path)/ready") else {
      let log = (try? scratch.text("log")) ?? ""
      end()
      throw RealPartsError(description: "no namespace: \(log)")
    }
  }

  /// Ends everything in the namespace, and with that the namespace.
  func end() {
    try? line.fileHandleForWriting.close()
    holder.waitUntilExit()
    scratch.remove()
  }

  /// Runs a command in the namespace, which has to succeed.
  @discardableResult
  func run(_ arguments: String...) async throws -> String {
    let output = try await system.tools.run(Command(arguments, timeLimit: .seconds(30)))
    guard output.succeeded else {
      throw RealPartsError(description: "\(arguments.joined(separator: " ")): \(output.exit) \(output.errorText)")
    }
    return output.text
  }

  /// A NIC that is up, and the far end of its cable, which is too.
  func addNIC(_ name: String, peer: String, mac: String? = nil) async throws {
    try await run("ip", "link", "add", name, "type", "veth", "peer", "name", peer)
    if let mac { try await run("ip", "link", "set", name, "address", mac) }
    try await run("ip", "link", "set", name, "up")
    try await run("ip", "link", "set", peer, "up")
  }

  /// The first process of a process namespace: all others in it end when it does, which is when our end of the pipe
  /// closes.
  private static func hold(_ scratch: Scratch, withSwitch: Bool) throws -> (Process, Pipe) {
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    holder.arguments = [
      "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
      """
      exec 2>>log
      set -e
      mount -t sysfs sysfs /sys
      ip link set lo up
      \(withSwitch ? switchScript : "")
      touch ready
      cat >/dev/null
      """,
    ]
    holder.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    holder.environment = [
      "PATH": Command.path, "LC_ALL": "C", "OVS_RUNDIR": scratch.path, "OVS_DBDIR": scratch.path,
      "OVS_LOGDIR": scratch.path, "OVS_SYSCONFDIR": scratch.path,
    ]
    let line = Pipe()
    holder.standardInput = line
    holder.standardOutput = FileHandle.nullDevice
    holder.standardError = FileHandle.nullDevice
    try holder.run()
    return (holder, line)
  }

  /// Where the daemon is spoken to.
  fileprivate static let control = "switch.ctl"

  /// Packets are switched in the daemon: neither a kernel module nor a service of the machine is touched.
  private static let switchScript = """
    ovsdb-tool create conf.db \(RealParts.schema)
    ovsdb-server conf.db --remote=punix:db.sock -vconsole:emer -vsyslog:off </dev/null &
    while ! [ -S db.sock ]; do sleep 0.05; done
    ovs-vsctl --timeout=20 --no-wait init
    ovs-vswitchd unix:db.sock --disable-system --unixctl="$PWD/\(control)" -vconsole:emer -vsyslog:off </dev/null &
    while ! ovs-appctl --target="$PWD/\(control)" --timeout=1 version; do sleep 0.05; done
    """
}

/// Runs commands inside the namespaces of a process.
struct NamespaceTools: ToolRunner {
  let process: Int32
  let runFolder: String

  func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    var inside = command
    // The daemon's process number means nothing outside of its process namespace, where its socket would be looked for
    // by it.
    let control = "\(runFolder)/\(RealNetwork.control)"
    if command.name == "ovs-appctl", FileManager.default.fileExists(atPath: control) {
      inside.arguments.insert("--target=\(control)", at: 1)
    }
    inside.arguments =
      ["nsenter", "--target=\(process)", "--net", "--mount", "env", "OVS_RUNDIR=\(runFolder)"] + inside.arguments
    let output: ToolOutput
    do {
      output = try await LocalTools().run(inside)
    } catch .timedOut(_, let limit) {
      throw .timedOut(tool: command.name, after: limit)
    }
    // So env says that there is no such program.
    if output.exit == .code(127) { throw .missing(tool: command.name) }
    return output
  }
}
