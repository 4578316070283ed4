import Dom0
import XenAPI

/// Looks up how NICs are set.
struct TuningLook: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  /// For a bond, of its first member. The card itself is looked at without waiting for XAPI.
  /// - Parameter early: told what the card and the host's files tell, when XAPI has not answered by then.
  func tuning(
    of device: String, early: @Sendable (NICTuning) -> Void = { _ in }
  ) async -> Result<NICTuning, ChangeProblem> {
    async let asked = TuningFacts.Source.asked(client, system)
    let files = TuningFacts.Source.files(on: system, silence: "XAPI has not answered yet")
    var tuning = await live(files.nics(of: device).first ?? device)
    files.complete(&tuning)
    let isThere = !tuning.features.isEmpty || tuning.link != nil
    tuning.isAsking = true
    if isThere { early(tuning) }
    let source = await asked
    tuning.isAsking = false
    if let first = source.nics(of: device).first, first != tuning.device { tuning = await live(first) }
    source.complete(&tuning)
    guard !tuning.features.isEmpty || tuning.link != nil || tuning.kept != nil else {
      return .failure(
        ChangeProblem(tuning.featuresProblem ?? "\(device) could not be looked at", remedy: "Look at the list of interfaces whether it is there"))
    }
    return .success(tuning)
  }

  /// What plans are made from: all that is known of the NICs of a request, the members in a bond's place.
  func facts(_ devices: [String]) async -> TuningFacts {
    let source = await TuningFacts.Source.asked(client, system)
    let nics = await nics(devices.flatMap(source.nics), source)
    let companions = nics.flatMap(\.companions).filter { name in !nics.contains { $0.device == name } }
    return TuningFacts(source: source, nics: nics, others: await self.nics(companions, source))
  }

  /// Each once.
  func nics(_ devices: [String], _ source: TuningFacts.Source) async -> [NICTuning] {
    var nics: [NICTuning] = []
    for device in devices where !nics.contains(where: { $0.device == device }) {
      var tuning = await live(device)
      source.complete(&tuning)
      nics.append(tuning)
    }
    return nics
  }

  /// What the kernel and the driver tell of one NIC.
  func live(_ device: String) async -> NICTuning {
    var tuning = NICTuning(device: device)
    async let features = Self.result { () async throws(LiveFailure) in try await EthtoolFeature.all(device, on: system) }
    async let rings = try? EthtoolRings.read(device, on: system)
    async let link = Self.result { () async throws(LiveFailure) in try await EthtoolLink.read(device, on: system) }
    let devices = (try? NetworkDevice.all(on: system)) ?? []
    if let kernel = devices.first(where: { $0.name == device }) {
      tuning.mtu = kernel.mtu
      tuning.driver = kernel.hardware?.driver
      tuning.vendor = kernel.hardware?.vendor
      tuning.model = kernel.hardware?.device
    }
    switch await features {
    case .success(let features): tuning.features = features
    case .failure(let failure): tuning.featuresProblem = "\(failure)"
    }
    switch await link {
    case .success(let link): tuning.link = link
    case .failure(let failure): tuning.linkProblem = "\(failure)"
    }
    tuning.rings = await rings
    return tuning
  }

  private static func result<Value: Sendable>(
    _ work: () async throws(LiveFailure) -> Value
  ) async -> Result<Value, LiveFailure> {
    do throws(LiveFailure) { return .success(try await work()) } catch { return .failure(error) }
  }
}

/// What plans for NICs' settings are made from.
struct TuningFacts: Sendable {
  /// Who tells how the host is configured.
  enum Source: Sendable {
    case xapi(ChangeFacts)
    /// XAPI is silent, and why; what the host's own files tell of interfaces.
    case files(String, [InterfaceView], isHAArmed: Bool)

    static func asked(_ client: XenClient, _ system: HostSystem) async -> Source {
      do throws(ChangeProblem) {
        return .xapi(try await ChangeLook(client, system).facts())
      } catch {
        return files(on: system, silence: error.text)
      }
    }

    static func files(on system: HostSystem, silence: String) -> Source {
      let view = HostView(LiveState(), local: LocalHost(of: system))
      return .files(silence, view.interfaces, isHAArmed: (try? LocalDB(of: system).isHAArmed) ?? false)
    }

    /// The NICs that are meant by a name: itself, or the members of a bond.
    func nics(of name: String) -> [String] {
      switch self {
      case .xapi:
        guard let scene, let node = scene.tree[name], node.kind == .bond else { return [name] }
        return node.members.compactMap { scene.tree[$0]?.name }
      case .files(_, let interfaces, _):
        let members = interfaces.filter { $0.memberOf == name }.map(\.device)
        return members.isEmpty ? [name] : members
      }
    }

    /// Why XAPI tells nothing; nil when it does.
    var silence: String? { if case .files(let why, _, _) = self { why } else { nil } }

    /// High availability is armed on this host.
    var isHAArmed: Bool {
      switch self {
      case .xapi(let facts): facts.isHAArmed || facts.database.pools.first?.record.haEnabled == true
      case .files(_, _, let isArmed): isArmed
      }
    }

    var scene: ChangeScene? {
      if case .xapi(let facts) = self { ChangeScene(facts.database, host: facts.host) } else { nil }
    }

    /// Adds what XAPI or the files know of a NIC.
    func complete(_ tuning: inout NICTuning) {
      let device = tuning.device
      switch self {
      case .files(let why, let interfaces, _):
        tuning.silence = why
        let own = interfaces.first { $0.kind == .nic && $0.device == device }
        tuning.networkName = own?.networkName ?? ""
        tuning.bond = own?.memberOf
        if let bond = own?.memberOf { tuning.members = interfaces.filter { $0.memberOf == bond }.map(\.device) }
        let above = interfaces.filter { Self.rests($0, on: device, tuning.bond) }
        tuning.isManagement = above.contains(where: \.isManagement)
        tuning.sessionAddress = ChangeFacts.Session.current.local.flatMap { local in
          above.contains { $0.addresses.contains { $0.prefix { $0 != "/" } == local } } ? local : nil
        }
      case .xapi(let facts):
        tuning.silence = nil
        let scene = ChangeScene(facts.database, host: facts.host)
        guard let node = scene.tree[device], node.kind == .nic else { return }
        let bond = scene.tree.bond(ofMember: node.ref)
        let carrier = bond ?? node
        let network = facts.database.networks[carrier.pif.network]
        tuning.kept = KeptSettings(config: node.pif.otherConfig, properties: carrier.pif.properties)
        tuning.networkKept = (network?.otherConfig ?? [:]).filter { $0.key.hasPrefix("ethtool-") }
        tuning.networkName = network?.nameLabel ?? ""
        tuning.networkMTU = (network?.mtu).map { Int(clamping: $0) }
        tuning.bond = bond?.name
        tuning.members = bond?.members.compactMap { scene.tree[$0]?.name } ?? []
        tuning.isManagement = scene.tree.carriesManagement(node.ref)
        tuning.isPlugged = carrier.pif.currentlyAttached
        tuning.sessionAddress = facts.sessionAddress(over: carrier.ref, scene.tree)
      }
    }

    private static func rests(_ interface: InterfaceView, on device: String, _ bond: String?) -> Bool {
      interface.device == device || interface.device == bond
    }
  }

  var source: Source
  /// Of every device that is asked for.
  var nics: [NICTuning]
  /// Members of the same bonds that are not asked for: they are plugged with them.
  var others: [NICTuning] = []
}

extension ChangeFacts {
  /// This host's address that the session comes in over, when it is on an interface of this host's or on what rests on it.
  func sessionAddress(over ref: Ref<PIF>, _ tree: InterfaceTree) -> String? {
    let facts = PluggingFacts(self)
    func rests(_ node: InterfaceTree.Node) -> Bool { node.ref == ref || tree[node.base].map(rests) ?? false }
    return tree.nodes.contains { rests($0) && facts.carriesSession($0) } ? session.local : nil
  }
}
