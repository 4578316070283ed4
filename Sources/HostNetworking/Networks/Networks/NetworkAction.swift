import JSON
import XenAPI

/// What is done to networks themselves. They are meant by their uuid, one that is made by its mark.
public enum NetworkAction: ActionGroup {
  /// The mark tells it from others of the same name, until the change is over.
  case create(NetworkDraft, mark: String)
  /// Takes one away that was made by its mark, as long as nothing is on it.
  case discard(mark: String, name: String)
  /// Makes one again that was removed; its former uuid marks it, so that what was on it finds it.
  case restore(NetworkDraft, formerly: String)
  case setName(String, String)
  case setDescription(String, String)
  case setMTU(String, Int, name: String)
  case setTags(String, [String])
  case setLocking(String, LockingMode)
  case setPurpose(String, [String])
  /// As long as nothing but these VIFs, by their uuids, is on it; those go with it.
  case destroy(String, name: String, losing: [String] = [])
  case removeTunnel(TunnelEnd)
  /// Makes one again that was removed. XAPI plugs it as it does.
  case makeTunnel(TunnelEnd)
  /// Plugged or unplugged, as the record says.
  case plugTunnel(TunnelEnd)
  /// Gives a tunnel's interface back what it had.
  case settleTunnel(TunnelEnd, VLANSettings)

  var sentence: String {
    switch self {
    case .create(let draft, _): "Create network \"\(draft.name)\""
    case .discard(_, let name): "Remove network \"\(name)\""
    case .restore(let draft, _): "Make network \"\(draft.name)\" again"
    case .setName(_, let name): "Call the network \"\(name)\""
    case .setDescription(_, let text): text.isEmpty ? "Remove the network's description" : "Describe the network as \"\(text)\""
    case .setMTU(_, let mtu, let name): "Set the MTU of network \"\(name)\" to \(mtu)"
    case .setTags(_, let tags): tags.isEmpty ? "Remove the network's labels" : "Label the network \(tags.joined(separator: ", "))"
    case .setLocking(_, let mode):
      mode == .disabled ? "Stop VIFs on the network that have no locking mode of their own" : "Let VIFs on the network send from any address"
    case .setPurpose(_, let purpose):
      purpose.isEmpty ? "Stop NBD on the network" : "Let disks be read over the network (\(purpose.joined(separator: ", ")))"
    case .destroy(_, let name, _): "Remove network \"\(name)\""
    case .removeTunnel(let end): "Remove \(end.words)"
    case .makeTunnel(let end): "Make \(end.words) again"
    case .plugTunnel(let end): "\(end.isPlugged ? "Plug" : "Unplug") \(end.words)"
    case .settleTunnel(let end, let settings): "Give \(end.words) back \(settings.words)"
    }
  }

  var isClearing: Bool {
    switch self {
    case .destroy, .discard, .removeTunnel: true
    default: false
    }
  }

  var isDoneWhenSeen: Bool {
    switch self {
    // VIFs that went with it cannot be made again.
    case .destroy(_, _, let losing): !losing.isEmpty
    // XAPI makes the rows before it finds that it cannot plug them.
    case .makeTunnel: true
    default: false
    }
  }

  private func network(_ scene: ChangeScene, _ uuid: String) -> Network? {
    scene.networkOrItsSuccessor(.uuid(uuid)).flatMap { scene.database.networks[$0] }
  }

  func isReached(_ scene: ChangeScene) -> Bool? {
    switch self {
    case .create(let draft, let mark): scene.network(mark: mark).flatMap { scene.database.networks[$0] }.map { draft.isWhole($0) } ?? false
    case .restore(let draft, let uuid): network(scene, uuid).map { draft.isWhole($0) } ?? false
    case .discard(let mark, _): scene.network(mark: mark) == nil
    case .setName(let uuid, let name): network(scene, uuid)?.nameLabel == name
    case .setDescription(let uuid, let text): network(scene, uuid)?.nameDescription == text
    case .setMTU(let uuid, let mtu, _): network(scene, uuid)?.mtu == Int64(mtu)
    case .setTags(let uuid, let tags): network(scene, uuid).map { Set($0.tags) == Set(tags) } ?? false
    case .setLocking(let uuid, let mode): network(scene, uuid)?.defaultLockingMode == mode
    case .setPurpose(let uuid, let purpose): network(scene, uuid).map { Set($0.purpose) == Set(purpose) } ?? false
    case .destroy(let uuid, _, _): scene.network(uuid: uuid) == nil
    case .removeTunnel(let end): end.found(in: scene) == nil
    case .makeTunnel(let end): end.found(in: scene) != nil
    case .plugTunnel(let end): end.found(in: scene)?.access.pif.currentlyAttached == end.isPlugged
    case .settleTunnel(let end, let settings): end.found(in: scene).map { settings.isThere($0.access.pif, tieConfig: $0.tunnel.otherConfig) } ?? false
    }
  }

  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) {
    func found(_ uuid: String) throws(ChangeFailure) -> JSONValue {
      guard let network = calls.scene.networkOrItsSuccessor(.uuid(uuid)) else { throw ChangeFailure("the network is not there any more") }
      return network.json
    }
    switch self {
    case .create(let draft, let mark): try await make(draft, mark: mark, calls.scene.network(mark: mark), calls)
    case .restore(let draft, let uuid): try await make(draft, mark: uuid, calls.scene.networkOrItsSuccessor(.uuid(uuid)), calls)
    case .discard(let mark, let name):
      guard let network = calls.scene.network(mark: mark), let record = calls.scene.database.networks[network] else { return }
      try await Self.refuseNewcomers(record, name, [], calls)
      try await calls.call("network.destroy", [network.json])
    case .setName(let uuid, let name): try await calls.call("network.set_name_label", [try found(uuid), .string(name)])
    case .setDescription(let uuid, let text): try await calls.call("network.set_name_description", [try found(uuid), .string(text)])
    case .setMTU(let uuid, let mtu, _): try await calls.call("network.set_MTU", [try found(uuid), .int(Int64(mtu))])
    case .setTags(let uuid, let tags): try await calls.call("network.set_tags", [try found(uuid), .array(tags.map { .string($0) })])
    case .setLocking(let uuid, let mode): try await calls.call("network.set_default_locking_mode", [try found(uuid), .string(mode.rawValue)])
    case .setPurpose(let uuid, let purpose):
      let now = network(calls.scene, uuid)?.purpose ?? []
      // First what goes: the two kinds of NBD exclude each other.
      for old in now where !purpose.contains(old) { try await calls.call("network.remove_purpose", [try found(uuid), .string(old)]) }
      for new in purpose where !now.contains(new) { try await calls.call("network.add_purpose", [try found(uuid), .string(new)]) }
    case .destroy(let uuid, let name, let losing):
      guard let network = calls.scene.network(uuid: uuid), let record = calls.scene.database.networks[network] else { return }
      try await Self.refuseNewcomers(record, name, losing, calls)
      try await calls.call("network.destroy", [network.json])
    case .removeTunnel(let end):
      guard let found = end.found(in: calls.scene) else { return }
      try await calls.task("tunnel.destroy", [found.ref.json])
    case .makeTunnel(let end):
      guard let transport = end.transport(in: calls.scene) else { throw ChangeFailure("\(end.place) is not there any more") }
      try await calls.task("tunnel.create", [transport.json, try found(end.network), .string(end.kind)])
    case .plugTunnel(let end):
      guard let access = end.found(in: calls.scene)?.access else { throw ChangeFailure("\(end.words) is not there") }
      try await calls.task(end.isPlugged ? "PIF.plug" : "PIF.unplug", [access.ref.json])
    case .settleTunnel(let end, let settings):
      guard let there = end.found(in: calls.scene) else { throw ChangeFailure("\(end.words) is not there") }
      try await calls.settle(there.access.ref, there.access.pif, settings, tie: ("tunnel", there.ref.json, there.tunnel.otherConfig))
    }
  }

  /// - Parameter half: made by an attempt that was broken off.
  private func make(_ draft: NetworkDraft, mark: String, _ half: Ref<Network>?, _ calls: ChangeCalls) async throws(ChangeFailure) {
    let now = calls.scene.database.networks[half]
    let network: JSONValue
    if let half { network = half.json } else { network = try await calls.answer("network.create", [draft.record(mark: mark)]) }
    if draft.lockingMode == .disabled, now?.defaultLockingMode != .disabled {
      try await calls.call("network.set_default_locking_mode", [network, .string(draft.lockingMode.rawValue)])
    }
    for purpose in draft.purpose where now?.purpose.contains(purpose) != true { try await calls.call("network.add_purpose", [network, .string(purpose)]) }
  }

  /// XAPI deletes VIFs that are not attached with the network, whoever has put them there since the change was planned.
  private static func refuseNewcomers(_ network: Network, _ name: String, _ losing: [String], _ calls: ChangeCalls) async throws(ChangeFailure) {
    if !network.pifs.isEmpty {
      let names = network.pifs.compactMap { calls.scene.database.pifs[$0].map { calls.scene.database.name(of: $0) } }
      throw ChangeFailure("\(PoolWords.list(names)) \(PoolWords.are(names.count)) on network \"\(name)\" meanwhile, so it was left: look again")
    }
    for vif in network.vifs {
      let uuid = try await calls.answer("VIF.get_uuid", [vif.json]).string ?? ""
      guard losing.contains(uuid) else {
        var owner = ""
        if let vm = try? await calls.answer("VIF.get_VM", [vif.json]), let label = try? await calls.answer("VM.get_name_label", [vm]).string { owner = " of \(label)" }
        throw ChangeFailure("network \"\(name)\" has got a VIF\(owner) meanwhile, which would be deleted with it, so it was left: look again")
      }
    }
  }

  func commands(_ commands: ChangeCommands) -> [String] {
    switch self {
    case .create(let draft, _), .restore(let draft, _): return Self.creation(draft)
    case .setName(let uuid, let name): return ["xe network-param-set uuid=\(uuid) \(ShellWord.quoted("name-label=\(name)"))"]
    case .setDescription(let uuid, let text): return ["xe network-param-set uuid=\(uuid) \(ShellWord.quoted("name-description=\(text)"))"]
    case .setMTU(let uuid, let mtu, _): return ["xe network-param-set uuid=\(uuid) MTU=\(mtu)"]
    case .setTags(let uuid, let tags):
      let now = network(commands.scene, uuid)?.tags ?? []
      return now.filter { !tags.contains($0) }.map { "xe network-param-remove uuid=\(uuid) param-name=tags \(ShellWord.quoted("param-key=\($0)"))" }
        + tags.filter { !now.contains($0) }.map { "xe network-param-add uuid=\(uuid) param-name=tags \(ShellWord.quoted("param-key=\($0)"))" }
    case .setLocking(let uuid, let mode): return ["xe network-param-set uuid=\(uuid) default-locking-mode=\(mode.rawValue)"]
    case .setPurpose(let uuid, let purpose):
      let now = network(commands.scene, uuid)?.purpose ?? []
      return now.filter { !purpose.contains($0) }.map { "xe network-param-remove uuid=\(uuid) param-name=purpose param-key=\($0)" }
        + purpose.filter { !now.contains($0) }.map { "xe network-param-add uuid=\(uuid) param-name=purpose param-key=\($0)" }
    case .destroy(let uuid, _, _): return ["xe network-destroy uuid=\(uuid)"]
    case .discard(let mark, _): return ["xe network-destroy uuid=\(commands.network(.mark(mark)))"]
    case .removeTunnel(let end): return (end.found(in: commands.scene)?.tunnel.uuid).map { ["xe tunnel-destroy uuid=\($0)"] } ?? []
    // Only ever done to take something back.
    case .makeTunnel, .plugTunnel, .settleTunnel: return []
    }
  }

  private static func creation(_ draft: NetworkDraft) -> [String] {
    var line = "NET=$(xe network-create \(ShellWord.quoted("name-label=\(draft.name)"))"
    if !draft.description.isEmpty { line += " \(ShellWord.quoted("name-description=\(draft.description)"))" }
    if draft.mtu != 1500 { line += " MTU=\(draft.mtu)" }
    return [line + ")"] + draft.tags.map { "xe network-param-add uuid=$NET param-name=tags \(ShellWord.quoted("param-key=\($0)"))" }
      + (draft.lockingMode == .disabled ? ["xe network-param-set uuid=$NET default-locking-mode=disabled"] : [])
      + draft.purpose.map { "xe network-param-add uuid=$NET param-name=purpose param-key=\($0)" }
  }

  // MARK: On disk

  var json: JSONValue {
    func about(_ word: String, _ uuid: String, _ value: JSONValue) -> JSONValue { ["do": .string(word), "network": .string(uuid), "to": value] }
    return switch self {
    case .create(let draft, let mark): ["do": "create", "draft": draft.json, "mark": .string(mark)]
    case .discard(let mark, let name): ["do": "discard", "mark": .string(mark), "name": .string(name)]
    case .restore(let draft, let uuid): ["do": "restore", "draft": draft.json, "mark": .string(uuid)]
    case .setName(let uuid, let name): about("name", uuid, .string(name))
    case .setDescription(let uuid, let text): about("description", uuid, .string(text))
    case .setMTU(let uuid, let mtu, let name): ["do": "mtu", "network": .string(uuid), "to": .int(Int64(mtu)), "name": .string(name)]
    case .setTags(let uuid, let tags): about("tags", uuid, .array(tags.map { .string($0) }))
    case .setLocking(let uuid, let mode): about("locking", uuid, .string(mode.rawValue))
    case .setPurpose(let uuid, let purpose): about("purpose", uuid, .array(purpose.map { .string($0) }))
    case .destroy(let uuid, let name, let losing):
      ["do": "destroy", "network": .string(uuid), "to": .string(name), "losing": .array(losing.map { .string($0) })]
    case .removeTunnel(let end): ["do": "remove tunnel", "end": end.json]
    case .makeTunnel(let end): ["do": "make tunnel", "end": end.json]
    case .plugTunnel(let end): ["do": "plug tunnel", "end": end.json]
    case .settleTunnel(let end, let settings): ["do": "settle tunnel", "end": end.json, "settings": settings.json]
    }
  }

  init?(_ json: JSONValue) {
    if json["do"] == "create" || json["do"] == "restore" {
      guard let draft = json["draft"].flatMap({ NetworkDraft($0) }), let mark = json["mark"]?.string else { return nil }
      self = json["do"] == "create" ? .create(draft, mark: mark) : .restore(draft, formerly: mark)
      return
    }
    if json["do"] == "discard" {
      guard let mark = json["mark"]?.string, let name = json["name"]?.string else { return nil }
      self = .discard(mark: mark, name: name)
      return
    }
    if let end = json["end"].flatMap({ TunnelEnd($0) }) {
      switch json["do"]?.string {
      case "remove tunnel": self = .removeTunnel(end)
      case "make tunnel": self = .makeTunnel(end)
      case "plug tunnel": self = .plugTunnel(end)
      case "settle tunnel":
        guard let settings = json["settings"].flatMap({ VLANSettings($0) }) else { return nil }
        self = .settleTunnel(end, settings)
      default: return nil
      }
      return
    }
    guard let uuid = json["network"]?.string, let to = json["to"] else { return nil }
    if json["do"] == "mtu" {
      guard let mtu = to.int.flatMap({ Int(exactly: $0) }), let name = json["name"]?.string else { return nil }
      self = .setMTU(uuid, mtu, name: name)
      return
    }
    switch (json["do"]?.string, to.string, to.array?.compactMap(\.string)) {
    case ("name", let name?, _): self = .setName(uuid, name)
    case ("description", let text?, _): self = .setDescription(uuid, text)
    case ("tags", _, let tags?): self = .setTags(uuid, tags)
    case ("locking", let mode?, _): self = .setLocking(uuid, LockingMode(rawValue: mode))
    case ("purpose", _, let purpose?): self = .setPurpose(uuid, purpose)
    case ("destroy", let name?, _):
      guard let losing = json["losing"]?.array?.compactMap(\.string) else { return nil }
      self = .destroy(uuid, name: name, losing: losing)
    default: return nil
    }
  }
}
