/// How interface-rename comes to its names (notes on dom0 §1.6): rules first, then memory, then numbers that are free.
struct CardNaming {
  struct Entry: Hashable {
    var mac: String
    var pci: String
    var name: String

    /// Without the index.
    var function: String { String(pci.prefix { $0 != "[" }) }
  }

  /// A name that a card gets in any case.
  struct Claim: Hashable {
    var name: String
    var mac: String
  }

  /// It ends with a word of it, and changes nothing.
  struct Stuck: Error { let text: String }

  /// In the firmware's order.
  let cards: [NIC]
  let lastBoot: [Entry]
  let old: [Entry]

  init(_ cards: [NIC], lastBoot: [Entry], old: [Entry]) {
    self.cards = Self.inOrder(cards)
    self.lastBoot = lastBoot
    self.old = old
  }

  // MARK: Where cards are

  /// By their place on the bus, then by MAC: biosdevname's order.
  static func inOrder(_ cards: [NIC]) -> [NIC] { cards.sorted { ($0.pciPath, $0.mac) < ($1.pciPath, $1.mac) } }

  static func number(_ name: String) -> Int? {
    guard name.hasPrefix("eth"), name.count > 3, name.dropFirst(3).allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
    return Int(name.dropFirst(3))
  }

  /// The card that a value means.
  /// - Parameter method: `mac`, `pci`, `ppn`, `label`; with `guess` the value tells.
  static func card(_ value: String, _ method: String, among cards: [NIC]) -> NIC? {
    let (cards, lower) = (inOrder(cards), value.lowercased())
    func position(_ card: NIC) -> Int { (cards.firstIndex(of: card) ?? 0) + 1 }
    switch method {
    case "mac": return cards.first { $0.mac == lower }
    case "pci":
      let function = lower.prefix { $0 != "[" }
      let index = Int(lower.dropFirst(function.count).filter(\.isNumber)) ?? 0
      let sharing = cards.filter { $0.pciPath == function }
      return sharing.indices.contains(index) ? sharing[index] : nil
    case "ppn": return cards.first { "em\(position($0))" == lower }
    case "label": return cards.first { "Integrated NIC \(position($0))" == value }
    case "guess":
      return ["mac", "pci", "ppn", "label"].lazy.compactMap { card(value, $0, among: cards) }.first
    default: return nil
    }
  }

  // MARK: Names

  /// - Parameter kernel: what the kernel calls each card, by MAC; by default its present name.
  /// - Returns: by MAC.
  func names(_ claims: [Claim], kernel: [String: String] = [:]) throws(Stuck) -> [String: String] {
    guard Set(claims.map(\.name)).count == claims.count else { throw Stuck(text: "Some static rules alias the same eth name") }
    guard Set(claims.map(\.mac)).count == claims.count else { throw Stuck(text: "Some static rules alias the same MAC address") }
    func now(_ card: NIC) -> String { kernel[card.mac] ?? card.device }
    var names: [String: String] = [:]
    for claim in claims { names[claim.mac] = claim.name }
    let present = Set(cards.map(\.mac))
    for card in cards where names[card.mac] == nil {
      let isCrowded = cards.count { $0.pciPath == card.pciPath } > 1
      var wanted: String?
      if let last = lastBoot.first(where: { $0.mac == card.mac }) {
        wanted = last.name
        if last.function != card.pciPath, names.values.contains(last.name) { throw Stuck(text: "AssertionError") }
      } else if isCrowded {
        continue
      } else if let before = (lastBoot + old).first(where: { $0.function == card.pciPath }) {
        if present.contains(before.mac) { continue }
        wanted = before.name
        if names.values.contains(before.name) { throw Stuck(text: "AssertionError") }
      } else {
        wanted = old.first { $0.mac == card.mac }?.name
      }
      if let wanted, !names.values.contains(wanted) { names[card.mac] = wanted }
    }
    let all = claims.map(\.name) + lastBoot.map(\.name) + cards.map { names[$0.mac] ?? now($0) }
    var next = (all.compactMap(Self.number).max() ?? -1) + 1
    for card in cards where names[card.mac] == nil {
      let own = now(card)
      if Self.number(own) != nil, !names.values.contains(own) {
        names[card.mac] = own
      } else {
        names[card.mac] = "eth\(next)"
        next += 1
      }
    }
    return names
  }

  /// The rules once the cards have these names.
  func rules(_ names: [String: String]) -> (lastBoot: [Entry], old: [Entry]) {
    let present = cards.compactMap { card in names[card.mac].map { Entry(mac: card.mac, pci: "\(card.pciPath)[0]", name: $0) } }
    var seen = Set(present.map(\.mac))
    return (present, (lastBoot + old).filter { seen.insert($0.mac).inserted })
  }
}
