import HostNetworking
import TerminalUI

/// What deserves a look, as lines: numbered causes for a host in trouble, a short list for one that works.
struct FindingFacts {
  private let findings: [Finding]
  private let isTroubled: Bool

  init(_ host: HostView) {
    findings = host.findings
    isTroubled = findings.first?.weight == .trouble
  }

  /// Everything, with what to do about it.
  func full(withHeading: Bool) -> [Fact] {
    guard !findings.isEmpty else { return [healthy] }
    let heading =
      isTroubled
      ? withHeading ? [Fact("", StatusFacts.troubleTitle, style: .heading)] : []
      : [Fact("Look at", Units.count(findings.count, "thing"), style: .strong)]
    return heading + lines(findings) { _ in true } + (isTroubled ? [Fact("", "")] : [])
  }

  /// For a pane that has the heading already: what to do is told of what is wrong only.
  var brief: [Fact] {
    guard isTroubled else {
      return findings.isEmpty
        ? [healthy]
        : [Fact("Look at", Units.count(findings.count, "thing"), style: .strong)]
          + shortened
    }
    return shortened + [Fact("", "")]
  }

  private var healthy: Fact { Fact("Health", "nothing to look at", style: .good) }

  /// More would push everything else off the pane.
  private static let most = 5

  private var shortened: [Fact] {
    let rest = findings.count - Self.most
    return lines(Array(findings.prefix(Self.most))) { $0.weight == .trouble }
      + (rest > 0 ? [Fact("", "and \(rest) more: Status shows all", style: .dim)] : [])
  }

  private func lines(_ findings: [Finding], tellsRemedy: (Finding) -> Bool) -> [Fact] {
    findings.enumerated().map { index, finding in
      let remedy = tellsRemedy(finding) ? finding.remedy.map { " " + $0 } ?? "" : ""
      return Fact(
        "", finding.text + remedy, style: finding.style, place: finding.goal,
        mark: isTroubled ? "\(index + 1) " : finding.mark)
    }
  }
}

extension Finding {
  fileprivate var style: Style {
    switch weight {
    case .trouble: .bad
    case .warning: .warning
    case .notice: .normal
    }
  }

  fileprivate var mark: String {
    switch weight {
    case .trouble: "!! "
    case .warning: "!  "
    case .notice: "-  "
    }
  }

  fileprivate var goal: ConsoleUI.Place? {
    switch place {
    case .interface(let id): .interface(id)
    case .network(let id): .network(id)
    case .reset: .menu(MainMenu.Item.reset.rawValue)
    case .nowhere: nil
    }
  }
}
