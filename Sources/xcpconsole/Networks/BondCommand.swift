import ArgumentParser
import HostNetworking

struct BondCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bond", abstract: "Make, look at, change and destroy bonds.", subcommands: [])
}
