import ArgumentParser
import HostNetworking

struct AddressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "address", abstract: "Addresses of interfaces that are not management.", subcommands: [])
}
