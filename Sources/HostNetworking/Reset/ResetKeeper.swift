import Dom0

/// Keeps the journal of a reset and the copies it leans on.
struct ResetKeeper {
  private let system: HostSystem
  private(set) var journal: ResetJournal
  /// How often copies were made: each time under other names, so that the journal on disk always has its own.
  private var round = 0
  private let interrupted: ResetJournal?

  init(
    _ system: HostSystem, _ plan: ResetPlan, now: Int64, layout: String?, interrupted: ResetJournal?
  ) throws(ResetFailure) {
    self.system = system
    self.interrupted = interrupted
    if interrupted == nil {
      switch ResetRecovery(system).standing() {
      // One that cannot be read must not stand in the way of the only rescue there is.
      case .none, .carriedOut, .damaged: break
      case .interrupted, .waitingForReboot, .waitingForXAPI:
        throw .refused("an earlier reset is not over: finish it or undo it first")
      }
    }
    journal = ResetJournal(
      stamp: Self.freeStamp(UTCText.stamp(now), system), began: now, bootID: Self.bootID(system),
      hostname: ((try? system.hostname()) ?? nil) ?? "", state: .working, request: plan.request, layout: layout,
      entries: [])
  }

  private static func freeStamp(_ stamp: String, _ system: HostSystem) -> String {
    var free = stamp
    var count = 1
    while system.exists("\(ResetJournal.folder)/backup/\(free)") {
      count += 1
      free = "\(stamp)-\(count)"
    }
    return free
  }

  static func bootID(_ system: HostSystem) -> String? {
    guard let id = try? system.text("/proc/sys/kernel/random/boot_id", limit: 4096).stripped else { return nil }
    return id.isEmpty ? nil : id
  }

  /// Copies every file that the plan changes, then writes the journal. The copies have the names of the files.
  mutating func keep(_ plan: ResetPlan) throws(HostFileError) {
    round += 1
    try system.makeFolder(journal.backup, mode: 0o700)
    var entries: [ResetJournal.Entry] = []
    for step in plan.steps {
      guard let edit = step.edit else { continue }
      var entry = ResetJournal.Entry(kind: step.kind, path: edit.path, mode: 0o644)
      if let earlier = interrupted?.entries.first(where: { $0.path == edit.path }) {
        entry.mode = earlier.mode
      } else if let status = try? system.status(edit.path) {
        entry.mode = status.mode
      }
      let name = "\(edit.path.split(separator: "/").last ?? "file")" + (round > 1 ? ".\(round)" : "")
      entry.before = try copy(try original(edit), to: name)
      entries.append(entry)
    }
    journal.entries = entries
    try journal.write(to: system)
  }

  /// What undoing has to bring back: of an interrupted reset that is being finished, what was there before that one.
  private func original(_ edit: FileEdit) throws(HostFileError) -> [UInt8]? {
    guard let interrupted, let first = interrupted.entries.first(where: { $0.path == edit.path }) else { return edit.old }
    return try first.bytesBefore(interrupted, system)
  }

  private func copy(_ bytes: [UInt8]?, to name: String) throws(HostFileError) -> String? {
    guard let bytes else { return nil }
    try system.replace("\(journal.backup)/\(name)", with: bytes, mode: 0o600)
    return name
  }

  mutating func noteDone() throws(HostFileError) {
    var done = journal
    done.state = .done
    try done.write(to: system)
    journal = done
  }
}

extension ResetJournal.Entry {
  func bytesBefore(_ journal: ResetJournal, _ system: HostSystem) throws(HostFileError) -> [UInt8]? {
    guard let before else { return nil }
    return try system.read("\(journal.backup)/\(before)", limit: 8 << 20)
  }
}
