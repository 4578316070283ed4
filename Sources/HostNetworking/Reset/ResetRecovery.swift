import Dom0
import Glibc

/// How an earlier reset stands, seen at the start of the program.
public enum ResetStanding: Hashable, Sendable {
  /// There was none, or it is over and looked at.
  case none
  /// It stopped in its midst: finish it or undo it.
  case interrupted(ResetJournal)
  /// Everything is written; the host has not rebooted since.
  case waitingForReboot(ResetJournal)
  /// The host has rebooted, and XAPI has not come to it yet: a member must reach its coordinator first.
  case waitingForXAPI(ResetJournal)
  /// XAPI has done it. To be verified; what it deleted can be restored from the saved layout.
  case carriedOut(ResetJournal)
  /// There is a journal, and it cannot be read.
  case damaged(String)

  public var journal: ResetJournal? {
    switch self {
    case .none, .damaged: nil
    case .interrupted(let journal), .waitingForReboot(let journal), .waitingForXAPI(let journal),
      .carriedOut(let journal):
      journal
    }
  }
}

/// Finishes, undoes or closes a reset that an earlier run began. Each of these may be cut off and run again.
public struct ResetRecovery: Sendable {
  let system: HostSystem
  let now: @Sendable () -> Int64

  /// - Parameter now: seconds since 1970.
  public init(_ system: HostSystem, now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }) {
    self.system = system
    self.now = now
  }

  /// How things stand. Reads the journal, the boot's name and whether the trigger is there; changes nothing.
  public func standing() -> ResetStanding {
    let journal: ResetJournal
    do throws(HostFileError) {
      guard let found = try ResetJournal.read(of: system) else { return .none }
      journal = found
    } catch {
      return .damaged("\(error)")
    }
    // An undo that was cut off goes on where it was; so does a reset that was.
    let turned = FileSwitch.lastTurned(on: system)
    if turned == .undo { return .interrupted(journal) }
    // XAPI removes the trigger when it is through: gone after it was surely written, the reset is done.
    let isWritten = journal.state == .done || turned == .apply
    if isWritten, let trigger = journal.entries.first(where: { $0.kind == .trigger }), !system.exists(trigger.path) {
      return .carriedOut(journal)
    }
    guard journal.state == .done else { return .interrupted(journal) }
    return hasRebooted(since: journal) ? .waitingForXAPI(journal) : .waitingForReboot(journal)
  }

  private func hasRebooted(since journal: ResetJournal) -> Bool {
    guard let then = journal.bootID, let now = ResetKeeper.bootID(system) else { return false }
    return then != now
  }

  // MARK: Onwards

  /// Finishes an interrupted reset: renders its answers anew from the files as they are, and does every step again. A
  /// reboot has to follow.
  public func finish(_ report: @escaping ResetRun.Report = { _, _ in }) async throws(ResetFailure) -> ResetJournal {
    switch standing() {
    case .none: throw .refused("there is no reset to finish")
    case .damaged(let reason): throw .refused(reason)
    case .carriedOut: throw .refused("XAPI has carried the reset out already")
    case .waitingForReboot(let journal), .waitingForXAPI(let journal):
      // Everything is written; an undo that was cut off at its beginning may have left links.
      do throws(HostFileError) { try FileSwitch.clear(on: system) } catch { throw .refused("\(error)") }
      return journal
    case .interrupted(let journal):
      let plan = try ResetPlan.make(journal.request, on: system)
      return try await ResetRun(plan, on: system, finishing: journal, saveLayout: nil, now: now).apply(report)
    }
  }

  // MARK: Back

  /// Puts the files of before back and lets the services read them.
  /// - Returns: true when the host has rebooted in between, so that it should once more.
  @discardableResult
  public func undo(_ report: @escaping ResetRun.Report = { _, _ in }) async throws(ResetFailure) -> Bool {
    let work = Task.detached { () -> Result<Bool, ResetFailure> in
      do throws(ResetFailure) {
        return .success(try await runUndo(report))
      } catch {
        return .failure(error)
      }
    }
    return try await work.value.get()
  }

  private func runUndo(_ report: ResetRun.Report) async throws(ResetFailure) -> Bool {
    let journal: ResetJournal
    switch standing() {
    case .none: throw .refused("there is no reset to undo")
    case .damaged(let reason): throw .refused(reason)
    case .carriedOut: throw .refused("XAPI has carried the reset out already: restore the saved layout instead")
    case .interrupted(let found), .waitingForReboot(let found), .waitingForXAPI(let found): journal = found
    }
    // A network daemon that stops later would write its own state over what is put back.
    for (unit, step) in [("xapi", ResetStep.Kind.stopXAPI), ("xcp-networkd", .stopNetworkd)] {
      if let problem = await stop(unit) {
        await startServices()
        throw .stuck(step: step, reason: "the reset is to be undone", undoing: problem)
      }
    }
    do throws(HostFileError) {
      try restore(journal) { report($0, .undone) }
      try close()
    } catch {
      await startServices()
      throw .stuck(step: .backup, reason: "the reset is to be undone", undoing: "\(error)")
    }
    if let problem = await startServices() {
      throw .stuck(step: .backup, reason: "the files of before are back", undoing: problem)
    }
    return hasRebooted(since: journal)
  }

  /// Brings every file back, in one instant as well.
  func restore(_ journal: ResetJournal, _ report: (ResetStep.Kind) -> Void) throws(HostFileError) {
    var edits: [FileSwitch.Edit] = []
    for entry in journal.entries {
      let present = try Self.bytes(entry.path, system)
      edits.append(
        FileSwitch.Edit(path: entry.path, old: present, new: try wanted(entry, journal, present), mode: entry.mode))
    }
    let files = FileSwitch(edits, .undo, on: system)
    try files.prepare()
    try files.turn()
    for entry in journal.entries.reversed() {
      try FileSwitch.settle(entry.path, mode: entry.mode, on: system)
      report(entry.kind)
    }
  }

  private static func bytes(_ path: String, _ system: HostSystem) throws(HostFileError) -> [UInt8]? {
    do throws(HostFileError) { return try system.read(path, limit: 8 << 20) } catch .missing { return nil }
  }

  /// What was there before. XAPI rewrites the inventory: what it has learned since stays, only what the reset set goes back.
  private func wanted(
    _ entry: ResetJournal.Entry, _ journal: ResetJournal, _ present: [UInt8]?
  ) throws(HostFileError) -> [UInt8]? {
    let before = try entry.bytesBefore(journal, system)
    guard entry.path == Inventory.path, let before, let present, present != before else { return before }
    return try Self.inventory(present, back: before)
  }

  private static func inventory(_ present: [UInt8], back before: [UInt8]) throws(HostFileError) -> [UInt8] {
    guard var inventory = try? Inventory(parsing: present) else { return before }
    let old = try Inventory(parsing: before)
    let isOurs = ["MANAGEMENT_INTERFACE", "CURRENT_INTERFACES", "MANAGEMENT_ADDRESS_TYPE"]
    // Nothing but what the reset sets has changed: then byte for byte.
    let others = { (entries: [Inventory.Entry]) in entries.filter { !isOurs.contains($0.key) } }
    if others(inventory.entries) == others(old.entries) { return before }
    for key in isOurs {
      guard let value = old[key], inventory[key] != value else { continue }
      inventory = try inventory.setting(key, to: value)
    }
    return inventory.bytes
  }

  // MARK: Over

  /// Takes the journal away, and then what nothing hangs on any more. Copies stay.
  func close() throws(HostFileError) {
    try system.remove(ResetJournal.path)
    try? FileSwitch.clear(on: system)
  }

  /// Closes the journal of a reset that XAPI has carried out; it stays beside its copies.
  public func acknowledge() throws(HostFileError) {
    guard case .carriedOut(let journal) = standing() else { return }
    // Of a reset that was cut off after the switch some paths may be links still.
    for entry in journal.entries { try FileSwitch.settle(entry.path, mode: entry.mode, on: system) }
    try system.makeFolder(journal.backup, mode: 0o700)
    try system.replace(
      "\(journal.backup)/journal.json", with: journal.json.encoded + [UInt8(ascii: "\n")], mode: 0o600)
    try close()
  }

  // MARK: Services

  /// - Returns: what is wrong; nil when the unit is stopped, or this is not about services at all.
  private func stop(_ unit: String) async -> String? {
    await systemctl("stop", unit, ResetRun.stopLimit)
  }

  /// Starts the network daemon and XAPI.
  /// - Returns: what did not start; nil when all did.
  @discardableResult
  func startServices() async -> String? {
    var problems: [String] = []
    // XAPI asks the network daemon for things as it starts. It is not waited for: its unit is up at once.
    for unit in ["xcp-networkd", "xapi"] {
      if let problem = await systemctl("start", unit, .seconds(90)) { problems.append(problem) }
    }
    return problems.isEmpty ? nil : problems.joined(separator: "; ")
  }

  private func systemctl(_ verb: String, _ unit: String, _ limit: Duration) async -> String? {
    do throws(ToolFailure) {
      let outcome = try await system.tools.run(Command(["systemctl", verb, unit], timeLimit: limit))
      guard !outcome.succeeded else { return nil }
      let words = outcome.errorText.stripped
      return "\(unit) did not \(verb): \(words.isEmpty ? "\(outcome.exit)" : words)"
    } catch .filesOnly {
      return nil
    } catch {
      return "\(unit) did not \(verb): \(error)"
    }
  }
}
