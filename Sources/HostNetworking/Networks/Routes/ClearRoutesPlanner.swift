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
    let names = Company(facts.change, session: facts.session, rows: facts.rows).reached(by: there)
    if !names.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(PoolWords.list(names)) \(PoolWords.are(names.count)) reached by what goes: answers take the default route from then on",
          remedy: "It is put back by itself unless you keep it in time"))
    }
    let action = ChangeAction.routes(.kernel(present: [], absent: there))
    let step = ChangeStep(
      0, action.sentence, commands: there.map { "ip route del \($0.words.joined(separator: " "))" }, action: action,
      undo: [.routes(.kernel(present: there, absent: []))])
    var plan = ChangePlan(
      intent: .routes(.clear(routes)),
      title: routes.count == 1 ? "Delete the route \(routes[0])" : "Delete \(routes.count) routes that only the kernel has",
      differences: there.map { ChangePlan.Difference("Kernel", now: "\($0)", after: "none") },
      consequences: there.isEmpty ? [] : ["this host has no such way any more; XAPI and the other hosts are not concerned"],
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: there.isEmpty ? [] : [step])
    if !names.isEmpty, !there.isEmpty {
      plan.isProvisional = true
      plan.expectation = facts.change.map { .asNow(ChangeScene($0.database, host: $0.host)) }
    }
    return plan
  }
}
