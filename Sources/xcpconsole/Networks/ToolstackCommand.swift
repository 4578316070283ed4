import ArgumentParser
import Glibc
import HostNetworking
import JSON

struct ToolstackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "toolstack", abstract: "Restart XAPI and its helpers, and wait until they answer.", subcommands: [Restart.self])

  struct Restart: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Restart the toolstack; VMs and their traffic go on.",
      discussion: """
        Tells what would be lost, asks, runs xe-toolstack-restart, and waits until XAPI answers again and every service runs.

        Exit code 0: it is back; 1: it was refused, or something did not come back; 2: wrong usage.
        """)

    @OptionGroup var host: HostOptions
    @OptionGroup var plan: PlanOptions

    @Option(help: ArgumentHelp("Restart less: xapi or networkd.", valueName: "part"))
    var only: ToolstackPart?
  }
}

extension ToolstackPart: ExpressibleByArgument {}

extension ToolstackCommand.Restart {
  func run(on standard: Standard) throws -> Int32 {
    try PlanRunner(host: host, options: plan, standard: standard).run(.routes(.restart(only ?? .toolstack)))
  }
}
