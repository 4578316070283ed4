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
      Fact("Link", link, style: interface.link.style),
    ]
    if !interface.card.isEmpty { facts.append(Fact("Card", interface.card)) }
    if !interface.pci.isEmpty { facts.append(Fact("PCI", interface.pci)) }
    facts += [
      Fact("MAC", interface.mac),
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
    facts.append(Fact("UUID", interface.uuid))
    return facts
  }

  private var hardware: String {
    var parts = [interface.card.isEmpty ? interface.kindWords : interface.card]
    if !interface.pci.isEmpty { parts.append("PCI \(interface.pci)") }
    if !interface.duplexWord.isEmpty { parts.append(interface.duplexWord) }
    if let mtu = interface.mtu { parts.append("MTU \(mtu)") }
    return parts.joined(separator: ", ")
  }

  private var network: String {
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

  private var link: String {
    var parts: [String] =
      switch interface.link {
      case .up: ["up"]
      case .down: ["DOWN: no carrier"]
      case .partly(let up, let all): ["\(up) of \(all) links up"]
      case .unknown: ["not known"]
      }
    if interface.speed != nil { parts.append(interface.speedWords) }
    if !interface.duplexWord.isEmpty { parts.append(interface.duplexWord) }
    return parts.joined(separator: ", ")
  }

  private var attached: String {
    if interface.isAttached { return "yes" }
    return interface.memberOf == nil ? "NO: its bridge is not up" : "through the bond"
  }
}
