import Dom0
import XenAPI

/// All that a plan is made from: looked up once, then asked. A value.
public struct ChangeFacts: Sendable {
  /// Where the person sits who asks for the change.
  public struct Session: Hashable, Sendable {
    /// The address the SSH session comes from; nil at the screen or on a serial line.
    public var peer: String?
    /// This host's address that it goes to.
    public var local: String?
    /// `pts/0`, `tty1`.
    public var terminal: String?
    public var user: String

    public init(peer: String? = nil, local: String? = nil, terminal: String? = nil, user: String = "root") {
      self.peer = peer
      self.local = local
      self.terminal = terminal
      self.user = user
    }
  }

  public var database: XenDatabase
  /// This host.
  public var host: Ref<Host>
  /// Interfaces, of all hosts, that an enabled cluster talks over; nil when XAPI would not say.
  public var clustered: Set<Ref<PIF>>?
  /// local.db says this host fences itself.
  public var isHAArmed = false
  /// Addresses that the kernel has, with prefix length, by device; nil when it could not be asked.
  public var addresses: [String: [String]]?
  /// The DNS servers that are really asked, and the domains that are searched (resolv.conf).
  public var nameServers: [String] = []
  public var searchDomains: [String] = []
  /// The kernel's switch, `net.ipv6.conf.all.disable_ipv6`.
  public var isIPv6Off = false
  /// Servers of this host's storage, as far as somebody looked: whoever changes addresses or ways does.
  var storage: [StorageServer] = []
  /// `/etc/hostname`.
  public var hostname = ""
  public var session = Session()

  public init(database: XenDatabase, host: Ref<Host>) {
    self.database = database
    self.host = host
  }
}
