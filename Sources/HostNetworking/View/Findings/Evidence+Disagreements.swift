import Dom0
import XenAPI

/// Where XAPI and the kernel tell different stories.
extension Evidence {
  /// XAPI learns of a link from networkd, which looks every five seconds.
  private static let lag = Duration.seconds(15)

  func disagreements() -> [Finding] {
    guard isLive, let local else { return [] }
    return view.interfaces.flatMap { disagreements($0, local) } + inventory(local) + strangers(local)
  }

  private func disagreements(_ interface: InterfaceView, _ local: LocalHost) -> [Finding] {
    guard interface.ref != nil, let kernel = interface.kernel else { return [] }
    return card(interface, kernel) + link(interface, kernel, local) + attachment(interface, kernel)
  }

  private func card(_ interface: InterfaceView, _ kernel: InterfaceView.Kernel) -> [Finding] {
    let place = Finding.Place.interface(interface.id)
    if kernel.isMissing {
      // Management without a card is told elsewhere.
      guard !interface.isManagement else { return [] }
      if let now = name(of: interface.mac) {
        return [
          Finding(
            .warning, "\(interface.name) is called \(now) since the last boot, but XAPI still has it as \(interface.name).",
            remedy: "The list of names (interfaces, a, names of NICs) finishes it with f.", place: place)
        ]
      }
      return [
        Finding(
          .warning, "\(interface.name) is known to XAPI, but not in this machine.",
          remedy: "If the card is gone for good: a in the list of interfaces, then Forget \(interface.name).", place: place)
      ]
    }
    // The kernel's bonds give all their members one MAC.
    guard interface.kind == .nic, interface.memberOf == nil, let mac = kernel.mac, !interface.mac.isEmpty,
      mac != interface.mac
    else { return [] }
    if let other = name(of: interface.mac) {
      return [
        Finding(
          .warning, "\(interface.name) is another NIC than XAPI expects: the one it means is called \(other) now.",
          remedy: "The list of names (interfaces, a, names of NICs) finishes the renaming with f.", place: place)
      ]
    }
    return [
      Finding(
        .warning, "\(interface.name) has the MAC \(mac), but XAPI expects \(interface.mac).",
        remedy: "Was the card replaced, or renamed? s in the list of interfaces makes XAPI look again.", place: place)
    ]
  }

  /// What the NIC with a MAC is called; nil when it is not in the machine.
  private func name(of mac: String) -> String? {
    mac.isEmpty ? nil : local?.nics.first { !$0.isSideways && $0.mac == mac }?.name
  }

  private func link(
    _ interface: InterfaceView, _ kernel: InterfaceView.Kernel, _ local: LocalHost
  ) -> [Finding] {
    guard interface.kind == .nic, kernel.link != .unknown, interface.linkByXAPI != .unknown,
      kernel.link != interface.linkByXAPI
    else { return [] }
    if let changed = local.linkChanged[interface.device], local.live.instant - changed < Self.lag { return [] }
    let text =
      kernel.link == .up
      ? "\(interface.name) has a link, but XAPI says it has none."
      : "\(interface.name) has no link, but XAPI says it has one."
    return [
      Finding(
        .warning, text, remedy: "XAPI learns of links from xcp-networkd: restart that if this stays.",
        place: .interface(interface.id))
    ]
  }

  private func attachment(_ interface: InterfaceView, _ kernel: InterfaceView.Kernel) -> [Finding] {
    guard interface.memberOf == nil, let hasBridge = kernel.hasBridge, hasBridge != interface.isAttached else {
      return []
    }
    let place = Finding.Place.interface(interface.id)
    if !hasBridge {
      // Without its bridge, management is told of elsewhere.
      guard !interface.isManagement else { return [] }
      return [
        Finding(
          .warning, "XAPI says \(interface.name) is attached, but its bridge \(interface.bridge) is not there.",
          remedy: "Unplug it and plug it again.", place: place)
      ]
    }
    // A bridge without an interface of its own may still carry VLANs.
    guard interface.vlans.isEmpty else { return [] }
    return [
      Finding(
        .notice, "XAPI says \(interface.name) is not attached, but its bridge \(interface.bridge) is there.",
        place: place)
    ]
  }

  private func inventory(_ local: LocalHost) -> [Finding] {
    guard let bridge = local.managementBridge, let interface = managementInterface, !interface.bridge.isEmpty,
      bridge != interface.bridge, bridge != ManagementSettings.temporaryBridge
    else { return [] }
    return [
      Finding(
        .warning, "XAPI has management on \(interface.bridge), the inventory on \(bridge).",
        remedy: "After a restart of the toolstack the inventory counts.", place: .interface(interface.id))
    ]
  }

  /// NICs that XAPI has no interface for.
  private func strangers(_ local: LocalHost) -> [Finding] {
    let known = Set(view.interfaces.filter { $0.kind == .nic && !$0.isStranger }.map(\.device))
    guard !known.isEmpty else { return [] }
    return local.nics.filter { !$0.isSideways && !known.contains($0.name) }.map { nic in
      Finding(
        .notice, "\(nic.name) (\(nic.mac ?? "no MAC")) is in this machine, but XAPI does not know it.",
        remedy: "s in the list of interfaces makes it known.", place: .interface(.device(nic.name)))
    }
  }
}
