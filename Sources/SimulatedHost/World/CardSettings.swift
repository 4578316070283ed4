import JSON

/// How a card of this host is set at the moment: what `ethtool` shows and changes. Nothing of it outlives a boot.
struct CardSettings: Sendable, Hashable {
  /// Features by ethtool's short names, as they were asked for; what nobody asked for is as the driver likes it.
  var wanted: [String: Bool] = [:]
  /// Entries of the rings, by the names of `ethtool -g`.
  var rings: [String: Int] = [:]
  /// Mbit/s; nil leaves it to the negotiation.
  var speed: Int64?
  var isFullDuplex: Bool?
  var negotiates = true
  /// Its cable is out, or leads to nothing.
  var isPulled = false
}

/// What the driver of a card can do.
struct CardDriver: Sendable, Hashable {
  static let features = ["rx", "tx", "sg", "tso", "ufo", "gso", "gro", "lro"]

  /// Features that it does not let anybody change, as they are.
  var fixed: [String: Bool]
  /// Most entries, and how many there are at first.
  var rings: [String: (most: Int, first: Int)] {
    switch name {
    case "tg3": ["RX": (511, 200), "TX": (511, 511)]
    case "ixgbe": ["RX": (4096, 512), "TX": (4096, 512)]
    case "mlx5_core": ["RX": (8192, 1024), "TX": (8192, 1024)]
    default: ["RX": (4096, 256), "TX": (4096, 256)]
    }
  }
  private let name: String

  init(_ name: String) {
    self.name = name
    // UDP fragmentation is gone since kernel 4.14.
    fixed = ["ufo": false]
    if ["tg3", "igb", "e1000e"].contains(name) { fixed["lro"] = false }
  }

  static func == (left: CardDriver, right: CardDriver) -> Bool { left.name == right.name }
  func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// What is really so, as the kernel lets features stand on each other (`netdev_fix_features`).
  func effective(_ wanted: [String: Bool]) -> [String: Bool] {
    var features: [String: Bool] = [:]
    for name in Self.features { features[name] = fixed[name] ?? wanted[name] ?? (name != "lro") }
    if features["sg"] == false {
      features["tso"] = false
      features["gso"] = false
    }
    if features["tx"] == false { features["tso"] = false }
    if features["rx"] == false { features["lro"] = fixed["lro"] ?? false }
    return features
  }
}

extension World {
  /// This host's card of that name.
  func card(_ device: String) -> NIC? { nics.first { $0.host == thisHost && $0.device == device } }

  func settings(of card: NIC) -> CardSettings { cards[card.mac] ?? CardSettings(isPulled: !card.carrier) }

  /// Entries of a card's rings by the names of `ethtool -g`: the most it can have, and those it has.
  func rings(of card: NIC) -> (most: [String: Int], current: [String: Int]) {
    let driver = CardDriver(card.driver).rings
    return (driver.mapValues(\.most), driver.mapValues(\.first).merging(settings(of: card).rings) { $1 })
  }

  /// Mbit/s that a card runs at when it has a link.
  func speed(of card: NIC) -> Int64 { min(card.speed, settings(of: card).speed ?? card.speed) }

  /// The other end negotiates, down to less than it could. To one that does not negotiate it speaks only at its own speed,
  /// both ways at once.
  private func isUnderstood(_ settings: CardSettings, _ card: NIC) -> Bool {
    settings.negotiates ? settings.speed.map { $0 <= card.speed } ?? true : settings.speed == card.speed && settings.isFullDuplex != false
  }

  /// Sets a card otherwise; its link comes and goes with how it is set.
  mutating func set(_ device: String, _ change: (inout CardSettings) -> Void) {
    guard let card = card(device) else { return }
    var settings = settings(of: card)
    let before = settings
    change(&settings)
    cards[card.mac] = settings
    let hasLink = !settings.isPulled && isUnderstood(settings, card)
    guard hasLink != card.carrier || hasLink && before.speed != settings.speed else { return }
    showLink(host: thisHost, device: device, up: hasLink)
  }

  /// What a boot leaves: nothing but the cables.
  mutating func resetCards() {
    let own = nics.filter { $0.host == thisHost && cards[$0.mac] != nil }
    for device in own.map(\.device).sorted() { set(device) { $0 = CardSettings(isPulled: $0.isPulled) } }
  }

  // MARK: At the plug

  /// networkd runs `ethtool` for what XAPI told it of a card: of a bond for each member, by its own record (XAPI notes §3.6).
  mutating func applyCardSettings(_ pif: String) {
    guard database.string("PIF", pif, "host") == thisHost, database.int("PIF", pif, "VLAN") < 0 else { return }
    let properties = database.get("PIF", pif, "properties")?.object ?? JSONObject()
    if let bond = database.strings("PIF", pif, "bond_master_of").first {
      for member in database.strings("Bond", bond, "slaves") { applyCardSettings(of: member, properties) }
    } else if database.bool("PIF", pif, "physical") {
      applyCardSettings(of: pif, properties)
    }
  }

  private mutating func applyCardSettings(of pif: String, _ properties: JSONObject) {
    let config = database.get("PIF", pif, "other_config")?.object ?? JSONObject()
    let (modes, offload) = EthtoolConfig.read(config, properties: properties)
    set(database.string("PIF", pif, "device")) { card in
      for (name, value) in offload { card.wanted[name] = value.string == "on" }
      if let speed = modes["speed"]?.string.flatMap({ Int64($0) }) { card.speed = speed }
      if let duplex = modes["duplex"]?.string { card.isFullDuplex = duplex == "full" }
      if let negotiates = modes["autoneg"]?.string { card.negotiates = negotiates == "on" }
    }
  }
}

/// `ethtool-…` of an other_config, read as XAPI reads it: what it does not understand it leaves out (nm.ml:45-110).
enum EthtoolConfig {
  static func read(_ config: JSONObject, properties: JSONObject) -> (modes: JSONObject, offload: JSONObject) {
    func flag(_ name: String) -> JSONValue? {
      switch config["ethtool-\(name)"]?.string {
      case "on", "true": "on"
      case "off", "false": "off"
      default: nil
      }
    }
    var modes = JSONObject()
    var offload: JSONObject = ["lro": "off"]
    for name in CardDriver.features {
      // A value that is there counts, even when it is none: the property does not take its place.
      if let value = flag(name) { offload[name] = value } else if config["ethtool-\(name)"] == nil, let value = properties[name] {
        offload[name] = value
      }
    }
    if let speed = config["ethtool-speed"]?.string, let number = Int(speed), number > 0 { modes["speed"] = .string(speed) }
    if let duplex = config["ethtool-duplex"]?.string, ["half", "full"].contains(duplex) { modes["duplex"] = .string(duplex) }
    if let negotiates = flag("autoneg") { modes["autoneg"] = negotiates }
    if let mask = config["ethtool-advertise"]?.string, mask.hasPrefix("0x") { modes["advertise"] = .string(mask) }
    return (modes, offload)
  }
}
