import Dom0
import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// Other names for NICs, from the look to the rules on disk.
struct RenamePlanTests {
  private let fixed = RenameRules.staticPath
  private let dynamic = RenameRules.dynamicPath

  private func look(_ host: ChangeHost) async -> NICNames { await NamesLook(host.client, host.system).names() }

  private func plan(_ host: ChangeHost, _ words: String..., completes: Bool = true, changesStatic: Bool = false) async throws -> ChangePlan {
    let names = await look(host)
    let request = try RenameRequest(parsing: words, among: names.nics, completes: completes, changesStaticRules: changesStatic)
    return try RenamePlanner(names).plan(request)
  }

  private func blocks(_ plan: ChangePlan) -> [String] { plan.hazards.filter { $0.weight == .blocking }.map(\.text) }

  private func written(_ host: ChangeHost) throws -> [String: String] {
    Dictionary(try DynamicRules(of: host.system).lastBoot.map { ($0.name, $0.mac) }, uniquingKeysWith: { $1 })
  }

  // MARK: The look

  @Test func theLookKnowsPlacesAndUses() async throws {
    try await ChangeHost.with(.standalone) { host in
      let names = await look(host)
      #expect(names.scheme == .rules && names.problem == nil)
      #expect(names.nics.map(\.name) == ["eth0", "eth1", "eth2", "eth3"])
      #expect(names.nics.map(\.nextName) == ["eth0", "eth1", "eth2", "eth3"])
      #expect(names.nics.map(\.card.physical) == ["em1", "em2", "em3", "em4"])
      #expect(names.nics[2].card.label == "Integrated NIC 3" && names.nics[2].driver == "ixgbe" && names.nics[2].pci == "0000:5e:00.0")
      #expect(names.nics[0].use.words == ["management"] && names.nics[2].use.vms == ["mail", "nas"])
      #expect(names.nics[2].link == .up && names.nics[3].link == .down)
      #expect(names.leftovers.isEmpty)
    }
  }

  /// Without XAPI the host's own files tell the same.
  @Test(arguments: [Scenario.stranded, .standalone])
  func theUseIsKnownWithoutXAPI(_ scenario: Scenario) async throws {
    try await ChangeHost.with(scenario) { host in
      await host.host.setFault(.refuse)
      let names = await look(host)
      #expect(names.xapi == nil && names.silence != nil)
      let uses = names.nics.map(\.use.words)
      if scenario == .stranded {
        #expect(uses[0] == ["management", "bond0 member", "VLANs 20, 30"] && uses[1] == uses[0])
      } else {
        #expect(uses == [["management"], [], [], []])
      }
      #expect(names.nics[0].use.reasons.isEmpty == false && names.nics[2].use.isFree)
    }
  }

  // MARK: The plan

  @Test func oneWordIsEnoughForASwap() async throws {
    try await ChangeHost.with(.standalone) { host in
      let names = await look(host)
      let macs = names.nics.map(\.mac)
      let plan = try await plan(host, "eth2=\(macs[3].uppercased())")
      #expect(blocks(plan).isEmpty && plan.title == "eth2 becomes eth3, eth3 becomes eth2")
      #expect(plan.steps.map(\.commands) == [["interface-rename --update eth2=\(macs[3]) eth3=\(macs[2])"]])
      #expect(plan.differences.first { $0.name == "rule eth2" }?.after == "\(macs[3]) 5e:00.1")
      #expect(plan.hazards.contains { $0.weight == .warning && $0.text.hasPrefix("mail, nas use eth2's network") })
      #expect(plan.consequences.contains { $0.contains("xe pif-scan host-uuid=\(names.xapi?.hostUUID ?? "?")") })

      let before = try (host.system.read(fixed), host.system.read(dynamic))
      #expect(await host.run(plan) == .done)
      #expect(try written(host) == ["eth0": macs[0], "eth1": macs[1], "eth2": macs[3], "eth3": macs[2]])
      // Once is enough, and the way back is exact.
      #expect(try await NamesHands(host.system).perform(plan.steps[0].action) == .wasSo)
      #expect(try await self.plan(host, "eth2=\(macs[3])").isEmpty)
      #expect(try await NamesHands(host.system).perform(plan.steps[0].undo[0]) == .done)
      #expect(try host.system.read(fixed) == before.0 && host.system.read(dynamic) == before.1)

      _ = await host.run(plan)
      await host.host.boot()
      let after = await look(host)
      #expect(after.nics.map(\.mac) == [macs[0], macs[1], macs[3], macs[2]])
      #expect(after.leftovers.isEmpty, "XAPI has followed")
    }
  }

  private func problem(_ words: [String], _ nics: [NICNames.NIC]) -> String {
    do throws(ChangeProblem) {
      _ = try RenameRequest(parsing: words, among: nics)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func theVendorsWordsAreUnderstood() async throws {
    try await ChangeHost.with(.standalone) { host in
      let nics = await look(host).nics
      for word in ["eth1=\(nics[2].mac)", "eth1=0000:5e:00.0", "eth1=0000:5e:00.0[0]", "eth1=em3", "eth1=\"Integrated NIC 3\"", "eth1=Integrated NIC 3"] {
        let request = try RenameRequest(parsing: [word], among: nics)
        #expect(request.names == [nics[2].mac: "eth1"], "\(word)")
      }
      for (words, reason) in [
        (["eth1"], "no ethN=NIC"), (["eth1="], "no ethN=NIC"), (["bond0=em3"], "no name for a NIC"), (["eth01=em3"], "begins with 0"),
        (["eth1234=em3"], "too high"), (["eth100=em3"], "99 is the highest"), (["eth1=em9"], "no NIC of this host"), (["eth1=em3", "eth1=em4"], "would be both"),
        (["eth1=em3", "eth2=em3"], "would be both"), ([], "no name is given"),
      ] {
        let problem = problem(words, nics)
        #expect(problem.contains(reason), "\(words): \(problem)")
      }
    }
  }

  @Test func longerCyclesAndHoles() async throws {
    try await ChangeHost.with(.standalone) { host in
      let macs = await look(host).nics.map(\.mac)
      // em3 takes eth1, em4 takes eth2: eth3 is left for em2.
      let cycle = try await plan(host, "eth1=em3", "eth2=em4")
      #expect(cycle.steps[0].action == .setNICNames([macs[2]: "eth1", macs[3]: "eth2", macs[1]: "eth3"]))
      let hole = try await plan(host, "eth7=em4")
      #expect(hole.hazards.contains { $0.text.hasPrefix("no NIC is called eth3 any more") })
      #expect(hole.consequences.contains { $0.hasPrefix("after the reboot, as no NIC is called eth3") })
      #expect(throws: ChangeProblem.self) {
        _ = try RenamePlanner(NICNames()).outlook(RenameRequest(names: ["00:00:00:00:00:01": "eth1"]))
      }
      await #expect(throws: ChangeProblem.self) { _ = try await plan(host, "eth2=em4", completes: false) }
      #expect(try await plan(host, "eth2=em4", "eth3=em3", completes: false).isBlocked == false)
    }
  }

  @Test func aMoveIsFinishedInXAPI() async throws {
    try await ChangeHost.with(.standalone) { host in
      #expect(await host.run(try await plan(host, "eth7=em4")) == .done)
      await host.host.boot()
      var names = await look(host)
      #expect(names.leftovers == [.forget("eth3", now: "eth7"), .scan("eth7")])
      #expect(names.leftovers.map(\.intent) == [.forgetNIC("eth3"), .scanNICs(plugs: true)])
      // Their own plans finish it, one after the other.
      for leftover in names.leftovers {
        let plan = try await ChangePlanning(host.client, host.system, FakeProbes()).plan(leftover.intent)
        #expect(plan.hazards.filter { $0.weight == .blocking }.map(\.text) == [])
        #expect(await host.run(plan) == .done)
      }
      names = await look(host)
      #expect(names.leftovers == [])
    }
  }

  // MARK: Refusing

  @Test func managementKeepsItsName() async throws {
    try await ChangeHost.with(.standalone) { host in
      let plan = try await plan(host, "eth0=em2")
      #expect(blocks(plan) == ["eth0 carries management"])
      #expect(await look(host).nics[0].use.reasons.first?.remedy.isEmpty == false)
    }
    try await ChangeHost.with(.stranded) { host in
      let blocks = blocks(try await plan(host, "eth2=em1"))
      #expect(blocks.contains("eth0 carries management (bond0)") && blocks.contains("eth0 is a member of bond0"))
    }
  }

  @Test func whatIsInUseKeepsItsName() async throws {
    try await ChangeHost.with(.standalone) { host in
      let pifs = await host.host.refs(class: "PIF", where: ["device": "eth2"])
      await host.host.createRow(class: "network", ["name_label": "Office", "bridge": "xapi42", "managed": true])
      let network = await host.host.refs(class: "network", where: ["name_label": "Office"])[0]
      _ = try await host.client.call("VLAN.create", [.string(pifs[0]), 42, .string(network)])
      let other = await host.host.refs(class: "PIF", where: ["device": "eth1"])
      _ = try await host.client.call("PIF.reconfigure_ip", [.string(other[0]), "Static", "10.9.0.11", "255.255.255.0", "", ""])
      let plan = try await plan(host, "eth1=em3")
      #expect(blocks(plan) == ["eth1 has 10.9.0.11", "eth2 has VLAN 42"])
      #expect(plan.isBlocked)
    }
  }

  @Test(arguments: [("mac", 3), ("pci", 3), ("ppn", 3), ("label", 3)])
  func staticRulesStandInTheWay(_ method: String, _ place: Int) async throws {
    try await ChangeHost.with(.standalone) { host in
      let nic = await look(host).nics[place]
      let value = ["mac": nic.mac, "pci": nic.pci, "ppn": "em4", "label": "Integrated NIC 4"][method] ?? ""
      let text = "# mine\neth3:\(method)=\"\(value)\"\n"
      try StaticRules.write(Array(text.utf8), to: host.system)
      #expect(await look(host).rule(of: nic.mac)?.method.rawValue == method)
      let refused = try await plan(host, "eth2=em4")
      #expect(blocks(refused).count == 1 && blocks(refused)[0].contains("eth3:\(method)=\"\(value)\""), "\(blocks(refused))")
      // Told to, the rule follows its NIC.
      let plan = try await plan(host, "eth2=em4", changesStatic: true)
      #expect(blocks(plan).isEmpty && plan.steps.count == 2)
      #expect(await host.run(plan) == .done)
      #expect(try StaticRules(of: host.system).rules.map(\.name) == ["eth2"])
      #expect(try written(host)["eth2"] == nic.mac)
      for step in plan.steps.reversed() { for action in step.undo { _ = try await NamesHands(host.system).perform(action) } }
      #expect(String(decoding: try host.system.read(fixed), as: UTF8.self) == text)
    }
  }

  @Test func aRuleForANICThatIsGoneStandsInTheWayToo() async throws {
    try await ChangeHost.with(.standalone) { host in
      try StaticRules.write(Array("eth7:mac=\"00:00:00:00:00:77\"\n".utf8), to: host.system)
      #expect(blocks(try await plan(host, "eth7=em4"))[0].contains("keeps eth7 for a NIC that is not there"))
      let plan = try await plan(host, "eth7=em4", changesStatic: true)
      #expect(plan.steps[0].sentence == "Drop the static rule for eth7")
      // One that says the same is in nobody's way.
      try StaticRules.write(Array("eth2:ppn=\"em3\"\n".utf8), to: host.system)
      #expect(blocks(try await self.plan(host, "eth7=em4")).isEmpty)
    }
  }

  /// Without biosdevname nobody knows which NIC a rule by position or label means.
  @Test(arguments: ["eth9:ppn=\"em3\"", "eth9:label=\"Integrated NIC 3\""])
  func namesThatCannotBeToldAreNotTold(_ rule: String) async throws {
    try await ChangeHost.with(.standalone) { host in
      await host.host.setTool("biosdevname", .missing)
      #expect(await look(host).nics.allSatisfy { $0.nextName == $0.name })
      try StaticRules.write(Array("\(rule)\n".utf8), to: host.system)
      let names = await look(host)
      #expect(names.problem?.contains("the static rule for eth9") == true)
      #expect(names.nics.allSatisfy { $0.nextName == nil })
      #expect(throws: ChangeProblem.self) { _ = try RenamePlanner(names).plan(RenameRequest(names: [names.nics[3].mac: "eth7"])) }
      // Neither are those of the installation, which may be the way out all the same.
      try host.system.replace(RenameRules.fromInstall[0].copy, with: Array("\(rule)\n".utf8))
      let reset = try RenamePlanner(names).resetPlan(InstalledRules(of: host.system))
      #expect(!reset.isBlocked && reset.hazards.contains { $0.weight == .warning && $0.text.contains("the static rule for eth9") })
    }
  }

  /// A bond of the kernel gives its members one MAC; the next boot goes by their own.
  @Test func membersOfAKernelBondKeepTheirNames() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = await look(host).nics
      let members = before.suffix(2).map { "Slave Interface: \($0.name)\nMII Status: up\nPermanent HW addr: \($0.mac)\n" }
      try host.system.makeFolder("/proc/net/bonding")
      try host.system.replace(
        "/proc/net/bonding/bond0", with: Array("Bonding Mode: fault-tolerance (active-backup)\nMII Status: up\n\n\(members.joined(separator: "\n"))".utf8))
      try host.system.replace("/sys/class/net/eth3/address", with: Array("\(before[2].mac)\n".utf8))
      let names = await look(host)
      #expect(names.problem == nil && names.nics.map(\.mac) == before.map(\.mac))
      #expect(names.nics.map(\.nextName) == before.map(\.name))
      #expect(names.nics.map(\.kernelBond) == [nil, nil, "bond0", "bond0"])
      // The tool has only the MACs of the moment to go by.
      let plan = try RenamePlanner(names).plan(RenameRequest(names: [before[1].mac: "eth7"]))
      #expect(blocks(plan).contains { $0.hasPrefix("eth2 and eth3 have one MAC while they are in bond0") })
      try DynamicRules.write(Array("{ not json".utf8), to: host.system)
      let reset = try RenamePlanner(await look(host)).resetPlan(InstalledRules(of: host.system))
      #expect(!reset.isBlocked && !reset.isEmpty)
    }
  }

  @Test func damagedRulesAreSaid() async throws {
    try await ChangeHost.with(.standalone) { host in
      let nics = await look(host).nics
      try DynamicRules.write(Array("{ not json".utf8), to: host.system)
      let names = await look(host)
      #expect(names.problem?.contains("not JSON") == true && names.nics.count == 4)
      #expect(throws: ChangeProblem.self) { _ = try RenamePlanner(names).plan(RenameRequest(names: [nics[3].mac: "eth2"])) }
      // The names of the installation are the way out.
      let plan = try RenamePlanner(names).resetPlan(InstalledRules(of: host.system))
      #expect(!plan.isBlocked && !plan.isEmpty)
      #expect(await host.run(plan) == .done)
      #expect(try DynamicRules(of: host.system).lastBoot.count == 4)
    }
  }

  // MARK: The tool

  /// "All done" and exit code 0 say nothing: what was written counts.
  @Test func whatTheToolWroteIsReadAgain() async throws {
    try await ChangeHost.with(.standalone) { host in
      let plan = try await plan(host, "eth2=em4")
      let before = try host.system.read(dynamic)
      for (tool, reason) in [
        (OddTool(host.system, says: "All done"), "where"), (OddTool(host.system, says: "All done", writes: "{}"), "nothing"),
        (OddTool(host.system, says: "Traceback", writes: "gone", code: 1), "interface-rename failed"),
      ] {
        let system = HostSystem(root: host.folder, tools: tool)
        let odd = ChangeHost(host: host.host, client: host.client, system: system, folder: host.folder)
        guard case .undone(let why) = await odd.run(plan) else {
          Issue.record("it was not taken back")
          continue
        }
        #expect(why.contains(reason) && why.contains(tool.words), "\(why)")
        #expect(try host.system.read(dynamic) == before)
      }
      await host.host.setTool("interface-rename", .missing)
      #expect(await host.run(plan) == .undone(reason: "interface-rename is not on this host"))
      await host.host.setTool("interface-rename", nil)
      #expect(await host.run(plan) == .done)
    }
  }

  // MARK: The installation's names

  @Test func backToTheInstallation() async throws {
    try await ChangeHost.with(.standalone) { host in
      let macs = await look(host).nics.map(\.mac)
      func reset() async throws -> ChangePlan { try RenamePlanner(await look(host)).resetPlan(InstalledRules(of: host.system)) }
      #expect(try await reset().isEmpty)
      #expect(await host.run(try await plan(host, "eth2=em4")) == .done)
      let plan = try await reset()
      #expect(plan.steps.map(\.commands) == [["interface-rename --reset-to-install"]])
      #expect(plan.differences.first { $0.name == "rule eth2" }?.after == "\(macs[2]) 5e:00.0")
      #expect(await host.run(plan) == .done)
      #expect(try written(host)["eth2"] == macs[2])
      // Without a copy, or with a damaged one, there is no way back.
      _ = await host.run(try await self.plan(host, "eth2=em4"))
      try host.system.replace(RenameRules.fromInstall[1].copy, with: Array("{".utf8))
      #expect(try await reset().isBlocked)
      try host.system.remove(RenameRules.fromInstall[1].copy)
      #expect(try await reset().isBlocked)
      #expect(await host.run(plan).isUndone)
    }
  }

  /// Files that are missing, damaged or no text come back as they were.
  @Test func aResetThatIsTakenBackLeavesNothingBehind() async throws {
    try await ChangeHost.with(.standalone) { host in
      let odd: [UInt8] = Array("# caf\u{e9}\n".unicodeScalars.map { UInt8($0.value) })
      for (live, other) in [(fixed, dynamic), (dynamic, fixed)] {
        _ = try host.system.remove(live)
        try host.system.replace(other, with: odd)
        let plan = try RenamePlanner(await look(host)).resetPlan(InstalledRules(of: host.system))
        #expect(await host.run(plan) == .done)
        #expect(host.system.exists(live))
        for step in plan.steps.reversed() {
          for action in step.undo {
            let again = try #require(ChangeAction(action.json))
            #expect(try await NamesHands(host.system).perform(again) == .done)
            #expect(try await NamesHands(host.system).perform(again) == .wasSo)
          }
        }
        #expect(!host.system.exists(live))
        #expect(try host.system.read(other) == odd)
      }
    }
  }

  // MARK: Half-done, newer, elsewhere

  @Test func aRenamingThatFailsLeavesACardAside() async throws {
    try await ChangeHost.with(.standalone) { host in
      _ = await host.run(try await plan(host, "eth2=em4"))
      await host.host.refuseName("eth2", isRefused: true)
      await host.host.boot()
      let names = await look(host)
      let aside = names.nics.first { $0.nameBeforeAside != nil }
      #expect(aside?.nextName == "eth2" && aside?.waits == true)
      #expect(names.nics.count == 4 && names.problem == nil)
      await host.host.refuseName("eth2", isRefused: false)
      await host.host.boot()
      #expect(await look(host).nics.map(\.name) == ["eth0", "eth1", "eth2", "eth3"])
    }
  }

  @Test func newerReleasesShowTheirOrder() async throws {
    var options = SimulatedHost.Options()
    options.layout = Dom0Layout(hasInterfaceRename: false)
    try await ChangeHost.with(.standalone, options: options) { host in
      let names = await look(host)
      #expect(names.scheme == .order && names.order.map(\.position) == [0, 1, 2, 3])
      // Raw octets, some beyond ASCII.
      #expect(names.order.map(\.mac) == names.nics.map(\.mac) && names.order.allSatisfy(\.isPresent))
      #expect(throws: ChangeProblem.self) { _ = try RenamePlanner(names).plan(RenameRequest(names: [names.nics[3].mac: "eth2"])) }
      #expect(throws: ChangeProblem.self) { _ = try RenamePlanner(names).resetPlan(InstalledRules(of: host.system)) }
      #expect(try names.initialRules?.get().rules.map(\.value) == names.nics.map(\.mac))
      try host.system.replace(InitialDeviceRules.path, with: Array("0:mac=\"x\"\n".utf8))
      #expect(await look(host).remarks.contains { $0.hasPrefix("networkd passes over the installer's order") })
    }
  }

  @Test func inAPoolTheNetworksAreTold() async throws {
    try await ChangeHost.with(.member) { host in
      let names = await look(host)
      guard let free = names.nics.last(where: { $0.use.isFree }) else { return #expect(names.nics.isEmpty, "none is free") }
      let plan = try RenamePlanner(names).plan(RenameRequest(names: [free.mac: "eth9"]))
      #expect(names.xapi?.isMember == true && (names.xapi?.hosts ?? 0) > 1)
      #expect(plan.hazards.contains { $0.weight == .warning && $0.text.contains("on every host") })
    }
  }

  @Test func actionsCanBeWrittenDown() {
    for action in [ChangeAction.setNICNames(["a0:00:00:00:00:01": "eth2"]), .resetNICNames, .putBackNICNames(static: nil, dynamic: .bytes(Array("{}\n".utf8))),
      .putBackNICNames(static: .missing, dynamic: .bytes([0x7b, 0xe9, 0x0a])),
    ] {
      #expect(ChangeAction(action.json) == action)
    }
  }
}

extension ChangeOutcome {
  fileprivate var isUndone: Bool { if case .undone = self { true } else { false } }
}

/// Writes what it likes in the place of interface-rename; all other tools are the host's.
private struct OddTool: ToolRunner {
  let others: any ToolRunner
  let root: HostSystem
  let words: String
  let writes: String?
  let code: Int32

  init(_ system: HostSystem, says words: String, writes: String? = nil, code: Int32 = 0) {
    others = system.tools
    root = system
    self.words = words
    self.writes = writes
    self.code = code
  }

  func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    guard command.name == "interface-rename" else { return try await others.run(command) }
    if let writes { try? DynamicRules.write(Array(writes.utf8), to: root) }
    return ToolOutput(exit: .code(code), errors: Array("INFO     [2026-11-22 20:00:02] \(words)\n".utf8))
  }
}
