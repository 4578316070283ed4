import XenAPI

/// Looks whether the host is well connected after a reset or a restore, and what came back of a layout.
public struct LayoutVerify: Sendable {
  /// What to look at, in this order.
  public enum Check: String, CaseIterable, Sendable {
    case link, address, gateway, dns = "DNS", coordinator, xapi = "XAPI", layout
  }

  public enum Verdict: Hashable, Sendable {
    case looking
    case good(String)
    case bad(String)
    /// Nothing to look at: no gateway is set, this host is the coordinator.
    case none(String)
  }

  /// Ways to ask the network; each is bounded in time by whoever gives it.
  public struct Probes: Sendable {
    /// Whether an address on the link answers: nil when it does, else why not.
    public var gateway: @Sendable (_ address: String) async -> String?
    /// Whether a DNS server answers.
    public var dns: @Sendable (_ server: String) async -> String?
    /// Whether the coordinator's XAPI can be reached.
    public var coordinator: @Sendable (_ address: String) async -> String?

    public init(
      gateway: @escaping @Sendable (String) async -> String?, dns: @escaping @Sendable (String) async -> String?,
      coordinator: @escaping @Sendable (String) async -> String?
    ) {
      self.gateway = gateway
      self.dns = dns
      self.coordinator = coordinator
    }
  }
}
