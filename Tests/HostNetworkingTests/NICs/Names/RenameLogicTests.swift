import Dom0
import Testing

@testable import HostNetworking

/// Names as interface-rename gives them (`reference/dom0.md` §1.6, §1.7).
struct RenameLogicTests {
  typealias Card = RenameLogic.Card
  typealias Entry = DynamicRules.Entry
  typealias Claim = RenameLogic.Claim

  /// `00:00:00:00:00:0N`.
  static func mac(_ number: Int) -> String { "00:00:00:00:00:0\(number)" }

  /// Card N in slot N, called ethN, in that order.
  static func card(_ number: Int, _ name: String? = nil, slot: Int? = nil) -> Card {
    Card(
      mac: mac(number), function: "0000:0\(slot ?? number):00.0", name: name ?? "eth\(number)", order: number, physical: "em\(number + 1)",
      label: "Integrated NIC \(number + 1)")
  }

  static func entry(_ number: Int, _ name: String? = nil, slot: Int? = nil) -> Entry {
    Entry(mac: mac(number), pci: "0000:0\(slot ?? number):00.0[0]", name: name ?? "eth\(number)")
  }

  private let four = (0..<4).map { card($0) }
  private let lastBoot = (0..<4).map { entry($0) }

  private func statics(_ text: String) throws -> StaticRules { try StaticRules(parsing: Array(text.utf8)) }

  private func names(
    _ cards: [Card], _ last: [Entry], old: [Entry] = [], statics text: String = "", update: [(String, Int)] = []
  ) throws -> [String] {
    let names = try RenameLogic(cards, lastBoot: last, old: old)
      .names(under: try statics(text), update: update.map { Claim(name: $0.0, mac: Self.mac($0.1)) })
    return cards.map { names[$0.mac] ?? "none" }
  }

  // MARK: At a boot

  @Test func everyoneKeepsTheNameOfTheLastBoot() throws {
    #expect(try names(four, lastBoot) == ["eth0", "eth1", "eth2", "eth3"])
    // Whatever the kernel counted this time.
    let shuffled = [Self.card(0, "eth3"), Self.card(1, "eth2"), Self.card(2, "side-17-eth1"), Self.card(3, "eth0")]
    #expect(try names(shuffled, lastBoot) == ["eth0", "eth1", "eth2", "eth3"])
  }

  @Test func aCardThatMovedKeepsItsName() throws {
    let moved = [Self.card(0), Self.card(1, slot: 9)]
    #expect(try names(moved, [Self.entry(0), Self.entry(1)]) == ["eth0", "eth1"])
  }

  @Test func aReplacementInheritsTheName() throws {
    let replaced = [Self.card(0), Self.card(7, "eth9", slot: 1)]
    #expect(try names(replaced, [Self.entry(0), Self.entry(1)]) == ["eth0", "eth1"])
    // But not while the former one is there, in another slot.
    let both = [Self.card(0), Self.card(7, "eth9", slot: 1), Self.card(1, "eth2", slot: 5)]
    #expect(try names(both, [Self.entry(0), Self.entry(1)]) == ["eth0", "eth9", "eth1"])
  }

  @Test func aNewCardGetsTheNextNumber() throws {
    // The kernel's name is taken: the next after the highest ever heard of, in the firmware's order.
    let cards = [Self.card(0), Self.card(6, "eth1", slot: 6), Self.card(5, "side-1-eth0", slot: 5), Self.card(1)]
    #expect(try names(cards, [Self.entry(0), Self.entry(1), Self.entry(2, "eth4")]) == ["eth0", "eth6", "eth5", "eth1"])
    // And keeps the kernel's when that is free.
    #expect(try names([Self.card(0), Self.card(3, "eth3")], [Self.entry(0)]) == ["eth0", "eth3"])
    #expect(try names([Self.card(2, "side-3-eth1")], []) == ["eth0"])
    #expect(try names([], []) == [])
  }

  @Test func onesThatReturnGetTheirNameBackWhenItIsFree() throws {
    let old = [Self.entry(5, "eth2", slot: 5)]
    #expect(try names([Self.card(0), Self.card(5, "eth7", slot: 8)], [Self.entry(0)], old: old) == ["eth0", "eth2"])
    // Back in its old slot it is taken for one that displaced itself, and counts as new.
    #expect(try names([Self.card(0), Self.card(5, "eth7", slot: 5)], [Self.entry(0)], old: old) == ["eth0", "eth7"])
    let taken = [Self.card(0), Self.card(2), Self.card(5, "eth7", slot: 8)]
    #expect(try names(taken, [Self.entry(0), Self.entry(2)], old: old) == ["eth0", "eth2", "eth7"])
  }

  @Test func severalBehindOneFunctionKeepTheirOrderByMAC() throws {
    func shared(_ number: Int, _ name: String, order: Int) -> Card {
      Card(mac: Self.mac(number), function: "0000:04:00.0", name: name, order: order)
    }
    func before(_ number: Int, _ name: String) -> Entry { Entry(mac: Self.mac(number), pci: "0000:04:00.0[0]", name: name) }
    // Both replaced: as many as before.
    #expect(
      try names([shared(9, "side-1-eth0", order: 0), shared(8, "side-2-eth1", order: 1)], [before(2, "eth5"), before(1, "eth4")]) == ["eth5", "eth4"])
    // One more than before: all are new, and the firmware's order among them counts for nothing.
    let three = [shared(9, "side-1-eth0", order: 0), shared(8, "side-2-eth1", order: 1), shared(7, "side-3-eth2", order: 2)]
    #expect(try names(three, [before(2, "eth5"), before(1, "eth4")]) == ["eth8", "eth7", "eth6"])
  }

  @Test func aUSBCardSitsAtItsAdapter() {
    #expect(NamesLook.function(bus: "usb-0000:00:14.0-1") == "0000:00:14.0")
    #expect(NamesLook.function(bus: "0000:01:00.0") == "0000:01:00.0")
    #expect(NamesLook.function(bus: "usb") == nil)
    #expect(NamesLook.function(bus: "vif-0") == nil)
  }

  // MARK: Static rules

  @Test(arguments: [
    "eth9:mac=\"00:00:00:00:00:02\"", "eth9:pci=\"0000:02:00.0\"", "eth9:pci=\"0000:02:00.0[0]\"", "eth9:ppn=\"em3\"",
    "eth9:label=\"Integrated NIC 3\"", "eth9=em3", "eth9 = Integrated NIC 3",
  ])
  func staticRulesWin(_ rule: String) throws {
    #expect(try names(four, lastBoot, statics: rule) == ["eth0", "eth1", "eth9", "eth3"])
    // The one whose name is taken keeps the kernel's, or gets the next.
    let taken = rule.replacingName("eth9", "eth3")
    #expect(try names(four, lastBoot, statics: taken) == ["eth0", "eth1", "eth3", "eth4"])
  }

  @Test func rulesByPositionArePassedOverWhenTheFirmwareIsUnsure() throws {
    var cards = four
    cards[1].physical = "em1"
    #expect(try names(cards, lastBoot, statics: "eth9:ppn=\"em3\"") == ["eth0", "eth1", "eth2", "eth3"])
  }

  @Test func indexesCountByMAC() throws {
    let cards = [
      Card(mac: Self.mac(2), function: "0000:04:00.0", name: "eth0", order: 0), Card(mac: Self.mac(1), function: "0000:04:00.0", name: "eth1", order: 1),
    ]
    let rule = try statics("eth5:pci=\"0000:04:00.0[1]\"").rules[0]
    #expect(RenameLogic.card(of: rule, in: cards)?.mac == Self.mac(2))
    let beyond = try statics("eth5:pci=\"0000:04:00.0[2]\"").rules[0]
    #expect(RenameLogic.card(of: beyond, in: cards) == nil)
  }

  // MARK: Updates

  @Test func swapsMovesAndCycles() throws {
    #expect(try names(four, lastBoot, update: [("eth2", 3), ("eth3", 2)]) == ["eth0", "eth1", "eth3", "eth2"])
    #expect(try names(four, lastBoot, update: [("eth7", 3)]) == ["eth0", "eth1", "eth2", "eth7"])
    #expect(try names(four, lastBoot, update: [("eth1", 2), ("eth2", 3), ("eth3", 1)]) == ["eth0", "eth3", "eth1", "eth2"])
  }

  /// Naming one of a pair only pushes the other to a new number.
  @Test func halfASwapMakesANewNumber() throws {
    #expect(try names(four, lastBoot, update: [("eth2", 3)]) == ["eth0", "eth1", "eth4", "eth2"])
  }

  @Test func whatCannotBeIsSaid() throws {
    func problem(_ cards: [Card], _ last: [Entry], statics text: String = "", _ update: [(String, Int)]) -> String {
      do {
        _ = try names(cards, last, statics: text, update: update)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(problem(four, lastBoot, [("eth2", 3), ("eth2", 1)]) == "two NICs would be called eth2")
    #expect(problem(four, lastBoot, [("eth2", 3), ("eth4", 3)]) == "the NIC \(Self.mac(3)) would get two names")
    #expect(problem(four, lastBoot, [("bond0", 3)]) == "bond0 is not ethN")
    #expect(problem(four, lastBoot, statics: "eth2:mac=\"\(Self.mac(1))\"", [("eth2", 3)]) == "two NICs would be called eth2")
    #expect(problem([Self.card(0, "enp3s0")], [], []).contains("enp3s0"))
    #expect(problem([Self.card(0), Self.card(0, "eth1")], [], []).contains("two NICs have the MAC"))
    // Moved to another slot, and its name is given away: the program stops there.
    #expect(problem([Self.card(0), Self.card(1, slot: 9)], [Self.entry(0), Self.entry(1)], [("eth1", 0)]).contains("has moved"))
    // What a static rule says already is no second name.
    #expect(problem(four, lastBoot, statics: "eth2:mac=\"\(Self.mac(3))\"", [("eth2", 3), ("eth3", 2)]).isEmpty)
  }

  @Test func theRulesKnowWhoIsThereAndWhoIsNot() throws {
    let logic = RenameLogic([Self.card(0), Self.card(2, slot: 8)], lastBoot: [Self.entry(0), Self.entry(1)], old: [Self.entry(3), Self.entry(2, "eth5")])
    let rules = logic.rules(try logic.names([]))
    #expect(rules.lastBoot == [Self.entry(0), Self.entry(2, "eth5", slot: 8)])
    #expect(rules.old == [Self.entry(1), Self.entry(3)])
  }

  @Test func namesAside() {
    #expect(RenameLogic.nameBeforeAside("side-1234-eth2") == "eth2")
    for other in ["eth2", "side-eth2", "side--eth2", "side-x-eth2", "side-1-bond0", "side-1-eth2-3"] { #expect(RenameLogic.nameBeforeAside(other) == nil) }
    #expect(!RenameLogic.isTarget("eth"))
    #expect(!RenameLogic.isTarget("eth1a"))
    #expect(!RenameLogic.isTarget("eth\u{0663}"))
  }
}

extension String {
  fileprivate func replacingName(_ old: String, _ new: String) -> String { hasPrefix(old) ? new + dropFirst(old.count) : self }
}
