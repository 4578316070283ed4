import JSON
import XenAPI

/// What is done to VLANs of any hosts of the pool.
public enum VLANAction: ActionGroup {
  /// - Parameter isPoolWide: the spots are all that XAPI's own call for the whole pool would choose.
  case create(tag: Int, at: [VLANSpot], network: NetworkChoice, isPoolWide: Bool)
  /// - Parameter network: those on it only; nil for whatever they are on.
  case destroy(tag: Int, at: [VLANSpot], network: NetworkChoice? = nil)
  case unplug(tag: Int, at: [VLANSpot])
  /// Gives a VLAN back what it had.
  case settle(tag: Int, at: VLANSpot, VLANSettings)

  var sentence: String {
    switch self {
    case .create(let tag, let spots, _, _): "Create VLAN \(tag) on \(spots.words)"
    case .destroy(let tag, let spots, _): "Remove VLAN \(tag) from \(spots.words)"
    case .unplug(let tag, let spots): "Unplug VLAN \(tag) on \(spots.words)"
    case .settle(let tag, let spot, let settings): "Give VLAN \(tag) on \([spot].words) back \(settings.words)"
    }
  }

  func isReached(_ scene: ChangeScene) -> Bool? {
    let finder = SpotFinder(scene.database)
    switch self {
    case .create(let tag, let spots, let choice, _):
      guard let network = scene.networkOrItsSuccessor(choice) else { return false }
      return spots.allSatisfy { spot in
        guard let upper = finder.vlan(tag, at: spot)?.upper, upper.network == network else { return false }
        // On virtual functions it is plugged only after a reboot.
        return upper.currentlyAttached || finder.base(spot)?.pif.sriovLogicalPIFOf.isEmpty == false
      }
    case .destroy(let tag, let spots, let choice): return Self.rows(tag, spots, choice, scene, finder).isEmpty
    case .unplug(let tag, let spots): return spots.allSatisfy { finder.vlan(tag, at: $0)?.upper?.currentlyAttached != true }
    case .settle(let tag, let spot, let settings):
      return finder.vlan(tag, at: spot)?.upper.map { settings.isThere($0) } ?? false
    }
  }

  /// What is to be removed. A VLAN that somebody else has put on another network meanwhile is none of it.
  private static func rows(
    _ tag: Int, _ spots: [VLANSpot], _ choice: NetworkChoice?, _ scene: ChangeScene, _ finder: SpotFinder
  ) -> [Ref<VLAN>] {
    let found = spots.compactMap { finder.vlan(tag, at: $0) }
    guard let choice else { return found.map(\.ref) }
    guard let network = scene.networkOrItsSuccessor(choice) else { return [] }
    return found.filter { $0.upper == nil || $0.upper?.network == network }.map(\.ref)
  }

  var isClearing: Bool { if case .destroy = self { true } else { false } }

  // MARK: Calls

  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) {
    switch self {
    case .create(let tag, let spots, let choice, let isPoolWide):
      try await create(tag, spots, choice, isPoolWide, calls)
    case .destroy(let tag, let spots, let choice): try await destroy(tag, spots, choice, calls)
    case .unplug(let tag, let spots):
      let finder = SpotFinder(calls.scene.database)
      for upper in spots.compactMap({ finder.vlan(tag, at: $0)?.vlan.untaggedPIF }) { try await calls.task("PIF.unplug", [upper.json]) }
    case .settle(let tag, let spot, let settings): try await settle(tag, spot, settings, calls)
    }
  }

  private func create(
    _ tag: Int, _ spots: [VLANSpot], _ choice: NetworkChoice, _ isPoolWide: Bool, _ calls: ChangeCalls
  ) async throws(ChangeFailure) {
    guard let network = calls.scene.networkOrItsSuccessor(choice) else { throw ChangeFailure("the network for VLAN \(tag) is not there") }
    let finder = SpotFinder(calls.scene.database)
    var missing: [Ref<PIF>] = []
    var unplugged: [Ref<PIF>] = []
    for spot in spots {
      guard let base = finder.base(spot) else { throw ChangeFailure("\([spot].words) is not there any more") }
      guard let there = finder.vlan(tag, at: spot) else {
        missing.append(base.ref)
        continue
      }
      guard let upper = there.upper, let ref = there.vlan.untaggedPIF, upper.network == network else {
        throw ChangeFailure("VLAN \(tag) on \([spot].words) is there already, on another network: look again")
      }
      if !upper.currentlyAttached { unplugged.append(ref) }
    }
    let whole = missing.count + unplugged.count
    if isPoolWide, missing.count == spots.count, let first = missing.first {
      return try await calls.task("pool.create_VLAN_from_PIF", [first.json, network.json, .int(Int64(tag))])
    }
    for (place, base) in missing.enumerated() {
      try await calls.task("VLAN.create", [base.json, .int(Int64(tag)), network.json])
      calls.progress(Double(place + 1) / Double(whole))
    }
    for (place, upper) in unplugged.enumerated() {
      try await calls.task("PIF.plug", [upper.json])
      calls.progress(Double(missing.count + place + 1) / Double(whole))
    }
  }

  private func destroy(
    _ tag: Int, _ spots: [VLANSpot], _ choice: NetworkChoice?, _ calls: ChangeCalls
  ) async throws(ChangeFailure) {
    let rows = Self.rows(tag, spots, choice, calls.scene, SpotFinder(calls.scene.database))
    // What cannot be removed on one host does not keep it from going on the others: so as little as can be is left.
    var failure: ChangeFailure?
    for (place, row) in rows.enumerated() {
      do throws(ChangeFailure) {
        try await calls.task("VLAN.destroy", [row.json])
      } catch {
        failure = failure ?? error
      }
      calls.progress(Double(place + 1) / Double(rows.count))
    }
    if let failure { throw failure }
  }

  private func settle(
    _ tag: Int, _ spot: VLANSpot, _ settings: VLANSettings, _ calls: ChangeCalls
  ) async throws(ChangeFailure) {
    guard let host = SpotFinder(calls.scene.database).host(spot) else { throw ChangeFailure("\(spot.hostName) is not in the pool any more") }
    let tree = InterfaceTree(calls.scene.database, host: host)
    guard let node = tree[SavedInterface.vlanName(Int64(tag), on: spot.base)] else {
      throw ChangeFailure("VLAN \(tag) on \([spot].words) is not there")
    }
    for (key, value) in settings.otherConfig.sorted(by: { $0.key < $1.key }) where node.pif.otherConfig[key] != value {
      if node.pif.otherConfig[key] != nil { try await calls.call("PIF.remove_from_other_config", [node.ref.json, .string(key)]) }
      try await calls.call("PIF.add_to_other_config", [node.ref.json, .string(key), .string(value)])
    }
    if !IPv4Settings(node.pif).isAs(settings.ipv4) { try await calls.set(settings.ipv4, on: node) }
    if !IPv6Settings(node.pif).isAs(settings.ipv6) { try await calls.set(settings.ipv6, on: node) }
  }

  // MARK: By hand

  func commands(_ commands: ChangeCommands) -> [String] {
    let finder = SpotFinder(commands.scene.database)
    switch self {
    case .create(let tag, let spots, let choice, let isPoolWide):
      let network = commands.network(choice)
      let missing = spots.filter { finder.vlan(tag, at: $0) == nil }
      if isPoolWide, missing.count == spots.count, let base = spots.first.flatMap({ finder.base($0)?.pif.uuid }) {
        return ["xe pool-vlan-create pif-uuid=\(base) vlan=\(tag) network-uuid=\(network)"]
      }
      let created = missing.map { "xe vlan-create pif-uuid=\(finder.base($0)?.pif.uuid ?? "?") vlan=\(tag) network-uuid=\(network)" }
      let unplugged = spots.compactMap { finder.vlan(tag, at: $0)?.upper }.filter { !$0.currentlyAttached }
      return created + unplugged.map { "xe pif-plug uuid=\($0.uuid)" }
    case .destroy(let tag, let spots, _):
      return spots.compactMap { finder.vlan(tag, at: $0)?.vlan.uuid }.map { "xe vlan-destroy uuid=\($0)" }
    case .unplug(let tag, let spots):
      return spots.compactMap { finder.vlan(tag, at: $0)?.upper?.uuid }.map { "xe pif-unplug uuid=\($0)" }
    // Only ever done to take something back.
    case .settle: return []
    }
  }

  // MARK: On disk

  var json: JSONValue {
    func record(_ word: String, _ tag: Int, _ spots: [VLANSpot], _ choice: NetworkChoice?) -> JSONObject {
      var object = JSONObject([("do", .string(word)), ("tag", .int(Int64(tag))), ("at", .array(spots.map(\.json)))])
      switch choice {
      case .uuid(let uuid)?: object.append("network", .string(uuid))
      case .mark(let mark)?: object.append("mark", .string(mark))
      case nil: break
      }
      return object
    }
    switch self {
    case .create(let tag, let spots, let choice, let isPoolWide):
      var object = record("create", tag, spots, choice)
      object.append("pool", .bool(isPoolWide))
      return .object(object)
    case .destroy(let tag, let spots, let choice): return .object(record("destroy", tag, spots, choice))
    case .unplug(let tag, let spots): return .object(record("unplug", tag, spots, nil))
    case .settle(let tag, let spot, let settings):
      return ["do": "settle", "tag": .int(Int64(tag)), "at": spot.json, "settings": settings.json]
    }
  }

  init?(_ json: JSONValue) {
    guard let tag = json["tag"]?.int.flatMap({ Int(exactly: $0) }), TagList.range.contains(tag), let at = json["at"] else { return nil }
    let spots = (at.array ?? []).compactMap { VLANSpot($0) }
    guard spots.count == at.array?.count ?? 0 else { return nil }
    let choice = json["network"]?.string.map { NetworkChoice.uuid($0) } ?? json["mark"]?.string.map { .mark($0) }
    switch json["do"]?.string {
    case "create":
      guard let choice, let isPoolWide = json["pool"]?.bool else { return nil }
      self = .create(tag: tag, at: spots, network: choice, isPoolWide: isPoolWide)
    case "destroy": self = .destroy(tag: tag, at: spots, network: choice)
    case "unplug": self = .unplug(tag: tag, at: spots)
    case "settle":
      guard let spot = VLANSpot(at), let settings = json["settings"].flatMap({ VLANSettings($0) }) else { return nil }
      self = .settle(tag: tag, at: spot, settings)
    default: return nil
    }
  }
}

extension ChangeScene {
  /// A network that was removed and made again on the way back has another uuid: its mark is the old one.
  func networkOrItsSuccessor(_ choice: NetworkChoice) -> Ref<Network>? {
    network(choice) ?? { if case .uuid(let uuid) = choice { network(mark: uuid) } else { nil } }()
  }
}
