import ArgumentParser
import HostNetworking

extension NICCommand {
  /// Looking at NICs: list, show, watch, blink.
  static let details: [any ParsableCommand.Type] = []
}
