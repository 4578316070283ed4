import ArgumentParser
import HostNetworking

extension NICCommand {
  /// Taking a NIC out of the machine: remove.
  static let retiring: [any ParsableCommand.Type] = []
}
