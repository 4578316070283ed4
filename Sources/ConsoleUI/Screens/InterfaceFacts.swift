import HostNetworking
import TerminalUI

/// What there is to say of an interface.
struct InterfaceFacts {
  private let interface: InterfaceView

  init(_ interface: InterfaceView) { self.interface = interface }

  /// For the pane below the list: what is not in the list's columns already.
  var brief: [Fact] {
    var facts: [Fact] = [Fact("", hardware)]
    facts.append(Fact("Network", network))
    facts.append(Fact("IP", addressing))
    if !interface.vlans.isEmpty { facts.append(Fact("VLANs", Units.ranges(interface.vlans))) }
    if !interface.vms.isEmpty { facts.append(Fact("VMs", interface.vms.joined(separator: ", "))) }
    return facts
  }

  /// For the page of its own.
  var full: [Fact] {
    var facts = [
      Fact("Kind", interface.kindWords),
      Fact("Link", interface.linkWords, style: interface.kernel?.isMissing == true ? .bad : interface.linkStyle),
    ]
    facts += disagreements + bond
    if !interface.card.isEmpty { facts.append(Fact("Card", interface.card)) }
    if !interface.pci.isEmpty { facts.append(Fact("PCI", interface.pci)) }
    facts += [
      Fact("MAC", interface.mac.isEmpty ? "-" : interface.mac),
      Fact("MTU", interface.mtu.map(String.init) ?? "not known before it is plugged"),
      Fact("IPv4", interface.words(interface.ipv4)),
      Fact("IPv6", interface.words(interface.ipv6)),
      Fact("DNS", interface.dns.isEmpty ? "none" : interface.dns.joined(separator: ", ")),
      Fact("Used as", interface.usage),
    ]
    if let bond = interface.memberOf { facts.append(Fact("Member of", bond)) }
    if !interface.vlans.isEmpty { facts.append(Fact("VLANs", Units.ranges(interface.vlans))) }
    facts.append(
      Fact("Network", network, place: interface.network.map { .network($0) }))
    if !interface.vms.isEmpty { facts.append(Fact("VMs", interface.vms.joined(separator: ", "))) }
    let isServed = interface.isAttached || interface.memberOf != nil
    facts.append(Fact("Attached", attached, style: isServed ? .normal : .warning))
    if interface.isUnplugForbidden { facts.append(Fact("Protected", "must not be unplugged")) }
    if !interface.isManaged { facts.append(Fact("Managed", "no: XAPI leaves it alone", style: .warning)) }
    if !interface.capabilities.isEmpty {
      facts.append(Fact("Can do", interface.capabilities.map { $0 == "sriov" ? "SR-IOV" : $0 }.joined(separator: ", ")))
    }
    if !interface.uuid.isEmpty { facts.append(Fact("UUID", interface.uuid)) }
    return facts
  }

  /// Where the kernel tells another story than XAPI or the host's files.
  var disagreements: [Fact] {
    guard let kernel = interface.kernel else { return [] }
    var facts: [Fact] = []
    if kernel.link != .unknown, interface.linkByXAPI != .unknown, kernel.link != interface.linkByXAPI {
      facts.append(Fact("XAPI says", "link \(interface.linkByXAPI.word)", style: .warning))
    }
    if let mac = kernel.mac, interface.kind == .nic, !interface.mac.isEmpty, mac != interface.mac {
      facts.append(Fact("Own MAC", mac, style: .warning))
    }
    let lost = interface.lostAddresses
    if let there = kernel.addresses, !lost.isEmpty || !Set(there).isSubset(of: interface.configuredAddresses) {
      let text = there.isEmpty ? "none" : there.joined(separator: ", ")
      facts.append(Fact("There now", text, style: lost.isEmpty ? .normal : .warning))
    }
    return facts
  }

  /// How a bond works at the moment.
  var bond: [Fact] {
    guard let bond = interface.kernel?.bond else { return [] }
    var facts: [Fact] = []
    // With the other modes it is only where senders nobody knows are heard.
    if let active = bond.active, case .bond(let mode, _) = interface.kind, mode == .activeBackup { facts.append(Fact("Active", active)) }
    if !bond.idle.isEmpty {
      facts.append(Fact("Not in use", bond.idle.joined(separator: ", ") + ", though linked", style: .warning))
    }
    if let negotiated = bond.lacpNegotiated {
      facts.append(
        Fact("LACP", negotiated ? "negotiated" : "NO ANSWER from the switch", style: negotiated ? .normal : .warning))
    }
    return facts
  }

  private var hardware: String {
    var parts = [interface.card.isEmpty ? interface.kindWords : interface.card]
    if !interface.pci.isEmpty { parts.append("PCI \(interface.pci)") }
    if !interface.duplexWord.isEmpty { parts.append(interface.duplexWord) }
    if let mtu = interface.mtu { parts.append("MTU \(mtu)") }
    return parts.joined(separator: ", ")
  }

  var network: String {
    if interface.isStranger { return "none yet: s in the list of interfaces makes XAPI know it" }
    var text = interface.networkName.isEmpty ? "none" : interface.networkName
    if !interface.bridge.isEmpty { text += ", bridge \(interface.bridge)" }
    return text + (interface.isAttached ? "" : interface.memberOf == nil ? ", NOT ATTACHED" : "")
  }

  private var addressing: String {
    if interface.memberOf != nil { return "none of its own: the bond has it" }
    var parts = ["IPv4 " + interface.words(interface.ipv4)]
    if interface.ipv6.mode != .none || !interface.ipv6.addresses.isEmpty {
      parts.append("IPv6 " + interface.words(interface.ipv6))
    }
    if !interface.dns.isEmpty { parts.append("DNS \(interface.dns.joined(separator: ", "))") }
    return parts.joined(separator: "; ")
  }

  var attached: String {
    if interface.isAttached { return "yes" }
    if interface.isStranger { return "no: XAPI does not know it" }
    return interface.memberOf == nil ? "NO: its bridge is not up" : "through the bond"
  }
}
