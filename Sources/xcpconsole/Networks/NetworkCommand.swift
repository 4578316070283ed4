import ArgumentParser
import Dom0
import HostNetworking
import JSON
import XenAPI

struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network",
    abstract: "See, make, change and destroy networks.",
    discussion: """
      A network is meant by its uuid, its name or its bridge. What changes something shows its plan first and asks; --dry-run only shows it. \
      \(PlanOptions.exitCodes)
      """,
    subcommands: [List.self, ShowOne.self, Create.self, Edit.self, Destroy.self])

  /// Reads the networks of the pool.
  static func networks(_ host: HostOptions) throws -> PoolNetworks {
    Interrupts.letThrough()
    let system = try host.checked()
    let client = try host.client()
    defer { _ = try? waiting { await client.logout() } }
    do {
      return try waiting { try await PoolNetworks.read(client, system) }
    } catch let problem as ChangeProblem {
      throw Failure(text: "\(problem)")
    }
  }

  /// The one network that a word means.
  static func uuid(of word: String, in networks: PoolNetworks) throws -> String {
    let found = networks.found(word)
    if found.count > 1 {
      throw Failure(text: "\(found.count) networks are called \"\(word)\": use a uuid (\(found.map(\.uuid).joined(separator: ", ")))", code: 2)
    }
    guard let one = found.first else { throw Failure(text: "there is no network \"\(word)\": xcpconsole network list shows them", code: 2) }
    return one.uuid
  }
}

extension NetworkCommand {
  struct List: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "List the networks of the pool, with interfaces, tags, VIFs and VMs.")

    @OptionGroup var host: HostOptions

    @Flag(help: "Answer with a JSON array.")
    var json = false

    func run(on standard: Standard) throws -> Int32 {
      let networks = try NetworkCommand.networks(host).networks
      if json {
        standard.say(JSONValue.array(networks.map { NetworkPaper($0).json }).description)
        return 0
      }
      for line in PlainTable(NetworkPaper.titles, networks.map { NetworkPaper($0).row }).lines { standard.say(line) }
      return 0
    }
  }

  struct ShowOne: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show all about a network: interfaces of all hosts, VIFs and VMs.")

    @OptionGroup var host: HostOptions

    @Flag(help: "Answer with a JSON object.")
    var json = false

    @Argument(help: ArgumentHelp("Its name, uuid or bridge.", valueName: "network"))
    var network: String

    func run(on standard: Standard) throws -> Int32 {
      let all = try NetworkCommand.networks(host)
      let uuid = try NetworkCommand.uuid(of: network, in: all)
      guard let paper = all.networks.first(where: { $0.uuid == uuid }).map({ NetworkPaper($0) }) else { return 1 }
      if json { standard.say(paper.json.description) } else { for line in paper.lines { standard.say(line) } }
      return 0
    }
  }

  struct Create: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a private network, between VMs of one host only.",
      discussion: "For networks that reach the outside: xcpconsole vlan create, xcpconsole bond create.")

    @OptionGroup var host: HostOptions
    @OptionGroup var options: PlanOptions
    @OptionGroup var settings: NetworkSettings

    @Argument(help: ArgumentHelp("What it shall be called.", valueName: "name"))
    var name: String

    func run(on standard: Standard) throws -> Int32 {
      let draft = NetworkDraft(
        name: name, description: settings.description ?? "", mtu: settings.mtu ?? 1500, tags: settings.labels ?? [],
        lockingMode: settings.locking?.mode ?? .unlocked, purpose: settings.purpose?.list ?? [])
      return try PlanRunner(host: host, options: options, standard: standard).run(.networks(.create(draft)))
    }
  }

  struct Edit: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Change a network's name, description, MTU, locking mode, purpose or labels.",
      discussion: "The MTU is only noted: it takes effect when interfaces are plugged the next time; xcpconsole nic mtu does all of it.")

    @OptionGroup var host: HostOptions
    @OptionGroup var options: PlanOptions
    @OptionGroup var settings: NetworkSettings

    @Option(help: ArgumentHelp("Another name.", valueName: "text"))
    var name: String?

    @Argument(help: ArgumentHelp("Its name, uuid or bridge.", valueName: "network"))
    var network: String

    mutating func validate() throws {
      if name == nil, settings.isEmpty { throw ValidationError("nothing to change: add --name, --description, --mtu, --locking, --purpose or --labels") }
    }

    func run(on standard: Standard) throws -> Int32 {
      var edit = NetworkEdit(try NetworkCommand.uuid(of: network, in: try NetworkCommand.networks(host)))
      edit.name = name
      edit.description = settings.description
      edit.mtu = settings.mtu
      edit.lockingMode = settings.locking?.mode
      edit.purpose = settings.purpose?.list
      edit.tags = settings.labels
      return try PlanRunner(host: host, options: options, standard: standard).run(.networks(.edit(edit)))
    }
  }

  struct Destroy: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove a network.", discussion: "What hangs on it is told first; VIFs that are not attached go with it.")

    @OptionGroup var host: HostOptions
    @OptionGroup var options: PlanOptions

    @Flag(help: "The VLANs and tunnels that feed it go first, on all hosts.")
    var withVlans = false

    @Argument(help: ArgumentHelp("Its name, uuid or bridge.", valueName: "network"))
    var network: String

    func run(on standard: Standard) throws -> Int32 {
      let uuid = try NetworkCommand.uuid(of: network, in: try NetworkCommand.networks(host))
      return try PlanRunner(host: host, options: options, standard: standard).run(.networks(.destroy(NetworkRemoval(uuid, withVLANs: withVlans))))
    }
  }
}

/// What can be set of a network.
struct NetworkSettings: ParsableArguments {
  enum Locking: String, ExpressibleByArgument, CaseIterable {
    case unlocked, disabled

    var mode: LockingMode { self == .disabled ? .disabled : .unlocked }
  }

  enum Purpose: String, ExpressibleByArgument, CaseIterable {
    case none, nbd
    case insecureNBD = "insecure_nbd"

    var list: [String] { self == .none ? [] : [rawValue] }
  }

  @Option(help: ArgumentHelp("A description; empty removes it.", valueName: "text"))
  var description: String?

  @Option(help: ArgumentHelp("The largest packet, in bytes.", valueName: "bytes"))
  var mtu: Int?

  @Option(help: "Whether VIFs without a mode of their own may send: unlocked or disabled.")
  var locking: Locking?

  @Option(help: "Whether disks are read over it: none, nbd or insecure_nbd.")
  var purpose: Purpose?

  @Option(name: .customLong("labels"), help: ArgumentHelp("Labels (XAPI's tags), parted by commas; empty removes them.", valueName: "list"))
  var labelText: String?

  var labels: [String]? {
    labelText.map { $0.split(separator: ",").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty } }
  }

  var isEmpty: Bool { description == nil && mtu == nil && locking == nil && purpose == nil && labelText == nil }

  mutating func validate() throws {
    let range = NetworkDraft.mtuRange
    if let mtu, !range.contains(mtu) { throw ValidationError("--mtu takes \(range.lowerBound) to \(range.upperBound)") }
  }
}

/// A network for people and for programs.
struct NetworkPaper {
  private let network: PoolNetworks.Entry

  init(_ network: PoolNetworks.Entry) { self.network = network }

  static let titles = ["NETWORK", "BRIDGE", "THROUGH", "HOSTS", "VIFS", "MTU", "LOCKING", "PURPOSE", "VMS"]

  private var vms: [String] {
    var seen: Set<String> = []
    return network.vifs.map(\.vm).filter { seen.insert($0).inserted }
  }

  private var through: String {
    if network.isSystem { return "host internal" }
    var names: [String] = []
    for interface in network.interfaces where !names.contains(interface.name) { names.append(interface.name) }
    return names.isEmpty ? "private" : names.joined(separator: ", ")
  }

  private func word(_ text: String) -> String { text.isEmpty ? "-" : text }

  var row: [String] {
    [
      network.name, word(network.bridge), through, "\(network.interfaces.count)", "\(network.vifs.count)", "\(network.mtu)", network.lockingMode.rawValue,
      word(network.purpose.joined(separator: ",")), word(vms.joined(separator: ", ")),
    ]
  }

  var lines: [String] {
    var lines = [
      "Name         \(network.name)", "Description  \(word(network.description))", "UUID         \(network.uuid)", "Bridge       \(word(network.bridge))",
      "Through      \(through)", "MTU          \(network.mtu)", "Locking      \(network.lockingMode.rawValue)",
      "Purpose      \(word(network.purpose.joined(separator: ", ")))", "Labels       \(word(network.tags.joined(separator: ", ")))",
    ]
    if !network.isManaged { lines.append("Managed      no: XAPI leaves it alone") }
    if !network.interfaces.isEmpty {
      lines.append("")
      lines += PlainTable(
        ["HOST", "INTERFACE", "TAG", "PLUGGED", "LINK", "UUID"],
        network.interfaces.map { interface in
          [
            interface.host + (interface.isLive ? "" : " (off)"), interface.name + (interface.isManagement ? " (management)" : ""),
            interface.tag.map { "\($0)" } ?? "-", interface.isAttached ? "yes" : "NO",
            interface.hasLink.map { $0 ? "up" : "DOWN" } ?? "?", interface.uuid,
          ]
        }).lines
    }
    if !network.vifs.isEmpty {
      lines.append("")
      lines += PlainTable(
        ["VM", "VIF", "MAC", "ATTACHED", "ON", "LOCKING", "UUID"],
        network.vifs.map { [$0.vm, $0.device, $0.mac, $0.isAttached ? "yes" : "no", $0.host ?? "-", $0.lockingMode.rawValue, $0.uuid] }).lines
    }
    return lines
  }

  var json: JSONValue {
    func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
    let interfaces = network.interfaces.map { interface -> JSONValue in
      [
        "host": .string(interface.host), "interface": .string(interface.name), "uuid": .string(interface.uuid),
        "tag": interface.tag.map { .int(Int64($0)) } ?? .null, "plugged": .bool(interface.isAttached), "management": .bool(interface.isManagement),
        "link": interface.hasLink.map { .bool($0) } ?? .null, "live": .bool(interface.isLive),
      ]
    }
    let vifs = network.vifs.map { vif -> JSONValue in
      [
        "vm": .string(vif.vm), "device": .string(vif.device), "mac": .string(vif.mac), "uuid": .string(vif.uuid), "attached": .bool(vif.isAttached),
        "host": vif.host.map { .string($0) } ?? .null, "locking": .string(vif.lockingMode.rawValue),
      ]
    }
    return [
      "uuid": .string(network.uuid), "name": .string(network.name), "description": .string(network.description), "bridge": .string(network.bridge),
      "mtu": .int(Int64(network.mtu)), "locking": .string(network.lockingMode.rawValue), "purpose": texts(network.purpose), "labels": texts(network.tags),
      "managed": .bool(network.isManaged), "interfaces": .array(interfaces), "vifs": .array(vifs), "vms": texts(vms),
    ]
  }
}
