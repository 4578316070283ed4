import EndToEndSupport
import Glibc

/// Resident memory once the host is on the screen.
struct Memory {
  let runs: Int

  func measure(_ report: Report) throws(HarnessError) {
    for (scenario, budget) in [("standalone", 24.0), ("large", 250)] {
      let host = try Host(scenario)
      var sizes: [Double] = []
      for _ in 0..<runs {
        let subject = try Subject(host.arguments)
        try subject.settle(on: host.address, quiet: .milliseconds(500))
        sizes.append(Process(subject.child.pid).resident)
        subject.quit()
      }
      report.line("resident memory, \(scenario)", sizes, "MiB", budget: budget)
    }
  }
}

/// What the console does while nobody does anything.
struct Idle {
  let demo: Bool
  private let seconds = 10

  func measure(_ report: Report) throws(HarnessError) {
    let host = demo ? nil : try Host("standalone")
    let subject = try Subject(host?.arguments ?? ["--demo=standalone"])
    try subject.settle(on: host?.address ?? "10.0.4.11", quiet: .seconds(2))
    let process = Process(subject.child.pid)
    let (wakes, ticks) = (process.wakes, process.ticks)
    sleep(UInt32(seconds))
    let name = demo ? "--demo=standalone" : "standalone"
    report.line(
      "wake-ups in \(seconds) idle seconds, \(name)", [Double(process.wakes - wakes)], "", budget: Double(seconds),
      isCount: true)
    report.line(
      "CPU ticks in \(seconds) idle seconds, \(name)", [Double(process.ticks - ticks)], "", budget: 0, isCount: true)
    if demo { report.line("resident memory, \(name)", [process.resident], "MiB") }
    subject.quit()
  }
}

/// What proc(5) tells of a process.
struct Process {
  private let folder: String

  init(_ pid: pid_t) { folder = "/proc/\(pid)" }

  /// VmRSS, in MiB.
  var resident: Double {
    Double(number("VmRSS:", in: read("\(folder)/status"))) / 1024
  }

  /// How often its threads went to sleep of their own will: as often as they were woken.
  var wakes: Int {
    ScratchFolder.list("\(folder)/task").reduce(0) {
      $0 + number("voluntary_ctxt_switches:", in: read("\(folder)/task/\($1)/status"))
    }
  }

  /// Processor time of all threads, in clock ticks.
  var ticks: Int {
    // The name, in parentheses, may hold anything.
    guard let rest = read("\(folder)/stat").split(separator: ")").last else { return 0 }
    let fields = rest.split(separator: " ")
    return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
  }

  private func number(_ label: String, in text: String) -> Int {
    for line in text.split(separator: "\n") where line.hasPrefix(label) {
      return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
    return 0
  }

  private func read(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 16384)
    let count = Glibc.read(file, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
  }
}
