import Dom0
import Foundation
import Synchronization
import Testing

@testable import HostNetworking

/// How a guard is brought to life where systemd runs.
struct GuardPostTests {
  /// Stands in for systemd: notes what it is asked for, and lets the guard stand as the real one would.
  private final class Systemd: ToolRunner {
    let asked = Mutex<[[String]]>([])
    private let root: String
    private let starts: Bool

    init(root: String, starts: Bool) {
      self.root = root
      self.starts = starts
    }

    func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
      asked.withLock { $0.append(command.arguments) }
      guard command.name == "systemd-run" else { return ToolOutput() }
      guard starts, let id = command.arguments.last else {
        return ToolOutput(exit: .code(1), errors: Array("Failed to start transient timer unit\n".utf8))
      }
      let mark = "{\"id\":\"\(id)\",\"pid\":1}"
      try? HostSystem(root: root).replace(PendingGuard.markPath, with: Array(mark.utf8))
      return ToolOutput()
    }
  }

  private func inFolder(
    starts: Bool = true, _ body: (GuardPost, HostSystem, Systemd) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guard-\(UUID().uuidString.prefix(8))").path
    for part in ["/run/systemd/system", PendingStore.folder] {
      try FileManager.default.createDirectory(atPath: folder + part, withIntermediateDirectories: true)
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let systemd = Systemd(root: folder, starts: starts)
    let system = HostSystem(root: folder, tools: systemd)
    try await body(GuardPost(system, .command(["/usr/bin/xcpconsole", "pending", "--guard"])), system, systemd)
  }

  private static let unit = "/etc/systemd/system/xcpconsole-pending.service"
  private static let link = "/etc/systemd/system/multi-user.target.wants/xcpconsole-pending.service"

  @Test func aTimerBringsItToLifeAndTheNextStartOfTheHostLooksToo() async throws {
    try await inFolder { post, system, systemd in
      try await post.start("20261122T205439Z-1")
      let asked = systemd.asked.withLock { $0 }
      #expect(asked.count == 1)
      #expect(asked.first?.first == "systemd-run")
      #expect(asked.first?.contains("--on-active=1") == true)
      #expect(asked.first?.contains("--unit=xcpconsole-pending-20261122T205439Z-1") == true)
      #expect(asked.first?.suffix(4) == ["/usr/bin/xcpconsole", "pending", "--guard", "20261122T205439Z-1"])
      let text = try system.text(Self.unit)
      #expect(text.contains("ExecStart=/usr/bin/xcpconsole pending --guard any\n"))
      #expect(text.contains("ConditionPathExists=/var/lib/xcpconsole/pending/change.json\n"))
      #expect(system.linkTarget(Self.link) == Self.unit)
      await post.stop("20261122T205439Z-1")
      #expect(!system.exists(Self.unit))
      #expect(system.linkTarget(Self.link) == nil)
      #expect(systemd.asked.withLock { $0.last } == ["systemctl", "stop", "xcpconsole-pending-20261122T205439Z-1.timer"])
    }
  }

  @Test func whatSystemdSaysIsTold() async throws {
    try await inFolder(starts: false) { post, system, _ in
      await #expect(
        throws: ChangeFailure(
          "no guard could be started: systemd-run could not be started: Failed to start transient timer unit")
      ) { try await post.start("20261122T205439Z-1") }
    }
  }
}
