import JSON
import Testing

@testable import SimulatedHost

@Suite struct DatabaseTests {
  private func events(_ database: Database, since: Int64, _ classes: [String] = ["*"]) -> Changes {
    database.changes(since: since, Subscription(classes, database.schema))
  }

  private func names(_ database: Database, _ entries: [Changes.Entry]) -> [String] {
    entries.map { database.schema.classes[$0.table].name }.sorted()
  }

  @Test func tokens() {
    #expect(EventToken("") == EventToken(database: 0))
    #expect(EventToken("-1,-1")?.database == -1)
    #expect(EventToken("bogus") == nil)
    #expect(EventToken("1,2,3") == nil)
    #expect(EventToken("1,") == nil)
    #expect(EventToken(database: 304).text == "00000000000000000304,00000000000000000000")
    #expect(EventToken(database: 7).text < EventToken(database: 12).text)
  }

  @Test func creatingAPIFTouchesItsNetworkAndHost() {
    var world = Scenario.standalone.world()
    let before = world.database.generation
    let network = world.database.refs("network")[0]
    let pif = world.create("PIF", ["network": .string(network), "host": .string(world.thisHost)])
    let changes = events(world.database, since: before)
    #expect(names(world.database, changes.added) == ["PIF"])
    #expect(names(world.database, changes.modified) == ["host", "network"])
    #expect(world.database.strings("network", network, "PIFs").contains(pif))
  }

  @Test func movingARefChangesBothOldAndNewEnd() {
    var world = Scenario.standalone.world()
    let pif = world.database.refs("PIF")[0]
    let old = world.database.string("PIF", pif, "network")
    let new = world.database.refs("network").first { $0 != old } ?? ""
    let before = world.database.generation
    world.database.set("PIF", pif, "network", .string(new))
    #expect(!world.database.strings("network", old, "PIFs").contains(pif))
    #expect(world.database.strings("network", new, "PIFs").contains(pif))
    // The host's set is left and entered again, as XAPI does it.
    let modified = events(world.database, since: before).modified
    #expect(names(world.database, modified) == ["PIF", "host", "network", "network"])
  }

  @Test func removingLeavesNoRefBehind() {
    var world = Scenario.pool.world()
    let vlan = world.database.refs("VLAN")[0]
    let base = world.database.string("VLAN", vlan, "tagged_PIF")
    let before = world.database.generation
    world.database.remove("VLAN", vlan)
    #expect(!world.database.strings("PIF", base, "VLAN_slave_of").contains(vlan))
    #expect(events(world.database, since: before).deleted.map(\.ref) == [vlan])
  }

  @Test func aRowAppearsOnceAndAsAdded() {
    var world = Scenario.standalone.world()
    let before = world.database.generation
    let ref = world.create("network", ["name_label": "a"])
    world.database.set("network", ref, "name_label", "b")
    let changes = events(world.database, since: before)
    #expect(changes.added.map(\.ref) == [ref])
    #expect(changes.modified.isEmpty)
    #expect(changes.last == world.database.generation)
  }

  @Test func whatCameAndWentIsNotTold() {
    var world = Scenario.standalone.world()
    let before = world.database.generation
    let ref = world.create("network", [:])
    let between = world.database.generation
    world.database.remove("network", ref)
    #expect(events(world.database, since: before).isEmpty)
    #expect(events(world.database, since: between).deleted.map(\.ref) == [ref])
  }

  @Test func oldDeletionsAreForgotten() {
    var world = Scenario.standalone.world()
    let refs = (0..<513).map { _ in world.create("network", [:]) }
    let before = world.database.generation
    for ref in refs.prefix(512) { world.database.remove("network", ref) }
    #expect(events(world.database, since: before).deleted.count == 512)
    world.database.remove("network", refs[512])
    let told = events(world.database, since: before).deleted.map(\.ref)
    #expect(told == Array(refs.suffix(256).reversed()))
    #expect(world.database.validRefCounts.first { $0.0 == "network" }?.1 == 5)
  }

  @Test func aSilentDeletionShowsInTheCountsOnly() {
    var world = Scenario.pool.world()
    let count = world.database.validRefCounts.first { $0.0 == "tunnel" }?.1
    let ref = world.create("tunnel", [:])
    let before = world.database.generation
    world.database.remove("tunnel", ref, silently: true)
    #expect(events(world.database, since: before, ["tunnel"]).isEmpty)
    #expect(world.database.validRefCounts.first { $0.0 == "tunnel" }?.1 == count)
  }

  @Test func subscriptions() {
    let world = Scenario.standalone.world()
    let pif = world.database.refs("PIF")[1]
    #expect(events(world.database, since: 0, ["pif/\(pif)"]).added.map(\.ref) == [pif])
    #expect(events(world.database, since: 0, ["PIF"]).added.count == 4)
    #expect(events(world.database, since: 0, ["nosuch"]).isEmpty)
    #expect(names(world.database, events(world.database, since: 0).added).contains("session") == false)
    #expect(Subscription(["task"], world.schema).onlyTasks)
    #expect(Subscription(["task/OpaqueRef:x"], world.schema).onlyTasks)
    #expect(!Subscription(["task", "pif"], world.schema).onlyTasks)
    #expect(!Subscription([], world.schema).onlyTasks)
  }

  @Test func aRestartForgetsSessionsAndDeletions() {
    var world = Scenario.standalone.world()
    world.create("session", [:])
    let network = world.create("network", [:])
    let before = world.database.generation
    world.database.remove("network", network)
    world.database.restart()
    #expect(world.database.refs("session").isEmpty)
    #expect(events(world.database, since: before).deleted.isEmpty)
  }

  @Test func countsNameEveryClassOnce() {
    let names = Database(product: .xapi26_17).validRefCounts.map(\.0)
    #expect(Set(names).count == names.count)
  }
}
