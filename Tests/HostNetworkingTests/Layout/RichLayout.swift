import JSON
import Testing
import XenAPI

@testable import HostNetworking

extension LayoutHost {
  /// A standalone host with one of everything: an active-backup bond with management, VLANs on it and on a NIC, a
  /// tunnel, SR-IOV, addresses of both families, other-config in every place, a private network.
  static func withEverything(_ work: (LayoutHost) async throws -> Void) async throws {
    try await with(.standalone) { host in
      try await host.buildEverything()
      try await work(host)
    }
  }

  @discardableResult
  private func call(_ method: String, _ parameters: [JSONValue]) async throws -> String {
    try await client.call(method, parameters).string ?? ""
  }

  private func network(_ name: String, _ config: JSONObject = [:]) async throws -> String {
    try await call("network.create", [["name_label": .string(name), "other_config": .object(config)]])
  }

  private func buildEverything() async throws {
    let (eth0, eth1, eth2, eth3) = (
      try await pif("eth0"), try await pif("eth1"), try await pif("eth2"), try await pif("eth3")
    )
    try await call("PIF.add_to_other_config", [.string(eth1), "ethtool-gso", "off"])
    // The bond takes management.
    let bondNetwork = try await network("Bond 0+1")
    let bond = try await call(
      "Bond.create", [.string(bondNetwork), [.string(eth0), .string(eth1)], "", "active-backup", [:]])
    try await call("Bond.add_to_other_config", [.string(bond), "made-by", "hand"])
    let bondPIF = try await pif("bond0")
    try await call("PIF.set_property", [.string(bondPIF), "gro", "off"])
    try await call("PIF.add_to_other_config", [.string(bondPIF), "domain", "lab.example"])
    try await call("PIF.set_disallow_unplug", [.string(bondPIF), true])
    try await call("PIF.reconfigure_ipv6", [.string(bondPIF), "Autoconf", "", "", ""])
    let dmz = try await network("DMZ", ["static-routes": "10.20.0.0/16/10.0.30.254"])
    let vlan = try await call("VLAN.create", [.string(bondPIF), 30, .string(dmz)])
    try await call("VLAN.add_to_other_config", [.string(vlan), "colour", "red"])
    let upper = try await pif("bond0", vlan: 30)
    try await call("PIF.reconfigure_ip", [.string(upper), "Static", "10.0.30.11", "255.255.255.0", "", ""])
    // A NIC of its own with an address, a VLAN and a tunnel.
    try await call("PIF.reconfigure_ip", [.string(eth2), "Static", "10.0.40.11", "255.255.255.0", "", ""])
    try await call("PIF.reconfigure_ipv6", [.string(eth2), "Static", "fd00:40::11/64", "fd00:40::1", "fd00:40::2"])
    try await call("VLAN.create", [.string(eth2), 77, .string(try await network("Backup"))])
    try await call("tunnel.create", [.string(eth2), .string(try await network("Private 7")), "vxlan"])
    try await call("network_sriov.create", [.string(eth3), .string(try await network("Fast"))])
    let lab = try await network("Lab")
    try await call("network.add_tags", [.string(lab), "quiet"])
    try await call("network.set_default_locking_mode", [.string(lab), "disabled"])
  }
}
