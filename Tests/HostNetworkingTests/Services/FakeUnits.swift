import Dom0
import Foundation
import Synchronization

/// A host of files with a systemd that has two states a unit, and answers of tools as a test gives them.
final class FakeUnits: ToolRunner {
  struct Unit: Sendable {
    var isActive: Bool
    var isEnabled: Bool
  }

  struct State: Sendable {
    var units: [String: Unit] = [:]
    var answers: [String: String] = [:]
    var ran: [String] = []
  }

  let state: Mutex<State>

  init(_ units: [String: Unit], answers: [String: String] = [:]) {
    state = Mutex(State(units: units, answers: answers))
  }

  /// What was changed, in order.
  var changes: [String] { state.withLock { $0.ran.filter { !$0.hasPrefix("systemctl show") && !$0.hasPrefix("chronyc") && !$0.hasPrefix("ntpq") } } }

  func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    let words = command.arguments
    return state.withLock { state in
      state.ran.append(words.joined(separator: " "))
      if let text = state.answers[words.joined(separator: " ")] { return ToolOutput(output: Array(text.utf8)) }
      guard words[0] == "systemctl" else { return ToolOutput(exit: .code(127), errors: Array("no such program\n".utf8)) }
      return Self.systemctl(Array(words.dropFirst()), &state)
    }
  }

  private static func systemctl(_ words: [String], _ state: inout State) -> ToolOutput {
    func bare(_ name: String) -> String { name.hasSuffix(".service") ? String(name.dropLast(8)) : name }
    if words[0] == "show" {
      let blocks = words.dropFirst(3).map { name -> String in
        guard let unit = state.units[bare(name)] else { return "Id=\(name)\nLoadState=not-found\nActiveState=inactive\n" }
        return "Id=\(name)\nLoadState=loaded\nActiveState=\(unit.isActive ? "active" : "inactive")\n"
          + "UnitFileState=\(unit.isEnabled ? "enabled" : "disabled")\n"
      }
      return ToolOutput(output: Array(blocks.joined(separator: "\n").utf8))
    }
    guard let name = words.last.map(bare), var unit = state.units[name] else {
      return ToolOutput(exit: .code(5), errors: Array("Unit not found.\n".utf8))
    }
    switch words[0] {
    case "start", "restart": unit.isActive = true
    case "stop": unit.isActive = false
    case "enable": unit.isEnabled = true
    case "disable": unit.isEnabled = false
    default: return ToolOutput(exit: .code(1))
    }
    state.units[name] = unit
    return ToolOutput()
  }
}

/// Files of a host, without XAPI.
struct FileHost {
  let folder: String
  let tools: FakeUnits
  var system: HostSystem { HostSystem(root: folder, tools: tools) }

  init(_ files: [String: String], _ tools: FakeUnits, modes: [String: Int] = [:]) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("files-\(UUID().uuidString.prefix(8))").path
    self.tools = tools
    for (path, text) in files {
      let place = folder + path
      try FileManager.default.createDirectory(
        atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: place))
      if let mode = modes[path] { try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: place) }
    }
  }

  func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: folder + path).map { String(decoding: $0, as: UTF8.self) }
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
