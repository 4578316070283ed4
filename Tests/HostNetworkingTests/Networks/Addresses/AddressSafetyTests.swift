import Dom0
import JSON
import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// What addresses and storage paths can break, and how it comes back.
@Suite struct AddressSafetyTests {
  private func texts(_ plan: ChangePlan) -> String { plan.hazards.map { "\($0.weight) \($0.text)" }.joined(separator: "\n") }

  private func set(_ interface: String, _ address: String?, gateway: String? = nil, _ more: (inout AddressRequest) -> Void = { _ in }) throws -> AddressRequest {
    let gateway = try gateway.map { try IPv4Address(parsing: $0) }
    var request = AddressRequest(interface: interface, ipv4: try address.map { .fixed(try IPv4Prefix(parsing: $0), gateway: gateway) } ?? .none)
    more(&request)
    return request
  }

  private func plan(_ request: AddressRequest, _ host: ChangeHost, peer: String? = nil, local: String? = nil) async throws -> ChangePlan {
    var facts = try await host.facts().withStorage(host.client)
    if let peer { (facts.session.peer, facts.session.local) = (peer, local) }
    return try AddressPlanner(request, facts).plan()
  }

  private func plan(_ request: StorageRequest, _ host: ChangeHost, peer: String? = nil, local: String? = nil) async throws -> ChangePlan {
    var facts = try await host.facts().withStorage(host.client)
    if let peer { (facts.session.peer, facts.session.local) = (peer, local) }
    return try StoragePlanner(request, facts).plan()
  }

  private func storage(_ base: String = "eth2", tag: Int? = 20, mtu: Int = 9000, address: String = "10.0.70.11/24") throws -> StorageRequest {
    StorageRequest(base: base, tag: tag, address: try IPv4Prefix(parsing: address), mtu: mtu)
  }

  /// All that addresses and storage paths touch, the kernel's way out among it.
  private func picture(_ host: ChangeHost) async throws -> [String] {
    let scene = try await host.scene()
    let extras = scene.tree.nodes.map { node in
      "\(node.name) \(node.pif.disallowUnplug) MTU \(node.pif.mtu) \(node.pif.otherConfig.sorted { $0.key < $1.key })"
    }
    let networks = scene.database.networks.all.map { "\($0.record.nameLabel) \($0.record.mtu) \($0.record.otherConfig.sorted { $0.key < $1.key })" }.sorted()
    // What the kernel has made itself of a link is no setting.
    return try await host.picture().map { $0.replacing(/\["fe80[^\]]*"\]/, with: "[]") } + extras + networks + ["default \(host.defaultRoute())"] + host.kernelRoutes()
  }

  /// The session in the plan is made up: a second look would not find it.
  private func tries(_ plan: ChangePlan, _ host: ChangeHost) async throws {
    guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.1), looksAgain: false) else { throw ChangeFailure("it did not wait") }
    try await host.untilOver()
  }

  // MARK: Failure at each step

  private func requests() throws -> [AddressRequest] {
    [
      try set("eth2", "10.0.20.12/24") { $0.isProtected = true; $0.purpose = "Storage" },
      try set("eth2", nil), try set("eth3", "10.0.30.11/24", gateway: "10.0.30.1") { $0.isDefaultRoute = true; $0.isProtected = true },
      try set("eth2", "10.0.20.11/24") { $0.ipv6 = .fixed(IPv6Prefix(IPv6Address("fd00::11")!, length: 64), gateway: nil) },
      try set("eth2", "10.0.20.11/24") { $0.ipv4 = .dhcp },
    ]
  }

  private func storages() throws -> [StorageRequest] {
    [try storage(address: "10.0.70.11/24"), try storage(tag: nil, address: "10.0.21.11/24"), try storage(mtu: 1500, address: "10.0.70.11/24"), try storage("eth1", tag: 30, mtu: 4000, address: "10.0.30.11/24")]
  }

  /// An address on eth2 with a static route, eth3 not plugged, VLAN 30 on eth1 there already.
  private func furnish(_ host: ChangeHost) async throws {
    _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth2"), "Static", "10.0.20.11", "255.255.255.0", "", ""])
    await host.mutate("network", ["bridge": "xenbr2"], "other_config", ["static-routes": "10.40.0.0/16/10.0.20.1"])
    _ = try await host.client.call("PIF.plug", [try await host.ref("eth2")])
    for vif in await host.host.refs(class: "VIF") { await host.host.mutate(class: "VIF", ref: vif, field: "currently_attached", value: false) }
    _ = try await host.client.call("PIF.unplug", [try await host.ref("eth3")])
    try await host.vlan(30, on: "eth1", "Thirty")
  }

  /// Whatever comes to a halt after whichever step, provisional or not: all is as it was.
  @Test func afterEachStepAllCanGoBack() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await furnish(host)
      let before = try await picture(host)
      func check(_ make: () async throws -> ChangePlan) async throws {
        let count = try await make().steps.count
        #expect(count > 0)
        for place in 0...count {
          let plan = try await make()
          #expect(!plan.isBlocked, "\(plan.hazards)")
          #expect(await host.run(ChangeHost.failing(plan, at: place), looksAgain: false) == .undone(reason: "eth77 is not there"), "\(plan.title) at \(place)")
          let difference = difference(before, try await picture(host))
          #expect(difference == [], "\(plan.title) at \(place)")
        }
      }
      for request in try requests() { try await check { try await plan(request, host) } }
      for request in try storages() { try await check { try await plan(request, host) } }
    }
  }

  /// The network daemon stumbles: XAPI has the new settings written down then, and the interface unplugged.
  @Test func whatTheNetworkDaemonFailsAtGoesBack() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await furnish(host)
      let before = try await picture(host)
      for call in ["PIF.reconfigure_ip", "PIF.add_to_other_config", "PIF.set_disallow_unplug", "network.set_MTU", "VLAN.create", "PIF.plug"] {
        for isDone in [false, true] {
          for plan in [try await plan(try requests()[0], host), try await plan(try storage(), host)] where plan.steps.contains(where: { $0.commands.joined().contains(Self.word(call)) }) {
            await host.host.failNext(call, with: ["CANNOT_CONTACT_HOST", "x"], after: isDone)
            let outcome = await host.run(plan)
            guard case .undone = outcome else {
              Issue.record("\(plan.title), \(call), \(isDone): \(outcome)")
              continue
            }
            #expect(difference(before, try await picture(host)) == [], "\(plan.title), \(call), \(isDone)")
          }
        }
      }
    }
  }

  private static func word(_ call: String) -> String {
    switch call {
    case "PIF.reconfigure_ip": "pif-reconfigure-ip"
    case "PIF.add_to_other_config": "management_purpose"
    case "PIF.set_disallow_unplug": "disallow-unplug"
    case "network.set_MTU": "MTU="
    case "VLAN.create": "vlan-create"
    default: "pif-plug"
    }
  }

  @Test func whatRemainsIsSaid() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await furnish(host)
      let plan = try await plan(try set("eth2", "10.0.22.12/24"), host)
      await host.host.setPlugFailure(device: "eth2", message: "script error [x]")
      guard case .stuck(let reason, let left) = await host.run(plan) else { throw ChangeFailure("it was not stuck") }
      #expect(reason.contains("script error") && !left.isEmpty && left[0].contains("eth2"), "\(reason) \(left)")
    }
  }

  // MARK: The default route

  /// The daemon sets it only when it sets up the interface that has it: on the way back that one has to be plugged.
  @Test func theDefaultRouteComesBack() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await furnish(host)
      let before = try await picture(host)
      #expect(try await host.defaultRoute() == "10.0.4.1 on xenbr0")
      let there = try await plan(try set("eth2", "10.0.20.11/24", gateway: "10.0.20.1") { $0.isDefaultRoute = true }, host)
      #expect(there.isProvisional)
      try await tries(there, host)
      #expect(difference(before, try await picture(host)) == [])
      // Kept, it is there; taken away again, management has it.
      #expect(await host.run(there, looksAgain: false) != .done)
      #expect(try await host.defaultRoute() == "10.0.20.1 on xenbr2")
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep()
      let gone = try await plan(try set("eth2", "10.0.20.11/24", gateway: "10.0.20.1"), host)
      #expect(gone.isProvisional && texts(gone).contains("warning The default route would leave by eth0, gateway 10.0.4.1"))
      try await tries(gone, host)
      #expect(try await host.defaultRoute() == "10.0.20.1 on xenbr2")
      #expect(await host.run(gone, looksAgain: false) != .done)
      #expect(try await host.defaultRoute() == "10.0.4.1 on xenbr0")
    }
  }

  @Test func whoeverHasTheDefaultRouteIsChangedOnTrial() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await furnish(host)
      let eth2 = try await host.ref("eth2")
      _ = try await host.client.call("PIF.add_to_other_config", [eth2, "defaultroute", "true"])
      _ = try await host.client.call("PIF.reconfigure_ip", [eth2, "Static", "10.0.20.11", "255.255.255.0", "10.0.20.1", ""])
      let before = try await picture(host)
      let other = try await plan(try set("eth2", "10.0.20.11/24", gateway: "10.0.20.99") { $0.isDefaultRoute = true }, host)
      #expect(other.isProvisional && texts(other).contains("warning The default route would leave by eth2"))
      try await tries(other, host)
      #expect(difference(before, try await picture(host)) == [])
      let bare = try await plan(try set("eth2", "10.0.20.11/24") { $0.isDefaultRoute = true }, host)
      #expect(texts(bare).contains("blocking The default route shall leave by eth2, and no gateway is named"))
      let none = try await plan(try set("eth2", nil) { $0.isDefaultRoute = true }, host)
      #expect(texts(none).contains("blocking The default route shall leave by eth2, which would have no IPv4 address"))
      _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth0"), "Static", "10.0.4.11", "255.255.255.0", "", ""])
      let off = try await plan(try set("eth2", "10.0.20.11/24", gateway: "10.0.20.1"), host)
      #expect(texts(off).contains("blocking eth0 has no gateway: without eth2 this host would have no default route"))
    }
  }

  // MARK: Whom it cuts off

  @Test func aNetworkThatSwallowsOthersIsTriedFirst() async throws {
    try await ChangeHost.quick(.pool) { host in
      let peer = try await plan(try set("eth3", "192.168.7.1/24"), host, peer: "192.168.7.20", local: "10.0.4.11")
      #expect(peer.isProvisional && texts(peer).contains("warning you (192.168.7.20) would be reached by eth3 from then on"))
      let pool = try await plan(try set("eth3", "10.0.4.200/28"), host)
      #expect(!pool.isProvisional)
      let longer = try await plan(try set("eth3", "10.0.4.20/25"), host)
      #expect(longer.isProvisional && texts(longer).contains("xcp2 (10.0.4.12)") && texts(longer).contains("management's gateway 10.0.4.1"))
      let path = try await plan(try storage("eth3", tag: 7, address: "192.168.7.1/24"), host, peer: "192.168.7.20", local: "10.0.4.11")
      #expect(path.isProvisional && texts(path).contains("warning you (192.168.7.20) would be reached by VLAN 7 on eth3 from then on"))
    }
  }

  @Test func storageAndSessionsOverTheOldAddressAreNamed() async throws {
    try await ChangeHost.quick(.pool) { host in
      let lost = try await plan(try set("eth2", "10.0.33.11/24") { $0.isProtected = true }, host)
      #expect(lost.isProvisional && texts(lost).contains("warning Storage \"iSCSI A\" (10.0.20.200) is reached over 10.0.20.11 of eth2"))
      let before = try await picture(host)
      try await tries(lost, host)
      #expect(difference(before, try await picture(host)) == [])
      let kept = try await plan(try set("eth2", "10.0.20.99/24") { $0.isProtected = true }, host)
      #expect(!kept.isProvisional)
      let session = try await plan(try set("eth2", "10.0.20.99/24") { $0.isProtected = true }, host, peer: "10.0.20.50", local: "10.0.20.11")
      #expect(session.isProvisional && texts(session).contains("You are connected to the address that changes"))
      let path = try await plan(try storage(tag: nil, address: "10.0.33.11/24"), host)
      #expect(path.isProvisional && texts(path).contains("Storage \"iSCSI A\" (10.0.20.200) is reached over 10.0.20.11"))
    }
  }

  /// Protection and purpose are no matter of what an interface carries.
  @Test func managementMayBeProtected() async throws {
    try await ChangeHost.quick(.standalone) { host in
      var form = try #require(AddressForm("eth0", try await host.facts()))
      form.isProtected = true
      let request = try #require(form.checked().request)
      let plan = try await plan(request, host)
      #expect(!plan.isBlocked && plan.steps.count == 1 && plan.title == "eth0: unplugging forbidden", "\(plan.hazards)")
      form.addresses.ip = "10.0.4.99"
      #expect(try await self.plan(try #require(form.checked().request), host).isBlocked)
    }
  }

  // MARK: Members of a bond

  @Test func whatAMemberHasOnRecordIsSeen() async throws {
    try await ChangeHost.quick(.pool) { host in
      _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth1"), "Static", "10.0.50.5", "255.255.255.0", "", ""])
      var form = try #require(AddressForm("bond0", try await host.facts()))
      form.purpose = "x"
      #expect(texts(try await plan(try #require(form.checked().request), host)).isEmpty)
      // A bond that is not management.
      try await host.network("Second")
      await host.mutate("PIF", ["device": "bond0", "VLAN": -1], "management", false)
      let plan = try await plan(try set("bond0", "10.0.4.11/24", gateway: "10.0.4.1") { $0.purpose = "x" }, host)
      #expect(texts(plan).contains("eth1, a member of bond0, has 10.0.50.5/24 on record: it has no effect"), "\(plan.hazards)")
      // The same address elsewhere is no clash with it.
      let same = try await self.plan(try set("eth3", "10.0.50.5/24"), host)
      #expect(!same.isBlocked && texts(same).contains("notice eth1 has 10.0.50.5 on record as well"))
      // And it can be taken away.
      let clear = try await self.plan(try set("eth1", nil), host)
      #expect(!clear.isBlocked && clear.steps.count == 1)
      #expect(await host.run(clear) == .done)
      #expect(try await host.scene().tree["eth1"]?.pif.ipConfigurationMode == IPConfigurationMode.none)
      #expect(try await self.plan(try set("eth1", "10.0.50.6/24"), host).isBlocked)
    }
  }

  // MARK: Packet sizes

  @Test func otherPeoplesPacketSizesStay() async throws {
    try await ChangeHost.quick(.pool) { host in
      let lower = try await plan(try storage(tag: nil, mtu: 1500), host)
      #expect(texts(lower).contains("blocking \"Storage A\" has an MTU of 9000, and xcp2, xcp3 and 2 VIFs are on it: it is not lowered for them"), "\(lower.hazards)")
      #expect(lower.differences.contains { $0.name == "MTU" && $0.now == "9000" })
      await host.mutate("network", ["name_label": "Backup"], "MTU", 4000)
      let shared = try await plan(try storage("bond0", tag: 90, mtu: 1500, address: "10.0.90.11/24"), host)
      #expect(texts(shared).contains("blocking \"Backup\" has an MTU of 4000"))
      let taken = try await plan(try storage("bond0", tag: 20, mtu: 1500), host)
      #expect(texts(taken).contains("warning VLAN 20 is there already: network \"Büro Zürich\", with VMs ad-zürich and print"))
      await host.mutate("network", ["name_label": "Storage B"], "MTU", 1500)
      let raised = try await plan(try storage("eth3", tag: nil, address: "10.0.21.11/24"), host)
      #expect(!raised.isBlocked && texts(raised).contains("warning Hosts xcp2 and xcp3 take the MTU 9000 of \"Storage B\" over"))
      #expect(raised.steps[0].sentence == "Set the MTU of network \"Storage B\" to 9000")
      await host.mutate("PIF", ["device": "eth3"], "other_config", ["mtu": "1500"])
      #expect(texts(try await plan(try storage("eth3", tag: nil, address: "10.0.21.11/24"), host)).contains("blocking eth3 keeps an MTU of 1500"))
    }
  }

  @Test func whatCarriesTheSessionIsPluggedOnTrial() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await furnish(host)
      let before = try await picture(host)
      let plan = try await plan(try storage(address: "10.0.70.11/24"), host, peer: "10.0.20.50", local: "10.0.20.11")
      #expect(plan.isProvisional && !plan.isBlocked, "\(plan.hazards)")
      // Taken back by itself, nothing of it is left, the new network neither.
      try await tries(plan, host)
      #expect(difference(before, try await picture(host)) == [])
      // Kept, the network has no mark any more.
      guard case .waiting = await host.run(plan, looksAgain: false) else { throw ChangeFailure("it did not wait") }
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep()
      #expect(try await host.networkRow("Storage 20")?.otherConfig[ChangeAction.markKey] == nil)
      #expect(try await !self.plan(try storage("eth1", tag: 31, mtu: 1500, address: "10.0.31.1/24"), host).isProvisional)
      #expect(texts(try await self.plan(try storage("eth0", tag: 31), host)).contains("blocking Management of xcp1 is on \"Pool-wide network 0\""))
    }
  }

  // MARK: What XAPI refuses

  /// Each of its codes about addresses (`reference/xapi.md` §6.2): met before, and answered by the call.
  @Test func codesAreMetBefore() async throws {
    try await ChangeHost.quick(.pool) { host in
      func refused(_ request: AddressRequest, _ words: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let blocking = try await plan(request, host).hazards.filter { $0.weight == .blocking }.map(\.text).joined(separator: "\n")
        #expect(blocking.contains(words), "\(blocking)", sourceLocation: sourceLocation)
      }
      func call(_ device: String, _ mode: String = "Static", ip: String = "10.0.33.1", mask: String = "255.255.255.0", gateway: String = "") async throws -> String {
        try await host.code("PIF.reconfigure_ip", try await host.ref(device), .string(mode), .string(ip), .string(mask), .string(gateway), "")
      }
      await host.host.addCluster(device: "eth2")
      try await refused(try set("eth2", "10.0.33.1/24") { $0.isProtected = true }, "The cluster of this pool talks over eth2: its address cannot change")
      #expect(try await call("eth2") == "CLUSTERING_ENABLED")
      try await refused(try set("eth2", "10.0.20.11/24"), "The cluster of this pool talks over eth2: it must stay protected against unplugging")
      #expect(try await host.code("PIF.set_disallow_unplug", try await host.ref("eth2"), false) == "CLUSTERING_ENABLED")
      #expect(try await plan(try storage(tag: nil, address: "10.0.33.1/24"), host).isBlocked)
      try await refused(try set("bond0", nil), "bond0 carries management")
      #expect(try await call("bond0", "None", ip: "", mask: "") == "PIF_IS_MANAGEMENT_INTERFACE")
      try await refused(try set("eth0", "10.0.33.1/24"), "eth0 is a member of bond0")
      #expect(try await host.code("PIF.plug", try await host.ref("eth0")) == "CANNOT_PLUG_BOND_SLAVE")
      // What no request can hold, a person may type: refused in the form.
      var form = try #require(AddressForm("eth3", try await host.facts()))
      form.addresses.mode = .fixed
      for (ip, mask, gateway, code) in [
        ("10.0.33", "24", "", "INVALID_IP_ADDRESS_SPECIFIED"), ("10.0.33.1", "255.0", "", "INVALID_IP_ADDRESS_SPECIFIED"),
        ("10.0.33.1", "255.255.255.0", "x", "INVALID_IP_ADDRESS_SPECIFIED"), ("10.0.33.1", "255.0.255.0", "", "PIF_CONFIGURATION_ERROR"),
      ] {
        (form.addresses.ip, form.addresses.netmask, form.addresses.gateway) = (ip, mask, gateway)
        #expect(form.checked().request == nil, "\(ip) \(mask) \(gateway)")
        #expect(try await call("eth3", ip: ip, mask: mask, gateway: gateway) == code)
      }
      form.addresses.mode = .none
      form.addresses.modeV6 = .fixed
      form.addresses.ipv6 = "fd00::1"
      #expect(form.checked().request == nil)
      #expect(try await host.code("PIF.reconfigure_ipv6", try await host.ref("eth3"), "Static", "fd00::1", "", "") == "INVALID_CIDR_ADDRESS_SPECIFIED")
      // Set aside.
      await host.mutate("PIF", ["device": "eth3"], "managed", false)
      try await refused(try set("eth3", "10.0.33.1/24"), "eth3 is set aside: XAPI does not manage it")
      #expect(try await call("eth3") == "PIF_UNMANAGED")
      #expect(try await plan(try storage("eth3", tag: nil, address: "10.0.33.1/24"), host).isBlocked)
    }
  }

  @Test(arguments: [("ha_enabled", "HA_IS_ENABLED"), ("redo_log_enabled", "REDO_LOG_IS_ENABLED")])
  func guardsOfThePoolAnswerAsTold(_ flag: String, _ code: String) async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.switchOn(flag)
      for plan in [try await plan(try set("eth2", "10.0.20.11/24"), host), try await plan(try storage(tag: nil), host)] { #expect(plan.isBlocked) }
      #expect(try await host.code("PIF.reconfigure_ip", try await host.ref("eth2"), "Static", "10.0.20.11", "255.255.255.0", "", "") == code)
    }
  }

  /// What another has done since is seen, also by plans that are not on trial.
  @Test func plansAreHeldAgainstTheHost() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let address = try await plan(try set("eth2", "10.0.20.11/24"), host)
      let path = try await plan(try storage(), host)
      _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth2"), "Static", "10.0.20.77", "255.255.255.0", "", ""])
      try await host.vlan(20, on: "eth2", "Mine")
      for plan in [address, path] {
        guard case .refused(let why) = await host.run(plan) else { throw ChangeFailure("it was begun") }
        #expect(why.contains("the host has changed since this was planned"))
      }
    }
  }
}
