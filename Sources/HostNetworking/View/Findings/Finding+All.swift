extension Finding {
  /// What deserves a look, the worst first; what is equally bad in the order in which it is the likely cause of the
  /// rest.
  static func all(_ evidence: Evidence) -> [Finding] {
    let findings =
      evidence.management() + evidence.services() + evidence.reset() + evidence.pool() + evidence.disks()
      + evidence.links()
      + evidence.disagreements() + evidence.routes() + evidence.cards() + evidence.files()
    // A stable sort by hand.
    return findings.enumerated()
      .sorted { $0.element.weight != $1.element.weight ? $0.element.weight > $1.element.weight : $0.offset < $1.offset }
      .map(\.element)
  }
}
