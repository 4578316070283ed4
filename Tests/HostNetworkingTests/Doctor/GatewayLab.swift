import Dom0
import Foundation
import Testing

@testable import HostNetworking

/// What the tests with real gateways need of the machine.
enum LabParts {
  static let programs = [
    "unshare", "nsenter", "mount", "ip", "ethtool", "dnsmasq", "ovsdb-tool", "ovsdb-server", "ovs-vswitchd", "ovs-vsctl",
  ]
  static let schema = "/usr/share/openvswitch/vswitch.ovsschema"

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
    Needs iproute2, ethtool, openvswitch-switch, dnsmasq-base and root. Missing: \(missing.joined(separator: ", "))
    """
}

struct LabError: Error, CustomStringConvertible {
  let description: String
}

/// A host with an Open vSwitch and a card, a switch with another one, a gateway that routes, a machine far behind it and a
/// neighbour: each in a network namespace of its own, with real cables between. Nothing in it is faked.
///
///     eth0 (host) --- p0 (switch) p1 --- lan (gate) wan --- far0 (far)
///                            p2 --- nic (peer)
///
/// Everything is below one process of ours, which ends when we do: nothing is left behind however a test ends.
final class GatewayLab: Sendable {
  private let holder: Process
  private let line: Pipe
  let folder: String
  let system: HostSystem

  /// The host has 10.0.4.12/24 and fd00:4::12/64 on xenbr0, the gateway .1 and ::1, DNS runs at .2 and ::2 and far away at
  /// 10.9.0.2.
  /// - Parameters:
  ///   - tag: of the host's management; nil for untagged.
  ///   - served: the VLAN that the gateway and the others are in, on the switch; nil for untagged.
  init(tag: Int? = nil, served: Int? = nil, ipv6: Bool = true) async throws {
    guard LabParts.missing.isEmpty else {
      throw LabError(description: "missing: \(LabParts.missing.joined(separator: ", "))")
    }
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-\(UUID().uuidString.prefix(8))").path
    for name in ["tree/sys", "tree/etc/xensource", "tree/var/lib/xcp", "host", "switch"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    (holder, line) = try Self.hold(folder)
    let process = holder.processIdentifier
    system = HostSystem(root: "/proc/\(process)/root\(folder)/tree", tools: LabTools(process: process, folder: folder))
    for _ in 0..<400 where !FileManager.default.fileExists(atPath: "\(folder)/ready") {
      try await Task.sleep(for: .milliseconds(25))
    }
    guard FileManager.default.fileExists(atPath: "\(folder)/ready") else {
      let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? ""
      end()
      throw LabError(description: "no namespaces: \(log)")
    }
    do {
      try await build(tag: tag, served: served, ipv6: ipv6)
    } catch {
      end()
      throw error
    }
  }

  static func with(
    tag: Int? = nil, served: Int? = nil, ipv6: Bool = true, _ body: (GatewayLab) async throws -> Void
  ) async throws {
    let lab = try await GatewayLab(tag: tag, served: served, ipv6: ipv6)
    defer { lab.end() }
    try await body(lab)
  }

  func end() {
    try? line.fileHandleForWriting.close()
    holder.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: What it is made of

  /// The bridge that management is on.
  private(set) nonisolated(unsafe) var bridge = "xenbr0"

  private func build(tag: Int?, served: Int?, ipv6: Bool) async throws {
    for (a, b, place, other) in [
      ("eth0", "p0", "host", "switch"), ("lan", "p1", "gate", "switch"), ("nic", "p2", "peer", "switch"),
      ("wan", "far0", "gate", "far"),
    ] {
      try await run("ip", "link", "add", a, "type", "veth", "peer", "name", b)
      for (name, place) in [(a, place), (b, other)] {
        if place != "host" { try await run("ip", "link", "set", name, "netns", place) }
        try await inside(place, "ip", "link", "set", name, "up")
        // Whoever takes packets off the wire by hand wants whole checksums.
        try await inside(place, "ethtool", "-K", name, "tx", "off")
      }
    }
    let vlan = served.map { ["tag=\($0)"] } ?? []
    try await onSwitch(["add-br", "sw", "--", "set", "bridge", "sw", "datapath_type=netdev"])
    try await onSwitch(["add-port", "sw", "p0"])
    try await onSwitch(["add-port", "sw", "p1"] + vlan)
    try await onSwitch(["add-port", "sw", "p2"] + vlan)
    try await run("ovs-vsctl", "--timeout=20", "add-br", "xenbr0", "--", "set", "bridge", "xenbr0", "datapath_type=netdev")
    try await run("ovs-vsctl", "--timeout=20", "add-port", "xenbr0", "eth0")
    if let tag {
      bridge = "xapi1"
      try await run("ovs-vsctl", "--timeout=20", "add-br", "xapi1", "xenbr0", "\(tag)")
    }
    try await run("ip", "link", "set", "xenbr0", "up")
    try await run("ip", "link", "set", bridge, "up")
    try await addresses(ipv6)
    try files(ipv6)
    try await dns("gate")
    try await dns("far")
  }

  private func addresses(_ ipv6: Bool) async throws {
    for (place, device, address) in [
      ("host", bridge, "10.0.4.12/24"), ("gate", "lan", "10.0.4.1/24"), ("gate", "lan", "10.0.4.2/24"),
      ("peer", "nic", "10.0.4.30/24"), ("gate", "wan", "10.9.0.1/24"), ("far", "far0", "10.9.0.2/24"),
    ] { try await inside(place, "ip", "addr", "add", address, "dev", device) }
    try await inside("gate", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
    try await run("ip", "route", "add", "default", "via", "10.0.4.1")
    try await inside("far", "ip", "route", "add", "default", "via", "10.9.0.1")
    guard ipv6 else { return }
    for (place, device, address) in [
      ("host", bridge, "fd00:4::12/64"), ("gate", "lan", "fd00:4::1/64"), ("gate", "lan", "fd00:4::2/64"),
      ("peer", "nic", "fd00:4::30/64"), ("gate", "wan", "fd00:9::1/64"), ("far", "far0", "fd00:9::2/64"),
    ] { try await inside(place, "ip", "addr", "add", address, "dev", device, "nodad") }
    try await inside("gate", "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
    try await run("ip", "-6", "route", "add", "default", "via", "fd00:4::1")
    try await inside("far", "ip", "-6", "route", "add", "default", "via", "fd00:9::1")
  }

  private func files(_ ipv6: Bool) throws {
    try write(
      "etc/xensource-inventory",
      "MANAGEMENT_INTERFACE='\(bridge)'\nMANAGEMENT_ADDRESS_TYPE='IPv4'\nINSTALLATION_UUID='0d1e'\nPRODUCT_BRAND='XCP-ng'\n")
    try write("etc/xensource/network.conf", "openvswitch\n")
    try write("etc/xensource/pool.conf", "master")
    try write("etc/hostname", "lab\n")
    try write("etc/resolv.conf", "nameserver 10.0.4.2\nnameserver 10.9.0.2\n")
    try write("etc/chrony.conf", "server time.lab.example iburst\n")
  }

  func write(_ path: String, _ text: String) throws {
    try text.write(toFile: "\(folder)/tree/\(path)", atomically: true, encoding: .utf8)
  }

  /// A name server that knows `time.lab.example` and, as a big answer, `many.lab.example`.
  private func dns(_ place: String) async throws {
    let many = (1...60).map { "--host-record=many.lab.example,10.7.0.\($0)" }
    let output = try await system.tools.run(
      Command(
        Self.words(place) + [
          "dnsmasq", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root", "--pid-file=",
          "--bind-interfaces", "--log-facility=/dev/null", "--host-record=time.lab.example,10.9.0.2,fd00:9::2",
          "--cname=alias.lab.example,time.lab.example", "--local=/lab.example/",
        ] + many,
        timeLimit: .seconds(10)))
    guard output.succeeded else { throw LabError(description: "dnsmasq: \(output.errorText)") }
  }

  // MARK: Doing things in it

  private static func words(_ place: String) -> [String] { place == "host" ? [] : ["ip", "netns", "exec", place] }

  /// In the host's namespace.
  @discardableResult
  func run(_ arguments: String...) async throws -> String { try await perform(arguments) }

  @discardableResult
  func inside(_ place: String, _ arguments: String...) async throws -> String {
    try await perform(Self.words(place) + arguments)
  }

  @discardableResult
  func onSwitch(_ arguments: [String]) async throws -> String {
    try await perform(["ovs-vsctl", "--timeout=20", "--db=unix:\(folder)/switch/db.sock"] + arguments)
  }

  private func perform(_ arguments: [String]) async throws -> String {
    let output = try await system.tools.run(Command(arguments, timeLimit: .seconds(30)))
    guard output.succeeded else {
      throw LabError(description: "\(arguments.joined(separator: " ")): \(output.exit) \(output.errorText)")
    }
    return output.text
  }

  // MARK: The doctor in it

  var probes: SocketProbes { SocketProbes(system, maker: maker(of: "host")) }

  /// Makes sockets in one of the namespaces.
  func maker(of place: String) -> SocketMaker {
    let process = "/proc/\(holder.processIdentifier)"
    return maker(place == "host" ? "\(process)/ns/net" : "\(process)/root/run/netns/\(place)")
  }

  /// A socket belongs to the namespace its thread was in when it was made. These threads end with their question.
  private func maker(_ namespace: String) -> SocketMaker {
    SocketMaker { family, kind, number in
      guard let symbol = dlsym(nil, "setns") else { return -ENOSYS }
      let enter = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
      let place = open(namespace, O_RDONLY | O_CLOEXEC)
      defer { close(place) }
      guard place >= 0, enter(place, 0) == 0 else { return -errno }
      return SocketMaker.ours.make(family, kind, number)
    }
  }

  /// Patient with a busy machine.
  static var timing: DoctorTiming {
    var timing = DoctorTiming()
    (timing.look, timing.gateway, timing.dns, timing.whole) = (.seconds(10), .seconds(2), .seconds(3), .seconds(60))
    return timing
  }

  func report(timing: DoctorTiming = timing) async -> DoctorReport {
    await Doctor(system, client: nil, probes: probes, timing: timing).run()
  }

  // MARK: Holding it

  private static func hold(_ folder: String) throws -> (Process, Pipe) {
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    holder.arguments = ["--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script]
    holder.currentDirectoryURL = URL(fileURLWithPath: folder)
    holder.environment = [
      "PATH": Command.path, "LC_ALL": "C", "OVS_RUNDIR": "\(folder)/host", "OVS_DBDIR": "\(folder)/host",
      "OVS_LOGDIR": "\(folder)/host", "OVS_SYSCONFDIR": "\(folder)/host",
    ]
    let line = Pipe()
    holder.standardInput = line
    holder.standardOutput = FileHandle.nullDevice
    holder.standardError = FileHandle.nullDevice
    try holder.run()
    return (holder, line)
  }

  /// The first process of a process namespace: all others in it end when it does, which is when our end of the pipe closes.
  private static let script = """
    exec 2>>log
    set -e
    mount -t sysfs sysfs tree/sys
    mount -t tmpfs tmpfs /run
    ip link set lo up
    for place in switch gate peer far; do ip netns add $place; ip -n $place link set lo up; done
    # Their addresses are to be there at once.
    for place in gate peer far; do
      ip netns exec $place sh -c "echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad"
    done
    start() {
      ovsdb-tool create $1/conf.db \(LabParts.schema)
      $2 ovsdb-server $1/conf.db --remote=punix:$PWD/$1/db.sock -vconsole:emer -vsyslog:off </dev/null &
      while ! [ -S $1/db.sock ]; do sleep 0.05; done
      ovs-vsctl --db=unix:$PWD/$1/db.sock --timeout=20 --no-wait init
      $2 ovs-vswitchd unix:$PWD/$1/db.sock --disable-system --unixctl="$PWD/$1/switch.ctl" -vconsole:emer -vsyslog:off </dev/null &
      while ! ovs-appctl --target="$PWD/$1/switch.ctl" --timeout=1 version; do sleep 0.05; done
    }
    start host ""
    start switch "ip netns exec switch"
    touch ready
    cat >/dev/null
    """
}

/// Runs commands inside the namespaces of the lab.
struct LabTools: ToolRunner {
  let process: Int32
  let folder: String

  func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    var inside = command
    // The daemon's process number means nothing outside of its process namespace.
    if command.name == "ovs-appctl" { inside.arguments.insert("--target=\(folder)/host/switch.ctl", at: 1) }
    // Into the process namespace as well: what a command leaves behind ends with the lab.
    let places = ["--net", "--mount", "--pid=/proc/\(process)/ns/pid_for_children"]
    inside.arguments =
      ["nsenter", "--target=\(process)"] + places + ["env", "OVS_RUNDIR=\(folder)/host"] + inside.arguments
    let output: ToolOutput
    do {
      output = try await LocalTools().run(inside)
    } catch .timedOut(_, let limit) {
      throw .timedOut(tool: command.name, after: limit)
    }
    if output.exit == .code(127) { throw .missing(tool: command.name) }
    return output
  }
}
