import HostNetworking
import TerminalUI

/// What both ends of the cable offer each other, and the module between them.
struct LinkFacts {
  private let details: NICDetails?
  private let device: String

  init(_ details: NICDetails?, _ device: String) {
    self.details = details
    self.device = device
  }

  var all: [Fact] {
    guard let details, !details.isFilesOnly else { return [] }
    var facts: [Fact] = []
    switch details.link {
    case .asking: break
    case .failed(let failure): facts.append(Fact("Modes", FailureWords.of(failure), style: .dim))
    case .known(let link):
      facts.append(Fact("Modes", Self.modes(link.supportedModes)))
      if link.advertisedModes != link.supportedModes { facts.append(Fact("Offers", Self.modes(link.advertisedModes))) }
      if !link.partnerModes.isEmpty { facts.append(Fact("Partner", Self.modes(link.partnerModes))) }
      let port = [link.port, link.wakeOn.map { $0 == "d" ? "Wake-on-LAN off" : "Wake-on-LAN \($0)" }].compactMap { $0 }
      if !port.isEmpty { facts.append(Fact("Port", port.joined(separator: ", "))) }
    }
    switch details.module {
    case .asking: break
    case .failed(let failure): facts.append(Fact("Module", FailureWords.of(failure), style: .dim))
    case .known(let rows): facts.append(Fact("Module", Self.module(rows)))
    }
    return facts
  }

  private static func modes(_ modes: [String]) -> String { modes.isEmpty ? "none told" : modes.joined(separator: " ") }

  private static func module(_ rows: [NICDetails.Row]) -> String {
    func value(_ name: String) -> String? { rows.first { $0.name == name }?.value }
    let names = ["Vendor name", "Vendor PN"].compactMap(value).joined(separator: " ")
    var parts = [names.isEmpty ? value("Identifier") ?? "there" : names]
    if let serial = value("Vendor SN") { parts.append("serial \(serial)") }
    if let kind = value("Transceiver type") { parts.append(kind) }
    if let out = value("Laser output power") { parts.append("light out \(out)") }
    if let into = value("Receiver signal average optical power") ?? value("Rcvr signal avg optical power") {
      parts.append("light in \(into)")
    }
    if let temperature = value("Module temperature") { parts.append(temperature) }
    return parts.joined(separator: ", ")
  }
}

/// How the driver is set, and what it counts.
struct DriverFacts {
  private let details: NICDetails?
  private let device: String

  init(_ details: NICDetails?, _ device: String) {
    self.details = details
    self.device = device
  }

  var all: [Fact] {
    guard let details else { return [] }
    if details.isFilesOnly { return [Fact("Driver", "not asked: these are only files", style: .dim)] }
    var facts: [Fact] = []
    func add<Value>(_ label: String, _ part: NICDetails.Part<Value>, _ words: (Value) -> String) {
      switch part {
      case .asking: break
      case .failed(let failure): facts.append(Fact(label, FailureWords.of(failure), style: .dim))
      case .known(let value): facts.append(Fact(label, words(value)))
      }
    }
    if case .failed = details.driver { add("Driver", details.driver) { $0.driver ?? "" } }
    add("Offloads", details.features, Self.offloads)
    add("Queues", details.channels) { Self.table($0.current, $0.most) }
    add("Rings", details.rings) { Self.table($0.current, $0.most) }
    add("Pause", details.pause) { pause in
      let states = [("autonegotiated", pause.negotiates), ("rx", pause.receives), ("tx", pause.sends)]
        .compactMap { name, state in state.map { "\(name) \($0 ? "on" : "off")" } }
      return states.isEmpty ? "not told" : states.joined(separator: ", ")
    }
    add("Counts", details.statistics) { _ in
      let troubles = details.troubles
      return troubles.isEmpty
        ? "no troubles of the driver's own" : troubles.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    }
    if !details.troubles.isEmpty, let last = facts.indices.last { facts[last].style = .warning }
    return facts
  }

  /// `RX 512 of 4096, TX 512 of 4096`.
  private static func table(_ current: [String: Int], _ most: [String: Int]) -> String {
    let names = current.keys.sorted().filter { current[$0] ?? 0 > 0 || most[$0] ?? 0 > 0 }
    let parts = names.map { name in "\(name) \(current[name] ?? 0)" + (most[name].map { " of \($0)" } ?? "") }
    return parts.isEmpty ? "none told" : parts.joined(separator: ", ")
  }

  /// The offloads that people know by name, short as `ethtool -K` takes them.
  private static let known: [(name: String, short: String)] = [
    ("rx-checksumming", "rx"), ("tx-checksumming", "tx"), ("scatter-gather", "sg"), ("tcp-segmentation-offload", "tso"),
    ("generic-segmentation-offload", "gso"), ("generic-receive-offload", "gro"), ("large-receive-offload", "lro"),
    ("udp-fragmentation-offload", "ufo"), ("rx-vlan-offload", "rxvlan"), ("tx-vlan-offload", "txvlan"),
    ("receive-hashing", "rxhash"), ("ntuple-filters", "ntuple"),
  ]

  private static func offloads(_ features: [NICDetails.Feature]) -> String {
    func names(_ isOn: Bool) -> String {
      let found = known.filter { known in features.contains { $0.name == known.name && $0.isOn == isOn } }.map(\.short)
      return found.isEmpty ? "none" : found.joined(separator: " ")
    }
    return "on: \(names(true)); off: \(names(false))"
  }
}

/// Why a part is not known, for a line of its own.
enum FailureWords {
  static func of(_ failure: NICDetails.Failure) -> String {
    if case .refused(_, _, let message) = failure, message.contains("not supported") || message.contains("no stats") {
      return "the driver does not tell"
    }
    if case .refused(_, _, let message) = failure, !message.isEmpty { return "not known: \(message)" }
    return "not known: \(failure)"
  }
}
