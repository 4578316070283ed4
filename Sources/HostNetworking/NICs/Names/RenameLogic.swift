import Dom0

/// Works out what `interface-rename` calls each NIC, at a boot or for `--update` (`reference/dom0.md` §1.6, §1.7). Pure:
/// the same rules and cards always give the same names.
public struct RenameLogic: Sendable {
  /// A NIC as the machine has it.
  public struct Card: Hashable, Sendable {
    /// Lower case with colons.
    public var mac: String
    /// The PCI function without index; of a USB NIC that of its host adapter. Empty when it is not known.
    public var function: String
    /// The kernel's name at the moment.
    public var name: String
    /// Place in the order of the firmware (biosdevname's `all_ethN`).
    public var order: Int
    /// biosdevname's `em1`, `p1p1`.
    public var physical: String?
    /// SMBIOS label.
    public var label: String?

    public init(mac: String, function: String, name: String, order: Int, physical: String? = nil, label: String? = nil) {
      self.mac = mac
      self.function = function
      self.name = name
      self.order = order
      self.physical = physical
      self.label = label
    }
  }

  /// A name that a card gets whatever it was called before.
  public struct Claim: Hashable, Sendable {
    public var name: String
    public var mac: String

    public init(name: String, mac: String) {
      self.name = name
      self.mac = mac
    }
  }

  /// Why `interface-rename` gives up: a sentence without a full stop.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var text: String
    public var description: String { text }
  }

  private let cards: [Card]
  private let lastBoot: [DynamicRules.Entry]
  private let old: [DynamicRules.Entry]
  private var names: [String: String] = [:]

  /// - Parameters:
  ///   - cards: those that are present.
  ///   - lastBoot: names as the last boot, or the last update, left them.
  ///   - old: names of cards that were absent then.
  public init(_ cards: [Card], lastBoot: [DynamicRules.Entry], old: [DynamicRules.Entry]) {
    // Over iSCSI boot NICs nobody has a say.
    self.cards = cards.filter { !$0.name.hasPrefix("ibft") }.sorted { ($0.order, $0.mac) < ($1.order, $1.mac) }
    self.lastBoot = lastBoot
    self.old = old
  }

  public init(_ cards: [Card], _ rules: DynamicRules) { self.init(cards, lastBoot: rules.lastBoot, old: rules.old) }

  // MARK: The rules

  /// Whether a name is one that rules can give: `eth` and a number.
  public static func isTarget(_ name: String) -> Bool { number(name) != nil }

  /// The N of `ethN`.
  static func number(_ name: String) -> Int? {
    guard name.hasPrefix("eth"), name.utf8.dropFirst(3).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(name.dropFirst(3))
  }

  /// `eth2` of `side-1234-eth2`: what a card was called when it was put aside.
  public static func nameBeforeAside(_ name: String) -> String? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "side", !parts[1].isEmpty, parts[1].allSatisfy(\.isWholeNumber) else { return nil }
    let last = String(parts[2])
    return isTarget(last) ? last : nil
  }

  /// The card that a static rule means; nil when none is there, or when the rule is passed over.
  public static func card(of rule: StaticRules.Rule, in cards: [Card]) -> Card? {
    switch rule.method {
    case .mac: return cards.first { $0.mac == rule.value }
    case .pci:
      let (function, index) = parted(rule.value)
      let sharing = cards.filter { $0.function == function }.sorted { $0.mac < $1.mac }
      return sharing.indices.contains(index) ? sharing[index] : nil
    case .ppn: return hasUnclearPositions(cards) ? nil : cards.first { $0.physical == rule.value }
    case .label: return cards.first { $0.label == rule.value }
    }
  }

  /// Two cards that the firmware gives the same position: rules by position are passed over then.
  public static func hasUnclearPositions(_ cards: [Card]) -> Bool {
    let known = cards.compactMap(\.physical)
    return Set(known).count != known.count
  }

  /// `0000:04:00.0[1]` as function and index.
  static func parted(_ pci: String) -> (function: String, index: Int) {
    guard let bracket = pci.firstIndex(of: "["), pci.hasSuffix("]") else { return (pci, 0) }
    return (String(pci[..<bracket]), Int(pci[pci.index(after: bracket)...].dropLast()) ?? 0)
  }

  // MARK: The names

  /// The names that come of static rules alone: those of the next boot.
  /// - Returns: by MAC, for every card.
  public func names(under rules: StaticRules) throws(Failure) -> [String: String] {
    try names(claims(of: rules))
  }

  /// The names that `--update` writes: what is asked for beside the static rules.
  public func names(under rules: StaticRules, update: [Claim]) throws(Failure) -> [String: String] {
    let fixed = claims(of: rules)
    let asked = update.filter { !fixed.contains($0) }
    return try names(fixed + asked)
  }

  /// The static rules whose card is there.
  func claims(of rules: StaticRules) -> [Claim] {
    rules.rules.compactMap { rule in Self.card(of: rule, in: cards).map { Claim(name: rule.name, mac: $0.mac) } }
  }

  /// - Parameter claims: of static rules and of an update.
  public func names(_ claims: [Claim]) throws(Failure) -> [String: String] {
    try check(claims)
    var logic = self
    for claim in claims where cards.contains(where: { $0.mac == claim.mac }) { logic.names[claim.mac] = claim.name }
    try logic.rememberNames()
    logic.orderSharedFunctions()
    logic.nameTheNew(claims)
    return logic.names
  }

  private func check(_ claims: [Claim]) throws(Failure) {
    if let bad = claims.first(where: { !Self.isTarget($0.name) }) { throw Failure(text: "\(bad.name) is not ethN") }
    if let name = Self.twice(claims.map(\.name)) { throw Failure(text: "two NICs would be called \(name)") }
    if let mac = Self.twice(claims.map(\.mac)) { throw Failure(text: "the NIC \(mac) would get two names") }
    if let mac = Self.twice(cards.map(\.mac)) { throw Failure(text: "two NICs have the MAC \(mac)") }
    if let odd = cards.first(where: { !Self.isTarget($0.name) && Self.nameBeforeAside($0.name) == nil }) {
      throw Failure(text: "a NIC is called \(odd.name), which interface-rename does not take")
    }
    if let name = Self.twice(lastBoot.map(\.name)) { throw Failure(text: "dynamic-rules.json names two NICs \(name)") }
    if let mac = Self.twice(lastBoot.map(\.mac)) { throw Failure(text: "dynamic-rules.json names the NIC \(mac) twice") }
  }

  private static func twice(_ texts: [String]) -> String? {
    var seen: Set<String> = []
    return texts.first { !seen.insert($0).inserted }
  }

  private var shared: Set<String> {
    let counts = Dictionary(cards.map { ($0.function, 1) }, uniquingKeysWith: +)
    return Set(counts.filter { $0.value > 1 && !$0.key.isEmpty }.keys)
  }

  private func isFree(_ name: String) -> Bool { !names.values.contains(name) }

  private static func isAt(_ entry: DynamicRules.Entry, _ function: String) -> Bool {
    !function.isEmpty && parted(entry.pci).function == function
  }

  /// Cards that were here before get their names back.
  private mutating func rememberNames() throws(Failure) {
    let shared = shared
    for card in cards where names[card.mac] == nil {
      if let last = lastBoot.first(where: { $0.mac == card.mac }) {
        if isFree(last.name) {
          names[card.mac] = last.name
        } else if !Self.isAt(last, card.function) {
          // One in its old place gives way; for one that has moved the program has no answer.
          throw Failure(text: "the NIC \(card.mac) has moved to another slot, and its name \(last.name) goes to another one")
        }
        continue
      }
      if shared.contains(card.function) { continue }
      if let former = (lastBoot + old).first(where: { Self.isAt($0, card.function) }) {
        // That may be the card itself, back in its old slot: the program takes it for a new one then.
        if cards.contains(where: { $0.mac == former.mac }) { continue }
        guard isFree(former.name) else {
          throw Failure(text: "the NIC \(card.mac) replaces \(former.name), and that name goes to another one")
        }
        names[card.mac] = former.name
      } else if let former = old.first(where: { $0.mac == card.mac }), isFree(former.name) {
        names[card.mac] = former.name
      }
    }
  }

  /// Several NICs behind one PCI function that were all replaced: as many as before keep their order by MAC.
  private mutating func orderSharedFunctions() {
    for function in shared.sorted() {
      let now = cards.filter { $0.function == function }.sorted { $0.mac < $1.mac }
      let before = (lastBoot + old).filter { Self.isAt($0, function) }.sorted { $0.mac < $1.mac }
      guard now.count == before.count, now.allSatisfy({ names[$0.mac] == nil }),
        before.allSatisfy({ isFree($0.name) }), Set(before.map(\.name)).count == before.count
      else { continue }
      for (card, former) in zip(now, before) { names[card.mac] = former.name }
    }
  }

  /// Cards of which nothing is known keep the kernel's name, or get the next number, in the order of the firmware.
  private mutating func nameTheNew(_ claims: [Claim]) {
    let known = claims.map(\.name) + cards.map { names[$0.mac] ?? $0.name } + lastBoot.map(\.name)
    var next = (known.compactMap(Self.number).max() ?? -1) + 1
    for card in orderedByMAC(cards.filter { names[$0.mac] == nil }) {
      if Self.isTarget(card.name), isFree(card.name) {
        names[card.mac] = card.name
      } else {
        names[card.mac] = "eth\(next)"
        next += 1
      }
    }
  }

  /// The firmware's order, but behind one function that of the MACs.
  private func orderedByMAC(_ cards: [Card]) -> [Card] {
    var ordered = cards
    for function in shared {
      let places = ordered.indices.filter { ordered[$0].function == function }
      for (place, card) in zip(places, places.map { ordered[$0] }.sorted(by: { $0.mac < $1.mac })) { ordered[place] = card }
    }
    return ordered
  }

  // MARK: The file

  /// The rules as an update leaves them: every card that is there, and in `old` those that are not.
  /// - Parameter names: by MAC.
  public func rules(_ names: [String: String]) -> (lastBoot: [DynamicRules.Entry], old: [DynamicRules.Entry]) {
    let present = cards.compactMap { card in
      names[card.mac].map { DynamicRules.Entry(mac: card.mac, pci: "\(card.function)[0]", name: $0) }
    }
    var seen = Set(present.map(\.mac))
    let absent = (lastBoot + old).filter { seen.insert($0.mac).inserted }
    return (present.sorted { comesBefore($0.name, $1.name) }, absent)
  }
}
