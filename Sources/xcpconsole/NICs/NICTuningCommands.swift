import ArgumentParser
import HostNetworking
import JSON
import XenAPI

extension NICCommand {
  /// How NICs are set: settings, set, preset, defaults, mtu, fcoe.
  static let tuning: [any ParsableCommand.Type] = [
    NICSettings.self, NICSet.self, NICPreset.self, NICDefaults.self, NICNetworkMTU.self, NICFCoE.self,
  ]
}

/// `xcpconsole nic settings eth1`
struct NICSettings: ParsableCommand, LayoutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "Show a NIC's settings: what XAPI keeps, how it is now, and what it means where they differ.",
    discussion: "In parentheses: what XAPI sets at a plug without being told. With XAPI silent, only how it is now.")

  @OptionGroup var host: HostOptions

  @Argument(help: ArgumentHelp("A NIC, or a bond for its first member.", valueName: "device"))
  var device: String

  @Flag(help: "Answer with a JSON object.")
  var json = false

  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let (system, client) = (try host.checked(), try host.client())
    defer { _ = try? waiting { await client.logout() } }
    let device = device
    let tuning: NICTuning
    do {
      tuning = try waiting { try await TuningQuestions(client, system).tuning(of: device) }
    } catch let problem as ChangeProblem {
      throw Failure(text: "\(problem)")
    }
    if json {
      standard.say(Self.json(tuning).description)
      return 0
    }
    var rows = [["SETTING", "KEPT", "NOW", ""]]
    for row in tuning.rows { rows.append([row.label, row.kept, row.now, (row.mark == .warning ? "! " : "") + row.note]) }
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 } + [0]
    for row in rows {
      let line = zip(row, widths).map { $0.filled(to: $1) }.joined(separator: "  ")
      standard.say(String(line.reversed().drop { $0 == " " }.reversed()))
    }
    if let silence = tuning.silence { standard.complain("what is kept is not known: \(silence)") }
    for preset in tuning.advised { standard.say("This card is known for trouble. See: xcpconsole nic preset \(preset.rawValue) \(tuning.device)") }
    return 0
  }

  private static func json(_ tuning: NICTuning) -> JSONValue {
    let rows = tuning.rows.map { row in
      JSONValue.object(
        JSONObject([
          ("name", .string(row.id)), ("kept", .string(row.kept)), ("now", .string(row.now)), ("note", .string(row.note)),
          ("differs", .bool(row.mark == .warning)),
        ]))
    }
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    var object = JSONObject([("device", .string(tuning.device)), ("driver", text(tuning.driver)), ("bond", text(tuning.bond))])
    object.append("management", .bool(tuning.isManagement))
    object.append("silence", text(tuning.silence))
    object.append("settings", .array(rows))
    object.append("presets", .array(tuning.advised.map { .string($0.rawValue) }))
    return .object(object)
  }
}

extension String {
  fileprivate func filled(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

/// How long settings last.
struct LastingOptions: ParsableArguments {
  @Flag(help: "At once only, until the next plug or boot: works without XAPI.")
  var liveOnly = false

  @Flag(help: "Kept by XAPI only: the NIC is left alone until it is plugged the next time.")
  var keepOnly = false

  mutating func validate() throws {
    if liveOnly, keepOnly { throw ValidationError("--live-only and --keep-only contradict each other") }
  }

  var lasting: TuningRequest.Lasting { liveOnly ? .now : keepOnly ? .later : .always }
}

/// `xcpconsole nic set eth1 tx=off`
struct NICSet: ParsableCommand, LayoutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Set a NIC otherwise: at once, and kept by XAPI.",
    discussion: """
      tx rx sg tso ufo gso gro lro: on, off, or default (what is kept is dropped)
      speed: Mbit/s, or auto; duplex: full or half; autoneg: on or off
      rx-ring tx-ring: entries, until the next boot: XAPI keeps none
      mtu: bytes on this host alone, or default; plugs the NIC anew. For a network: nic mtu

      A bond stands for its members. What can cut the host off is made on trial and goes back by itself unless it is kept.

      \(PlanOptions.exitCodes)
      """)

  @OptionGroup var host: HostOptions
  @OptionGroup var options: PlanOptions
  @OptionGroup var lasting: LastingOptions

  @Flag(help: "Plug it anew afterwards, so that everything kept is applied.")
  var replug = false

  @Argument(help: ArgumentHelp("A NIC, or a bond for all of its members.", valueName: "device"))
  var device: String

  @Argument(help: ArgumentHelp("For example tx=off speed=1000 duplex=full autoneg=off rx-ring=4096.", valueName: "name=value"))
  var settings: [String]

  mutating func validate() throws {
    if replug, lasting.liveOnly { throw ValidationError("--replug applies what is kept, and --live-only keeps nothing") }
    do throws(ChangeProblem) { _ = try request() } catch { throw ValidationError("\(error)") }
  }

  private func request() throws(ChangeProblem) -> TuningRequest {
    var request = try TuningRequest([device], words: settings, lasting.lasting)
    if replug { request.replugs = true }
    return request
  }

  func run(on standard: Standard) throws -> Int32 {
    try PlanRunner(host: host, options: options, standard: standard).run(.tuneNIC(try request()))
  }
}

/// `xcpconsole nic preset corruption eth1`
struct NICPreset: ParsableCommand, LayoutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "preset",
    abstract: "Settings that the documentation gives for known troubles.",
    discussion: TuningPreset.allCases.map { "\($0.rawValue): \($0.title).\n\($0.use).\nIt costs: \($0.cost)." }.joined(separator: "\n\n")
      + "\n\nfcoe-off: the services of FCoE off, for the whole host; names no device.\n\n\(PlanOptions.exitCodes)")

  static let fcoe = "fcoe-off"

  @OptionGroup var host: HostOptions
  @OptionGroup var options: PlanOptions
  @OptionGroup var lasting: LastingOptions

  @Argument(help: ArgumentHelp("corruption, i218 or fcoe-off.", valueName: "name"))
  var name: String

  @Argument(help: ArgumentHelp("NICs, or bonds for all of their members.", valueName: "device"))
  var devices: [String] = []

  mutating func validate() throws {
    if name == Self.fcoe {
      if !devices.isEmpty { throw ValidationError("fcoe-off is for the whole host: leave out the devices") }
      if lasting.liveOnly || lasting.keepOnly { throw ValidationError("fcoe-off is always at once and kept") }
      return
    }
    guard TuningPreset(rawValue: name) != nil else {
      let names = TuningPreset.allCases.map(\.rawValue) + [Self.fcoe]
      throw ValidationError("name: there is no preset \"\(name)\"; there are \(names.joined(separator: ", "))")
    }
    if devices.isEmpty { throw ValidationError("device: name the NICs it is for") }
  }

  func run(on standard: Standard) throws -> Int32 {
    let intent = TuningPreset(rawValue: name).map { Intent.tuneNIC($0.request(devices, lasting.lasting)) } ?? .fcoe(isOn: false)
    return try PlanRunner(host: host, options: options, standard: standard).run(intent)
  }
}

/// `xcpconsole nic defaults eth1`
struct NICDefaults: ParsableCommand, LayoutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "defaults",
    abstract: "Drop all that XAPI keeps of a NIC's settings, and switch it back to the usual.",
    discussion: PlanOptions.exitCodes)

  @OptionGroup var host: HostOptions
  @OptionGroup var options: PlanOptions

  @Argument(help: ArgumentHelp("NICs, or bonds for all of their members.", valueName: "device"))
  var devices: [String]

  func run(on standard: Standard) throws -> Int32 {
    try PlanRunner(host: host, options: options, standard: standard).run(.tuneNIC(.defaults(devices)))
  }
}

/// `xcpconsole nic mtu "Storage A" 9000`
struct NICNetworkMTU: ParsableCommand, LayoutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "mtu",
    abstract: "Set the MTU of a network, on all hosts of the pool.",
    discussion: """
      XAPI applies an MTU when an interface is plugged: each host's is plugged anew, with a short interruption. VMs get it when \
      their VIF is plugged the next time. Test afterwards with: xcpconsole nic path

      \(PlanOptions.exitCodes)
      """)

  @OptionGroup var host: HostOptions
  @OptionGroup var options: PlanOptions

  @Argument(help: ArgumentHelp("A network's name, bridge or uuid, or an interface on it.", valueName: "network|device"))
  var network: String

  @Argument(help: ArgumentHelp("68 to 9216.", valueName: "bytes"))
  var bytes: String

  mutating func validate() throws {
    if let problem = NetworkMTURequest.problem(bytes) { throw ValidationError("bytes: \(problem), not \"\(bytes)\"") }
  }

  func run(on standard: Standard) throws -> Int32 {
    let (system, client) = (try host.checked(), try host.client())
    defer { _ = try? waiting { await client.logout() } }
    let request: NetworkMTURequest
    do {
      let facts = try waiting { try await ChangeLook(client, system).facts() }
      request = try NetworkMTURequest(naming: network, mtu: Int(bytes) ?? 1500, facts)
    } catch let problem as ChangeProblem {
      throw Failure(text: "\(problem)")
    }
    return try PlanRunner(host: host, options: options, standard: standard).run(.networkMTU(request))
  }
}

/// `xcpconsole nic fcoe off`
struct NICFCoE: ParsableCommand, LayoutSubcommand {
  enum Wish: String, ExpressibleByArgument, CaseIterable { case on, off, status }

  static let configuration = CommandConfiguration(
    commandName: "fcoe",
    abstract: "Switch the services of Fibre Channel over Ethernet on or off, or show them.",
    discussion: """
      They are stopped and disabled; where disabling does not keep them from starting, masked. In use by storage, they stay. Works \
      without XAPI. After an upgrade of the host it has to be done again.

      \(PlanOptions.exitCodes)
      """)

  @OptionGroup var host: HostOptions
  @OptionGroup var options: StatusPlanOptions

  @Argument(help: "on, off or status.")
  var wish = Wish.status

  func run(on standard: Standard) throws -> Int32 {
    if wish != .status {
      if options.plan.json, !options.plan.dryRun, !options.plan.yes {
        throw Failure(text: "--json asks nothing: add --dry-run or --yes", code: 2)
      }
      return try PlanRunner(host: host, options: options.plan, standard: standard).run(.fcoe(isOn: wish == .on))
    }
    Interrupts.letThrough()
    let (system, client) = (try host.checked(), try host.client())
    defer { _ = try? waiting { await client.logout() } }
    let state = try waiting { await TuningQuestions(client, system).fcoe() }
    if let problem = state.unitsProblem { throw Failure(text: "systemd does not tell of the services: \(problem)") }
    if options.json {
      standard.say(Self.json(state).description)
      return 0
    }
    standard.say("FCoE is \(state.isOn ? "on" : "off")")
    for unit in state.units { standard.say("  \(unit.shortName): \(unit.words)") }
    standard.say("  NICs that can: \(state.capable.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") } ?? "not known")")
    standard.say("  Storage in use over it: \(state.storage.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") } ?? "not known")")
    return 0
  }

  private static func json(_ state: FCoEState) -> JSONValue {
    let units = state.units.map { unit in
      JSONValue.object(
        JSONObject([
          ("name", .string(unit.shortName)), ("exists", .bool(unit.exists)), ("active", .bool(unit.isActive)),
          ("enabled", .bool(unit.startsWithHost)), ("masked", .bool(unit.isMasked)),
        ]))
    }
    func list(_ names: [String]?) -> JSONValue { names.map { .array($0.map { .string($0) }) } ?? .null }
    return .object(
      JSONObject([
        ("on", .bool(state.isOn)), ("units", .array(units)), ("capable", list(state.capable)), ("storage", list(state.storage)),
      ]))
  }
}

/// The flags of a plan, of which --json alone is a question as well.
struct StatusPlanOptions: ParsableArguments {
  @Flag(help: "Show what would happen, and change nothing.")
  var dryRun = false

  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(help: "Answer with a JSON object; on and off need --dry-run or --yes with it.")
  var json = false

  mutating func validate() throws {
    if dryRun, yes { throw ValidationError("--dry-run and --yes contradict each other") }
  }

  var plan: PlanOptions { PlanOptions(dryRun: dryRun, yes: yes, json: json) }
}
