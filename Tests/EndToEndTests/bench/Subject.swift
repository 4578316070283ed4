import EndToEndSupport
import Glibc

/// A console on a raw terminal, with the simulated host it shows.
struct Subject {
  let terminal: RawTerminal
  let child: ChildProcess
  /// Just before the console was started.
  let born: ContinuousClock.Instant

  init(
    _ arguments: [String], columns: Int = 80, rows: Int = 24, term: String = "xterm-256color"
  ) throws(HarnessError) {
    let program = try Program.console()
    terminal = try RawTerminal(columns: columns, rows: rows)
    born = .now
    child = try terminal.start(
      [program] + arguments, environment: ["TERM": term, "LANG": "C.UTF-8", "TMPDIR": "/tmp", "PATH": "/usr/bin:/bin"])
  }

  /// Waits until `text` has been written, and then until nothing more is.
  @discardableResult
  func settle(on text: String, quiet: Duration = .milliseconds(40)) throws(HarnessError) -> [RawTerminal.Chunk] {
    let wanted = Array(text.utf8)
    var chunks = terminal.read(limit: .seconds(60)) { $0.holds(wanted) }
    guard chunks.bytes.holds(wanted) else { throw HarnessError("\"\(text)\" never came: \(chunks.text)") }
    while true {
      let more = terminal.read(limit: quiet)
      if more.isEmpty { return chunks }
      chunks += more
    }
  }

  /// Presses a key.
  /// - Returns: what the terminal was sent for it, and the time until the last byte of that came.
  func press(_ key: String, quiet: Duration = .milliseconds(40)) throws(HarnessError) -> (bytes: Int, time: Duration) {
    let start = ContinuousClock.now
    terminal.type(key)
    let chunks = terminal.read(limit: .seconds(5), quiet: quiet)
    guard let last = chunks.last else { throw HarnessError("the key \(key.debugDescription) had no answer") }
    return (chunks.bytes.count, last.at - start)
  }

  func quit() {
    child.signal(SIGTERM)
    _ = child.wait()
  }
}

/// A simulated host in a folder of its own.
struct Host {
  let folder: ScratchFolder
  let process: HostProcess
  /// The management address: on the screen as soon as XAPI has told of the host.
  let address: String

  init(_ scenario: String, options: [String] = [], knowsAddress: Bool = true) throws(HarnessError) {
    folder = try ScratchFolder()
    process = try HostProcess(scenario, options: options, folder: folder)
    guard knowsAddress else {
      address = ""
      return
    }
    let session = try process.login()
    let host = try process.call("session.get_this_host", [session, session])
    address = try process.call("host.get_address", [session, host]).string ?? ""
  }

  var arguments: [String] { Console.arguments(socket: process.socket, root: folder) }
}

extension Duration {
  var inMilliseconds: Double { seconds * 1000 }
}
