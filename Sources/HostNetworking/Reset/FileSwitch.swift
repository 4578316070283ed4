import Dom0

/// Changes several files in one instant.
///
/// A power cut must find all of them old or all of them new: half a reset is a host that nobody reaches. A single rename is
/// one instant, so the files are made to hang on one: each path becomes a link through a folder `now` to a copy of what it
/// had, then `now` is turned from the old copies to the new ones, then the links become files again. Every other step leaves
/// what a reader finds as it is. What has no file on one side has no copy there: its link leads nowhere, and open(2) says
/// that there is no such file.
///
/// The links are relative: they mean the same below any root.
struct FileSwitch {
  enum Purpose: String { case apply, undo }

  struct Edit: Hashable {
    var path: String
    var old: [UInt8]?
    var new: [UInt8]?
    /// Permission bits for a file that is not there yet.
    var mode: UInt32
  }

  static let folder = ResetJournal.folder + "/stage"

  private let system: HostSystem
  private let edits: [Edit]
  private let stage: String

  /// - Parameter edits: no path twice.
  init(_ edits: [Edit], _ purpose: Purpose, on system: HostSystem) {
    self.system = system
    self.edits = edits
    let taken = Self.stages(on: system).map(\.number).max() ?? 0
    stage = "\(Self.folder)/\(purpose.rawValue)-\(taken + 1)"
  }

  // MARK: The three parts

  /// Copies both sides and hangs each path on them. What readers find stays the same.
  func prepare() throws(HostFileError) {
    for side in ["before", "after"] { try system.makeFolder("\(stage)/\(side)", mode: 0o755) }
    let changed = edits.enumerated().filter { $0.element.old != $0.element.new }
    for (index, edit) in changed {
      let name = Self.name(index, edit.path)
      if let old = edit.old { try system.replace("\(stage)/before/\(name)", with: old, mode: edit.mode) }
      if let new = edit.new { try system.replace("\(stage)/after/\(name)", with: new, mode: edit.mode) }
    }
    try system.replace("\(stage)/now", withLinkTo: "before")
    for (index, edit) in changed {
      let place = try Self.place(of: edit.path, on: system)
      let parent = Self.parent(of: place)
      try system.makeFolder(parent)
      try system.replace(place, withLinkTo: try way(from: parent) + "/now/" + Self.name(index, edit.path))
    }
  }

  /// The instant.
  func turn() throws(HostFileError) { try system.replace("\(stage)/now", withLinkTo: "after") }

  /// Makes a link a file again, with what is behind it; other files are left alone.
  static func settle(_ path: String, mode: UInt32, on system: HostSystem) throws(HostFileError) {
    let place = try place(of: path, on: system)
    guard let target = system.linkTarget(place), isOurs(target) else { return }
    let bytes: [UInt8]
    do throws(HostFileError) {
      bytes = try system.read(place, limit: 8 << 20)
    } catch .missing {
      try system.remove(place)
      return
    }
    try system.replace(place, with: bytes, mode: mode, followingLink: false)
  }

  /// Makes every path a file again that may still be a link, and then removes the copies.
  static func clear(on system: HostSystem) throws(HostFileError) {
    guard !stages(on: system).isEmpty else { return }
    for path in ResetFiles.allPaths {
      try settle(path, mode: 0o644, on: system)
      // Of a replacement that a power cut ended.
      try system.remove(try place(of: path, on: system) + HostSystem.temporarySuffix)
    }
    try system.removeFolder(folder)
  }

  // MARK: Looking

  /// The purpose of the switch that was turned last, as far as there are traces of it.
  static func lastTurned(on system: HostSystem) -> Purpose? {
    stages(on: system).filter { system.linkTarget("\(folder)/\($0.name)/now") == "after" }.max { $0.number < $1.number }?
      .purpose
  }

  private static func stages(on system: HostSystem) -> [(name: String, purpose: Purpose, number: Int)] {
    ((try? system.names(in: folder)) ?? []).compactMap { name in
      purpose(name).map { (name, $0.0, $0.1) }
    }
  }

  /// What the name of a stage tells.
  private static func purpose(_ name: some StringProtocol) -> (Purpose, Int)? {
    let parts = name.split(separator: "-", maxSplits: 1)
    guard parts.count == 2, let purpose = Purpose(rawValue: String(parts[0])), let number = Int(parts[1]) else { return nil }
    return (purpose, number)
  }

  // MARK: Places

  private static func name(_ index: Int, _ path: String) -> String {
    "\(index)-\(path.split(separator: "/").last ?? "file")"
  }

  private static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "/"
  }

  /// By the end of the way: its beginning may lead through an administrator's links.
  private static func isOurs(_ target: String) -> Bool {
    let parts = target.split(separator: "/").suffix(4)
    guard parts.count == 4, parts[parts.startIndex] == "stage", parts[parts.startIndex + 2] == "now" else { return false }
    return purpose(parts[parts.startIndex + 1]) != nil
  }

  /// Where a file really lies: an administrator's links are followed, one by one, for ours are not.
  private static func place(of path: String, on system: HostSystem) throws(HostFileError) -> String {
    var place = path
    // As many as the kernel follows.
    for _ in 0..<40 {
      guard let target = system.linkTarget(place), !isOurs(target) else { return place }
      place = target.hasPrefix("/") ? target : below(system.root, try system.resolved(parent(of: place))) + "/" + target
    }
    throw .unreadable(path: path, reason: "too many links")
  }

  private static func below(_ root: String, _ place: String) -> String {
    root == "/" ? place : String(place.dropFirst(root.count))
  }

  /// From a folder to the stage, as a link has to say it: up to the root, then down again. Links among the folders are
  /// followed beforehand, for `..` does not know them.
  private func way(from folder: String) throws(HostFileError) -> String {
    let depth = Self.below(system.root, try system.resolved(folder)).split(separator: "/").count
    let down = Self.below(system.root, try system.resolved(stage))
    return String(repeating: "../", count: depth) + down.drop { $0 == "/" }
  }
}
