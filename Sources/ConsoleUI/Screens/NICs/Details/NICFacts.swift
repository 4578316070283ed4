import HostNetworking
import TerminalUI

/// What there is to say of a NIC: what XAPI and the host's files tell, what the kernel and the driver tell, and the switch.
struct NICFacts {
  let device: String
  /// nil when neither XAPI nor the host's files tell of it.
  var interface: InterfaceView?
  /// nil before anything was asked.
  var details: NICDetails?
  /// nil before the first look.
  var sample: CounterSample?
  var interfaces: [InterfaceView] = []
  /// XAPI or the host's files have told of it before.
  var wasKnown = false

  /// The most wanted first: what fits on the first page of a small screen answers what people come for.
  var all: [Fact] {
    guard interface != nil || kernel != nil || details == nil && !wasKnown else { return [] }
    return link + users + addresses + hardware + record + LinkFacts(details, device).all + DriverFacts(details, device).all
  }

  private var kernel: NICDetails.Kernel? { details?.kernel }

  /// The device is there, as far as anybody has looked.
  private var live: CounterSample? { sample.flatMap { $0.index == nil ? nil : $0 } }

  // MARK: The link

  private var link: [Fact] {
    let state = live.map(\.link) ?? interface?.link ?? kernelLink
    let isMissing = live == nil && interface?.kernel?.isMissing == true
    var facts = [Fact("Link", linkWords(state, isMissing), style: isMissing ? .bad : isOff(state) ? .dim : state.style)]
    facts += interface.map { InterfaceFacts($0).disagreements } ?? []
    if state == .down, live != nil || kernel != nil {
      facts.append(Fact("Switch", "out of reach: without a link nothing is heard", style: .dim))
      return facts
    }
    let words = LLDPWords(details?.lldp, of: device)
    facts.append(Fact("Switch", words.text, style: words.isKnown ? .normal : .dim))
    return facts
  }

  private var kernelLink: LinkState { kernel?.hasCarrier.map { $0 ? .up : .down } ?? (kernel?.isUp == false ? .down : .unknown) }

  private func isOff(_ state: LinkState) -> Bool {
    state == .down && (live?.isUp ?? kernel?.isUp ?? interface.map { !$0.isOff }) == false
  }

  private func linkWords(_ state: LinkState, _ isMissing: Bool) -> String {
    if live == nil, let interface, !interface.isStranger {
      let negotiation = details?.link.value?.negotiates.map { ", autonegotiation \($0 ? "on" : "OFF")" } ?? ""
      return interface.linkWords + (isMissing ? "" : negotiation)
    }
    var parts: [String] =
      switch state {
      case .up, .partly: ["up"]
      case .down: [isOff(state) ? "off: nobody has set it up" : "DOWN: no carrier"]
      case .unknown: [isMissing ? "NOT THERE" : "not known"]
      }
    if state == .up {
      parts += (live?.speed ?? kernel?.speed).map { [Units.speed($0)] } ?? []
      let duplex = details?.link.value?.duplex ?? kernel?.duplex
      parts += duplex.map { [$0 == .full ? "full duplex" : "HALF DUPLEX"] } ?? []
    }
    if let negotiates = details?.link.value?.negotiates { parts.append("autonegotiation \(negotiates ? "on" : "OFF")") }
    return parts.joined(separator: ", ")
  }

  // MARK: Who uses it

  private var users: [Fact] {
    guard let interface, !interface.isStranger else {
      return [
        Fact("Used as", "unused: XAPI has no PIF for it. Let XAPI look for new NICs: s in the list of interfaces", style: .warning)
      ]
    }
    let words = InterfaceFacts(interface)
    var facts = [Fact("Used as", interface.usage)]
    if let bond = interface.memberOf { facts.append(Fact("Member of", bond)) }
    if !interface.vlans.isEmpty { facts.append(Fact("VLANs", Units.ranges(interface.vlans))) }
    facts.append(Fact("Network", words.network, place: interface.network.map { .network($0) }))
    if !interface.vms.isEmpty { facts.append(Fact("VMs", interface.vms.joined(separator: ", "))) }
    facts += above
    let isServed = interface.isAttached || interface.memberOf != nil
    facts.append(Fact("Attached", words.attached, style: isServed ? .normal : .warning))
    return facts
  }

  /// VMs that reach the wire through a VLAN or a bond.
  private var above: [Fact] {
    let bases = [device, interface?.memberOf].compactMap { $0 }
    return interfaces.compactMap { upper in
      guard upper.device != device || upper.kind != .nic, !upper.vms.isEmpty else { return nil }
      let isAbove =
        switch upper.kind {
        case .vlan(_, let base), .tunnel(_, let base), .sriov(let base): bases.contains(base)
        case .bond(_, let members): members.contains(device)
        case .nic: false
        }
      return isAbove ? Fact("VMs", "\(upper.vms.joined(separator: ", ")) through \(upper.name)") : nil
    }
  }

  private var addresses: [Fact] {
    guard let interface, !interface.isStranger else { return [] }
    if let bond = interface.memberOf { return [Fact("IP", "none of its own: addresses are on \(bond)'s bridge")] }
    let isSet = interface.ipv4.mode != .none || interface.ipv6.mode != .none
    let place = isSet && !interface.bridge.isEmpty ? "; addresses are on \(interface.bridge)" : ""
    var facts = [Fact("IPv4", interface.words(interface.ipv4) + (interface.ipv4.mode == .none ? "" : place))]
    facts.append(Fact("IPv6", interface.words(interface.ipv6) + (interface.ipv4.mode == .none ? place : "")))
    facts.append(Fact("DNS", interface.dns.isEmpty ? "none" : interface.dns.joined(separator: ", ")))
    return facts
  }

  // MARK: The card

  private var hardware: [Fact] {
    var facts = [Fact("MAC", mac)]
    let mtu = kernel?.mtu ?? interface?.mtu
    facts.append(Fact("MTU", mtu.map { "\($0)" } ?? "not known before it is plugged"))
    let driver = details?.driver.value
    var card = interface?.card ?? ""
    if card.isEmpty {
      card = [kernel?.hardware?.vendor, kernel?.hardware?.device].compactMap { $0 }.joined(separator: ":")
      if let name = kernel?.hardware?.driver ?? driver?.driver { card += (card.isEmpty ? "" : ", ") + name }
    }
    if let version = driver?.version { card += " \(version)" }
    if let firmware = driver?.firmware, !firmware.isEmpty { card += ", firmware \(firmware)" }
    facts.append(Fact("Kind", (interface?.kindWords ?? "NIC") + (card.isEmpty ? "" : ", \(card)")))
    if !place.isEmpty { facts.append(Fact("PCI", place)) }
    return facts
  }

  private var mac: String {
    let current = kernel?.mac ?? interface?.mac ?? ""
    guard !current.isEmpty else { return "-" }
    guard case .known(let permanent) = details?.permanentMAC, let permanent else { return current }
    return permanent == current ? "\(current), the card's own" : "\(current); the card's own is \(permanent)"
  }

  /// `0000:5e:00.1, slot 3, em2, Integrated NIC 2`.
  private var place: String {
    var parts = [kernel?.hardware?.address ?? interface?.pci ?? ""].filter { !$0.isEmpty }
    if let slot = details?.slot { parts.append("slot \(slot)") }
    if let firmware = details?.firmware.value ?? nil {
      if let name = firmware.name { parts.append(name) }
      if let slot = firmware.slot, details?.slot == nil { parts.append(slot == "embedded" ? "on the board" : "slot \(slot)") }
      if let label = firmware.label { parts.append("\"\(label)\"") }
    }
    return parts.joined(separator: ", ")
  }

  private var record: [Fact] {
    guard let interface else { return [] }
    var facts: [Fact] = []
    if !interface.uuid.isEmpty { facts.append(Fact("UUID", interface.uuid)) }
    if interface.isUnplugForbidden { facts.append(Fact("Protected", "must not be unplugged")) }
    if !interface.isManaged { facts.append(Fact("Managed", "no: XAPI leaves it alone", style: .warning)) }
    if !interface.capabilities.isEmpty {
      facts.append(Fact("Can do", interface.capabilities.map { $0 == "sriov" ? "SR-IOV" : $0 }.joined(separator: ", ")))
    }
    return facts
  }
}
