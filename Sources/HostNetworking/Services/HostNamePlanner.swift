import XenAPI

/// Plans another name for this host.
public struct HostNamePlanner: Sendable {
  /// Characters, sethostname(2).
  public static let longest = 64

  private let facts: ServicesFacts

  public init(_ facts: ServicesFacts) { self.facts = facts }

  /// Why a text cannot be a host's name; nil when it can.
  public static func problem(_ name: String) -> String? {
    if name.isEmpty { return "a name is needed" }
    if name.utf8.count > longest { return "a host name has at most \(longest) characters" }
    if name.hasSuffix(".") { return "a host name does not end in a dot" }
    if name.contains("_") { return "a host name has no underscore" }
    if let problem = DomainName.problem(name) { return problem }
    if name.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) {
      return "a name of digits only is taken for an address"
    }
    return nil
  }

  public func plan(_ request: HostNameRequest) throws(ChangeProblem) -> ChangePlan {
    if let problem = Self.problem(request.hostname) { throw ChangeProblem("the host name is not valid: \(problem)") }
    if let label = request.label, label.allSatisfy(\.isWhitespace) {
      throw ChangeProblem("the label is empty", remedy: "XAPI and its clients show it: give the host one")
    }
    return ChangePlan(
      intent: .hostName(request), title: title(request), differences: differences(request),
      consequences: consequences(request), hazards: hazards(request), steps: steps(request).numbered)
  }

  private var label: String { facts.services?.label ?? "" }

  private func changesLabel(_ request: HostNameRequest) -> Bool { request.label.map { $0 != label } ?? false }

  /// The file's word counts, and XAPI's where it knows another.
  private func changesName(_ request: HostNameRequest) -> Bool {
    request.hostname != facts.hostname || facts.services.map { $0.hostname != request.hostname } ?? false
  }

  private func title(_ request: HostNameRequest) -> String {
    changesName(request) || !changesLabel(request) ? "Host name \(request.hostname)" : "Label \"\(request.label ?? "")\""
  }

  private func differences(_ request: HostNameRequest) -> [ChangePlan.Difference] {
    var rows = [ChangePlan.Difference("Host name", now: facts.hostname.isEmpty ? "none" : facts.hostname, after: request.hostname)]
    if facts.services != nil { rows.append(ChangePlan.Difference("Label", now: label, after: request.label ?? label)) }
    return rows
  }

  private func consequences(_ request: HostNameRequest) -> [String] {
    guard changesName(request) else { return [] }
    var lines = ["logs carry the new name at once, prompts from the next login on"]
    if facts.access.certificate != nil { lines.append("XAPI's certificate keeps the old name until it is made anew") }
    if facts.services != nil, !changesLabel(request), label == facts.hostname {
      lines.append("XAPI and its clients go on calling this host \"\(label)\": its label stays")
    }
    if facts.services == nil { lines.append("XAPI learns the name when it starts") }
    lines.append("DNS is not told, other than by DHCP at its next renewal")
    return lines
  }

  private func hazards(_ request: HostNameRequest) -> [Hazard] {
    var hazards: [Hazard] = []
    if facts.services == nil {
      hazards.append(Hazard(.notice, "XAPI does not answer: the name is set without it", remedy: facts.silence))
      if request.label != nil {
        hazards.append(
          Hazard(.blocking, "XAPI keeps the label, and does not answer", remedy: "Leave the label as it is, or wait for XAPI"))
      }
    }
    if request.hostname.lowercased().hasPrefix("localhost") {
      hazards.append(
        Hazard(.warning, "\(request.hostname) is every host's own name for itself", remedy: "Give it a name of its own"))
    }
    for other in others where other.hostname == request.hostname || other.nameLabel == request.label {
      hazards.append(Hazard(.warning, "another host of the pool, \"\(other.nameLabel)\", is called \(other.hostname)"))
    }
    return hazards
  }

  private var others: [Host] {
    guard let change = facts.change else { return [] }
    return change.database.hosts.all.filter { $0.ref != change.host }.map(\.record)
  }

  private func steps(_ request: HostNameRequest) -> [ChangeStep] {
    var steps: [ChangeStep] = []
    if changesName(request) {
      let action = ChangeAction.setHostname(request.hostname)
      let undo = facts.hostname.isEmpty ? [] : [ChangeAction.setHostname(facts.hostname)]
      steps.append(ChangeStep(0, action.sentence, commands: commands(action), action: action, undo: undo))
    }
    if let label = request.label, changesLabel(request) {
      let action = ChangeAction.setLabel(label)
      steps.append(
        ChangeStep(0, action.sentence, commands: commands(action), action: action, undo: [.setLabel(self.label)]))
    }
    return steps
  }

  private func commands(_ action: ChangeAction) -> [String] {
    if let change = facts.change {
      return ChangeCommands(scene: ChangeScene(change.database, host: change.host)).lines(action)
    }
    guard case .setHostname(let name) = action else { return [] }
    return ["/opt/xensource/libexec/set-hostname \(ShellWord.quoted(name))"]
  }
}
