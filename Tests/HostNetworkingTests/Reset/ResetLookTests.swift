import Dom0
@testable import HostNetworking
import SimulatedHost
import Testing
import XenAPI

@Suite struct ResetLookTests {
  @Test func tellsOfACoordinator() async throws {
    let scene = try await ResetScene(.pool)
    let facts = await scene.facts()
    #expect(facts.hostname == "xcp1")
    guard case .coordinator(let hosts) = facts.role else {
      Issue.record("\(facts.role)")
      return
    }
    #expect(hosts > 1)
    #expect(facts.coordinatorReach == .notAsked)
    #expect(facts.now.device == "bond0" && facts.now.members == ["eth0", "eth1"] && facts.now.source == "networkd.db")
    #expect(facts.now.ipv4 == .fixed(try IPv4Prefix(parsing: "10.0.4.11/24"), gateway: IPv4Address("10.0.4.1")))
    #expect(facts.now.liveAddresses.contains("10.0.4.11/24"))
    #expect(facts.devices.map(\.name).starts(with: ["eth0", "eth1"]))
    #expect(facts.device("eth0")?.use == "member of bond0, management")
    #expect(facts.device("eth0")?.link == .up && facts.device("eth0")?.mac.isEmpty == false)
    #expect(facts.deletedSource == .xapi)
    #expect(facts.deleted.contains("bond0 (eth0, eth1)"))
    #expect(facts.deleted.contains { $0.hasPrefix("VLANs 10") && $0.hasSuffix("on bond0") }, "\(facts.deleted)")
    #expect((facts.networks ?? 0) > 3 && (facts.vifs ?? 0) > 3)
    #expect(!facts.runningVMs.isEmpty && facts.runningVMs.allSatisfy { $0.ref != nil })
    #expect(facts.haEnabled == .no && facts.haArmed == .no && facts.redoLog == .no && facts.clustering == .no)
    #expect(facts.standing == .none && facts.diskProblem == nil && !facts.triggerIsPending)
    // A NIC of the bond, with the address that is there today.
    #expect(["eth0", "eth1"].contains(facts.answers.device))
    #expect(facts.answers.checked(against: facts).request != nil)
    await scene.close()
  }

  @Test func aMemberIsToldWhetherItsCoordinatorAnswers() async throws {
    let scene = try await ResetScene(.member)
    let facts = await scene.facts(.silent("no answer within 3 s"))
    #expect(facts.role == .member(coordinator: "10.0.4.11"))
    let hazard = facts.hazards(for: ResetRequest(device: "eth0")).first { $0.text.contains("10.0.4.11") }
    #expect(hazard?.text == "The coordinator does not answer at 10.0.4.11: no answer within 3 s")
    #expect(hazard?.remedy?.contains("give the new one") == true)
    await scene.close()
  }

  /// What XAPI would tell comes from its database on disk, and says so.
  @Test func withoutXAPITheSavedDatabaseTells() async throws {
    let scene = try await ResetScene(.pool)
    let told = await scene.facts()
    _ = await scene.host.runTool(["systemctl", "stop", "xapi"])
    let facts = await scene.facts()
    guard case .savedDatabase(let written) = facts.runningVMsSource else {
      Issue.record("\(facts.runningVMsSource)")
      return
    }
    #expect(written > 0)
    #expect(facts.runningVMs.map(\.name) == told.runningVMs.map(\.name))
    #expect(facts.deleted == told.deleted)
    #expect(facts.networks == told.networks && facts.vifs == told.vifs)
    #expect(facts.role == told.role)
    await scene.close()
  }

  @Test func withoutTheDatabaseEitherNetworkdTells() async throws {
    let scene = try await ResetScene(.pool)
    _ = await scene.host.runTool(["systemctl", "stop", "xapi"])
    var facts = await scene.facts()
    // XAPI's last words may still be on their way to the disk.
    for _ in 0..<200 where facts.deletedSource != .files {
      for path in [XapiDatabase.coordinatorPath, XapiDatabase.memberPath] { try scene.system.remove(path) }
      facts = await scene.facts()
    }
    #expect(facts.deletedSource == .files)
    #expect(facts.deleted.contains("bond0 (eth0, eth1)"))
    #expect(facts.runningVMs.isEmpty && facts.runningVMsSource == .nobody)
    guard case .unknown = facts.haEnabled else {
      Issue.record("\(facts.haEnabled)")
      return
    }
    await scene.close()
  }

  @Test func namesOfTheInstallationAreCompared() async throws {
    let scene = try await ResetScene(.pool)
    let facts = await scene.facts()
    let (first, second) = (try #require(facts.device("eth0")), try #require(facts.device("eth1")))
    #expect(first.nameAfterReset == .same)
    // The installer called them the other way round, and knew no more.
    let entries = [(first, "eth1"), (second, "eth0")].map { nic, name in
      DynamicRules.Entry(mac: nic.mac, pci: "0000:04:00.0[0]", name: name)
    }
    let copy = try #require(RenameRules.fromInstall.first { $0.live == RenameRules.dynamicPath }?.copy)
    try scene.system.replace(copy, with: try DynamicRules.rendered(lastBoot: entries, old: []))
    let swapped = await scene.facts()
    #expect(swapped.device("eth0")?.nameAfterReset == .other("eth1"))
    #expect(swapped.device("eth2")?.nameAfterReset == .unknown)
    let hazards = swapped.hazards(for: ResetRequest(device: "eth0"))
    #expect(hazards.contains { $0.weight == .warning && $0.text.contains("will be called eth1") })
    let kept = swapped.hazards(for: ResetRequest(device: "eth0", keepsInterfaceNames: true))
    #expect(!kept.contains { $0.text.contains("will be called") })
    #expect(swapped.answers.keepsInterfaceNames)
    await scene.close()
  }
}

/// What is to be known before a reset, and what forbids it.
@Suite struct ResetHazardTests {
  private func facts() -> ResetFacts {
    var facts = ResetFacts()
    facts.role = .standalone
    facts.managementBridge = "xenbr0"
    (facts.haArmed, facts.haEnabled, facts.redoLog, facts.clustering) = (.no, .no, .no, .no)
    facts.poolSource = .xapi
    facts.devices = [ResetDevice(name: "eth0", mac: "00:00:00:00:00:01", link: .up)]
    return facts
  }

  private let request = ResetRequest(device: "eth0")

  @Test func aQuietHostHasNone() { #expect(facts().hazards(for: request).isEmpty) }

  struct Trap: Sendable, CustomTestStringConvertible {
    var says: String
    var weight: Hazard.Weight
    var set: @Sendable (inout ResetFacts, inout ResetRequest) -> Void
    var testDescription: String { says }
  }

  static let traps: [Trap] = [
    Trap(says: "High availability is on", weight: .blocking) { facts, _ in facts.haArmed = .yes },
    Trap(says: "High availability is on", weight: .blocking) { facts, _ in facts.haEnabled = .yes },
    Trap(says: "redo log", weight: .blocking) { facts, _ in facts.redoLog = .yes },
    Trap(says: "Clustering", weight: .blocking) { facts, _ in facts.clustering = .yes },
    Trap(says: "Only root", weight: .blocking) { facts, _ in facts.isRoot = false },
    Trap(says: "inventory cannot be read", weight: .blocking) { facts, _ in facts.managementBridge = nil },
    Trap(says: "full: 12 bytes", weight: .blocking) { facts, _ in facts.diskProblem = .full(freeBytes: 12) },
    Trap(says: "read-only", weight: .blocking) { facts, _ in facts.diskProblem = .readOnly },
    Trap(says: "made writable first", weight: .warning) { facts, _ in
      (facts.diskProblem, facts.isThisMachine) = (.readOnly, true)
    },
    Trap(says: "cannot be read: torn", weight: .warning) { facts, _ in facts.standing = .damaged("torn") },
    Trap(says: "pending already", weight: .warning) { facts, _ in facts.triggerIsPending = true },
    Trap(says: "eth0 has no link", weight: .warning) { facts, _ in facts.devices[0].link = .down },
    Trap(says: "switched off", weight: .notice) { facts, _ in facts.devices[0].link = .off },
    Trap(says: "it may come up with another name", weight: .warning) { facts, _ in
      facts.devices[0].nameAfterReset = .unknown
    },
    Trap(says: "2 VMs still run and will be cut off by the reboot: db1, web1", weight: .warning) { facts, _ in
      facts.runningVMs = [.init(uuid: "1", name: "db1"), .init(uuid: "2", name: "web1")]
    },
    Trap(says: "bond0 (eth0, eth1); VLANs 20, 30 on bond0", weight: .warning) { facts, _ in
      facts.deleted = ["bond0 (eth0, eth1)", "VLANs 20, 30 on bond0"]
    },
    Trap(says: "primary address family becomes IPv6", weight: .warning) { _, request in
      (request.ipv4, request.ipv6) = (.none, .autoconf)
    },
    Trap(says: "a coordinator or a member is not known", weight: .warning) { facts, _ in facts.role = .broken("torn") },
    Trap(says: "the other 2 hosts of the pool will not find it", weight: .warning) { facts, _ in
      facts.role = .coordinator(hosts: 3)
    },
    Trap(says: "answers at 10.0.4.11, and shall be looked for at 10.0.4.99", weight: .warning) { facts, request in
      facts.role = .member(coordinator: "10.0.4.11")
      facts.coordinatorReach = .answers(milliseconds: 1)
      request.coordinator = InternetAddress("10.0.4.99")
    },
    // A member's copy of the database is old: it cannot forbid the only rescue there is.
    Trap(says: "when this host last heard of it", weight: .warning) { facts, _ in
      (facts.role, facts.haEnabled) = (.member(coordinator: "10.0.4.11"), .yes)
      facts.poolSource = .savedDatabase(at: 1)
    },
  ]

  @Test(arguments: traps)
  func eachIsNamedWithItsWeight(_ trap: Trap) {
    var (facts, request) = (facts(), request)
    trap.set(&facts, &request)
    let hazards = facts.hazards(for: request)
    #expect(hazards.contains { $0.weight == trap.weight && $0.text.contains(trap.says) }, "\(hazards)")
    #expect(facts.isBlocked(for: request) == (trap.weight == .blocking))
    #expect(hazards.allSatisfy { !$0.text.hasSuffix(".") })
  }

  @Test func theWayOutOfHighAvailabilityFitsTheHost() {
    var facts = facts()
    facts.haArmed = .yes
    #expect(HARelease.steps(facts) == [.disable, .verify])
    facts.poolSource = .savedDatabase(at: 1)
    #expect(HARelease.steps(facts) == [.emergencyDisable, .restart, .verify])
    // The pool's flag is the coordinator's to clear.
    facts.role = .member(coordinator: "10.0.4.11")
    #expect(HARelease.steps(facts) == nil)
    #expect(facts.hazards(for: request).first?.remedy?.contains("On the coordinator: xe pool-ha-disable") == true)
  }

  @Test(arguments: [
    ([], ""), ([7], "7"), ([7, 8], "7, 8"), ([1, 2, 3, 9, 11, 12, 13, 14], "1-3, 9, 11-14"),
  ] as [([Int], String)])
  func vlansAreFolded(tags: [Int], text: String) { #expect(Deletions.ranges(tags) == text) }
}
