import Foundation
import JSON
import Testing

@testable import SimulatedHost

/// Every class, field, enum and call that the simulator names against XAPI's published data model, which lies beside
/// the checkout where the program is made and is not shipped.
@Suite struct DataModelTests {
  private static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/xapi/datamodel.json").path

  /// The model, or nil where it is not there.
  static let model: JSONValue? = FileManager.default.contents(atPath: path).flatMap {
    try? JSONValue(parsing: [UInt8]($0))
  }

  /// Fields that came after the published model's release (24.16), with the notes' or the recordings' type.
  private static let laterFields: [String: [String: String]] = [
    "host": [
      "ssh_enabled": "bool", "ssh_enabled_timeout": "int", "ssh_expiry": "datetime", "console_idle_timeout": "int",
      "ssh_auto_mode": "bool", "secure_boot": "bool", "max_cstate": "string", "ntp_mode": "enum host_ntp_mode",
      "ntp_custom_servers": "string set", "timezone": "string",
    ],
    "pool": [
      "ext_auth_cache_enabled": "bool", "ext_auth_cache_size": "int", "ext_auth_cache_expiry": "int",
      "recommendations": "(string -> string) map", "license_server": "(string -> string) map",
      "ha_reboot_vm_on_internal_shutdown": "bool", "limit_console_sessions": "bool", "vm_console_idle_timeout": "int",
      "auto_update_vm_secureboot_certificates": "bool",
    ],
    "VIF": ["trunks": "int set"],
    "VM": ["groups": "VM_group ref set", "secureboot_certificates_state": "enum vm_secureboot_certificates_state"],
    "VM_metrics": ["numa_optimised": "bool", "numa_nodes": "int", "numa_node_memory": "(int -> int) map"],
    "PCI": [
      "class_id": "string", "vendor_id": "string", "device_id": "string", "subsystem_vendor_id": "string",
      "subsystem_device_id": "string",
    ],
  ]
  private static let laterEnums: Set<String> = ["host_ntp_mode", "vm_secureboot_certificates_state"]
  /// Public classes that the extract of the model leaves out.
  private static let unlistedClasses: Set<String> = ["subject", "user", "secret", "PVS_proxy"]

  /// Calls that XAPI hides from its published model; the notes on XAPI list them.
  private static let hiddenCalls: Set<String> = [
    "host.is_in_emergency_mode", "host.local_assert_healthy", "host.signal_networking_change", "network.attach",
    "pool.is_slave",
  ]

  /// Calls that came after the published model's release.
  private static let laterCalls: Set<String> = [
    "host.set_ntp_mode", "host.set_ntp_custom_servers", "host.get_ntp_servers_status", "host.get_ntp_synchronized",
    "host.enable_ssh", "host.disable_ssh", "host.set_ssh_enabled_timeout", "host.set_ssh_auto_mode",
    "host.set_console_idle_timeout",
  ]

  @Test(.enabled(if: model != nil, "../shared/xapi/datamodel.json is not here"))
  func everythingNamedExists() throws {
    let classes = try #require(Self.model?["classes"]?.object)
    for schema in Schema(product: .xapi26_17).classes where !Self.unlistedClasses.contains(schema.name) {
      let known = try #require(classes[schema.name], "class \(schema.name)")
      checkFields(schema, known)
      checkCalls(schema, known)
      for (name, values) in schema.enums where !Self.laterEnums.contains(name) {
        #expect(known["enums"]?[name]?.array?.compactMap(\.string) == values, "\(schema.name) enum \(name)")
      }
    }
  }

  private func checkFields(_ schema: ClassSchema, _ known: JSONValue) {
    for field in schema.fields {
      let type = known["fields"]?[field.name]?["type"]?.string ?? Self.laterFields[schema.name]?[field.name]
      #expect(type == field.type.description, "\(schema.name).\(field.name)")
      if let qualifier = known["fields"]?[field.name]?["qualifier"]?.string {
        let access = ["RO/runtime": "RO", "RO/constructor": "C", "RW": "RW"][qualifier]
        #expect(access == field.access.rawValue, "\(schema.name).\(field.name)")
      }
    }
    guard schema.name != "event" else { return }
    for name in known["fields"]?.object?.keys ?? [] {
      #expect(schema.field(name) != nil, "missing: \(schema.name).\(name)")
    }
  }

  private func checkCalls(_ schema: ClassSchema, _ known: JSONValue) {
    let unpublished = Self.hiddenCalls.union(Self.laterCalls)
    for call in schema.callNames.compactMap(schema.call) where !unpublished.contains("\(schema.name).\(call.name)") {
      let published = known["messages"]?[call.name]
      let parameters = (published?["params"]?.array ?? []).compactMap { $0.array?.compactMap(\.string) }
      let ours =
        (call.needsSession ? [["session_id", "session ref"]] : [])
        + call.parameters.map { [$0.name, $0.type.description] }
      #expect(parameters == ours, "\(schema.name).\(call.name)")
      // The model words this one result as prose.
      let result = published?["result"]?.string.map { $0 == "an event batch" ? "void" : $0 }
      #expect(result == call.result?.description ?? "void", "\(schema.name).\(call.name)")
    }
  }

  /// The other way round: whatever the model has, the simulator knows by name, simulated or not.
  @Test(.enabled(if: model != nil, "../shared/xapi/datamodel.json is not here"))
  func everyPublishedCallIsKnown() throws {
    let classes = try #require(Self.model?["classes"]?.object)
    for schema in Schema(product: .xapi26_17).classes where !Self.unlistedClasses.contains(schema.name) {
      for (name, _) in classes[schema.name]?["messages"]?.object ?? JSONObject() {
        #expect(Operation(name, of: schema) != nil, "\(schema.name).\(name)")
      }
    }
  }

  /// Handlers belong to calls that exist: a misspelt one would never run.
  @Test func handlersHaveASchema() {
    let schema = Schema(product: .xapi26_17)
    for name in CallTable().handlers.keys {
      let method = Method(name, schema)
      guard let owner = method.owner, case .call? = Operation(method.call, of: owner) else {
        Issue.record("\(name) is in no schema")
        continue
      }
    }
  }

  @Test func whatIsMissingIsListed() {
    let missing = SimulatedHost.callsNotSimulated()
    #expect(missing.contains("VM.start"))
    #expect(!missing.contains("network.create"))
    #expect(!missing.contains("event.from"))
  }

  @Test func productsDiffer() {
    #expect(Schema(product: .xapi26_1_3)["VIF"]?.field("trunks") == nil)
    #expect(Schema(product: .xapi26_17)["VIF"]?.field("trunks") != nil)
    #expect(Schema(product: .xapi26_1_3)["host"]?.field("ntp_mode") != nil)
  }
}
