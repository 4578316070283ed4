import EndToEndSupport
import Foundation
import JSON

/// A simulated host in a process of its own, with its files and its commands: what several programs look at together.
struct Distant {
  let folder: ScratchFolder
  let host: HostProcess
  var root: String { folder.path + "/root" }
  var arguments: [String] { ["--socket", host.socket, "--root", root, "--tools", folder.path + "/tools"] }

  /// - Parameter wrapper: a command that runs the host's process.
  init(_ scenario: String, _ options: [String] = [], wrapper: [String] = []) throws {
    folder = try ScratchFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/root", withIntermediateDirectories: true)
    host = try HostProcess(
      scenario, options: ["--root", folder.path + "/root", "--tools-socket", folder.path + "/tools"] + options,
      folder: folder, wrapper: wrapper)
  }

  func run(_ words: String..., limit: Duration = .seconds(60)) throws -> ChildProcess.Outcome {
    try ChildProcess.run([Program.console()] + words + arguments, limit: limit)
  }

  func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: root + path) ?? Data(), as: UTF8.self)
  }

  // MARK: Management

  /// The console in front of it.
  func console(_ screen: Screen = Screen(), confirmWithin seconds: Int = 90) throws -> Session {
    try Console.start(screen, arguments + ["--confirm-within", "\(seconds)"])
  }

  /// One field of this host's interface that carries management; null while there is none, or XAPI is not there.
  func management(_ field: String) -> JSONValue {
    guard let session = try? host.login(), let pifs = try? host.call("PIF.get_all_records", [session]).object,
      let thisHost = try? host.call("session.get_this_host", [session, session])
    else { return .null }
    let mine = pifs.values.first { $0["host"] == thisHost && $0["management"] == true }
    return mine?[field] ?? .null
  }

  /// The ref of a NIC.
  func pif(_ device: String) throws -> JSONValue {
    let session = try host.login()
    let thisHost = try host.call("session.get_this_host", [session, session])
    let pifs = try host.call("PIF.get_all_records", [session]).object ?? JSONObject()
    for (ref, pif) in pifs where pif["host"] == thisHost && pif["device"]?.string == device && pif["VLAN"] == -1 { return .string(ref) }
    throw HarnessError("no \(device)")
  }

  /// Waits for something about the host.
  func waits(_ what: String, within limit: Duration = .seconds(60), _ isSo: () throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while try !isSo() {
      guard ContinuousClock.now < deadline else { throw NotSeen(description: "waited \(limit) for \(what)") }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  var isPending: Bool { access(root + "/var/lib/xcpconsole/pending/change.json", F_OK) == 0 }

  /// Processes of the console for this host; its guard is none of them.
  var consoles: [pid_t] {
    ScratchFolder.list("/proc").compactMap { pid_t($0) }.filter { pid in
      let words = (FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()).split(separator: 0)
        .map { String(decoding: $0, as: UTF8.self) }
      return words.first?.hasSuffix("/xcpconsole") == true && words.contains(host.socket) && words.contains("--confirm-within")
    }
  }
}
