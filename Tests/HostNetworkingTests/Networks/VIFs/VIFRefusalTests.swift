import JSON
import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// Each refusal of XAPI about VIFs (`reference/xapi.md` §3.15, §6.4): the plan meets it before, with a name in it, and the call
/// answers with its code.
@Suite struct VIFRefusalTests {
  private static func blocking(_ plan: ChangePlan) -> String { plan.hazards.filter { $0.weight == .blocking }.map(\.text).joined(separator: "\n") }

  private func code(_ host: ChangeHost, _ method: String, _ parameters: JSONValue...) async -> String {
    do throws(XenError) {
      _ = try await host.client.call(method, parameters)
      return "none"
    } catch {
      return ([error.failure?.code ?? "\(error)"] + (error.failure?.parameters ?? []).filter { !$0.hasPrefix("OpaqueRef") }).joined(separator: " ")
    }
  }

  private func refused(_ intent: VIFIntent, _ host: ChangeHost, _ words: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let plan = try await host.plan(intent)
    #expect(Self.blocking(plan).contains(words), "\(plan.hazards)", sourceLocation: sourceLocation)
  }

  private func ref(_ owner: String, _ name: String, _ host: ChangeHost) async -> JSONValue { .string(await host.row(owner, ["name_label": .string(name)])) }

  private func vifRef(_ row: VIFList.Row, _ host: ChangeHost) async -> JSONValue { .string(await host.row("VIF", ["uuid": .string(row.uuid)])) }

  private func record(_ vm: JSONValue, _ network: JSONValue, device: String = "5", mac: String = "02:16:3e:00:00:05", _ more: JSONObject = [:]) -> JSONValue {
    var record: JSONObject = [
      "device": .string(device), "network": network, "VM": vm, "MAC": .string(mac), "MTU": 1500, "other_config": [:], "qos_algorithm_type": "",
      "qos_algorithm_params": [:],
    ]
    for (key, value) in more { record[key] = value }
    return .object(record)
  }

  private func draft(_ vm: String, _ network: String, _ host: ChangeHost, device: String = "", mac: String = "") async throws -> VIFIntent {
    let all = try await host.vifs()
    return .create(
      VIFDraft(vm: try #require(all.vms.first { $0.name == vm }).uuid, network: try await host.uuid(network), device: device, mac: mac))
  }

  // MARK: A new one

  @Test func positionsAndMACs() async throws {
    try await ChangeHost.with(.pool) { host in
      let (vm, network) = (await ref("VM", "web-01", host), await ref("network", "Voice", host))
      try await refused(try await draft("web-01", "Voice", host, device: "x"), host, "\"x\" is no position of a VIF")
      #expect(await code(host, "VIF.create", record(vm, network, device: "x")) == "INVALID_DEVICE x")
      try await refused(try await draft("web-01", "Voice", host, device: "0"), host, "web-01 has a VIF 0 already")
      #expect(await code(host, "VIF.create", record(vm, network, device: "0")) == "DEVICE_ALREADY_EXISTS 0")
      for mac in ["nonsense", "+2:16:3e:00:00:01"] {
        try await refused(try await draft("web-01", "Voice", host, mac: mac), host, "\(mac) is no MAC address")
        #expect(await code(host, "VIF.create", record(vm, network, mac: mac)) == "MAC_INVALID \(mac)")
      }
      try await refused(try await draft("web-01", "Voice", host, mac: "03:00:00:00:00:01"), host, "is a multicast MAC address")
      // A machine without a seed gets no MAC from XAPI; the plan always names one.
      await host.mutate("VM", ["name_label": "web-01"], "other_config", [:])
      #expect(await code(host, "VIF.create", record(vm, network, mac: "")) == "MAC_INVALID ")
      #expect(try await !host.plan(try await draft("web-01", "Voice", host)).isBlocked)
      let own = try await host.vif("web-02")
      let twice = try await host.plan(try await draft("web-01", "Voice", host, mac: own.mac))
      #expect(!twice.isBlocked && twice.warnings.contains("VM web-02 has the MAC \(own.mac) already"))
    }
  }

  @Test func highAvailabilityWantsNetworksOnAllHosts() async throws {
    try await ChangeHost.with(.pool) { host in
      let network = try await host.addNetwork("Only here")
      await host.switchOn("ha_enabled")
      await host.mutate("VM", ["name_label": "web-01"], "ha_restart_priority", "restart")
      let vm = await ref("VM", "web-01", host)
      try await refused(
        try await draft("web-01", "Only here", host), host, "High availability restarts web-01 on any host, and \"Only here\" is not on all of them: xcp1, xcp2 and xcp3 have no interface there")
      #expect(await code(host, "VIF.create", record(vm, network.ref)).hasPrefix("HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED"))
      // Others, or with overcommitment allowed, may.
      #expect(try await !host.plan(try await draft("web-02", "Only here", host)).isBlocked)
      await host.switchOn("ha_allow_overcommit")
      #expect(try await !host.plan(try await draft("web-01", "Only here", host)).isBlocked)
      #expect(await code(host, "VIF.create", record(vm, network.ref)) == "none")
    }
  }

  @Test func aPVSProxyStaysOnTheFirstVIF() async throws {
    try await ChangeHost.with(.pool) { host in
      let first = try await host.vif("web-01")
      await host.mutate("VIF", ["uuid": .string(first.uuid)], "device", "3")
      _ = await host.host.createRow(class: "PVS_proxy", ["VIF": await vifRef(first, host)])
      try await refused(try await draft("web-01", "Voice", host, device: "1"), host, "VIF 3 of web-01 has a PVS proxy, which must stay on the first VIF")
      let answer = await code(host, "VIF.create", record(await ref("VM", "web-01", host), await ref("network", "Voice", host), device: "1"))
      #expect(answer == "PVS_PROXY_PRESENT_ON_HIGHER_VIF_DEVICE 3")
      // Nobody has to know: the place that is chosen is above.
      let plan = try await host.plan(try await draft("web-01", "Voice", host))
      #expect(!plan.isBlocked && plan.title.hasPrefix("New VIF 4 of web-01"))
      #expect(try await host.plan(.destroy(vif: first.uuid)).warnings.contains("VIF 3 has a PVS proxy, which goes with it and is not made again"))
    }
  }

  // MARK: Licences and controllers

  @Test func licencesAreAskedBefore() async throws {
    try await ChangeHost.with(.pool) { host in
      var flags = try await host.client.call("pool.get_restrictions", [.string(await host.row("pool", [:]))]).object ?? JSONObject()
      for feature in ["vif_locking", "guest_ip_setting", "network_sriov"] { flags["restrict_\(feature)"] = "true" }
      await host.mutate("pool", [:], "restrictions", .object(flags))
      await host.giveTools("web-01")
      let row = try await host.vif("web-01")
      let vif = await vifRef(row, host)
      for lock in [VIFLock(vif: row.uuid, mode: .locked), VIFLock(vif: row.uuid, mode: .networkDefault, ipv4: ["10.0.10.80"])] {
        try await refused(.lock(lock), host, "The pool's licence does not include the locking of VIFs, which web-01 would need")
      }
      #expect(await code(host, "VIF.set_locking_mode", vif, "locked") == "LICENCE_RESTRICTION VIF_locking")
      #expect(await code(host, "VIF.set_ipv4_allowed", vif, ["10.0.10.80"]) == "LICENCE_RESTRICTION VIF_locking")
      #expect(await code(host, "VIF.set_locking_mode", vif, "disabled") == "none")
      try await refused(.address(VIFAddress(vif: row.uuid, address: "10.0.10.80/24")), host, "The pool's licence does not include setting addresses inside web-01")
      #expect(await code(host, "VIF.configure_ipv4", vif, "Static", "10.0.10.80/24", "") == "LICENCE_RESTRICTION Guest_ip_setting")
      // On an SR-IOV network.
      let eth2 = try await host.ref("eth2")
      await host.mutate("PIF", ["device": "eth2"], "capabilities", ["sriov"])
      let functions = try await host.addNetwork("Functions")
      _ = try await host.client.call("network_sriov.create", [eth2, functions.ref])
      try await refused(try await draft("web-01", "Functions", host), host, "\"Functions\" is an SR-IOV network, and the pool's licence does not include SR-IOV")
      #expect(await code(host, "VIF.create", record(await ref("VM", "web-01", host), functions.ref)) == "LICENCE_RESTRICTION Network_sriov")
    }
  }

  @Test func aControllerOfTheSwitchesLocksItself() async throws {
    try await ChangeHost.with(.pool) { host in
      _ = await host.host.createRow(class: "SDN_controller", ["address": "10.0.4.99", "port": 6640])
      let row = try await host.vif("web-01")
      try await refused(.lock(VIFLock(vif: row.uuid, mode: .disabled)), host, "ruled by the SDN controller 10.0.4.99")
      #expect(await code(host, "VIF.set_locking_mode", await vifRef(row, host), "disabled").hasPrefix("OPERATION_NOT_ALLOWED"))
      #expect(try await !host.plan(.lock(VIFLock(vif: row.uuid, mode: .unlocked))).isBlocked)
    }
  }

  // MARK: Where it can be

  @Test func networksThatTheHostDoesNotHave() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await host.vif("web-01")
      let vif = await vifRef(row, host)
      try await refused(.move(vif: row.uuid, network: try await host.uuid("Pool-wide network 0")), host, "is the network of a bond's member")
      #expect(await code(host, "VIF.move", vif, await ref("network", "Pool-wide network 0", host)).hasPrefix("HOST_CANNOT_ATTACH_NETWORK"))
      // A VLAN that only xcp2 has.
      let far = try await host.addNetwork("Far")
      await host.mutate("PIF", ["host": .string(await host.row("host", ["name_label": "xcp2"])), "device": "eth3"], "network", far.ref)
      try await refused(.move(vif: row.uuid, network: far.uuid), host, "xcp1, where web-01 runs, has no interface on \"Far\"")
      #expect(await code(host, "VIF.move", vif, far.ref).hasPrefix("HOST_CANNOT_ATTACH_NETWORK"))
      // One that leads nowhere is where it is used.
      let lab = try await host.uuid("Private lab")
      let web = try await host.vif("web-02")
      try await refused(.move(vif: web.uuid, network: lab), host, "\"Private lab\" leads nowhere and is on xcp1, where gitlab uses it: xcp2 cannot offer it as well")
      #expect(await code(host, "VIF.move", await vifRef(web, host), await ref("network", "Private lab", host)).hasPrefix("HOST_CANNOT_ATTACH_NETWORK"))
    }
  }

  /// VM_REQUIRES_NETWORK comes later, when the host is to be emptied.
  @Test func whereTheVMCouldNotRunIsSaid() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await host.vif("web-01")
      let near = try await host.addNetwork("Near")
      await host.mutate("PIF", ["host": .string(await host.row("host", ["name_label": "xcp1"])), "device": "eth2"], "network", near.ref)
      let plan = try await host.plan(.move(vif: row.uuid, network: near.uuid))
      #expect(!plan.isBlocked && plan.notices.contains("VM web-01 could not run on xcp2 and xcp3, which cannot offer \"Near\""))
      #expect(await host.run(plan) == .done)
      #expect(await code(host, "host.evacuate", .string(await host.row("host", ["name_label": "xcp1"]))).hasPrefix("VM_REQUIRES_NETWORK"))
      let idle = try await host.vif("ci-runner")
      let voice = try await host.uuid("Voice")
      #expect(try await host.plan(.move(vif: idle.uuid, network: voice)).notices.isEmpty)
      for name in ["xcp1", "xcp2", "xcp3"] { await host.mutate("host", ["name_label": .string(name)], "enabled", .bool(name == "xcp2")) }
      #expect(try await host.plan(.move(vif: idle.uuid, network: near.uuid)).warnings.contains("VM ci-runner could start nowhere: no host has all its networks"))
    }
  }

  // MARK: The VM

  @Test func onlyAVMThatRunsIsPlugged() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await host.vif("web-01")
      let vif = await vifRef(row, host)
      let halted = try await host.vif("ci-runner")
      try await refused(.unplug(vif: halted.uuid), host, "ci-runner does not run: nothing is plugged")
      try await refused(.plug(vif: halted.uuid), host, "ci-runner does not run: its VIFs are plugged when it starts")
      #expect(await code(host, "VIF.plug", await vifRef(halted, host)) == "VM_BAD_POWER_STATE running halted")
      await host.mutate("VM", ["name_label": "web-01"], "power_state", "Paused")
      try await refused(.unplug(vif: row.uuid), host, "web-01 is paused: XAPI plugs and unplugs nothing of it")
      try await refused(.destroy(vif: row.uuid), host, "web-01 is paused")
      #expect(await code(host, "VIF.unplug", vif) == "VM_BAD_POWER_STATE running paused")
      #expect(await code(host, "VIF.destroy", vif).hasPrefix("OPERATION_NOT_ALLOWED"))
      await host.mutate("VM", ["name_label": "web-02"], "power_state", "Suspended")
      let suspended = try await host.vif("web-02")
      try await refused(.unplug(vif: suspended.uuid), host, "web-02 is suspended: XAPI plugs and unplugs nothing of it")
      #expect(await code(host, "VIF.unplug", await vifRef(suspended, host)) == "VM_BAD_POWER_STATE running suspended")
      let waits = try await host.plan(try await draft("web-02", "Voice", host))
      #expect(!waits.isBlocked && waits.steps.count == 1 && waits.notices.contains { $0.hasPrefix("VM web-02 is suspended: resumed") })
      // A new one waits until somebody plugs it.
      let create = try await host.plan(try await draft("web-01", "Voice", host))
      #expect(!create.isBlocked && create.steps.count == 1 && create.notices.contains { $0.contains("web-01 is paused: the VIF is not plugged") })
      await #expect(throws: ChangeProblem.self) { try await host.plan(VIFIntent.plug(vif: "nobody")) }
    }
  }

  @Test func systemsWithoutDriversTakeNoVIF() async throws {
    for (fields, answer) in [
      (JSONObject([("can_use_hotplug_vif", "no")]), "OPERATION_NOT_ALLOWED VM states it does not support VIF hotplug."),
      (JSONObject([("PV_drivers_detected", false)]), "VM_MISSING_PV_DRIVERS"),
    ] {
      try await ChangeHost.with(.pool) { host in
        await host.giveTools("web-01", fields)
        let row = try await host.vif("web-01")
        for intent in [VIFIntent.unplug(vif: row.uuid), .destroy(vif: row.uuid)] {
          try await refused(intent, host, "The system of web-01 takes and gives no VIF while it runs")
        }
        #expect(await code(host, "VIF.unplug", await vifRef(row, host)) == answer)
        let create = try await host.plan(try await draft("web-01", "Voice", host))
        #expect(!create.isBlocked && create.steps.count == 1 && create.notices.contains { $0.contains("it has this one when it starts anew") })
        #expect(await host.run(create) == .done)
      }
    }
  }

  @Test func whatXAPIIsAtWorkOnWaits() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await host.vif("web-01")
      await host.mutate("VIF", ["uuid": .string(row.uuid)], "current_operations", ["OpaqueRef:task": "unplug"])
      try await refused(.unplug(vif: row.uuid), host, "XAPI is at work on VIF 0 of web-01 (unplug)")
    }
  }

  /// Such a plan is empty: nobody gets to see the refusal.
  @Test func whatIsSoAlreadyIsNotAskedFor() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await host.vif("web-01")
      let vif = await vifRef(row, host)
      #expect(await code(host, "VIF.plug", vif) == "DEVICE_ALREADY_ATTACHED")
      #expect(try await host.plan(.plug(vif: row.uuid)).isEmpty)
      #expect(await host.run(try await host.plan(.unplug(vif: row.uuid))) == .done)
      #expect(await code(host, "VIF.unplug", vif) == "DEVICE_ALREADY_DETACHED")
      #expect(try await host.plan(.unplug(vif: row.uuid)).isEmpty)
    }
  }

  @Test func aVIFWithVLANsOfItsOwnIsNotForAVLAN() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await host.vif("web-01")
      func texts(_ network: VIFList.Thing) async throws -> String {
        let intent = VIFIntent.move(vif: row.uuid, network: network.uuid)
        var facts = try await VIFLook(host.client, host.system).facts(intent)
        // XAPI knows them from 26.17 on.
        var record = try #require(facts.row?.object)
        record.append("trunks", [10, 20])
        facts.row = .object(record)
        return try VIFPlanner(intent, facts).plan().warnings.joined(separator: "\n")
      }
      let networks = try await host.vifs().networks
      let vlan = try #require(networks.first { $0.about.hasPrefix("VLAN") && $0.uuid != row.networkUUID })
      #expect(try await texts(vlan).contains("VIF 0 of web-01 carries VLANs of its own (trunks), and \"\(vlan.name)\" is a VLAN"))
      #expect(try await !texts(try #require(networks.first { $0.name == "Private lab" })).contains("trunks"))
    }
  }

  /// Cut off is who runs; it is named, with what it has there.
  @Test func whoLosesANICIsNamed() async throws {
    try await ChangeHost.with(.pool) { host in
      await host.giveTools("web-01", ["networks": ["0/ip": "10.0.10.80"]])
      let row = try await host.vif("web-01")
      let unplug = try await host.plan(.unplug(vif: row.uuid))
      #expect(unplug.hazards.filter { $0.weight == .warning }.map(\.text) == ["VM web-01 runs and has 10.0.10.80 there: it loses VIF 0, its only plugged NIC on \"\(row.network)\" at once"])
      let move = try await host.plan(.move(vif: row.uuid, network: try await host.uuid("Voice")))
      #expect(move.hazards.filter { $0.weight == .warning }.map(\.text) == ["VM web-01 runs and has 10.0.10.80 there: it is cut off from \"\(row.network)\" at once"])
      let halted = try await host.vif("ci-runner")
      #expect(try await host.plan(.move(vif: halted.uuid, network: try await host.uuid("Voice"))).hazards.allSatisfy { $0.weight == .notice })
    }
  }

  // MARK: Addresses

  @Test func addressesThatAreNone() async throws {
    try await ChangeHost.with(.pool) { host in
      await host.giveTools("web-01")
      let row = try await host.vif("web-01")
      let vif = await vifRef(row, host)
      try await refused(.lock(VIFLock(vif: row.uuid, mode: .locked, ipv4: ["10.0.10.80/24"])), host, "10.0.10.80/24 is no IPv4 address")
      try await refused(.lock(VIFLock(vif: row.uuid, mode: .locked, ipv6: ["10.0.10.80"])), host, "10.0.10.80 is no IPv6 address")
      #expect(await code(host, "VIF.set_ipv4_allowed", vif, ["10.0.10.80/24"]) == "INVALID_IP_ADDRESS_SPECIFIED ipv4_allowed")
      #expect(await code(host, "VIF.set_ipv6_allowed", vif, ["10.0.10.80"]) == "INVALID_IP_ADDRESS_SPECIFIED ipv6_allowed")
      try await refused(.address(VIFAddress(vif: row.uuid, address: "10.0.10.80")), host, "10.0.10.80 is no IPv4 address with its length")
      #expect(await code(host, "VIF.configure_ipv4", vif, "Static", "10.0.10.80", "") == "INVALID_CIDR_ADDRESS_SPECIFIED address")
      try await refused(.address(VIFAddress(vif: row.uuid, isIPv6: true, address: "fd00::1/64", gateway: "10.0.0.1")), host, "10.0.0.1 is no address of a gateway")
      #expect(await code(host, "VIF.configure_ipv6", vif, "Static", "fd00::1/64", "10.0.0.1") == "INVALID_IP_ADDRESS_SPECIFIED gateway")
    }
  }

  @Test func theLockAndTheToolsHaveTheirSay() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await host.vif("web-01")
      let vif = await vifRef(row, host)
      try await refused(.address(VIFAddress(vif: row.uuid, address: "10.0.10.80/24")), host, "The guest tools of web-01 cannot set addresses")
      #expect(await code(host, "VIF.configure_ipv4", vif, "Static", "10.0.10.80/24", "").hasPrefix("VM_LACKS_FEATURE"))
      await host.giveTools("web-01", ["other": ["feature-static-ip-setting": "1"], "networks": ["0/ip": "10.0.10.80"]])
      let silent = try await host.plan(.lock(VIFLock(vif: row.uuid, mode: .locked)))
      #expect(!silent.isBlocked && silent.warnings.contains("VIF 0 is locked and no address is allowed: web-01 can send nothing there"))
      let wrong = try await host.plan(.lock(VIFLock(vif: row.uuid, mode: .locked, ipv4: ["10.0.10.9"])))
      #expect(wrong.warnings.contains("VM web-01 has 10.0.10.80 there, which is not allowed: it is cut off"))
      #expect(await host.run(wrong) == .done)
      try await refused(.address(VIFAddress(vif: row.uuid, address: "10.0.10.80/24")), host, "VIF 0 of web-01 is locked, and 10.0.10.80 is not among its allowed addresses")
      #expect(await code(host, "VIF.configure_ipv4", vif, "Static", "10.0.10.80/24", "") == "ADDRESS_VIOLATES_LOCKING_CONSTRAINT 10.0.10.80/24")
      #expect(try await host.plan(.lock(VIFLock(vif: row.uuid, mode: .disabled))).warnings.contains("Nothing of VIF 0 passes any more: web-01 is cut off there"))
    }
  }

  /// Who works from a VM of the pool may saw off the branch.
  @Test func theOneWhoAsksIsKnown() async throws {
    try await ChangeHost.with(.pool) { host in
      await host.giveTools("web-01", ["networks": ["0/ip": "10.0.10.80"]])
      let row = try await host.vif("web-01")
      for intent in [VIFIntent.unplug(vif: row.uuid), .destroy(vif: row.uuid), .move(vif: row.uuid, network: try await host.uuid("Voice"))] {
        var facts = try await VIFLook(host.client, host.system).facts(intent)
        facts.change.session.peer = "10.0.10.80"
        #expect(try VIFPlanner(intent, facts).plan().warnings.contains { $0.hasPrefix("You come from 10.0.10.80, which is web-01") })
      }
    }
  }
}
