import EndToEndSupport

private let down = "\u{1B}OB"

/// What a key in the menu costs a serial line: a vt100, 80 columns.
struct MenuKeys {
  let runs: Int

  func measure(_ report: Report) throws(HarnessError) {
    let host = try Host("standalone")
    // Too narrow for the details beside the menu: nothing moves but the highlight.
    report.line(
      "bytes per menu key, only the highlight moves", try bytes(host, columns: 59), "B", budget: 200, isCount: true)
    report.line(
      "bytes per menu key, the details change", try bytes(host, columns: 80), "B", budget: 600, isCount: true)
  }

  private func bytes(_ host: Host, columns: Int) throws(HarnessError) -> [Double] {
    var all: [Double] = []
    let subject = try Subject(host.arguments, columns: columns, term: "vt100")
    try subject.settle(on: host.address, quiet: .milliseconds(300))
    for _ in 0..<runs {
      for _ in 0..<5 { all.append(Double(try subject.press(down).bytes)) }
      _ = try subject.press("g")
    }
    subject.quit()
    return all
  }
}

/// How fast a key in a list of hundreds, in a pool of tens of thousands, is answered.
struct ListKeys {
  let runs: Int

  func measure(_ report: Report) throws(HarnessError) {
    let host = try Host("large")
    let subject = try Subject(host.arguments, term: "xterm-256color")
    try subject.settle(on: host.address, quiet: .milliseconds(500))
    _ = try subject.press("2", quiet: .milliseconds(300))
    var times: [Double] = []
    for _ in 0..<(runs * 6) { times.append(try subject.press(down).time.inMilliseconds) }
    report.line("a list key answered, large", times, "ms", budget: 16)
    _ = try subject.press("/")
    var typing: [Double] = []
    for key in ["v", "l", "a", "n"] { typing.append(try subject.press(key).time.inMilliseconds) }
    report.line("a letter of a filter answered, large", typing, "ms", budget: 16)
    subject.quit()
  }
}

/// How fast keys are answered while XAPI hangs.
struct HungKeys {
  let runs: Int

  func measure(_ report: Report) throws(HarnessError) {
    let host = try Host("standalone", options: ["--fault", "hang"], knowsAddress: false)
    let subject = try Subject(host.arguments)
    try subject.settle(on: "quit", quiet: .milliseconds(300))
    var times: [Double] = []
    for _ in 0..<runs {
      for key in [down, down, "\u{1B}OA", "\u{1B}OA"] { times.append(try subject.press(key).time.inMilliseconds) }
    }
    report.line("a menu key answered while XAPI hangs", times, "ms", budget: 100)
    subject.quit()
  }
}
