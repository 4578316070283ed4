import Foundation
import JSON

@testable import XenAPI

/// What the tests read from disk: answers of a real XAPI, and the public data model.
enum Materials {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The recordings lie with the simulated host, which replays them.
  static let captures = tests.appending(path: "SimulatedHostTests/Captures")

  /// Beside the package, where there is one.
  private static let shared = tests.deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")

  static func capture(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: Array(Data(contentsOf: captures.appending(path: name))))
  }

  static let states = ["00", "01", "02", "03", "04", "06", "08"].map { "state.\($0).json" }

  static let sections = [
    "00_protocol_login.v1.json", "00_protocol_login.v2.json", "01_fresh_host.v2.json", "02_vlan.v2.json",
    "03_bond.v2.json", "04_ip_management.v2.json", "06_sriov.v2.json", "08_events_tasks.v2.json",
  ]

  /// `../shared` is not part of the package: nil, said aloud, where it is missing.
  static func shared(_ path: String) -> Data? {
    let data = try? Data(contentsOf: shared.appending(path: path))
    if data == nil { print("skipped: ../shared/\(path) is not there") }
    return data
  }

  /// Class -> description of the data model.
  static func dataModel() throws -> JSONObject? {
    guard let data = shared("xapi/datamodel.json") else { return nil }
    return try JSONValue(parsing: Array(data))["classes"]?.object
  }
}

/// One recorded record.
struct RecordedRow: Sendable {
  let className: String
  let ref: String
  let record: JSONObject
}

extension Materials {
  /// Every record in the states, and in the answers to `get_record`, `get_all_records` and `event.from`.
  static func rows() throws -> [RecordedRow] { try recorded.get() }

  private static let recorded = Result { try readRows() }

  private static func readRows() throws -> [RecordedRow] {
    var rows: [RecordedRow] = []
    for state in try states.map(capture) {
      for (name, table) in state.object ?? JSONObject() { rows += self.rows(name, table) }
    }
    for exchange in try sections.flatMap({ try capture($0)["exchanges"]?.array ?? [] }) {
      guard let result = exchange["response"]?["result"], let method = exchange["request"]?["method"]?.string else {
        continue
      }
      let words = method.split(separator: ".").map(String.init)
      switch words.last {
      case "get_all_records": rows += self.rows(words[0], result)
      case "get_record":
        if let record = result.object { rows.append(RecordedRow(className: words[0], ref: "", record: record)) }
      case "from":
        for event in result["events"]?.array ?? [] {
          if let name = event["class"]?.string, let record = event["snapshot"]?.object {
            rows.append(RecordedRow(className: name, ref: event["ref"]?.string ?? "", record: record))
          }
        }
      default: break
      }
    }
    return rows
  }

  private static func rows(_ name: String, _ table: JSONValue) -> [RecordedRow] {
    (table.object ?? JSONObject()).compactMap { ref, row in
      row.object.map { RecordedRow(className: name, ref: ref, record: $0) }
    }
  }
}
