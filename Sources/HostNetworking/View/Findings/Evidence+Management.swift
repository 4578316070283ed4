import Dom0
import XenAPI

/// Whether this host can be managed over the network, and if not, why.
extension Evidence {
  func management() -> [Finding] {
    guard let management = view.management else {
      // Nobody has told of interfaces yet: then nothing is known to be wrong.
      guard view.sources.configuration != nil else { return [] }
      return [
        Finding(
          .trouble, "No management interface: this host cannot be managed over the network.",
          remedy: "An emergency network reset gives it one.")
      ]
    }
    let place = management.interface.map { Finding.Place.interface($0) } ?? .nowhere
    return link(management, place) + bridge(management, place) + address(management, place)
  }

  private func link(_ management: ManagementFacts, _ place: Finding.Place) -> [Finding] {
    if managementInterface?.kernel?.isMissing == true {
      return [
        Finding(
          .trouble, "\(management.name) (management) is not in this machine.",
          remedy: "Was the card taken out, or renamed? The list of interfaces shows those that are there.", place: place
        )
      ]
    }
    guard !management.link.carries, management.link != .unknown else { return [] }
    return [
      Finding(
        .trouble, "\(management.name) (management) has no link.",
        remedy: "Check cable and switch port\(linked(management)).", place: place)
    ]
  }

  /// Where a cable is: perhaps the one that is missed.
  private func linked(_ management: ManagementFacts) -> String {
    let nics = view.interfaces.filter { $0.kind == .nic && $0.link == .up && $0.memberOf != management.name }.map(
      \.name)
    guard let last = nics.last, nics.count <= 4 else { return "; the list of interfaces shows the link live" }
    return nics.count == 1
      ? "; \(last) has a link" : "; \(nics.dropLast().joined(separator: ", ")) and \(last) have links"
  }

  private func bridge(_ management: ManagementFacts, _ place: Finding.Place) -> [Finding] {
    guard let local, let there = local.presentBridges, let bridge = local.managementBridge, !there.contains(bridge)
    else {
      return []
    }
    return [
      Finding(
        .trouble, "Management is to be on the bridge \(bridge), but there is no such bridge.",
        remedy: "Restart xcp-networkd; if that does not bring it, reset the network.", place: place)
    ]
  }

  private func address(_ management: ManagementFacts, _ place: Finding.Place) -> [Finding] {
    let interface = managementInterface
    guard management.isAddressKnown else { return [] }
    guard management.address.isEmpty else { return interface.map { otherAddress($0, place) } ?? [] }
    let modes = [interface?.ipv4.mode, interface?.ipv6.mode].compactMap { $0 }
    if !modes.isEmpty, modes.allSatisfy({ $0 == .none }), interface?.ref == nil {
      return [
        Finding(
          .trouble, "No management address on \(management.name): none is set up.",
          remedy: "Give it one with an emergency network reset.", place: place)
      ]
    }
    guard modes.contains(.dhcp) else {
      let configured = interface?.lostAddresses.first.map { ": \($0) is set up but not there." } ?? "."
      return [Finding(.trouble, "No management address on \(management.name)\(configured)", place: place)]
    }
    return [noAnswer(management, place)]
  }

  /// What DHCP had to say before it fell silent.
  private func noAnswer(_ management: ManagementFacts, _ place: Finding.Place) -> Finding {
    Finding(
      .trouble, "No management address on \(management.name): no answer from DHCP.",
      remedy:
        "Check the DHCP server and the VLAN of the switch port, or set an address with the emergency network reset.",
      place: place)
  }

  /// The kernel has an address, but not the one that was set up.
  private func otherAddress(_ interface: InterfaceView, _ place: Finding.Place) -> [Finding] {
    guard let there = interface.kernel?.addresses else { return [] }
    let isStatic = interface.ipv4.mode == .static
    guard isStatic, let wanted = interface.ipv4.addresses.first, !there.contains(wanted), !there.isEmpty else {
      return []
    }
    return [
      Finding(
        .warning, "\(interface.name) is set up with \(wanted), but has \(there.joined(separator: ", ")).",
        remedy: "Somebody changed it by hand: a restart of xcp-networkd sets it up again.", place: place)
    ]
  }

  // MARK: The pool

  func pool() -> [Finding] {
    guard case .member(_, let coordinator, let address) = view.role else { return hosts() }
    let name = [coordinator, coordinator.isEmpty ? address : "(\(address))"].filter { !$0.isEmpty }.joined(
      separator: " ")
    if isLive, join?.coordinatorIsLive == false {
      return [Finding(.trouble, "The coordinator \(name) gives no heartbeat.")] + hosts()
    }
    if case .emergency(let failure) = view.connection, Self.isCutOff(failure) {
      return [
        Finding(
          .trouble, "The coordinator \(address.isEmpty ? name : address) is out of reach; XAPI waits for it.",
          remedy: "Once this host has link and address, check the coordinator itself.")
      ]
    }
    return hosts()
  }

  /// What XAPI answers while it looks for its coordinator; in other emergencies the coordinator is not the cause.
  private static func isCutOff(_ failure: XenFailure) -> Bool {
    ["HOST_IN_EMERGENCY_MODE", "HOST_STILL_BOOTING", "HOST_HAS_NO_MANAGEMENT_IP", "HOST_MASTER_CANNOT_TALK_BACK"]
      .contains(failure.code)
  }

  private func hosts() -> [Finding] {
    guard let facts = view.facts else { return [] }
    var findings: [Finding] = []
    if !facts.enabled { findings.append(Finding(.warning, "This host is in maintenance mode.")) }
    if facts.liveHosts < facts.poolHosts, join?.coordinatorIsLive != false {
      let lost = facts.poolHosts - facts.liveHosts
      findings.append(
        Finding(
          .warning, "\(lost) of \(facts.poolHosts) hosts of the pool give\(lost == 1 ? "s" : "") no heartbeat."))
    }
    return findings
  }
}
