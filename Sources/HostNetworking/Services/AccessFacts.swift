import Dom0

/// How people get into this host from afar, and how they know that it is this host.
public struct AccessFacts: Sendable {
  public static let unit = "sshd.service"
  /// XAPI's auto mode: switches SSH on while XAPI is not well (`xapi-ssh-monitor`).
  public static let monitor = "xapi-ssh-monitor.service"

  /// nil when systemd could not be asked, and why.
  public var ssh: SystemUnit?
  public var monitor: SystemUnit?
  public var unitsProblem: String?
  public var hostKeys: [SSHHostKey] = []
  public var keysProblem: String?
  public var certificate: HostCertificate?
  public var certificateProblem: String?

  public init() {}

  public var isOn: Bool { ssh?.isActive ?? false }
  public var startsAtBoot: Bool { ssh?.enabled == "enabled" }
  /// There is a unit, and systemd tells of it.
  public var isKnown: Bool { ssh?.exists ?? false }
}
