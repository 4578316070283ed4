import Dom0

/// Listens for the switch at the other end of a bond that was just made. Whatever it hears, nothing is undone for it: a switch
/// may be set up afterwards.
struct BondHearing: Sendable {
  /// Both sides send once a second at first.
  private static let patience = Duration.seconds(4)

  private let members: Set<String>
  private let system: HostSystem

  init(_ members: [String], _ system: HostSystem) {
    self.members = Set(members)
    self.system = system
  }

  /// - Returns: what came of it, without a full stop.
  func run(_ told: @Sendable (String) -> Void) async -> String {
    let deadline = ContinuousClock.now + Self.patience
    var last = "the switch of this host does not tell"
    while true {
      if let found = try? await SwitchLACP.all(on: system).first(where: { Set($0.members.map(\.name)) == members }) {
        let down = Set(members.filter { NetworkDevice.one($0, on: system)?.hasCarrier != true })
        if down == members { return "no link: nobody can answer" }
        guard let advice = found.diagnosis(withoutLink: down).advice(for: found.name) else { return "it does, on every link" }
        last = advice.hasSuffix(".") ? String(advice.dropLast()) : advice
        told("waiting for its answer")
      }
      guard .now < deadline, !Task.isCancelled else { return last }
      try? await Task.sleep(for: .milliseconds(500))
    }
  }
}
