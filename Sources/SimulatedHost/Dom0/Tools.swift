/// The commands a simulated host has.
extension SimulatedHost {
  func run(_ name: String, _ arguments: [String]) async -> SimulatedTool? {
    switch name {
    default: nil
    }
  }
}
