import Dom0
import JSON
import XenAPI

/// The host that an action is about. Pool-wide plans touch other hosts than this one.
public struct BondOwner: Hashable, Sendable {
  public var uuid: String
  /// Empty for the host that the plan is made on: there nobody needs to be told which.
  public var label: String

  /// ` on xcp2`, or nothing.
  var words: String { label.isEmpty ? "" : " on \(label)" }
}

/// A bond as `Bond.create` makes it.
public struct BondSpec: Hashable, Sendable {
  public var owner: BondOwner
  /// What it will be called; XAPI takes the first number that is free. For words only: a bond is found by its members.
  public var name: String
  /// The kernel's names, the primary member first.
  public var members: [String]
  public var mode: BondMode
  /// Only for LACP.
  public var properties: [String: String]
  /// Empty inherits that of the primary member.
  public var mac: String
  public var network: NetworkChoice
}

/// Which of the bonds within some members is meant: others stay, whoever made them.
public struct BondPick: Hashable, Sendable {
  /// One that has exactly these members is another one.
  public var sparing: [String] = []
  /// It has this primary member: tells a bond that is there for a moment from one of the same members.
  public var primary: String?
  /// It is on this network.
  public var network: NetworkChoice?
}

/// Settings of a network that matter to what is on it, and that an interface loses when it comes to another network.
public struct BondNetworkTraits: Hashable, Sendable {
  public var config: [String: String] = [:]
  public var lockingMode: LockingMode?
  public var purpose: [String] = []

  public var isEmpty: Bool { config.isEmpty && lockingMode == nil && purpose.isEmpty }

  /// Those of a network (`reference/xapi.md` §3.6).
  init(_ network: Network) {
    config = network.otherConfig.filter { key, _ in
      key == "static-routes" || key.hasPrefix("ethtool-") || key.hasPrefix("vswitch-")
    }
    if network.defaultLockingMode == .disabled { lockingMode = .disabled }
    purpose = network.purpose.sorted()
  }

  init(config: [String: String], lockingMode: LockingMode?, purpose: [String]) {
    (self.config, self.lockingMode, self.purpose) = (config, lockingMode, purpose)
  }

  /// `static-routes=10.9.0.0/16/10.0.4.1, locking mode disabled, purpose nbd`
  var words: String {
    [
      config.isEmpty ? nil : config.listed, lockingMode.map { "locking mode \($0.rawValue)" },
      purpose.isEmpty ? nil : "purpose \(purpose.joined(separator: ", "))",
    ].compactMap { $0 }.joined(separator: ", ")
  }
}

/// What is done to bonds. A bond is named by its host and its members: its number, its refs and those of its VLANs change
/// whenever XAPI makes it anew.
public enum BondAction: ActionGroup {
  case createNetwork(name: String, description: String, mtu: Int, mark: String)
  case create(BondSpec)
  /// What a plan makes of a network beyond that: the settings that its interface has had on another one.
  case dress(NetworkChoice, BondNetworkTraits)
  /// The bond of these members, as far as it is the one that is meant.
  case destroy(BondOwner, members: [String], BondPick)
  case setMode(BondOwner, members: [String], BondMode)
  case setProperties(BondOwner, members: [String], [String: String])
  /// `bond-updelay` in milliseconds, empty for XAPI's own; a bond that is plugged is plugged anew.
  case setDelay(BondOwner, members: [String], String)
  case unplug(BondOwner, members: [String])
  /// Of a NIC.
  case setAddress(BondOwner, nic: String, IPv4Settings)
  /// Management comes to an interface; without a NIC in its place it is the bond of these members, or a VLAN on that.
  case manage(BondOwner, members: [String], BondLayout.Place)
  /// It is looked whether the switch speaks LACP with the bond of this host.
  case hear(BondOwner, members: [String])
  /// On the bond of these members.
  case createVLAN(BondOwner, tag: Int, members: [String], NetworkChoice)
  case destroyVLAN(BondOwner, tag: Int, members: [String])
  /// What XAPI loses or leaves behind when VLANs and addresses change their carrier is given to them again.
  case settle(BondLayout)

  // MARK: On disk

  var json: JSONValue {
    var object = JSONObject([("what", .string(word))])
    func add(_ name: String, _ value: JSONValue) { object.append(name, value) }
    func add(_ owner: BondOwner, _ members: [String]) {
      add("host", .string(owner.uuid))
      add("label", .string(owner.label))
      add("members", members.json)
    }
    switch self {
    case .createNetwork(let name, let description, let mtu, let mark):
      add("name", .string(name))
      add("description", .string(description))
      add("mtu", .int(Int64(mtu)))
      add("mark", .string(mark))
    case .create(let spec):
      add(spec.owner, spec.members)
      add("name", .string(spec.name))
      add("mode", .string(spec.mode.rawValue))
      add("properties", spec.properties.json)
      add("mac", .string(spec.mac))
      add("network", spec.network.json)
    case .dress(let network, let traits):
      add("network", network.json)
      add("config", traits.config.json)
      if let mode = traits.lockingMode { add("locking", .string(mode.rawValue)) }
      add("purpose", traits.purpose.json)
    case .destroy(let owner, let members, let pick):
      add(owner, members)
      add("sparing", pick.sparing.json)
      if let primary = pick.primary { add("primary", .string(primary)) }
      if let network = pick.network { add("network", network.json) }
    case .setMode(let owner, let members, let mode):
      add(owner, members)
      add("mode", .string(mode.rawValue))
    case .setProperties(let owner, let members, let values):
      add(owner, members)
      add("properties", values.json)
    case .setDelay(let owner, let members, let delay):
      add(owner, members)
      add("delay", .string(delay))
    case .unplug(let owner, let members): add(owner, members)
    case .setAddress(let owner, let nic, let settings):
      add(owner, [nic])
      add("ipv4", settings.json)
    case .manage(let owner, let members, let place):
      add(owner, members)
      if let nic = place.nic { add("nic", .string(nic)) }
      if let tag = place.tag { add("tag", .int(Int64(tag))) }
    case .hear(let owner, let members): add(owner, members)
    case .createVLAN(let owner, let tag, let members, let network):
      add(owner, members)
      add("tag", .int(Int64(tag)))
      add("network", network.json)
    case .destroyVLAN(let owner, let tag, let members):
      add(owner, members)
      add("tag", .int(Int64(tag)))
    case .settle(let layout): add("layout", layout.json)
    }
    return .object(object)
  }

  private var word: String {
    switch self {
    case .createNetwork: "create-network"
    case .dress: "dress"
    case .create: "create"
    case .destroy: "destroy"
    case .setMode: "set-mode"
    case .setProperties: "set-properties"
    case .setDelay: "set-delay"
    case .unplug: "unplug"
    case .setAddress: "set-address"
    case .manage: "manage"
    case .hear: "hear"
    case .createVLAN: "create-vlan"
    case .destroyVLAN: "destroy-vlan"
    case .settle: "settle"
    }
  }

  init?(_ json: JSONValue) {
    let word = json["what"]?.string
    if word == "settle" {
      guard let layout = json["layout"].flatMap({ BondLayout($0) }) else { return nil }
      self = .settle(layout)
      return
    }
    if word == "create-network" {
      guard let name = json["name"]?.string, let mtu = json["mtu"]?.int, let mark = json["mark"]?.string else { return nil }
      self = .createNetwork(name: name, description: json["description"]?.string ?? "", mtu: Int(clamping: mtu), mark: mark)
      return
    }
    if word == "dress" {
      guard let network = json["network"].flatMap({ NetworkChoice($0) }), let config = json["config"]?.textMap, let purpose = json["purpose"]?.texts
      else { return nil }
      self = .dress(network, BondNetworkTraits(config: config, lockingMode: json["locking"]?.string.map { LockingMode(rawValue: $0) }, purpose: purpose))
      return
    }
    guard let uuid = json["host"]?.string, let members = json["members"]?.texts else { return nil }
    let owner = BondOwner(uuid: uuid, label: json["label"]?.string ?? "")
    let mode = json["mode"]?.string.map { BondMode(rawValue: $0) }
    let properties = json["properties"]?.textMap
    let network = json["network"].flatMap { NetworkChoice($0) }
    let tag = json["tag"]?.int.flatMap { (0...4094).contains($0) ? Int($0) : nil }
    switch word {
    case "create":
      guard let mode, let properties, let network else { return nil }
      self = .create(
        BondSpec(
          owner: owner, name: json["name"]?.string ?? "", members: members, mode: mode, properties: properties,
          mac: json["mac"]?.string ?? "", network: network))
    case "destroy":
      self = .destroy(
        owner, members: members, BondPick(sparing: json["sparing"]?.texts ?? [], primary: json["primary"]?.string, network: network))
    case "set-mode":
      guard let mode else { return nil }
      self = .setMode(owner, members: members, mode)
    case "set-properties":
      guard let properties else { return nil }
      self = .setProperties(owner, members: members, properties)
    case "set-delay":
      guard let delay = json["delay"]?.string else { return nil }
      self = .setDelay(owner, members: members, delay)
    case "unplug": self = .unplug(owner, members: members)
    case "set-address":
      guard let nic = members.first, let settings = json["ipv4"].flatMap({ IPv4Settings($0) }) else { return nil }
      self = .setAddress(owner, nic: nic, settings)
    case "manage": self = .manage(owner, members: members, BondLayout.Place(nic: json["nic"]?.string, tag: tag))
    case "hear": self = .hear(owner, members: members)
    case "create-vlan":
      guard let tag, let network else { return nil }
      self = .createVLAN(owner, tag: tag, members: members, network)
    case "destroy-vlan":
      guard let tag else { return nil }
      self = .destroyVLAN(owner, tag: tag, members: members)
    default: return nil
    }
  }

  // MARK: Words

  var sentence: String {
    switch self {
    case .createNetwork(let name, _, _, _): "Create network \"\(name)\""
    case .create(let spec):
      "Make \(spec.name) of \(spec.members.andList)\(spec.owner.words), \(spec.mode.bondWords)"
    case .dress(_, let traits): "Give the network what that of the members has: \(traits.words)"
    case .destroy(let owner, let members, _): "Take the bond of \(members.andList) apart\(owner.words)"
    case .setMode(let owner, let members, let mode): "Let the bond of \(members.andList) work as \(mode.bondWords)\(owner.words)"
    case .setProperties(let owner, let members, let values):
      "Set \(values.listed) of the bond of \(members.andList)\(owner.words)"
    case .setDelay(let owner, let members, let delay):
      "Set the up delay of the bond of \(members.andList) to \(delay.isEmpty ? "XAPI's own" : "\(delay) ms")\(owner.words)"
    case .unplug(let owner, let members): "Unplug the bond of \(members.andList)\(owner.words)"
    case .setAddress(let owner, let nic, let settings):
      settings.mode == .none ? "Take the IPv4 address from \(nic)\(owner.words)" : "Set IPv4 on \(nic)\(owner.words): \(settings.words)"
    case .manage(let owner, let members, let place):
      "Move management to \(place.tag.map { "VLAN \($0) on " } ?? "")\(place.nic ?? "the bond of \(members.andList)")\(owner.words)"
    case .hear(_, let members): "See whether the switch speaks LACP with the bond of \(members.andList)"
    case .createVLAN(let owner, let tag, let members, _): "Create VLAN \(tag) on the bond of \(members.andList)\(owner.words)"
    case .destroyVLAN(let owner, let tag, let members): "Remove VLAN \(tag) from the bond of \(members.andList)\(owner.words)"
    case .settle(let layout): layout.sentence
    }
  }

  var isLocal: Bool { if case .hear = self { true } else { false } }
  var leavesNoTrace: Bool { isLocal }

  func performLocally(_ system: HostSystem, _ client: XenClient) async throws(ChangeFailure) -> ChangeHands.Done {
    try await performLocally(system, client, told: { _ in })
  }

  func performLocally(
    _ system: HostSystem, _ client: XenClient, told: @escaping @Sendable (String) -> Void
  ) async throws(ChangeFailure) -> ChangeHands.Done {
    guard case .hear(_, let members) = self else { throw ChangeFailure("this is done through XAPI") }
    return .found(await BondHearing(members, system).run(told))
  }

  /// VLANs and networks that a change made: what is left of them stands in nobody's way.
  var isClearing: Bool { if case .destroyVLAN = self { true } else { false } }
}

extension BondMode {
  /// What people call it.
  var bondWords: String { self == .lacp ? "LACP" : rawValue }
}

extension [String] {
  /// `eth0`, `eth0 and eth1`, `eth0, eth1 and eth2`.
  var andList: String {
    guard count > 1, let last else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}

extension JSONValue {
  /// An array of texts and nothing else.
  var texts: [String]? {
    guard let array else { return nil }
    let texts = array.compactMap(\.string)
    return texts.count == array.count ? texts : nil
  }

  /// An object of texts and nothing else.
  var textMap: [String: String]? {
    guard let object else { return nil }
    var values: [String: String] = [:]
    for (key, value) in object {
      guard let text = value.string else { return nil }
      values[key] = text
    }
    return values
  }
}

extension NetworkChoice {
  fileprivate var json: JSONValue {
    switch self {
    case .uuid(let uuid): ["uuid": .string(uuid)]
    case .mark(let mark): ["mark": .string(mark)]
    }
  }

  fileprivate init?(_ json: JSONValue) {
    if let uuid = json["uuid"]?.string {
      self = .uuid(uuid)
    } else if let mark = json["mark"]?.string {
      self = .mark(mark)
    } else {
      return nil
    }
  }
}
