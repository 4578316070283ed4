import ArgumentParser
import HostNetworking

extension NICCommand {
  /// How NICs are set: settings, set, preset, mtu, fcoe.
  static let tuning: [any ParsableCommand.Type] = []
}
