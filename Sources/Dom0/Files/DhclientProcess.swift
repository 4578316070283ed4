/// The dhclient of an interface, as its pid file has it. networkd takes "the pid file exists" for "dhclient runs": a
/// file left behind by a crash keeps it from ever being started again (`reference/dom0.md` §2.8).
public enum DhclientProcess: Hashable, Sendable {
  /// There is no pid file: none was started.
  case none
  case running(pid: Int32)
  /// The file is there, the process is not, or is another program.
  case stale(pid: Int32)

  public static func pidPath(of interface: String, _ family: DhclientLeases.Family = .ipv4) -> String {
    "/var/run/\(family.prefix)-\(interface).pid"
  }

  public init(
    of interface: String, _ family: DhclientLeases.Family = .ipv4, on system: HostSystem
  ) throws(HostFileError) {
    guard let pid = try PidFile.pid(in: Self.pidPath(of: interface, family), on: system) else {
      self = .none
      return
    }
    self = PidFile.program(pid, on: system) == "dhclient" ? .running(pid: pid) : .stale(pid: pid)
  }
}

/// Files that hold the number of a process.
enum PidFile {
  /// The number; nil without a file.
  static func pid(in path: String, on system: HostSystem) throws(HostFileError) -> Int32? {
    let bytes: [UInt8]
    do throws(HostFileError) {
      bytes = try system.read(path, limit: 64)
    } catch .missing {
      return nil
    }
    try HostText.check(bytes, path: path)
    guard let number = AddressText.decimal(HostText.string(HostText.trimmed(bytes))), let pid = Int32(exactly: number),
      pid > 0
    else { throw .malformed(path: path, reason: "it is not a process number") }
    return pid
  }

  /// The program a process runs, by `/proc` below the root; nil when there is no such process.
  static func program(_ pid: Int32, on system: HostSystem) -> String? {
    guard let bytes = try? system.read("/proc/\(pid)/comm", limit: 256) else { return nil }
    return HostText.string(HostText.trimmed(bytes))
  }
}
