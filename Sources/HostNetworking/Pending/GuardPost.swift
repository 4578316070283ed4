import Dom0
import Glibc

/// Sets up the guard of a pending change, outside of this program.
public struct GuardPost: Sendable {
  /// How the guard is brought to life.
  public enum Way: Sendable {
    /// As this command: `xcpconsole pending --guard`, with whatever options lead it to the same host. The id is added.
    case command([String])
    /// Inside this program: for a demo, whose host ends with it.
    case here(PendingGuard)
  }

  let system: HostSystem
  let way: Way

  public init(_ system: HostSystem, _ way: Way) {
    self.system = system
    self.way = way
  }

  private static let bootUnit = "/etc/systemd/system/xcpconsole-pending.service"
  private static let bootLink = "/etc/systemd/system/multi-user.target.wants/xcpconsole-pending.service"

  /// How long a guard may take to come to life.
  private static let patience = Duration.seconds(15)

  private func unit(_ id: String) -> String { "xcpconsole-pending-\(id)" }

  /// systemd is this host's first process (sd_booted(3)).
  private var hasSystemd: Bool { system.hasServices && system.exists("/run/systemd/system") }

  /// Returns when the guard stands; nothing has been changed until then.
  func start(_ id: String) async throws(ChangeFailure) {
    switch way {
    case .here(let keeper):
      Task.detached { await keeper.run(id) }
    case .command(let words):
      if hasSystemd {
        try installBootCheck(words)
        try await startUnit(words + [id], id)
      } else {
        do throws(ToolFailure) {
          try DetachedProcess.start(words + [id])
        } catch {
          throw ChangeFailure("no guard could be started: \(error)")
        }
      }
    }
    let deadline = ContinuousClock.now + Self.patience
    while PendingGuard.standing(system)?.id != id {
      guard .now < deadline else {
        await stop(id)
        throw ChangeFailure("the guard that would take the change back does not start")
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  /// A timer starts the guard at once, in a group of its own that outlives every login; and again, should it die.
  private func startUnit(_ words: [String], _ id: String) async throws(ChangeFailure) {
    let command =
      [
        "systemd-run", "--unit=\(unit(id))", "--description=Takes an unconfirmed network change back", "--on-active=1",
        "--on-unit-inactive=5", "--timer-property=AccuracySec=100ms",
      ] + words
    do throws(ToolFailure) {
      let outcome = try await system.tools.run(Command(command, timeLimit: .seconds(10)))
      guard !outcome.succeeded else { return }
      let said = outcome.errorText.stripped
      throw .notStarted(tool: "systemd-run", reason: said.isEmpty ? "\(outcome.exit)" : said)
    } catch {
      throw ChangeFailure("no guard could be started: \(error)")
    }
  }

  /// A power cut leaves XAPI with settings that nobody has confirmed: after the next start the guard finds them.
  private func installBootCheck(_ words: [String]) throws(ChangeFailure) {
    let text = """
      [Unit]
      Description=Takes an unconfirmed network change back
      After=xapi.service xcp-networkd.service
      ConditionPathExists=\(PendingStore.path)

      [Service]
      ExecStart=\(words.joined(separator: " ")) any
      Restart=on-failure
      RestartSec=10

      [Install]
      WantedBy=multi-user.target

      """
    do throws(HostFileError) {
      try system.makeFolder("/etc/systemd/system/multi-user.target.wants")
      try system.replace(Self.bootUnit, with: Array(text.utf8))
      try system.replace(Self.bootLink, withLinkTo: Self.bootUnit)
    } catch {
      throw ChangeFailure("the check at the host's next start could not be set up: \(error)")
    }
  }

  /// Takes everything away again; the guard itself ends when it sees that there is nothing pending.
  public func stop(_ id: String) async {
    guard case .command = way, hasSystemd else { return }
    PendingStore(system).whileEmpty {
      _ = try? system.remove(Self.bootLink)
      _ = try? system.remove(Self.bootUnit)
    }
    _ = try? await system.tools.run(Command(["systemctl", "stop", "\(unit(id)).timer"], timeLimit: .seconds(10)))
  }

  /// Makes sure that somebody guards the pending change, whoever began it.
  public func relieve() async {
    guard case .there(let change, _) = PendingStore(system).standing(), !PendingGuard.isAlive(system) else { return }
    try? await start(change.id)
  }
}
