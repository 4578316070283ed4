import XenAPI

/// Plans what becomes of one VIF; XAPI's errors are met before, with names (`reference/xapi.md` §3.15).
struct VIFPlanner {
  private let intent: VIFIntent
  private let facts: ChangeFacts
  private let scene: ChangeScene
  private let vif: VIF?
  private let vm: VM
  /// Where it goes; where it is when it stays.
  private let network: Network

  init(_ intent: VIFIntent, _ facts: ChangeFacts) throws(ChangeProblem) {
    let scene = ChangeScene(facts.database, host: facts.host)
    func network(_ uuid: String) throws(ChangeProblem) -> Network {
      guard let found = scene.network(uuid: uuid).flatMap({ facts.database.networks[$0] }) else { throw ChangeProblem("this pool has no such network any more") }
      return found
    }
    func vif(_ uuid: String) throws(ChangeProblem) -> VIF {
      guard let found = scene.vif(uuid: uuid)?.record else { throw ChangeProblem("this pool has no such VIF any more") }
      return found
    }
    let owner: Ref<VM>?
    switch intent {
    case .create(let vm, let uuid, _):
      owner = scene.vm(uuid: vm)
      self.vif = nil
      self.network = try network(uuid)
    case .move(let uuid, let target):
      let found = try vif(uuid)
      (owner, self.vif) = (found.vm, found)
      self.network = try network(target)
    case .plug(let uuid), .unplug(let uuid):
      let found = try vif(uuid)
      (owner, self.vif) = (found.vm, found)
      guard let place = facts.database.networks[found.network] else { throw ChangeProblem("the VIF is on no network") }
      self.network = place
    }
    guard let vm = facts.database.vms[owner] else { throw ChangeProblem("this pool has no such VM any more") }
    (self.intent, self.facts, self.scene, self.vm) = (intent, facts, scene, vm)
  }

  private var isRunning: Bool { vm.powerState == .running || vm.powerState == .paused }

  /// The first place that is free.
  private var device: String {
    if let vif { return vif.device }
    let taken = Set(vm.vifs.compactMap { facts.database.vifs[$0]?.device })
    return (0...).lazy.map { String($0) }.first { !taken.contains($0) } ?? "0"
  }

  func plan() -> ChangePlan {
    ChangePlan(
      intent: .vifs(intent), title: title, differences: differences, consequences: consequences,
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps.numbered)
  }

  private var title: String {
    switch intent {
    case .create: "New VIF \(device) of \(vm.nameLabel) on network \"\(network.nameLabel)\""
    case .move: "VIF \(device) of \(vm.nameLabel) to network \"\(network.nameLabel)\""
    case .plug: "Plug VIF \(device) of \(vm.nameLabel)"
    case .unplug: "Unplug VIF \(device) of \(vm.nameLabel)"
    }
  }

  private var differences: [ChangePlan.Difference] {
    let now = vif.flatMap { facts.database.networks[$0.network]?.nameLabel } ?? "none"
    let isPlugged = vif?.currentlyAttached ?? false
    let after: Bool =
      switch intent {
      case .create: isRunning
      case .plug: true
      case .unplug: false
      case .move: isPlugged
      }
    return [
      ChangePlan.Difference("Network", now: now, after: network.nameLabel),
      ChangePlan.Difference("Plugged", now: isPlugged ? "yes" : "no", after: after ? "yes" : "no"),
    ]
  }

  private var consequences: [String] {
    switch intent {
    case .create: isRunning ? ["the running VM sees a new NIC at once, if its system can take one"] : ["\(vm.nameLabel) has it when it starts"]
    case .move: vif?.currentlyAttached == true ? ["\(vm.nameLabel) stays plugged, with the same MAC; its address may not fit the other network"] : []
    case .plug: []
    case .unplug: ["\(vm.nameLabel) loses this NIC until it is plugged again or the VM starts anew"]
    }
  }

  // MARK: Hazards

  private var hazards: [Hazard] {
    var hazards: [Hazard] = []
    if vm.isTemplate || vm.isSnapshot || vm.isControlDomain { hazards.append(Hazard(.blocking, "\(vm.nameLabel) is no VM of its own: its VIFs stay as they are")) }
    if network.otherConfig["is_host_internal_management_network"] == "true" {
      hazards.append(Hazard(.blocking, "\"\(network.nameLabel)\" is XAPI's own network between the host and its VMs"))
    }
    switch intent {
    case .create(_, _, let mac): hazards += creating(mac)
    case .move: hazards += placing
    case .plug:
      if !isRunning { hazards.append(Hazard(.blocking, "\(vm.nameLabel) does not run: its VIFs are plugged when it starts")) }
      hazards += placing
    case .unplug:
      if !isRunning { hazards.append(Hazard(.blocking, "\(vm.nameLabel) does not run: nothing is plugged")) }
    }
    return hazards
  }

  private func creating(_ mac: String) -> [Hazard] {
    var hazards = placing
    if !mac.isEmpty {
      let bytes = mac.split(separator: ":", omittingEmptySubsequences: false)
      let isMAC = bytes.count == 6 && bytes.allSatisfy { $0.utf8.count == 2 && UInt8($0, radix: 16) != nil }
      if !isMAC {
        hazards.append(Hazard(.blocking, "\(mac) is no MAC address", remedy: "Six bytes such as 02:16:3e:00:00:01"))
      } else if let first = UInt8(bytes[0], radix: 16), first & 1 == 1 {
        hazards.append(Hazard(.blocking, "\(mac) is a multicast MAC address"))
      } else if let other = facts.database.vifs.all.first(where: { $0.record.mac.lowercased() == mac.lowercased() }) {
        hazards.append(Hazard(.warning, "\(facts.database.vms[other.record.vm]?.nameLabel ?? "another VM") has the MAC \(mac) already"))
      }
    }
    return hazards
  }

  /// Whether the VM's host can provide the network.
  private var placing: [Hazard] {
    guard isRunning, let resident = vm.residentOn, let host = facts.database.hosts[resident] else { return [] }
    let pifs = network.pifs.compactMap { facts.database.pifs[$0] }
    guard !pifs.isEmpty else { return [] }
    guard let pif = pifs.first(where: { $0.host == resident }) else {
      return [Hazard(.blocking, "\(host.nameLabel), where \(vm.nameLabel) runs, has no interface on \"\(network.nameLabel)\"", remedy: "Create the VLAN or bond there, or move the VM")]
    }
    if facts.database.bonds.all.contains(where: { $0.record.members.contains { facts.database.pifs[$0]?.uuid == pif.uuid } }) {
      return [Hazard(.blocking, "\"\(network.nameLabel)\" is the network of a bond's member, which has no traffic of its own", remedy: "Choose the bond's network")]
    }
    if facts.database.pifMetrics[pif.metrics]?.carrier == false { return [Hazard(.warning, "\(pif.device) of \(host.nameLabel) has no link")] }
    return []
  }

  // MARK: Steps

  private var steps: [ChangeStep] {
    switch intent {
    case .create(let vm, let network, let mac):
      var steps = [step(.create(vm: vm, network: network, device: device, mac: mac), undo: [.destroy(vm: vm, device: device)])]
      if isRunning { steps.append(step(.plugged(vm: vm, device: device, true), undo: [.plugged(vm: vm, device: device, false)])) }
      return steps
    case .move(let uuid, let target):
      guard let before = vif.flatMap({ facts.database.networks[$0.network]?.uuid }), before != target else { return [] }
      return [step(.move(vif: uuid, network: target), undo: [.move(vif: uuid, network: before)])]
    case .plug: return plugging(true)
    case .unplug: return plugging(false)
    }
  }

  private func plugging(_ isOn: Bool) -> [ChangeStep] {
    guard vif?.currentlyAttached != isOn else { return [] }
    return [step(.plugged(vm: vm.uuid, device: device, isOn), undo: [.plugged(vm: vm.uuid, device: device, !isOn)])]
  }

  private func step(_ action: VIFAction, undo: [VIFAction]) -> ChangeStep {
    ChangeStep(
      0, action.sentence, commands: action.commands(ChangeCommands(scene: scene)), action: .vifs(action), undo: undo.map { .vifs($0) })
  }
}
