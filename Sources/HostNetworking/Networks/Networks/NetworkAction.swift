import JSON
import XenAPI

/// What is done to networks themselves. They are meant by their uuid, one that is made by its mark.
public enum NetworkAction: ActionGroup {
  /// The mark tells it from others of the same name, until the change is over.
  case create(NetworkDraft, mark: String)
  /// Makes one again that was removed; its former uuid marks it, so that what was on it finds it.
  case restore(NetworkDraft, formerly: String)
  case setName(String, String)
  case setDescription(String, String)
  case setTags(String, [String])
  case setLocking(String, LockingMode)
  case setPurpose(String, [String])
  /// As long as nothing but unattached VIFs is on it; those go with it.
  case destroy(String, name: String)

  var sentence: String {
    switch self {
    case .create(let draft, _): "Create network \"\(draft.name)\""
    case .restore(let draft, _): "Make network \"\(draft.name)\" again"
    case .setName(_, let name): "Call the network \"\(name)\""
    case .setDescription(_, let text): text.isEmpty ? "Remove the network's description" : "Describe the network as \"\(text)\""
    case .setTags(_, let tags): tags.isEmpty ? "Remove the network's labels" : "Label the network \(tags.joined(separator: ", "))"
    case .setLocking(_, let mode):
      mode == .disabled ? "Stop VIFs on the network that have no locking mode of their own" : "Let VIFs on the network send from any address"
    case .setPurpose(_, let purpose):
      purpose.isEmpty ? "Stop NBD on the network" : "Let disks be read over the network (\(purpose.joined(separator: ", ")))"
    case .destroy(_, let name): "Remove network \"\(name)\""
    }
  }

  var isClearing: Bool { if case .destroy = self { true } else { false } }

  private func network(_ scene: ChangeScene, _ uuid: String) -> Network? {
    scene.networkOrItsSuccessor(.uuid(uuid)).flatMap { scene.database.networks[$0] }
  }

  func isReached(_ scene: ChangeScene) -> Bool? {
    switch self {
    case .create(_, let mark): scene.network(mark: mark) != nil
    case .restore(_, let uuid): scene.networkOrItsSuccessor(.uuid(uuid)) != nil
    case .setName(let uuid, let name): network(scene, uuid)?.nameLabel == name
    case .setDescription(let uuid, let text): network(scene, uuid)?.nameDescription == text
    case .setTags(let uuid, let tags): network(scene, uuid).map { Set($0.tags) == Set(tags) } ?? false
    case .setLocking(let uuid, let mode): network(scene, uuid)?.defaultLockingMode == mode
    case .setPurpose(let uuid, let purpose): network(scene, uuid).map { Set($0.purpose) == Set(purpose) } ?? false
    case .destroy(let uuid, _): scene.network(uuid: uuid) == nil
    }
  }

  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) {
    func found(_ uuid: String) throws(ChangeFailure) -> JSONValue {
      guard let network = calls.scene.networkOrItsSuccessor(.uuid(uuid)) else { throw ChangeFailure("the network is not there any more") }
      return network.json
    }
    switch self {
    case .create(let draft, let mark), .restore(let draft, let mark):
      let network = try await calls.answer("network.create", [draft.record(mark: mark)])
      if draft.lockingMode == .disabled { try await calls.call("network.set_default_locking_mode", [network, .string(draft.lockingMode.rawValue)]) }
      for purpose in draft.purpose { try await calls.call("network.add_purpose", [network, .string(purpose)]) }
    case .setName(let uuid, let name): try await calls.call("network.set_name_label", [try found(uuid), .string(name)])
    case .setDescription(let uuid, let text): try await calls.call("network.set_name_description", [try found(uuid), .string(text)])
    case .setTags(let uuid, let tags): try await calls.call("network.set_tags", [try found(uuid), .array(tags.map { .string($0) })])
    case .setLocking(let uuid, let mode): try await calls.call("network.set_default_locking_mode", [try found(uuid), .string(mode.rawValue)])
    case .setPurpose(let uuid, let purpose):
      let now = network(calls.scene, uuid)?.purpose ?? []
      // First what goes: the two kinds of NBD exclude each other.
      for old in now where !purpose.contains(old) { try await calls.call("network.remove_purpose", [try found(uuid), .string(old)]) }
      for new in purpose where !now.contains(new) { try await calls.call("network.add_purpose", [try found(uuid), .string(new)]) }
    case .destroy(let uuid, _):
      guard let network = calls.scene.network(uuid: uuid) else { return }
      try await calls.call("network.destroy", [network.json])
    }
  }

  func commands(_ commands: ChangeCommands) -> [String] {
    switch self {
    case .create(let draft, _), .restore(let draft, _): return Self.creation(draft)
    case .setName(let uuid, let name): return ["xe network-param-set uuid=\(uuid) \(ShellWord.quoted("name-label=\(name)"))"]
    case .setDescription(let uuid, let text): return ["xe network-param-set uuid=\(uuid) \(ShellWord.quoted("name-description=\(text)"))"]
    case .setTags(let uuid, let tags):
      let now = network(commands.scene, uuid)?.tags ?? []
      return now.filter { !tags.contains($0) }.map { "xe network-param-remove uuid=\(uuid) param-name=tags \(ShellWord.quoted("param-key=\($0)"))" }
        + tags.filter { !now.contains($0) }.map { "xe network-param-add uuid=\(uuid) param-name=tags \(ShellWord.quoted("param-key=\($0)"))" }
    case .setLocking(let uuid, let mode): return ["xe network-param-set uuid=\(uuid) default-locking-mode=\(mode.rawValue)"]
    case .setPurpose(let uuid, let purpose):
      let now = network(commands.scene, uuid)?.purpose ?? []
      return now.filter { !purpose.contains($0) }.map { "xe network-param-remove uuid=\(uuid) param-name=purpose param-key=\($0)" }
        + purpose.filter { !now.contains($0) }.map { "xe network-param-add uuid=\(uuid) param-name=purpose param-key=\($0)" }
    case .destroy(let uuid, _): return ["xe network-destroy uuid=\(uuid)"]
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
    case .restore(let draft, let uuid): ["do": "restore", "draft": draft.json, "mark": .string(uuid)]
    case .setName(let uuid, let name): about("name", uuid, .string(name))
    case .setDescription(let uuid, let text): about("description", uuid, .string(text))
    case .setTags(let uuid, let tags): about("tags", uuid, .array(tags.map { .string($0) }))
    case .setLocking(let uuid, let mode): about("locking", uuid, .string(mode.rawValue))
    case .setPurpose(let uuid, let purpose): about("purpose", uuid, .array(purpose.map { .string($0) }))
    case .destroy(let uuid, let name): about("destroy", uuid, .string(name))
    }
  }

  init?(_ json: JSONValue) {
    if json["do"] == "create" || json["do"] == "restore" {
      guard let draft = json["draft"].flatMap({ NetworkDraft($0) }), let mark = json["mark"]?.string else { return nil }
      self = json["do"] == "create" ? .create(draft, mark: mark) : .restore(draft, formerly: mark)
      return
    }
    guard let uuid = json["network"]?.string, let to = json["to"] else { return nil }
    switch (json["do"]?.string, to.string, to.array?.compactMap(\.string)) {
    case ("name", let name?, _): self = .setName(uuid, name)
    case ("description", let text?, _): self = .setDescription(uuid, text)
    case ("tags", _, let tags?): self = .setTags(uuid, tags)
    case ("locking", let mode?, _): self = .setLocking(uuid, LockingMode(rawValue: mode))
    case ("purpose", _, let purpose?): self = .setPurpose(uuid, purpose)
    case ("destroy", let name?, _): self = .destroy(uuid, name: name)
    default: return nil
    }
  }
}
