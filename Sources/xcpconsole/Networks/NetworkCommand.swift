import ArgumentParser
import HostNetworking

struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "network", abstract: "See, make, change and destroy networks.", subcommands: [])
}
