import JSON
import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

extension ChangeHost {
  func plan(_ intent: VIFIntent) async throws -> ChangePlan {
    try VIFPlanner(intent, try await VIFLook(client, system).facts(intent)).plan()
  }

  func vifs() async throws -> VIFList { VIFList(try await facts()) }

  func vif(_ vm: String, device: String = "0") async throws -> VIFList.Row {
    try #require(try await vifs().rows.first { $0.vm == vm && $0.device == device })
  }

  /// All that XAPI knows of VIFs but their refs and uuids: a VIF that was made again has others.
  func vifPicture() async throws -> [String] {
    let database = try await facts().database
    let rows = try await client.call("VIF.get_all_records").object ?? JSONObject()
    return rows.values.map { row in
      let vm = row["VM"]?.string.flatMap { Ref<VM>($0) }.flatMap { database.vms[$0]?.nameLabel } ?? "?"
      let network = row["network"]?.string.flatMap { Ref<Network>($0) }.flatMap { database.networks[$0]?.nameLabel } ?? "?"
      let keys = [
        "device", "MAC", "MTU", "other_config", "currently_attached", "qos_algorithm_type", "qos_algorithm_params", "locking_mode", "ipv4_allowed",
        "ipv6_allowed", "ipv4_configuration_mode", "ipv4_addresses", "ipv4_gateway", "ipv6_configuration_mode", "ipv6_addresses",
      ]
      return "\(vm) \(network) " + keys.map { "\($0)=\(row[$0]?.description ?? "")" }.joined(separator: " ")
    }.sorted()
  }

  /// Gives a VIF something in each field that can be set.
  func dress(_ vif: VIFList.Row) async throws {
    let ref: JSONValue = .string(await row("VIF", ["uuid": .string(vif.uuid)]))
    _ = try await client.call("VIF.set_other_config", [ref, ["ethtool-tx": "off", "owner": "it's me"]])
    _ = try await client.call("VIF.set_qos_algorithm_type", [ref, "ratelimit"])
    _ = try await client.call("VIF.set_qos_algorithm_params", [ref, ["kbps": "10240"]])
    _ = try await client.call("VIF.set_ipv4_allowed", [ref, ["10.0.10.80", "10.0.10.81"]])
    _ = try await client.call("VIF.set_ipv6_allowed", [ref, ["fd00::80"]])
    _ = try await client.call("VIF.set_locking_mode", [ref, "locked"])
    await giveTools(vif.vm)
    _ = try await client.call("VIF.configure_ipv4", [ref, "Static", "10.0.10.80/24", "10.0.10.1"])
  }

  /// What the VM's own tools say of it.
  func giveTools(_ vm: String, _ fields: JSONObject = ["other": ["feature-static-ip-setting": "1"]]) async {
    let ref = await row("VM", ["name_label": .string(vm)])
    var known: JSONObject = ["PV_drivers_detected": true]
    for (key, value) in fields { known[key] = value }
    let tools = await host.createRow(class: "VM_guest_metrics", known)
    await host.mutate(class: "VM", ref: ref, field: "guest_metrics", value: .string(tools))
  }
}

/// VIFs of VMs on the simulated host.
@Suite struct VIFChangeTests {
  private func texts(_ plan: ChangePlan) -> String { plan.hazards.map { "\($0.weight) \($0.text)" }.joined(separator: "\n") }

  private func takeBack(_ plan: ChangePlan, _ host: ChangeHost) async throws {
    var hands = ChangeHands(host.client, host.system)
    for step in plan.steps.reversed() { for action in step.undo { _ = try await hands.perform(action) } }
  }

  private func draft(_ vm: String, _ network: String, _ host: ChangeHost, device: String = "", mac: String = "") async throws -> VIFIntent {
    let all = try await host.vifs()
    return .create(
      VIFDraft(
        vm: try #require(all.vms.first { $0.name == vm }).uuid, network: try #require(all.networks.first { $0.name == network }).uuid, device: device,
        mac: mac))
  }

  // MARK: What is done

  @Test func aVIFIsCreatedPluggedUnpluggedAndTakenBack() async throws {
    try await ChangeHost.with(.pool) { host in
      let before = try await host.vifs()
      let create = try await host.plan(try await draft("web-01", "Voice", host))
      #expect(!create.isBlocked && create.steps.count == 2, "\(create.hazards)")
      guard case .vifs(.create(let made)) = create.intent else { throw ChangeFailure("another intent") }
      #expect(made.device == "1" && made.mac.hasPrefix("02:") && made.mac.count == 17)
      #expect(create.steps[0].commands == ["VIF=$(xe vif-create vm-uuid=\(made.vm) network-uuid=\(made.network) device=1 mac=\(made.mac))"])
      #expect(await host.run(create) == .done)
      let row = try await host.vif("web-01", device: "1")
      #expect(row.isPlugged && row.network == "Voice" && row.mac == made.mac)
      let unplug = try await host.plan(.unplug(vif: row.uuid))
      #expect(await host.run(unplug) == .done)
      #expect(try await !host.vif("web-01", device: "1").isPlugged)
      #expect(try await host.plan(.unplug(vif: row.uuid)).isEmpty)
      #expect(await host.run(try await host.plan(.plug(vif: row.uuid))) == .done)
      try await takeBack(create, host)
      #expect(try await host.vifs() == before)
    }
  }

  @Test func aVIFMovesLiveAndBack() async throws {
    try await ChangeHost.with(.pool) { host in
      let before = try await host.vifPicture()
      let row = try await host.vif("web-01")
      let voice = try await host.uuid("Voice")
      let move = try await host.plan(.move(vif: row.uuid, network: voice))
      #expect(!move.isBlocked && move.commands == ["xe vif-move uuid=\(row.uuid) network-uuid=\(voice)"])
      #expect(await host.run(move) == .done)
      let moved = try await host.vif("web-01")
      #expect(moved.network == "Voice" && moved.isPlugged && moved.mac == row.mac && moved.uuid == row.uuid)
      #expect(try await host.plan(.move(vif: row.uuid, network: voice)).isEmpty)
      try await takeBack(move, host)
      #expect(try await host.vifPicture() == before)
    }
  }

  @Test func aDestroyedVIFComesBackWithAllThatItHad() async throws {
    try await ChangeHost.with(.pool) { host in
      try await host.dress(try await host.vif("web-01"))
      let before = try await host.vifPicture()
      let row = try await host.vif("web-01")
      let destroy = try await host.plan(.destroy(vif: row.uuid))
      #expect(!destroy.isBlocked && destroy.commands == ["xe vif-unplug uuid=\(row.uuid)", "xe vif-destroy uuid=\(row.uuid)"])
      #expect(texts(destroy).contains("warning VIF 0 is plugged into web-01, which runs"))
      #expect(await host.run(destroy) == .done)
      #expect(try await !host.vifs().rows.contains { $0.vm == "web-01" })
      try await takeBack(destroy, host)
      #expect(try await host.vifPicture() == before)
      // Once more it does no harm.
      try await takeBack(destroy, host)
      #expect(try await host.vifPicture() == before)
    }
  }

  @Test func aVIFIsLockedToItsAddressesAndLetGo() async throws {
    try await ChangeHost.with(.pool) { host in
      let before = try await host.vifPicture()
      let row = try await host.vif("web-01")
      let lock = try await host.plan(.lock(VIFLock(vif: row.uuid, mode: .locked, ipv4: ["10.0.10.80"], ipv6: ["fd00::80"])))
      #expect(
        lock.commands == [
          "xe vif-param-set uuid=\(row.uuid) ipv4-allowed=10.0.10.80", "xe vif-param-set uuid=\(row.uuid) ipv6-allowed=fd00::80",
          "xe vif-param-set uuid=\(row.uuid) locking-mode=locked",
        ])
      #expect(!lock.isBlocked)
      #expect(await host.run(lock) == .done)
      let locked = try await host.vif("web-01")
      #expect(locked.locking == .locked && locked.allowed == ["10.0.10.80", "fd00::80"])
      let open = try await host.plan(.lock(VIFLock(vif: row.uuid, mode: .unlocked)))
      // The lock goes first: nobody is cut off on the way.
      #expect(open.commands.first == "xe vif-param-set uuid=\(row.uuid) locking-mode=unlocked" && open.commands.last == "xe vif-param-clear uuid=\(row.uuid) param-name=ipv6-allowed")
      #expect(await host.run(open) == .done)
      try await takeBack(open, host)
      #expect(try await host.vif("web-01") == locked)
      try await takeBack(lock, host)
      #expect(try await host.vifPicture() == before)
    }
  }

  @Test func theGuestToolsSetAnAddress() async throws {
    try await ChangeHost.with(.pool) { host in
      await host.giveTools("web-01")
      let before = try await host.vifPicture()
      let row = try await host.vif("web-01")
      let set = try await host.plan(.address(VIFAddress(vif: row.uuid, address: "10.0.10.80/24", gateway: "10.0.10.1")))
      #expect(!set.isBlocked && set.commands == ["xe vif-configure-ipv4 uuid=\(row.uuid) mode=static address=10.0.10.80/24 gateway=10.0.10.1"])
      #expect(await host.run(set) == .done)
      #expect(try await host.plan(.address(VIFAddress(vif: row.uuid, address: "10.0.10.80/24", gateway: "10.0.10.1"))).isEmpty)
      try await takeBack(set, host)
      #expect(try await host.vifPicture() == before)
    }
  }

  // MARK: Failure at each step

  private func intents(_ host: ChangeHost) async throws -> [VIFIntent] {
    let row = try await host.vif("jenkins")
    return [
      try await draft("jenkins", "Pool-wide network 2", host), .move(vif: row.uuid, network: try await host.uuid("Pool-wide network 2")), .unplug(vif: row.uuid), .destroy(vif: row.uuid),
      .lock(VIFLock(vif: row.uuid, mode: .disabled, ipv4: ["10.0.10.99"])), .lock(VIFLock(vif: row.uuid, mode: .unlocked)),
      .address(VIFAddress(vif: row.uuid, address: "10.0.10.81/24")),
    ]
  }

  /// Whatever comes to a halt after whichever step: all is as it was.
  @Test func afterEachStepAllCanGoBack() async throws {
    try await ChangeHost.with(.standalone) { host in
      try await host.dress(try await host.vif("jenkins"))
      let before = try await host.vifPicture()
      for number in 0..<7 {
        let count = try await host.plan(try await intents(host)[number]).steps.count
        #expect(count > 0)
        for place in 0...count {
          let plan = try await host.plan(try await intents(host)[number])
          #expect(await host.run(ChangeHost.failing(plan, at: place), looksAgain: false) == .undone(reason: "eth77 is not there"), "\(plan.title) at \(place)")
          #expect(difference(before, try await host.vifPicture()) == [], "\(plan.title) at \(place)")
        }
      }
    }
  }

  @Test func aPlugThatFailsOrComesToAHaltAfterwardsLeavesItUnplugged() async throws {
    try await ChangeHost.with(.standalone) { host in
      let row = try await host.vif("jenkins")
      #expect(await host.run(try await host.plan(.unplug(vif: row.uuid))) == .done)
      let before = try await host.vifPicture()
      for place in 0...1 {
        let plan = ChangeHost.failing(try await host.plan(.plug(vif: row.uuid)), at: place)
        #expect(await host.run(plan, looksAgain: false) == .undone(reason: "eth77 is not there"))
        #expect(difference(before, try await host.vifPicture()) == [])
      }
      for isDone in [false, true] {
        await host.host.failNext("VIF.plug", with: ["INTERNAL_ERROR", "lost"], after: isDone)
        guard case .undone = await host.run(try await host.plan(.plug(vif: row.uuid))) else { throw ChangeFailure("it was not taken back") }
        #expect(difference(before, try await host.vifPicture()) == [])
      }
    }
  }

  private static let calls = [
    ["VIF.create", "VIF.plug"], ["VIF.move"], ["VIF.unplug"], ["VIF.unplug", "VIF.destroy"], ["VIF.set_ipv4_allowed", "VIF.set_ipv6_allowed", "VIF.set_locking_mode"],
  ]

  /// XAPI refuses a call, or does it and the answer is lost.
  @Test(arguments: [false, true]) func whicheverCallFailsAllGoesBack(_ isDone: Bool) async throws {
    try await ChangeHost.with(.standalone) { host in
      try await host.dress(try await host.vif("jenkins"))
      let before = try await host.vifPicture()
      for (number, calls) in Self.calls.enumerated() {
        for call in calls {
          let plan = try await host.plan(try await intents(host)[number])
          await host.host.failNext(call, with: ["INTERNAL_ERROR", "lost"], after: isDone)
          guard case .undone = await host.run(plan) else {
            Issue.record("\(plan.title): \(call)")
            continue
          }
          #expect(difference(before, try await host.vifPicture()) == [], "\(plan.title): \(call)")
        }
      }
    }
  }

  /// When the way back fails as well, it is said what remains.
  @Test func whatRemainsIsSaid() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await host.vif("web-01")
      let destroy = try await host.plan(.destroy(vif: row.uuid))
      await host.host.failNext("VIF.destroy", with: ["INTERNAL_ERROR", "no"])
      await host.host.failNext("VIF.plug", with: ["INTERNAL_ERROR", "not now"], times: 9)
      guard case .stuck(_, let left) = await host.run(destroy) else { throw ChangeFailure("it was not stuck") }
      #expect(left.contains { $0.hasPrefix("Plug VIF 0 into the running VM: ") })
    }
  }

  /// Somebody else's VIF at the same place is neither taken for ours nor taken back.
  @Test func anotherOnesVIFIsLeftAlone() async throws {
    try await ChangeHost.with(.pool) { host in
      let plan = try await host.plan(try await draft("web-01", "Voice", host))
      let other = try await host.plan(try await draft("web-01", "Voice", host))
      #expect(await host.run(other) == .done)
      let before = try await host.vifPicture()
      guard case .refused(let why) = await host.run(plan) else { throw ChangeFailure("it was begun") }
      #expect(why.contains("the host has changed since this was planned"))
      guard case .undone(let reason) = await host.run(plan, looksAgain: false) else { throw ChangeFailure("it was done") }
      #expect(reason.contains("the VM has another VIF 1 by now"))
      #expect(try await host.vifPicture() == before)
    }
  }

  /// Right before it begins the VM is looked at once more.
  @Test func aVMThatStoppedMeanwhileIsSeen() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await host.vif("web-01")
      let plan = try await host.plan(.unplug(vif: row.uuid))
      await host.mutate("VM", ["name_label": "web-01"], "power_state", "Halted")
      guard case .refused(let why) = await host.run(plan) else { throw ChangeFailure("it was begun") }
      #expect(why.contains("the host has changed since this was planned"))
    }
  }

  @Test func actionsAreReadAsTheyWereWritten() {
    var setup = VIFSetup(vm: "v", network: "n", device: "1", mac: "m")
    (setup.mtu, setup.otherConfig, setup.qosType, setup.qos) = (9000, ["a": "b"], "ratelimit", ["kbps": "1"])
    (setup.locking, setup.ipv4Allowed, setup.ipv6Allowed, setup.trunks) = (.locked, ["10.0.0.1"], ["fd00::1"], [4, 5])
    setup.ipv4 = VIFSetup.Fixed(address: "10.0.0.1/24", gateway: "10.0.0.9")
    for action in [
      VIFAction.create(setup), .create(VIFSetup(vm: "v", network: "n", device: "1", mac: "")), .destroy(vm: "v", device: "1", mac: "m"),
      .move(vif: "f", network: "n"), .plugged(vm: "v", device: "1", mac: "m", true), .locking(vif: "f", .disabled),
      .allowed(vif: "f", ipv4: ["10.0.0.1"], ipv6: []), .address(VIFAddress(vif: "f", isIPv6: true, address: "fd00::1/64", gateway: "fd00::9")),
      .address(VIFAddress(vif: "f", address: nil)),
    ] {
      #expect(ChangeAction(ChangeAction.vifs(action).json) == .vifs(action))
    }
  }
}
