import XenAPI

/// Finds in what the hosts of a pool differ. What most of them have is the norm, at a tie what the coordinator has. A
/// difference that follows from another is not told again.
struct PoolCheck {
  /// A device of a host, as the table names it, and what of it is unlike the others.
  struct Mark: Hashable {
    var host: Int
    var row: String
    var aspect: PoolComparison.Aspect
  }

  let shape: PoolShape
  /// Of each host, its interface on a network.
  let byNetwork: [[Int: Int]]
  /// Of each host, NICs by device.
  let nics: [[String: Int]]
  /// All names of NICs, in order.
  let nicNames: [String]

  private(set) var found: [PoolDifference] = []
  private(set) var marks: Set<Mark> = []

  // MARK: What explains other differences

  /// NICs that have another's name: of each host, the name they have elsewhere.
  var renamed: [Int: [String: String]] = [:]
  /// NICs that not all have: the norm is to have them, or not to.
  var absentNICs: [Int: Set<String>] = [:]
  /// NICs whose card is another.
  var otherCards: [Int: Set<String>] = [:]
  /// Networks of which nothing more is said on a host.
  var settled: [Int: Set<Int>] = [:]
  /// Networks of bonds that hosts lack.
  var lostBonds: [Int: Set<Int>] = [:]
  /// Bonds of a network, as most call them.
  var bondNames: [Int: String] = [:]

  init(_ shape: PoolShape) {
    self.shape = shape
    byNetwork = shape.hosts.map { $0.byNetwork() }
    nics = shape.hosts.map { host in
      let places = host.interfaces.indices.filter { host.interfaces[$0].kind == .nic }
      return Dictionary(places.map { (host.interfaces[$0].device, $0) }, uniquingKeysWith: { first, _ in first })
    }
    nicNames = Set(nics.flatMap(\.keys)).sorted(by: comesBefore)
  }

  mutating func run() {
    guard shape.hosts.count > 1 else { return }
    backends()
    namesOfNICs()
    presenceOfNICs()
    networksOfNICs()
    bonds()
    management()
    cards()
    links()
    vlans()
    others()
    settings()
    addresses()
    orphans()
  }

  /// What weighs most first; what weighs the same as it was found, which is from the cable upwards.
  var sorted: [PoolDifference] {
    found.enumerated()
      .sorted { $0.element.weight != $1.element.weight ? $0.element.weight > $1.element.weight : $0.offset < $1.offset }
      .map(\.element)
  }

  var allHosts: Range<Int> { shape.hosts.indices }

  /// What the first host has that has it.
  func first<Value>(_ value: (Int) -> Value?) -> Value? {
    for host in allHosts { if let found = value(host) { return found } }
    return nil
  }

  /// The network of what lies below an interface.
  func below(_ host: Int, _ index: Int) -> Int? {
    let interfaces = shape.hosts[host].interfaces
    return interfaces[index].base.flatMap { interfaces[$0].network }
  }

  // MARK: Telling

  /// - Parameters:
  ///   - rows: the devices as the table names them.
  ///   - aspects: what of them is marked.
  mutating func tell(
    _ kind: PoolDifference.Kind, _ weight: Finding.Weight, _ text: String, means meaning: String,
    mend: [PoolDifference.Line] = [], hosts: [Int], rows: [String], _ aspects: [PoolComparison.Aspect]
  ) {
    found.append(
      PoolDifference(
        kind: kind, weight: weight, text: text, meaning: meaning, mending: PoolMending.shortened(mend),
        hosts: hosts.map { shape.hosts[$0].name }, devices: rows))
    for host in hosts { for row in rows { for aspect in aspects { marks.insert(Mark(host: host, row: row, aspect: aspect)) } } }
  }

  // MARK: Norms

  /// What most have; at a tie the coordinator's, else the first host's by name.
  /// - Parameter values: of hosts, in the order of hosts.
  func norm<Value: Hashable>(_ values: [(host: Int, value: Value)]) -> Value? {
    guard let first = values.first else { return nil }
    // Nearly always all are the same: thousands of networks are looked at.
    guard values.contains(where: { $0.value != first.value }) else { return first.value }
    var counts: [Value: Int] = [:]
    for (_, value) in values { counts[value, default: 0] += 1 }
    let most = counts.values.max() ?? 0
    let tied = values.filter { counts[$0.value] == most }
    return (tied.first { shape.hosts[$0.host].isCoordinator } ?? tied.first)?.value
  }

  /// Those that are not as the norm, together where they are alike.
  func unlike<Value: Hashable>(_ values: [(host: Int, value: Value)], _ norm: Value) -> [(value: Value, hosts: [Int])] {
    var groups: [(value: Value, hosts: [Int])] = []
    for (host, value) in values where value != norm {
      if let place = groups.firstIndex(where: { $0.value == value }) {
        groups[place].hosts.append(host)
      } else {
        groups.append((value, [host]))
      }
    }
    return groups
  }

  // MARK: Names

  func name(_ network: Int?) -> String {
    guard let network, shape.networks.indices.contains(network) else { return "no network" }
    return "\"\(shape.networks[network].name)\""
  }

  /// `xcp2`, `xcp2 and xcp3`, `node01, node02, node03 and 5 more`.
  func names(_ hosts: [Int]) -> String {
    let names = hosts.map { shape.hosts[$0].name }
    return names.count <= 4 ? names.joinedWithAnd : names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
  }

  /// `elsewhere`, or the one other host by its name.
  func elsewhere(_ hosts: [Int]) -> String {
    let others = allHosts.filter { !hosts.contains($0) }
    return others.count == 1 ? "on \(shape.hosts[others[0]].name)" : "on the others"
  }

  /// How an interface is named in the table: bonds as most call them.
  func row(_ host: Int, _ index: Int) -> String {
    let interface = shape.hosts[host].interfaces[index]
    switch interface.kind {
    case .nic: return interface.device
    case .bond: return interface.network.flatMap { bondNames[$0] } ?? interface.device
    case .vlan:
      let base = interface.base.map { row(host, $0) } ?? interface.device
      return "\(base).\(interface.tag ?? 0)"
    case .tunnel, .sriov: return interface.network.map { shape.networks[$0].name } ?? interface.device
    }
  }

  /// How people call it.
  func words(_ host: Int, _ index: Int) -> String {
    let interface = shape.hosts[host].interfaces[index]
    guard interface.kind == .vlan else { return row(host, index) }
    return "VLAN \(interface.tag ?? 0) on \(interface.base.map { row(host, $0) } ?? interface.device)"
  }

  func isSettled(_ host: Int, _ network: Int?) -> Bool {
    network.map { settled[host]?.contains($0) ?? false } ?? false
  }

  mutating func settle(_ hosts: [Int], _ networks: [Int?]) {
    for host in hosts { settled[host, default: []].formUnion(networks.compactMap { $0 }) }
  }
}

extension [Int] {
  /// `60`, `20, 30, 101-110`.
  var inRanges: String {
    let numbers = sorted()
    var parts: [String] = []
    var index = 0
    while index < numbers.count {
      var last = index
      while last + 1 < numbers.count, numbers[last + 1] == numbers[last] + 1 { last += 1 }
      switch last - index {
      case 0: parts.append("\(numbers[index])")
      case 1: parts += ["\(numbers[index])", "\(numbers[last])"]
      default: parts.append("\(numbers[index])-\(numbers[last])")
      }
      index = last + 1
    }
    return parts.joined(separator: ", ")
  }
}
