import Dom0
import Glibc

/// What this host's own files say, each with its own success or failure. Reading them takes a few milliseconds.
public struct LocalFiles: Sendable {
  public typealias Part<Value> = Result<Value, HostFileError>

  public var inventory: Part<Inventory>
  /// nil when the file is empty.
  public var hostname: Part<String?>
  public var pool: Part<PoolConf>
  public var network: Part<NetworkConf>
  public var management: Part<ManagementConf>
  public var networkd: Part<NetworkdDB>
  /// The reset that waits for XAPI; nil when there is none.
  public var trigger: Part<ResetTrigger?>
  public var local: Part<LocalDB>
  public var resolver: Part<ResolvConf>
  /// nil where the host names its NICs in another way.
  public var staticRules: Part<StaticRules>?
  public var dynamicRules: Part<DynamicRules>?
  /// How an emergency network reset of this program stands.
  public var earlierReset: ResetStanding
  /// A change that waits to be confirmed.
  public var pending: PendingStanding
  /// How the last one ended.
  public var lastChange: PendingEnd?
  /// How far XAPI has come.
  public var marks: ToolstackMarks
  /// What DHCP last gave the management bridge; nil when nothing, or when there is no such file.
  public var lease: DhclientLease?
  /// Pid files that name no dhclient, by path: networkd takes each for one that runs (`reference/dom0.md` §2.8).
  public var staleClients: [String]
  /// `ifcfg-…` files that fight with networkd.
  public var strayConfigurations: [String]
  /// nil where it cannot be told.
  public var rootDisk: DiskState?
  public var logDisk: DiskState?
  /// Seconds since the boot; nil where it cannot be told.
  public var uptime: Int64?

  /// Where networks were set up before there was networkd.
  public static let scripts = "/etc/sysconfig/network-scripts"

  /// Reads everything; never throws, never starts a process.
  public init(of system: HostSystem) {
    inventory = Self.part { () throws(HostFileError) in try Inventory(of: system) }
    hostname = Self.part { () throws(HostFileError) in try system.hostname() }
    pool = Self.part { () throws(HostFileError) in try PoolConf(of: system) }
    network = Self.part { () throws(HostFileError) in try NetworkConf(of: system) }
    management = Self.part { () throws(HostFileError) in try ManagementConf(of: system) }
    networkd = Self.part { () throws(HostFileError) in try NetworkdDB(of: system) }
    trigger = Self.part { () throws(HostFileError) in try ResetTrigger.pending(on: system) }
    earlierReset = ResetRecovery(system).standing()
    pending = PendingStore(system).standing()
    lastChange = PendingStore(system).lastEnd()
    local = Self.part { () throws(HostFileError) in try LocalDB(of: system) }
    resolver = Self.part { () throws(HostFileError) in try ResolvConf(of: system) }
    if RenameRules.areUsed(on: system) {
      staticRules = Self.part { () throws(HostFileError) in try StaticRules(of: system) }
      dynamicRules = Self.part { () throws(HostFileError) in try DynamicRules(of: system) }
    }
    marks = ToolstackMarks(of: system)
    let bridge = (try? inventory.get())?.managementInterface ?? ""
    lease = Self.lease(of: bridge, on: system)
    staleClients = Self.staleClients(of: bridge, on: system)
    strayConfigurations = ((try? system.names(in: Self.scripts)) ?? []).filter {
      $0.hasPrefix("ifcfg-") && $0 != "ifcfg-lo"
    }
    uptime = (try? system.text("/proc/uptime", limit: 256)).flatMap { text in
      text.split(separator: ".").first.flatMap { Int64($0) }
    }
    rootDisk = DiskState("/", of: system)
    logDisk = DiskState("/var/log", of: system)
  }

  /// Of the address family that management uses, as far as there is any lease.
  private static func lease(of bridge: String, on system: HostSystem) -> DhclientLease? {
    guard !bridge.isEmpty else { return nil }
    return (try? DhclientLeases(of: bridge, .ipv4, on: system))?.latest
      ?? (try? DhclientLeases(of: bridge, .ipv6, on: system))?.latest
  }

  private static func staleClients(of bridge: String, on system: HostSystem) -> [String] {
    guard !bridge.isEmpty else { return [] }
    return [DhclientLeases.Family.ipv4, .ipv6].compactMap { family in
      guard case .stale = try? DhclientProcess(of: bridge, family, on: system) else { return nil }
      return DhclientProcess.pidPath(of: bridge, family)
    }
  }

  static func part<Value>(_ read: () throws(HostFileError) -> Value) -> Part<Value> {
    do throws(HostFileError) { return .success(try read()) } catch { return .failure(error) }
  }
}

/// How a file system stands.
public struct DiskState: Hashable, Sendable {
  public var isReadOnly: Bool
  /// Bytes that programs may still write.
  public var free: Int64

  /// XAPI and the reset need little, but not nothing.
  public static let least: Int64 = 1 << 20
  public var isFull: Bool { free < Self.least }

  init?(_ path: String, of system: HostSystem) {
    guard let place = try? system.resolved(path) else { return nil }
    var status = statvfs()
    guard statvfs(place, &status) == 0 else { return nil }
    isReadOnly = status.f_flag & UInt(ST_RDONLY) != 0
    let (bytes, overflow) = Int64(clamping: status.f_bavail).multipliedReportingOverflow(
      by: Int64(clamping: status.f_frsize))
    free = overflow ? .max : bytes
  }
}
