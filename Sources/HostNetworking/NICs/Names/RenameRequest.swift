import Dom0

/// Other names for NICs.
public struct RenameRequest: Hashable, Sendable {
  /// The name that each NIC shall have, by its MAC; those that keep theirs may be left out.
  public var names: [String: String]
  /// Whoever loses a name gets the one that became free: with that, one name is enough for a swap.
  public var completes: Bool
  /// Static rules that stand in the way are changed too; else they are a reason to refuse.
  public var changesStaticRules: Bool

  public init(names: [String: String], completes: Bool = true, changesStaticRules: Bool = false) {
    self.names = names
    self.completes = completes
    self.changesStaticRules = changesStaticRules
  }

  /// Reads words as the vendor's tool takes them: `eth2=00:24:81:80:19:63`, `eth2=0000:04:00.0[1]`, `eth2=em3`, and a
  /// SMBIOS label in quotes, `eth2="Integrated NIC 3"`; the quotes may be left out.
  public init(
    parsing words: [String], among nics: [NICNames.NIC], completes: Bool = true, changesStaticRules: Bool = false
  ) throws(ChangeProblem) {
    self.init(names: [:], completes: completes, changesStaticRules: changesStaticRules)
    guard !words.isEmpty else { throw ChangeProblem("no name is given", remedy: "Say for example eth2=00:24:81:80:19:63") }
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[1].isEmpty else {
        throw ChangeProblem("\"\(word)\" is no ethN=NIC", remedy: "Say for example eth2=00:24:81:80:19:63")
      }
      let (name, value) = (String(parts[0]), Self.unquoted(String(parts[1])))
      if let problem = Self.problem(name) { throw ChangeProblem(problem) }
      guard let nic = Self.nic(value, among: nics) else {
        throw ChangeProblem("no NIC of this host has the MAC, PCI address, position or label \"\(value)\"", remedy: "xcpconsole nic names lists them")
      }
      if let other = names[nic.mac], other != name { throw ChangeProblem("\(nic.name) (\(nic.mac)) would be both \(other) and \(name)") }
      if let other = names.first(where: { $0.value == name && $0.key != nic.mac }) {
        throw ChangeProblem("\(name) would be both \(other.key) and \(nic.mac)")
      }
      names[nic.mac] = name
    }
  }

  /// Why a NIC cannot have a name; nil when it can.
  public static func problem(_ name: String) -> String? {
    guard RenameLogic.isTarget(name) else { return "\"\(name)\" is no name for a NIC: names are eth and a number, for example eth2" }
    if name.utf8.count > 4, name.dropFirst(3).first == "0" { return "\"\(name)\" is no name for a NIC: its number begins with 0" }
    // A name has 15 characters at most, and while it is put aside the NIC is called side-NNNN-ethN.
    return name.utf8.count > 5 ? "\"\(name)\" is no name for a NIC: its number is too high, 99 is the highest" : nil
  }

  private static func unquoted(_ text: String) -> String {
    guard text.count > 2, let quote = text.first, quote == "\"" || quote == "'", text.last == quote else { return text }
    return String(text.dropFirst().dropLast())
  }

  private static func nic(_ value: String, among nics: [NICNames.NIC]) -> NICNames.NIC? {
    if let mac = MACText.normalized(value) { return nics.first { $0.mac == mac } }
    let cards = nics.map(\.card)
    let rules = [
      PCIText.normalized(value).map { StaticRules.Rule(name: "", method: .pci, value: $0) },
      StaticRules.Rule(name: "", method: .ppn, value: value), StaticRules.Rule(name: "", method: .label, value: value),
    ]
    let card = rules.lazy.compactMap { $0 }.compactMap { RenameLogic.card(of: $0, in: cards) }.first
    return card.flatMap { card in nics.first { $0.mac == card.mac } }
  }
}
