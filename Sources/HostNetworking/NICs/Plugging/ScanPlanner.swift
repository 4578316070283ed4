import Dom0
import XenAPI

/// XAPI looks for NICs that it does not know. What will appear is known beforehand: the kernel has it already.
struct ScanPlanner {
  private let facts: PluggingFacts
  private let plugs: Bool

  init(_ facts: PluggingFacts, plugs: Bool) {
    self.facts = facts
    self.plugs = plugs
  }

  func plan() -> ChangePlan {
    let new = facts.newcomers
    let scan = facts.scene.step(.scanNICs(expecting: new.map(\.name)), undo: new.flatMap(\.undo))
    let plugging = plugs ? new.filter { !$0.device.isSideways }.map { facts.scene.step(.plug($0.name), undo: [.unplug($0.name)]) } : []
    return ChangePlan(
      intent: .scanNICs(plugs: plugs), title: title(new), differences: new.map { $0.difference(facts, plugs: plugs) },
      consequences: consequences(new), hazards: hazards(new), steps: ([scan] + plugging).numbered)
  }

  private func title(_ new: [Newcomer]) -> String {
    if facts.nics == nil { return "Look for new NICs" }
    return new.isEmpty ? "Look for new NICs: there is none" : "Look for new NICs: \(NameList.words(new.map(\.name))) will appear"
  }

  private func consequences(_ new: [Newcomer]) -> [String] {
    guard let nics = facts.nics else { return ["Which NICs the kernel has could not be read: what appears is told afterwards"] }
    if new.isEmpty {
      return ["XAPI knows every NIC that the kernel has already: \(NameList.words(nics.map(\.name), most: 12))"] + moved(nics)
    }
    return new.flatMap { $0.consequences(facts, plugs: plugs) } + moved(nics)
  }

  /// A scan also looks at the MACs of NICs that are known.
  private func moved(_ nics: [NetworkDevice]) -> [String] {
    facts.tree.nodes.filter { $0.kind == .nic && $0.pif.bondSlaveOf == nil }.compactMap { node in
      guard let mac = nics.first(where: { $0.name == node.pif.device })?.mac, mac != node.pif.mac else { return nil }
      return "XAPI takes over the MAC that \(node.name) has now, \(mac), instead of \(node.pif.mac)"
    }
  }

  private func hazards(_ new: [Newcomer]) -> [Hazard] {
    var hazards = InterfaceGuards.offline(facts) + new.flatMap { $0.hazards(facts) }
    hazards += facts.goneNICs.map { node in
      Hazard(
        .notice, "\(node.name) is known to XAPI, but not in this machine: a scan never removes a record",
        remedy: "If the card is gone for good, forget it: a in the list of interfaces, or xcpconsole nic forget \(node.name)")
    }
    return hazards
  }
}

extension Newcomer {
  func difference(_ facts: PluggingFacts, plugs: Bool) -> ChangePlan.Difference {
    ChangePlan.Difference(
      name, now: "not known to XAPI", after: plugs && !device.isSideways ? "known and plugged" : "known, not plugged")
  }

  /// Where it lands, and what it is.
  func consequences(_ facts: PluggingFacts, plugs: Bool) -> [String] {
    let place = network.map { "\(facts.label($0)), which has its bridge \(bridge)" } ?? "a new network with the bridge \(bridge)"
    var lines = ["\(name) (\(words)) comes onto \(place)"]
    if facts.managementBridge == bridge {
      lines.append("\(name) carries management at once: this host's inventory names its bridge \(bridge)")
    } else if device.isSideways {
      lines.append("\(name) is not plugged: its name is that of a renaming that failed, and goes with the next boot")
    } else if !plugs {
      lines.append("\(name) is not attached until it is plugged, a VM that uses it starts, or XAPI starts the next time")
    }
    return lines
  }

  func hazards(_ facts: PluggingFacts) -> [Hazard] {
    var hazards: [Hazard] = []
    if device.isSideways {
      hazards.append(
        Hazard(
          .warning, "\(name) is the name of a renaming that failed: XAPI would keep the NIC under it",
          remedy: "Reboot first: the renaming is tried again"))
    }
    if let network, let other = facts.tree.interface(on: network) {
      hazards.append(
        Hazard(.warning, "\(other.name) is on \(facts.label(network)) already: XAPI would put \(name) on it as well"))
    }
    return hazards
  }

  /// MAC_INVALID: six bytes in hexadecimal.
  var hasValidMAC: Bool {
    let bytes = (device.mac ?? "").split(separator: ":", omittingEmptySubsequences: false)
    return bytes.count == 6 && bytes.allSatisfy { $0.utf8.count == 2 && UInt8($0, radix: 16) != nil }
  }
}
