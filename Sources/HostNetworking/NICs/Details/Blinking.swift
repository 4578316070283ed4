import Dom0

/// How a port's light does.
public enum BlinkState: Hashable, Sendable {
  case blinking
  case ended
  /// Why it does not blink, a sentence without a full stop.
  case failed(String)
}

/// Lets the light of a NIC's port blink (`ethtool -p`) until its time is over or its task is cancelled.
struct Blinking: Sendable {
  private let device: String
  private let seconds: Int
  private let system: HostSystem

  init(_ device: String, seconds: Int, _ system: HostSystem) {
    self.device = device
    self.seconds = seconds
    self.system = system
  }

  func run(_ report: @escaping @Sendable (BlinkState) -> Void) async {}
}
