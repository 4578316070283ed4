import ArgumentParser
import HostNetworking

/// The doctor on the command line.
struct DoctorCommand: ParsableCommand, LayoutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Test this host's network from the cable to the pool, and say what is wrong.",
    discussion: """
      Link, speed, bond and LACP, VLAN, address and duplicates of it, default route, gateway, loss, packet size, DNS, time, \
      coordinator, pool and XAPI, for IPv4 and IPv6: in a few seconds, with XAPI down as well. What is wrong is told with what it \
      means and what to do. Nothing is changed. Asking the link itself wants root.

      With --to, an address or a name is looked up, pinged and, with a port, connected to.

      With --root other than / the network is not asked.

      Exit code 0: all is well; 1: something is wrong; 2: wrong usage; 3: nothing could be looked at.
      """)

  @OptionGroup var host: HostOptions

  @Option(
    help: ArgumentHelp("Test this address or name instead: 10.0.4.1, xcp2.example:443, [fd00::1]:443.", valueName: "address[:port]"))
  var to: String?

  @Flag(help: "Answer with a JSON object.")
  var json = false
}
