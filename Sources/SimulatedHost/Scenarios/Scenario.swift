/// Worlds to start from, by the names that the command line knows.
public enum Scenario: String, CaseIterable, Sendable {
  /// One host, four cards, a network each, management on eth0.
  case standalone
  /// Three hosts seen from the coordinator: a bond that carries management and 12 VLANs, 20 VMs.
  case pool
  /// The same pool seen from a member.
  case member
  /// A host whose cable is out: DHCP, no address.
  case stranded
  /// XAPI does not run: there is no socket.
  case xapiDown = "xapi-down"
  /// 64 hosts of 8 cards, 400 VLANs: 26,176 PIFs.
  case large
  /// A member that cannot reach its coordinator, in emergency mode.
  case emergency

  func world() -> World {
    switch self {
    case .standalone, .xapiDown: StandaloneScenario.world()
    case .stranded: StandaloneScenario.stranded()
    case .pool: PoolScenario.world(seenFrom: 0)
    case .member: PoolScenario.world(seenFrom: 1)
    case .emergency: PoolScenario.emergency()
    case .large: LargeScenario.world()
    }
  }
}
