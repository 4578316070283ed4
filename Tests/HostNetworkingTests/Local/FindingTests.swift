import Testing

@testable import Dom0
@testable import HostNetworking
@testable import XenAPI

/// Each finding of a host without XAPI: there when it should be. That none is there on a healthy host is told first.
@Suite struct FindingTests {
  private let tree: HostTree

  init() throws { tree = try HostTree() }

  private func findings(_ change: (inout LocalHost) -> Void = { _ in }) -> [Finding] {
    var live = LiveState()
    live.connection = .silent(.transport(.absent))
    var host = tree.host()
    change(&host)
    return HostView(live, local: host).findings
  }

  /// The one finding, or a picture of what there is instead.
  private func only(_ change: (inout LocalHost) -> Void = { _ in }) -> String {
    findings(change).map { "\($0.weight): \($0.text)" }.joined(separator: "\n")
  }

  @Test func aHealthyHostHasNone() { #expect(only() == "") }

  // MARK: Management

  @Test func linkOfManagement() {
    let found = findings { host in
      for name in ["eth0", "eth1"] { host.live.change(name) { $0.hasCarrier = false } }
    }
    #expect(found.map(\.text) == ["bond0 (management) has no link."])
    #expect(found.first?.weight == .trouble)
    #expect(found.first?.remedy == "Check cable and switch port; eth2 has a link.")
    #expect(found.first?.place == .interface(.device("bond0")))
  }

  @Test func oneLinkOfABond() {
    let found = only { $0.live.change("eth1") { $0.hasCarrier = false } }
    #expect(found == "warning: bond0 has 1 of 2 links.")
  }

  @Test func aNICThatIsSetDownHasNoLink() {
    let found = only { host in
      host.live.change("eth1") {
        $0.isUp = false
        $0.hasCarrier = nil
      }
    }
    #expect(found == "warning: bond0 has 1 of 2 links.")
  }

  @Test func theBridgeOfManagementIsMissing() {
    let found = findings { host in
      host.live.openVSwitch = .success(
        OpenVSwitch(bridges: [.of("xenbr2", [.nic("eth2")]), .of("xenbr3", [.nic("eth3")])]))
      host.live.addresses = .success([.bridge("xenbr2", ["10.0.20.12"])])
    }
    #expect(found.first?.text == "Management is to be on the bridge xapi1, but there is no such bridge.")
    #expect(found.contains { $0.text == "No management address on bond0: 10.0.4.12/24 is set up but not there." })
  }

  @Test func anAddressThatIsNotThere() {
    let found = only { host in
      host.live.addresses = .success([.bridge("xapi1", []), .bridge("xenbr2", ["10.0.20.12"])])
    }
    #expect(found == "trouble: No management address on bond0: 10.0.4.12/24 is set up but not there.")
  }

  @Test func anotherAddressThanSetUp() {
    let found = only { host in
      host.live.addresses = .success([.bridge("xapi1", ["10.0.4.99"]), .bridge("xenbr2", ["10.0.20.12"])])
    }
    #expect(found == "warning: bond0 is set up with 10.0.4.12/24, but has 10.0.4.99/24.")
  }

  @Test func noAnswerFromDHCP() throws {
    try tree.write(
      HostTree.networkd.replacing(#"["Static4",[["10.0.4.12",24]]],"ipv4_gateway":"10.0.4.1""#, with: #""DHCP4""#),
      to: NetworkdDB.path)
    let lost = { (host: inout LocalHost) in
      host.live.addresses = .success([.bridge("xapi1", []), .bridge("xenbr2", ["10.0.20.12"])])
    }
    #expect(only(lost) == "trouble: No management address on bond0: no answer from DHCP.")
    // A kernel that cannot be asked is no reason to say that there is none.
    #expect(only { $0.live.addresses = nil } == "")
  }

  @Test func noManagementAtAll() throws {
    try tree.write(
      HostTree.files[0].1.replacing("MANAGEMENT_INTERFACE='xapi1'", with: "MANAGEMENT_INTERFACE=''"),
      to: Inventory.path)
    #expect(only() == "trouble: No management interface: this host cannot be managed over the network.")
  }

  // MARK: Links and cards

  @Test func aSwitchWithoutLACP() {
    let found = findings { $0.live.switchBonds = .success([.working("bond0", ["eth0", "eth1"], lacp: .configured)]) }
    #expect(found.map(\.text) == ["bond0 is set up for LACP, but the switch does not speak it."])
    #expect(found.first?.remedy == "Set up LACP on the switch ports of eth0 and eth1.")
    #expect(only { $0.live.switchBonds = .success([.working("bond0", ["eth0", "eth1"], lacp: .off)]) } == "")
  }

  @Test func longFramesOnAVLAN() {
    let found = only { $0.live.change("xapi2") { $0.mtu = 9000 } }
    #expect(found == "warning: VLAN 42 on bond0 has MTU 9000, but bond0 below it only 1500: longer frames are lost.")
  }

  @Test func aNICStuckWhileRenaming() {
    let found = only { $0.live.change("eth3") { $0.name = "side-17-eth3" } }
    #expect(found.contains("A NIC is stuck under the name side-17-eth3: renaming it failed."))
  }

  @Test func anotherCardThanAtTheLastBoot() {
    let found = only { $0.live.change("eth3") { $0.mac = "00:11:22:33:44:55" } }
    #expect(found == "warning: eth3 is another card than at the last boot: its MAC was \(HostTree.mac(3)).")
  }

  @Test func aCardThatIsGone() throws {
    let rules = RenameRules.dynamicPath
    let text = "{\"lastboot\": [[\"ec:f4:bb:00:00:09\", \"0000:09:00.0[0]\", \"eth9\"]], \"old\": []}"
    try tree.write(text, to: rules)
    let found = findings()
    #expect(found.first?.text == "eth9 (ec:f4:bb:00:00:09) was there at the last boot, and is not now.")
    #expect(found.dropFirst().map(\.text).contains("eth0 (ec:f4:bb:00:00:00) is new since the last boot."))
  }

  // MARK: Routes and names

  @Test func defaultRoutes() {
    #expect(
      only { $0.live.routes = .success([]) }
        == "trouble: There is no default route, though the gateway 10.0.4.1 is set up.")
    #expect(
      only { $0.live.routes = .success([.defaultRoute(via: "10.0.20.1", on: "xenbr2")]) }
        == "warning: The default route goes through xenbr2, not through management (xapi1).")
    #expect(
      only { host in
        host.live.routes = .success([
          .defaultRoute(via: "10.0.4.1", on: "xapi1"), .defaultRoute(via: "10.0.20.1", on: "xenbr2"),
        ])
      } == "warning: There are 2 default routes: 10.0.4.1 on xapi1 and 10.0.20.1 on xenbr2.")
  }

  @Test func nameServers() throws {
    try tree.write("search lab.example\n", to: ResolvConf.path)
    #expect(only() == "warning: /etc/resolv.conf names no DNS server: names cannot be looked up.")
    try tree.remove(ResolvConf.path)
    #expect(only() == "warning: /etc/resolv.conf is missing: names cannot be looked up.")
  }

  @Test func dnsWithoutDomain() throws {
    try tree.write("\n", to: ResolvConf.path)
    try tree.write("LABEL='eth0'\nMODE='dhcp'\nDNS='10.0.4.2'\n", to: ManagementConf.path)
    let found = findings()
    #expect(found.first?.remedy?.contains("DNS without DOMAIN") == true)
  }

  // MARK: Services

  @Test(arguments: [
    ("xcp-networkd", "failed", "trouble: The service xcp-networkd has failed: nobody sets up the network."),
    ("openvswitch", "inactive", "trouble: The service openvswitch does not run: no bridge works without it."),
    ("xapi", "failed", "trouble: The service xapi has failed: XAPI is not there."),
    ("xapi", "activating", ""), ("chronyd", "failed", ""),
    ("NetworkManager", "active", "warning: NetworkManager runs, and fights with XAPI over the network."),
    ("firewalld", "active", "warning: firewalld runs, and fights with XAPI over the network."),
  ])
  func services(name: String, state: String, finding: String) {
    #expect(only { $0.live.set(unit: name, state) } == finding)
  }

  @Test func aSwitchThatIsNotUsedNeedNotRun() throws {
    try tree.write("bridge", to: NetworkConf.path)
    #expect(only { $0.live.set(unit: "openvswitch", "inactive") } == "")
  }

  @Test func aNetworkdThatHangs() {
    let old = { (host: inout LocalHost) in
      host.live.stats = .success(NetworkStats(devices: [:], written: host.live.wall - 200))
    }
    #expect(only(old) == "warning: xcp-networkd has not looked at the links for 3 minutes.")
    #expect(
      !only { host in
        old(&host)
        host.live.set(unit: "xcp-networkd", "failed")
      }.contains("looked"), "one that does not run is told of once")
  }

  // MARK: A reset under way

  @Test func aResetThatWaitsForXAPI() throws {
    try tree.write("DEVICE=eth0\nMODE=dhcp\nVLAN=20\n", to: ResetTrigger.currentPath)
    let found = findings()
    #expect(found.map(\.text) == ["A network reset to VLAN 20 on eth0 waits for XAPI."])
    #expect(found.first?.remedy == "XAPI finishes it once it has reached the coordinator.")
    #expect(found.first?.place == .reset)
    #expect(HostView(LiveState(), local: tree.host()).local?.isResetPending == true)
  }

  @Test func aTriggerWithoutADevice() throws {
    try tree.write("MODE=dhcp\n", to: ResetTrigger.currentPath)
    #expect(only() == "trouble: /var/tmp/network-reset asks for a network reset, but names no device.")
  }

  @Test func theTemporaryBridgeLongAfterTheBoot() throws {
    try tree.write(
      HostTree.files[0].1.replacing("='xapi1'", with: "='xentemp'"), to: Inventory.path)
    let text = "warning: Management is still on the temporary bridge xentemp."
    #expect(only().contains(text))
    try tree.write("120.5 200.1\n", to: "/proc/uptime")
    #expect(!only().contains(text), "XAPI has not had the time yet")
  }

  @Test func aDamagedJournalOfAReset() throws {
    try tree.write("{", to: ResetJournal.path)
    #expect(only().hasPrefix("warning: \(ResetJournal.path) is damaged"))
  }

  @Test func aStaleDHCPClient() throws {
    try tree.write("4242\n", to: "/var/run/dhclient-xapi1.pid")
    #expect(
      only()
        == "warning: /var/run/dhclient-xapi1.pid names a DHCP client that is gone: networkd will not start another.")
    try tree.write("dhclient\n", to: "/proc/4242/comm")
    #expect(only() == "")
  }

  @Test func anArmedHostMustNotBeReset() throws {
    try tree.write("<config><row key=\"ha.armed\" value=\"true\"/></config>", to: LocalDB.path)
    #expect(only() == "notice: High availability is armed on this host.")
  }

  // MARK: Disks

  @Test func disks() {
    #expect(
      only { $0.files.rootDisk?.isReadOnly = true }
        == "trouble: The root file system is read-only: no setting can be kept.")
    #expect(only { $0.files.rootDisk?.free = 0 } == "trouble: The root file system is full: no setting can be kept.")
    #expect(only { $0.files.logDisk?.free = 0 } == "trouble: /var/log is full: XAPI does not work well, or at all.")
  }

  // MARK: Files

  @Test(arguments: [
    (Inventory.path, Finding.Weight.trouble), (PoolConf.path, .trouble), (NetworkConf.path, .notice),
    (NetworkdDB.path, .warning), (ManagementConf.path, .notice), (RenameRules.dynamicPath, .notice),
  ])
  func aMissingFileIsNamed(path: String, weight: Finding.Weight) throws {
    try tree.remove(path)
    let found = findings().filter { $0.text == "\(path) is missing." }
    #expect(found.map(\.weight) == [weight])
  }

  /// A host on which high availability was never used has none; nor does every host name its NICs by rules.
  @Test func someFilesMayBeMissing() throws {
    try tree.remove(LocalDB.path)
    try tree.remove("/etc/sysconfig/network-scripts/interface-rename-data")
    #expect(only() == "")
  }

  @Test(arguments: [
    Inventory.path, PoolConf.path, NetworkConf.path, NetworkdDB.path, ManagementConf.path, LocalDB.path,
    RenameRules.dynamicPath,
  ])
  func aDamagedFileIsNamedAndTheRestStillShows(path: String) throws {
    try tree.write("\u{1}{[nonsense", to: path)
    var live = LiveState()
    live.connection = .silent(.transport(.absent))
    let view = HostView(live, local: tree.host())
    #expect(view.findings.contains { $0.text.contains(path) }, "\(view.findings.map(\.text))")
    #expect(view.interfaces.count >= 4)
  }

  @Test func withoutBothSourcesNetworkdSetsUpNothing() throws {
    try tree.remove(NetworkdDB.path)
    try tree.write("MODE='dhcp'\n", to: ManagementConf.path)
    let found = findings()
    #expect(found.first { $0.text.contains("networkd.db") }?.weight == .trouble)
    #expect(
      found.contains { $0.text == "\(ManagementConf.path) cannot be used: LABEL is missing." && $0.weight == .trouble })
  }

  @Test func strayConfigurations() throws {
    try tree.write("DEVICE=eth0\n", to: "/etc/sysconfig/network-scripts/ifcfg-eth0")
    #expect(only() == "warning: /etc/sysconfig/network-scripts/ifcfg-eth0 fights with xcp-networkd.")
  }

  @Test func aDamagedSavedDatabaseCostsTheNamesOnly() throws {
    try tree.write("not XML", to: XapiDatabase.memberPath)
    let found = findings { _ = $0.readNames(tree.system) }
    #expect(found.count == 1)
    #expect(found.first?.weight == .notice)
    #expect(found.first?.text.contains(XapiDatabase.memberPath) == true)
  }

  @Test func theWorstComesFirst() {
    let found = findings { host in
      host.live.set(unit: "firewalld", "active")
      host.live.set(unit: "xapi", "failed")
      for name in ["eth0", "eth1"] { host.live.change(name) { $0.hasCarrier = false } }
    }
    #expect(found.map(\.weight) == found.map(\.weight).sorted(by: >))
    #expect(found.first?.text == "bond0 (management) has no link.", "the likely cause of the rest")
  }
}
