import Dom0
import Glibc

/// Reboots the host, or switches it off.
public enum Reboot {
  /// Writes out what is still in memory and asks systemd for a reboot; when systemd does not answer, the kernel.
  ///
  /// Does nothing for the files of another root.
  /// - Returns: false when there was nothing to reboot.
  @discardableResult
  public static func now(_ system: HostSystem) async throws(ResetFailure) -> Bool {
    if system.isThisMachine { sync() }
    guard let problem = try await asked(system, ["systemctl", "reboot"]) else { return true }
    // systemd hangs or is broken: what is on disk is complete, so the hard way loses nothing of ours.
    guard let worse = try await asked(system, ["reboot", "-f"]) else { return true }
    if problem == filesOnly, worse == filesOnly { return false }
    throw .refused("the host does not reboot: \(problem); \(worse)")
  }

  /// Asks systemd to switch the machine off, which lets services end first.
  ///
  /// - Returns: false when there was nothing to switch off: the files of another root.
  @discardableResult
  public static func powerOff(_ system: HostSystem) async throws(ResetFailure) -> Bool {
    if system.isThisMachine { sync() }
    guard let problem = try await asked(system, ["systemctl", "poweroff"]) else { return true }
    if problem == filesOnly { return false }
    throw .refused("the host does not switch off: \(problem)")
  }

  private static let filesOnly = "files only"

  /// - Returns: what is wrong; nil when the command was taken.
  private static func asked(_ system: HostSystem, _ words: [String]) async throws(ResetFailure) -> String? {
    do throws(ToolFailure) {
      let outcome = try await system.tools.run(Command(words, timeLimit: .seconds(30)))
      guard !outcome.succeeded else { return nil }
      let said = outcome.errorText.stripped
      return "\(words.joined(separator: " ")): \(said.isEmpty ? "\(outcome.exit)" : said)"
    } catch .filesOnly {
      return filesOnly
    } catch {
      return "\(error)"
    }
  }
}
