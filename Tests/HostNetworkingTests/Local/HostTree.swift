import Foundation
import HostNetworking

@testable import Dom0

/// The files of a host in a folder of their own: a bond of eth0 and eth1 that carries management and VLAN 42, storage on eth2,
/// eth3 without a cable. What a test wants otherwise it writes over.
final class HostTree {
  let root: String
  private(set) var system: HostSystem

  init() throws {
    root = FileManager.default.temporaryDirectory.appendingPathComponent("tree-\(UUID().uuidString.prefix(8))").path
    system = HostSystem(root: root)
    for (path, text) in Self.files { try write(text, to: path) }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func write(_ text: String, to path: String) throws {
    let place = root + path
    try FileManager.default.createDirectory(
      atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: place, atomically: false, encoding: .utf8)
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + path) }

  func touch(_ path: String, _ wall: Int64) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: TimeInterval(wall))], ofItemAtPath: root + path)
  }

  /// The host as its files tell it, with a kernel in which everything is as it should be.
  func host() -> LocalHost {
    var host = LocalHost(of: system)
    host.live = .healthy
    return host
  }

  static let uuid = "b8b63475-d28c-44d4-9d1e-c38298ad3a0d"

  static let files: [(String, String)] = [
    (
      "/etc/xensource-inventory",
      """
      PRODUCT_VERSION='8.3.0'
      CONTROL_DOMAIN_UUID='3b1dccee-9da4-49c6-8250-e3725e0e4b2d'
      PRODUCT_BRAND='XCP-ng'
      INSTALLATION_UUID='\(uuid)'
      MANAGEMENT_INTERFACE='xapi1'
      MANAGEMENT_ADDRESS_TYPE='IPv4'

      """
    ),
    ("/etc/hostname", "xcp2\n"),
    ("/etc/xensource/pool.conf", "slave:10.0.4.11"),
    ("/etc/xensource/network.conf", "openvswitch\n"),
    (
      "/etc/firstboot.d/data/management.conf",
      "LABEL='eth0'\nMODE='static'\nIP='10.0.4.12'\nNETMASK='255.255.255.0'\nGATEWAY='10.0.4.1'\n"
    ),
    ("/var/lib/xcp/networkd.db", networkd),
    ("/var/lib/xcp/local.db", "<config><row key=\"ha.armed\" value=\"false\"/></config>"),
    ("/etc/resolv.conf", "search lab.example\nnameserver 10.0.4.2\n"),
    ("/etc/sysconfig/network-scripts/ifcfg-lo", "DEVICE=lo\n"),
    ("/etc/sysconfig/network-scripts/interface-rename-data/static-rules.conf", "# Static rules.\n"),
    (
      "/etc/sysconfig/network-scripts/interface-rename-data/dynamic-rules.json",
      "# Automatically adjusted file.\n{\"lastboot\": ["
        + (0..<4).map { "[\"\(mac($0))\", \"0000:0\($0 + 1):00.0[0]\", \"eth\($0)\"]" }.joined(separator: ", ")
        + "], \"old\": []}\n"
    ),
    ("/var/lib/xcp/state-backup.xml", database),
    ("/proc/uptime", "3600.00 7000.00\n"), ("/var/log/xensource.log", ""),
  ]

  static func mac(_ number: Int) -> String { "ec:f4:bb:00:00:0\(number)" }

  static let networkd = """
    {"gateway_interface":"xapi1","dns_interface":"xapi1","interface_config":{
    "xapi1":{"ipv4_conf":["Static4",[["10.0.4.12",24]]],"ipv4_gateway":"10.0.4.1","ipv6_conf":"None6","ipv4_routes":[],
    "dns":[["10.0.4.2"],["lab.example"]],"mtu":1500,"persistent_i":true},
    "xapi2":{"ipv4_conf":"None4","ipv6_conf":"None6","ipv4_routes":[],"mtu":1500,"persistent_i":false},
    "xenbr2":{"ipv4_conf":["Static4",[["10.0.20.12",24]]],"ipv6_conf":"None6","ipv4_routes":[],"mtu":9000,
    "persistent_i":true},
    "xenbr3":{"ipv4_conf":"None4","ipv6_conf":"None6","ipv4_routes":[],"mtu":1500,"persistent_i":true}},
    "bridge_config":{
    "xapi1":{"ports":{"bond0":{"interfaces":["eth0","eth1"],"bond_properties":{"mode":"lacp"},"kind":"Basic_port"}},
    "other_config":{"network-uuids":"net-bond"},"persistent_b":true},
    "xapi2":{"ports":{},"vlan":["xapi1",42],"other_config":{"network-uuids":"net-dmz;net-bond"},"persistent_b":false},
    "xenbr2":{"ports":{"eth2":{"interfaces":["eth2"],"bond_properties":{},"kind":"Basic_port"}},
    "other_config":{},"persistent_b":true},
    "xenbr3":{"ports":{"eth3":{"interfaces":["eth3"],"bond_properties":{},"kind":"Basic_port"}},
    "other_config":{},"persistent_b":true}}}
    """

  static let database = """
    <?xml version="1.0"?><database><manifest><pair key="generation_count" value="7"/></manifest>
    <table name="pool"><row ref="OpaqueRef:pool" uuid="p" name__label="Rack 4" master="OpaqueRef:h1" ha_enabled="false"/></table>
    <table name="host"><row ref="OpaqueRef:h1" uuid="coordinator" name__label="xcp1" hostname="xcp1" address="10.0.4.11"/>
    <row ref="OpaqueRef:h2" uuid="\(uuid)" name__label="xcp2 in rack 4" hostname="xcp2" address="10.0.4.12"/></table>
    <table name="network"><row ref="OpaqueRef:n1" uuid="net-bond" name__label="Management" bridge="xapi1" MTU="1500"/>
    <row ref="OpaqueRef:n2" uuid="net-dmz" name__label="DMZ" bridge="xapi2" MTU="1500"/>
    <row ref="OpaqueRef:n3" uuid="net-b" name__label="Storage B" bridge="xenbr3" MTU="1500"/>
    <row ref="OpaqueRef:n4" uuid="net-lab" name__label="Lab" bridge="xapi9" MTU="1500"/></table>
    <table name="PIF"><row ref="OpaqueRef:p1" uuid="pif1" device="bond0" network="OpaqueRef:n1" host="OpaqueRef:h2" VLAN="-1"/>
    <row ref="OpaqueRef:p2" uuid="pif2" device="bond0" network="OpaqueRef:n2" host="OpaqueRef:h2" VLAN="42"/></table>
    <table name="VM"><row ref="OpaqueRef:v1" uuid="vm1" name__label="web" power_state="Running" resident_on="OpaqueRef:h2"/>
    <row ref="OpaqueRef:v2" uuid="vm2" name__label="mail" power_state="Running" resident_on="OpaqueRef:h1"/>
    <row ref="OpaqueRef:v3" uuid="vm3" name__label="old" power_state="Halted" resident_on="OpaqueRef:NULL"/>
    <row ref="OpaqueRef:v0" uuid="dom0" name__label="Control domain" power_state="Running" resident_on="OpaqueRef:h2"
    is_control_domain="true"/></table>
    <table name="VIF"><row ref="OpaqueRef:i1" uuid="vif1" VM="OpaqueRef:v1" network="OpaqueRef:n3" device="0"/>
    <row ref="OpaqueRef:i2" uuid="vif2" VM="OpaqueRef:v2" network="OpaqueRef:n2" device="0"/>
    <row ref="OpaqueRef:i3" uuid="vif3" VM="OpaqueRef:v3" network="OpaqueRef:n2" device="0"/></table></database>
    """
}
