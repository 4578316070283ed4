import ArgumentParser
import Dom0
import HostNetworking
import JSON
import Synchronization
import TerminalUI
import XenAPI

struct AddressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "address",
    abstract: "Addresses of interfaces that are not management: storage, migration, a mesh.",
    subcommands: [Show.self, Set.self, Storage.self, Test.self])

  struct Show: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "Show the addresses of this host's interfaces.")

    @OptionGroup var host: HostOptions

    @Flag(help: "Answer with a JSON array.")
    var json = false

    @Argument(help: ArgumentHelp("One interface only: eth2, \"VLAN 20 on eth2\".", valueName: "interface"))
    var interface: String?
  }

  struct Set: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Set the address of an interface.",
      discussion: """
        Settings, each KEY=VALUE, what is left out stays as it is:
          mode=none|dhcp|static  address=10.0.20.11/24  gateway=10.0.20.1
          mode6=none|dhcp|autoconf|static  address6=fd00::11/64  gateway6=fd00::1
          purpose=Storage  protect=on|off (XAPI refuses to unplug it)  defaultroute=on|off

        \(PlanOptions.exitCodes)
        """)

    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions

    @Argument(help: ArgumentHelp("The interface: eth2, \"VLAN 20 on eth2\".", valueName: "interface"))
    var interface: String

    @Argument(help: ArgumentHelp("What is to change.", valueName: "key=value"))
    var settings: [String]
  }

  struct Storage: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Set up a storage network in one go, and test it.",
      discussion: """
        Settings, each KEY=VALUE:
          address=10.0.20.11/24 (needed)  vlan=20  network="Storage A"  mtu=9000  purpose=Storage  protect=on|off  target=10.0.20.100

        With a target, the way there is tried afterwards: does it answer, and do packets of the MTU's size arrive whole?

        \(PlanOptions.exitCodes)
        """)

    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions

    @Argument(help: ArgumentHelp("The NIC or bond.", valueName: "interface"))
    var interface: String

    @Argument(help: ArgumentHelp("How it shall be.", valueName: "key=value"))
    var settings: [String]
  }

  struct Test: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Try the way to a storage: does it answer, and how long may packets be?", discussion: "Exit code 0: all is well; 1: something is wrong.")

    @OptionGroup var host: HostOptions

    @Option(help: ArgumentHelp("The packet's length with headers.", valueName: "bytes"))
    var mtu = 1500

    @Argument(help: ArgumentHelp("The storage's address.", valueName: "address"))
    var target: String

    mutating func validate() throws {
      if InternetAddress(target) == nil { throw ValidationError("\(target) is not an address") }
      if !(68...9216).contains(mtu) { throw ValidationError("--mtu takes 68 to 9216") }
    }
  }
}

/// `KEY=VALUE` words of a command line.
struct KeyValueWords {
  private var values: [String: String] = [:]

  init(_ words: [String], known: [String]) throws {
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
      guard parts.count == 2, known.contains(parts[0]) else {
        throw Failure(text: "\(word) is no setting; there are \(known.map { "\($0)=" }.joined(separator: ", "))", code: 2)
      }
      guard values[parts[0]] == nil else { throw Failure(text: "\(parts[0]) is given twice", code: 2) }
      values[parts[0]] = parts[1]
    }
  }

  subscript(key: String) -> String? { values[key] }

  func isOn(_ key: String) throws -> Bool? {
    switch values[key] {
    case nil: nil
    case "on", "yes", "true": true
    case "off", "no", "false": false
    case let other?: throw Failure(text: "\(key)=\(other): on or off", code: 2)
    }
  }

  func number(_ key: String) throws -> Int? {
    guard let text = values[key] else { return nil }
    guard let number = Int(text) else { throw Failure(text: "\(key)=\(text): a number", code: 2) }
    return number
  }

  func choice<Value: RawRepresentable & CaseIterable>(_ key: String, _ type: Value.Type) throws -> Value? where Value.RawValue == String {
    guard let text = values[key] else { return nil }
    guard let value = Value(rawValue: text.lowercased()) else {
      throw Failure(text: "\(key)=\(text): one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))", code: 2)
    }
    return value
  }
}

extension HostOptions {
  /// XAPI's word on this host, or why there is none.
  func changeFacts() throws -> ChangeFacts {
    let system = try checked()
    let client = try client()
    defer { _ = try? waiting { await client.logout() } }
    do {
      return try waiting { try await ChangeLook(client, system).facts() }
    } catch let problem as ChangeProblem {
      throw Failure(text: "\(problem)")
    }
  }

  func probes() throws -> any NetworkProbes {
    let system = try checked()
    return system.isThisMachine ? SocketProbes(system) : ToolProbes(system)
  }
}

extension AddressCommand.Show {
  func run(on standard: Standard) throws -> Int32 {
    let all = AddressList(try host.changeFacts()).rows
    let rows = interface.map { name in all.filter { $0.interface == name } } ?? all
    if let interface, rows.isEmpty { throw Failure(text: "this host has no interface \(interface)") }
    if json {
      let values: [JSONValue] = rows.map { row in
        [
          "interface": .string(row.interface), "network": .string(row.network), "management": .bool(row.isManagement), "attached": .bool(row.isAttached),
          "mode": .string(row.mode.lowercased()), "mode6": .string(row.modeV6.lowercased()), "addresses": .array(row.addresses.map { .string($0) }),
          "gateway": .string(row.gateway), "purpose": .string(row.purpose), "protect": .bool(row.isProtected), "defaultroute": .bool(row.isDefaultRoute),
          "mtu": .int(Int64(row.mtu)),
        ]
      }
      standard.say(JSONValue.array(values).description)
      return 0
    }
    let width = rows.map { columns(of: $0.interface) }.max() ?? 0
    for row in rows {
      var words = [row.addresses.isEmpty ? "no address" : row.addresses.joined(separator: ", "), "IPv4 \(row.mode.lowercased())"]
      if row.modeV6 != "None" { words.append("IPv6 \(row.modeV6.lowercased())") }
      if row.isManagement { words.append("MANAGEMENT") }
      if !row.purpose.isEmpty { words.append("for \(row.purpose)") }
      if row.isProtected { words.append("unplugging forbidden") }
      if row.isDefaultRoute { words.append("has the default route") }
      if !row.isAttached { words.append("not plugged") }
      standard.say("\(row.interface.fitted(to: width))  \(words.joined(separator: "; ")) (\(row.network), MTU \(row.mtu))")
    }
    return 0
  }
}

extension AddressCommand.Set {
  func run(on standard: Standard) throws -> Int32 {
    let settings = try KeyValueWords(
      settings, known: ["mode", "address", "gateway", "mode6", "address6", "gateway6", "purpose", "protect", "defaultroute"])
    guard var form = AddressForm(interface, try host.changeFacts()) else { throw Failure(text: "this host has no interface \(interface)") }
    if let mode = try settings.choice("mode", AddressAnswers.Mode.self) { form.addresses.mode = mode }
    if let mode = try settings.choice("mode6", AddressAnswers.ModeV6.self) { form.addresses.modeV6 = mode }
    if let address = settings["address"] {
      let parts = address.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
      guard parts.count == 2 else { throw Failure(text: "address=\(address): the prefix length belongs to it, such as 10.0.20.11/24", code: 2) }
      (form.addresses.ip, form.addresses.netmask) = (parts[0], parts[1])
      if settings["mode"] == nil { form.addresses.mode = .fixed }
    }
    if form.addresses.mode != .fixed { (form.addresses.ip, form.addresses.netmask, form.addresses.gateway) = ("", "", "") }
    if let gateway = settings["gateway"] { form.addresses.gateway = gateway }
    if let address = settings["address6"] {
      form.addresses.ipv6 = address
      if settings["mode6"] == nil { form.addresses.modeV6 = .fixed }
    }
    if form.addresses.modeV6 != .fixed { (form.addresses.ipv6, form.addresses.gatewayV6) = ("", "") }
    if let gateway = settings["gateway6"] { form.addresses.gatewayV6 = gateway }
    if let purpose = settings["purpose"] { form.purpose = purpose }
    if let isOn = try settings.isOn("protect") { form.isProtected = isOn }
    if let isOn = try settings.isOn("defaultroute") { form.isDefaultRoute = isOn }
    let check = form.checked()
    guard let request = check.request else {
      throw Failure(text: check.problems.filter(\.isRefused).map(\.text).joined(separator: "; "), code: 2)
    }
    for problem in check.problems { standard.complain(problem.text) }
    return try PlanRunner(host: host, options: plan, standard: standard).run(.addresses(.set(request)))
  }
}

extension AddressCommand.Storage {
  func run(on standard: Standard) throws -> Int32 {
    let settings = try KeyValueWords(settings, known: ["address", "vlan", "network", "mtu", "purpose", "protect", "target"])
    guard let text = settings["address"] else { throw Failure(text: "address= is missing: which address shall this host have there?", code: 2) }
    let address: IPv4Prefix
    do { address = try IPv4Prefix(parsing: text) } catch { throw Failure(text: "address=\(text): \(error)", code: 2) }
    var target: InternetAddress?
    if let text = settings["target"] {
      guard let known = InternetAddress(text) else { throw Failure(text: "target=\(text) is not an address", code: 2) }
      target = known
    }
    let request = StorageRequest(
      base: interface, tag: try settings.number("vlan"), networkName: settings["network"] ?? "", address: address,
      mtu: try settings.number("mtu") ?? 1500, purpose: settings["purpose"] ?? "Storage", isProtected: try settings.isOn("protect") ?? true,
      target: target)
    let code = try PlanRunner(host: host, options: plan, standard: standard).run(.addresses(.storage(request)))
    guard code == 0, !plan.dryRun, !plan.json, let target else { return code }
    return try PathTestPaper.run(PathTest(own: address, target: target, mtu: request.mtu), host, standard)
  }
}

extension AddressCommand.Test {
  func run(on standard: Standard) throws -> Int32 {
    guard let target = InternetAddress(target) else { return 2 }
    return try PathTestPaper.run(PathTest(own: nil, target: target, mtu: mtu), host, standard)
  }
}

private enum PathTestPaper {
  static func run(_ test: PathTest, _ host: HostOptions, _ standard: Standard) throws -> Int32 {
    let system = try host.checked()
    let probes = try host.probes()
    let result = try waiting {
      let last = LastResult()
      await test.carryOut(system, probes) { last.put($0) }
      return last.result
    }
    for line in result?.lines ?? [] {
      let mark = line.verdict == .good ? "ok   " : line.verdict == .notice ? "look " : "BAD  "
      standard.say("\(mark)\(line.name): \(line.text)")
    }
    return result?.isGood == true ? 0 : 1
  }
}

private final class LastResult: Sendable {
  private let state = Mutex<PathTest.Result?>(nil)
  var result: PathTest.Result? { state.withLock { $0 } }
  func put(_ result: PathTest.Result) { state.withLock { $0 = result } }
}
