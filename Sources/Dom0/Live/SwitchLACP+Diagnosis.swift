extension SwitchLACP {
  /// What this bond's LACP amounts to.
  /// - Parameter down: members without a link; nobody can expect a partner there.
  public func diagnosis(withoutLink down: Set<String> = []) -> Diagnosis {
    guard !members.isEmpty else { return .noMembers }
    let linked = members.filter { !down.contains($0.name) }
    guard !linked.isEmpty else { return .noLinks }
    let silent = linked.filter { !$0.hasPartner }.map(\.name)
    guard silent.count < linked.count else { return .silentSwitch }
    guard silent.isEmpty else { return .silentMembers(silent) }
    let groups = Self.groups(linked)
    guard groups.count == 1 else { return .partedMembers(groups) }
    let refused = linked.filter { !$0.isAttached || !$0.partner.state.isSuperset(of: ["synchronized", "collecting"]) }
    return refused.isEmpty ? .good : .refusedMembers(refused.map(\.name))
  }

  /// Members by the switch and the group they end in, in order of appearance.
  private static func groups(_ members: [Member]) -> [[String]] {
    var groups: [(partner: Party, names: [String])] = []
    for member in members {
      let place = groups.firstIndex {
        $0.partner.systemID == member.partner.systemID && $0.partner.key == member.partner.key
      }
      if let place {
        groups[place].names.append(member.name)
      } else {
        groups.append((member.partner, [member.name]))
      }
    }
    return groups.map(\.names)
  }
}

extension SwitchLACP.Diagnosis {
  /// What is so and what to do about it; nil when there is nothing to do.
  public func advice(for bond: String) -> String? {
    switch self {
    case .good: nil
    case .noMembers: "\(bond) has no NICs."
    case .noLinks: "No NIC of \(bond) has a link. Check cables and switch ports."
    case .silentSwitch: "The switch does not speak LACP with \(bond). Set up LACP on its ports."
    case .silentMembers(let names):
      "Nobody speaks LACP with \(Self.list(names)) of \(bond), but with the others. "
        + "Check that its cable is in the right port and that the port is in the switch's group."
    case .partedMembers(let groups):
      "The NICs of \(bond) end in different groups or switches: \(groups.map(Self.list).joined(separator: "; ")). "
        + "Put their ports into one group."
    case .refusedMembers(let names):
      "The switch keeps \(Self.list(names)) of \(bond) out of its group. "
        + "Compare speed, duplex and VLAN settings of its ports."
    }
  }

  private static func list(_ names: [String]) -> String {
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }
}
