import XenAPI

extension ManagementPlanner {
  /// The steps, in the order in which the host is never without an address longer than it must be: first what is new, then
  /// the move, last what is taken away.
  func steps() -> [ChangeStep] {
    var steps: [ChangeStep] = []
    if target == nil { steps += makingVLAN() }
    if ipv6.mode != .none { steps += addressing6() }
    if ipv4.mode != .none { steps += addressing4() }
    steps += moving()
    steps += naming()
    if ipv4.mode == .none { steps += addressing4() }
    if ipv6.mode == .none { steps += addressing6() }
    steps += leaving()
    if let hostname = request.hostname, hostname != host?.hostname {
      steps.append(step(.setHostname(hostname), undo: [.setHostname(host?.hostname ?? facts.hostname)]))
    }
    if !steps.isEmpty { steps[0].undo += drift }
    return steps.numbered
  }

  /// Whenever management moves, XAPI notes the host's name servers down on whichever interface it takes for the leading
  /// one: the last thing on the way back is to look whether the one that had management is as it was, and has it.
  private var drift: [ChangeAction] {
    guard let present else { return [] }
    let (ipv4, ipv6) = (IPv4Settings(present.pif), IPv6Settings(present.pif))
    return (ipv4.mode == .static ? [.setIPv4(present.name, ipv4)] : [])
      + (ipv6.mode == .static ? [.setIPv6(present.name, ipv6)] : []) + [.manage(present.name)]
  }

  private func step(_ action: ChangeAction, undo: [ChangeAction]) -> ChangeStep {
    ChangeStep(0, action.sentence, commands: ChangeCommands(scene: scene).lines(action), action: action, undo: undo)
  }

  // MARK: A new VLAN

  private func makingVLAN() -> [ChangeStep] {
    guard case .newVLAN(let tag, let base) = request.target else { return [] }
    // Another host of the pool may have this VLAN on the same network: then both belong together.
    if let uuid = sharedNetwork(tag) {
      return [step(.createVLAN(tag: tag, on: base, network: .uuid(uuid)), undo: [.destroyVLAN(tag: tag, on: base)])]
    }
    return [
      step(.createNetwork(name: newNetworkName(tag, base), mark: mark), undo: [.destroyNetwork(mark: mark)]),
      step(.createVLAN(tag: tag, on: base, network: .mark(mark)), undo: [.destroyVLAN(tag: tag, on: base)]),
    ]
  }

  private func sharedNetwork(_ tag: Int) -> String? {
    guard let below = base?.pif.network else { return nil }
    let database = facts.database
    let match = database.vlans.all.first { row in
      row.record.tag == Int64(tag) && database.pifs[row.record.taggedPIF]?.network == below
    }
    return match.flatMap { database.pifs[$0.record.untaggedPIF] }.flatMap { database.networks[$0.network] }?.uuid
  }

  private func newNetworkName(_ tag: Int, _ base: String) -> String {
    let wanted = "VLAN \(tag) on \(base)"
    let taken = Set(facts.database.networks.all.map(\.record.nameLabel))
    if !taken.contains(wanted) { return wanted }
    return (2...).lazy.map { "\(wanted) (\($0))" }.first { !taken.contains($0) } ?? wanted
  }

  // MARK: Addresses

  private func addressing4() -> [ChangeStep] {
    guard let target else { return ipv4.mode == .none ? [] : [step(.setIPv4(name, ipv4), undo: [])] }
    let now = IPv4Settings(target.pif)
    if now.isAs(ipv4) { return [] }
    return [step(.setIPv4(name, ipv4), undo: [.setIPv4(name, now)] + plugging(target))]
  }

  private func addressing6() -> [ChangeStep] {
    guard let target else { return ipv6 == .none ? [] : [step(.setIPv6(name, ipv6), undo: [])] }
    let now = IPv6Settings(target.pif)
    if now.isAs(ipv6) { return [] }
    return [step(.setIPv6(name, ipv6), undo: [.setIPv6(name, now)] + plugging(target))]
  }

  /// XAPI leaves an interface unplugged when its settings could not be set up.
  private func plugging(_ node: InterfaceTree.Node) -> [ChangeAction] {
    node.pif.currentlyAttached ? [.plug(node.name)] : []
  }

  // MARK: The move

  /// XAPI moves management between interfaces of one family only, and changes the family of an interface only while
  /// management is not on it (`reference/xapi.md` §3.3, §3.11).
  private func moving() -> [ChangeStep] {
    var steps: [ChangeStep] = []
    let before = target?.pif.primaryAddressType ?? base?.pif.primaryAddressType ?? .ipv4
    let turns = before != family
    let way = present.map { [ChangeAction.manage($0.name)] } ?? [.disableManagement]
    let isOtherFamily = present.map { $0.pif.primaryAddressType != family } ?? false
    if isOtherFamily { steps.append(step(.disableManagement, undo: way)) }
    if turns {
      let undo: [ChangeAction] = target == nil ? [] : [.setPrimaryAddressType(name, before)]
      steps.append(step(.setPrimaryAddressType(name, family), undo: undo))
    }
    guard isMove || isOtherFamily else { return steps }
    // On the way back the family can only be turned while nothing is on the interface.
    steps.append(step(.manage(name), undo: isOtherFamily ? [.disableManagement] : way))
    return steps
  }

  private func naming() -> [ChangeStep] {
    let now = target?.pif.searchDomains ?? []
    if now == request.searchDomains { return [] }
    return [
      step(.setSearchDomains(name, request.searchDomains), undo: target == nil ? [] : [.setSearchDomains(name, now)])
    ]
  }

  private func leaving() -> [ChangeStep] {
    guard isMove, let present, !request.keepsOldAddress else { return [] }
    var steps: [ChangeStep] = []
    let ipv4 = IPv4Settings(present.pif)
    if ipv4.mode != .none {
      steps.append(
        step(.setIPv4(present.name, .none), undo: [.setIPv4(present.name, ipv4)] + plugging(present)))
    }
    let ipv6 = IPv6Settings(present.pif)
    if ipv6.mode != .none {
      steps.append(
        step(.setIPv6(present.name, .none), undo: [.setIPv6(present.name, ipv6)] + plugging(present)))
    }
    return steps
  }
}
