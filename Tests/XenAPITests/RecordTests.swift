import JSON
import Testing

@testable import XenAPI

@Suite struct RecordTests {
  // MARK: The data model

  /// Fields that came after the data model (`reference/xapi.md` §2).
  private static let laterFields: [String: [String]] = ["VIF": ["trunks"]]

  @Test(arguments: recordTypes.map { $0.className })
  func classesAndFieldsExist(className: String) throws {
    guard let model = try Materials.dataModel() else { return }
    let type = try #require(recordType(className))
    let fields = try #require(model[className]?["fields"]?.object, "class \(className)")
    let asked = type.askedFields
    #expect(asked.count >= 4)
    #expect(Set(asked.map(\.name)).count == asked.count, "a field is read twice")
    for field in asked where Self.laterFields[className]?.contains(field.name) != true {
      let type = try #require(fields[field.name]?["type"]?.string, "\(className).\(field.name)")
      let kind = Self.kind(ofType: type)
      // An enumeration of which this program needs no case may be read as text.
      #expect(kind == field.kind || kind == .spelling && field.kind == .string, "\(className).\(field.name) is \(type)")
    }
  }

  /// Which getter a type of the data model needs.
  private static func kind(ofType type: String) -> RecordFields.Kind? {
    if type.hasSuffix(" ref set") { return .refs }
    if type.hasSuffix(" ref") { return .ref }
    if type == "string set" || type.hasPrefix("enum ") && type.hasSuffix(" set") { return .strings }
    if type.hasSuffix(" map") { return .map }
    if type.hasPrefix("enum ") { return .spelling }
    return RecordFields.Kind(rawValue: type)
  }

  @Test func everyEnumerationHasTheSpellingsOfTheDataModel() throws {
    guard let model = try Materials.dataModel() else { return }
    var spellings: Set<String> = []
    for (_, description) in model {
      for (_, values) in description["enums"]?.object ?? JSONObject() {
        spellings.formUnion((values.array ?? []).compactMap(\.string))
      }
    }
    let ours: [any Spelling] = [
      IPConfigurationMode.none, IPConfigurationMode.dhcp, IPConfigurationMode.static, IPConfigurationMode.autoconf,
      AddressFamily.ipv4, AddressFamily.ipv6, IGMPStatus.enabled, IGMPStatus.disabled, IGMPStatus.unknown,
      LockingMode.networkDefault, LockingMode.locked, LockingMode.unlocked, LockingMode.disabled, BondMode.balanceSLB,
      BondMode.activeBackup, BondMode.lacp, TunnelProtocol.gre, TunnelProtocol.vxlan, SRIOVConfigurationMode.sysfs,
      SRIOVConfigurationMode.modprobe, SRIOVConfigurationMode.manual, SRIOVConfigurationMode.unknown, SDNProtocol.ssl,
      SDNProtocol.pssl, PowerState.halted, PowerState.paused, PowerState.running, PowerState.suspended,
    ]
    #expect(ours.map { $0.rawValue }.filter { !spellings.contains($0) } == [])
  }

  @Test func theEventClassesAreTheRecordsBesidesMessages() {
    #expect(
      Set(XenDatabase.eventClasses)
        == Set(recordTypes.map { $0.className.lowercased() }).subtracting(["message"]))
  }

  // MARK: The captures

  @Test func everyRecordedRecordDecodesWithoutOddities() throws {
    var decoded: [String: Int] = [:]
    for row in try Materials.rows() {
      guard let type = recordType(row.className) else { continue }
      let (record, oddities) = try decode(type, .object(row.record))
      #expect(oddities == [], "\(row.className) \(row.ref)")
      #expect(record.uuid == row.record["uuid"]?.string)
      decoded[type.className, default: 0] += 1
    }
    // What the recording host had; the others were never there.
    for name in [
      "pool", "host", "host_metrics", "PIF", "PIF_metrics", "network", "Bond", "VLAN", "network_sriov", "VM", "PCI",
    ] {
      #expect(decoded[name, default: 0] > 0, "\(name)")
    }
  }

  @Test func everyFieldAskedForIsInTheRecordings() throws {
    for row in try Materials.rows() {
      guard let type = recordType(row.className) else { continue }
      let missing = type.fieldNames.filter { row.record[$0] == nil }
      #expect(missing == [], "\(row.className)")
    }
  }

  @Test func aRecordedInterfaceReadsAsItIs() throws {
    let rows = try Materials.capture("state.01.json")["PIF"]?.object ?? JSONObject()
    let eth0 = try #require(rows.values.first { $0["device"] == "eth0" })
    let pif = try decode(PIF.self, eth0).record
    #expect(pif.device == "eth0" && pif.mac == "52:54:00:1a:2b:00" && pif.management && pif.currentlyAttached)
    #expect(pif.mtu == 1500 && pif.vlan == -1 && pif.ip == "10.11.0.100" && pif.netmask == "255.255.255.0")
    #expect(pif.ipConfigurationMode == .dhcp && pif.ipv6ConfigurationMode == .none && pif.primaryAddressType == .ipv4)
    #expect(pif.bondSlaveOf == nil && pif.bondMasterOf == [] && pif.properties == ["gro": "on"])
    #expect(pif.network?.description == eth0["network"]?.string && pif.pci?.description == eth0["PCI"]?.string)
  }

  // MARK: Odd values

  private static let odd: [JSONValue] = [
    .null, true, 7, .double(1.5), .double(1e300), "", "odd\u{1}✓", [], [1, .null, [.null], ["a": 1]], [:],
    ["a": ["b": .null]],
    .int(.min), "9223372036854775808",
  ]

  /// One record of each class and shape, taken from the recordings.
  private static func samples() throws -> [(type: any XenRecord.Type, record: JSONObject)] {
    var samples: [(any XenRecord.Type, JSONObject)] = []
    var perClass: [String: Int] = [:]
    for row in try Materials.rows() {
      guard let type = recordType(row.className), perClass[type.className, default: 0] < 3 else { continue }
      perClass[type.className, default: 0] += 1
      samples.append((type, row.record))
    }
    return samples
  }

  @Test func oneOddValueCostsThatFieldOnly() throws {
    for (type, record) in try Self.samples() {
      let before = properties(try decode(type, .object(record)).record)
      let names = type.fieldNames
      #expect(before.count == names.count, "\(type.className) reads its fields in the order of its properties")
      for (index, name) in names.enumerated() {
        for value in Self.odd {
          var changed = record
          changed[name] = value
          let after = properties(try decode(type, .object(changed)).record)
          for other in names.indices where other != index && before[other] != after[other] {
            Issue.record("\(type.className).\(name) = \(value) changed \(names[other])")
          }
        }
      }
    }
  }

  @Test func aMissingFieldCostsThatFieldOnlyAndIsNotOdd() throws {
    for (type, record) in try Self.samples() {
      let before = properties(try decode(type, .object(record)).record)
      let names = type.fieldNames
      for (index, name) in names.enumerated() {
        var changed = record
        changed[name] = nil
        let (record, oddities) = try decode(type, .object(changed))
        #expect(oddities == [])
        let after = properties(record)
        for other in names.indices where other != index && before[other] != after[other] {
          Issue.record("\(type.className) without \(name) changed \(names[other])")
        }
      }
      let empty = try decode(type, [:])
      #expect(empty.record.uuid == "" && empty.oddities == [])
    }
  }

  @Test func theOrderOfFieldsDoesNotMatter() throws {
    for (type, record) in try Self.samples() {
      let before = properties(try decode(type, .object(record)).record)
      let reversed = JSONObject(zip(record.keys, record.values).reversed())
      #expect(properties(try decode(type, .object(reversed)).record) == before)
      let members = Array(zip(record.keys, record.values))
      let halves = members[(members.count / 2)...] + members[..<(members.count / 2)]
      #expect(properties(try decode(type, .object(JSONObject(halves))).record) == before)
    }
  }

  @Test func unknownFieldsArePassedOver() throws {
    for (type, record) in try Self.samples() {
      let before = properties(try decode(type, .object(record)).record)
      var members = [("from_the_future", JSONValue.array([["deep": [1, 2, .null]]]))]
      for (key, value) in record { members += [(key, value), ("x_" + key, "other")] }
      #expect(properties(try decode(type, .object(JSONObject(members))).record) == before)
    }
  }

  @Test func oddValuesAreNotedWithWhatWasExpected() throws {
    let record: JSONValue = [
      "uuid": ["not a string"], "MTU": "many", "physical": 1, "network": 5, "bond_master_of": "x", "other_config": [],
      "IPv6": ["a": "b"], "VLAN": .double(1e300),
    ]
    let (pif, oddities) = try decode(PIF.self, record)
    #expect(
      Set(oddities)
        == [
          Oddity(field: "uuid", expected: "string"), Oddity(field: "MTU", expected: "int"),
          Oddity(field: "physical", expected: "bool"), Oddity(field: "network", expected: "reference"),
          Oddity(field: "bond_master_of", expected: "set of references"),
          Oddity(field: "other_config", expected: "map"),
          Oddity(field: "IPv6", expected: "set of strings"), Oddity(field: "VLAN", expected: "int"),
        ])
    #expect(pif.uuid == "" && pif.mtu == -1 && !pif.physical && pif.network == nil && pif.otherConfig == [:])
  }

  @Test func theHabitsOfXMLRPCAreAccepted() throws {
    let record: JSONValue = [
      "MTU": "1500", "VLAN": "-1", "physical": "true", "management": "false", "device": 7,
      "other_config": ["a": 1, "b": true, "c": .double(0.5), "d": .null, "e": ["x"]], "IPv6": ["", "fe80::1/64"],
      "bond_master_of": ["OpaqueRef:NULL", "OpaqueRef:b", .null, ""],
    ]
    let (pif, oddities) = try decode(PIF.self, record)
    #expect(oddities == [])
    #expect(pif.mtu == 1500 && pif.vlan == -1 && pif.physical && !pif.management && pif.device == "7")
    #expect(pif.otherConfig == ["a": "1", "b": "true", "c": "0.5"])
    #expect(pif.ipv6 == ["fe80::1/64"] && pif.bondMasterOf.map(\.description) == ["OpaqueRef:b"])
  }

  @Test func datesThatMakeNoSenseAreOddAndNeverIsNil() throws {
    func metrics(_ date: JSONValue) throws -> (PIFMetrics, [Oddity]) {
      try decode(PIFMetrics.self, ["last_updated": date])
    }
    #expect(try metrics("19700101T00:00:00Z") == (nil, []))
    #expect(try metrics("") == (nil, []))
    #expect(try metrics("20260923T08:15:04Z") == (XenDate(seconds: 1_790_151_304), []))
    #expect(try metrics("yesterday") == (nil, [Oddity(field: "last_updated", expected: "datetime")]))
  }

  @Test func unknownSpellingsAreKept() throws {
    #expect(try decode(Bond.self, ["mode": "quantum"]).record.mode.rawValue == "quantum")
  }
}

private func == (left: (PIFMetrics, [Oddity]), right: (XenDate?, [Oddity])) -> Bool {
  left.0.lastUpdated == right.0 && left.1 == right.1
}
