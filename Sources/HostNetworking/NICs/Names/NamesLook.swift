import Dom0
import XenAPI

extension NICNames {
  /// Looks them up.
  public static func look(_ client: XenClient, _ system: HostSystem) async -> NICNames { await NamesLook(client, system).names() }
}

/// Looks up what NICs are called, and why.
struct NamesLook: Sendable {
  /// How long XAPI may take; the host's own files do without it.
  private static let patience = Duration.seconds(4)

  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  /// - Parameter early: told what the host's own files and tools tell, while XAPI is waited for.
  func names(early: @Sendable (NICNames) -> Void = { _ in }) async -> NICNames {
    async let told = scene()
    let local = await local()
    if !local.nics.isEmpty || !local.order.isEmpty { early(complete(local, nil, silence: nil)) }
    switch await told {
    case .success(let scene): return complete(local, scene, silence: nil)
    case .failure(let problem): return complete(local, nil, silence: problem.text)
    }
  }

  // MARK: XAPI

  private func scene() async -> Result<ChangeScene, ChangeProblem> {
    var reader = DatabaseReader(client, classes: DatabaseReader.networking + ["vm", "vif"])
    do {
      let database = try await reader.read(limit: Self.patience)
      guard let host = await LayoutSource.thisHost(in: database, client, system, limit: Self.patience) else {
        return .failure(ChangeProblem("XAPI answers, but does not know this host"))
      }
      return .success(ChangeScene(database, host: host))
    } catch {
      return .failure(ChangeProblem("\(error)"))
    }
  }

  /// - Parameter silence: why XAPI told nothing.
  private func complete(_ local: NICNames, _ scene: ChangeScene?, silence: String?) -> NICNames {
    var names = local
    names.silence = silence
    guard let scene else {
      let database: NetworkdDB
      do throws(HostFileError) { database = try NetworkdDB(of: system) } catch {
        names.remarks.append("what the NICs are used for is not known: \(error)")
        for place in names.nics.indices {
          names.nics[place].use.reasons = [
            .init("what \(names.nics[place].name) is used for is not known: neither XAPI nor networkd tells", "Wait for XAPI")
          ]
        }
        return names
      }
      let management = (try? Inventory(of: system))?.managementInterface
      for place in names.nics.indices {
        names.nics[place].use = NICUse(of: names.nics[place].name, database, management: management)
      }
      return names
    }
    for place in names.nics.indices { names.nics[place].use = NICUse(of: names.nics[place].name, scene) }
    names.xapi = NamesInXAPI(scene)
    names.leftovers = NamesLeftover.all(names.nics, scene)
    return names
  }

  // MARK: The host itself

  /// The NICs that are in the machine, as the rules see them.
  static func cards(on system: HostSystem) async -> [RenameLogic.Card] {
    let devices = ((try? NetworkDevice.all(on: system)) ?? []).filter { $0.isPhysical || $0.isSideways }
    async let order = try? FirmwareName.all(on: system)
    async let positions = try? FirmwareName.all(on: system, policy: .physical)
    return nics(devices, await order, await positions, system).map(\.card)
  }

  private func local() async -> NICNames {
    async let order = try? FirmwareName.all(on: system)
    async let positions = try? FirmwareName.all(on: system, policy: .physical)
    var names = NICNames()
    names.scheme = RenameRules.areUsed(on: system) ? .rules : .none
    let devices = ((try? NetworkDevice.all(on: system)) ?? []).filter { $0.isPhysical || $0.isSideways }
    if names.scheme == .none, let listed = (try? NetworkdDB(of: system))?.interfaceOrder {
      names.scheme = .order
      names.order = listed.sorted { $0.position < $1.position }
      if system.exists(InitialDeviceRules.path) {
        names.initialRules = LocalFiles.part { () throws(HostFileError) in try InitialDeviceRules(of: system) }
        if case .failure(let problem) = names.initialRules { names.remarks.append("networkd passes over the installer's order: \(problem)") }
      }
    }
    names.nics = Self.nics(devices, await order, await positions, system)
    if names.scheme == .rules {
      if await order == nil { names.remarks.append("biosdevname does not answer: positions and labels are not known") }
      if await order == nil { names.untoldMethods.insert(.label) }
      if await positions == nil { names.untoldMethods.insert(.ppn) }
      readRules(&names)
    }
    return names
  }

  private static func nics(
    _ devices: [NetworkDevice], _ order: [FirmwareName]?, _ positions: [FirmwareName]?, _ system: HostSystem
  ) -> [NICNames.NIC] {
    let byName = Dictionary((order ?? []).map { ($0.kernelName, $0) }, uniquingKeysWith: { first, _ in first })
    let physical = Dictionary((positions ?? []).map { ($0.kernelName, $0.name) }, uniquingKeysWith: { first, _ in first })
    let bonded = Dictionary(
      ((try? KernelBondStatus.all(on: system)) ?? []).flatMap { bond in bond.members.map { ($0.name, (bond: bond.name, mac: $0.permanentMAC)) } },
      uniquingKeysWith: { first, _ in first })
    let sorted = devices.sorted { ($0.hardware?.address ?? "", $0.mac ?? "") < ($1.hardware?.address ?? "", $1.mac ?? "") }
    var nics = sorted.enumerated().compactMap { place, device -> NICNames.NIC? in
      let firmware = byName[device.name]
      let bond = bonded[device.name]
      // A bond of the kernel gives all its members one MAC; at a boot they have their own.
      guard let mac = bond.flatMap({ $0.mac ?? firmware?.permanentMAC }) ?? device.mac else { return nil }
      let function =
        (firmware?.bus).flatMap { Self.function(bus: $0) } ?? Self.function(of: device, system)
      var nic = NICNames.NIC(
        RenameLogic.Card(
          mac: mac, function: function ?? "", name: device.name,
          order: firmware?.name.flatMap(RenameLogic.number) ?? 1000 + place, physical: physical[device.name] ?? nil,
          label: firmware?.label))
      nic.kernelBond = bond?.bond
      nic.driver = device.hardware?.driver ?? firmware?.driver ?? ""
      nic.link = device.hasCarrier.map { $0 ? .up : .down } ?? .unknown
      nic.speed = device.hasCarrier == true ? device.speed : nil
      return nic
    }
    for (_, places) in Dictionary(grouping: nics.indices.filter { !nics[$0].card.function.isEmpty }, by: { nics[$0].card.function })
    where places.count > 1 {
      for (index, place) in places.sorted(by: { nics[$0].mac < nics[$1].mac }).enumerated() { nics[place].index = index }
    }
    return nics.sorted { comesBefore($0.name, $1.name) }
  }

  /// `0000:01:00.0`, or `usb-0000:00:14.0-1`, where the host adapter's counts (`reference/dom0.md` §1.8).
  static func function(bus: String) -> String? {
    if let known = PCIText.normalized(bus) { return known }
    let parts = bus.split(separator: "-")
    return bus.hasPrefix("usb-") && parts.count > 1 ? PCIText.normalized(String(parts[1])) : nil
  }

  /// From where the device sits in sysfs: for USB the last PCI address above it.
  private static func function(of device: NetworkDevice, _ system: HostSystem) -> String? {
    if let address = device.hardware?.address, let known = PCIText.normalized(address) { return known }
    let target = system.linkTarget("\(NetworkDevice.folder)/\(device.name)/device") ?? ""
    return target.split(separator: "/").reversed().lazy.compactMap { PCIText.normalized(String($0)) }.first
  }

  private func readRules(_ names: inout NICNames) {
    names.staticRules = LocalFiles.part { () throws(HostFileError) in try StaticRules(of: system) }
    names.dynamicRules = LocalFiles.part { () throws(HostFileError) in try DynamicRules(of: system) }
    do throws(HostFileError) {
      guard let fixed = try names.staticRules?.get(), let rules = try names.dynamicRules?.get() else { return }
      names.remarks += fixed.problems.map { "static-rules.conf: \($0)" } + rules.problems.map { "dynamic-rules.json: \($0)" }
      let known = Set(rules.lastBoot.map(\.mac))
      for place in names.nics.indices { names.nics[place].isRemembered = known.contains(names.nics[place].mac) }
      if fixed.rules.contains(where: { $0.method == .ppn }), RenameLogic.hasUnclearPositions(names.cards) {
        names.remarks.append("the firmware gives two NICs the same position: static rules by position (ppn) are passed over")
      }
      if let problem = names.untold(by: fixed) {
        names.problem = problem
        return
      }
      do throws(RenameLogic.Failure) {
        let next = try RenameLogic(names.cards, rules).names(under: fixed)
        for place in names.nics.indices { names.nics[place].nextName = next[names.nics[place].mac] }
      } catch {
        names.problem = error.text
      }
    } catch {
      names.problem = "\(error)"
    }
  }
}

extension NamesInXAPI {
  init(_ scene: ChangeScene) {
    let database = scene.database
    hostUUID = database.hosts[scene.host]?.uuid ?? ""
    hosts = max(1, database.hosts.count)
    if let pool = database.pools.all.map(\.record).first {
      isMember = pool.coordinator != nil && pool.coordinator != scene.host
      isHAOn = pool.haEnabled
    }
    for node in scene.tree.nodes where node.kind == .nic {
      let network = node.pif.network.flatMap { database.networks[$0] }
      interfaces[node.pif.device] = Interface(
        uuid: node.pif.uuid, mac: node.pif.mac, network: network?.nameLabel ?? "", networkUUID: network?.uuid ?? "",
        isAlone: network.map { $0.pifs.count <= 1 && $0.vifs.isEmpty } ?? false)
    }
    runningVMs = database.vms.all.map(\.record).filter { $0.residentOn == scene.host && !$0.isControlDomain }
      .map(\.nameLabel).sorted { comesBefore($0, $1) }
  }
}

extension NamesLeftover {
  /// What XAPI and the kernel disagree about, in the order in which it is best done.
  static func all(_ nics: [NICNames.NIC], _ scene: ChangeScene) -> [NamesLeftover] {
    let byName = Dictionary(nics.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let nodes = scene.tree.nodes.filter { $0.kind == .nic }
    var (forgets, refreshes, plugs): ([NamesLeftover], [NamesLeftover], [NamesLeftover]) = ([], [], [])
    for node in nodes {
      let pif = node.pif
      if let nic = byName[pif.device] {
        guard scene.tree.bond(ofMember: node.ref) == nil else { continue }
        if nic.mac != pif.mac {
          refreshes.append(.refresh(pif.device, has: nic.mac, expects: pif.mac))
        } else if !pif.currentlyAttached, pif.managed {
          plugs.append(.plug(pif.device))
        }
      } else if let now = nics.first(where: { $0.mac == pif.mac })?.name {
        forgets.append(.forget(pif.device, now: now))
      }
    }
    let known = Set(nodes.map(\.pif.device))
    let scans = nics.filter { !known.contains($0.name) && $0.nameBeforeAside == nil }.map { NamesLeftover.scan($0.name) }
    return forgets + refreshes + scans + plugs
  }
}
