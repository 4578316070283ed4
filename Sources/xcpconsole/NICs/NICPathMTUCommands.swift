import ArgumentParser
import HostNetworking

extension NICCommand {
  /// How long packets may be: path.
  static let pathMTU: [any ParsableCommand.Type] = []
}
