import Dom0
import JSON
import XenAPI

/// Does actions, one at a time, each looked at before and after.
struct ChangeHands: Sendable {
  let client: XenClient
  let system: HostSystem
  private var reader: DatabaseReader
  private var knowsVIFs = false
  /// As last read.
  private(set) var scene: ChangeScene?
  /// How long XAPI may take to tell how things are.
  private let lookLimit: Duration

  init(_ client: XenClient, _ system: HostSystem, lookLimit: Duration = .seconds(20)) {
    self.client = client
    self.system = system
    self.lookLimit = lookLimit
    reader = DatabaseReader(client)
  }

  /// What became of an action.
  enum Done: Hashable, Sendable {
    /// There was nothing to do.
    case wasSo
    case done
    /// Done, and what came of it.
    case found(String)

    /// What is to be said of it; empty when nothing is.
    var remark: String {
      switch self {
      case .wasSo: "it was so already"
      case .done: ""
      case .found(let words): words
      }
    }
  }

  /// - Parameters:
  ///   - limit: how long XAPI may take for the action itself.
  ///   - told: hears what it waits for.
  ///   - progress: what part is done, 0 to 1.
  mutating func perform(
    _ action: ChangeAction, limit: Duration = .seconds(330), told: @escaping @Sendable (String) -> Void = { _ in },
    _ progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws(ChangeFailure) -> Done {
    if action.isOfServices { return try await serve(action) }
    if let group = action.group, group.isLocal { return try await group.performLocally(system, client, told: told) }
    if action.isLocal { return try await NICHands(system).perform(action) }
    if action.isAboutVIFs || action.isAboutVMs, !knowsVIFs {
      reader = DatabaseReader(client, classes: DatabaseReader.networking + ["vif"] + (action.isAboutVMs ? ["vm"] : []))
      knowsVIFs = true
    }
    let before = try await look()
    if before.isReached(action) == true { return .wasSo }
    do {
      try await ChangeCalls(client: client, scene: before, limit: limit, progress: progress).perform(action)
    } catch {
      let after = try? await look()
      if after?.isReached(action) == true {
        // XAPI may fall silent over its own change of address, and complain of what it did.
        if error.isUnknown || action.isDoneWhenSeen { return .done }
      }
      throw error
    }
    // A call that has been answered is in the database; only what the call itself does later is not.
    let after = try await look()
    guard after.isReached(action) != false || action.leavesNoTrace else {
      throw ChangeFailure(action.group?.lack(after) ?? "XAPI said it was done, but it is not to be seen")
    }
    return action.found(before, after).map { .found($0) } ?? .done
  }

  /// Reads what has changed.
  @discardableResult
  mutating func look() async throws(ChangeFailure) -> ChangeScene {
    do {
      let database = try await reader.read(limit: lookLimit)
      let known = scene?.host
      var host = known
      if host == nil { host = await LayoutSource.thisHost(in: database, client, system, limit: lookLimit) }
      guard let host else { throw ChangeFailure("XAPI does not know this host") }
      let scene = ChangeScene(database, host: host)
      self.scene = scene
      return scene
    } catch let error as ChangeFailure {
      throw error
    } catch {
      throw ChangeFailure("XAPI could not be asked how things are: \(error)", isUnknown: true)
    }
  }

  private func serve(_ action: ChangeAction) async throws(ChangeFailure) -> Done {
    let hands = ServiceHands(client, system, host: scene?.host)
    if await hands.isReached(action) { return .wasSo }
    try await hands.perform(action)
    return .done
  }
}

extension ChangeAction {
  /// About the host's services, which work without XAPI as well.
  var isOfServices: Bool {
    switch self {
    case .setTimeServers, .setRemoteAccess, .setHostname, .setLabel: true
    default: false
    }
  }

  /// Done on the host itself, without XAPI.
  var isLocal: Bool {
    switch self {
    case .setFeatures, .setRings, .setLinkMode, .setFCoE, .putBackUnits, .setNICNames, .resetNICNames, .putBackNICNames: true
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: group?.isLocal ?? false
    default: false
    }
  }

  /// It only writes something down in XAPI's database: nothing of the network changes.
  var isNote: Bool {
    switch self {
    case .setOtherConfig, .setNetworkMTU: true
    default: false
    }
  }

  /// Nothing in the database shows that it was done.
  var leavesNoTrace: Bool {
    switch self {
    case .recoverMembers, .replug: true
    case .scanNICs(let devices): devices.isEmpty
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: group?.leavesNoTrace ?? false
    default: false
    }
  }

  /// VIFs, which are most of a large database, have to be known for it.
  var isAboutVIFs: Bool { if case .moveVIFs = self { true } else { false } }

  /// Whether it is done is seen by where machines are, too.
  var isAboutVMs: Bool { if case .bonds(.create) = self { true } else { false } }

  /// Cannot be taken back in the same shape: whatever XAPI said of it, once it is so it is done.
  var isDoneWhenSeen: Bool {
    switch self {
    case .forgetNIC, .destroyEmptyNetwork: true
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: group?.isDoneWhenSeen ?? false
    default: false
    }
  }

  /// What came of it, where nobody could tell beforehand.
  func found(_ before: ChangeScene, _ after: ChangeScene) -> String? {
    guard case .scanNICs = self else { return nil }
    let new = after.tree.nodes.filter { $0.kind == .nic && before.tree[$0.name] == nil }
    if new.isEmpty { return "nothing new was found" }
    return new.map { node in
      let network = after.database.networks[node.pif.network]?.nameLabel ?? ""
      return "\(node.name) appeared (\(node.pif.mac), network \"\(network)\")"
    }.joined(separator: ", ")
  }

  /// It only takes away what nobody needs any more.
  var isClearing: Bool {
    switch self {
    case .destroyVLAN, .destroyNetwork, .destroyEmptyNetwork, .destroyBridgeNetwork: true
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: group?.isClearing ?? false
    default: false
    }
  }

  /// Should it fail on the way back, what comes after it does not hang on it.
  var isIndependent: Bool { isOfServices || leavesNoTrace }
}
