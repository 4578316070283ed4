import XenAPI

/// Plans what becomes of the static routes of one network, and how that comes into force here.
struct RoutePlanner {
  let facts: RouteFacts
  let change: ChangeFacts
  let intent: RouteIntent
  let request: RouteRequest
  let scene: ChangeScene
  let survey: RouteSurvey
  let ref: Ref<Network>
  let network: Network
  /// This host's interface on the network.
  let node: InterfaceTree.Node?
  let before: RouteRecord
  let after: RouteRecord

  init(_ facts: RouteFacts, _ intent: RouteIntent) throws(ChangeProblem) {
    guard let change = facts.change else {
      throw ChangeProblem(
        "XAPI keeps the static routes, and does not answer: \(facts.silence ?? "")",
        remedy: "Wait for it or restart the toolstack; until then, ip route replace sets a route by hand that lasts until the next boot")
    }
    switch intent {
    case .change(let request): self.request = request
    case .apply(let network, let way): request = RouteRequest(network: network, way: way, clears: false)
    case .clear, .restart: throw ChangeProblem("this is not about a network's routes")
    }
    let scene = ChangeScene(change.database, host: change.host)
    guard let ref = scene.network(uuid: request.network), let network = change.database.networks[ref] else {
      throw ChangeProblem("this pool has no such network any more")
    }
    (self.facts, self.change, self.intent, self.scene, self.ref, self.network) = (facts, change, intent, scene, ref, network)
    survey = RouteSurvey(facts, change)
    node = survey.tree.interface(on: ref)
    before = RouteSurvey.record(of: network)
    after = Self.after(before, request)
  }

  /// What the record holds afterwards: bad items that would void it never stay.
  private static func after(_ before: RouteRecord, _ request: RouteRequest) -> RouteRecord {
    var items: [RouteItem] = []
    var adds = request.adds.map { RouteItem($0.item) }.filter { !before.items.contains($0) || request.drops.contains($0.text) }
    for item in before.items {
      if request.drops.contains(item.text) {
        // What takes its place stands where it stood.
        if !adds.isEmpty { items.append(adds.removeFirst()) }
      } else if item.voids {
        if let meant = item.meant { items.append(RouteItem(meant.item)) }
      } else {
        items.append(item)
      }
    }
    let record = RouteRecord(items: items + adds)
    return request.mends ? record.mended : record
  }

  // MARK: The plan

  var isChange: Bool { if case .change = intent { true } else { false } }

  /// New ways, and those that come into force because what made the record void is gone.
  var awakened: [StaticRoute] { isChange ? after.inForce.filter { !before.inForce.contains($0) } : after.inForce }

  /// Those of them that this host can have.
  var present: [KernelRoute] {
    guard request.way != .later else { return [] }
    return awakened.filter { survey.reason($0, node, network) == nil }.map { KernelRoute($0, on: network.bridge) }
  }

  var kernel: [KernelRoute] { (try? facts.kernel.get()) ?? [] }

  /// Ways that the record does not have any more and this host's kernel does.
  var absent: [KernelRoute] {
    guard request.clears else { return [] }
    let gone = before.items.compactMap { $0.route ?? $0.meant }.filter { route in !after.routes.contains(route) }
    return gone.map { KernelRoute($0, on: network.bridge) }.filter { kernel.contains($0) }
  }

  /// Plugging it tells the network daemon of the routes.
  var plugs: Bool { request.way == .plug && canPlug }

  private var canPlug: Bool {
    guard let node else { return false }
    return node.pif.currentlyAttached && node.pif.managed && survey.tree.bond(ofMember: node.ref) == nil
  }

  func plan() -> ChangePlan {
    let steps = self.steps
    var plan = ChangePlan(
      intent: .routes(intent), title: title, differences: differences, consequences: steps.isEmpty ? [] : consequences,
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps)
    if !steps.isEmpty, reachesOurselves || plugs && node.map({ survey.tree.carriesManagement($0.ref) }) == true {
      plan.isProvisional = true
      plan.expectation = .asNow(scene)
    }
    return plan
  }

  private var title: String {
    switch intent {
    case .apply: return "Static routes of network \"\(network.nameLabel)\" come into force"
    default:
      let adds = request.adds.map { "\($0)" }.joined(separator: ", ")
      switch (request.adds.isEmpty, request.drops.isEmpty) {
      case (false, true): return "Route \(adds) on network \"\(network.nameLabel)\""
      case (false, false): return "Route \(adds) instead of \(request.drops.joined(separator: ", "))"
      case (true, false): return "No route \(request.drops.joined(separator: ", ")) on network \"\(network.nameLabel)\""
      case (true, true): return "Static routes of network \"\(network.nameLabel)\" mended"
      }
    }
  }

  private var differences: [ChangePlan.Difference] {
    func words(_ record: RouteRecord) -> String {
      record.items.isEmpty ? "none" : record.items.map(\.text).map { $0.isEmpty ? "(empty)" : $0 }.joined(separator: ", ")
    }
    var lines = [ChangePlan.Difference("Record", now: words(before), after: words(after))]
    if !absent.isEmpty || !present.isEmpty {
      let own = kernel.filter { $0.device == network.bridge }
      let later = own.filter { old in !absent.contains(old) && !present.contains { $0.route.destination == old.route.destination } } + present
      func words(_ routes: [KernelRoute]) -> String {
        routes.isEmpty ? "none" : routes.map { "\($0.route)" }.sorted().joined(separator: ", ")
      }
      lines.append(ChangePlan.Difference("Kernel", now: words(own), after: words(later)))
    }
    return lines
  }

  // MARK: Steps

  private var steps: [ChangeStep] {
    var steps: [ChangeStep] = []
    let isNew = after.text != before.text
    if isNew {
      steps.append(step(.routes(.record(record)), undo: [.routes(.record(record.back))]))
    }
    let unseen = present.filter { !kernel.contains($0) }
    guard isNew || !unseen.isEmpty || !absent.isEmpty else { return [] }
    // All that takes the rest back stands with the first of what follows the record: the record first, then the network
    // daemon, which must not set anew what is deleted from the kernel last.
    var undo: [ChangeAction] = isNew ? [.routes(.record(record.back))] : []
    let hadBefore = unseen.flatMap { new in kernel.filter { $0.route.destination == new.route.destination } }
    let kernelBack = ChangeAction.routes(.kernel(present: absent + hadBefore, absent: unseen))
    if plugs, let node {
      undo += [.replug(node.name)] + (unseen.isEmpty && absent.isEmpty ? [] : [kernelBack])
      var plug = step(.replug(node.name), undo: undo)
      plug.sentence = "Plug \(node.name) anew, so that the network daemon hears of the routes"
      steps.append(plug)
      undo = []
    } else if request.way == .toolstack {
      // The network daemon remembers what it was told until it is told anew.
      if let node, canPlug { undo.append(.replug(node.name)) }
      if !unseen.isEmpty || !absent.isEmpty { undo.append(kernelBack) }
      var restart = ToolstackPlanner(ToolstackFacts()).steps(.toolstack, isWhole: false)
      restart[0].undo = undo
      steps += restart
      undo = []
    } else if !unseen.isEmpty || !absent.isEmpty {
      undo = [kernelBack]
    }
    if !present.isEmpty || !absent.isEmpty {
      steps.append(step(.routes(.kernel(present: present, absent: absent)), undo: undo))
    }
    return steps.numbered
  }

  private var record: RecordChange {
    RecordChange(network: network.uuid, was: network.otherConfig[RouteAction.key], becomes: after.text)
  }

  private func step(_ action: ChangeAction, undo: [ChangeAction]) -> ChangeStep {
    ChangeStep(0, action.sentence, commands: ChangeCommands(scene: scene).lines(action), action: action, undo: undo)
  }
}
