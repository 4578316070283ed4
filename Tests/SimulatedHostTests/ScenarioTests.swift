import JSON
import Testing

@testable import SimulatedHost

@Suite struct ScenarioTests {
  private static let worlds: [Scenario] = [.standalone, .pool, .member, .stranded, .emergency, .large]

  /// The large one is built the same way in small.
  private static func world(_ scenario: Scenario) -> World {
    scenario == .large ? LargeScenario.world(hosts: 3, vlans: 30) : scenario.world()
  }

  @Test(arguments: worlds) func everyRefResolvesAndPointsBack(scenario: Scenario) {
    let database = Self.world(scenario).database
    for table in database.tables {
      for (index, field) in table.schema.fields.enumerated() {
        guard let target = Self.target(field.type), let other = database.table(target) else { continue }
        for row in table.rows.values {
          for ref in Self.refs(row.values[index]) where ref != Wire.nullRef && !ref.isEmpty {
            if other.rows[ref] == nil { Issue.record("\(table.schema.name).\(field.name) of \(row.ref)") }
          }
        }
      }
    }
    for relation in Relation.all { Self.checkBothEnds(relation, database) }
  }

  private static func target(_ type: FieldType) -> String? {
    switch type {
    case .ref(let name): name
    case .set(.ref(let name)): name
    default: nil
    }
  }

  private static func refs(_ value: JSONValue) -> [String] {
    value.string.map { [$0] } ?? (value.array ?? []).compactMap(\.string)
  }

  private static func checkBothEnds(_ relation: Relation, _ database: Database) {
    var expected: [String: Set<String>] = [:]
    for ref in database.refs(relation.many) {
      expected[database.string(relation.many, ref, relation.field), default: []].insert(ref)
    }
    for ref in database.refs(relation.one) {
      let listed = database.strings(relation.one, ref, relation.set)
      if Set(listed) != expected[ref] ?? [] || Set(listed).count != listed.count {
        Issue.record("\(relation.one).\(relation.set) of \(ref)")
      }
    }
  }

  @Test(arguments: worlds) func oneManagementInterfacePerHostAndOnePIFPerNetwork(scenario: Scenario) {
    let database = Self.world(scenario).database
    #expect(database.refs("pool").count == 1)
    for host in database.refs("host") {
      let pifs = database.strings("host", host, "PIFs")
      let management = pifs.filter { database.bool("PIF", $0, "management") }
      #expect(management.count == 1)
      #expect(Set(pifs.map { database.string("PIF", $0, "network") }).count == pifs.count)
      #expect(database.string("host", host, "address") == management.first.map { database.string("PIF", $0, "IP") })
      #expect(database.string("VM", database.string("host", host, "control_domain"), "resident_on") == host)
    }
    for pif in database.refs("PIF") where database.exists("Bond", database.string("PIF", pif, "bond_slave_of")) {
      #expect(!database.bool("PIF", pif, "currently_attached"))
    }
  }

  @Test func uniqueUUIDsAndBridges() {
    let database = Scenario.pool.world().database
    for table in database.tables {
      guard let index = table.schema.indexes["uuid"] else { continue }
      #expect(Set(table.rows.values.map { $0.values[index] }).count == table.rows.count, "\(table.schema.name)")
    }
    let bridges = database.refs("network").map { database.string("network", $0, "bridge") }
    #expect(Set(bridges).count == bridges.count)
  }

  @Test func thePoolIsAsDescribed() throws {
    let world = Scenario.pool.world()
    let database = world.database
    #expect(world.isCoordinator)
    #expect(database.refs("host").count == 3)
    #expect(database.refs("VLAN").count == 36)
    let vms = database.refs("VM").filter {
      !database.bool("VM", $0, "is_control_domain") && !database.bool("VM", $0, "is_a_template")
    }
    #expect(vms.count == 20)
    let storage = try #require(database.find("network", "name_label", "Storage B").first)
    let here = try #require(
      database.strings("network", storage, "PIFs").first { database.string("PIF", $0, "host") == world.thisHost })
    #expect(!database.bool("PIF_metrics", database.string("PIF", here, "metrics"), "carrier"))
    #expect(database.strings("network", storage, "VIFs").count == 2)
    let bond = try #require(database.refs("Bond").first)
    #expect(database.int("Bond", bond, "links_up") == 2)
  }

  @Test func theMemberIsNotTheCoordinator() {
    let world = Scenario.member.world()
    #expect(!world.isCoordinator)
    #expect(world.database.string("host", world.thisHost, "name_label") == "xcp2")
  }

  @Test func largeIsLarge() {
    let database = Scenario.large.world().database
    #expect(database.refs("host").count == 64)
    #expect(database.refs("PIF").count == 64 * (8 + 1 + 400))
    #expect(database.refs("VLAN").count == 64 * 400)
  }

  @Test func scenariosAreTheSameEveryTime() {
    #expect(Scenario.pool.world().database.refs("PIF") == Scenario.pool.world().database.refs("PIF"))
  }

  @Test func inventoryHasTheKeysThatToolsRead() throws {
    let inventory = SimulatedHost(scenario: .pool).inventory
    let pairs = inventory.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
    let values = Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
    #expect(values["MANAGEMENT_INTERFACE"] == "'xapi1'")
    #expect(values["PRODUCT_BRAND"] == "'XCP-ng'")
    #expect(values["CURRENT_INTERFACES"]?.contains("xapi2") == true)
    let world = Scenario.pool.world()
    #expect(values["INSTALLATION_UUID"] == "'\(world.database.string("host", world.thisHost, "uuid"))'")
  }
}
