import Dom0
import Testing

@testable import HostNetworking
@testable import SimulatedHost

/// What holds for any cards and any rules; the simulated host's own interface-rename, written without knowledge of the
/// prediction, comes to the same names.
struct RenamePropertyTests {
  /// xorshift: the same cards in every run.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  private struct Machine {
    var cards: [RenameLogic.Card] = []
    var lastBoot: [DynamicRules.Entry] = []
    var old: [DynamicRules.Entry] = []
    var claims: [RenameLogic.Claim] = []

    init(_ dice: inout Dice) {
      let count = Int.random(in: 1...9, using: &dice)
      let slots = Array(10..<99).shuffled(using: &dice)
      let numbers = Array(0..<20).shuffled(using: &dice)
      let kernel = Array(0..<count).shuffled(using: &dice)
      for place in 0..<count {
        let mac = "00:16:3e:00:00:\(10 + place)"
        let function = "0000:\(slots[place]):00.0"
        let name = Int.random(in: 0..<8, using: &dice) == 0 ? "side-\(place + 1)-eth\(kernel[place])" : "eth\(kernel[place])"
        cards.append(RenameLogic.Card(mac: mac, function: function, name: name, order: slots[place]))
        switch Int.random(in: 0..<8, using: &dice) {
        case 0: break  // New.
        case 1: lastBoot.append(.init(mac: mac, pci: "0000:\(slots[place + 20]):00.0[0]", name: "eth\(numbers[place])"))  // Moved.
        case 2: lastBoot.append(.init(mac: "00:16:3e:00:01:\(10 + place)", pci: function, name: "eth\(numbers[place])"))  // Replaced.
        case 3: old.append(.init(mac: mac, pci: "0000:\(slots[place + 40]):00.0", name: "eth\(numbers[(place + 1) % count])"))  // Back.
        default: lastBoot.append(.init(mac: mac, pci: function + "[0]", name: "eth\(numbers[place])"))
        }
      }
      let asked = cards.shuffled(using: &dice).prefix(Int.random(in: 0...count, using: &dice) / 2)
      claims = zip(asked, (0..<14).shuffled(using: &dice)).map { RenameLogic.Claim(name: "eth\($1)", mac: $0.mac) }
    }
  }

  @Test func namesAreUniqueCompleteAndStable() throws {
    var dice = Dice(state: 0x5eed_1ace_0f_eb)
    var (named, refused) = (0, 0)
    for round in 0..<3000 {
      let machine = Machine(&dice)
      guard let names = try? RenameLogic(machine.cards, lastBoot: machine.lastBoot, old: machine.old).names(machine.claims) else {
        refused += 1
        continue
      }
      named += 1
      #expect(Set(names.keys) == Set(machine.cards.map(\.mac)), "round \(round)")
      #expect(Set(names.values).count == names.count, "round \(round)")
      for claim in machine.claims { #expect(names[claim.mac] == claim.name, "round \(round)") }
      let given = Set(machine.claims.map(\.name))
      for entry in machine.lastBoot where names[entry.mac] != nil && !given.contains(entry.name) {
        // One that returns takes its old name before whoever got it meanwhile has a say.
        guard !machine.claims.contains(where: { $0.mac == entry.mac }), !machine.old.contains(where: { $0.name == entry.name }) else { continue }
        #expect(names[entry.mac] == entry.name, "round \(round): \(entry.mac) was not touched")
      }
    }
    #expect(named > 2000 && refused > 50, "\(named) named, \(refused) refused")
  }

  @Test func theSimulatedHostComesToTheSame() throws {
    var dice = Dice(state: 0xfeed_beef_cafe)
    for round in 0..<2000 {
      let machine = Machine(&dice)
      let nics = machine.cards.map { card in
        var nic = NIC(host: "h", device: card.name, mac: card.mac, position: 0)
        nic.pciPath = card.function
        return nic
      }
      func entries(_ list: [DynamicRules.Entry]) -> [CardNaming.Entry] { list.map { .init(mac: $0.mac, pci: $0.pci, name: $0.name) } }
      let theirs = try? CardNaming(nics, lastBoot: entries(machine.lastBoot), old: entries(machine.old))
        .names(machine.claims.map { .init(name: $0.name, mac: $0.mac) })
      let ours = try? RenameLogic(machine.cards, lastBoot: machine.lastBoot, old: machine.old).names(machine.claims)
      #expect(ours == theirs, "round \(round)")
    }
  }

  /// A request over whole cycles never comes out otherwise than asked, and what it does not touch stays.
  @Test func completedRequestsComeOutAsAsked() throws {
    var dice = Dice(state: 0xabad_1dea)
    for round in 0..<1000 {
      let machine = Machine(&dice)
      let logic = RenameLogic(machine.cards, lastBoot: machine.lastBoot, old: machine.old)
      guard let next = try? logic.names([]) else { continue }
      var names = NICNames()
      names.scheme = .rules
      names.nics = machine.cards.map { card in
        var nic = NICNames.NIC(card)
        nic.nextName = next[card.mac]
        return nic
      }
      let asked = Dictionary(machine.claims.map { ($0.mac, $0.name) }, uniquingKeysWith: { first, _ in first })
      let outlook = try RenamePlanner(names).outlook(RenameRequest(names: asked))
      #expect(Set(outlook.names.values).count == machine.cards.count, "round \(round)")
      for (mac, name) in asked { #expect(outlook.names[mac] == name, "round \(round)") }
      for mac in next.keys where !outlook.affected.contains(mac) { #expect(outlook.names[mac] == next[mac]) }
      let update = try RenamePlanner.update(outlook, logic, StaticRules(parsing: []))
      #expect(try update.isEmpty || logic.names(update) == outlook.names, "round \(round)")
    }
  }
}
