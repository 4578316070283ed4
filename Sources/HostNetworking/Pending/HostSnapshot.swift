import Dom0

/// The files that a host's network daemon is set up from, as they were before a change: the way back that works without
/// XAPI.
struct HostSnapshot: Sendable {
  private static let paths = [NetworkdDB.path, ManagementConf.path, Inventory.path]

  let system: HostSystem
  /// Of the change.
  let id: String

  private var folder: String { "\(PendingStore.folder)/files-\(id)" }
  private var renderedPath: String { folder + "/settings" }

  /// Copies what is there. What is missing is noted by its absence.
  /// - Parameter settings: how management is, for a network daemon that has no state of its own; nil when it is not at
  ///   all, or in a way that such settings cannot tell.
  func take(_ settings: ManagementSettings?) throws(HostFileError) {
    try system.removeFolder(folder)
    try system.makeFolder(folder, mode: 0o700)
    if let settings, let bytes = try? ManagementConf.rendered(settings) {
      try system.replace(renderedPath, with: bytes, mode: 0o600)
    }
    for path in Self.paths {
      do throws(HostFileError) {
        try system.replace(copy(path), with: try system.read(path, limit: 8 << 20), mode: 0o600)
      } catch .missing {}
    }
  }

  func discard() throws(HostFileError) { try system.removeFolder(folder) }

  var networkd: NetworkdDB? {
    guard let bytes = try? system.read(copy(NetworkdDB.path), limit: 8 << 20) else { return nil }
    return try? NetworkdDB(parsing: bytes)
  }

  var inventory: Inventory? {
    guard let bytes = try? system.read(copy(Inventory.path)) else { return nil }
    return try? Inventory(parsing: bytes)
  }

  /// How management was, as `take` was told: a whole `management.conf`.
  var rendered: [UInt8]? { try? system.read(renderedPath) }

  var settings: ManagementSettings? { rendered.flatMap { try? ManagementConf(parsing: $0) }?.settings }

  private func copy(_ path: String) -> String { "\(folder)/\(path.split(separator: "/").last ?? "file")" }
}
