import Glibc

extension LiveNetwork {
  /// Reads the parts asked for, all at once.
  /// - Parameters:
  ///   - parts: what to read; `.files` starts no process.
  ///   - units: the units of systemd to ask for.
  public static func take(
    of system: HostSystem, parts: Parts = [.files, .tools], units: [String] = SystemUnit.networking
  ) async -> LiveNetwork {
    LiveNetwork(instant: .now, wall: Int64(Glibc.time(nil)))
  }
}
