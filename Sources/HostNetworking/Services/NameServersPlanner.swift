import XenAPI

/// Plans other DNS servers and search domains. Only the settings of the interface are written anew, as they are but for
/// the servers: its bridge stays up, and with a static address XAPI allows it even under high availability.
public struct NameServersPlanner: Sendable {
  /// resolv.conf(5): of more the resolver takes no notice.
  public static let most = 3

  private let facts: ServicesFacts

  public init(_ facts: ServicesFacts) { self.facts = facts }

  /// The interface whose servers are asked: the one with `other-config:peerdns=true`, else that of management
  /// (`reference/xapi.md` §3.0.1).
  static func carrier(_ tree: InterfaceTree) -> InterfaceTree.Node? {
    tree.nodes.first { $0.pif.otherConfig["peerdns"] == "true" && $0.pif.hasMainAddress } ?? tree.management
  }

  public func plan(_ request: NameServerRequest) throws(ChangeProblem) -> ChangePlan {
    guard let change = facts.change else {
      throw ChangeProblem(
        "XAPI keeps the DNS servers, and does not answer: \(facts.silence ?? "")",
        remedy: "Wait for it or restart the toolstack; what is written to /etc/resolv.conf by hand does not last")
    }
    let scene = ChangeScene(change.database, host: change.host)
    guard let node = Self.carrier(scene.tree) else {
      throw ChangeProblem("no interface of this host has management", remedy: "Configure the management interface first")
    }
    if let wrong = request.servers.first(where: { $0.reasonNotForHosts != nil }) {
      throw ChangeProblem("\(wrong) cannot be a DNS server: \(wrong.reasonNotForHosts ?? "")")
    }
    if let wrong = request.searchDomains.lazy.compactMap({ DomainName.problem($0) }).first {
      throw ChangeProblem("a search domain is wrong: \(wrong)")
    }
    return NameServerSteps(request, node, scene, facts).plan
  }
}

/// The steps for one interface.
private struct NameServerSteps {
  let request: NameServerRequest
  let node: InterfaceTree.Node
  let scene: ChangeScene
  let facts: ServicesFacts
  private let wanted4: [String]
  private let wanted6: [String]

  init(_ request: NameServerRequest, _ node: InterfaceTree.Node, _ scene: ChangeScene, _ facts: ServicesFacts) {
    (self.request, self.node, self.scene, self.facts) = (request, node, scene, facts)
    wanted4 = request.servers.filter { !$0.isIPv6 }.map { "\($0)" }
    wanted6 = request.servers.filter(\.isIPv6).map { "\($0)" }
  }

  private var pif: PIF { node.pif }
  /// As XAPI will have them: the servers of a family stand together.
  private var wanted: [String] { request.servers.first?.isIPv6 == true ? wanted6 + wanted4 : wanted4 + wanted6 }
  private var isFromDHCP: Bool { pif.mainMode == .dhcp }

  var plan: ChangePlan {
    let steps = (domainSteps + serverSteps).numbered
    var plan = ChangePlan(
      intent: .nameServers(request), title: title, differences: differences, consequences: consequences, hazards: hazards,
      steps: steps)
    if !wanted.isEmpty, !steps.isEmpty {
      plan.expectation = Expectation(interface: node.name, isIPv6: pif.primaryAddressType == .ipv6, servers: wanted)
    }
    return plan
  }

  private var title: String { wanted.isEmpty ? "No DNS servers set by hand" : "DNS \(wanted.joined(separator: ", "))" }

  private var differences: [ChangePlan.Difference] {
    func words(_ list: [String]) -> String { list.isEmpty ? isFromDHCP ? "from DHCP" : "none" : list.joined(separator: ", ") }
    return [
      ChangePlan.Difference("Interface", now: node.name, after: node.name),
      ChangePlan.Difference("DNS servers", now: words(isFromDHCP ? [] : pif.dnsServers), after: words(wanted)),
      ChangePlan.Difference("Domains", now: words(pif.searchDomains), after: words(request.searchDomains)),
    ]
  }

  private var consequences: [String] {
    var lines = ["nothing is interrupted: \(node.name) stays up"]
    if wanted != request.servers.map({ "\($0)" }) {
      lines.append("XAPI keeps the servers of a family together: they are asked in the order \(wanted.joined(separator: ", "))")
    }
    if scene.database.hosts.count > 1 { lines.append("only this host: each host of the pool has its own DNS servers") }
    return lines
  }

  private var hazards: [Hazard] {
    var hazards: [Hazard] = []
    if isFromDHCP, !wanted.isEmpty || !request.searchDomains.isEmpty {
      hazards.append(
        Hazard(
          .blocking, "\(node.name) has its address from DHCP, and its DNS servers and domains with it; XAPI uses others "
            + "only with a static address",
          remedy: "Let the DHCP server name them, or give \(node.name) a static address"))
    }
    if !wanted4.isEmpty, pif.ipConfigurationMode != .static, !isFromDHCP {
      hazards.append(
        Hazard(.blocking, "IPv4 servers need a static IPv4 address on \(node.name)", remedy: "Name servers by IPv6 addresses"))
    }
    if wanted.count > NameServersPlanner.most {
      hazards.append(Hazard(.warning, "Only the first three servers are ever asked"))
    }
    if wanted.isEmpty, !isFromDHCP {
      hazards.append(
        Hazard(
          .warning, "Without a DNS server no name is found: updates, time servers by name and licences stop working",
          remedy: "Set one at least"))
    }
    if Set(wanted).count < wanted.count { hazards.append(Hazard(.warning, "A server is named twice")) }
    if isHAOn, touchesMoreThanDNS {
      hazards.append(
        Hazard(
          .blocking, "High availability is on, and \(node.name) has no static address of that family: XAPI refuses",
          remedy: "Switch high availability off, make the change, and switch it on again"))
    }
    return hazards
  }

  private var isHAOn: Bool { scene.database.pools.all.contains { $0.record.haEnabled } }

  /// Static settings that stay the same are the one thing XAPI lets pass under high availability.
  private var touchesMoreThanDNS: Bool {
    serverActions.contains { action in
      switch action {
      case .setIPv4(_, let settings): settings.mode != .static
      case .setIPv6(_, let settings): settings.mode != .static
      default: false
      }
    }
  }

  // MARK: Steps

  private var domainSteps: [ChangeStep] {
    guard !isFromDHCP, pif.searchDomains != request.searchDomains else { return [] }
    let action = ChangeAction.setSearchDomains(node.name, request.searchDomains)
    return [step(action.sentence, action, undo: .setSearchDomains(node.name, pif.searchDomains))]
  }

  private var serverSteps: [ChangeStep] {
    serverActions.map { action in
      switch action {
      case .setIPv6:
        let now = wanted6.isEmpty ? "no IPv6 DNS server" : "DNS \(wanted6.joined(separator: ", "))"
        return step("Give \(node.name) \(now)", action, undo: .setIPv6(node.name, IPv6Settings(pif)))
      default:
        let now = wanted4.isEmpty ? "no IPv4 DNS server" : "DNS \(wanted4.joined(separator: ", "))"
        return step("Give \(node.name) \(now)", action, undo: .setIPv4(node.name, IPv4Settings(pif)))
      }
    }
  }

  private func step(_ sentence: String, _ action: ChangeAction, undo: ChangeAction) -> ChangeStep {
    ChangeStep(0, sentence, commands: ChangeCommands(scene: scene).lines(action), action: action, undo: [undo])
  }

  /// Each call puts its own family first: the one that is to be asked first goes last.
  private var serverActions: [ChangeAction] {
    if isFromDHCP { return [] }
    var four = IPv4Settings(pif)
    var six = IPv6Settings(pif)
    let (old4, old6) = (pif.dnsServers.filter { !$0.contains(":") }, pif.dnsServers.filter { $0.contains(":") })
    four.dns = wanted4.joined(separator: ",")
    six.dns = wanted6.joined(separator: ",")
    let calls4 = old4 == wanted4 || pif.ipConfigurationMode != .static ? [] : [ChangeAction.setIPv4(node.name, four)]
    let calls6 = old6 == wanted6 ? [] : [ChangeAction.setIPv6(node.name, six)]
    return request.servers.first?.isIPv6 == true ? calls4 + calls6 : calls6 + calls4
  }
}

extension PIF {
  /// How it gets the address of its main family.
  var mainMode: IPConfigurationMode { primaryAddressType == .ipv6 ? ipv6ConfigurationMode : ipConfigurationMode }
  var hasMainAddress: Bool { mainMode != .none }
}
