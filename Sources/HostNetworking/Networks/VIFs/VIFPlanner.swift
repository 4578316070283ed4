import JSON
import XenAPI

/// Plans what becomes of one VIF; XAPI's errors are met before, with names (`reference/xapi.md` §3.15).
struct VIFPlanner {
  private(set) var intent: VIFIntent
  let facts: VIFFacts
  let scene: ChangeScene
  let vif: VIF?
  let vm: VM
  /// Where it goes; where it is when it stays.
  let network: Network

  init(_ intent: VIFIntent, _ facts: VIFFacts) throws(ChangeProblem) {
    let database = facts.change.database
    let scene = ChangeScene(database, host: facts.change.host)
    func network(_ uuid: String) throws(ChangeProblem) -> Network {
      guard let found = scene.network(uuid: uuid).flatMap({ database.networks[$0] }) else { throw ChangeProblem("this pool has no such network any more") }
      return found
    }
    let owner: Ref<VM>?
    if case .create(let draft) = intent {
      owner = scene.vm(uuid: draft.vm)
      self.vif = nil
      self.network = try network(draft.network)
    } else {
      guard let found = intent.vif.flatMap({ scene.vif(uuid: $0)?.record }) else { throw ChangeProblem("this pool has no such VIF any more") }
      (owner, self.vif) = (found.vm, found)
      if case .move(_, let target) = intent {
        self.network = try network(target)
      } else {
        guard let place = database.networks[found.network] else { throw ChangeProblem("the VIF is on no network") }
        self.network = place
      }
    }
    guard let vm = database.vms[owner] else { throw ChangeProblem("this pool has no such VM any more") }
    (self.intent, self.facts, self.scene, self.vm) = (intent, facts, scene, vm)
    if case .create(var draft) = intent {
      // From here on it is one and the same VIF, whoever plans it again.
      if draft.device.isEmpty { draft.device = Self.firstFree(vm, facts) }
      if draft.mac.isEmpty { draft.mac = Self.newMAC() }
      self.intent = .create(draft)
    }
  }

  /// A PVS proxy has to stay on the first VIF.
  private static func firstFree(_ vm: VM, _ facts: VIFFacts) -> String {
    let own = vm.vifs.compactMap { ref in facts.change.database.vifs[ref].map { (ref, $0) } }
    let taken = Set(own.map(\.1.device))
    let least = own.filter { facts.proxied.contains("\($0.0.json.string ?? "")") }.compactMap { Int($0.1.device) }.max() ?? 0
    return (least...).lazy.map { String($0) }.first { !taken.contains($0) } ?? "0"
  }

  /// Locally administered, of one machine.
  private static func newMAC() -> String {
    let bytes = [0x02] + (0..<5).map { _ in UInt8.random(in: 0...UInt8.max) }
    return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }

  // MARK: What it is about

  var database: XenDatabase { facts.change.database }
  var isRunning: Bool { vm.powerState == .running }
  /// XAPI plugs and unplugs nothing of it.
  var isPaused: Bool { vm.powerState == .paused }
  var isSuspended: Bool { vm.powerState == .suspended }

  var draft: VIFDraft? { if case .create(let draft) = intent { draft } else { nil } }
  var device: String { vif?.device ?? draft?.device ?? "0" }
  private var mac: String { vif?.mac ?? draft?.mac ?? "" }

  /// A new one is plugged at once.
  var plugsNew: Bool { isRunning && !facts.refusesHotplug }

  /// As it is now, to be made again.
  var setup: VIFSetup? {
    guard let row = facts.row, let place = database.networks[vif?.network]?.uuid else { return nil }
    return VIFSetup(vm: vm.uuid, network: place, row)
  }

  func effective(_ mode: LockingMode, on network: Network) -> LockingMode { mode == .networkDefault ? network.defaultLockingMode : mode }

  // MARK: The plan

  func plan() -> ChangePlan {
    ChangePlan(
      intent: .vifs(intent), title: title, differences: differences, consequences: steps.isEmpty ? [] : consequences,
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps.numbered)
  }

  private var title: String {
    switch intent {
    case .create: "New VIF \(device) of \(vm.nameLabel) on network \"\(network.nameLabel)\""
    case .move: "VIF \(device) of \(vm.nameLabel) to network \"\(network.nameLabel)\""
    case .plug: "Plug VIF \(device) of \(vm.nameLabel)"
    case .unplug: "Unplug VIF \(device) of \(vm.nameLabel)"
    case .destroy: "Destroy VIF \(device) of \(vm.nameLabel)"
    case .lock(let lock): "VIF \(device) of \(vm.nameLabel): locking mode \(lock.mode.words)"
    case .address(let request): "VIF \(device) of \(vm.nameLabel): \(request.address.map { "address \($0)" } ?? "no address from XAPI")"
    }
  }

  private var differences: [ChangePlan.Difference] {
    let now = vif.flatMap { database.networks[$0.network]?.nameLabel } ?? "none"
    let isPlugged = vif?.currentlyAttached ?? false
    func plugged(_ after: Bool) -> ChangePlan.Difference { .init("Plugged", now: isPlugged ? "yes" : "no", after: after ? "yes" : "no") }
    let place = ChangePlan.Difference("Network", now: now, after: network.nameLabel)
    switch intent {
    case .create: return [place, .init("MAC", now: "none", after: mac), plugged(plugsNew)]
    case .move: return [place, plugged(isPlugged)]
    case .plug: return [place, plugged(true)]
    case .unplug: return [place, plugged(false)]
    case .destroy: return [.init("VIF \(device)", now: "\(mac) on \(now)", after: "none"), plugged(false)]
    case .lock(let lock):
      func words(_ list: [String]) -> String { list.isEmpty ? "none" : list.joined(separator: ", ") }
      return [
        .init("Locking", now: vif?.lockingMode.words ?? "", after: lock.mode.words),
        .init("Allowed IPv4", now: words(vif?.ipv4Allowed ?? []), after: words(lock.ipv4)),
        .init("Allowed IPv6", now: words(vif?.ipv6Allowed ?? []), after: words(lock.ipv6)),
      ]
    case .address(let request):
      let before = request.isIPv6 ? setup?.ipv6 : setup?.ipv4
      let family = request.isIPv6 ? "IPv6" : "IPv4"
      var lines = [ChangePlan.Difference(family, now: before?.address ?? "set by the VM", after: request.address ?? "set by the VM")]
      if before?.gateway ?? "" != request.gateway {
        lines.append(.init("Gateway", now: before?.gateway ?? "", after: request.gateway.isEmpty ? "none" : request.gateway))
      }
      return lines
    }
  }

  private var consequences: [String] {
    switch intent {
    case .create:
      if plugsNew { return ["the running VM sees a new NIC at once, if its system can take one"] }
      return ["VM \(vm.nameLabel) has it when it starts\(vm.powerState == .halted ? "" : " anew")"]
    case .move: return vif?.currentlyAttached == true ? ["VM \(vm.nameLabel) stays plugged, with the same MAC; its address may not fit the other network"] : []
    case .plug: return []
    case .unplug: return ["VM \(vm.nameLabel) loses this NIC until it is plugged again or the VM starts anew"]
    case .destroy: return ["VM \(vm.nameLabel) has no VIF \(device) any more; what its system has set up for that NIC stays there"]
    case .lock: return vif?.currentlyAttached == true ? ["it is in force at once"] : ["it is in force when the VIF is plugged"]
    case .address: return ["the tools inside \(vm.nameLabel) set it; nothing is changed on the network"]
    }
  }

  // MARK: Steps

  private var steps: [ChangeStep] {
    switch intent {
    case .create(let draft):
      var setup = VIFSetup(vm: vm.uuid, network: network.uuid, device: device, mac: draft.mac)
      setup.mtu = network.mtu
      var steps = [step(.create(setup), undo: [plugged(false), .destroy(vm: vm.uuid, device: device, mac: draft.mac)])]
      if plugsNew { steps.append(step(plugged(true), undo: [plugged(false)])) }
      return steps
    case .move(let uuid, let target):
      guard let before = vif.flatMap({ database.networks[$0.network]?.uuid }), before != target else { return [] }
      return [step(.move(vif: uuid, network: target), undo: [.move(vif: uuid, network: before)])]
    case .plug: return plugging(true)
    case .unplug: return plugging(false)
    case .destroy:
      guard let setup else { return [] }
      let isPlugged = vif?.currentlyAttached == true && isRunning
      let back: [VIFAction] = [.create(setup)] + (isPlugged ? [plugged(true)] : [])
      return (isPlugged ? plugging(false) : []) + [step(.destroy(vm: vm.uuid, device: device, mac: mac), undo: back)]
    case .lock(let lock): return locking(lock)
    case .address(let request):
      let before = request.isIPv6 ? setup?.ipv6 : setup?.ipv4
      let after = request.address.map { VIFSetup.Fixed(address: $0, gateway: request.gateway) }
      guard before != after else { return [] }
      let back = VIFAddress(vif: request.vif, isIPv6: request.isIPv6, address: before?.address, gateway: before?.gateway ?? "")
      return [step(.address(request), undo: [.address(back)])]
    }
  }

  private func plugged(_ isOn: Bool) -> VIFAction { .plugged(vm: vm.uuid, device: device, mac: mac, isOn) }

  private func plugging(_ isOn: Bool) -> [ChangeStep] {
    guard vif?.currentlyAttached != isOn else { return [] }
    return [step(plugged(isOn), undo: [plugged(!isOn)])]
  }

  /// What is allowed comes before the lock, and goes after it: on the way nothing more is cut off than in the end.
  private func locking(_ lock: VIFLock) -> [ChangeStep] {
    guard let vif else { return [] }
    var steps: [ChangeStep] = []
    if vif.ipv4Allowed != lock.ipv4 || vif.ipv6Allowed != lock.ipv6 {
      steps.append(
        step(
          .allowed(vif: vif.uuid, ipv4: lock.ipv4, ipv6: lock.ipv6), undo: [.allowed(vif: vif.uuid, ipv4: vif.ipv4Allowed, ipv6: vif.ipv6Allowed)]))
    }
    guard vif.lockingMode != lock.mode else { return steps }
    let mode = step(.locking(vif: vif.uuid, lock.mode), undo: [.locking(vif: vif.uuid, vif.lockingMode)])
    return lock.mode == .locked ? steps + [mode] : [mode] + steps
  }

  /// With names; actions know uuids only.
  private func sentence(_ action: VIFAction) -> String {
    let name = "VIF \(device) of \(vm.nameLabel)"
    switch action {
    case .create(let setup): return "Create \(name) on network \"\(network.nameLabel)\", MAC \(setup.mac)"
    case .destroy: return "Remove \(name)"
    case .move: return "Move \(name) to network \"\(network.nameLabel)\""
    case .plugged(_, _, _, let isOn): return "\(isOn ? "Plug" : "Unplug") \(name)"
    case .locking(_, let mode): return "Set the locking mode of \(name) to \(mode.words)"
    case .allowed, .address: return action.sentence
    }
  }

  private func step(_ action: VIFAction, undo: [VIFAction]) -> ChangeStep {
    ChangeStep(
      0, sentence(action), commands: action.commands(ChangeCommands(scene: scene)), action: .vifs(action), undo: undo.map { .vifs($0) })
  }
}
