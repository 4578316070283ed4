import Dom0
import XenAPI

/// Looks whether the host is well connected after a reset or a restore, and what came back of a layout.
public struct LayoutVerify: Sendable {
  /// What is looked at, in this order.
  public enum Check: String, CaseIterable, Sendable {
    case xapi = "XAPI"
    case link, address, gateway
    case dns = "DNS"
    case coordinator, layout
  }

  public enum Verdict: Hashable, Sendable {
    case looking
    case good(String)
    case bad(String)
    /// Nothing to look at: no gateway is set, this host is the coordinator.
    case none(String)
  }

  private let client: XenClient
  private let system: HostSystem
  private let layout: NetworkLayout?
  private let probes: any NetworkProbes

  /// - Parameter layout: what the host had; nil leaves that check out.
  public init(client: XenClient, system: HostSystem, layout: NetworkLayout?, probes: any NetworkProbes) {
    self.client = client
    self.system = system
    self.layout = layout
    self.probes = probes
  }

  /// Looks at everything; the network is asked at the same time about all.
  /// - Parameters:
  ///   - limit: how long XAPI may take.
  ///   - report: every verdict as it comes; `looking` first.
  /// - Returns: what is to be put back, when a layout was given and XAPI answered.
  @discardableResult
  public func run(
    limit: Duration = .seconds(10), _ report: @escaping @Sendable (Check, Verdict) -> Void
  ) async -> LayoutRestore? {
    for check in Check.allCases { report(check, .looking) }
    var reader = DatabaseReader(client)
    do {
      let database = try await reader.read(limit: limit)
      guard let host = await LayoutSource.thisHost(in: database, client, system, limit: limit) else {
        report(.xapi, .bad("it answers, but does not know this host"))
        await withoutXAPI(report)
        return nil
      }
      report(.xapi, .good("answers"))
      return await look(database, host, report)
    } catch {
      report(.xapi, .bad("\(error)"))
      await withoutXAPI(report)
      return nil
    }
  }

  // MARK: With XAPI

  private func look(
    _ database: XenDatabase, _ host: Ref<Host>, _ report: @escaping @Sendable (Check, Verdict) -> Void
  ) async -> LayoutRestore? {
    let tree = InterfaceTree(database, host: host)
    let management = tree.management
    report(.link, link(management, database))
    report(.address, address(management))
    let (plan, verdict) = cameBack(database, host)
    report(.layout, verdict)
    let pif = management?.pif
    let isIPv6 = pif?.primaryAddressType == .ipv6
    let saved = management.map { SavedInterface($0, network: "") }
    await ask(
      gateway: (isIPv6 ? pif?.ipv6Gateway : pif?.gateway) ?? "", servers: nameServers(saved),
      coordinator: coordinator(database, host), report)
    return plan
  }

  /// Those that are really asked: a lease's are in resolv.conf, not in XAPI's record.
  private func nameServers(_ management: SavedInterface?) -> [String] {
    guard let configured = management?.dns, !configured.isEmpty else {
      return (try? ResolvConf(of: system))?.nameServers ?? []
    }
    return configured
  }

  private func link(_ management: InterfaceTree.Node?, _ database: XenDatabase) -> Verdict {
    guard let management else { return .bad("there is no management interface") }
    guard management.pif.currentlyAttached else { return .bad("\(management.name) is not plugged") }
    guard let metrics = database.pifMetrics[management.pif.metrics] else { return .none("not known") }
    if !metrics.carrier { return .bad("\(management.name) has no link: look at the cable and the switch port") }
    guard let bond = database.bonds[management.pif.bondMasterOf.first], Int(bond.linksUp) < bond.members.count else {
      return .good("\(management.name) is up")
    }
    return .bad("\(bond.linksUp) of \(bond.members.count) links of \(management.name) are up")
  }

  private func address(_ management: InterfaceTree.Node?) -> Verdict {
    guard let management else { return .bad("there is no management interface") }
    let saved = SavedInterface(management, network: "")
    if saved.primary == .ipv6 {
      guard let address = saved.ipv6.addresses.first(where: { !$0.hasPrefix("fe80:") }) else {
        return .bad("\(management.name) has no IPv6 address")
      }
      return .good("\(address) on \(management.name)")
    }
    if saved.ipv4.address.isEmpty {
      let isLeased = saved.ipv4.mode == .dhcp
      return .bad("\(management.name) has no address\(isLeased ? ": DHCP has given none yet" : "")")
    }
    let length = try? IPv4Prefix.length(ofNetmask: saved.ipv4.netmask)
    return .good("\(saved.ipv4.address)\(length.map { "/\($0)" } ?? "") on \(management.name)")
  }

  /// The coordinator's address; nil when this host is that itself.
  private func coordinator(_ database: XenDatabase, _ host: Ref<Host>) -> String? {
    guard let ref = database.pools.first?.record.coordinator, ref != host else { return nil }
    return database.hosts[ref]?.address ?? ""
  }

  private func cameBack(_ database: XenDatabase, _ host: Ref<Host>) -> (LayoutRestore?, Verdict) {
    guard let layout else { return (nil, .none("no layout was saved")) }
    do {
      let plan = try LayoutRestore(layout, on: database, host: host)
      return (plan, Self.verdict(plan))
    } catch {
      return (nil, .bad("\(error)"))
    }
  }

  private static func verdict(_ plan: LayoutRestore) -> Verdict {
    let lost = plan.nics.filter { if case .missing = $0.kind { true } else { false } }
    guard plan.isComplete else {
      let missing = plan.missing
      let names =
        missing.prefix(4).joined(separator: ", ") + (missing.count > 4 ? " and \(missing.count - 4) more" : "")
      return .bad(
        missing.isEmpty ? "\(plan.steps.count) settings are not as they were" : "not back yet: \(names)")
    }
    return lost.isEmpty
      ? .good("all is as it was saved")
      : .bad("\(lost.compactMap(\.saved?.device).joined(separator: ", ")) not in this host any more")
  }

  // MARK: Without XAPI

  /// The kernel's word on the bridge that the inventory names, and whom the files say to ask.
  private func withoutXAPI(_ report: @escaping @Sendable (Check, Verdict) -> Void) async {
    report(.layout, .none("XAPI must answer first"))
    let bridge = (try? Inventory(of: system))?.managementInterface ?? ""
    let settings = (try? NetworkdDB(of: system))?.interface(bridge)
    if bridge.isEmpty {
      report(.link, .bad("there is no management interface"))
    } else if let carrier = try? system.text("/sys/class/net/\(bridge)/carrier", limit: 16) {
      report(.link, carrier.hasPrefix("1") ? .good("\(bridge) is up") : .bad("\(bridge) has no link"))
    } else {
      report(.link, .bad("the bridge \(bridge) is not there, or down"))
    }
    if case .static(let addresses)? = settings?.ipv4, let first = addresses.first {
      report(.address, .none("\(first) on \(bridge) by \(NetworkdDB.path)"))
    } else {
      report(.address, .none("XAPI must answer first"))
    }
    var coordinator: String?
    if let role = try? PoolConf(of: system), case .member(let address) = role { coordinator = address }
    await ask(
      gateway: settings?.ipv4Gateway ?? "", servers: settings?.nameServers ?? [], coordinator: coordinator, report)
  }

  // MARK: Asking

  /// - Parameter coordinator: nil on the coordinator itself.
  private func ask(
    gateway: String, servers: [String], coordinator: String?,
    _ report: @escaping @Sendable (Check, Verdict) -> Void
  ) async {
    await withTaskGroup { group in
      let asking = Asking(probes: probes)
      group.addTask { report(.gateway, await asking.gateway(gateway)) }
      group.addTask { report(.dns, await asking.dns(servers)) }
      group.addTask { report(.coordinator, await asking.coordinator(coordinator)) }
    }
  }
}

extension LayoutRestore {
  /// What of the layout has to be made anew, by name: bonds, VLANs, tunnels, SR-IOV and networks.
  public var missing: [String] {
    steps.compactMap { step in
      switch step.action {
      case .createNetwork(let saved): saved.title
      case .createBond(let bond): bond.name
      case .createVLAN(let vlan), .replaceVLAN(let vlan): vlan.name
      case .createTunnel(let tunnel): tunnel.name
      case .createSRIOV(let sriov): sriov.name
      default: nil
      }
    }
  }
}
