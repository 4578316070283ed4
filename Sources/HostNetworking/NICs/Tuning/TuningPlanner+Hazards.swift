import Dom0
import XenAPI

extension TuningPlanner {
  /// What the driver, the kernel and XAPI refuse, and what breaks, told before with names.
  func hazards() -> [Hazard] {
    var hazards: [Hazard] = []
    hazards += works.flatMap(presence)
    hazards += record
    hazards += works.flatMap(features)
    hazards += works.flatMap(rings)
    hazards += works.flatMap(link)
    hazards += heartbeat
    hazards += works.flatMap(mtu)
    hazards += works.flatMap(partners)
    hazards += works.flatMap(interruption)
    hazards += unplugged
    return hazards.sorted { $0.weight > $1.weight }
  }

  // MARK: There

  private func presence(_ work: Work) -> [Hazard] {
    let nic = work.nic
    if nic.features.isEmpty, nic.link == nil {
      let why = nic.featuresProblem ?? "the kernel has no such NIC"
      return [Hazard(.blocking, "\(nic.device) cannot be asked: \(why)", remedy: "Check its name in the list of interfaces")]
    }
    if let scene, let node = scene.tree[nic.device], !node.pif.managed, !work.isEmpty || isReplugged(work) {
      return [
        Hazard(.blocking, "\(nic.device) is set aside: the host may run from storage behind it", remedy: "Leave it as it is")
      ]
    }
    return []
  }

  private var record: [Hazard] {
    guard request.needsXAPI else { return [] }
    if let silence = facts.source.silence {
      return [
        Hazard(
          .blocking, "XAPI keeps the settings, and does not answer: \(silence)",
          remedy: "Change it until the next plug or boot only: that works without XAPI")
      ]
    }
    return works.filter { $0.nic.kept == nil }.map {
      Hazard(.blocking, "XAPI does not know \($0.device), so it cannot keep its settings", remedy: "Let XAPI know it first, or change it until the next boot only")
    }
  }

  // MARK: Features

  private func features(_ work: Work) -> [Hazard] {
    let nic = work.nic
    guard !nic.features.isEmpty else { return [] }
    var hazards: [Hazard] = []
    for feature in NICFeature.allCases {
      let live = work.features[feature.rawValue] ?? request.features[feature.rawValue]
      let kept = work.kept[feature.key].flatMap { $0 }.map { $0 == "on" }
      guard let wanted = live ?? kept else { continue }
      guard let now = nic.features[feature] else {
        hazards.append(Hazard(.blocking, "\(nic.device) has no \(feature.label)", remedy: "Leave it out"))
        continue
      }
      if now.isFixed, now.isOn != wanted {
        hazards.append(
          Hazard(
            live == nil ? .warning : .blocking,
            "The driver\(nic.driver.map { " \($0)" } ?? "") of \(nic.device) has \(feature.label) \(now.isOn ? "on" : "off") and does not let it be changed",
            remedy: live == nil ? "XAPI would keep it in vain" : "Leave it out"))
      } else if wanted, live != nil {
        let missing = feature.needs.filter { need in !(work.features[need.rawValue] ?? nic.features[need]?.isOn ?? false) }
        if !missing.isEmpty {
          let names = missing.map(\.label).joined(separator: " and ")
          hazards.append(
            Hazard(.blocking, "\(feature.label) of \(nic.device) needs \(names), which would be off", remedy: "Switch \(names) on as well"))
        }
      }
      if feature == .lro, wanted {
        hazards.append(
          Hazard(
            .warning, "LRO on \(nic.device) joins packets that are not for this host alone: VMs behind it may lose traffic",
            remedy: "Leave it off where VMs use the NIC"))
      }
    }
    return hazards
  }

  private func rings(_ work: Work) -> [Hazard] {
    work.rings.sorted { $0.key < $1.key }.compactMap { name, entries in
      guard let most = work.nic.rings?.most[name], most > 0 else {
        return Hazard(.blocking, "\(work.device) has no \(name) ring that could be set", remedy: "Leave it out")
      }
      guard entries < 1 || entries > most else { return nil }
      return Hazard(.blocking, "The \(name) ring of \(work.device) has 1 to \(most) entries, not \(entries)", remedy: "Choose a number in between")
    }
  }

  // MARK: The link

  /// Set at once, or kept for the next plug.
  private func wantedMode(_ work: Work) -> LinkMode? {
    if let link = work.link { return link }
    guard let speed = work.kept["ethtool-speed"].flatMap({ $0 }).flatMap({ Int($0) }) else { return nil }
    let duplex = work.kept["ethtool-duplex"].flatMap { $0 }
    return LinkMode(speed: speed, isFullDuplex: duplex.map { $0 == "full" }, negotiates: work.kept["ethtool-autoneg"].flatMap { $0 } != "off")
  }

  private func link(_ work: Work) -> [Hazard] {
    guard let mode = wantedMode(work) else { return [] }
    let nic = work.nic
    var hazards: [Hazard] = []
    if let speed = mode.speed, !nic.supports(speed, isFull: mode.isFullDuplex ?? true) {
      let all = nic.supportedSpeeds.map { "\($0)" }.joined(separator: ", ")
      let duplex = mode.isFullDuplex == false ? " half duplex" : ""
      hazards.append(Hazard(.blocking, "\(nic.device) cannot do \(speed) Mbit/s\(duplex)", remedy: "It can do \(all)"))
    }
    if !mode.negotiates, mode.speed == nil {
      hazards.append(Hazard(.blocking, "Without negotiation \(nic.device) must be told its speed", remedy: "Give a speed and a duplex"))
    }
    if !mode.negotiates, (mode.speed ?? 0) >= 1000, nic.link?.port?.contains("Twisted") == true {
      hazards.append(
        Hazard(
          .warning, "Gigabit and more over copper needs negotiation: \(nic.device) may get no link at all",
          remedy: "Let it negotiate, and offer only that speed"))
    }
    if !mode.negotiates {
      hazards.append(
        Hazard(
          .warning, "The switch port of \(nic.device) must be set to the very same: otherwise there is no link, or a slow one",
          remedy: "Set the switch port first"))
    }
    if mode.isFullDuplex == false {
      hazards.append(Hazard(.warning, "Half duplex is slow, and with a switch at full duplex packets are lost"))
    }
    return hazards
  }

  private var heartbeat: [Hazard] {
    guard facts.source.isHAArmed else { return [] }
    let others = facts.others.filter { other in
      works.contains { $0.nic.carrier == other.carrier && isReplugged($0) } && Self.linkAtPlug(other, [:]) != nil
    }
    return (works.filter(changesLink).map(\.nic) + others).filter(\.isManagement).map { nic in
      Hazard(
        .blocking, "High availability is on, and its heartbeat passes \(nic.device): without a link for too long this host restarts itself",
        remedy: "Switch it off first (xe pool-ha-disable), and on again afterwards")
    }
  }

  /// At once, or by what the plug applies.
  private func changesLink(_ work: Work) -> Bool {
    work.link != nil || isReplugged(work) && Self.linkAtPlug(work.nic, work.kept) != nil
  }

  /// What a plug makes of the link; nil when nothing is kept of it, or when it is so already.
  private static func linkAtPlug(_ nic: NICTuning, _ changes: [String: String?]) -> LinkMode? {
    var config = nic.kept?.config ?? [:]
    for (key, value) in changes { config[key] = value }
    let kept = KeptSettings(config: config)
    let (speed, duplex, negotiates) = (kept.speed.meaning, kept.duplex.meaning, kept.flag("ethtool-autoneg").meaning)
    guard speed != nil || duplex != nil || negotiates != nil else { return nil }
    let now = nic.linkMode
    let mode = LinkMode(speed: speed, isFullDuplex: duplex, negotiates: negotiates ?? now?.negotiates ?? true)
    return now.map { mode.isMet(by: $0) } ?? false ? nil : mode
  }

  // MARK: MTU

  private func mtu(_ work: Work) -> [Hazard] {
    guard let change = work.kept[TuningRequest.mtuKey] else { return [] }
    let nic = work.nic
    if let bond = nic.bond {
      return [Hazard(.blocking, "\(nic.device) is a member of \(bond), which has the MTU", remedy: "Set the MTU of the network of \(bond)")]
    }
    let mtu = change.flatMap { Int($0) } ?? nic.networkMTU ?? 1500
    var hazards: [Hazard] = []
    if !NetworkMTURequest.range.contains(mtu) {
      hazards.append(Hazard(.blocking, "An MTU is \(NetworkMTURequest.range.lowerBound) to \(NetworkMTURequest.range.upperBound) bytes, not \(mtu)"))
    }
    if nic.isManagement, mtu != 1500 {
      hazards.append(
        Hazard(.blocking, "Management goes through \(nic.device): another MTU than 1500 is not supported there", remedy: "Use another NIC for jumbo frames"))
    }
    if let scene, let node = scene.tree[nic.device] {
      let larger = scene.tree.vlans(on: node.ref).filter { (scene.database.networks[$0.pif.network]?.mtu ?? 0) > Int64(mtu) }
      if !larger.isEmpty {
        hazards.append(
          Hazard(.blocking, "\(larger.map(\.name).joined(separator: ", ")) needs more than \(mtu)", remedy: "Lower the MTU of the VLAN's network first"))
      }
    }
    return hazards
  }

  // MARK: Who else

  /// A bond's members should be alike.
  private func partners(_ work: Work) -> [Hazard] {
    guard let bond = work.nic.bond, !work.isEmpty else { return [] }
    let others = work.nic.members.filter { !request.devices.contains($0) }
    guard !others.isEmpty else { return [] }
    return [
      Hazard(
        .notice, "\(work.device) is a member of \(bond): \(others.joined(separator: ", ")) stays as it is",
        remedy: "Set all members of a bond alike")
    ]
  }

  private func interruption(_ work: Work) -> [Hazard] {
    let nic = work.nic
    let isReplugged = isReplugged(work)
    guard work.dropsLink || isReplugged || nic.canCutOff && interrupts(work) else { return [] }
    var hazards: [Hazard] = []
    let partners = nic.members.filter { $0 != nic.device && !request.devices.contains($0) }
    let isShort = !work.dropsLink && !isReplugged
    let how = !partners.isEmpty && !isReplugged ? "goes on over \(partners.joined(separator: ", ")) meanwhile"
      : isShort ? "may stop for a second or two: some cards start anew for it" : "is interrupted for some seconds"
    if nic.isManagement {
      hazards.append(
        Hazard(.warning, "Management goes through \(nic.device) and \(how)", remedy: "It is put back by itself unless you keep it"))
    } else if !isShort {
      hazards.append(Hazard(.notice, "Traffic of \(nic.device) \(how)"))
    }
    if let address = nic.sessionAddress, !nic.isManagement {
      hazards.append(
        Hazard(
          .warning, "You are connected through \(nic.carrier) (\(address)): this session hangs meanwhile",
          remedy: "It is put back by itself unless you keep it"))
    }
    if isShort { return hazards }
    if let vms = vms(on: nic), !vms.isEmpty {
      let names = vms.prefix(4).joined(separator: ", ") + (vms.count > 4 ? " and \(vms.count - 4) more" : "")
      hazards.append(Hazard(.warning, "VMs that use it: \(names)", remedy: "Their connections mostly survive a few seconds"))
    }
    if facts.source.isHAArmed, !(nic.isManagement && changesLink(work)) {
      hazards.append(
        Hazard(.warning, "High availability is on: if its heartbeat or its storage needs \(nic.device), this host may restart itself",
          remedy: "Switch it off meanwhile (xe pool-ha-disable)"))
    }
    if case .xapi(let changeFacts) = facts.source, let node = scene?.tree[nic.bond ?? nic.device], changeFacts.clustered?.contains(node.ref) == true {
      hazards.append(Hazard(.warning, "The cluster of this pool talks over \(node.name)", remedy: "Put the host into maintenance mode first"))
    }
    return hazards
  }

  /// Plugging it would be another change than was asked for.
  private var unplugged: [Hazard] {
    let names = works.filter { wantsPlug($0) && $0.nic.isPlugged == false }.map(\.nic.carrier)
    return Set(names).sorted { comesBefore($0, $1) }.map {
      Hazard(.notice, "\($0) is not plugged: what is kept is applied when it is plugged", remedy: "Plug it: xcpconsole nic plug \($0)")
    }
  }

  /// Those that run here with a VIF on the NIC's network or a VLAN on it; nil while XAPI does not tell.
  private func vms(on nic: NICTuning) -> [String]? {
    guard let scene, let node = scene.tree[nic.bond ?? nic.device] else { return nil }
    let networks = [node.pif.network] + scene.tree.vlans(on: node.ref).map(\.pif.network)
    return scene.runningVMs(on: networks.compactMap { $0 })
  }
}

extension ChangeScene {
  /// Names of the VMs that run on this host with a VIF on one of the networks.
  func runningVMs(on networks: [Ref<Network>], anywhere: Bool = false) -> [String] {
    let vms = networks.flatMap { database.networks[$0]?.vifs ?? [] }.compactMap { database.vifs[$0]?.vm }
    return Set(vms).compactMap { database.vms[$0] }
      .filter { $0.powerState == .running && !$0.isControlDomain && (anywhere || $0.residentOn == host) }
      .map(\.nameLabel).sorted { comesBefore($0, $1) }
  }
}
