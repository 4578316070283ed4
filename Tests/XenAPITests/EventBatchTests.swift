import JSON
import Testing

@testable import XenAPI

@Suite struct EventBatchTests {
  private static func event(_ operation: String, _ name: String, _ ref: String, _ snapshot: JSONValue? = nil)
    -> JSONValue
  {
    var event = JSONObject([
      ("id", "1"), ("timestamp", "0.0"), ("class", .string(name)), ("operation", .string(operation)),
      ("ref", .string(ref)),
    ])
    event["snapshot"] = snapshot
    return .object(event)
  }

  private static func answer(_ events: [JSONValue], counts: JSONValue = [:], token: String = "00000000000000000001,0")
    -> JSONValue
  {
    ["events": .array(events), "valid_ref_counts": counts, "token": .string(token)]
  }

  @Test func addModAndDel() throws {
    var database = XenDatabase()
    let first = try batch(
      Self.answer(
        [
          Self.event("add", "pif", "OpaqueRef:a", ["device": "eth0"]),
          Self.event("add", "pif", "OpaqueRef:b", ["device": "eth1"]),
          Self.event("add", "network", "OpaqueRef:n", ["bridge": "xenbr0"]),
        ], counts: ["pif": 2, "network": 1, "vm": 0]), into: &database)
    #expect(first.token == "00000000000000000001,0" && first.events == 3)
    #expect(first.counts == ["pif": 2, "network": 1, "vm": 0])
    #expect(database.pifs.count == 2 && database.networks.first?.record.bridge == "xenbr0")
    #expect(database.gaps(to: first.counts) == [:])

    let before = database
    _ = try batch(
      Self.answer([
        Self.event("mod", "pif", "OpaqueRef:a", ["device": "eth9"]), Self.event("del", "pif", "OpaqueRef:b"),
        Self.event("del", "pif", "OpaqueRef:never"), Self.event("mod", "pif", "OpaqueRef:c", ["device": "eth2"]),
      ]), into: &database)
    #expect(Set(database.pifs.all.map(\.record.device)) == ["eth9", "eth2"])
    #expect(Set(before.pifs.all.map(\.record.device)) == ["eth0", "eth1"], "a database is a value")
  }

  @Test func aModificationReplacesTheWholeRecord() throws {
    var database = XenDatabase()
    _ = try batch(
      Self.answer([Self.event("add", "pif", "OpaqueRef:a", ["device": "eth0", "MTU": 9000])]), into: &database)
    _ = try batch(Self.answer([Self.event("mod", "pif", "OpaqueRef:a", ["device": "eth0"])]), into: &database)
    #expect(database.pifs[Ref("OpaqueRef:a")]?.mtu == -1)
  }

  @Test func classesOfNoInterestAndOddEventsArePassedOver() throws {
    var database = XenDatabase()
    let events: [JSONValue] = [
      Self.event("add", "task", "OpaqueRef:t", ["uuid": "x"]),
      Self.event("add", "from_the_future", "OpaqueRef:f", ["a": [1]]),
      Self.event("add", "pif", "OpaqueRef:NULL", ["device": "eth0"]), Self.event("add", "pif", "", ["device": "eth0"]),
      Self.event("add", "pif", "OpaqueRef:a"), Self.event("add", "pif", "OpaqueRef:a", .null),
      Self.event("add", "pif", "OpaqueRef:a", "text"), Self.event("del", "nonsense", "OpaqueRef:a"), [:],
      ["class": "pif"],
      ["snapshot": ["device": "eth7"], "ref": "OpaqueRef:z", "class": "pif", "operation": "add", "new": [[]]],
    ]
    let answer = try batch(Self.answer(events), into: &database)
    #expect(answer.events == events.count)
    #expect(database.pifs.all.map(\.record.device) == ["eth7"], "whatever the order of an event's members")
  }

  @Test func lostDeletionsShowInTheCounts() throws {
    var database = XenDatabase()
    let answer = try batch(
      Self.answer(
        [Self.event("add", "pif", "OpaqueRef:a", [:]), Self.event("add", "vm", "OpaqueRef:v", [:])],
        counts: ["pif": 0, "vm": 1, "task": 55]), into: &database)
    #expect(database.gaps(to: answer.counts) == ["pif": -1])
    #expect(database.gaps(to: [:]) == [:])
  }

  /// One odd value in the frame around the records must not cost the load.
  @Test func oddCountsAndMembersOfEventsArePassedOver() throws {
    var database = XenDatabase()
    let good = Self.event("add", "pif", "OpaqueRef:a", ["device": "eth0"])
    let answer: JSONValue = [
      "events": [good, .null, 7, ["class": 1, "operation": "add", "ref": .null], "x"],
      "valid_ref_counts": ["pif": "1", "network": .null, "vm": 2.0, "bond": [], "vlan": 0], "token": "1,0",
    ]
    let taken = try batch(answer, into: &database)
    #expect(database.pifs.count == 1)
    #expect(taken.counts == ["pif": 1, "vm": 2, "vlan": 0])
    #expect(try batch(["events": [], "valid_ref_counts": .null, "token": 5], into: &database).token == "")
  }

  @Test func missingAndOddMembersLeaveTheRest() throws {
    var database = XenDatabase()
    let answer = try batch(["new": [["x"]], "token": "t"], into: &database)
    #expect(answer.token == "t" && answer.events == 0 && answer.counts.isEmpty)
    #expect(throws: JSONError.self) { try batch(["events": "none"], into: &database) }
    #expect(throws: JSONError.self) { try batch([], into: &database) }
    #expect(throws: JSONError.self) { try batch("", into: &database) }
  }

  @Test func odditiesAreKeptButNotForEver() throws {
    var database = XenDatabase()
    for _ in 0..<3 {
      let events = (0..<60).map { Self.event("add", "pif", "OpaqueRef:\($0)", ["MTU": "many"]) }
      _ = try batch(Self.answer(events), into: &database)
    }
    #expect(database.oddities.count == 100)
    #expect(database.pifs.count == 60)
  }

  @Test func everyTruncationIsAnErrorAndNoCrash() throws {
    let text = Self.answer(
      [
        Self.event("add", "pif", "OpaqueRef:a", ["device": "eth0", "other_config": ["a": "b"]]),
        Self.event("del", "vm", "OpaqueRef:v"),
      ],
      counts: ["pif": 1]
    ).encoded
    for length in 0..<text.count {
      var database = XenDatabase()
      let part = Array(text[..<length])
      #expect(throws: JSONError.self) {
        try part.withUnsafeBytes { bytes in
          var scanner = JSONScanner(bytes)
          _ = try EventBatch(&scanner, into: &database)
        }
      }
    }
  }

  @Test func theRecordedFirstAnswersHoldWhatTheirCountsSay() throws {
    var complete = 0
    for exchange in try Materials.capture("08_events_tasks.v2.json")["exchanges"]?.array ?? [] {
      guard exchange["request"]?["method"] == "event.from", let result = exchange["response"]?["result"],
        let parameters = exchange["request"]?["params"]?.array, parameters.count > 2, parameters[2] == ""
      else { continue }
      var database = XenDatabase()
      let answer = try batch(result, into: &database)
      #expect(!answer.token.isEmpty && answer.events == result["events"]?.array?.count)
      #expect(database.oddities == [])
      let classes = (parameters[1].array ?? []).compactMap(\.string)
      let asked = classes.contains("*") ? XenDatabase.eventClasses : classes.map { $0.lowercased() }
      #expect(database.gaps(to: answer.counts.filter { asked.contains($0.key) }) == [:])
      complete += 1
    }
    #expect(complete > 0)
  }
}

@Suite struct NamesTests {
  @Test func objectsAreCalledWhatPeopleCallThem() throws {
    let database = try database([
      ("pif", "OpaqueRef:eth1", ["device": "eth1", "host": "OpaqueRef:h1", "VLAN": -1]),
      ("pif", "OpaqueRef:v20", ["device": "bond0", "host": "OpaqueRef:h2", "VLAN": 20]),
      (
        "pif", "OpaqueRef:sriov",
        ["device": "eth3", "host": "OpaqueRef:h1", "VLAN": -1, "sriov_logical_PIF_of": ["OpaqueRef:s"]]
      ),
      ("pif", "OpaqueRef:bond", ["device": "bond0", "host": "OpaqueRef:h1", "VLAN": -1]),
      ("network", "OpaqueRef:n", ["name_label": "DMZ", "bridge": "xenbr0"]),
      ("network", "OpaqueRef:unnamed", ["name_label": "", "bridge": "xenbr1"]),
      ("host", "OpaqueRef:h1", ["name_label": "xcp1"]), ("host", "OpaqueRef:h2", ["name_label": "xcp2"]),
      ("vm", "OpaqueRef:vm", ["name_label": "web1"]), ("vif", "OpaqueRef:vif", ["device": "0", "VM": "OpaqueRef:vm"]),
      ("vif", "OpaqueRef:orphan", ["device": "3", "VM": "OpaqueRef:gone"]), ("vm", "OpaqueRef:nameless", [:]),
      ("bond", "OpaqueRef:B", ["master": "OpaqueRef:bond"]), ("vlan", "OpaqueRef:V", ["untagged_PIF": "OpaqueRef:v20"]),
      ("tunnel", "OpaqueRef:T", ["access_PIF": "OpaqueRef:gone"]),
      ("network_sriov", "OpaqueRef:S", ["logical_PIF": "OpaqueRef:sriov"]),
      ("pool", "OpaqueRef:P", ["name_label": "Rack 4"]), ("pci", "OpaqueRef:c", ["pci_id": "0000:04:00.0"]),
    ])
    let names = database.names(on: Ref("OpaqueRef:h1"))
    let expected = [
      "eth1": "eth1", "v20": "VLAN 20 on bond0 of xcp2", "sriov": "SR-IOV on eth3", "bond": "bond0", "n": "DMZ",
      "unnamed": "xenbr1",
      "h1": "xcp1", "vm": "web1", "vif": "VIF 0 of web1", "orphan": "VIF 3", "B": "bond0",
      "V": "VLAN 20 on bond0 of xcp2",
      "S": "SR-IOV on eth3", "P": "Rack 4", "c": "0000:04:00.0",
    ]
    for (ref, name) in expected { #expect(names("OpaqueRef:" + ref) == name) }
    for ref in ["OpaqueRef:gone", "OpaqueRef:nameless", "OpaqueRef:T", "OpaqueRef:NULL", "", "eth1"] {
      #expect(names(ref) == nil)
    }
    #expect(database.names()("OpaqueRef:v20") == "VLAN 20 on bond0")
    let failure = XenFailure(code: "NETWORK_ALREADY_CONNECTED", parameters: ["OpaqueRef:h1", "OpaqueRef:eth1"])
    #expect(
      failure.explained(by: names).sentence
        == "Host xcp1 has an interface on that network already: eth1 [NETWORK_ALREADY_CONNECTED]")
  }
}
