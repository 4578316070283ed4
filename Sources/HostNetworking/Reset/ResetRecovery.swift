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
    // XAPI removes the trigger when it is through: gone after it was surely written, the reset is done.
    if let index = journal.entries.firstIndex(where: { $0.kind == .trigger }), journal.completed > index,
      !system.exists(journal.entries[index].path)
    {
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
    case .waitingForReboot(let journal), .waitingForXAPI(let journal): return journal
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
      try system.remove(ResetJournal.path)
    } catch {
      await startServices()
      throw .stuck(step: .backup, reason: "the reset is to be undone", undoing: "\(error)")
    }
    if let problem = await startServices() {
      throw .stuck(step: .backup, reason: "the files of before are back", undoing: problem)
    }
    return hasRebooted(since: journal)
  }

  /// Brings every file back that the reset may have changed, the last first.
  func restore(_ journal: ResetJournal, _ report: (ResetStep.Kind) -> Void) throws(HostFileError) {
    let reached = min(journal.completed + 1, journal.entries.count)
    for entry in journal.entries[..<reached].reversed() {
      try putBack(entry, journal)
      report(entry.kind)
    }
  }

  private func putBack(_ entry: ResetJournal.Entry, _ journal: ResetJournal) throws(HostFileError) {
    let before = try entry.bytesBefore(journal, system)
    let present: [UInt8]?
    do throws(HostFileError) {
      present = try system.read(entry.path, limit: 8 << 20)
    } catch .missing {
      present = nil
    }
    guard present != before else { return }
    if entry.path == Inventory.path, let before, let present, present != (try? entry.bytesAfter(journal, system)) {
      // XAPI rewrites this file: what it has learned since stays, only what the reset set goes back.
      try system.put(entry.path, try Self.inventory(present, back: before), mode: entry.mode)
    } else {
      try system.put(entry.path, before, mode: entry.mode)
    }
  }

  private static func inventory(_ present: [UInt8], back before: [UInt8]) throws(HostFileError) -> [UInt8] {
    guard var inventory = try? Inventory(parsing: present) else { return before }
    let old = try Inventory(parsing: before)
    for key in ["MANAGEMENT_INTERFACE", "CURRENT_INTERFACES", "MANAGEMENT_ADDRESS_TYPE"] {
      guard let value = old[key], inventory[key] != value else { continue }
      inventory = try inventory.setting(key, to: value)
    }
    return inventory.bytes
  }

  // MARK: Over

  /// Closes the journal of a reset that XAPI has carried out; it stays beside its copies.
  public func acknowledge() throws(HostFileError) {
    guard case .carriedOut(let journal) = standing() else { return }
    try system.makeFolder(journal.backup, mode: 0o700)
    try system.replace(
      "\(journal.backup)/journal.json", with: journal.json.encoded + [UInt8(ascii: "\n")], mode: 0o600)
    try system.remove(ResetJournal.path)
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
