import JSON
import XenAPI

/// What is done to VLANs of any hosts of the pool.
public enum VLANAction: ActionGroup {
  /// - Parameter isPoolWide: the spots are all that XAPI's own call for the whole pool would choose.
  case create(tag: Int, at: [VLANSpot], network: NetworkChoice, isPoolWide: Bool)
  /// - Parameters:
  ///   - network: those on it only; nil for whatever they are on.
  ///   - everywhere: those of other hosts on that network as well: XAPI chooses itself where it makes VLANs of a pool, and a host may have
  ///     come since the spots were.
  case destroy(tag: Int, at: [VLANSpot], network: NetworkChoice? = nil, everywhere: Bool = false)
  case unplug(tag: Int, at: [VLANSpot])
  /// Gives a VLAN back what it had.
  case settle(tag: Int, at: VLANSpot, VLANSettings)

  var sentence: String {
    switch self {
    case .create(let tag, let spots, _, _): "Create VLAN \(tag) on \(spots.words)"
    case .destroy(let tag, let spots, _, _): "Remove VLAN \(tag) from \(spots.words)"
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
    case .destroy(let tag, let spots, let choice, let everywhere): return Self.rows(tag, spots, choice, everywhere, scene, finder).isEmpty
    case .unplug(let tag, let spots): return spots.allSatisfy { finder.vlan(tag, at: $0)?.upper?.currentlyAttached != true }
    case .settle(let tag, let spot, let settings):
      return finder.vlan(tag, at: spot).flatMap { there in there.upper.map { settings.isThere($0, tieConfig: there.vlan.otherConfig) } } ?? false
    }
  }

  /// What is to be removed. A VLAN that somebody else has put on another network meanwhile is none of it.
  private static func rows(
    _ tag: Int, _ spots: [VLANSpot], _ choice: NetworkChoice?, _ everywhere: Bool, _ scene: ChangeScene, _ finder: SpotFinder
  ) -> [Ref<VLAN>] {
    let found = spots.compactMap { finder.vlan(tag, at: $0) }
    guard let choice else { return found.map(\.ref) }
    guard let network = scene.networkOrItsSuccessor(choice) else { return [] }
    let own = found.filter { $0.upper == nil || $0.upper?.network == network }.map(\.ref)
    guard everywhere else { return own }
    let all = (scene.database.networks[network]?.pifs ?? []).compactMap { scene.database.pifs[$0]?.vlanMasterOf }
    return own + all.filter { scene.database.vlans[$0]?.tag == Int64(tag) && !own.contains($0) }
  }

  /// XAPI plugs the VLANs of a pool as well as it can, and says nothing of those it could not.
  func lack(_ scene: ChangeScene) -> String? {
    guard case .create(let tag, let spots, let choice, _) = self, let network = scene.networkOrItsSuccessor(choice) else { return nil }
    let finder = SpotFinder(scene.database)
    var (missing, unplugged): ([VLANSpot], [VLANSpot]) = ([], [])
    for spot in spots {
      guard let upper = finder.vlan(tag, at: spot)?.upper, upper.network == network else {
        missing.append(spot)
        continue
      }
      if !upper.currentlyAttached { unplugged.append(spot) }
    }
    let parts = (missing.isEmpty ? [] : ["is not there on \(missing.words)"]) + (unplugged.isEmpty ? [] : ["is not plugged on \(unplugged.words)"])
    return parts.isEmpty ? nil : "XAPI said it was done, but VLAN \(tag) \(parts.joined(separator: " and "))"
  }

  var isClearing: Bool { if case .destroy = self { true } else { false } }

  // MARK: Calls

  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) {
    switch self {
    case .create(let tag, let spots, let choice, let isPoolWide):
      try await create(tag, spots, choice, isPoolWide, calls)
    case .destroy(let tag, let spots, let choice, let everywhere): try await destroy(tag, spots, choice, everywhere, calls)
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
    _ tag: Int, _ spots: [VLANSpot], _ choice: NetworkChoice?, _ everywhere: Bool, _ calls: ChangeCalls
  ) async throws(ChangeFailure) {
    let rows = Self.rows(tag, spots, choice, everywhere, calls.scene, SpotFinder(calls.scene.database))
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
    guard let there = SpotFinder(calls.scene.database).vlan(tag, at: spot), let ref = there.vlan.untaggedPIF, let upper = there.upper else {
      throw ChangeFailure("VLAN \(tag) on \([spot].words) is not there")
    }
    try await calls.settle(ref, upper, settings, tie: ("VLAN", there.ref.json, there.vlan.otherConfig))
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
    case .destroy(let tag, let spots, _, _):
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
    case .destroy(let tag, let spots, let choice, let everywhere):
      var object = record("destroy", tag, spots, choice)
      if everywhere { object.append("everywhere", true) }
      return .object(object)
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
    case "destroy": self = .destroy(tag: tag, at: spots, network: choice, everywhere: json["everywhere"]?.bool ?? false)
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
