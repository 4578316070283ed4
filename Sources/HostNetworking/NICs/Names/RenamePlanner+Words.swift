import Dom0

/// What is said of other names: hazards, what differs, what follows.
extension RenamePlanner {
  // MARK: Hazards

  /// NICs in use keep their names: the documented way is to take them out of use first.
  func useHazards(_ affected: Set<String>) -> [Hazard] {
    var hazards: [Hazard] = []
    for nic in names.nics where affected.contains(nic.mac) {
      hazards += nic.use.reasons.map { Hazard(.blocking, $0.text, remedy: $0.remedy) }
      guard !nic.use.vms.isEmpty, nic.use.isFree else { continue }
      let vms = nic.use.vms.count > 3 ? "\(nic.use.vms.count) VMs" : nic.use.vms.joined(separator: ", ")
      hazards.append(
        Hazard(
          .warning, "\(vms) use\(nic.use.vms.count == 1 ? "s" : "") \(nic.name)'s network \"\(nic.use.network)\": after the reboot another port carries it",
          remedy: "Move the cables as well, unless the names were wrong and the cables right"))
    }
    return hazards
  }

  /// `interface-rename --update` goes by the MACs of the moment, and does not take two NICs with one.
  func bondHazards() -> [Hazard] {
    let bonds = Dictionary(grouping: names.nics.filter { $0.kernelBond != nil }) { $0.kernelBond ?? "" }.filter { $0.value.count > 1 }
    return bonds.sorted { comesBefore($0.key, $1.key) }.map { bond, nics in
      Hazard(
        .blocking, "\(nics.map(\.name).joinedWithAnd) have one MAC while they are in \(bond): interface-rename would refuse other names for any NIC",
        remedy: "Destroy the bond first, and make it anew afterwards")
    }
  }

  func lookOut(_ outlook: Outlook) -> [Hazard] {
    var hazards: [Hazard] = []
    let given = Set(outlook.names.values)
    let holes = names.nextNames.values.filter { !given.contains($0) }.sorted { comesBefore($0, $1) }
    if !holes.isEmpty {
      hazards.append(
        Hazard(.notice, "no NIC is called \(holes.joined(separator: ", ")) any more: a new card does not get that name, numbers go on after the highest"))
    }
    for entry in names.absent where outlook.affected.contains(where: { outlook.names[$0] == entry.name }) {
      hazards.append(
        Hazard(.warning, "\(entry.name) was \(entry.mac), which is not in the machine: should it come back, it gets another name"))
    }
    if names.nics.contains(where: { $0.nameBeforeAside != nil }) {
      hazards.append(Hazard(.notice, "a NIC is put aside since its renaming failed: the reboot names it again"))
    }
    if let xapi = names.xapi {
      if xapi.hosts > 1 {
        hazards.append(
          Hazard(.warning, "XAPI puts NICs of all hosts on the pool's networks by their names: the same name should be the same wire on every host"))
      }
      if xapi.isHAOn { hazards.append(Hazard(.warning, "high availability is on: put the host into maintenance mode before the reboot")) }
    } else {
      hazards.append(
        Hazard(.warning, "XAPI does not answer: which VMs use the NICs is not known, the rest is from networkd's file"))
    }
    return hazards
  }

  // MARK: What differs

  /// First the NICs, then the rules as they will be.
  func differences(_ outlook: Outlook, _ logic: RenameLogic) -> [ChangePlan.Difference] {
    let affected = names.nics.filter { outlook.affected.contains($0.mac) }
    var rows = affected.map { nic in
      ChangePlan.Difference(
        nic.name, now: [nic.mac, nic.card.physical.map { "(\($0))" } ?? "", nic.waits ? "then \(nic.nextName ?? "?")" : ""]
          .filter { !$0.isEmpty }.joined(separator: " "), after: "called \(outlook.names[nic.mac] ?? "?")")
    }
    let now = (try? names.dynamicRules?.get())?.lastBoot ?? []
    let (after, _) = logic.rules(outlook.names)
    let titles = Set(now.map(\.name) + after.map(\.name)).sorted { comesBefore($0, $1) }
    rows += titles.map { name in
      ChangePlan.Difference(
        "rule \(name)", now: Self.rule(now.first { $0.name == name }), after: Self.rule(after.first { $0.name == name }))
    }
    return rows
  }

  /// Without the domain, which is 0 on nearly all machines: the column is narrow.
  private static func rule(_ entry: DynamicRules.Entry?) -> String {
    guard let entry else { return "none" }
    let function = RenameLogic.parted(entry.pci).function
    return "\(entry.mac) \(function.hasPrefix("0000:") ? String(function.dropFirst(5)) : function)"
  }

  func title(_ outlook: Outlook) -> String {
    if outlook.affected.isEmpty { return "The names of the NICs" }
    let pairs = names.nics.filter { outlook.affected.contains($0.mac) }
      .map { "\($0.nextName ?? $0.name) becomes \(outlook.names[$0.mac] ?? "?")" }
    return pairs.joined(separator: ", ")
  }

  func sentence(_ outlook: Outlook) -> String {
    let pairs = names.nics.filter { outlook.affected.contains($0.mac) }.sorted { comesBefore(outlook.names[$0.mac] ?? "", outlook.names[$1.mac] ?? "") }
      .map { "\(outlook.names[$0.mac] ?? "?") is \($0.mac)" }
    return "Write the rules of the next boot: \(pairs.joined(separator: ", "))"
  }

  // MARK: What follows

  /// What happens at the reboot, and what is to be done after it.
  func consequences(_ after: [String: String], _ affected: Set<String>) -> [String] {
    var lines = ["nothing changes before the host reboots; the reboot is offered when the rules are written"]
    let pairs = affected.compactMap { mac in after[mac].map { (mac, $0) } }.sorted { comesBefore($0.1, $1.1) }
    let lost = names.nics.filter { affected.contains($0.mac) }.compactMap(\.nextName).filter { name in !after.values.contains(name) }
    guard let xapi = names.xapi else {
      return lines + ["when XAPI answers again it looks at its NICs by their names; this list of names then tells what is left to do"]
    }
    for (mac, name) in pairs {
      let before = names[mac: mac]?.name ?? mac
      if let interface = xapi.interfaces[name], !interface.network.isEmpty {
        lines.append("the network \"\(interface.network)\" (\(name)) is carried by today's \(before) from then on")
      } else {
        lines.append("XAPI does not know \(name) yet: it gets an interface and a network for today's \(before) when it looks for NICs")
      }
    }
    return lines + followUp(xapi, pairs.map(\.1), lost)
  }

  /// The lines that finish it after the reboot.
  private func followUp(_ xapi: NamesInXAPI, _ given: [String], _ lost: [String]) -> [String] {
    var lines: [String] = []
    let scan = "xe pif-scan host-uuid=\(xapi.hostUUID)"
    for device in lost.sorted(by: { comesBefore($0, $1) }) {
      guard let interface = xapi.interfaces[device] else { continue }
      lines.append("after the reboot, as no NIC is called \(device) any more: xe pif-forget uuid=\(interface.uuid)")
      if interface.isAlone, !interface.networkUUID.isEmpty {
        lines.append("its network \"\(interface.network)\" is then on nothing: xe network-destroy uuid=\(interface.networkUUID)")
      }
    }
    let new = given.filter { xapi.interfaces[$0] == nil }
    if !new.isEmpty {
      lines.append("after the reboot, for \(new.joined(separator: ", ")): \(scan), then xe pif-plug uuid=... of each")
    }
    let kept = given.compactMap { xapi.interfaces[$0]?.uuid }
    if !kept.isEmpty {
      let forget = kept.map { "xe pif-forget uuid=\($0)" }.joined(separator: "; ")
      lines.append("XAPI looks at its NICs when it starts; should it still have an old MAC then: \(scan), or else \(forget); \(scan)")
    }
    return lines + ["the list of names tells after the reboot what of this is left, and does it"]
  }
}
