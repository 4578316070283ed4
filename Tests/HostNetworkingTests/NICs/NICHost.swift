import Dom0
import JSON
import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// What tests about NICs do to a simulated host.
extension ChangeHost {
  /// Changes are looked at before and after each step: here XAPI answers at once, without waiting for more news.
  static func quick(_ scenario: Scenario, _ body: (ChangeHost) async throws -> Void) async throws {
    var options = SimulatedHost.Options()
    options.batching = .zero
    try await with(scenario, options: options, body)
  }

  func plan(_ intent: Intent) async throws -> ChangePlan {
    try await ChangePlanning(client, system, FakeProbes()).plan(intent)
  }

  func path(_ device: String) async throws -> RetirePath { try await RetireLook(client, system).path(of: device).get() }

  func ref(_ name: String) async throws -> JSONValue { try #require(try await scene().tree[name]).ref.json }

  /// The code and parameters that XAPI refuses a call with; empty when it does it.
  func code(_ method: String, _ parameters: JSONValue...) async throws -> String {
    do {
      _ = try await client.call(method, parameters)
      return ""
    } catch {
      return try #require(error.failure).code
    }
  }

  /// A field of this host's interface.
  func set(_ name: String, _ field: String, _ value: JSONValue) async throws {
    await host.mutate(class: "PIF", ref: try await ref(name).string ?? "", field: field, value: value)
  }

  @discardableResult
  func network(_ label: String) async throws -> JSONValue {
    try await client.call("network.create", [["name_label": .string(label), "other_config": [:]]])
  }

  @discardableResult
  func vlan(_ tag: Int64, on base: String, _ label: String) async throws -> JSONValue {
    let network = try await network(label)
    _ = try await client.call("VLAN.create", [try await ref(base), .int(tag), network])
    return network
  }

  func tunnel(over base: String, _ label: String) async throws {
    _ = try await client.call("PIF.reconfigure_ip", [try await ref(base), "DHCP", "", "", "", ""])
    _ = try await client.call("tunnel.create", [try await ref(base), try await network(label)])
  }

  func sriov(on base: String, _ label: String) async throws {
    _ = try await client.call("network_sriov.create", [try await ref(base), try await network(label)])
  }

  /// A VIF of a VM that is there already; attached when the VM runs.
  func vif(of vm: String, on network: JSONValue, attached: Bool = true) async throws {
    let refs = await host.refs(class: "VM", where: ["name_label": .string(vm)])
    await host.createRow(
      class: "VIF",
      ["device": "7", "network": network, "VM": .string(try #require(refs.first)), "MAC": "5e:1b:0a:00:00:07", "currently_attached": .bool(attached)])
  }

  /// Storage over FCoE through a NIC.
  func fcoe(_ name: String, _ label: String) async throws {
    try await set(name, "capabilities", ["fcoe"])
    let sr = await host.createRow(class: "SR", ["type": "lvmofcoe", "name_label": .string(label)])
    let scene = try await scene()
    await host.createRow(class: "PBD", ["SR": .string(sr), "host": scene.host.json, "currently_attached": true])
  }

  func cluster(_ device: String) async { await host.addCluster(device: device) }

  /// All that somebody could have set up: nothing of it may differ after a change was taken back.
  func wholePicture() async throws -> [String] {
    var reader = DatabaseReader(client, classes: DatabaseReader.networking + ["vif", "vm"])
    let database = try await reader.read()
    let scene = ChangeScene(database, host: try await self.scene().host)
    func label(_ network: Ref<Network>?) -> String { database.networks[network].map { "\($0.nameLabel) \($0.uuid)" } ?? "-" }
    let more = scene.tree.nodes.map { node in
      "\(node.name) on \(label(node.pif.network)) mac \(node.pif.mac) \(node.pif.otherConfig.sorted { $0.key < $1.key }) "
        + "protected \(node.pif.disallowUnplug) \(node.pif.properties) managed \(node.pif.managed)"
    }
    let vifs = database.vifs.all.map { "VIF \($0.record.mac) \(label($0.record.network)) \($0.record.currentlyAttached)" }.sorted()
    return try await picture() + more + vifs
  }

  /// A card that XAPI does not know.
  func putCard(_ device: String, _ mac: String = "0c:c4:7a:00:00:44") async {
    await host.addCard(device: device, mac: mac, position: Int(device.drop { !$0.isNumber }) ?? 9)
  }
}

extension ChangePlan {
  var blocking: [String] { hazards.filter { $0.weight == .blocking }.map(\.text) }
  var warnings: [String] { hazards.filter { $0.weight != .blocking }.map(\.text) }
  var lines: [String] { steps.flatMap(\.commands) }
}
