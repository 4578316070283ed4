import Dom0

/// Plans the end of routes that only the kernel has. Works without XAPI.
struct ClearRoutesPlanner: Sendable {
  private let facts: RouteFacts

  init(_ facts: RouteFacts) { self.facts = facts }

  func plan(_ routes: [KernelRoute]) throws(ChangeProblem) -> ChangePlan {
    let kernel: [KernelRoute]
    do throws(LiveFailure) { kernel = try facts.kernel.get() } catch { throw ChangeProblem("the kernel's routes cannot be looked at: \(error)") }
    let there = routes.filter { kernel.contains($0) }
    let table = RouteTable(facts)
    let recorded = there.filter { route in table.rows.contains { $0.kernelRoute == route && $0.state == .inForce } }
    var hazards = recorded.map {
      Hazard(
        facts.change == nil ? .warning : .blocking,
        facts.change == nil
          ? "\($0) is what the network daemon was told, and XAPI does not say whether it still holds" : "\($0) is in XAPI's record and would come back",
        remedy: "Remove it from the record")
    }
    if facts.change == nil { hazards.append(Hazard(.notice, "XAPI does not answer: whether a route is in its record cannot be told")) }
    if let peer = facts.session.peer.flatMap({ IPv4Address($0) }), let route = there.first(where: { $0.route.destination.contains(peer) }) {
      hazards.append(Hazard(.warning, "Answers to you (\(peer)) leave by \(route)", remedy: "Be sure that another way is left"))
    }
    let action = ChangeAction.routes(.kernel(present: [], absent: there))
    let step = ChangeStep(
      0, action.sentence, commands: there.map { "ip route del \($0.words.joined(separator: " "))" }, action: action,
      undo: [.routes(.kernel(present: there, absent: []))])
    return ChangePlan(
      intent: .routes(.clear(routes)),
      title: routes.count == 1 ? "Delete the route \(routes[0])" : "Delete \(routes.count) routes that only the kernel has",
      differences: there.map { ChangePlan.Difference("Kernel", now: "\($0)", after: "none") },
      consequences: there.isEmpty ? [] : ["this host has no such way any more; XAPI and the other hosts are not concerned"],
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: there.isEmpty ? [] : [step])
  }
}
