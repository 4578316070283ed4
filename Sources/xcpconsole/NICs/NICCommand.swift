import ArgumentParser
import HostNetworking

/// NICs on the command line. Each group of subcommands has a file of its own beside this one.
struct NICCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nic",
    abstract: "See, find, name, plug, test and retire this host's NICs.",
    discussion: "What changes something shows its plan first and asks; --dry-run only shows it.",
    subcommands: details + plugging + retiring + names + tuning + pool + pathMTU)
}
