import ArgumentParser
import HostNetworking
import JSON
import XenAPI

extension NICCommand {
  /// Taking a NIC out of the machine: remove.
  static let retiring: [any ParsableCommand.Type] = [Remove.self]

  struct Remove: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a NIC out of the machine, stage by stage.",
      discussion: """
        Without a stage's option: tells how far the way has been gone and what can be done now, and changes nothing. It is worked \
        out of how the host is, so that it can be left at any point, also over the reboot in its midst. As JSON with --dry-run --json.

        The stages: free it from what uses it (VLANs, VIFs, address, protection); unplug it; shut the host down and pull the card; \
        forget XAPI's record; remove its network when nothing else is on it.

        \(PlanOptions.exitCodes) Looking only: 0, and 1 when something stands in the way or \
        there is nothing of that name.
        """)

    @Argument(help: "The NIC: eth3.")
    var device: String

    @Option(help: ArgumentHelp("Move its VLANs to this NIC or bond, on the same networks.", valueName: "interface"))
    var moveVlans: String?

    @Flag(help: "Destroy its VLANs; their networks stay.")
    var destroyVlans = false

    @Option(help: ArgumentHelp("Only these VLANs.", valueName: "tag,tag"))
    var vlans: String?

    @Option(help: ArgumentHelp("Move the VIFs on its own network to this network (name, bridge or uuid).", valueName: "network"))
    var moveVifs: String?

    @Flag(help: "Remove its address.")
    var removeAddress = false

    @Flag(help: "Lift its protection against unplugging.")
    var allowUnplug = false

    @Flag(help: "Unplug it.")
    var unplug = false

    @Flag(help: "Forget XAPI's record of it.")
    var forget = false

    @Flag(help: "Remove its network, once nothing is on it.")
    var destroyNetwork = false

    @OptionGroup var options: PlanOptions
    @OptionGroup var host: HostOptions

    mutating func validate() throws {
      let asked = [
        moveVlans != nil, destroyVlans, moveVifs != nil, removeAddress, allowUnplug, unplug, forget, destroyNetwork,
      ].count { $0 }
      if asked > 1 { throw ValidationError("one stage at a time: each is looked at and shown before it is done") }
      if vlans != nil, moveVlans == nil, !destroyVlans { throw ValidationError("--vlans goes with --move-vlans or --destroy-vlans") }
      if let vlans, tags(vlans) == nil { throw ValidationError("--vlans: tags from 0 to 4094, by comma") }
    }

    private func tags(_ text: String) -> [Int]? {
      let tags = text.split(separator: ",").map { Int($0).flatMap { (0...4094).contains($0) ? $0 : nil } }
      return tags.isEmpty || tags.contains(nil) ? nil : tags.compactMap { $0 }
    }

    func run(on standard: Standard) throws -> Int32 {
      if unplug { return try carryOut(.unplug(device), standard) }
      if forget { return try carryOut(.forgetNIC(device), standard) }
      if removeAddress { return try carryOut(.retireNIC(RetireRequest(device: device, .removeAddress)), standard) }
      if allowUnplug { return try carryOut(.retireNIC(RetireRequest(device: device, .allowUnplug)), standard) }
      if destroyNetwork { return try carryOut(.retireNIC(RetireRequest(device: device, .destroyNetwork)), standard) }
      let path = try look()
      if !path.isKnown, !options.json {
        throw Failure(text: "there is no NIC \(device): it is not in this machine, and XAPI has neither a record nor a network of it")
      }
      if moveVlans != nil || destroyVlans {
        let tags = vlans.flatMap { self.tags($0) } ?? path.vlanTags
        if tags.isEmpty { throw Failure(text: "\(device) carries no VLAN") }
        let work: RetireRequest.Work = moveVlans.map { .moveVLANs(tags, to: $0) } ?? .destroyVLANs(tags)
        return try carryOut(.retireNIC(RetireRequest(device: device, work)), standard)
      }
      if let moveVifs { return try carryOut(.retireNIC(RetireRequest(device: device, .moveVIFs(toNetwork: try network(moveVifs)))), standard) }
      return show(path, standard)
    }

    private func carryOut(_ intent: Intent, _ standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: options, standard: standard).run(intent)
    }

    // MARK: Looking

    private func look() throws -> RetirePath {
      Interrupts.letThrough()
      let system = try host.checked()
      let client = try host.client()
      defer { _ = try? waiting { await client.logout() } }
      let device = device
      switch try waiting(for: { await ChangePlanning.retirePath(of: device, client, system) }) {
      case .success(let path): return path
      case .failure(let problem): throw Failure(text: "\(problem)")
      }
    }

    /// The uuid of a network by its name, bridge or uuid.
    private func network(_ word: String) throws -> String {
      let client = try host.client()
      defer { _ = try? waiting { await client.logout() } }
      let database: XenDatabase
      do {
        database = try waiting {
          var reader = DatabaseReader(client, classes: ["network"])
          return try await reader.read(limit: .seconds(10))
        }
      } catch {
        throw Failure(text: "XAPI must answer for this: \(error)")
      }
      let found = database.networks.all.map(\.record).filter { $0.uuid == word || $0.nameLabel == word || $0.bridge == word }
      guard let network = found.first else { throw Failure(text: "there is no network \(word)") }
      if found.count > 1 { throw Failure(text: "\(found.count) networks are called \(word): give its uuid (xe network-list)") }
      return network.uuid
    }

    private func show(_ path: RetirePath, _ standard: Standard) -> Int32 {
      if options.json {
        standard.say(RetirePaper.json(path).description)
      } else {
        for line in RetirePaper.lines(path) { standard.say(line) }
      }
      return path.isObstructed || !path.isKnown ? 1 : 0
    }
  }
}

/// The way, for people and for programs.
enum RetirePaper {
  /// So many ways of one need are listed.
  private static let most = 8

  static func lines(_ path: RetirePath) -> [String] {
    var lines = ["Remove \(path.device)" + (path.card.isEmpty ? "" : " (\(path.card))")]
    for step in path.steps {
      let word = word(step.state)
      lines.append("\(word)\(String(repeating: " ", count: max(1, 6 - word.count)))\(step.stage.rawValue + 1) \(step.stage.title): \(step.text)")
      guard step.state == .now else { continue }
      for need in step.needs {
        lines.append("         \(need.isRequired ? "!" : "-") \(need.text)")
        for choice in need.choices.prefix(most) { lines.append("             \(choice.text)" + command(choice.way, path.device)) }
        let rest = need.choices.count - most
        if rest > 0 { lines.append("             and \(rest) more: see xcpconsole nic remove --help") }
      }
    }
    if path.isOver { lines.append("\(path.device) is out of the machine, and XAPI has forgotten it.") }
    return lines
  }

  private static func word(_ state: RetirePath.State) -> String {
    switch state {
    case .done: "done"
    case .now: "NOW"
    case .later: "later"
    }
  }

  private static func command(_ way: RetirePath.Way, _ device: String) -> String {
    switch way {
    case .change(let intent): option(intent, device).map { ": xcpconsole nic remove \(device) \($0)" } ?? ""
    case .moveManagement: ": in the console, menu 4"
    case .powerOff: ": shut the VMs down, then systemctl poweroff"
    case .byHand(let line): ": \(line)"
    }
  }

  private static func option(_ intent: Intent, _ device: String) -> String? {
    switch intent {
    case .unplug: "--unplug"
    case .forgetNIC: "--forget"
    case .retireNIC(let request):
      switch request.work {
      case .moveVLANs(let tags, let target): "--move-vlans \(target) --vlans \(tags.map(String.init).joined(separator: ","))"
      case .destroyVLANs(let tags): "--destroy-vlans --vlans \(tags.map(String.init).joined(separator: ","))"
      case .moveVIFs(let uuid): "--move-vifs \(uuid)"
      case .removeAddress: "--remove-address"
      case .allowUnplug: "--allow-unplug"
      case .destroyNetwork: "--destroy-network"
      }
    default: nil
    }
  }

  static func json(_ path: RetirePath) -> JSONValue {
    .object(
      JSONObject([
        ("device", .string(path.device)), ("card", .string(path.card)), ("known", .bool(path.isKnown)), ("over", .bool(path.isOver)),
        ("running_vms", .array(path.runningVMs.map { .string($0.name) })),
        (
          "stages",
          .array(
            path.steps.map { step in
              [
                "stage": .string("\(step.stage)"), "state": .string("\(step.state)"), "text": .string(step.text),
                "needs": .array(
                  step.needs.map { need in
                    [
                      "text": .string(need.text), "required": .bool(need.isRequired),
                      "ways": .array(
                        need.choices.map { choice in
                          let option: String? = if case .change(let intent) = choice.way { option(intent, path.device) } else { nil }
                          return ["text": .string(choice.text), "option": option.map { .string($0) } ?? .null]
                        }),
                    ]
                  }),
              ]
            })
        ),
      ]))
  }
}
