import Dom0
import XenAPI

extension TuningRequest {
  /// Reads `tx=off`, `speed=1000`, `rx-ring=4096`: what is wrong names the field and its rule.
  public init(_ devices: [String], words: [String], _ lasting: Lasting) throws(ChangeProblem) {
    self.init(devices: devices)
    var fields: [String: String] = [:]
    for word in words {
      let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
      guard halves.count == 2 else { throw ChangeProblem("\(word): a setting is written name=value, like tx=off") }
      let name = halves[0].lowercased()
      guard Self.names.contains(name) else {
        throw ChangeProblem("\(name): there is no such setting; there are \(Self.names.joined(separator: ", "))")
      }
      guard fields[name] == nil else { throw ChangeProblem("\(name): it is given twice") }
      fields[name] = halves[1].lowercased()
    }
    for feature in NICFeature.allCases {
      guard let value = fields[feature.rawValue] else { continue }
      set(feature, try Self.flag(value, feature.rawValue, orDefault: true), lasting)
    }
    if let mode = try Self.mode(fields) { set(mode, lasting) }
    try setRings(fields, lasting)
    try setMTU(fields, lasting)
  }

  public static let names = NICFeature.allCases.map(\.rawValue) + ["speed", "duplex", "autoneg", "rx-ring", "tx-ring", "mtu"]

  /// - Returns: nil for the default.
  private static func flag(_ value: String, _ name: String, orDefault: Bool = false) throws(ChangeProblem) -> Bool? {
    switch value {
    case "on", "true": return true
    case "off", "false": return false
    case "default" where orDefault: return nil
    // The command line reference says yes and no; XAPI does not understand them.
    default: throw ChangeProblem("\(name): on or off\(orDefault ? ", or default" : ""), not \"\(value)\"")
    }
  }

  private static func mode(_ fields: [String: String]) throws(ChangeProblem) -> LinkMode? {
    guard fields["speed"] != nil || fields["duplex"] != nil || fields["autoneg"] != nil else { return nil }
    let negotiates = try fields["autoneg"].flatMap { (value) throws(ChangeProblem) in try flag(value, "autoneg") } ?? true
    var mode = LinkMode(negotiates: negotiates)
    if let text = fields["speed"], text != "auto" {
      guard let speed = Int(text), speed > 0 else { throw ChangeProblem("speed: a number of Mbit/s, or auto, not \"\(text)\"") }
      mode.speed = speed
      mode.isFullDuplex = true
    }
    switch fields["duplex"] {
    case nil: break
    case "full", "half":
      guard mode.speed != nil else { throw ChangeProblem("duplex: it goes with a speed, like speed=1000 duplex=full") }
      mode.isFullDuplex = fields["duplex"] == "full"
    case let text?: throw ChangeProblem("duplex: full or half, not \"\(text)\"")
    }
    guard mode.negotiates || mode.speed != nil else { throw ChangeProblem("autoneg: switched off, it needs a speed, like speed=1000 duplex=full") }
    return mode
  }

  private mutating func setRings(_ fields: [String: String], _ lasting: Lasting) throws(ChangeProblem) {
    for (field, ring) in [("rx-ring", "RX"), ("tx-ring", "TX")] {
      guard let text = fields[field] else { continue }
      guard let entries = Int(text), entries > 0 else { throw ChangeProblem("\(field): a number of entries, not \"\(text)\"") }
      guard lasting != .later else { throw ChangeProblem("\(field): XAPI keeps no ring sizes, so it cannot be kept only") }
      rings[ring] = entries
    }
  }

  private mutating func setMTU(_ fields: [String: String], _ lasting: Lasting) throws(ChangeProblem) {
    guard let text = fields["mtu"] else { return }
    guard lasting != .now else { throw ChangeProblem("mtu: it is set at a plug by what XAPI keeps, so it cannot be live only") }
    if text == "default" {
      set(mtu: nil)
    } else if let problem = NetworkMTURequest.problem(text) {
      throw ChangeProblem("mtu: \(problem), or default, not \"\(text)\"")
    } else {
      set(mtu: Int(text))
    }
    appliesMTU = lasting == .always
  }
}

extension NetworkMTURequest {
  /// Of a network by its name, bridge or uuid, or of the one that an interface of this host is on.
  public init(naming name: String, mtu: Int, _ facts: ChangeFacts) throws(ChangeProblem) {
    let all = facts.database.networks.all.map(\.record)
    let exact = all.filter { $0.uuid == name || (!$0.bridge.isEmpty && $0.bridge == name) }
    let named = exact.isEmpty ? all.filter { $0.nameLabel == name } : exact
    if named.count > 1 {
      throw ChangeProblem("\(named.count) networks are called \"\(name)\"", remedy: "Name its bridge: \(named.map(\.bridge).sorted().joined(separator: ", "))")
    }
    let node = ChangeScene(facts.database, host: facts.host).tree[name]
    guard let network = named.first ?? node.flatMap({ facts.database.networks[$0.pif.network] }) else {
      throw ChangeProblem("there is no network and no interface \"\(name)\"", remedy: "Give a network's name or bridge, or an interface like eth1")
    }
    self.init(network: network.uuid, mtu: mtu)
  }
}

/// What the command line asks about settings of NICs.
public struct TuningQuestions: Sendable {
  private let client: XenClient
  private let system: HostSystem

  public init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  public func tuning(of device: String) async throws(ChangeProblem) -> NICTuning {
    try await TuningLook(client, system).tuning(of: device).get()
  }

  public func fcoe() async -> FCoEState { await FCoELook(client, system).state() }
}
