import Foundation
import JSON
import Testing

@testable import SimulatedHost

/// Recorded answers of a real XAPI against ours.
@Suite struct ReplayTests {
  struct Section: Sendable, CustomTestStringConvertible {
    let capture: String
    let state: String
    /// Exchanges that match. Only ever raised.
    let floor: Int
    /// Exchanges that cannot match, by name, each with its reason.
    let exceptions: [String: String]

    var testDescription: String { capture }
  }

  static func load(_ name: String) throws -> JSONValue {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Captures"))
    return try JSONValue(parsing: [UInt8](Data(contentsOf: url)))
  }

  static let sections = [
    Section(capture: "00_protocol_login.v1", state: "state.00", floor: 33, exceptions: [:]),
    Section(capture: "00_protocol_login.v2", state: "state.00", floor: 33, exceptions: [:]),
    Section(
      capture: "01_fresh_host.v2", state: "state.01", floor: 37,
      exceptions: [
        "event.from * initial":
          "rows of host_driver and driver_variant, and a task deleted before, are not in the recorded state"
      ]),
    Section(capture: "02_vlan.v2", state: "state.02", floor: 78, exceptions: [:]),
    Section(capture: "03_bond.v2", state: "state.03", floor: 100, exceptions: [:]),
    Section(capture: "04_ip_management.v2", state: "state.04", floor: 90, exceptions: [:]),
    Section(capture: "06_sriov.v2", state: "state.06", floor: 40, exceptions: [:]),
    Section(
      capture: "08_events_tasks.v2", state: "state.08", floor: 42,
      exceptions: [
        "task.get_record failure": "the backtrace names lines of XAPI's source",
        "event.from * with tasks": "the same backtrace; a task deleted before the recorded state",
      ]),
    // Its state is in its own first half.
    Section(capture: "12_emergency_network_reset.v2", state: "state.00", floor: 14, exceptions: [:]),
    Section(capture: "11_http_framing", state: "state.00", floor: 18, exceptions: [:]),
  ]

  @Test(arguments: sections) func section(_ section: Section) async throws {
    let report = try await Replay.run(capture: Self.load(section.capture), state: Self.load(section.state))
    print("\(section.capture): \(report.matched) of \(report.total)")
    #expect(report.matched >= section.floor)
    for difference in report.differences where section.exceptions[difference.name] == nil {
      Issue.record("\(difference)")
    }
  }

  /// The exceptions are no wider than their reasons.
  @Test func exceptionsAreOnlyWhatTheySay() async throws {
    let fresh = try await Replay.run(capture: Self.load("01_fresh_host.v2"), state: Self.load("state.01"))
    #expect(!fresh.differences.isEmpty)
    for difference in fresh.differences {
      let classes = ["\"class\":\"host_driver\"", "\"class\":\"driver_variant\"", "\"class\":\"task\""]
      #expect(classes.contains { difference.place.expected.contains($0) }, "\(difference)")
    }
    let events = try await Replay.run(capture: Self.load("08_events_tasks.v2"), state: Self.load("state.08"))
    for difference in events.differences {
      let place = difference.place
      #expect(place.path.hasSuffix(".backtrace") || place.expected.contains("\"operation\":\"del\""), "\(difference)")
    }
  }

  /// A wrong answer is noticed: the comparison is not blind.
  @Test func changedRecordingsAreNoticed() async throws {
    let state = try Self.load("state.01")
    let text = try Self.load("01_fresh_host.v2").description
    for (old, new) in [
      (#""device":"eth1""#, #""device":"eth9""#), (#""UUID_INVALID""#, #""HANDLE_INVALID""#),
      (#""MTU":1500"#, #""MTU":1501"#), (#""status":200"#, #""status":500"#), (#""network":5"#, #""network":6"#),
      (#""physical":true"#, #""physical":1"#),
    ] {
      let changed = try JSONValue(parsing: text.replacingOccurrences(of: old, with: new))
      let report = try await Replay.run(capture: changed, state: state)
      #expect(report.matched < 37, "\(old) -> \(new)")
    }
  }
}
