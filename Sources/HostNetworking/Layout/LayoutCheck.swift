extension NetworkLayout {
  /// A layout whose parts do not fit together would restore something else than was saved: it is refused with the
  /// place.
  func check(name: String) throws(LayoutError) {
    func damaged(_ place: String, _ rule: String) -> LayoutError { .damaged(name: name, place: place, rule: rule) }
    try Self.checkUnique(nics.map(\.device), "nics", "device", name)
    try Self.checkUnique(networks.map(\.id), "networks", "uuid", name)
    try Self.checkUnique(interfaces.map(\.name), "interfaces", "name", name)
    let known = Set(interfaces.map(\.name))
    func need(_ interface: String, _ place: String) throws(LayoutError) {
      if !known.contains(interface) { throw damaged(place, "\"\(interface)\" is not among the interfaces") }
    }
    let networkIDs = Set(networks.map(\.id))
    for (index, interface) in interfaces.enumerated()
    where !interface.network.isEmpty && !networkIDs.contains(interface.network) {
      throw damaged("interfaces[\(index)].network", "\"\(interface.network)\" is not among the networks")
    }
    var owners: [String: String] = [:]
    for (index, bond) in bonds.enumerated() {
      try need(bond.name, "bonds[\(index)].name")
      if bond.members.isEmpty { throw damaged("bonds[\(index)].members", "a bond needs members") }
      for member in bond.members {
        try need(member, "bonds[\(index)].members")
        if let owner = owners.updateValue(bond.name, forKey: member) {
          throw damaged("bonds[\(index)].members", "\(member) is a member of \(owner) already")
        }
      }
    }
    for (index, vlan) in vlans.enumerated() {
      try need(vlan.name, "vlans[\(index)].name")
      try need(vlan.base, "vlans[\(index)].on")
    }
    for (index, tunnel) in tunnels.enumerated() {
      try need(tunnel.name, "tunnels[\(index)].name")
      try need(tunnel.base, "tunnels[\(index)].on")
    }
    for (index, sriov) in sriovs.enumerated() {
      try need(sriov.name, "sriov[\(index)].name")
      try need(sriov.base, "sriov[\(index)].on")
    }
    if let management { try need(management, "management") }
    try checkKinds(name: name)
  }

  /// Each interface that is made of others tells how, once.
  private func checkKinds(name: String) throws(LayoutError) {
    let made: [(SavedInterface.Kind, [String], String)] = [
      (.nic, nics.map(\.device), "nics"), (.bond, bonds.map(\.name), "bonds"), (.vlan, vlans.map(\.name), "vlans"),
      (.tunnel, tunnels.map(\.name), "tunnels"), (.sriov, sriovs.map(\.name), "sriov"),
    ]
    for (kind, names, list) in made {
      try Self.checkUnique(names, list, "name", name)
      let names = Set(names)
      for (index, interface) in interfaces.enumerated()
      where (interface.kind == kind) != names.contains(interface.name) && (interface.kind == kind || kind != .nic) {
        throw .damaged(
          name: name, place: "interfaces[\(index)].kind",
          rule: "\(interface.name) and the list \"\(list)\" do not agree")
      }
    }
  }

  private static func checkUnique(
    _ names: [String], _ list: String, _ key: String, _ file: String
  ) throws(LayoutError) {
    var seen: Set<String> = []
    for (index, name) in names.enumerated() where !seen.insert(name).inserted {
      throw .damaged(name: file, place: "\(list)[\(index)].\(key)", rule: "\"\(name)\" is there twice")
    }
  }
}
