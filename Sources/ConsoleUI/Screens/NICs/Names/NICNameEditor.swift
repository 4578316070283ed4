import HostNetworking

/// Names as somebody is changing them: what is chosen, and what follows from it.
struct NICNameEditor: Sendable {
  private(set) var names: NICNames
  /// Chosen names by MAC.
  private(set) var wanted: [String: String] = [:]
  /// As it was before each step, the latest last.
  private var history: [[String: String]] = []
  var changesStaticRules = false

  init(_ names: NICNames) { self.names = names }

  var request: RenameRequest { RenameRequest(names: wanted, changesStaticRules: changesStaticRules) }

  var canUndo: Bool { !history.isEmpty }

  /// What comes of the choices. They are kept such that they can always be meant.
  var outlook: RenamePlanner.Outlook? { try? RenamePlanner(names).outlook(request) }

  /// The NICs in the order of the names that they will have.
  var nics: [NICNames.NIC] {
    let after = outlook?.names ?? [:]
    return names.nics.sorted { comesBefore(after[$0.mac] ?? $0.name, after[$1.mac] ?? $1.name) }
  }

  // MARK: Changing

  /// A fresh look at the host. Choices for NICs that are gone, or that are so by now, are dropped.
  mutating func take(_ fresh: NICNames) {
    names = fresh
    let next = fresh.nextNames
    wanted = wanted.filter { next[$0.key] != nil && next[$0.key] != $0.value }
    if outlook == nil { wanted = [:] }
    if wanted.isEmpty { history = [] }
  }

  /// Gives a NIC a name; whoever has it gets the name that becomes free.
  /// - Returns: why not; nil when it is done.
  mutating func give(_ mac: String, _ name: String) -> String? {
    if let refusal = refusal(mac) { return refusal }
    guard let now = outlook, let before = now.names[mac], before != name else { return nil }
    if let holder = now.names.first(where: { $0.value == name })?.key, let refusal = refusal(holder) { return refusal }
    var all = now.names
    if let holder = all.first(where: { $0.value == name })?.key { all[holder] = before }
    all[mac] = name
    history.append(wanted)
    let next = names.nextNames
    wanted = all.filter { next[$0.key] != $0.value }
    return nil
  }

  /// Swaps a NIC with the next one before or after it that may be renamed.
  mutating func move(_ mac: String, by step: Int) -> String? {
    if let refusal = refusal(mac) { return refusal }
    let order = nics
    guard var place = order.firstIndex(where: { $0.mac == mac }), let now = outlook else { return nil }
    place += step
    while order.indices.contains(place), refusal(order[place].mac) != nil { place += step }
    guard order.indices.contains(place), let name = now.names[order[place].mac] else {
      return step < 0 ? "no NIC before it can be renamed" : "no NIC after it can be renamed"
    }
    return give(mac, name)
  }

  mutating func undo() { if let before = history.popLast() { wanted = before } }

  /// Why a NIC cannot be renamed; nil when it can.
  func refusal(_ mac: String) -> String? { names[mac: mac]?.use.reasons.first?.text }

  // MARK: Choices

  /// A name that a NIC can have.
  struct Candidate {
    let name: String
    /// Who has it, by MAC; nil when it is free.
    let holder: String?
    /// Why it cannot be taken.
    let refusal: String?
    /// The name that it has been given.
    let isChosen: Bool
  }

  /// All names that are in use, those free between them, and the next two.
  func candidates(for mac: String) -> [Candidate] {
    guard let now = outlook else { return [] }
    let most = now.names.values.compactMap { Int($0.dropFirst(3)) }.max() ?? 0
    return (0...min(most + 2, 999)).map { number in
      let holder = now.names.first { $0.value == "eth\(number)" }?.key
      return Candidate(
        name: "eth\(number)", holder: holder == mac ? nil : holder, refusal: holder.flatMap { $0 == mac ? nil : refusal($0) },
        isChosen: holder == mac)
    }
  }
}
