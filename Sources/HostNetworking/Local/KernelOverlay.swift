import Dom0

/// Adds to interfaces, whoever told of them, what the kernel and the switch say at this moment.
struct KernelOverlay {
  private let local: LocalHost
  private let devices: [String: NetworkDevice]
  private let bonds: [String: SwitchBond]
  private let kernelBonds: [String: KernelBondStatus]
  private let stats: [String: NetworkStats.Device]

  init(_ local: LocalHost) {
    self.local = local
    func byName<Value>(_ part: LiveNetwork.Part<[Value]>, _ name: (Value) -> String) -> [String: Value] {
      Dictionary(((try? part?.get()) ?? []).map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    }
    devices = byName(local.live.devices, \.name)
    bonds = byName(local.live.switchBonds, \.name)
    kernelBonds = byName(local.live.kernelBonds, \.name)
    stats = (try? local.live.stats?.get())?.devices ?? [:]
  }

  /// Nothing is added where the kernel could not be asked.
  func apply(to interfaces: inout [InterfaceView]) {
    guard local.knowsNICs else { return }
    let bonds = Dictionary(
      interfaces.compactMap { interface in
        if case .bond(_, let members) = interface.kind { (interface.device, members) } else { nil }
      }, uniquingKeysWith: { first, _ in first })
    for index in interfaces.indices { apply(to: &interfaces[index], bonds) }
  }

  private func apply(to interface: inout InterfaceView, _ bonds: [String: [String]]) {
    var kernel = InterfaceView.Kernel()
    addressing(&kernel, of: interface)
    switch interface.kind {
    case .nic:
      guard let device = devices[interface.device] else {
        kernel.isMissing = true
        interface.kernel = kernel
        return
      }
      kernel.link = device.link
      kernel.isOff = device.hasCarrier == nil && !device.isUp
      kernel.mac = device.mac
      kernel.mtu = device.mtu
      describe(&interface, device)
    case .bond(_, let members):
      kernel.link = link(of: members)
      kernel.bond = state(of: interface.device, members)
      kernel.mac = bridgeDevice(interface)?.mac
      kernel.mtu = bridgeDevice(interface)?.mtu
    case .vlan(_, let base):
      kernel.link = bonds[base].map(link) ?? devices[base]?.link ?? .unknown
      kernel.mtu = bridgeDevice(interface)?.mtu
    case .tunnel, .sriov: kernel.mtu = bridgeDevice(interface)?.mtu
    }
    interface.kernel = kernel
    if interface.mac.isEmpty { interface.mac = kernel.mac ?? "" }
    if interface.mtu == nil { interface.mtu = kernel.mtu }
    measure(&interface, kernel.link, bonds)
  }

  private func bridgeDevice(_ interface: InterfaceView) -> NetworkDevice? { devices[interface.bridge] }

  private func addressing(_ kernel: inout InterfaceView.Kernel, of interface: InterfaceView) {
    guard !interface.bridge.isEmpty, interface.memberOf == nil else { return }
    if let there = local.presentBridges { kernel.hasBridge = there.contains(interface.bridge) }
    guard case .success = local.live.addresses else { return }
    let found = (local.ip(interface.bridge)?.addresses ?? []).filter { $0.scope != "link" && $0.scope != "host" }
    kernel.addresses = (found.filter { $0.family == .v4 } + found.filter { $0.family == .v6 })
      .map { "\($0.address)/\($0.prefixLength)" }
  }

  // MARK: Links

  private func link(of members: [String]) -> LinkState {
    .partly(up: members.count { devices[$0]?.link == .up }, of: members.count)
  }

  private func state(of bond: String, _ members: [String]) -> InterfaceView.BondState? {
    if let told = bonds[bond] {
      return InterfaceView.BondState(
        active: told.activeMember,
        idle: told.members.filter { !$0.isEnabled && devices[$0.name]?.link == .up }.map(\.name),
        lacpNegotiated: told.lacp.flatMap { $0 == .off ? nil : $0 == .negotiated })
    }
    guard let told = kernelBonds[bond] else { return nil }
    let zeros = told.partnerMAC.map { mac in !mac.contains { $0 != "0" && $0 != ":" } }
    return InterfaceView.BondState(active: told.active, lacpNegotiated: zeros.map { !$0 })
  }

  /// Speed and duplex follow the link they belong to: the kernel's link with the kernel's speed.
  private func measure(_ interface: inout InterfaceView, _ link: LinkState, _ bonds: [String: [String]]) {
    guard link != .unknown else { return }
    let below: [NetworkDevice] =
      switch interface.kind {
      case .nic: [devices[interface.device]].compactMap { $0 }
      case .bond(_, let members): members.compactMap { devices[$0] }
      case .vlan(_, let base): (bonds[base] ?? [base]).compactMap { devices[$0] }
      case .tunnel, .sriov: []
      }
    let working = below.filter { $0.link == .up }
    let speeds = working.compactMap(\.speed)
    interface.speed = link.carries ? speeds.isEmpty ? interface.speed : speeds.reduce(0, +) : nil
    let duplexes = Set(working.compactMap(\.duplex))
    interface.fullDuplex = link.carries ? duplexes.isEmpty ? interface.fullDuplex : duplexes == [.full] : nil
  }

  /// What XAPI names is better named; without XAPI there are the numbers of the hardware.
  private func describe(_ interface: inout InterfaceView, _ device: NetworkDevice) {
    guard let hardware = device.hardware else { return }
    if interface.driver.isEmpty { interface.driver = hardware.driver ?? "" }
    if interface.pci.isEmpty { interface.pci = hardware.address }
    if interface.vendor.isEmpty, interface.model.isEmpty, let vendor = hardware.vendor, let model = hardware.device {
      interface.model = "\(vendor):\(model)"
    }
  }
}

extension NetworkDevice {
  /// A NIC that nobody has set up has no link to tell of: as good as down, since nothing passes.
  fileprivate var link: LinkState {
    switch hasCarrier {
    case true?: .up
    case false?: .down
    case nil: isUp ? .unknown : .down
    }
  }
}
