import Glibc
import Synchronization

/// How a process ended.
public enum Ending: Hashable, Sendable {
  case exited(Int32)
  case signalled(Int32)
}

/// A program that was started from here, and is ended with this value at the latest.
public final class ChildProcess: Sendable {
  /// Where a program reads from or writes to.
  public enum Stream: Sendable {
    case nothing
    /// A file or terminal that is opened by the program itself: the first terminal that a session's leader opens is the
    /// one it is controlled by.
    case path(String)
    case descriptor(Int32)
  }

  public let pid: pid_t
  private let ending = Mutex<Ending?>(nil)

  /// - Parameters:
  ///   - arguments: the program's path and its arguments.
  ///   - environment: all of it; nothing is inherited.
  ///   - ownSession: true for a program with a terminal of its own.
  public init(
    _ arguments: [String], environment: [String: String], input: Stream = .nothing, output: Stream = .nothing,
    error: Stream = .nothing, ownSession: Bool = false
  ) throws(HarnessError) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, stream) in [(Int32(0), input), (1, output), (2, error)] {
      switch stream {
      case .nothing: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
      case .path(let path): posix_spawn_file_actions_addopen(&actions, descriptor, path, O_RDWR, 0)
      case .descriptor(let from): posix_spawn_file_actions_adddup2(&actions, from, descriptor)
      }
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    // POSIX_SPAWN_SETSID of <spawn.h>, which Swift does not see.
    let session: Int16 = ownSession ? 0x80 : 0
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | session)

    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + settings { free(word) } }
    var started: pid_t = 0
    let code = posix_spawnp(&started, arguments[0], &actions, &attributes, &words, &settings)
    guard code == 0 else { throw .system("starting \(arguments[0])", code) }
    pid = started
  }

  deinit {
    if poll() == nil {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
  }

  public func signal(_ number: Int32) {
    if poll() == nil { kill(pid, number) }
  }

  /// How the process ended; nil while it runs.
  public func poll() -> Ending? {
    ending.withLock { ending in
      if ending != nil { return ending }
      var status: Int32 = 0
      guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
      let number = status & 0x7F
      ending = number == 0 ? .exited((status >> 8) & 0xFF) : .signalled(number)
      return ending
    }
  }

  /// Waits for the end; nil when it takes longer than `limit`.
  public func wait(limit: Duration = .seconds(20)) -> Ending? {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      if let ending = poll() { return ending }
      usleep(2000)
    }
    return poll()
  }

  /// What a program wrote, and how it ended.
  public struct Outcome: Sendable {
    public var output = ""
    public var error = ""
    public var ending: Ending?
  }

  /// Runs a program that ends by itself.
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], limit: Duration = .seconds(20)
  ) throws(HarnessError) -> Outcome {
    let (output, error) = (try Pipe(), try Pipe())
    let child = try ChildProcess(
      arguments, environment: environment, output: .descriptor(output.writer), error: .descriptor(error.writer))
    output.closeWriter()
    error.closeWriter()
    var outcome = Outcome()
    // Both are short: neither fills its pipe while the other is read.
    outcome.output = String(decoding: output.readAll(), as: UTF8.self)
    outcome.error = String(decoding: error.readAll(), as: UTF8.self)
    outcome.ending = child.wait(limit: limit)
    return outcome
  }
}

/// A pipe from a program to here.
final class Pipe: Sendable {
  let reader: Int32
  let writer: Int32
  private let isWriterOpen = Mutex(true)

  init() throws(HarnessError) {
    var ends: [Int32] = [-1, -1]
    // A pair of sockets: it is born close-on-exec, so that no program started meanwhile elsewhere keeps an end open.
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .system("socketpair", errno) }
    (reader, writer) = (ends[0], ends[1])
  }

  deinit {
    closeWriter()
    close(reader)
  }

  func closeWriter() {
    isWriterOpen.withLock { isOpen in
      if isOpen { close(writer) }
      isOpen = false
    }
  }

  func readAll() -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(reader, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return all }
      all += buffer[..<count]
    }
  }
}
