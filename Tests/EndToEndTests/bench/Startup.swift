import EndToEndSupport

/// How long people wait for the first screen, and for the first that tells of the host.
struct Startup {
  let scenario: String
  let runs: Int

  func measure(_ report: Report) throws(HarnessError) {
    let host = try Host(scenario)
    var (frames, data) = ([Double](), [Double]())
    for _ in 0..<runs {
      let subject = try Subject(host.arguments)
      let chunks = try subject.settle(on: host.address)
      guard let frame = chunks.first(where: upTo("quit", in: chunks)), let last = chunks.last else { continue }
      frames.append((frame.at - subject.born).inMilliseconds)
      data.append((last.at - subject.born).inMilliseconds)
      subject.quit()
    }
    report.line("exec to first complete frame, \(scenario)", frames, "ms", budget: 60)
    report.line(
      "exec to first frame with host data, \(scenario)", data, "ms", budget: scenario == "large" ? 3000 : 120)
  }

  /// True for the chunk with which the end of the footer has come.
  private func upTo(_ text: String, in chunks: [RawTerminal.Chunk]) -> (RawTerminal.Chunk) -> Bool {
    let end = chunks.bytes.position(of: Array(text.utf8)) ?? 0
    var seen = 0
    var ends: [ContinuousClock.Instant] = []
    for chunk in chunks {
      seen += chunk.bytes.count
      if seen >= end { ends.append(chunk.at) }
    }
    return { chunk in ends.first.map { chunk.at >= $0 } ?? false }
  }
}
