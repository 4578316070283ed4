import JSON

@testable import XenAPI

/// Every record type of the target.
let recordTypes: [any XenRecord.Type] = [
  Pool.self, Host.self, HostMetrics.self, PIF.self, PIFMetrics.self, Network.self, Bond.self, VLAN.self, Tunnel.self,
  NetworkSRIOV.self, VIF.self, VM.self, PCI.self, Message.self, SDNController.self,
]

func recordType(_ className: String) -> (any XenRecord.Type)? {
  recordTypes.first { $0.className.lowercased() == className.lowercased() }
}

/// Decodes one record as the client does, from bytes.
func decode<Record: XenRecord>(_ type: Record.Type, _ record: JSONValue) throws -> (record: Record, oddities: [Oddity])
{
  try record.encoded.withUnsafeBytes { bytes in
    var scanner = JSONScanner(bytes)
    var fields = RecordFields(bytes)
    try fields.scan(&scanner)
    try scanner.end()
    return (Record(&fields), fields.oddities)
  }
}

/// A record's properties as text, by the field that `init` asks for in the same order.
func properties(_ record: any XenRecord) -> [String] {
  Mirror(reflecting: record).children.map { child in
    if let map = child.value as? [String: String] { return "\(map.sorted { $0.key < $1.key })" }
    return "\(child.value)"
  }
}

/// A database with the given rows, built through the same door as events.
func database(_ rows: [(className: String, ref: String, record: JSONValue)]) throws -> XenDatabase {
  var database = XenDatabase()
  let events = rows.map { row -> JSONValue in
    ["class": .string(row.className), "operation": "add", "ref": .string(row.ref), "snapshot": row.record]
  }
  _ = try batch(["token": "1", "valid_ref_counts": [:], "events": .array(events)], into: &database)
  return database
}

func batch(_ answer: JSONValue, into database: inout XenDatabase) throws -> EventBatch {
  try answer.encoded.withUnsafeBytes { bytes in
    var scanner = JSONScanner(bytes)
    return try EventBatch(&scanner, into: &database)
  }
}
