import ArgumentParser
import HostNetworking

/// The emergency network reset, with the vendor tool's options and spellings.
struct ResetCommand: ParsableCommand, LayoutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Reset this host's networking to one management interface, and reboot.",
    discussion: """
      The emergency network reset of xe-reset-networking, with its options: bonds, VLANs, tunnels and SR-IOV of this host are \
      deleted, networks and VIFs stay. Everything is checked and shown first; the layout of the network is saved, to be restored \
      afterwards (xcpconsole layout restore). A power cut at any moment leaves the old settings or the new ones; what was \
      interrupted is finished with --resume or taken back with --undo.

      Without --device and --vlan, those of the installation are used. In a pool: the coordinator first, then its members, each \
      with the coordinator's new address (--master).

      With --root other than / only files below it are changed: no service is stopped, nothing reboots.

      Exit code 0: done; 1: refused or failed; 2: wrong usage.
      """)

  @Option(help: ArgumentHelp("The NIC that shall carry management.", valueName: "device"))
  var device: String?

  @Option(help: ArgumentHelp("IPv4: none, dhcp or static.", valueName: "mode"))
  var mode = "dhcp"

  @Option(name: .customLong("mode-v6"), help: ArgumentHelp("IPv6: none, dhcp, autoconf or static.", valueName: "mode"))
  var modeV6 = "none"

  @Option(help: ArgumentHelp("The VLAN, 0 to 4094.", valueName: "tag"))
  var vlan: String?

  @Flag(help: "No VLAN, whatever the installation had.")
  var novlan = false

  @Option(help: ArgumentHelp("IPv4 address, with --mode static.", valueName: "address"))
  var ip = ""

  @Option(help: ArgumentHelp("IPv6 address with its prefix length, with --mode-v6 static.", valueName: "address/length"))
  var ipv6 = ""

  @Option(help: ArgumentHelp("IPv4 netmask, dotted or as a length.", valueName: "mask"))
  var netmask = ""

  @Option(help: ArgumentHelp("IPv4 gateway.", valueName: "address"))
  var gateway = ""

  @Option(name: .customLong("gateway-v6"), help: ArgumentHelp("IPv6 gateway.", valueName: "address"))
  var gatewayV6 = ""

  @Option(help: ArgumentHelp("DNS servers, with a static address.", valueName: "a,b"))
  var dns = ""

  @Option(
    name: .customLong("search-domain"), help: ArgumentHelp("DNS search domains, with DNS servers.", valueName: "a,b"))
  var searchDomain: [String] = []

  @Option(
    name: [.customShort("m"), .customLong("master")],
    help: ArgumentHelp("On a pool member: the new address of the coordinator.", valueName: "address"))
  var master = ""

  @Flag(help: "Leave the names of the NICs as they are; otherwise those of the installation come back.")
  var keepInterfaceNameRules = false

  @Flag(help: "Show what would be done and change nothing.")
  var dryRun = false

  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(help: "Answer with a JSON object; needs --dry-run, --yes, --resume or --undo.")
  var json = false

  @Flag(help: "Do everything but the reboot.")
  var noReboot = false

  @Flag(help: "Finish a reset that was interrupted.")
  var resume = false

  @Flag(help: "Take back a reset that was interrupted, or has not rebooted yet.")
  var undo = false

  @OptionGroup var host: HostOptions

  mutating func validate() throws {
    if vlan != nil, novlan { throw ValidationError("--vlan and --novlan contradict each other") }
    if resume, undo { throw ValidationError("--resume and --undo contradict each other") }
    if resume || undo {
      let given = [device, vlan].contains { $0 != nil } || [ip, ipv6, netmask, gateway, gatewayV6, dns, master].contains { !$0.isEmpty }
      if given || novlan || dryRun || !searchDomain.isEmpty {
        throw ValidationError("\(resume ? "--resume" : "--undo") goes by the journal: leave out the settings")
      }
    }
    if json, !dryRun, !yes, !resume, !undo { throw ValidationError("--json asks nothing: add --dry-run or --yes") }
    guard ResetAnswers.Mode(rawValue: mode.lowercased()) != nil else {
      throw ValidationError("--mode is none, dhcp or static")
    }
    guard ResetAnswers.ModeV6(rawValue: modeV6.lowercased()) != nil else {
      throw ValidationError("--mode-v6 is none, dhcp, autoconf or static")
    }
  }

  /// What was answered on the command line, completed by the installation's settings as the vendor's tool does.
  /// - Parameter installed: device and VLAN of management.conf.
  func answers(_ installed: (device: String?, vlan: Int?)) -> ResetAnswers {
    var answers = ResetAnswers()
    answers.device = device ?? installed.device ?? ""
    answers.vlan = vlan ?? (novlan ? nil : installed.vlan.map { "\($0)" }) ?? ""
    answers.mode = ResetAnswers.Mode(rawValue: mode.lowercased()) ?? .dhcp
    answers.modeV6 = ResetAnswers.ModeV6(rawValue: modeV6.lowercased()) ?? .none
    (answers.ip, answers.netmask, answers.gateway) = (ip, netmask, gateway)
    (answers.ipv6, answers.gatewayV6) = (ipv6, gatewayV6)
    answers.dns = dns
    answers.searchDomains = searchDomain.joined(separator: ",")
    answers.keepsInterfaceNames = keepInterfaceNameRules
    answers.coordinator = master
    return answers
  }
}
