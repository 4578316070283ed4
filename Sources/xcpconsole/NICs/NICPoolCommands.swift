import ArgumentParser
import HostNetworking

extension NICCommand {
  /// The hosts of the pool beside each other: compare.
  static let pool: [any ParsableCommand.Type] = []
}
