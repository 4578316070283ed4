import Dom0
import Glibc
import JSON
import XenAPI

/// Why the way back was not gone to its end.
struct ReversalStop: Error {
  var reason: String
  /// What is left to do, a sentence each.
  var left: [String]
  /// XAPI does not answer at all.
  var isSilence: Bool
}

/// One pass over the way back, through XAPI.
struct ReversalPass: Sendable {
  let client: XenClient
  let system: HostSystem
  let patience: Duration

  /// XAPI gives its own changes of addresses that long (`reference/xapi.md` §3.0).
  private static let stepLimit = Duration.seconds(330)

  /// - Returns: what could not be cleared away although all else is as before.
  func run(
    _ change: PendingChange, _ logger: ChangeLogger, _ report: Reversal.Report
  ) async throws(ReversalStop) -> [String] {
    let actions = change.steps.prefix(change.begun).reversed().flatMap(\.undo)
    guard !actions.isEmpty else { return [] }
    var hands = ChangeHands(client, system, lookLimit: patience)
    // What needs no XAPI does not wait for it: without it the host may be cut off.
    if actions.allSatisfy(\.isLocal) { return try await undo(actions, &hands, logger, report).map(\.sentence) }
    for action in actions where action.isLocal { _ = try? await hands.perform(action) }
    do throws(ChangeFailure) {
      try await wait.untilItAnswers(&hands)
    } catch {
      throw ReversalStop(reason: error.text, left: actions.map(\.sentence), isSilence: true)
    }
    // A call that is still at work would land after everything was put back.
    try await waitForTasks(until: .now + Self.stepLimit, actions)
    var leftovers = try await undo(actions, &hands, logger, report)
    for _ in 0..<3 where !leftovers.isEmpty {
      try? await Task.sleep(for: .seconds(2))
      leftovers = try await undo(leftovers, &hands, logger, report)
    }
    let others = leftovers.filter { !$0.isClearing }
    if let first = others.first {
      throw ReversalStop(reason: "\(first.sentence) does not work", left: leftovers.map(\.sentence), isSilence: false)
    }
    try await waitForTasks(until: .now, actions)
    try await see(actions, &hands)
    return leftovers.map(\.sentence)
  }

  /// - Returns: what did not work and nothing else hangs on.
  private func undo(
    _ actions: [ChangeAction], _ hands: inout ChangeHands, _ logger: ChangeLogger, _ report: Reversal.Report
  ) async throws(ReversalStop) -> [ChangeAction] {
    var failed: [ChangeAction] = []
    for (place, action) in actions.enumerated() {
      report(action.sentence, .running())
      if isPassed(action, before: actions[(place + 1)...], hands.scene) {
        report(action.sentence, .done("it was so already"))
        continue
      }
      // Afterwards the names in them may be gone.
      let commands = hands.scene.map { ChangeCommands(scene: $0).lines(action) } ?? []
      do throws(ChangeFailure) {
        let done = try await hands.perform(action, limit: Self.stepLimit)
        report(action.sentence, .done(done == .wasSo ? "it was so already" : ""))
        if done == .done { logger.step(place + 1, "Take back: \(action.sentence)", commands: commands, .undone) }
      } catch {
        report(action.sentence, .failed(error.text))
        if action.isIndependent || action.isClearing {
          failed.append(action)
          continue
        }
        var isSilent = false
        do throws(ChangeFailure) { try await hands.look() } catch { isSilent = true }
        throw ReversalStop(
          reason: "\(action.sentence): \(error.text)", left: actions[place...].map(\.sentence), isSilence: isSilent)
      }
    }
    return failed
  }

  /// Management is switched off on the way back only for the family of an interface to be turned: once that is done, a
  /// second pass must not drop it again.
  private func isPassed(_ action: ChangeAction, before rest: ArraySlice<ChangeAction>, _ scene: ChangeScene?) -> Bool {
    guard action == .disableManagement, let scene else { return false }
    let turn = rest.first { if case .setPrimaryAddressType = $0 { true } else { false } }
    return turn.map { scene.isReached($0) == true } ?? false
  }

  // MARK: XAPI

  private var wait: XAPIWait { XAPIWait(client, system, patience: patience) }

  /// Waits for the end of calls like those of the change.
  private func waitForTasks(
    until deadline: ContinuousClock.Instant, _ actions: [ChangeAction]
  ) async throws(ReversalStop) {
    guard let name = await wait.untilItsCallsEnd(deadline) else { return }
    throw ReversalStop(reason: "XAPI is still at work on \(name)", left: actions.map(\.sentence), isSilence: false)
  }

  // MARK: What the kernel says

  /// XAPI's database alone is no proof: killed at the wrong moment it may have forgotten what it has set up. Plugging an
  /// interface sets it up anew.
  private func see(_ actions: [ChangeAction], _ hands: inout ChangeHands) async throws(ReversalStop) {
    for (name, settings) in actions.flatMap({ action in hands.scene.map { action.addresses($0) } ?? [] }) {
      guard settings.mode == .static, let scene = hands.scene, let node = scene.tree[name], node.pif.currentlyAttached,
        let bridge = scene.database.networks[node.pif.network]?.bridge
      else { continue }
      guard await lacks(settings.address, on: bridge) else { continue }
      let calls = ChangeCalls(client: client, scene: scene, limit: Self.stepLimit, progress: { _ in })
      do throws(ChangeFailure) { try await calls.perform(.plug(name)) } catch {
        throw ReversalStop(reason: "\(name) could not be set up again: \(error.text)", left: [ChangeAction.setIPv4(name, settings).sentence], isSilence: false)
      }
      guard await lacks(settings.address, on: bridge) else { continue }
      throw ReversalStop(
        reason: "XAPI says that \(name) has \(settings.address), but \(bridge) does not have it", left: [ChangeAction.setIPv4(name, settings).sentence],
        isSilence: false)
    }
  }

  /// False also when the kernel could not be asked.
  private func lacks(_ address: String, on bridge: String) async -> Bool {
    guard let devices = try? await IPDevice.all(on: system) else { return false }
    return devices.first { $0.name == bridge }?.addresses.contains { $0.address == address } != true
  }
}

extension ChangeAction {
  /// IPv4 that interfaces of this host get by it.
  func addresses(_ scene: ChangeScene) -> [(name: String, settings: IPv4Settings)] {
    switch self {
    case .setIPv4(let name, let settings): return [(name, settings)]
    case .bonds(.settle(let layout)):
      guard let host = BondScene(scene, layout.owner), host.host == scene.host else { return [] }
      return layout.interfaces.compactMap { wanted in
        guard let settings = wanted.ipv4, let node = host.node(wanted.place, layout) else { return nil }
        return (node.name, settings)
      }
    default: return []
    }
  }
}
