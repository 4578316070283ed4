import JSON
enum Replay { struct Report: Sendable { var differences: [String] = []; var matched = 0; var total = 0 }
  static func run(capture: JSONValue, state: JSONValue) async -> Report { Report() } }
