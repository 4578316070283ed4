import ArgumentParser
import HostNetworking

extension NICCommand {
  /// The hosts of the pool beside each other: compare.
  static let pool: [any ParsableCommand.Type] = [Compare.self]

  struct Compare: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare the networking of the pool's hosts, device by device.",
      discussion: """
        NICs, bonds, VLANs, MTU, addresses and management of all hosts: what most have is the norm, at a tie what the coordinator has. \
        Each difference is told once, with what it means and the lines that would mend it. Nothing is changed. With XAPI down, settings \
        are compared by its saved database on this host.

        Exit code 0: nothing differs, but perhaps for what is marked as worth knowing; 1: hosts differ; 2: wrong usage; 3: the pool could \
        not be looked at.
        """)

    @OptionGroup var host: HostOptions

    @Flag(help: "Answer with a JSON object.")
    var json = false
  }
}

extension NICCommand.Compare {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let system = try host.checked()
    let client = try host.client()
    defer { _ = try? waiting { await client.logout() } }
    let comparison: PoolComparison
    let result = try waiting { await PoolLook(client, system).comparison() }
    switch result {
    case .success(let found): comparison = found
    case .failure(let problem): throw Failure(text: "\(problem)", code: 3)
    }
    if json { standard.say(comparison.json.description) } else { tell(comparison, standard) }
    return comparison.isUneven ? 1 : 0
  }

  private func tell(_ comparison: PoolComparison, _ standard: Standard) {
    if case .saved(_, let why) = comparison.source {
      standard.complain("by the saved database, which may be old and knows of no links: \(why)")
    }
    guard !comparison.isAlone else { return standard.say("This host is alone in its pool: there is nothing to compare with.") }
    for difference in comparison.differences {
      standard.say((difference.weight > .notice ? "!  " : "-  ") + difference.text)
      standard.say("   " + difference.meaning)
      for line in difference.mending { standard.say("     " + (line.host.map { "[\($0)] " } ?? "") + line.text) }
    }
    let uneven = comparison.differences.count { $0.weight > .notice }
    let hosts = "\(comparison.hosts.count) hosts compared: "
    standard.say(
      hosts + (uneven == 0 ? comparison.differences.isEmpty ? "all alike." : "alike in all that matters."
        : uneven == 1 ? "one difference." : "\(uneven) differences."))
  }
}
