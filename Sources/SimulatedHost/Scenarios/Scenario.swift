/// Worlds to start from, by the names that the command line knows.
public enum Scenario: String, CaseIterable, Sendable {
  /// One host, four cards, a network each, management on eth0.
  case standalone
  /// Three hosts seen from the coordinator: a bond that carries management and 12 VLANs, 20 VMs.
  case pool
  /// The same pool seen from a member.
  case member
  /// A host whose management is on a bond of which both cables are out; a third card has a link.
  case stranded
  /// The pool's coordinator in the same state.
  case strandedCoordinator = "stranded-coordinator"
  /// XAPI has died and does not run: there is no socket until somebody starts it, or the toolstack, or the host.
  case xapiDown = "xapi-down"
  /// 64 hosts of 8 cards, 400 VLANs: 26,176 PIFs.
  case large
  /// A member whose bond has lost both cables: no address, in emergency mode.
  case emergency
  /// A member whose coordinator has moved to 10.0.4.99: it has an address and waits for an answer that does not come.
  case movedCoordinator = "moved-coordinator"
  /// One host with 16 cards, two of which XAPI does not know.
  case manyNICs = "many-nics"

  func world() -> World {
    switch self {
    case .standalone, .xapiDown: StandaloneScenario.world()
    case .stranded: StandaloneScenario.stranded()
    case .pool: PoolScenario.world(seenFrom: 0)
    case .member: PoolScenario.world(seenFrom: 1)
    case .strandedCoordinator: PoolScenario.stranded(seenFrom: 0)
    case .emergency: PoolScenario.emergency()
    case .movedCoordinator: PoolScenario.movedCoordinator()
    case .large: LargeScenario.world()
    case .manyNICs: StandaloneScenario.manyNICs()
    }
  }
}
