/// A unit of systemd (`reference/dom0.md` §2.12).
public struct SystemUnit: Hashable, Sendable {
  /// As it was asked for, for instance `xapi.service`.
  public var name: String
  /// `active`, `inactive`, `failed`, `activating`, `deactivating`…
  public var active: String
  /// `running`, `exited`, `dead`…
  public var sub: String
  /// `success`, or why it failed.
  public var result: String?
  /// `loaded`, `not-found`, `masked`…
  public var load: String
  /// `enabled`, `disabled`, `masked`, `static`; nil when systemd did not tell.
  public var enabled: String?

  public init(name: String, active: String, sub: String, result: String?, load: String, enabled: String?) {
    self.name = name
    self.active = active
    self.sub = sub
    self.result = result
    self.load = load
    self.enabled = enabled
  }

  public var isActive: Bool { active == "active" }
  public var hasFailed: Bool { active == "failed" }
  /// There is such a unit on this host.
  public var exists: Bool { load != "not-found" }

  /// What networking stands on, and what fights with it.
  public static let networking = [
    "xapi.service", "xcp-networkd.service", "openvswitch.service", "interface-rename.service", "forkexecd.service",
    "message-switch.service", "chronyd.service", "NetworkManager.service", "firewalld.service",
  ]
}
