import ArgumentParser
import HostNetworking

extension NICCommand {
  /// What NICs are called: names, rename, reset-names.
  static let names: [any ParsableCommand.Type] = []
}
