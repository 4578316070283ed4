import ArgumentParser
import HostNetworking
import JSON
import TerminalUI
import XenAPI

struct VIFCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vif",
    abstract: "See, create, move, plug, lock and destroy VIFs of VMs.",
    discussion: "VMs and networks are named by name or uuid; a VIF by its uuid, or as VM:DEVICE such as web-01:0.",
    subcommands: [List.self, Create.self, Move.self, Plug.self, Unplug.self, Lock.self, Address.self, Destroy.self])

  struct List: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "List VIFs: VM, device, network, MAC, locking, plugged or not.")
    @OptionGroup var host: HostOptions
    @Flag(help: "Answer with a JSON array.")
    var json = false
    @Argument(help: ArgumentHelp("One network only.", valueName: "network"))
    var network: String?
  }

  struct Create: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "Create a VIF for a VM, and plug it when the VM runs.", discussion: PlanOptions.exitCodes)
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @Option(help: ArgumentHelp("Its MAC; left out, one is made up.", valueName: "mac"))
    var mac = ""
    @Option(help: ArgumentHelp("Its position in the VM; left out, the first that is free.", valueName: "number"))
    var device = ""
    @Argument(help: ArgumentHelp("The VM.", valueName: "vm"))
    var vm: String
    @Argument(help: ArgumentHelp("The network.", valueName: "network"))
    var network: String
  }

  struct Move: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "Move a VIF to another network, live.", discussion: PlanOptions.exitCodes)
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @Argument(help: ArgumentHelp("The VIF.", valueName: "vif"))
    var vif: String
    @Argument(help: ArgumentHelp("The network it goes to.", valueName: "network"))
    var network: String
  }

  struct Plug: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "Plug a VIF into its running VM.", discussion: PlanOptions.exitCodes)
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @Argument(help: ArgumentHelp("The VIF.", valueName: "vif"))
    var vif: String
  }

  struct Unplug: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "Unplug a VIF from its running VM.", discussion: PlanOptions.exitCodes)
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @Argument(help: ArgumentHelp("The VIF.", valueName: "vif"))
    var vif: String
  }

  struct Destroy: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Destroy a VIF; it is unplugged before when the VM runs.", discussion: PlanOptions.exitCodes)
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @Argument(help: ArgumentHelp("The VIF.", valueName: "vif"))
    var vif: String
  }

  struct Lock: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Set what a VIF may send.",
      discussion: """
        Modes: network_default (as the network has it), locked (only from its MAC and the allowed addresses), unlocked, disabled.
        With --allow, given once for each, these addresses are allowed and no others; with --allow-none none is.

        \(PlanOptions.exitCodes)
        """)
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @Option(help: ArgumentHelp("An address that it may send from.", valueName: "address"))
    var allow: [String] = []
    @Flag(help: "No address is allowed any more.")
    var allowNone = false
    @Argument(help: ArgumentHelp("The VIF.", valueName: "vif"))
    var vif: String
    @Argument(help: ArgumentHelp("The mode.", valueName: "mode"))
    var mode: String

    mutating func validate() throws {
      if !["network_default", "locked", "unlocked", "disabled"].contains(mode) { throw ValidationError("\(mode): network_default, locked, unlocked or disabled") }
      if allowNone, !allow.isEmpty { throw ValidationError("--allow or --allow-none, not both") }
      if let wrong = allow.first(where: { InternetAddress($0) == nil }) { throw ValidationError("\(wrong) is no address") }
    }
  }

  struct Address: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Let the guest tools set a VIF's address inside the VM.", discussion: PlanOptions.exitCodes)
    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @Flag(name: .customLong("ipv6"), help: "With none: it is the IPv6 address that is left to the VM.")
    var isIPv6 = false
    @Option(help: ArgumentHelp("The VM's gateway.", valueName: "address"))
    var gateway = ""
    @Argument(help: ArgumentHelp("The VIF.", valueName: "vif"))
    var vif: String
    @Argument(help: ArgumentHelp("The address with its length, 10.0.20.11/24 or fd00::11/64; none leaves it to the VM.", valueName: "address"))
    var address: String
  }
}

/// Finds what is named on the command line.
private struct VIFDesk {
  let list: VIFList

  init(_ host: HostOptions) throws { list = VIFList(try host.changeFacts()) }

  func vif(_ text: String) throws -> String { try row(text).uuid }

  func row(_ text: String) throws -> VIFList.Row {
    let found = list.rows.filter { $0.uuid == text || "\($0.vm):\($0.device)" == text }
    guard found.count == 1, let row = found.first else { throw Failure(text: found.isEmpty ? "there is no VIF \(text)" : "several VIFs go by \(text): give its uuid") }
    return row
  }

  func thing(_ text: String, _ things: [VIFList.Thing], _ what: String) throws -> String {
    let found = things.filter { $0.uuid == text || $0.name == text }
    guard found.count == 1, let thing = found.first else {
      throw Failure(text: found.isEmpty ? "there is no \(what) \(text)" : "several go by \(text): give the uuid of one: \(found.map(\.uuid).joined(separator: ", "))")
    }
    return thing.uuid
  }
}

extension VIFCommand.List {
  func run(on standard: Standard) throws -> Int32 {
    let desk = try VIFDesk(host)
    let uuid = try network.map { try desk.thing($0, desk.list.networks, "network") }
    let rows = desk.list.rows.filter { uuid == nil || $0.networkUUID == uuid }
    if json {
      let values: [JSONValue] = rows.map { row in
        [
          "uuid": .string(row.uuid), "device": .string(row.device), "vm": .string(row.vm), "vm_uuid": .string(row.vmUUID),
          "network": .string(row.network), "network_uuid": .string(row.networkUUID), "mac": .string(row.mac), "plugged": .bool(row.isPlugged),
          "locking": .string(row.locking.rawValue), "allowed": .array(row.allowed.map { .string($0) }), "host": .string(row.host),
        ]
      }
      standard.say(JSONValue.array(values).description)
      return 0
    }
    if rows.isEmpty { standard.say("There are no VIFs.") }
    let width = rows.map { columns(of: "\($0.vm):\($0.device)") }.max() ?? 0
    for row in rows {
      standard.say("\("\(row.vm):\(row.device)".fitted(to: width))  \(row.mac)  \(row.isPlugged ? "plugged  " : "unplugged")  \(row.locking.rawValue)  \(row.network)")
    }
    return 0
  }
}

extension VIFCommand.Create {
  func run(on standard: Standard) throws -> Int32 {
    let desk = try VIFDesk(host)
    let draft = VIFDraft(vm: try desk.thing(vm, desk.list.vms, "VM"), network: try desk.thing(network, desk.list.networks, "network"), device: device, mac: mac)
    return try PlanRunner(host: host, options: plan, standard: standard).run(.vifs(.create(draft)))
  }
}

extension VIFCommand.Move {
  func run(on standard: Standard) throws -> Int32 {
    let desk = try VIFDesk(host)
    let intent = VIFIntent.move(vif: try desk.vif(vif), network: try desk.thing(network, desk.list.networks, "network"))
    return try PlanRunner(host: host, options: plan, standard: standard).run(.vifs(intent))
  }
}

extension VIFCommand.Plug {
  func run(on standard: Standard) throws -> Int32 {
    try PlanRunner(host: host, options: plan, standard: standard).run(.vifs(.plug(vif: try VIFDesk(host).vif(vif))))
  }
}

extension VIFCommand.Unplug {
  func run(on standard: Standard) throws -> Int32 {
    try PlanRunner(host: host, options: plan, standard: standard).run(.vifs(.unplug(vif: try VIFDesk(host).vif(vif))))
  }
}

extension VIFCommand.Destroy {
  func run(on standard: Standard) throws -> Int32 {
    try PlanRunner(host: host, options: plan, standard: standard).run(.vifs(.destroy(vif: try VIFDesk(host).vif(vif))))
  }
}

extension VIFCommand.Lock {
  func run(on standard: Standard) throws -> Int32 {
    let row = try VIFDesk(host).row(vif)
    var lock = VIFLock(vif: row.uuid, mode: LockingMode(rawValue: mode), ipv4: row.ipv4Allowed, ipv6: row.ipv6Allowed)
    if allowNone || !allow.isEmpty {
      lock.ipv4 = allow.filter { InternetAddress($0)?.isIPv6 == false }
      lock.ipv6 = allow.filter { InternetAddress($0)?.isIPv6 == true }
    }
    return try PlanRunner(host: host, options: plan, standard: standard).run(.vifs(.lock(lock)))
  }
}

extension VIFCommand.Address {
  func run(on standard: Standard) throws -> Int32 {
    let isNone = address == "none"
    let request = VIFAddress(
      vif: try VIFDesk(host).vif(vif), isIPv6: isNone ? isIPv6 : address.contains(":"), address: isNone ? nil : address, gateway: gateway)
    return try PlanRunner(host: host, options: plan, standard: standard).run(.vifs(.address(request)))
  }
}
