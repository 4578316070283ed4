import ArgumentParser
import Dom0
import Glibc
import HostNetworking
import JSON
import XenAPI

/// A change that waits to be confirmed, from another login than the one that made it.
struct PendingCommand: ParsableCommand, LayoutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "pending",
    abstract: "Show a change that waits to be confirmed; keep it, take it back, or give it more time.",
    discussion: """
      A change of management is put back by itself unless it is confirmed in time, here or in the console: whoever can log in at the \
      new address proves that it works.

      Exit code 0: nothing waits, or what was asked for is done; 1: it failed or was refused; 2: wrong usage; 3: a change waits.
      """)

  @Flag(help: "Keep the change: nothing takes it back any more.")
  var keep = false

  @Flag(help: "Take the change back now.")
  var revert = false

  @Flag(help: "Give it a minute more.")
  var extend = false

  @Flag(help: "Answer with a JSON object.")
  var json = false

  /// Watches over it instead, as a process of its own.
  @Option(name: .customLong("guard"), help: .hidden)
  var guarded: String?

  @OptionGroup var host: HostOptions

  mutating func validate() throws {
    if [keep, revert, extend, guarded != nil].filter({ $0 }).count > 1 {
      throw ValidationError("--keep, --revert and --extend contradict each other: give one of them")
    }
  }
}

extension PendingCommand {
  func run(on standard: Standard) throws -> Int32 {
    let system = try host.checked()
    let client = try host.client()
    if let guarded { return try watch(guarded == "any" ? nil : guarded, client, system) }
    let keeper = PendingKeeper(client, system, settings: ChangeSettings(guardWay: GuardCommand.way(host)))
    do {
      if keep { return tell(try waiting { try await keeper.keep() }.title, "kept", standard) }
      if extend { _ = try waiting { try await keeper.extend() } }
      if revert { return try takeBack(keeper, standard) }
    } catch let failure as ChangeFailure {
      throw Failure(text: failure.text)
    }
    if !keep, !revert, let way = GuardCommand.way(host) { try waiting { await GuardPost(system, way).relieve() } }
    return show(PendingStore(system), standard)
  }

  // MARK: Telling

  private func tell(_ title: String, _ end: String, _ standard: Standard) -> Int32 {
    standard.say(json ? line(["pending": false, "title": .string(title), "end": .string(end)]) : "\(title): \(end)")
    return 0
  }

  private func line(_ value: JSONValue) -> String { String(decoding: value.encoded, as: UTF8.self) }

  private func show(_ store: PendingStore, _ standard: Standard) -> Int32 {
    switch store.standing() {
    case .none:
      let last = store.lastEnd()
      if json {
        standard.say(
          line([
            "pending": false, "last": last.map { ["title": .string($0.title), "end": .string($0.end), "at": .int($0.at)] } ?? .null,
          ]))
      } else {
        standard.say("No change waits to be confirmed.")
        if let last { standard.say("The last one: \(last.title): \(last.end).") }
      }
      return 0
    case .damaged(let why):
      standard.complain(why)
      return 1
    case .there(let change, let secondsLeft):
      json ? standard.say(line(object(change, secondsLeft))) : describe(change, secondsLeft, standard)
      return 3
    }
  }

  private func object(_ change: PendingChange, _ secondsLeft: Double) -> JSONValue {
    [
      "pending": true, "id": .string(change.id), "title": .string(change.title), "state": .string(change.state.rawValue),
      "seconds_left": .int(Int64(secondsLeft)), "who": .string(change.who), "began": .int(change.began),
      "remark": .string(change.remark),
    ]
  }

  private func describe(_ change: PendingChange, _ secondsLeft: Double, _ standard: Standard) {
    standard.say("\(change.title), by \(change.who)")
    switch change.state {
    case .applying: standard.say("Step \(change.begun) of \(change.steps.count) is being done.")
    case .waiting:
      standard.say("Goes back by itself in \(Int(secondsLeft.rounded(.up))) s. To keep it: xcpconsole pending --keep")
    case .reverting: standard.say("It is being taken back: \(change.remark).")
    case .revertedInFiles:
      standard.say("Taken back by this host's network daemon (\(change.remark)); XAPI is told when it answers again.")
    case .stuck: standard.say("Taking it back does not work yet (\(change.remark)); it is tried again and again.")
    }
  }

  private func takeBack(_ keeper: PendingKeeper, _ standard: Standard) throws -> Int32 {
    let quiet = json
    let outcome = try waiting {
      try await keeper.revert(why: "asked for") { sentence, state in
        guard !quiet else { return }
        switch state {
        case .done(let note): standard.say("  done    \(sentence)\(note.isEmpty ? "" : " (\(note))")")
        case .failed(let why): standard.say("  FAILED  \(sentence): \(why)")
        case .waiting, .running, .skipped, .undone: break
        }
      }
    }
    switch outcome {
    case .reverted: return tell("The change", "taken back", standard)
    case .revertedInFiles(let words): return tell("The change", "\(words); XAPI is told when it answers again", standard)
    case .stuck(let reason, let left):
      throw Failure(text: "\(reason). Left to do: \(left.joined(separator: "; ")). It is tried again by itself")
    case .elsewhere: throw Failure(text: "it is being taken back by another process already")
    }
  }

  // MARK: The guard

  /// Outlives the console, the login and XAPI.
  private func watch(_ id: String?, _ client: XenClient, _ system: HostSystem) throws -> Int32 {
    setsid()
    // The others stay blocked: the end of a terminal is nothing to it.
    var ends = sigset_t()
    sigemptyset(&ends)
    sigaddset(&ends, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &ends, nil)
    let session = ChangeFacts.Session(user: "guard")
    let guarding = PendingGuard(Reversal(client, system, session: session))
    let post = GuardCommand.way(host).map { GuardPost(system, $0) }
    try waiting {
      await guarding.run(id)
      if let id { await post?.stop(id) }
      await client.logout()
    }
    return 0
  }
}

/// The command that brings a guard to life for the same host.
enum GuardCommand {
  static func way(_ host: HostOptions) -> GuardPost.Way? {
    way(socket: host.socket, root: host.root, tools: host.tools)
  }

  /// nil when this program does not know where it lies.
  static func way(socket: String?, root: String, tools: String?) -> GuardPost.Way? {
    guard let program = HostSystem().linkTarget("/proc/self/exe") else { return nil }
    var words = [program, "pending"]
    for (option, value) in [("--socket", socket), ("--root", root == "/" ? nil : root), ("--tools", tools)] {
      if let value { words += [option, absolute(value)] }
    }
    return .command(words + ["--guard"])
  }

  /// It may be started from elsewhere.
  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return "\(String(cString: here))/\(path)"
  }
}
