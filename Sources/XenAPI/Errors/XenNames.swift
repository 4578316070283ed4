extension XenDatabase {
  /// Names objects by their references, for `XenFailure.explained(by:)`: `eth1`, `VLAN 20 on bond0`, `VIF 0 of web1`;
  /// networks, hosts, VMs and pools by their labels.
  /// - Parameter thisHost: an interface of another host is named with that host (`eth1 of xcp2`); with nil none is.
  public func names(on thisHost: Ref<Host>? = nil) -> (String) -> String? {
    { text in
      let found = interfaceName(text, thisHost) ?? labelled(text) ?? carrierName(text, thisHost) ?? deviceName(text)
      return found.flatMap { $0.isEmpty ? nil : $0 }
    }
  }

  /// What an interface is called on its own host: `eth1`, `bond0`, `VLAN 20 on bond0`.
  public func name(of pif: PIF) -> String {
    if pif.vlan >= 0 { return "VLAN \(pif.vlan) on \(pif.device)" }
    return pif.sriovLogicalPIFOf.isEmpty ? pif.device : "SR-IOV on \(pif.device)"
  }

  private func interfaceName(_ text: String, _ thisHost: Ref<Host>?) -> String? {
    guard let pif = Ref<PIF>(text).flatMap({ pifs[$0] }) else { return nil }
    guard let thisHost, let host = pif.host, host != thisHost, let label = hosts[host]?.nameLabel, !label.isEmpty else {
      return name(of: pif)
    }
    return "\(name(of: pif)) of \(label)"
  }

  private func labelled(_ text: String) -> String? {
    if let network = Ref<Network>(text).flatMap({ networks[$0] }) {
      return network.nameLabel.isEmpty ? network.bridge : network.nameLabel
    }
    if let host = Ref<Host>(text).flatMap({ hosts[$0] }) { return host.nameLabel }
    if let vm = Ref<VM>(text).flatMap({ vms[$0] }) { return vm.nameLabel }
    return Ref<Pool>(text).flatMap { pools[$0] }?.nameLabel
  }

  /// Bonds, VLANs, tunnels and SR-IOV go by their interface.
  private func carrierName(_ text: String, _ thisHost: Ref<Host>?) -> String? {
    let interface: Ref<PIF>?
    if let bond = Ref<Bond>(text).flatMap({ bonds[$0] }) {
      interface = bond.interface
    } else if let vlan = Ref<VLAN>(text).flatMap({ vlans[$0] }) {
      interface = vlan.untaggedPIF
    } else if let tunnel = Ref<Tunnel>(text).flatMap({ tunnels[$0] }) {
      interface = tunnel.accessPIF
    } else {
      interface = Ref<NetworkSRIOV>(text).flatMap { sriovs[$0] }?.logicalPIF
    }
    return interface.flatMap { interfaceName($0.description, thisHost) }
  }

  private func deviceName(_ text: String) -> String? {
    guard let vif = Ref<VIF>(text).flatMap({ vifs[$0] }) else { return Ref<PCI>(text).flatMap { pcis[$0] }?.pciID }
    guard let label = vms[vif.vm]?.nameLabel, !label.isEmpty else { return "VIF \(vif.device)" }
    return "VIF \(vif.device) of \(label)"
  }
}
