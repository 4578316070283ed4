import ArgumentParser
import HostNetworking

extension NICCommand {
  /// What XAPI knows of NICs: scan, introduce, plug, unplug, forget.
  static let plugging: [any ParsableCommand.Type] = []
}
