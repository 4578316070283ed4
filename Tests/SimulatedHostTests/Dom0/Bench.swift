import Foundation
import JSON
import Testing

@testable import SimulatedHost

/// A simulated host with its files in a folder of its own.
struct Bench {
  let host: SimulatedHost
  let root: String
  let tree: FileTree

  static let management = BootSequence.managementPath
  static let networkd = BootSequence.networkdPath
  static let inventory = BootSequence.inventoryPath
  static let pool = BootSequence.poolPath
  static let trigger = "/var/tmp/network-reset"

  /// Runs a test on a bench, and clears it away.
  static func with(
    _ scenario: Scenario, layout: Dom0Layout = .init(), _ body: (Bench) async throws -> Void
  ) async throws {
    var options = SimulatedHost.Options()
    options.layout = layout
    options.restartTime = .zero
    try await with(SimulatedHost(scenario: scenario, options: options), body)
  }

  static func with(_ host: SimulatedHost, _ body: (Bench) async throws -> Void) async throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString.prefix(8))")
      .path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try await host.attach(root: root)
    do {
      try await body(Bench(host: host, root: root, tree: FileTree(root: root)))
    } catch {
      await host.stop()
      throw error
    }
    await host.stop()
  }

  func text(_ path: String) -> String { tree.text(path) ?? "" }

  func inventory(_ key: String) -> String? { KeyFile(text(Self.inventory))[key] }

  func tool(_ words: String...) async -> SimulatedTool? { await host.runTool(words) }

  func output(_ words: String...) async -> String {
    String(decoding: await host.runTool(words)?.output ?? [], as: UTF8.self)
  }

  func json(_ words: String...) async throws -> JSONValue {
    try JSONValue(parsing: await host.runTool(words)?.output ?? [])
  }

  /// A call of XAPI, logged in: its result; an error becomes a failure with its code and parameters.
  @discardableResult
  func call(_ method: String, _ parameters: JSONValue...) async throws -> JSONValue {
    let session = try await ask("session.login_with_password", ["root", "", "1.1", "bench"])
    return try await ask(method, [session] + parameters)
  }

  /// Code and parameters of a call's failure; empty when it does not fail.
  func failure(_ method: String, _ parameters: JSONValue...) async throws -> [String] {
    let session = try await ask("session.login_with_password", ["root", "", "1.1", "bench"])
    do {
      _ = try await ask(method, [session] + parameters)
      return []
    } catch let failure as TestClient.Failure {
      return failure.text.split(separator: "\n").map { String($0) }
    }
  }

  private func ask(_ method: String, _ parameters: [JSONValue]) async throws -> JSONValue {
    let request: JSONValue = ["jsonrpc": "2.0", "method": .string(method), "params": .array(parameters), "id": 1]
    let head = try #require(HTTPHead("POST /jsonrpc HTTP/1.1\r\nContent-Length: 1".utf8))
    let answer = try JSONValue(parsing: Array(await host.respond(head, request.encoded).body.joined()))
    if let result = answer["result"], result != .null { return result }
    let error = answer["error"]
    let words = error?.array?.compactMap(\.string)
      ?? [error?["message"]?.string ?? "?"] + (error?["data"]?.array ?? []).compactMap(\.string)
    throw TestClient.Failure(text: words.joined(separator: "\n"))
  }

  /// Wishes from outside.
  func wish(_ wish: JSONValue) async throws {
    let head = try #require(HTTPHead("POST /simulate HTTP/1.1\r\nContent-Length: 1".utf8))
    let response = await host.respond(head, wish.encoded)
    #expect(response.status == 200, "\(String(decoding: Array(response.body.joined()), as: UTF8.self))")
  }

  /// The untagged PIF of a device of this host, as a parameter.
  func pif(_ device: String) async -> JSONValue { .string(await host.pif(device)) }

  /// Waits for something that happens by itself.
  func waits(_ what: String = "", until condition: () async throws -> Bool) async throws {
    for _ in 0..<1000 {
      if try await condition() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("waited in vain: \(what)")
  }

  /// What the vendor's program writes, in its order, without the reboot.
  struct Reset {
    var device = "eth2"
    var mode: String? = "dhcp"
    var vlan: Int?
    var ip = ""
    var netmask = ""
    var gateway = ""
    var dns = ""
    var coordinator: String?

    var bridge: String { vlan == nil ? "xenbr\(device.dropFirst(3))" : "xentemp" }

    var management: String {
      lines([
        ("LABEL", device), ("MODE", mode ?? ""), ("VLAN", vlan.map { String($0) } ?? ""), ("IP", ip),
        ("NETMASK", netmask),
        ("GATEWAY", gateway), ("DNS", dns),
      ]) { "\($0)='\($1)'" }
    }

    var trigger: String {
      lines([
        ("DEVICE", device), ("MODE", mode ?? ""), ("VLAN", vlan.map { String($0) } ?? ""), ("IP", ip),
        ("NETMASK", netmask),
        ("GATEWAY", gateway), ("DNS", dns),
      ]) { "\($0)=\($1)" }
    }

    private func lines(_ entries: [(String, String)], _ line: (String, String) -> String) -> String {
      entries.filter { !$0.1.isEmpty }.map { line($0.0, $0.1) + "\n" }.joined()
    }
  }

  /// Stops the services and writes the files of a reset.
  func prepare(_ reset: Reset) async throws {
    if let address = reset.coordinator { try tree.put(Self.pool, .text("slave:\(address)")) }
    _ = await tool("systemctl", "stop", "xapi")
    _ = await tool("systemctl", "stop", "xcp-networkd")
    tree.remove(Self.networkd)
    try setInventory(["MANAGEMENT_INTERFACE": reset.bridge, "CURRENT_INTERFACES": ""])
    try tree.put(Self.management, .text(reset.management))
    try tree.put(Self.trigger, .text(reset.trigger))
  }

  func setInventory(_ values: KeyValuePairs<String, String>) throws {
    var file = KeyFile(text(Self.inventory))
    for (key, value) in values { file[key] = value }
    try tree.put(Self.inventory, .text(file.text))
  }

  /// A field of this host's PIFs, by device and tag: `eth0`, `bond0.20`.
  func pifs(_ field: String) async -> [String: JSONValue] {
    let this = await host.thisHostRef
    var found: [String: JSONValue] = [:]
    for ref in await host.refs(class: "PIF", where: ["host": .string(this)]) {
      let record = await host.record(class: "PIF", ref: ref) ?? [:]
      let tag = record["VLAN"]?.int ?? -1
      found[(record["device"]?.string ?? "") + (tag < 0 ? "" : ".\(tag)")] = record[field]
    }
    return found
  }
}

extension SimulatedHost {
  var thisHostRef: String { world.thisHost }
  func pif(_ device: String) -> String { PIFCalls.base(world, device: device, host: world.thisHost) ?? "none" }
  func change(_ body: @Sendable (inout World) -> Void) {
    body(&world)
    wakeAll()
  }
  func generation() -> Int64 { world.database.generation }
}
