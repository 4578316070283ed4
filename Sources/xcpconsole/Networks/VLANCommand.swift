import ArgumentParser
import Dom0
import HostNetworking
import JSON
import XenAPI

struct VLANCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vlan",
    abstract: "Make, list and destroy VLANs.",
    discussion: """
      Tags go from 0 to 4094: 42, or 100-110,200. What changes something shows its plan first and asks; --dry-run only shows it. \
      \(PlanOptions.exitCodes)
      """,
    subcommands: [List.self, Create.self, Edit.self, Destroy.self])

  static func tags(_ text: String) throws -> TagList {
    do throws(TagListError) {
      return try TagList(parsing: text)
    } catch {
      throw ValidationError("\(error)")
    }
  }
}

extension VLANCommand {
  struct List: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "List the VLANs of the pool.")

    @OptionGroup var host: HostOptions

    @Flag(help: "Answer with a JSON array.")
    var json = false

    func run(on standard: Standard) throws -> Int32 {
      let vlans = try NetworkCommand.networks(host).vlans
      if json {
        standard.say(JSONValue.array(vlans.map(Self.json)).description)
        return 0
      }
      let rows = vlans.map { vlan in
        [
          "\(vlan.tag)", vlan.base, vlan.network, "\(vlan.mtu)", vlan.hosts.count > 4 ? "\(vlan.hosts.count) hosts" : vlan.hosts.joined(separator: ", "),
          vlan.unplugged.isEmpty ? "-" : vlan.unplugged.joined(separator: ", "),
        ]
      }
      for line in PlainTable(["TAG", "ON", "NETWORK", "MTU", "HOSTS", "NOT PLUGGED ON"], rows).lines { standard.say(line) }
      return 0
    }

    private static func json(_ vlan: PoolNetworks.VLANEntry) -> JSONValue {
      [
        "tag": .int(Int64(vlan.tag)), "on": .string(vlan.base), "network": .string(vlan.network), "network_uuid": .string(vlan.networkUUID),
        "mtu": .int(Int64(vlan.mtu)), "hosts": .array(vlan.hosts.map { .string($0) }), "unplugged": .array(vlan.unplugged.map { .string($0) }),
      ]
    }
  }

  struct Create: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Make VLANs on a NIC or a bond.",
      discussion: """
        Each gets a network of its own, unless --network names one that is there. With --pool on all hosts that are on and have an interface on the \
        same network as --on.
        """)

    @OptionGroup var host: HostOptions
    @OptionGroup var options: PlanOptions

    @Option(help: ArgumentHelp("What they lie on: eth1, bond0.", valueName: "interface"))
    var on: String

    @Option(help: ArgumentHelp("Tags.", valueName: "list"))
    var tag: String

    @Option(help: ArgumentHelp("What the new networks are called; {tag} stands for the tag.", valueName: "text"))
    var name: String?

    @Option(help: ArgumentHelp("What is said of the new networks.", valueName: "text"))
    var description = ""

    @Option(help: ArgumentHelp("A network that is there: its name, uuid or bridge.", valueName: "network"))
    var network: String?

    @Flag(help: "On all hosts of the pool.")
    var pool = false

    @Option(help: ArgumentHelp("The largest packet, in bytes.", valueName: "bytes"))
    var mtu: Int?

    mutating func validate() throws {
      _ = try VLANCommand.tags(tag)
      if network != nil, name != nil || !description.isEmpty { throw ValidationError("--network has a name already: leave out --name and --description") }
      let range = NetworkDraft.mtuRange
      if let mtu, !range.contains(mtu) { throw ValidationError("--mtu takes \(range.lowerBound) to \(range.upperBound)") }
    }

    func run(on standard: Standard) throws -> Int32 {
      var target = VLANRequest.Target.new(name: name ?? "VLAN \(VLANRequest.placeholder)", description: description)
      if let network { target = .existing(try NetworkCommand.uuid(of: network, in: try NetworkCommand.networks(host))) }
      let request = VLANRequest(base: on, tags: try VLANCommand.tags(tag), target: target, isPoolWide: pool, mtu: mtu)
      return try PlanRunner(host: host, options: options, standard: standard).run(.vlans(.create(request)))
    }
  }

  struct Edit: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Change the name, description, MTU, locking mode, purpose or labels of a VLAN's network.",
      discussion: "The same as xcpconsole network edit, for who knows the tag.")

    @OptionGroup var host: HostOptions
    @OptionGroup var options: PlanOptions
    @OptionGroup var settings: NetworkSettings

    @Option(help: ArgumentHelp("What it lies on: eth1, bond0.", valueName: "interface"))
    var on: String

    @Option(help: ArgumentHelp("Another name for the network.", valueName: "text"))
    var name: String?

    @Argument(help: ArgumentHelp("Its tag.", valueName: "tag"))
    var tag: Int

    mutating func validate() throws {
      if name == nil, settings.isEmpty { throw ValidationError("nothing to change: add --name, --description, --mtu, --locking, --purpose or --labels") }
    }

    func run(on standard: Standard) throws -> Int32 {
      let vlans = try NetworkCommand.networks(host).vlans.filter { $0.tag == tag && $0.base == on }
      let names = Set(vlans.map(\.networkUUID))
      if !vlans.contains(where: \.isHere), names.count > 1 {
        let places = vlans.map { "\"\($0.network)\" (\($0.hosts.joined(separator: ", ")))" }
        throw Failure(text: "VLAN \(tag) on \(on) is on several networks: \(places.joined(separator: ", ")); use xcpconsole network edit", code: 2)
      }
      guard let vlan = vlans.first(where: \.isHere) ?? vlans.first else {
        throw Failure(text: "there is no VLAN \(tag) on \(on): xcpconsole vlan list shows them", code: 2)
      }
      var edit = NetworkEdit(vlan.networkUUID)
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
      abstract: "Remove VLANs from this host, or from all hosts of the pool.",
      discussion: "VMs that run on them are in the way, and are named.")

    @OptionGroup var host: HostOptions
    @OptionGroup var options: PlanOptions

    @Option(help: ArgumentHelp("What they lie on: eth1, bond0.", valueName: "interface"))
    var on: String

    @Flag(help: "From all hosts of the pool.")
    var pool = false

    @Flag(help: "Their networks too, when nothing is left on them.")
    var withNetwork = false

    @Argument(help: ArgumentHelp("Tags.", valueName: "tags"))
    var tags: String

    mutating func validate() throws { _ = try VLANCommand.tags(tags) }

    func run(on standard: Standard) throws -> Int32 {
      let removal = VLANRemoval(.tags(try VLANCommand.tags(tags), on: on), isPoolWide: pool, withNetwork: withNetwork)
      return try PlanRunner(host: host, options: options, standard: standard).run(.vlans(.destroy(removal)))
    }
  }
}
