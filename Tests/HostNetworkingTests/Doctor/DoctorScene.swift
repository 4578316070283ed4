import TestSupport
import XenAPI

@testable import Dom0
@testable import HostNetworking

/// A host in a pool on which everything is as it should be, and a network in which everybody answers.
struct DoctorScene {
  var facts = DoctorScene.healthy
  var probes = FakeProbes()

  func report(_ timing: DoctorTiming = DoctorTiming()) async -> DoctorReport { await Doctor.run(facts, probes, timing) }

  /// What is wrong, by title and text.
  func wrong() async -> [String] { await report().troubles.map { "\($0.title): \($0.text)" } }

  static var healthy: DoctorFacts {
    var facts = DoctorFacts()
    facts.host = "xcp2"
    facts.knowsKernel = true
    facts.subnets = [address("10.0.4.12", 24), address("fd00:4::12", 64)]
    facts.nameServers = ["10.0.4.2", "10.9.0.2"]
    facts.timeServers = ["time.example"]
    facts.timeSources = .success([
      ChronySource(kind: .server, state: .selected, name: "10.9.0.3", stratum: 2, reach: 0o377, lastHeard: 20, offset: 0.00002)
    ])
    facts.nameToTry = "time.example"
    facts.coordinator = DoctorFacts.Peer(name: "xcp1", address: "10.0.4.11")
    facts.members = [DoctorFacts.Peer(name: "xcp3", address: "10.0.4.13")]
    facts.xapi = .answers
    facts.knownTags = [20, 30]
    var management = DoctorFacts.Management(name: "VLAN 20 on bond0", bridge: "xapi1")
    management.hasBridge = true
    management.tag = 20
    management.mtu = 1500
    management.nics = ["eth0", "eth1"].map { name in
      var nic = DoctorFacts.NIC(name)
      (nic.hasLink, nic.speed, nic.duplex, nic.mtu) = (true, 10_000, .full, 1500)
      return nic
    }
    management.bond = DoctorFacts.Bond("bond0", .activeBackup)
    management.bond?.state = SwitchBond(
      name: "bond0", mode: "active-backup", activeMember: "eth0",
      members: ["eth0", "eth1"].map {
        SwitchBond.Member(name: $0, isEnabled: true, isActive: $0 == "eth0", mayEnable: true, pending: nil)
      })
    management.ipv4.mode = .static
    management.ipv4.configured = ["10.0.4.12/24"]
    management.ipv4.configuredGateway = "10.0.4.1"
    management.ipv4.addresses = [address("10.0.4.12", 24)]
    management.ipv4.routes = [LocalFacts.Gateway(address: "10.0.4.1", device: "xapi1", isIPv6: false)]
    management.ipv6.mode = .autoconf
    management.ipv6.addresses = [address("fd00:4::12", 64)]
    management.ipv6.routes = [LocalFacts.Gateway(address: "fe80::1", device: "xapi1", isIPv6: true)]
    facts.management = management
    return facts
  }

  static func address(_ text: String, _ length: Int) -> IPAddress {
    IPAddress(
      family: text.contains(":") ? .v6 : .v4, address: text, prefixLength: length, scope: "global", isDynamic: false,
      isTentative: false, isDuplicate: false, isDeprecated: false)
  }
}
