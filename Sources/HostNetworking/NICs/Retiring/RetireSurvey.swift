import XenAPI

/// Works out the way to take a NIC out of how the host is. Pure.
struct RetireSurvey {
  let device: String
  let facts: PluggingFacts
  /// XAPI's record; nil when there is none.
  let node: InterfaceTree.Node?

  init(_ device: String, _ facts: PluggingFacts) {
    self.device = device
    self.facts = facts
    node = facts.tree[device].flatMap { $0.kind == .nic ? $0 : nil }
  }

  /// What the name means when it is not a NIC's; nil when it is one's, or nobody's.
  var wrongKind: Hazard? {
    guard let other = facts.tree[device], other.kind != .nic else { return nil }
    let members = other.members.compactMap { facts.tree[$0]?.name }
    let kind =
      switch other.kind {
      case .nic: "a NIC"
      case .bond: "a bond"
      case .vlan: "a VLAN"
      case .tunnel: "a tunnel end"
      case .sriov: "part of an SR-IOV network"
      }
    return Hazard(
      .blocking, "\(device) is \(kind): only a NIC is taken out of the machine",
      remedy: members.isEmpty ? nil : "Take out \(members.count == 1 ? "its member" : "one of its members"): \(NameList.words(members))")
  }

  /// nil when the kernel could not be asked.
  private var isInMachine: Bool? { facts.nics.map { $0.contains { $0.name == device } } }

  var path: RetirePath {
    let needs = self.needs
    var path = RetirePath(
      device: device, card: card, steps: [free(needs), unplug(needs), takeOut(needs), forget(needs), network()], runningVMs: runningVMs)
    path.isKnown = node != nil || isInMachine != false || ownNetwork != nil
    path.vlanTags = node.map { facts.tree.vlans(on: $0.ref).map { Int($0.pif.vlan) }.sorted() } ?? []
    return path
  }

  private var card: String {
    var words: [String] = []
    if let node, let metrics = facts.database.pifMetrics[node.pif.metrics] {
      words = [node.pif.mac, metrics.pciBusPath, [metrics.vendorName, metrics.deviceName].filter { !$0.isEmpty }.joined(separator: " ")]
    } else if let nic = facts.nic(device) {
      words = [nic.mac ?? "", nic.hardware?.address ?? "", nic.hardware?.driver ?? ""]
    }
    return words.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// All that run here: the machine's end would be theirs.
  private var runningVMs: [ResetFacts.VM] {
    facts.database.vms.all.filter { $0.record.isGuest && $0.record.isRunning && $0.record.residentOn == facts.change.host }
      .map { ResetFacts.VM(uuid: $0.record.uuid, name: $0.record.nameLabel, ref: $0.ref.description) }
      .sorted { comesBefore($0.name, $1.name) }
  }

  // MARK: Stages

  private func free(_ needs: [RetirePath.Need]) -> RetirePath.Step {
    guard node != nil else { return .init(.free, .done, "XAPI has no record of \(device): nothing uses it") }
    if needs.isEmpty { return .init(.free, .done, "Nothing uses \(device) any more") }
    let required = needs.count(where: \.isRequired)
    let text =
      required == 0
      ? "Nothing stands in the way; this is better done first" : required == 1 ? "One thing stands in the way" : "\(required) things stand in the way"
    return .init(.free, .now, text, needs)
  }

  private func unplug(_ needs: [RetirePath.Need]) -> RetirePath.Step {
    guard let node, isInMachine != false else { return .init(.unplug, .done, "There is nothing to unplug") }
    guard node.pif.currentlyAttached else { return .init(.unplug, .done, "\(device) is not plugged") }
    if needs.contains(where: \.isRequired) { return .init(.unplug, .later, "\(device) is plugged") }
    return .init(
      .unplug, .now, "\(device) is plugged",
      [.init("Bridge \(facts.bridge(of: node)) is up", isRequired: false, [.init("Unplug \(device)", .change(.unplug(device)))])])
  }

  private func takeOut(_ needs: [RetirePath.Need]) -> RetirePath.Step {
    switch isInMachine {
    case nil: return .init(.takeOut, .later, "Whether the card is in the machine could not be read")
    case false?: return .init(.takeOut, .done, "The card is not in the machine")
    case true?: break
    }
    if node.map({ $0.pif.currentlyAttached || needs.contains(where: \.isRequired) }) ?? false {
      return .init(.takeOut, .later, "The card is in the machine")
    }
    let vms = runningVMs.map(\.name)
    let ends = vms.isEmpty ? "No VM runs here" : "\(NameList.vms(vms)) \(vms.count == 1 ? "runs" : "run") here and \(vms.count == 1 ? "has" : "have") to be shut down or migrated first"
    return .init(
      .takeOut, .now, "The card is in the machine",
      [.init("Switch the host off, pull the card, start it again. \(ends)", isRequired: false, [.init("Shut down \(facts.hostName)", .powerOff)])])
  }

  private func forget(_ needs: [RetirePath.Need]) -> RetirePath.Step {
    guard let node else { return .init(.forget, .done, "XAPI has no record of \(device)") }
    guard isInMachine == false else { return .init(.forget, .later, "XAPI's record of \(device) is dropped once the card is gone") }
    if needs.contains(where: \.isRequired) { return .init(.forget, .later, "XAPI still has a record of \(device) (\(node.pif.mac))") }
    return .init(
      .forget, .now, "XAPI still has a record of \(device)",
      [.init("The record has \(facts.label(node.pif.network)), MAC \(node.pif.mac)", isRequired: false, [.init("Forget \(device)", .change(.forgetNIC(device)))])])
  }

  /// The network that only this NIC served: of its record, or what it had.
  var ownNetwork: Ref<Network>? { node?.pif.network ?? facts.scene.network(bridge: Newcomer.bridge(for: device)) }

  private func network() -> RetirePath.Step {
    guard let network = ownNetwork, let record = facts.database.networks[network] else {
      return .init(.network, .done, "There is no network of it left")
    }
    let label = facts.label(network)
    if let users = networkUsers(network) {
      return .init(.network, node == nil && isInMachine == false ? .done : .later, "\(label.capitalizedSentence) stays: \(users)")
    }
    guard node == nil, isInMachine == false else {
      return .init(.network, .later, "\(label.capitalizedSentence) can be removed when the \(node == nil ? "card is out" : "record is gone")")
    }
    return .init(
      .network, .now, "Nothing is on \(label) any more (bridge \(record.bridge))",
      [.init("It can stay as well: VMs may use it as a private network", isRequired: false,
        [.init("Remove \(label)", .change(.retireNIC(RetireRequest(device: device, .destroyNetwork))))])])
  }

  /// Who keeps the network, in words; nil when nobody does, this NIC left out.
  func networkUsers(_ network: Ref<Network>) -> String? {
    var words: [String] = []
    let hosts = Set((facts.database.networks[network]?.pifs ?? []).filter { $0 != node?.ref }.compactMap { facts.database.pifs[$0] }
      .map { pif in "\(facts.database.name(of: pif)) of \(facts.database.hosts[pif.host]?.nameLabel ?? "another host")" })
      .sorted(by: comesBefore)
    if !hosts.isEmpty { words.append("\(NameList.words(hosts, most: 4)) \(hosts.count == 1 ? "is" : "are") on it") }
    let users = facts.users(of: network)
    let vms = (users.here + users.elsewhere + users.halted).vms
    if !vms.isEmpty { words.append("\(NameList.vms(vms, most: 4)) \(vms.count == 1 ? "has a VIF" : "have VIFs") on it") }
    let rows = (facts.database.networks[network]?.vifs ?? []).count
    if words.isEmpty, rows > 0 { words.append("templates or snapshots have VIFs on it") }
    return words.isEmpty ? nil : words.joined(separator: ", ")
  }
}
