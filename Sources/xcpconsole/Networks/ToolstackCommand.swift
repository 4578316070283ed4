import ArgumentParser
import HostNetworking

struct ToolstackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "toolstack", abstract: "Restart the toolstack.", subcommands: [])
}
