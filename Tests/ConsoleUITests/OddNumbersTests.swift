import JSON
import SimulatedHost
import TerminalUI
import TestSupport
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// XAPI's database holds what anybody with the right role wrote into it. No number there may bring the console down.
@Suite(.serialized) struct OddNumbersTests {
  private static let extremes: [JSONValue] = [.int(.max), .int(.min), .int(-1), .int(0)]

  @Test(arguments: extremes)
  func everyScreenSurvivesExtremeNumbers(value: JSONValue) async throws {
    let simulated = try await SimulatedView(.pool)
    #expect(try await simulated.view() != nil)
    for (name, fields) in [
      ("PIF_metrics", ["speed"]), ("PIF", ["MTU"]), ("network", ["MTU"]), ("host_metrics", ["memory_total", "memory_free"]),
      ("VM", ["memory_target"]), ("VLAN", ["tag"]), ("Bond", ["links_up"]),
    ] {
      for ref in await simulated.host.refs(class: name) {
        for field in fields { await simulated.host.mutate(class: name, ref: ref, field: field, value: value) }
      }
    }
    try await drawEverything(simulated) { $0.networks.allSatisfy { $0.mtu == Int(clamping: value.int ?? 0) } }
    await simulated.close()
  }

  @Test(arguments: ["nan", "inf", "-inf", "1e30", "-1", "9223372036854775807.", "", "yesterday"])
  func everyScreenSurvivesAnyBootTime(text: String) async throws {
    let simulated = try await SimulatedView(.standalone)
    #expect(try await simulated.view() != nil)
    for ref in await simulated.host.refs(class: "host") {
      await simulated.host.mutate(
        class: "host", ref: ref, field: "other_config", value: ["boot_time": .string(text), "marker": "set"])
      await simulated.host.mutate(class: "host", ref: ref, field: "name_label", value: "marked")
    }
    try await drawEverything(simulated) { $0.name == "marked" }
    await simulated.close()
  }

  private func drawEverything(_ simulated: SimulatedView, when condition: (HostView) -> Bool) async throws {
    let view = try #require(try await simulated.view(where: condition))
    for size in [Size(columns: 80, rows: 24), Size(columns: 160, rows: 50)] {
      for keys in ["", "1", "2", "3", "2l", "3l", "/1"] {
        var desk = Desk(size: size)
        desk.sees(view)
        desk.type(keys)
        #expect(!desk.screen.isEmpty)
      }
    }
  }
}
