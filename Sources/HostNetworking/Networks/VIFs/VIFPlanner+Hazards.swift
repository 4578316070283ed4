import JSON
import XenAPI

extension VIFPlanner {
  var hazards: [Hazard] {
    var hazards: [Hazard] = []
    if vm.isTemplate || vm.isSnapshot || vm.isControlDomain { hazards.append(Hazard(.blocking, "VM \(vm.nameLabel) is no VM of its own: its VIFs stay as they are")) }
    if network.otherConfig["is_host_internal_management_network"] == "true" {
      hazards.append(Hazard(.blocking, "\"\(network.nameLabel)\" is XAPI's own network between the host and its VMs"))
    }
    hazards += busy
    switch intent {
    case .create(let draft): hazards += creating(draft) + placing + homes + silenced
    case .move:
      if vif.map({ database.networks[$0.network]?.uuid != network.uuid }) ?? false { hazards += placing + homes + silenced + trunked + cut + ourselves }
    case .plug: hazards += power("its VIFs are plugged when it starts") + (vif?.currentlyAttached == true ? [] : hotplug + placing)
    case .unplug: hazards += power("nothing is plugged") + (vif?.currentlyAttached == true ? hotplug + cut + ourselves : [])
    case .destroy: hazards += destroying
    case .lock(let lock): hazards += locking(lock)
    case .address(let request): hazards += addressing(request)
    }
    return hazards
  }

  // MARK: The VM

  /// OTHER_OPERATION_IN_PROGRESS.
  private var busy: [Hazard] {
    for (row, name) in [(facts.row, "VIF \(device) of \(vm.nameLabel)"), (facts.vm, vm.nameLabel)] {
      guard let operation = row?["current_operations"].texts.values.sorted().first else { continue }
      return [Hazard(.blocking, "XAPI is at work on \(name) (\(operation))", remedy: "Wait for its end")]
    }
    return []
  }

  private func power(_ otherwise: String) -> [Hazard] {
    if isRunning { return [] }
    if isPaused { return [Hazard(.blocking, "VM \(vm.nameLabel) is paused: XAPI plugs and unplugs nothing of it", remedy: "Let it go on first (xe vm-unpause)")] }
    if isSuspended {
      return [Hazard(.blocking, "VM \(vm.nameLabel) is suspended: XAPI plugs and unplugs nothing of it", remedy: "Resume it first (xe vm-resume)")]
    }
    return [Hazard(.blocking, "VM \(vm.nameLabel) does not run: \(otherwise)")]
  }

  private var hotplug: [Hazard] {
    guard facts.refusesHotplug else { return [] }
    return [Hazard(.blocking, "The system of \(vm.nameLabel) takes and gives no VIF while it runs: it has no drivers for it", remedy: "Install the guest tools, or shut the VM down first")]
  }

  /// Somebody who works through a VM of this pool.
  private var ourselves: [Hazard] {
    guard let peer = facts.change.session.peer, facts.addresses(device: device).contains(peer) else { return [] }
    return [
      Hazard(.warning, "You come from \(peer), which is \(vm.nameLabel): you may be cut off, and nothing puts this back by itself", remedy: "Come another way first")
    ]
  }

  // MARK: A new one

  private func creating(_ draft: VIFDraft) -> [Hazard] {
    var hazards = mac(draft.mac)
    if Int(draft.device).map({ $0 >= 0 && String($0) == draft.device }) != true {
      hazards.append(Hazard(.blocking, "\"\(draft.device)\" is no position of a VIF", remedy: "A number, 0 for the first"))
    } else if vm.vifs.contains(where: { database.vifs[$0]?.device == draft.device }) {
      hazards.append(Hazard(.blocking, "VM \(vm.nameLabel) has a VIF \(draft.device) already", remedy: "Choose another position, or none"))
    }
    if let proxy = proxiedAbove(draft.device) {
      hazards.append(
        Hazard(.blocking, "VIF \(proxy) of \(vm.nameLabel) has a PVS proxy, which must stay on the first VIF", remedy: "Choose a position above \(proxy)"))
    }
    if servesFunctions, facts.isRestricted("network_sriov") {
      hazards.append(Hazard(.blocking, "\"\(network.nameLabel)\" is an SR-IOV network, and the pool's licence does not include SR-IOV (LICENCE_RESTRICTION)"))
    }
    if isBinding {
      hazards.append(
        Hazard(
          .blocking, "High availability restarts \(vm.nameLabel) on any host, and \"\(network.nameLabel)\" is not on all of them: \(PoolWords.list(without)) \(PoolWords.have(without.count)) no interface there",
          remedy: "Complete the network, or take the VM out of high availability"))
    }
    if isRunning, facts.refusesHotplug {
      hazards.append(Hazard(.notice, "The system of \(vm.nameLabel) takes no VIF while it runs: it has this one when it starts anew"))
    }
    if isSuspended { hazards.append(Hazard(.notice, "VM \(vm.nameLabel) is suspended: resumed, it does not see the VIF before somebody plugs it, or it starts anew")) }
    if isPaused { hazards.append(Hazard(.notice, "VM \(vm.nameLabel) is paused: the VIF is not plugged until somebody does it, or the VM starts anew")) }
    return hazards
  }

  private func mac(_ mac: String) -> [Hazard] {
    guard VIFDraft.isMAC(mac) else {
      return [Hazard(.blocking, "\(mac) is no MAC address", remedy: "Six bytes such as 02:16:3e:00:00:01")]
    }
    if let first = UInt8(mac.prefix(2), radix: 16), first & 1 == 1 { return [Hazard(.blocking, "\(mac) is a multicast MAC address")] }
    guard let other = database.vifs.all.first(where: { $0.record.mac.lowercased() == mac.lowercased() }) else { return [] }
    return [Hazard(.warning, "VM \(database.vms[other.record.vm]?.nameLabel ?? "of another") has the MAC \(mac) already")]
  }

  private func proxiedAbove(_ device: String) -> Int? {
    guard let number = Int(device) else { return nil }
    return vm.vifs.filter { facts.proxied.contains($0.json.string ?? "") }.compactMap { database.vifs[$0].flatMap { Int($0.device) } }.first { $0 > number }
  }

  private var servesFunctions: Bool { network.pifs.contains { database.pifs[$0]?.sriovLogicalPIFOf.isEmpty == false } }

  /// HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED.
  private var isBinding: Bool {
    facts.pool?["ha_enabled"]?.bool == true && facts.pool?["ha_allow_overcommit"]?.bool != true
      && facts.vm?["ha_restart_priority"]?.string == "restart" && !without.isEmpty
  }

  // MARK: Where it can run

  private func isLive(_ host: Host) -> Bool { host.enabled && database.hostMetrics[host.metrics]?.live ?? true }

  /// Hosts in service that have no interface on the network.
  private var without: [String] {
    let there = Set(network.pifs.compactMap { database.pifs[$0]?.host })
    return database.hosts.all.filter { isLive($0.record) && !there.contains($0.ref) }.map(\.record.nameLabel).sorted(by: comesBefore)
  }

  /// Why a host cannot offer a network; nil when it can (HOST_CANNOT_ATTACH_NETWORK, VM_REQUIRES_NETWORK).
  private func refusal(_ network: Network, _ ref: Ref<Host>, _ host: Host) -> Hazard? {
    let pifs = network.pifs.compactMap { ref in database.pifs[ref].map { (ref, $0) } }
    if pifs.isEmpty {
      // A network that leads nowhere is where those are that use it.
      guard network.otherConfig["assume_network_is_shared"] != "true" else { return nil }
      let users = network.vifs.compactMap { database.vifs[$0] }.filter { $0.currentlyAttached && $0.uuid != vif?.uuid }
        .compactMap { database.vms[$0.vm] }
      guard let user = users.first(where: { $0.residentOn != nil && $0.residentOn != ref }) else { return nil }
      return Hazard(
        .blocking, "\"\(network.nameLabel)\" leads nowhere and is on \(database.hosts[user.residentOn]?.nameLabel ?? "another host"), where \(user.nameLabel) uses it: \(host.nameLabel) cannot offer it as well",
        remedy: "Bring the VMs to one host")
    }
    guard let (own, pif) = pifs.first(where: { $0.1.host == ref }) else {
      return Hazard(
        .blocking, "Host \(host.nameLabel), where \(vm.nameLabel) runs, has no interface on \"\(network.nameLabel)\"", remedy: "Create the VLAN or bond there, or move the VM")
    }
    if database.bonds.all.contains(where: { $0.record.members.contains(own) }) {
      return Hazard(.blocking, "\"\(network.nameLabel)\" is the network of a bond's member, which has no traffic of its own", remedy: "Choose the bond's network")
    }
    if !pif.managed { return Hazard(.blocking, "\(database.name(of: pif)) of \(host.nameLabel) is set aside: XAPI does not manage it (PIF_UNMANAGED)") }
    return nil
  }

  private var placing: [Hazard] {
    guard isRunning || isPaused, let resident = vm.residentOn, let host = database.hosts[resident] else { return [] }
    if let refusal = refusal(network, resident, host) { return [refusal] }
    let pif = network.pifs.compactMap { database.pifs[$0] }.first { $0.host == resident }
    if let pif, database.pifMetrics[pif.metrics]?.carrier == false { return [Hazard(.warning, "\(pif.device) of \(host.nameLabel) has no link")] }
    return []
  }

  /// VM_REQUIRES_NETWORK later, when the VM is to start or to go to another host.
  private var homes: [Hazard] {
    let others = vm.vifs.filter { database.vifs[$0]?.uuid != vif?.uuid }.compactMap { database.networks[database.vifs[$0]?.network] }
    func missing(_ networks: [Network]) -> [String] {
      database.hosts.all.filter { ref, host in isLive(host) && ref != vm.residentOn && networks.contains { refusal($0, ref, host) != nil } }
        .map(\.record.nameLabel).sorted(by: comesBefore)
    }
    let before = Set(missing(others + (database.networks[vif?.network].map { [$0] } ?? [])))
    let after = missing(others + [network]).filter { !before.contains($0) }
    guard !after.isEmpty else { return [] }
    let hosts = database.hosts.all.filter { isLive($0.record) }.count
    let isStuck = !isRunning && !isPaused && Set(after).union(before).count == hosts
    return [
      isStuck
        ? Hazard(.warning, "VM \(vm.nameLabel) could start nowhere: no host has all its networks", remedy: "Complete the network \"\(network.nameLabel)\" first")
        : Hazard(.notice, "VM \(vm.nameLabel) could not run on \(PoolWords.list(after)), which cannot offer \"\(network.nameLabel)\"")
    ]
  }

  /// The network's default holds for VIFs that say nothing of their own.
  private var silenced: [Hazard] {
    guard effective(vif?.lockingMode ?? .networkDefault, on: network) == .disabled else { return [] }
    return [
      Hazard(
        .warning, "Nothing of this VIF would pass: \(vif?.lockingMode == .disabled ? "it is disabled itself" : "the default of \"\(network.nameLabel)\" is disabled")",
        remedy: "Set its locking mode to unlocked or locked")
    ]
  }

  /// NETWORK_INCOMPATIBLE_WITH_TRUNKS is what a new one would be answered.
  private var trunked: [Hazard] {
    guard setup?.trunks?.isEmpty == false, network.pifs.contains(where: { (database.pifs[$0]?.vlan ?? -1) >= 0 }) else { return [] }
    return [
      Hazard(.warning, "VIF \(device) of \(vm.nameLabel) carries VLANs of its own (trunks), and \"\(network.nameLabel)\" is a VLAN: they would not pass", remedy: "Choose a network without a tag")
    ]
  }

  /// What a VM that runs loses with a NIC, be it for a moment.
  private var cut: [Hazard] {
    guard vif?.currentlyAttached == true, isRunning else { return [] }
    let told = facts.addresses(device: device)
    let has = told.isEmpty ? "" : " and has \(PoolWords.list(told)) there"
    let before = database.networks[vif?.network]?.nameLabel ?? ""
    if case .move = intent {
      return [
        Hazard(.warning, "VM \(vm.nameLabel) runs\(has): it is cut off from \"\(before)\" at once", remedy: "See that its address fits \"\(network.nameLabel)\"")
      ]
    }
    let last = vm.vifs.filter { database.vifs[$0]?.currentlyAttached == true }.count == 1 ? ", its only plugged NIC" : ""
    return [Hazard(.warning, "VM \(vm.nameLabel) runs\(has): it loses VIF \(device)\(last) on \"\(before)\" at once")]
  }

  // MARK: No more

  private var destroying: [Hazard] {
    var hazards: [Hazard] = []
    if facts.row == nil { hazards.append(Hazard(.blocking, "XAPI did not tell all about VIF \(device) of \(vm.nameLabel): it could not be made again", remedy: "Look again")) }
    if vif?.currentlyAttached == true {
      if isPaused { hazards += power("") }
      if isRunning {
        hazards += hotplug + ourselves
        let told = facts.addresses(device: device)
        hazards.append(
          Hazard(.warning, "VIF \(device) is plugged into \(vm.nameLabel), which runs\(told.isEmpty ? "" : " and has \(PoolWords.list(told)) there"): it is unplugged first"))
      }
    }
    if isProxied { hazards.append(Hazard(.warning, "VIF \(device) has a PVS proxy, which goes with it and is not made again")) }
    return hazards
  }

  private var isProxied: Bool { vm.vifs.contains { database.vifs[$0]?.uuid == vif?.uuid && facts.proxied.contains($0.json.string ?? "") } }

  // MARK: What it may send

  private func locking(_ lock: VIFLock) -> [Hazard] {
    var hazards: [Hazard] = []
    let mode = effective(lock.mode, on: network)
    if ![LockingMode.networkDefault, .locked, .unlocked, .disabled].contains(lock.mode) {
      hazards.append(Hazard(.blocking, "\(lock.mode.rawValue) is no locking mode", remedy: "network_default, locked, unlocked or disabled"))
    }
    if lock.mode != vif?.lockingMode, mode != .unlocked, let controller = facts.controller {
      hazards.append(
        Hazard(
          .blocking, "The switches of this pool are ruled by the SDN controller \(controller): XAPI locks no VIF beside it (OPERATION_NOT_ALLOWED)",
          remedy: "Set the rule there"))
    }
    if (mode == .locked && lock.mode != vif?.lockingMode) || !lock.ipv4.isEmpty || !lock.ipv6.isEmpty, facts.isRestricted("vif_locking") {
      hazards.append(Hazard(.blocking, "The pool's licence does not include the locking of VIFs, which \(vm.nameLabel) would need (LICENCE_RESTRICTION)"))
    }
    for (list, isIPv6) in [(lock.ipv4, false), (lock.ipv6, true)] {
      for text in list where InternetAddress(text)?.isIPv6 != isIPv6 {
        hazards.append(Hazard(.blocking, "\(text) is no \(isIPv6 ? "IPv6" : "IPv4") address", remedy: "One address without a length"))
      }
    }
    let allowed = Set((lock.ipv4 + lock.ipv6).compactMap { InternetAddress($0) })
    switch mode {
    case .disabled: hazards.append(Hazard(.warning, "Nothing of VIF \(device) passes any more: \(vm.nameLabel) is cut off there"))
    case .locked:
      if allowed.isEmpty {
        hazards.append(Hazard(.warning, "VIF \(device) is locked and no address is allowed: \(vm.nameLabel) can send nothing there", remedy: "Allow its addresses"))
      } else {
        let lost = facts.addresses(device: device).filter { InternetAddress($0).map { !allowed.contains($0) } ?? false && !$0.lowercased().hasPrefix("fe80:") }
        if !lost.isEmpty {
          hazards.append(Hazard(.warning, "VM \(vm.nameLabel) has \(PoolWords.list(lost)) there, which \(PoolWords.are(lost.count)) not allowed: it is cut off", remedy: "Allow \(lost.count == 1 ? "it" : "them") as well"))
        }
      }
      for fixed in [setup?.ipv4, setup?.ipv6] {
        guard let fixed, let address = InternetAddress(String(fixed.address.prefix { $0 != "/" })), !allowed.contains(address) else { continue }
        hazards.append(Hazard(.warning, "XAPI has \(fixed.address) set inside \(vm.nameLabel), and the lock would not allow it", remedy: "Allow it as well"))
      }
    default: break
    }
    if mode != .unlocked { hazards += ourselves }
    return hazards
  }

  // MARK: Its address inside

  private func addressing(_ request: VIFAddress) -> [Hazard] {
    var hazards: [Hazard] = []
    if facts.guest?["other"].texts["feature-static-ip-setting"] == nil {
      hazards.append(
        Hazard(.blocking, "The guest tools of \(vm.nameLabel) cannot set addresses, or do not run (VM_LACKS_FEATURE)", remedy: "Install or update them, or set the address inside the VM"))
    }
    guard let text = request.address else { return hazards + ourselves }
    if facts.isRestricted("guest_ip_setting") {
      hazards.append(Hazard(.blocking, "The pool's licence does not include setting addresses inside \(vm.nameLabel) (LICENCE_RESTRICTION)"))
    }
    let plain = String(text.prefix { $0 != "/" })
    let isCIDR = request.isIPv6 ? (try? IPv6Prefix(parsing: text)) != nil : (try? IPv4Prefix(parsing: text)) != nil
    if !isCIDR {
      hazards.append(Hazard(.blocking, "\(text) is no \(request.isIPv6 ? "IPv6" : "IPv4") address with its length", remedy: request.isIPv6 ? "Such as fd00::11/64" : "Such as 10.0.20.11/24"))
    }
    let allowed = request.isIPv6 ? vif?.ipv6Allowed : vif?.ipv4Allowed
    if let vif, isCIDR, effective(vif.lockingMode, on: network) == .locked, allowed?.contains(plain) == false {
      hazards.append(Hazard(.blocking, "VIF \(device) of \(vm.nameLabel) is locked, and \(plain) is not among its allowed addresses", remedy: "Allow it first"))
    }
    if !request.gateway.isEmpty, InternetAddress(request.gateway)?.isIPv6 != request.isIPv6 {
      hazards.append(Hazard(.blocking, "\(request.gateway) is no address of a gateway"))
    }
    return hazards + ourselves
  }
}
