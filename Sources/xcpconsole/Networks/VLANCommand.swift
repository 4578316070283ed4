import ArgumentParser
import HostNetworking

struct VLANCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "vlan", abstract: "Make and destroy VLANs.", subcommands: [])
}
