/// What switches packets on this host: the word in `/etc/xensource/network.conf` (`reference/dom0.md` §2.4).
public enum NetworkBackend: Hashable, Sendable {
  case openVSwitch
  case linuxBridge
  /// Not a word xcp-networkd knows: it takes Open vSwitch.
  case unknown(String)

  public static let path = "/etc/xensource/network.conf"

  public var usesOpenVSwitch: Bool { self != .linuxBridge }
}
