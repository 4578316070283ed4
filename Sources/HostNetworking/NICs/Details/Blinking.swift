import Dom0

/// How a port's light does.
public enum BlinkState: Hashable, Sendable {
  case blinking
  case ended
  /// Why it does not blink, a sentence without a full stop.
  case failed(String)
}

/// Lets the light of a NIC's port blink (`ethtool -p`) until its time is over or its task is cancelled.
public struct Blinking: Sendable {
  /// Seconds that a light blinks when nobody says how long.
  public static let standard = 30
  /// Seconds after which a light that blinks until it is stopped is stopped all the same.
  public static let longest = 900
  /// Seconds of one call of the tool. Should this program be killed in the midst, no light blinks on for long.
  private static let slice = 60
  /// How long a NIC that blinks well has not complained.
  private static let settle = Duration.milliseconds(200)
  /// The kernel lets one light blink at a time; another one's end takes its moment.
  private static let patience = Duration.seconds(3)

  private let device: String
  private let seconds: Int
  private let system: HostSystem

  public init(_ device: String, seconds: Int, _ system: HostSystem) {
    self.device = device
    self.seconds = min(max(1, seconds), Self.longest)
    self.system = system
  }

  /// Tells once that it blinks, and once how it ended; nothing of its end when the task is cancelled.
  public func run(_ report: @escaping @Sendable (BlinkState) -> Void) async {
    let begun = ContinuousClock.now
    let end = begun + .seconds(seconds)
    var isTold = false
    while !Task.isCancelled {
      let left = Int((end - .now).inSeconds.rounded())
      if left < 1 { return report(.ended) }
      let result = await blink(min(left, Self.slice), announces: !isTold, report)
      if Task.isCancelled { return }
      switch result {
      case .went: isTold = true
      case .busy where ContinuousClock.now - begun < Self.patience: try? await Task.sleep(for: .milliseconds(200))
      case .busy: return report(.failed("another port of this host is blinking already; stop that first"))
      case .failed(let why): return report(.failed(why))
      }
    }
  }

  private enum Result: Sendable {
    case went, busy
    case failed(String)
  }

  private func blink(_ seconds: Int, announces: Bool, _ report: @escaping @Sendable (BlinkState) -> Void) async -> Result {
    await withTaskGroup(of: Result?.self) { group in
      group.addTask { await call(seconds) }
      group.addTask {
        // Whoever cannot blink says so at once.
        guard announces, (try? await Task.sleep(for: Self.settle)) != nil else { return nil }
        report(.blinking)
        return nil
      }
      while let result = await group.next() {
        guard let result else { continue }
        group.cancelAll()
        return result
      }
      return .went
    }
  }

  private func call(_ seconds: Int) async -> Result {
    let command = Command(["ethtool", "-p", device, "\(seconds)"], timeLimit: .seconds(seconds + 10))
    do {
      let output = try await system.tools.run(command)
      if output.succeeded { return .went }
      return Self.refusal(output.errorText + output.text, device)
    } catch {
      return .failed("\(error)")
    }
  }

  private static func refusal(_ text: String, _ device: String) -> Result {
    if text.contains("resource busy") { return .busy }
    if text.contains("not supported") {
      return .failed("\(device) cannot blink: its driver has no command for the light (Operation not supported)")
    }
    if text.contains("No such device") { return .failed("\(device) is not in this machine (No such device)") }
    if text.contains("not permitted") { return .failed("only root may let a light blink (Operation not permitted)") }
    let line = text.split(whereSeparator: \.isNewline).last.map { String($0) } ?? "ethtool gave no reason"
    return .failed("\(device) does not blink: \(line)")
  }
}
