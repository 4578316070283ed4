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
  public var progress: ToolstackProgress
  /// What dhclient has got for the management bridge; nil when it was never asked for an address.
  public var lease: Part<DHCPLease>?
  /// A pid file that names no process, by path: networkd takes it for a dhclient that runs (`reference/dom0.md` §2.8).
  public var staleClients: [String]
  /// `ifcfg-…` files that fight with networkd.
  public var strayConfigurations: [String]
  /// nil where it cannot be told.
  public var rootDisk: DiskState?
  public var logDisk: DiskState?

  /// Reads everything; never throws, never starts a process.
  public init(of system: HostSystem) {
    inventory = Self.part { () throws(HostFileError) in try Inventory(of: system) }
    hostname = Self.part { () throws(HostFileError) in try system.hostname() }
    pool = Self.part { () throws(HostFileError) in try PoolConf(of: system) }
    network = Self.part { () throws(HostFileError) in try NetworkConf(of: system) }
    management = Self.part { () throws(HostFileError) in try ManagementConf(of: system) }
    networkd = Self.part { () throws(HostFileError) in try NetworkdDB(of: system) }
    trigger = Self.part { () throws(HostFileError) in try ResetTrigger.pending(on: system) }
    local = Self.part { () throws(HostFileError) in try LocalDB(of: system) }
    rootDisk = DiskState("/", of: system)
    logDisk = DiskState("/var/log", of: system)
  }

  private static func part<Value>(_ read: () throws(HostFileError) -> Value) -> Part<Value> {
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
    let (bytes, overflow) = Int64(clamping: status.f_bavail).multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
    free = overflow ? .max : bytes
  }
}
