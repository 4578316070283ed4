import Dom0
import XenAPI

/// What is known of this host's names, clock and remote access: each part from whoever can tell, so that XAPI's silence
/// costs no more than what only XAPI knows.
public struct ServicesFacts: Sendable {
  public enum XAPI: Sendable {
    case asking
    /// Why it does not tell: a sentence without a full stop.
    case silent(String)
    case answers(ChangeFacts, HostServices)
  }

  public var xapi = XAPI.asking
  /// `/etc/hostname`; empty when it is not known.
  public var hostname = ""
  /// What is really asked (`/etc/resolv.conf`), and what is wrong with that file.
  public var nameServers: [String] = []
  public var searchDomains: [String] = []
  public var resolverProblem: String?
  public var time = TimeFacts()
  public var access = AccessFacts()
  public var session = ChangeFacts.Session()

  public init() {}

  /// What plans of the network are made from; nil while XAPI has not told.
  public var change: ChangeFacts? { if case .answers(let facts, _) = xapi { facts } else { nil } }
  public var services: HostServices? { if case .answers(_, let services) = xapi { services } else { nil } }
  /// Why XAPI tells nothing; nil when it does.
  public var silence: String? {
    switch xapi {
    case .asking: "XAPI has not answered yet"
    case .silent(let why): why
    case .answers: nil
    }
  }
}

/// What XAPI keeps of a host's services, in fields that older ones do not have.
public struct HostServices: Hashable, Sendable {
  public var uuid: String
  public var label: String
  public var hostname: String
  /// `DHCP`, `Custom`, `Factory`, `Disabled`; nil before XAPI 26.0.
  public var ntpMode: String?
  public var ntpServers: [String] = []
  /// nil before XAPI 25.21.
  public var isSSHOn: Bool?
  /// Seconds after which SSH is switched off, 0 for never.
  public var sshTimeout: Int64?
  /// When it will be switched off; seconds since 1970, nil when it will not.
  public var sshExpiry: Int64?
  /// nil before XAPI 25.27.
  public var sshAutoMode: Bool?

  public init(uuid: String, label: String = "", hostname: String = "") {
    self.uuid = uuid
    self.label = label
    self.hostname = hostname
  }

  public var mode: TimeServerRequest.Mode? { ntpMode.flatMap { TimeServerRequest.Mode(xapi: $0) } }
}

extension TimeServerRequest.Mode {
  /// As XAPI spells it.
  var xapi: String {
    switch self {
    case .factory: "Factory"
    case .dhcp: "DHCP"
    case .custom: "Custom"
    case .off: "Disabled"
    }
  }

  init?(xapi: String) {
    guard let mode = Self.allCases.first(where: { $0.xapi.lowercased() == xapi.lowercased() }) else { return nil }
    self = mode
  }
}
