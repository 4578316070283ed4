import ArgumentParser
import HostNetworking

struct RouteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "route",
    abstract: "See, add, change, apply and remove static routes.",
    discussion: """
      XAPI keeps static routes with a network, for all hosts of the pool; each host takes them over when its interface is plugged or its \
      toolstack starts, and keeps removed ones until it boots. These commands look at both, and mend this host's kernel as well.

      A network is named by its name, uuid or bridge, or by this host's interface on it.
      """,
    subcommands: [List.self, Add.self, Change.self, Remove.self, Mend.self, Apply.self, Clear.self])

  struct List: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "List static routes: in force, not set, another way, bad, left over.",
      discussion: "Exit code 0: record and kernel agree; 1: they do not, or could not be looked at.")

    @OptionGroup var host: HostOptions

    @Flag(help: "Answer with a JSON object.")
    var json = false
  }

  struct Add: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "Add a static route.", discussion: PlanOptions.exitCodes)

    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @OptionGroup var way: RouteWayOption

    @Argument(help: ArgumentHelp("The network it starts from.", valueName: "network"))
    var network: String

    @Argument(help: ArgumentHelp("Where it leads, such as 10.20.0.0/16.", valueName: "destination"))
    var destination: String

    @Argument(help: ArgumentHelp("The router that knows the way.", valueName: "gateway"))
    var gateway: String
  }

  struct Change: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(abstract: "Put another route in a route's place.", discussion: PlanOptions.exitCodes)

    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @OptionGroup var way: RouteWayOption

    @Argument(help: ArgumentHelp("The network it starts from.", valueName: "network"))
    var network: String

    @Argument(help: ArgumentHelp("The route as it is listed, or its destination.", valueName: "old"))
    var old: String

    @Argument(help: ArgumentHelp("Where it leads from then on.", valueName: "destination"))
    var destination: String

    @Argument(help: ArgumentHelp("The router that knows the way.", valueName: "gateway"))
    var gateway: String
  }

  struct Remove: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove a static route, from XAPI's record and from this host's kernel.", discussion: PlanOptions.exitCodes)

    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @OptionGroup var way: RouteWayOption

    @Flag(help: "Leave it in this host's kernel until the next boot.")
    var keepInKernel = false

    @Argument(help: ArgumentHelp("The network it starts from.", valueName: "network"))
    var network: String

    @Argument(help: ArgumentHelp("The route as it is listed, or its destination.", valueName: "route"))
    var route: String
  }

  struct Mend: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Mend a network's record: bad items are corrected where it is clear what was meant, and left out where it is not.",
      discussion: PlanOptions.exitCodes)

    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @OptionGroup var way: RouteWayOption

    @Argument(help: ArgumentHelp("The network.", valueName: "network"))
    var network: String
  }

  struct Apply: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring a network's static routes into force on this host.", discussion: PlanOptions.exitCodes)

    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions
    @OptionGroup var way: RouteWayOption

    @Argument(help: ArgumentHelp("The network.", valueName: "network"))
    var network: String
  }

  struct Clear: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete routes that only this host's kernel has. Works without XAPI.", discussion: PlanOptions.exitCodes)

    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions

    @Flag(help: "All that are left over.")
    var all = false

    @Argument(help: ArgumentHelp("Their destinations, as listed.", valueName: "destination"))
    var destinations: [String] = []

    mutating func validate() throws {
      if all != destinations.isEmpty { throw ValidationError("name the destinations, or give --all") }
    }
  }
}

struct RouteWayOption: ParsableArguments {
  @Option(help: ArgumentHelp("How it comes into force on this host: plug, toolstack or later.", valueName: "way"))
  var apply = RouteWay.plug
}

extension RouteWay: ExpressibleByArgument {}
