import Dom0
import XenAPI

/// Links, bonds and cards.
extension Evidence {
  func links() -> [Finding] { view.interfaces.flatMap(link) + view.interfaces.compactMap(frames) }

  private func link(_ interface: InterfaceView) -> [Finding] {
    let place = Finding.Place.interface(interface.id)
    switch (interface.kind, interface.link) {
    case (.bond, .partly(let up, let all)) where up < all && (up > 0 || !interface.isManagement):
      let text = "\(interface.name) has \(up) of \(all) links."
      return [Finding(up == 0 ? .trouble : .warning, text, place: place)]
    // Without any link there is nobody to speak to.
    case (.bond(let mode, let members), let link)
    where mode == .lacp && link.carries && interface.kernel?.bond?.lacpNegotiated == false:
      return [
        Finding(
          .warning, "\(interface.name) is set up for LACP, but the switch does not speak it.",
          remedy: "Set up LACP on the switch ports of \(members.joined(separator: " and ")).", place: place)
      ]
    case (.nic, .down) where !interface.isManagement && interface.memberOf == nil && !interface.vms.isEmpty:
      let vms = interface.vms.count == 1 ? "VM \(interface.vms[0]) uses" : "\(interface.vms.count) VMs here use"
      return [
        Finding(
          .warning, "\(interface.name) has no link, but \(vms) its network \"\(interface.networkName)\".", place: place)
      ]
    case (.nic, .down) where !interface.isManagement && !interface.vlans.isEmpty:
      let vlans = interface.vlans.count == 1 ? "a VLAN" : "\(interface.vlans.count) VLANs"
      return [Finding(.warning, "\(interface.name) has no link, but carries \(vlans).", place: place)]
    default: return []
    }
  }

  /// Frames of a VLAN that are too long for the card below are lost without a word.
  private func frames(_ interface: InterfaceView) -> Finding? {
    guard case .vlan(_, let base) = interface.kind, let mtu = interface.kernel?.mtu else { return nil }
    let below = view.interfaces.filter { $0.device == base && $0.kind.isBase || $0.memberOf == base }
      .filter { $0.kind == .nic }
    guard let least = below.compactMap({ $0.kernel?.mtu }).min(), mtu > least else { return nil }
    return Finding(
      .warning, "\(interface.name) has MTU \(mtu), but \(base) below it only \(least): longer frames are lost.",
      remedy: "Raise the MTU of the network of \(base) first.", place: .interface(interface.id))
  }

  // MARK: Cards and their names

  func cards() -> [Finding] {
    guard let local, local.knowsNICs else { return [] }
    return sideways(local) + rules(local)
  }

  private func sideways(_ local: LocalHost) -> [Finding] {
    local.nics.filter(\.isSideways).map { nic in
      Finding(
        .warning, "A NIC is stuck under the name \(nic.name): renaming it failed.",
        remedy: "See /var/log/interface-rename.log; a reboot tries again.")
    }
  }

  /// The NICs of the last boot against those of now.
  private func rules(_ local: LocalHost) -> [Finding] {
    guard case .success(let rules) = local.files.dynamicRules, !rules.lastBoot.isEmpty else { return [] }
    let nics = local.nics.filter { !$0.isSideways }
    let known = Set(rules.lastBoot.map(\.mac))
    let present = Set(nics.compactMap(\.mac))
    // What XAPI misses is told already.
    let missed = Set(view.interfaces.filter { $0.kernel?.isMissing == true }.map(\.device))
    var findings = rules.lastBoot.filter { !present.contains($0.mac) && !missed.contains($0.name) }.map { gone in
      nics.contains { $0.name == gone.name }
        ? Finding(
          .warning, "\(gone.name) is another card than at the last boot: its MAC was \(gone.mac).",
          place: .interface(.device(gone.name)))
        : Finding(.warning, "\(gone.name) (\(gone.mac)) was there at the last boot, and is not now.")
    }
    // Those that XAPI does not know are told of already.
    let told = Set(rules.lastBoot.map(\.name) + view.interfaces.filter(\.isStranger).map(\.device))
    findings += nics.filter { nic in nic.mac.map { !known.contains($0) } ?? false && !told.contains(nic.name) }.map {
      nic in
      Finding(
        .notice, "\(nic.name) (\(nic.mac ?? "")) is new since the last boot.", place: .interface(.device(nic.name)))
    }
    return findings
  }
}
