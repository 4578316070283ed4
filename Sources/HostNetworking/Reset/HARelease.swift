import Dom0
import JSON
import XenAPI

/// Turns high availability off before a reset: through the pool where XAPI answers, by the emergency way where it does not.
///
/// The emergency command alone is not enough: it clears this host's own flag only, and XAPI looks at the pool's flag when it
/// carries the reset out. On the coordinator a restart of XAPI brings the two together; a member cannot clear the pool's
/// (`reference/xapi.md` §4.6).
public struct HARelease: Sendable {
  public enum Step: String, Hashable, Sendable, CaseIterable {
    case disable, emergencyDisable, restart, verify

    /// One plain sentence without a full stop.
    public var sentence: String {
      switch self {
      case .disable: "Turn high availability off for the pool"
      case .emergencyDisable: "Turn high availability off on this host alone"
      case .restart: "Restart XAPI, so that the pool's setting follows"
      case .verify: "Make sure that it is off"
      }
    }

    public var equivalent: String {
      switch self {
      case .disable: "xe pool-ha-disable"
      case .emergencyDisable: "xe host-emergency-ha-disable --force"
      case .restart: "xe-toolstack-restart"
      case .verify: "xe pool-list params=ha-enabled"
      }
    }
  }

  public typealias Report = @Sendable (Step, StepState) -> Void

  private let system: HostSystem
  private let client: XenClient
  private let patience: Duration

  /// - Parameter patience: how long XAPI may take to come up after its restart.
  public init(_ system: HostSystem, client: XenClient, patience: Duration = .seconds(300)) {
    self.system = system
    self.client = client
    self.patience = patience
  }

  /// What leads there, for this host as it is.
  /// - Returns: nil when it cannot be done from here: the coordinator has to.
  public static func steps(_ facts: ResetFacts) -> [Step]? {
    if facts.poolSource == .xapi { return [.disable, .verify] }
    return facts.role.isMember ? nil : [.emergencyDisable, .restart, .verify]
  }

  /// What to do about it, in words.
  public static func advice(_ facts: ResetFacts) -> String {
    guard let steps = steps(facts) else {
      return "On the coordinator: xe pool-ha-disable. Only then, here: xe host-emergency-ha-disable --force"
    }
    return "First: " + steps.map(\.equivalent).joined(separator: ", then ")
  }

  /// Does the steps in order; the first that fails ends it.
  /// - Throws: the reason, in words.
  public func run(_ steps: [Step], _ report: @escaping Report = { _, _ in }) async throws(ReleaseFailure) {
    for step in steps {
      report(step, .running())
      do throws(ReleaseFailure) {
        try await run(step)
      } catch {
        report(step, .failed(error.reason))
        throw error
      }
      report(step, .done())
    }
  }

  public struct ReleaseFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let step: Step
    public let reason: String
    public var description: String { reason }
  }

  private func run(_ step: Step) async throws(ReleaseFailure) {
    switch step {
    case .disable: try await disable()
    case .emergencyDisable: try await tool(step, ["xe", "host-emergency-ha-disable", "--force"], .seconds(60))
    case .restart: try await tool(step, ["xe-toolstack-restart"], .seconds(300))
    case .verify: try await verify()
    }
  }

  private func disable() async throws(ReleaseFailure) {
    do throws(XenError) {
      _ = try await client.call("pool.disable_ha", limit: .seconds(120))
    } catch .failure(let failure) where failure.code == "HA_NOT_ENABLED" {
      // Somebody else was faster.
    } catch {
      throw ReleaseFailure(step: .disable, reason: "\(error)")
    }
  }

  private func tool(_ step: Step, _ words: [String], _ limit: Duration) async throws(ReleaseFailure) {
    do throws(ToolFailure) {
      let outcome = try await system.tools.run(Command(words, timeLimit: limit))
      guard !outcome.succeeded else { return }
      let said = outcome.errorText.stripped
      // A host that is not armed is what was wanted.
      if step == .emergencyDisable, said.contains("HA_NOT_ENABLED") || said.contains("not enabled") { return }
      throw .notStarted(tool: words[0], reason: said.isEmpty ? "\(outcome.exit)" : said)
    } catch {
      throw ReleaseFailure(step: step, reason: "\(error)")
    }
  }

  /// By XAPI's word, and by this host's own flag.
  private func verify() async throws(ReleaseFailure) {
    let deadline = ContinuousClock.now + patience
    var word = "XAPI has not said so"
    while ContinuousClock.now < deadline, !Task.isCancelled {
      do throws(XenError) {
        let pools = try await client.call("pool.get_all_records", limit: .seconds(10)).object.map { Array($0) } ?? []
        let isOn = pools.contains { $0.1["ha_enabled"]?.bool != false }
        if !pools.isEmpty, !isOn {
          guard (try? LocalDB(of: system))?.isHAArmed != true else {
            throw .nonsense("this host is still armed for it")
          }
          return
        }
        word = "XAPI says that it is still on"
      } catch { word = "\(error)" }
      try? await Task.sleep(for: .seconds(1))
    }
    throw ReleaseFailure(step: .verify, reason: word)
  }
}
