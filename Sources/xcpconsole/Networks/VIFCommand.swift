import ArgumentParser
import HostNetworking

struct VIFCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "vif", abstract: "VIFs of VMs.", subcommands: [])
}
