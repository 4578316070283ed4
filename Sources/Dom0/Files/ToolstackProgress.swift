import Glibc

/// How far XAPI has come, told by the files it leaves on its way (`reference/dom0.md` §2.11). Each step includes those
/// before.
public enum ToolstackProgress: Int, Comparable, Hashable, Sendable {
  /// No process.
  case stopped
  /// A process, which does not listen yet.
  case started
  /// It has a socket. A member without its coordinator stays here or at the next step.
  case listening
  /// The ready file. On a member it comes before the coordinator answers, and proves little.
  case ready
  /// Start-up is done: the best sign of health without asking.
  case complete

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The files XAPI leaves on its way, as found at one moment.
public struct ToolstackMarks: Hashable, Sendable {
  public static let pidPath = "/var/run/xapi.pid"
  public static let lockPath = "/var/lock/subsys/xapi"
  public static let socketPath = "/var/lib/xcp/xapi"
  public static let readyPath = "/var/run/xapi_startup.cookie"
  public static let completePath = "/var/run/xapi_init_complete.cookie"
  public static let blockPath = "/etc/xensource/xapi_block_startup"
  public static let restartPath = "/dev/shm/xe_toolstack_restart.lock"
  public static let rebootPaths = ["/var/run/nonpersistent/xapi/host-requires-reboot", "/run/reboot-required.hfxs"]

  /// XAPI's process; nil without one that lives, and on releases that write no pid file.
  public let pid: Int32?
  /// True when the process of the pid file lives; without a pid file when the lock is there, which systemd removes
  /// whenever XAPI stops.
  public let isRunning: Bool
  /// The pid file names a process that is gone: it was killed, and systemd too.
  public let isStale: Bool
  public let hasSocket: Bool
  public let hasReadyFile: Bool
  public let hasCompleteFile: Bool
  /// Somebody keeps XAPI from going on after boot.
  public let isBlocked: Bool
  /// `xe-toolstack-restart` is at work.
  public let isRestarting: Bool
  /// An update waits for a reboot.
  public let needsReboot: Bool
  /// Files that could not be made sense of.
  public let problems: [String]

  public init(of system: HostSystem) {
    var problems: [String] = []
    var named: Int32?
    do throws(HostFileError) {
      named = try PidFile.pid(in: Self.pidPath, on: system)
    } catch {
      problems.append(error.description)
    }
    let alive = named.flatMap { PidFile.program($0, on: system) == "xapi" ? $0 : nil }
    pid = alive
    isStale = alive == nil && system.exists(Self.pidPath)
    isRunning = alive != nil || !isStale && system.exists(Self.lockPath)
    hasSocket = (try? system.status(Self.socketPath))?.isSocket ?? false
    hasReadyFile = system.exists(Self.readyPath)
    hasCompleteFile = system.exists(Self.completePath)
    isBlocked = system.exists(Self.blockPath)
    isRestarting = Self.isLocked(Self.restartPath, on: system)
    needsReboot = Self.rebootPaths.contains { system.exists($0) }
    self.problems = problems
  }

  /// What the marks amount to. Cookies and sockets of a process that is gone prove nothing.
  public var progress: ToolstackProgress {
    guard isRunning else { return .stopped }
    if hasCompleteFile { return .complete }
    if hasReadyFile { return .ready }
    return hasSocket ? .listening : .started
  }

  /// True when somebody holds a lock on the file: the file itself may stay behind. Asked of `/proc/locks`, since taking
  /// the lock to try it would make a restart that begins now fail.
  private static func isLocked(_ path: String, on system: HostSystem) -> Bool {
    guard let place = try? system.resolved(path) else { return false }
    var status = stat()
    guard stat(place, &status) == 0 else { return false }
    guard let locks = try? system.read("/proc/locks") else { return true }
    return HostText.contains(":\(status.st_ino) ", in: locks)
  }
}
