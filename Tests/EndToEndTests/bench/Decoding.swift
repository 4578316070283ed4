import EndToEndSupport
import JSON
import XenAPI

/// How fast the client takes in what XAPI tells of a large pool, against two yardsticks on the same bytes.
struct Decoding {
  let runs: Int

  func measure(_ report: Report) throws(HarnessError) {
    let host = try Host("large")
    let session = try host.process.login()
    let classes = JSONValue.array(XenDatabase.eventClasses.map { .string($0) })
    let answer = try host.process.rawCall("event.from", [session, classes, "", 30.0])
    let megabytes = Double(answer.count) / 1e6

    var (records, megabytesPerSecond, trees, scans) = ([Double](), [Double](), [Double](), [Double]())
    for _ in 0..<runs {
      var events = 0
      let time = try clocked { () throws(HarnessError) in events = try Self.decode(answer) }
      records.append(Double(events) / time)
      megabytesPerSecond.append(megabytes / time)
      trees.append(megabytes / (try clocked { () throws(HarnessError) in _ = try? JSONValue(parsing: answer) }))
      var quotes = 0
      let scan = try clocked { () throws(HarnessError) in
        for byte in answer where byte == UInt8(ascii: "\"") { quotes &+= 1 }
      }
      if quotes > 0 { scans.append(megabytes / scan) }
    }
    report.line("records decoded, large", records.map { $0 / 1000 }, "k/s")
    report.line("  the same, of an answer of \(Int(megabytes)) MB", megabytesPerSecond, "MB/s")
    report.line("  yardstick: the same bytes as a JSON tree", trees, "MB/s")
    report.line("  yardstick: the same bytes looked at one by one", scans, "MB/s")
  }

  private func clocked(_ work: () throws(HarnessError) -> Void) throws(HarnessError) -> Double {
    let start = ContinuousClock.now
    try work()
    return (ContinuousClock.now - start).seconds
  }

  /// - Returns: how many records the answer held.
  private static func decode(_ answer: [UInt8]) throws(HarnessError) -> Int {
    do {
      return try answer.withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        var database = XenDatabase()
        var (first, events) = (true, 0)
        try scanner.beginObject()
        while let key = try scanner.nextKey(&first) {
          if scanner.text(key) == "result" {
            events = try EventBatch(&scanner, into: &database).events
          } else {
            try scanner.skip()
          }
        }
        return events
      }
    } catch {
      throw HarnessError("the answer of event.from could not be read: \(error)")
    }
  }
}
