import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// A simulated host for bonds, and all that an operator could see of it.
extension ChangeHost {
  func bondFacts() async throws -> BondFacts { try await BondLook(client, system).facts() }

  func plan(_ intent: BondIntent, mark: String? = "themark") async throws -> ChangePlan { intent.plan(try await bondFacts(), mark: mark) }

  /// Everything but refs and uuids: nothing of it may differ after a change was taken back.
  func layout() async throws -> [String] {
    let facts = try await facts()
    let (database, own) = (facts.database, facts.host)
    var lines: [String] = []
    for (ref, row) in database.hosts.all {
      let host = BondScene(database, ref, own: own)
      for node in host.tree.nodes {
        let pif = node.pif
        let vlan = database.vlans[pif.vlanMasterOf]?.otherConfig.listed ?? ""
        let ipv4 = "\(pif.ipConfigurationMode) \(pif.ip) \(pif.netmask) \(pif.gateway) \(pif.dns)"
        let ipv6 = "\(pif.ipv6ConfigurationMode) \(pif.ipv6.filter { !$0.isEmpty }) \(pif.ipv6Gateway)"
        let flags = "management \(pif.management) attached \(pif.currentlyAttached) protected \(pif.disallowUnplug) \(pif.primaryAddressType)"
        lines.append(
          "\(row.hostname) \(node.kind == .tunnel ? "tunnel over \(host.tree[node.base]?.name ?? "nothing")" : node.name) on \(host.networkName(node)) \(ipv4) | \(ipv6) | \(flags) | \(pif.otherConfig.listed) | \(vlan) | \(pif.properties.listed)"
            + (node.kind == .vlan || node.kind == .tunnel ? "" : " \(pif.mac)"))
        guard let bond = host.row(node) else { continue }
        lines.append(
          "\(row.hostname) \(node.name) \(bond.mode) \(bond.properties.listed) \(host.devices(node).sorted()) first \(database.pifs[bond.primaryMember]?.device ?? "") "
            + "\(bond.otherConfig.listed) \(bond.autoUpdateMAC)")
      }
      lines.append("\(row.hostname) \(row.address)")
    }
    lines += database.networks.all.map { "network \($0.record.nameLabel) MTU \($0.record.mtu) \($0.record.otherConfig.listed)" }
    lines += database.vifs.all.map { _, vif in
      "VIF \(vif.device) of \(database.vms[vif.vm]?.nameLabel ?? "") on \(database.networks[vif.network]?.nameLabel ?? "") attached \(vif.currentlyAttached)"
    }
    return lines.sorted()
  }

  func moveVIF(of vm: String, to network: JSONValue) async throws {
    let database = try await facts().database
    guard let vif = database.vifs.all.first(where: { database.vms[$0.record.vm]?.nameLabel == vm })?.ref else { throw ChangeFailure("no VIF of \(vm)") }
    _ = try await client.call("VIF.move", [vif.json, network])
  }

  /// Storage is in use nowhere: bonds of its NICs need no trial.
  func detachStorage() async {
    for pbd in await host.refs(class: "PBD") { await host.mutate(class: "PBD", ref: pbd, field: "currently_attached", value: false) }
  }

  /// eth1 and eth2 of the standalone host with all that bonds move and do not move: VLANs on both with VMs, other-config,
  /// IPv6, protection.
  func furnish() async throws {
    for (tag, device, name) in [(20, "eth1", "Office"), (30, "eth2", "Voice")] {
      let network = try await network(name)
      _ = try await client.call("VLAN.create", [try await ref(device), .int(Int64(tag)), network])
      try await moveVIF(of: tag == 20 ? "jenkins" : "nas", to: network)
    }
    let (office, voice, eth1) = (try await ref("VLAN 20 on eth1"), try await ref("VLAN 30 on eth2"), try await ref("eth1"))
    _ = try await client.call("PIF.add_to_other_config", [office, "ethtool-gso", "off"])
    _ = try await client.call("PIF.reconfigure_ip", [office, "Static", "10.20.0.5", "255.255.255.0", "", ""])
    _ = try await client.call("PIF.reconfigure_ipv6", [voice, "Static", "fd00:30::5/64", "", ""])
    _ = try await client.call("PIF.reconfigure_ip", [eth1, "Static", "10.1.0.5", "255.255.255.0", "", ""])
    _ = try await client.call("PIF.reconfigure_ipv6", [eth1, "Static", "fd00:1::5/64", "", ""])
    _ = try await client.call("PIF.add_to_other_config", [eth1, "mtu", "1400"])
    _ = try await client.call("PIF.plug", [eth1])
    _ = try await client.call("PIF.set_disallow_unplug", [eth1, true])
    if let row = try await scene().tree["VLAN 30 on eth2"]?.pif.vlanMasterOf {
      _ = try await client.call("VLAN.add_to_other_config", [row.json, "owner", "phones"])
    }
  }

  /// A bond of two NICs as it would be made by hand.
  func bond(_ members: [String], _ mode: String = "active-backup", name: String = "Bond", mac: String = "") async throws {
    var refs: [JSONValue] = []
    for member in members { refs.append(try await ref(member)) }
    _ = try await client.call("Bond.create", [try await network(name), .array(refs), .string(mac), .string(mode), [:]])
  }

  /// Nothing differs from what was before.
  func expectSame(_ before: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let difference = difference(before, try await layout())
    #expect(difference.isEmpty, "\(difference.joined(separator: "\n"))", sourceLocation: sourceLocation)
  }

  /// A step that cannot be done, at a place of a plan.
  static func failing(_ plan: ChangePlan, at place: Int) -> ChangePlan {
    var plan = plan
    plan.steps.insert(ChangeStep(0, "Plug what is not there", commands: [], action: .plug("eth77")), at: place)
    plan.steps = plan.steps.numbered
    return plan
  }
}

/// What differs between two layouts: readable when a test fails.
func difference(_ before: [String], _ after: [String]) -> [String] {
  let (left, right) = (Set(before), Set(after))
  return left.subtracting(right).sorted().map { "- \($0)" } + right.subtracting(left).sorted().map { "+ \($0)" }
}
