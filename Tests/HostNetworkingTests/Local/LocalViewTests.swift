import Testing


@testable import Dom0
@testable import HostNetworking
@testable import XenAPI

/// The picture of a host of which XAPI tells nothing.
@Suite struct LocalViewTests {
  private let tree: HostTree

  init() throws { tree = try HostTree() }

  private func silent() -> LiveState {
    var live = LiveState()
    live.connection = .silent(.transport(.absent))
    return live
  }

  private func view(_ host: LocalHost) -> HostView { HostView(silent(), local: host) }

  @Test func filesAndKernelMakeTheInterfaces() throws {
    let view = view(tree.host())
    #expect(view.interfaces.map(\.name) == ["bond0", "VLAN 42 on bond0", "eth0", "eth1", "eth2", "eth3"])
    let bond = try #require(view.interfaces.first)
    #expect(bond.kind == .bond(mode: .lacp, members: ["eth0", "eth1"]))
    #expect(bond.link == .partly(up: 2, of: 2))
    #expect(bond.speed == 20_000)
    #expect(bond.isManagement)
    #expect(bond.vlans == [42])
    #expect(bond.ipv4.mode == .static)
    #expect(bond.addresses == ["10.0.4.12/24"])
    #expect(bond.ipv4.gateway == "10.0.4.1")
    #expect(bond.dns == ["10.0.4.2"])
    #expect(bond.kernel?.bond?.active == "eth0")
    let eth0 = try #require(view.interfaces.first { $0.name == "eth0" })
    #expect(eth0.memberOf == "bond0")
    #expect(eth0.driver == "ixgbe")
    #expect(eth0.pci == "0000:01:00.0")
    #expect(eth0.mac == HostTree.mac(0))
    #expect(view.interfaces.first { $0.name == "eth3" }?.link == .down)
  }

  @Test func theHostIsKnownFromItsFiles() {
    let view = view(tree.host())
    #expect(view.name == "xcp2")
    #expect(view.product == "XCP-ng 8.3.0")
    #expect(view.role == .member(pool: "", coordinator: "", address: "10.0.4.11"))
    #expect(view.management?.name == "bond0")
    #expect(view.management?.address == "10.0.4.12")
    #expect(view.sources.configuration?.origin == .files)
    #expect(view.sources.links?.origin == .tools)
    #expect(view.sources.names == nil)
    #expect(view.facts == nil)
    #expect(view.findings.isEmpty, "\(view.findings.map(\.text))")
  }

  @Test func theSavedDatabaseLendsItsNames() throws {
    try tree.touch(XapiDatabase.memberPath, 1_795_300_000)
    var host = tree.host()
    let isNew = host.readNames(tree.system)
    let isNewAgain = host.readNames(tree.system)
    #expect(isNew && !isNewAgain, "read once, as long as it is not written again")
    let view = view(host)
    #expect(view.sources.names == Provenance(.savedDatabase, .written(1_795_300_000)))
    #expect(view.name == "xcp2 in rack 4")
    #expect(view.role == .member(pool: "Rack 4", coordinator: "xcp1", address: "10.0.4.11"))
    #expect(view.networks.map(\.name) == ["DMZ", "Lab", "Management", "Storage B", "xenbr2"])
    #expect(view.networks.map(\.kind) == [.vlan(tag: 42), .privateToHost, .bond, .external, .external])
    #expect(view.networks.first?.runningVMs == ["mail"])
    #expect(view.networks.first?.otherVMs == ["old"])
    #expect(view.vms.map(\.name) == ["mail", "old", "web"])
    #expect(view.vms.last?.networks == [NetworkID(bridge: "xenbr3")])
    #expect(view.local?.runningVMs == 1)
    #expect(
      view.findings.map(\.text) == ["eth3 has no link, but VM web uses its network \"Storage B\"."],
      "only what runs here counts")
    try tree.touch(XapiDatabase.memberPath, 1_795_300_060)
    let isNewNow = host.readNames(tree.system)
    #expect(isNewNow)
  }

  /// The switch is down, or its tools are: networkd's database still tells what should be.
  @Test func withoutToolsTheFilesAloneMakeAPicture() throws {
    var host = tree.host()
    host.live = LiveNetwork(instant: .now, wall: 1_795_366_000)
    let view = view(host)
    #expect(view.interfaces.map(\.name) == ["bond0", "VLAN 42 on bond0", "eth0", "eth1", "eth2", "eth3"])
    #expect(view.interfaces.allSatisfy { $0.link == .unknown && $0.kernel == nil })
    #expect(view.management?.address == "10.0.4.12", "what is set up, for nobody says otherwise")
    #expect(view.findings.isEmpty)
  }

  @Test func withoutNetworkdsDatabaseTheSwitchAndManagementConfDo() throws {
    try tree.remove(NetworkdDB.path)
    let view = view(tree.host())
    let bond = try #require(view.interfaces.first)
    #expect(bond.kind == .bond(mode: .lacp, members: ["eth0", "eth1"]))
    #expect(bond.ipv4.addresses == ["10.0.4.12/24"])
    #expect(view.interfaces.map(\.name).contains("VLAN 42 on bond0"))
  }

  @Test func aBridgeOfTheKernelIsOneToo() throws {
    try tree.write("bridge\n", to: NetworkConf.path)
    try tree.remove(NetworkdDB.path)
    var host = tree.host()
    host.live.openVSwitch = nil
    host.live.switchBonds = nil
    var devices = try host.live.devices?.get() ?? []
    for index in devices.indices {
      switch devices[index].name {
      case "xapi1": devices[index].bridgePorts = ["bond0", "vif1.0"]
      case "xapi2": devices[index].bridgePorts = ["bond0.42"]
      case "xenbr2": devices[index].bridgePorts = ["eth2"]
      default: break
      }
    }
    var bond = NetworkDevice.virtual("bond0")
    bond.bond = NetworkDevice.KernelBond(mode: "802.3ad", members: ["eth0", "eth1"], active: nil)
    host.live.devices = .success(devices + [bond])
    host.live.kernelVLANs = .success([KernelVLAN(name: "bond0.42", tag: 42, device: "bond0")])
    let view = view(host)
    #expect(view.interfaces.map(\.name) == ["bond0", "VLAN 42 on bond0", "eth0", "eth1", "eth2", "eth3"])
    #expect(view.interfaces.first?.kind == .bond(mode: .lacp, members: ["eth0", "eth1"]))
    #expect(view.interfaces.first { $0.name == "eth2" }?.bridge == "xenbr2")
  }

  @Test func parentsInACircleEndSomewhere() throws {
    try tree.write(
      #"{"interface_config":{},"bridge_config":{"a":{"ports":{},"vlan":["b",1]},"b":{"ports":{},"vlan":["a",2]}}}"#,
      to: NetworkdDB.path)
    var host = tree.host()
    host.live = LiveNetwork(instant: .now, wall: 0)
    #expect(BridgeTable(host).device(below: "a") == nil)
    #expect(view(host).interfaces.map(\.name) == ["eth0"], "management.conf names it")
  }

  /// A folder with nothing of a host in it is no host in trouble.
  @Test func anEmptyRootTellsNothing() throws {
    for (path, _) in HostTree.files { try tree.remove(path) }
    try tree.remove("/etc")
    let host = LocalHost(of: tree.system)
    #expect(!host.isHost)
    let view = view(host)
    #expect(view.findings.isEmpty)
    #expect(view.sources == Sources())
    #expect(view.local == nil)
  }

  @Test func identitiesHoldWhenXAPIComesOrGoes() async throws {
    #expect(InterfaceView.Kind.vlan(tag: 42, on: "bond0").id(device: "bond0") == .vlan(42, on: "bond0"))
    #expect(InterfaceID.device("bond0") != .vlan(42, on: "bond0"))
    #expect(InterfaceID.device("eth0") != .sriov(on: "eth0"))
    #expect(NetworkID(bridge: "xenbr0", uuid: "u") == NetworkID(bridge: "xenbr0"))
    #expect(NetworkID(bridge: "", uuid: "u") == NetworkID(bridge: "", uuid: "u"))
  }
}
