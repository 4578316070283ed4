import EndToEndSupport
import Glibc

/// Prints how fast, small and quiet the console is, each figure beside its budget.
@main
enum Bench {
  static func main() {
    let runs = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 7
    guard runs > 0, CommandLine.arguments.count <= 2 || CommandLine.arguments[2...] == ["planning"] else {
      print("usage: bench [RUNS [planning]]")
      exit(2)
    }
    do {
      print(Report.title)
      let report = Report()
      if CommandLine.arguments.count > 2 { return try Planning(runs: runs).measure(report) }
      for scenario in ["standalone", "large"] { try Startup(scenario: scenario, runs: runs).measure(report) }
      try MenuKeys(runs: runs).measure(report)
      try ListKeys(runs: runs).measure(report)
      try HungKeys(runs: runs).measure(report)
      try Memory(runs: min(3, runs)).measure(report)
      try Idle(demo: false).measure(report)
      try Idle(demo: true).measure(report)
      try LinkWatching().measure(report)
      try Decoding(runs: runs).measure(report)
      try Planning(runs: runs).measure(report)
    } catch {
      print("the bench failed: \(error)")
      exit(1)
    }
  }
}
