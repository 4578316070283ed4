import Dom0

/// Does the actions on NICs that need no XAPI: with the host's own tools and files. What is so already is left alone.
struct NICHands: Sendable {
  private let system: HostSystem

  init(_ system: HostSystem) { self.system = system }

  func perform(_ action: ChangeAction) async throws(ChangeFailure) -> ChangeHands.Done {
    switch action {
    case .setFeatures, .setRings, .setLinkMode, .setFCoE, .putBackUnits: try await TuningHands(system).perform(action)
    case .setNICNames, .resetNICNames, .putBackNICNames: try await NamesHands(system).perform(action)
    default: throw ChangeFailure("this is not done on the host itself")
    }
  }
}

/// The lines that do the same as an action on the host itself.
enum NICCommands {
  static func lines(_ action: ChangeAction) -> [String] {
    switch action {
    case .setFeatures, .setRings, .setLinkMode, .setFCoE, .putBackUnits: TuningHands.commands(action)
    case .setNICNames, .resetNICNames, .putBackNICNames: NamesHands.commands(action)
    default: []
    }
  }
}
