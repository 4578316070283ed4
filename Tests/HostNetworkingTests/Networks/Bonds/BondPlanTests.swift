import Dom0
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// What plans about bonds say beforehand: XAPI's own rules, and those that it does not know.
struct BondPlanTests {
  /// XAPI refuses a bond of these with a code; the plan does not let it come to that.
  private func refused(
    _ code: String, _ words: String, _ host: ChangeHost, _ request: BondRequest, network: JSONValue? = nil
  ) async throws {
    let plan = try await host.plan(.create(request))
    #expect(plan.isBlocked && plan.steps.isEmpty)
    #expect(plan.hazards.contains { $0.weight == .blocking && $0.text.contains(words) }, "\(plan.hazards.map(\.text))")
    var members: [JSONValue] = []
    for name in request.members { if let node = try await host.scene().tree[name] { members.append(node.ref.json) } }
    let place = if let network { network } else { try await host.network("For the call") }
    await #expect { 
      _ = try await host.client.call(
        "Bond.create",
        [
          place, .array(members), .string(request.mac), .string(request.mode.rawValue),
          .object(JSONObject(request.properties.map { ($0.key, .string($0.value)) })),
        ])
    } throws: { error in
      (error as? XenError)?.failure?.code == code
    }
  }

  @Test func everythingThatXAPIRefusesIsMetBefore() async throws {
    try await ChangeHost.quick(.standalone) { host in
      func two(_ a: String = "eth1", _ b: String = "eth2") -> BondRequest { BondRequest(members: [a, b], mode: .activeBackup) }
      try await refused("PIF_BOND_NEEDS_MORE_MEMBERS", "A bond needs NICs", host, BondRequest(members: [], mode: .activeBackup))
      var request = two()
      request.mac = "zz:zz"
      try await refused("MAC_INVALID", "zz:zz is no MAC address", host, request)
      request = two()
      request.properties = ["lacp-time": "fast"]
      try await refused("INVALID_VALUE", "lacp-time is for LACP only", host, request)
      request.mode = .lacp
      request.properties = ["hashing_algorithm": "bogus"]
      try await refused("INVALID_VALUE", "not bogus", host, request)
      request.properties = ["bogus": "1"]
      try await refused("INVALID_VALUE", "have no property bogus", host, request)
      request = two()
      request.mode = BondMode(rawValue: "bogus")
      try await refused("INTERNAL_ERROR", "no mode bogus", host, request)
      // Its network.
      let eth3 = try #require(try await host.facts().bondScene.tree["eth3"])
      request = two()
      request.network = .existing(try #require(try await host.facts().database.networks[eth3.pif.network]?.uuid))
      try await refused("NETWORK_ALREADY_CONNECTED", "has eth3 already", host, request, network: eth3.pif.network?.json)
      let unmanaged = await host.host.createRow(class: "network", ["name_label": "Apart", "bridge": "br9", "managed": false])
      request.network = .existing(try #require(try await host.facts().database.networks.all.first { $0.record.nameLabel == "Apart" }?.record.uuid))
      try await refused("NETWORK_UNMANAGED", "\"Apart\" is not managed", host, request, network: .string(unmanaged))
      // Its members.
      await host.host.mutate(class: "PIF", ref: eth3.ref.description, field: "managed", value: false)
      try await refused("PIF_UNMANAGED", "eth3 is set aside", host, two("eth1", "eth3"))
      await host.host.mutate(class: "PIF", ref: eth3.ref.description, field: "managed", value: true)
      _ = try await host.client.call("VLAN.create", [try await host.ref("eth2"), 5, try await host.network("Tagged")])
      try await refused("PIF_VLAN_EXISTS", "VLAN 5 on eth2 is a VLAN", host, two("eth1", "VLAN 5 on eth2"))
      for (device, address) in [("eth1", "10.1.0.1"), ("eth2", "10.2.0.1")] {
        _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref(device), "Static", .string(address), "255.255.255.0", "", ""])
      }
      try await refused("PIF_BOND_MORE_THAN_ONE_IP", "eth1 and eth2 have an address each", host, two())
      _ = try await host.client.call("PIF.set_property", [try await host.ref("eth2"), "gro", "off"])
      try await refused("INCOMPATIBLE_PIF_PROPERTIES", "gro=off", host, two())
      _ = try await host.client.call("PIF.set_primary_address_type", [try await host.ref("eth3"), "IPv6"])
      try await refused("PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", "eth3 has IPv6", host, two("eth1", "eth3"))
      _ = try await host.client.call("PIF.set_primary_address_type", [try await host.ref("eth3"), "IPv4"])
      _ = try await host.client.call("tunnel.create", [try await host.ref("eth1"), try await host.network("Private"), "vxlan"])
      try await refused("IS_TUNNEL_ACCESS_PIF", "end of a tunnel", host, two("eth0", "tunnel0"))
      _ = try await host.client.call("network_sriov.create", [try await host.ref("eth3"), try await host.network("Functions")])
      try await refused("PIF_IS_SRIOV_LOGICAL", "virtual functions", host, two("eth0", "SR-IOV on eth3"))
      let functions = try #require(try await host.facts().database.networks.all.first { $0.record.nameLabel == "Functions" })
      // A host that has no interface on it.
      for pif in functions.record.pifs { await host.host.mutate(class: "PIF", ref: pif.description, field: "host", value: "OpaqueRef:other") }
      request = BondRequest(members: ["eth0"], mode: .activeBackup, network: .existing(functions.record.uuid))
      try await refused("NETWORK_INCOMPATIBLE_WITH_BOND", "serves virtual functions", host, request, network: functions.ref.json)
    }
  }

  @Test func aBondIsNoMember() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"])
      try await refused("PIF_ALREADY_BONDED", "eth1 is a member of bond0 already", host, BondRequest(members: ["eth1", "eth3"], mode: .activeBackup))
      // XAPI would take it, and could not take it apart again.
      let plan = try await host.plan(.create(BondRequest(members: ["bond0", "eth3"], mode: .activeBackup)))
      #expect(plan.isBlocked && plan.hazards.contains { $0.text == "bond0 is a bond itself" })
      // Another host's NIC has no name here: PIF_CANNOT_BOND_CROSS_HOST cannot come about.
      let other = try await host.plan(.create(BondRequest(members: ["eth3", "eth9"], mode: .activeBackup)))
      #expect(other.hazards.map(\.text) == ["This host has no interface eth9"])
      // XAPI lets one NIC be named twice.
      let twice = try await host.plan(.create(BondRequest(members: ["eth3", "eth0", "eth3"], mode: .activeBackup)))
      #expect(twice.title == "bond1 from eth3 and eth0, active-backup, network \"Bond 3+0\"")
      let multicast = try await host.plan(.create(BondRequest(members: ["eth3", "eth0"], mode: .activeBackup, mac: "01:00:5e:00:00:01")))
      #expect(multicast.isBlocked && multicast.hazards.contains { $0.text.contains("address for groups") })
    }
  }

  @Test func highAvailabilityAndItsKin() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.switchOn("ha_enabled")
      try await refused(
        "HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE", "High availability is on, and management goes over eth0 and eth1", host,
        BondRequest(members: ["eth0", "eth1"], mode: .activeBackup))
      let other = try await host.plan(.create(BondRequest(members: ["eth1", "eth2"], mode: .activeBackup)))
      #expect(!other.isBlocked && other.hazards.contains { $0.weight == .warning && $0.text.contains("heartbeat") })
    }
    try await ChangeHost.quick(.standalone) { host in
      await host.switchOn("redo_log_enabled")
      await host.host.addCluster(device: "eth1")
      let plan = try await host.plan(.create(BondRequest(members: ["eth1", "eth2"], mode: .activeBackup)))
      #expect(!plan.isBlocked)
      #expect(plan.hazards.contains { $0.text.hasPrefix("The redo log is on") })
      #expect(plan.hazards.contains { $0.text.hasPrefix("The cluster of this pool talks over eth1") })
    }
    try await ChangeHost.quick(.pool) { host in
      await host.switchOn("ha_enabled")
      let plan = try await host.plan(.destroy("bond0", withNetwork: false))
      #expect(plan.isBlocked)
      let bond = try #require(try await host.scene().tree["bond0"]?.pif.bondMasterOf.first)
      await #expect { _ = try await host.client.call("Bond.destroy", [bond.json]) } throws: {
        ($0 as? XenError)?.failure?.code == "HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE"
      }
      #expect(try await host.plan(.removeMember("eth1", bond: "bond0")).isBlocked)
    }
  }

  @Test func whatIsMovedIsSaidWithNames() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      let plan = try await host.plan(.create(BondRequest(members: ["eth1", "eth2"], mode: .lacp)))
      let said = plan.consequences
      #expect(said.contains("VLAN 20 (Office) with 1 VM moves from eth1 to bond0"))
      #expect(said.contains("VLAN 30 (Voice) with 1 VM moves from eth2 to bond0"))
      #expect(said.contains("The address 10.1.0.5/24 moves from eth1 to bond0"))
      #expect(said.contains("The VIFs of mail move from network \"Pool-wide network 2\" to \"Bond 1+2\""))
      let texts = plan.hazards.map(\.text)
      #expect(texts.contains { $0.hasPrefix("Whether the switch speaks LACP on the ports of eth1 and eth2 cannot be seen before") })
      #expect(texts.contains("eth1 is protected against unplugging: the bond is from then on"))
      #expect(texts.contains { $0.hasPrefix("The NICs are not equally fast: eth1 1 Gb/s and eth2 10 Gb/s") })
      #expect(texts.contains { $0.hasPrefix("The NICs have different drivers: eth1 tg3 and eth2 ixgbe") })
      #expect(texts.contains { $0.hasPrefix("XAPI does not move IPv6 addresses: bond0 and VLAN 30 on bond0") })
      #expect(texts.contains { $0.hasPrefix("XAPI does not move other-config: it is written anew for bond0 (mtu=1400), VLAN 20 on bond0 (ethtool-gso=off)") || $0.contains("ethtool-gso=off") })
      // Management is named with its address.
      let managed = try await host.plan(.create(BondRequest(members: ["eth0", "eth3"], mode: .activeBackup)))
      #expect(managed.consequences.contains("Management and its address 10.0.4.11/24 move from eth0 to bond0"))
      #expect(managed.differences.contains(.init("Management", now: "eth0, 10.0.4.11/24", after: "bond0, 10.0.4.11/24")))
      #expect(managed.hazards.contains { $0.text == "Of eth0 and eth3 only eth0 has a link" })
      let alone = try await host.plan(.create(BondRequest(members: ["eth3"], mode: .activeBackup)))
      #expect(!alone.isBlocked && alone.hazards.contains { $0.text.hasPrefix("eth3 alone is no bond yet") })
    }
  }

  @Test func theLinuxBridgeHasItsLimits() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try host.system.replace(NetworkBackend.path, with: Array("bridge\n".utf8))
      let plan = try await host.plan(.create(BondRequest(members: ["eth1", "eth2", "eth3"], mode: .lacp)))
      #expect(plan.hazards.contains { $0.text.contains("LACP is supported with Open vSwitch only") })
      #expect(plan.hazards.contains { $0.text.contains("more than two NICs") })
    }
  }

  @Test func haltedMachinesThatStayBehindAreNamed() async throws {
    try await ChangeHost.quick(.pool) { host in
      let database = try await host.facts().database
      let storage = try #require(database.networks.all.first { $0.record.nameLabel == "Storage A" })
      try await host.moveVIF(of: "ci-runner", to: storage.ref.json)
      let plan = try await host.plan(.create(BondRequest(members: ["eth2", "eth3"], mode: .activeBackup)))
      #expect(plan.hazards.contains { $0.text.hasPrefix("ci-runner does not run and could start elsewhere") })
      #expect(plan.hazards.contains { $0.text.hasPrefix("The other hosts get the bond when their toolstack starts") })
    }
  }

  @Test func managementOverIPv6IsNotLost() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let eth0 = try await host.ref("eth0")
      _ = try await host.client.call("PIF.reconfigure_ipv6", [eth0, "Static", "fd00:4::11/64", "", ""])
      for pif in await host.host.refs(class: "PIF") { await host.host.mutate(class: "PIF", ref: pif, field: "primary_address_type", value: "IPv6") }
      let plan = try await host.plan(.create(BondRequest(members: ["eth0", "eth1"], mode: .activeBackup)))
      #expect(plan.isBlocked && plan.hazards.contains { $0.text.contains("XAPI moves no IPv6 address") })
    }
  }

  // MARK: Written down

  @Test func theWayBackCanBeWrittenDown() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      _ = await host.run(try await host.plan(.create(BondRequest(members: ["eth1", "eth2"], mode: .lacp, properties: ["lacp-time": "fast"], vlans: [42]))))
      for intent in [
        BondIntent.create(BondRequest(members: ["eth0", "eth3"], mode: .lacp, vlans: [7])), .destroy("bond0", withNetwork: true), .removeMember("eth1", bond: "bond0"),
        .addMember("eth3", bond: "bond0"), .set(BondSettingsRequest(bond: "bond0", mode: .activeBackup)),
        .set(BondSettingsRequest(bond: "bond0", properties: ["lacp-time": "slow"], upDelay: "5")),
      ] {
        let plan = try await host.plan(intent)
        #expect(!plan.isBlocked && !plan.steps.isEmpty)
        for action in plan.steps.flatMap({ [$0.action] + $0.undo }) {
          let text = action.json.description
          #expect(ChangeAction(try JSONValue(parsing: Array(text.utf8))) == action, "\(text)")
          #expect(!action.sentence.isEmpty)
        }
      }
    }
  }

  /// Lines that a shell can be given, of commands and fields that the data model knows.
  @Test(.enabled(if: PublishedModel.whole != nil, "../shared/xapi/datamodel.json is not here"))
  func theLinesAreXE() async throws {
    let model = try #require(PublishedModel.whole)
    try await ChangeHost.quick(.pool) { host in
      let calls: [(command: String, object: String, message: String)] = [
        ("network-create", "network", "create"), ("bond-create", "Bond", "create"), ("bond-destroy", "Bond", "destroy"), ("bond-set-mode", "Bond", "set_mode"),
        ("vlan-create", "VLAN", "create"), ("pif-reconfigure-ip", "PIF", "reconfigure_ip"), ("pif-reconfigure-ipv6", "PIF", "reconfigure_ipv6"),
        ("pif-plug", "PIF", "plug"), ("host-management-reconfigure", "host", "management_reconfigure"), ("network-destroy", "network", "destroy"),
        ("vif-move", "VIF", "move"),
      ]
      for call in calls { #expect(Self.messages(model, call.object).contains(call.message), "\(call)") }
      let known = Set(calls.map(\.command) + ["bond-param-set", "pif-param-set", "pif-param-remove", "network-param-set", "vlan-param-set"])
      var seen = Set<String>()
      for intent in [
        BondIntent.create(BondRequest(members: ["eth2", "eth3"], mode: .lacp, properties: ["lacp-time": "fast"], isPoolWide: true, vlans: [77])),
        .destroy("bond0", withNetwork: true), .removeMember("eth0", bond: "bond0"), .addMember("eth3", bond: "bond0"),
        .set(BondSettingsRequest(bond: "bond0", mode: .balanceSLB, upDelay: "100")), .set(BondSettingsRequest(bond: "bond0", properties: ["lacp-time": "fast"])),
      ] {
        let plan = try await host.plan(intent)
        for line in plan.steps.flatMap(\.commands) where !line.hasPrefix("ovs-appctl lacp/show ") {
          #expect(!line.contains("?") && !line.contains("uuid= "), "\(line)")
          let words = line.split(separator: " ").map { String($0) }
          guard let place = words.firstIndex(where: { $0 == "xe" || $0.hasSuffix("=$(xe") }), place + 1 < words.count else {
            Issue.record("no xe: \(line)")
            continue
          }
          seen.insert(words[place + 1])
          #expect(known.contains(words[place + 1]), "\(line)")
        }
      }
      #expect(seen.isSuperset(of: ["network-create", "bond-create", "bond-destroy", "bond-set-mode", "vlan-create", "bond-param-set", "pif-param-set"]))
    }
  }

  private static func messages(_ model: JSONValue, _ name: String) -> Set<String> {
    Set((model["classes"]?[name]?["messages"]?.object ?? JSONObject()).map { $0.0 })
  }

  @Test func theLinesOfASimpleBond() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let scene = try await host.scene()
      let (one, two) = (try #require(scene.tree["eth1"]?.pif.uuid), try #require(scene.tree["eth2"]?.pif.uuid))
      let plan = try await host.plan(
        .create(BondRequest(members: ["eth1", "eth2"], mode: .lacp, properties: ["lacp-time": "fast"], network: .new(name: "Storage"), vlans: [42])))
      let uuid = try #require(scene.database.hosts[scene.host]?.uuid)
      #expect(
        plan.steps.flatMap(\.commands) == [
          "NET=$(xe network-create name-label=Storage name-description='Bond of eth1 and eth2')",
          "xe bond-create network-uuid=$NET pif-uuids=\(one),\(two) mode=lacp properties:lacp-time=fast",
          "NET_42=$(xe network-create name-label='VLAN 42 on bond0')",
          "xe vlan-create pif-uuid=$(xe pif-list host-uuid=\(uuid) device=bond0 VLAN=-1 --minimal) vlan=42 network-uuid=$NET_42",
          "ovs-appctl lacp/show bond0",
        ])
    }
  }
}
