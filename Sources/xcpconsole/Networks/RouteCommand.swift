import ArgumentParser
import HostNetworking

struct RouteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "route", abstract: "Static routes of networks.", subcommands: [])
}
