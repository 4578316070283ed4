import Dom0
import HostNetworking
import Synchronization
import Testing

/// The power fails, or the disk does, at every single change of the file system.
@Suite(.serialized) struct ResetCrashTests {
  static let devices: Set<String> = ["eth0", "eth1", "eth2"]

  struct Case: Sendable, CustomTestStringConvertible {
    var host: ResetHost
    var name: String
    var request: ResetRequest
    var testDescription: String { "\(host.testDescription): \(name)" }

    /// Where the coordinator may be: on the old network, on the new one, on both; and for a new address, moved or not yet.
    var worlds: [BootModel.Coordinator] {
      let old = host.layout == .bondVLAN ? 20 : nil as Int?
      let addresses = ["10.0.4.11"] + (request.coordinator.map { ["\($0)"] } ?? [])
      return addresses.flatMap { address in
        [
          BootModel.Coordinator(address: address, devices: ["eth0"], tags: [old]),
          BootModel.Coordinator(address: address, devices: [request.device], tags: [request.vlan]),
          BootModel.Coordinator(address: address, devices: ["eth0", request.device], tags: [old, request.vlan]),
        ]
      }
    }
  }

  /// A standalone host has the files of a coordinator, and without interface-rename two keys differ: of those a few.
  static let cases: [Case] =
    ([.coordinator, .member] as [ResetHost.Role]).flatMap { role in
      ResetHost.Layout.allCases.flatMap { requests(ResetHost(role: role, layout: $0)) }
    } + requests(ResetHost(role: .standalone, layout: .plain)) + requests(ResetHost(role: .standalone, layout: .bondVLAN))
    + requests(ResetHost(role: .coordinator, layout: .plain, renames: false))
    + requests(ResetHost(role: .member, layout: .bondVLAN, renames: false))

  private static func requests(_ host: ResetHost) -> [Case] {
    guard let prefix = try? IPv4Prefix(parsing: "10.0.9.12/24"), let six = try? IPv6Prefix(parsing: "fd00:9::12/64"),
      let server = InternetAddress("10.0.9.2")
    else { return [] }
    let fixed = ResetRequest.IPv4.fixed(prefix, gateway: IPv4Address("10.0.9.1"))
    let fixedSix = ResetRequest.IPv6.fixed(six, gateway: IPv6Address("fe80::1"))
    var cases = [
      Case(
        host: host, name: "untagged static",
        request: ResetRequest(device: "eth1", ipv4: fixed, dns: [server], searchDomains: ["lab.example"])),
      Case(host: host, name: "tagged static", request: ResetRequest(device: "eth1", vlan: 30, ipv4: fixed, dns: [server])),
      Case(
        host: host, name: "tagged on the NIC that is untagged today",
        request: ResetRequest(device: "eth0", vlan: 30, ipv4: .dhcp, keepsInterfaceNames: true)),
      Case(
        host: host, name: "both families", request: ResetRequest(device: "eth0", ipv4: .dhcp, ipv6: fixedSix, dns: [server])),
      Case(host: host, name: "IPv6 only, tagged", request: ResetRequest(device: "eth1", vlan: 30, ipv4: .none, ipv6: .autoconf)),
    ]
    if host.role == .member {
      cases += cases.map { old in
        var new = old
        new.request.coordinator = InternetAddress("10.0.9.11")
        new.name += ", new coordinator"
        return new
      }
    }
    return cases
  }

  /// Counts changes of the file system, and does something at one of them.
  final class Switch: Sendable {
    enum Mishap { case powerCut, failure }

    private let count = Mutex(0)
    private let place: Int
    private let mishap: Mishap

    init(at place: Int = .max, _ mishap: Mishap = .powerCut) {
      self.place = place
      self.mishap = mishap
    }

    var counted: Int { count.withLock { $0 } }

    var gate: FileGate {
      FileGate { [self] (change) throws(HostFileError) in
        let number = count.withLock { count in
          count += 1
          return count
        }
        if mishap == .powerCut ? number >= place : number == place {
          throw .notChanged(path: "\(change)", reason: mishap == .powerCut ? "power cut" : "Input/output error")
        }
      }
    }
  }

  /// systemctl, as far as a reset calls it.
  final class Services: ToolRunner, Sendable {
    let running = Mutex<Set<String>>(["xapi", "xcp-networkd"])
    let said = Mutex<[String]>([])

    func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
      said.withLock { $0.append(command.arguments.joined(separator: " ")) }
      guard command.arguments.count == 3, command.arguments[0] == "systemctl" else {
        throw .missing(tool: command.name)
      }
      let unit = command.arguments[2]
      running.withLock { if command.arguments[1] == "stop" { $0.remove(unit) } else { $0.insert(unit) } }
      return ToolOutput()
    }
  }

  static func run(_ crash: Case, on tree: ResetTree, _ gate: FileGate, _ tools: Services = Services()) async throws(ResetFailure) {
    let system = HostSystem(root: tree.root, tools: tools, gate: gate)
    let plan = try ResetPlan.make(crash.request, on: system)
    _ = try await ResetRun(plan, on: system, now: { 1_795_000_000 }).apply()
  }

  private func boot(_ tree: ResetTree, _ world: BootModel.Coordinator) -> BootModel {
    BootModel(tree.system, devices: Self.devices, coordinator: world)
  }

  /// Every tenth case is cut at every change, the others at every seventeenth.
  @Test(arguments: cases.enumerated().map { ($0.element, $0.offset % 10 == 0 ? 1 : 17) })
  func aPowerCutLeavesTheOldSettingsOrTheNew(_ crash: Case, stride pace: Int) async throws {
    let tree = try ResetTree(crash.host.files)
    let before = tree.files
    let old = crash.worlds.map { boot(tree, $0) }
    let counter = Switch()
    try await Self.run(crash, on: tree, counter.gate)
    let after = tree.files
    let new = crash.worlds.map { boot(tree, $0) }
    for (world, outcome) in zip(crash.worlds, new) {
      #expect(outcome.broken == nil && outcome.network?.settings.device == crash.request.device, "\(world): \(outcome)")
    }
    let changes = counter.counted
    #expect(changes > 60)
    var seen: Set<Bool> = []
    for place in stride(from: 1, through: changes, by: pace) {
      try tree.restore(before)
      do {
        try await Self.run(crash, on: tree, Switch(at: place).gate)
        // What comes after the journal's last word is sweeping up.
        #expect(place > changes - 40 && withoutLeftovers(tree.files) == after, "the cut at \(place) was not noticed")
      } catch {}
      // All of the old files or all of the new ones, at every instant, whatever links they hang on.
      let files = withoutLeftovers(tree.files)
      #expect(files == before || files == after, "a mixture after the cut at \(place)")
      seen.insert(files == after)
      for (index, world) in crash.worlds.enumerated() {
        let outcome = boot(tree, world)
        #expect(outcome == (files == after ? new : old)[index], "cut at \(place), \(world): \(outcome)")
      }
      // The two ways out double the time, and neighbours differ in little.
      if place % 5 == 0 || pace > 1 { try await recovers(tree, before: before, after: after, place) }
    }
    #expect(seen == [true, false])
  }

  /// At the next start both ways out of it work, whatever instant it was, and may be cut off themselves.
  private func recovers(
    _ tree: ResetTree, before: [String: [UInt8]], after: [String: [UInt8]], _ place: Int
  ) async throws {
    let standing = ResetRecovery(tree.system).standing()
    switch standing {
    case .none:
      #expect(withoutLeftovers(tree.files) == before, "no journal, yet something changed at \(place)")
      return
    case .interrupted, .waitingForReboot: break
    case .waitingForXAPI, .carriedOut, .damaged: Issue.record("\(standing) at \(place)")
    }
    for (cut, other) in [(place / 2, try tree.copy()), (place, try tree.copy())] {
      // Cut off once more on the way.
      _ = try? await ResetRecovery(HostSystem(root: other.root, gate: Switch(at: cut).gate)).undo()
      let files = withoutLeftovers(other.files)
      #expect(files == before || files == after, "a mixture after undoing was cut at \(cut)")
      if ResetRecovery(other.system).standing() != .none {
        _ = try await ResetRecovery(other.system).finish()
        #expect(withoutLeftovers(other.files) == after, "finishing after a cut at \(place)")
        #expect(other.links.isEmpty)
        guard case .waitingForReboot = ResetRecovery(other.system).standing() else {
          Issue.record("after finishing: \(ResetRecovery(other.system).standing())")
          continue
        }
        try await ResetRecovery(other.system).undo()
      }
      #expect(withoutLeftovers(other.files) == before, "undoing after a cut at \(place)")
      #expect(other.links.isEmpty)
      #expect(ResetRecovery(other.system).standing() == .none)
    }
  }

  /// A temporary file that the power cut left beside its target is in nobody's way.
  private func withoutLeftovers(_ files: [String: [UInt8]]) -> [String: [UInt8]] {
    files.filter { !$0.key.hasSuffix(".xcpconsole-new") }
  }

  @Test(arguments: cases.enumerated().filter { $0.offset % 9 == 0 }.map(\.element))
  func aFailingDiskLeavesEverythingAsItWas(_ crash: Case) async throws {
    let tree = try ResetTree(crash.host.files)
    let before = tree.files
    let counter = Switch()
    try await Self.run(crash, on: tree, counter.gate)
    for place in 1...counter.counted {
      try tree.restore(before)
      let services = Services()
      do {
        try await Self.run(crash, on: tree, Switch(at: place, .failure).gate, services)
        // Only what comes after the journal's last word may fail unheard.
        guard case .waitingForReboot = ResetRecovery(tree.system).standing() else {
          Issue.record("the failure at \(place) was not noticed")
          continue
        }
        #expect(place > counter.counted - 40)
        continue
      } catch {
        if case .stuck = error { Issue.record("at \(place): \(error)") }
      }
      #expect(tree.files == before, "at \(place)")
      #expect(tree.links.isEmpty, "at \(place)")
      #expect(services.running.withLock { $0 } == ["xapi", "xcp-networkd"], "at \(place)")
      #expect(ResetRecovery(tree.system).standing() == .none, "at \(place)")
    }
  }
}
