import ArgumentParser
import HostNetworking
import JSON
import Synchronization
import XenAPI

/// Bonds on the command line.
struct BondCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bond",
    abstract: "Make, look at, change and destroy bonds.",
    discussion: """
      What changes something shows its plan first and asks; --dry-run only shows it. A change that touches management is made on \
      trial: it goes back by itself unless it is confirmed (xcpconsole pending --keep).
      """,
    subcommands: [List.self, Show.self, Create.self, Set.self, Add.self, Remove.self, Destroy.self])
}

extension BondCommand {
  struct List: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "The bonds of this host and how they are.")

    @OptionGroup var host: HostOptions
    @Flag(help: "Answer with a JSON array.")
    var json = false

    func run(on standard: Standard) throws -> Int32 {
      let found = try BondReading(host)
      if json {
        standard.say(JSONValue.array(found.names.map { found.json($0) }).description)
        return 0
      }
      if let problem = found.problem { standard.complain(problem) }
      if found.names.isEmpty { standard.say("This host has no bonds.") }
      for name in found.names { standard.say(found.line(name)) }
      return 0
    }
  }

  struct Show: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "How a bond works at this moment.",
      discussion: "From the switch and the kernel, also while XAPI is away. Exit code 0: well; 1: something is wrong, or there is no such bond.")

    @Argument(help: "Its name, such as bond0.") var bond: String
    @OptionGroup var host: HostOptions
    @Flag(help: "Answer with a JSON object.")
    var json = false

    func run(on standard: Standard) throws -> Int32 {
      let found = try BondReading(host)
      guard found.names.contains(bond) else { throw Failure(text: found.problem ?? "this host has no bond \(bond)") }
      if json {
        standard.say(found.json(bond).description)
      } else {
        for line in found.lines(bond) { standard.say(line) }
      }
      return found.isWell(bond) ? 0 : 1
    }
  }

  struct Create: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "Make a bond.", discussion: PlanOptions.exitCodes)

    @Option(help: ArgumentHelp("Its NICs.", valueName: "eth1,eth2")) var members: String
    @Option(help: "active-backup, balance-slb or lacp.") var mode = "active-backup"
    @Option(help: ArgumentHelp("With LACP: tcpudp_ports or src_mac.", valueName: "algorithm")) var hash: String?
    @Option(help: ArgumentHelp("With LACP: slow or fast.", valueName: "rate")) var lacpTime: String?
    @Option(help: ArgumentHelp("With LACP: true lets one link work alone while the switch speaks none.", valueName: "true|false")) var fallback: String?
    @Option(help: ArgumentHelp("With LACP: a number.", valueName: "key")) var aggregationKey: String?
    @Option(help: "Its MAC; that of the first member unless given.") var mac = ""
    @Option(help: ArgumentHelp("A network that is there, by name or uuid.", valueName: "network")) var network: String?
    @Option(help: "The name of the network that is made.") var name: String?
    @Flag(help: "On every host of the pool.") var pool = false
    @Option(help: ArgumentHelp("VLANs that are made on it as well.", valueName: "10,20")) var vlans = ""
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions

    func run(on standard: Standard) throws -> Int32 {
      guard let tags = BondIntent.tags(vlans) else { throw Failure(text: "--vlans: \(BondIntent.tagProblem(vlans) ?? "")", code: 2) }
      if network != nil, name != nil { throw Failure(text: "--network and --name contradict each other", code: 2) }
      var properties: [String: String] = [:]
      for (key, value) in [
        (BondProperties.hashing, hash), (BondProperties.time, lacpTime), (BondProperties.fallback, fallback), (BondProperties.key, aggregationKey),
      ] { if let value { properties[key] = value } }
      let wish: BondRequest.NetworkWish =
        if let network { .existing(try BondReading.network(network, host)) } else { .new(name: name ?? "") }
      let request = BondRequest(
        members: members.split(separator: ",").map { String($0) }, mode: BondMode(rawValue: mode.lowercased()), properties: properties,
        mac: mac.lowercased(), network: wish, isPoolWide: pool, vlans: tags)
      return try PlanRunner(host: host, options: plan, standard: standard).run(.bonds(.create(request)))
    }
  }

  struct Set: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Change a bond's mode or properties.",
      discussion: "Settings: mode=, hash=, lacp-time=, fallback=, aggregation-key=, updelay= (milliseconds; empty for XAPI's own 31 s). \(PlanOptions.exitCodes)")

    @Argument(help: "Its name, such as bond0.") var bond: String
    @Argument(help: ArgumentHelp("What is set.", valueName: "name=value")) var settings: [String]
    @Flag(help: "The bonds of the other hosts on the same network as well.") var pool = false
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions

    func run(on standard: Standard) throws -> Int32 {
      var request = BondSettingsRequest(bond: bond, isPoolWide: pool)
      let keys = [
        "hash": BondProperties.hashing, "hashing": BondProperties.hashing, "lacp-time": BondProperties.time, "fallback": BondProperties.fallback,
        "aggregation-key": BondProperties.key,
      ]
      for setting in settings {
        let halves = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        guard halves.count == 2 else { throw Failure(text: "\(setting) is not of the form name=value", code: 2) }
        switch halves[0] {
        case "mode": request.mode = BondMode(rawValue: halves[1].lowercased())
        case "updelay": request.upDelay = halves[1]
        default:
          guard let key = keys[halves[0]] else { throw Failure(text: "bonds have no setting \(halves[0])", code: 2) }
          request.properties[key] = halves[1]
        }
      }
      return try PlanRunner(host: host, options: plan, standard: standard).run(.bonds(.set(request)))
    }
  }

  struct Add: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a NIC to a bond: it is made anew, with everything on it.", discussion: PlanOptions.exitCodes)

    @Argument(help: "Its name, such as bond0.") var bond: String
    @Argument(help: "The NIC, such as eth2.") var nic: String
    @Flag(help: "On every host of the pool that has the bond.") var pool = false
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions

    func run(on standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: plan, standard: standard).run(.bonds(.addMember(nic, bond: bond, isPoolWide: pool)))
    }
  }

  struct Remove: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a NIC out of a bond: it is made anew, with everything on it.", discussion: PlanOptions.exitCodes)

    @Argument(help: "Its name, such as bond0.") var bond: String
    @Argument(help: "The NIC, such as eth2.") var nic: String
    @Flag(help: "On every host of the pool that has the bond.") var pool = false
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions

    func run(on standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: plan, standard: standard).run(.bonds(.removeMember(nic, bond: bond, isPoolWide: pool)))
    }
  }

  struct Destroy: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a bond apart: everything on it goes to its primary member.", discussion: PlanOptions.exitCodes)

    @Argument(help: "Its name, such as bond0.") var bond: String
    @Flag(help: "Remove its network too, when nothing is on it any more.") var withNetwork = false
    @Flag(help: "On every host of the pool that has the bond.") var pool = false
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions

    func run(on standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: plan, standard: standard).run(.bonds(.destroy(bond, withNetwork: withNetwork, isPoolWide: pool)))
    }
  }
}

/// What XAPI and the switch say of this host's bonds, for people and for programs.
struct BondReading {
  let settings: [BondSettings]
  let live: [BondLive]
  /// Why XAPI said nothing.
  let problem: String?

  init(_ host: HostOptions) throws {
    Interrupts.letThrough()
    let system = try host.checked()
    let client = try host.client()
    let work = BondWork(client, system)
    let (facts, live) = try waiting { await work.read() }
    self.live = live
    switch facts {
    case .success(let facts): (settings, problem) = (facts.bonds, nil)
    case .failure(let failure): (settings, problem) = ([], failure.text)
    }
  }

  /// The uuid of a network by its name or uuid.
  static func network(_ text: String, _ host: HostOptions) throws -> String {
    let work = BondWork(try host.client(), try host.checked())
    let found = try waiting { await work.networks(text) }
    guard let uuids = found else { throw Failure(text: "XAPI must answer for this") }
    guard let uuid = uuids.first else { throw Failure(text: "there is no network \"\(text)\"") }
    guard uuids.count == 1 else { throw Failure(text: "\(uuids.count) networks are called \"\(text)\": give the uuid") }
    return uuid
  }

  var names: [String] { Swift.Set(settings.map(\.name) + live.map(\.bond)).sorted { comesBefore($0, $1) } }

  private func settings(_ name: String) -> BondSettings? { settings.first { $0.name == name } }
  private func live(_ name: String) -> BondLive? { live.first { $0.bond == name } }

  func isWell(_ name: String) -> Bool { live(name).map { $0.remarks.allSatisfy { $0.weight == .notice } } ?? false }

  func line(_ name: String) -> String {
    let (settings, live) = (settings(name), live(name))
    let links = live.map { "\($0.linksUp) of \($0.members.count) links" } ?? "links not known"
    let members = (live.map { $0.members.map(\.name) } ?? settings?.members ?? []).joined(separator: ", ")
    return "\(name)  \(settings?.mode.rawValue ?? live?.mode ?? "?")  \(members)  \(links)" + (settings.map { "  network \"\($0.network)\"" } ?? "")
      + (settings?.carriesManagement == true ? "  MANAGEMENT" : "")
  }

  func lines(_ name: String) -> [String] {
    var lines = [line(name)]
    guard let live = live(name) else { return lines + ["   The switch does not have it."] }
    for member in live.members {
      let link = member.isMissing ? "missing" : member.hasLink.map { $0 ? "up" : "DOWN" } ?? "?"
      let work = member.isActive ? "active" : live.isActiveBackup && member.hasLink == true ? "standby" : member.isUsed.map { $0 ? "in use" : "not used" } ?? "-"
      lines.append("   \(member.name)  \(link)  \(member.speed.map { "\($0) Mb/s" } ?? "-")  \(work)" + (member.partner.map { "  LACP partner \($0)" } ?? ""))
    }
    if let lacp = live.lacp { lines.append("   LACP \(lacp.isNegotiated ? "negotiated" : "not negotiated")\(lacp.rate.map { ", \($0)" } ?? "")") }
    return lines + live.remarks.map { remark in
      (remark.weight == .blocking ? "!! " : remark.weight == .warning ? " ! " : " - ") + remark.text
    }
  }

  func json(_ name: String) -> JSONValue {
    var object = JSONObject([("name", .string(name))])
    if let settings = settings(name) {
      object.append("uuid", .string(settings.uuid))
      object.append("mode", .string(settings.mode.rawValue))
      object.append("properties", .object(JSONObject(settings.properties.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })))
      object.append("network", .string(settings.network))
      object.append("mac", .string(settings.mac))
      object.append("plugged", .bool(settings.isAttached))
      object.append("management", .bool(settings.carriesManagement))
      object.append("vlans", .array(settings.vlans.map { .int(Int64($0)) }))
      object.append("primary", .string(settings.members.first ?? ""))
    }
    if let live = live(name) {
      object.append("active", live.active.map { .string($0) } ?? .null)
      object.append("linksUp", .int(Int64(live.linksUp)))
      object.append("well", .bool(isWell(name)))
      if let lacp = live.lacp {
        object.append("lacp", ["negotiated": .bool(lacp.isNegotiated), "partners": .array(lacp.partners.map { .string($0) })])
      }
      object.append(
        "members",
        .array(
          live.members.map { member in
            [
              "name": .string(member.name), "link": member.hasLink.map { .bool($0) } ?? .null, "speed": member.speed.map { .int(Int64($0)) } ?? .null,
              "active": .bool(member.isActive), "used": member.isUsed.map { .bool($0) } ?? .null,
            ]
          }))
      object.append("remarks", .array(live.remarks.map { .string($0.text) }))
    } else if let settings = settings(name) {
      object.append("members", .array(settings.members.map { ["name": .string($0)] }))
    }
    return .object(object)
  }
}
