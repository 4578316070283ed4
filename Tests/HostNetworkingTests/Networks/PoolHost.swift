import JSON
import SimulatedHost
import XenAPI

@testable import HostNetworking

extension ChangeHost {
  func poolFacts() async throws -> PoolFacts { try await PoolFacts.look(client, system) }

  func plan(_ request: VLANRequest) async throws -> ChangePlan { VLANCreatePlanner(request, try await poolFacts(), mark: "m").plan() }
  func plan(_ removal: VLANRemoval) async throws -> ChangePlan { VLANDestroyPlanner(removal, try await poolFacts()).plan() }
  func plan(_ edit: NetworkEdit) async throws -> ChangePlan { try NetworkEditPlanner(edit, try await poolFacts()).plan() }
  func plan(_ removal: NetworkRemoval) async throws -> ChangePlan { try NetworkDestroyPlanner(removal, try await poolFacts()).plan() }
  func plan(_ draft: NetworkDraft) async throws -> ChangePlan { NetworkCreatePlanner(draft, try await poolFacts(), mark: "m").plan() }

  func database() async throws -> XenDatabase { try await poolFacts().database }

  func networkRow(_ name: String) async throws -> Network? { try await database().networks.all.first { $0.record.nameLabel == name }?.record }
  func uuid(_ name: String) async throws -> String { try await networkRow(name)?.uuid ?? "?" }

  /// A row of the simulated host by one of its fields.
  func row(_ name: String, _ match: JSONObject) async -> String { await host.refs(class: name, where: match).first ?? "?" }

  func mutate(_ name: String, _ match: JSONObject, _ field: String, _ value: JSONValue) async {
    for ref in await host.refs(class: name, where: match) { await host.mutate(class: name, ref: ref, field: field, value: value) }
  }

  /// A network of the pool, without anybody's plan.
  func addNetwork(_ name: String) async throws -> (ref: JSONValue, uuid: String) {
    let ref = try await client.call("network.create", [["name_label": .string(name), "name_description": "", "MTU": 1500, "other_config": [:], "tags": []]])
    return (ref, try await uuid(name))
  }

  /// What an operator sees of networks, VLANs and what is on them on all hosts. Nothing of it may differ after a change was taken back;
  /// a network that was made anew has another uuid and another bridge.
  func poolPicture() async throws -> [String] {
    let facts = try await poolFacts()
    let database = facts.database
    let pifs = database.pifs.all.map(\.record).map { pif in
      "\(facts.nameWithHost(pif)) of \(facts.hostName(pif.host)) on \(database.networks[pif.network]?.nameLabel ?? "-") attached \(pif.currentlyAttached) "
        + "\(pif.ipConfigurationMode) \(pif.ip) \(pif.netmask) \(pif.gateway) \(pif.otherConfig.sorted { $0.key < $1.key }) "
        + "\(pif.ipv6ConfigurationMode) \(pif.ipv6.filter { !$0.isEmpty }) \(pif.ipv6Gateway) \(pif.dns) \(pif.primaryAddressType) MTU \(pif.mtu) "
        + "ties \(database.vlans[pif.vlanMasterOf]?.otherConfig ?? [:]) \(database.tunnels[pif.tunnelAccessPIFOf.first]?.otherConfig ?? [:])"
    }
    let networks = database.networks.all.map(\.record).map { network in
      "network \(network.nameLabel) \(network.nameDescription) \(network.mtu) \(network.defaultLockingMode) \(network.purpose) \(network.tags.sorted()) "
        + "managed \(network.managed) "
        + "\(network.otherConfig.sorted { $0.key < $1.key }) VIFs \(network.vifs.count)"
    }
    return (pifs + networks).sorted()
  }
}

extension VLANRequest {
  static func new(
    _ tags: String, on base: String, name: String = "VLAN {tag}", pool: Bool = true, mtu: Int? = nil
  ) throws -> VLANRequest {
    VLANRequest(base: base, tags: try TagList(parsing: tags), target: .new(name: name, description: ""), isPoolWide: pool, mtu: mtu)
  }

  static func existing(_ tag: Int, on base: String, _ uuid: String, pool: Bool = true) -> VLANRequest {
    VLANRequest(base: base, tags: TagList([tag]), target: .existing(uuid), isPoolWide: pool)
  }
}

extension ChangePlan {
  var notices: [String] { hazards.filter { $0.weight == .notice }.map(\.text) }
  var commands: [String] { steps.flatMap(\.commands) }
}
