import CLinux
import Glibc

/// One command from start to end, on a thread that may wait.
struct CommandRun {
  private let command: Command
  private let stop: WakePipe
  private let deadline: ContinuousClock.Instant

  /// Longer than any command of ours takes; the sum with the clock must not overflow.
  private static let longest = Duration.seconds(86_400)
  /// How long a killed command may take to go before its caller is told. One that hangs in a driver goes when that lets
  /// it.
  private static let grace = Duration.milliseconds(500)

  init(_ command: Command, stop: WakePipe) {
    self.command = command
    self.stop = stop
    deadline = .now + min(command.timeLimit, Self.longest)
  }

  /// Runs the command; calls `finish` once.
  func run(_ finish: (Result<ToolOutput, ToolFailure>) -> Void) {
    guard !isStopped else { return finish(.failure(.cancelled(tool: command.name))) }
    let child: Spawned
    do {
      child = try Spawn(command: command).start()
    } catch {
      return finish(.failure(error))
    }
    var streams = CommandStreams(of: child, input: command.input, limit: command.outputLimit)
    switch attend(child, &streams) {
    case .ended(let status):
      streams.takeTheRest()
      streams.close()
      finish(
        .success(
          ToolOutput(
            exit: Self.exit(status), output: streams.output.bytes, errors: streams.errors.bytes, isCut: streams.isCut)))
    case .lost:
      streams.close()
      finish(.failure(.notStarted(tool: command.name, reason: "its end was not told")))
    case .given(let failure):
      streams.close()
      // The group, and the process itself in case it has not yet got one.
      kill(-child.process, SIGKILL)
      kill(child.process, SIGKILL)
      let isGone = reap(child.process, within: Self.grace)
      finish(.failure(failure))
      if !isGone { reap(child.process) }
    }
  }

  private enum End {
    /// As waitpid(2) tells it.
    case ended(Int32)
    case lost
    case given(ToolFailure)
  }

  /// Moves what is to be moved until the process ends, its time is over or nobody wants it any more.
  private func attend(_ child: Spawned, _ streams: inout CommandStreams) -> End {
    var pause = Pause()
    while true {
      var status: Int32 = 0
      switch waitpid(child.process, &status, WNOHANG) {
      case child.process: return .ended(status)
      case 0: break
      default: if errno != EINTR { return .lost }
      }
      let left = deadline - .now
      guard left > .zero else { return .given(.timedOut(tool: command.name, after: command.timeLimit)) }
      // A process that ends closes its streams, which wakes us; but a child of its own may hold them open.
      streams.wait(for: stop.reading, atMost: min(left, streams.areOpen ? Pause.longest : pause.next()))
      if isStopped { return .given(.cancelled(tool: command.name)) }
    }
  }

  private var isStopped: Bool {
    var descriptor = pollfd(fd: stop.reading, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) > 0
  }

  // MARK: Its end

  /// - Returns: false when the process is still there after that time.
  private func reap(_ process: pid_t, within time: Duration) -> Bool {
    let last = ContinuousClock.now + time
    var pause = Pause()
    while waitpid(process, nil, WNOHANG) == 0 {
      guard ContinuousClock.now < last else { return false }
      var length = timespec(pause.next())
      nanosleep(&length, nil)
    }
    return true
  }

  private func reap(_ process: pid_t) {
    while waitpid(process, nil, 0) < 0, errno == EINTR {}
  }

  private static func exit(_ status: Int32) -> ToolOutput.Exit {
    status & 0x7f == 0 ? .code(status >> 8 & 0xff) : .signal(status & 0x7f)
  }
}

/// Times to wait between looks at something that does not call: short at first, then longer.
struct Pause {
  static let longest = Duration.milliseconds(50)
  private var length = Duration.microseconds(100)

  mutating func next() -> Duration {
    defer { length = min(length * 2, Self.longest) }
    return length
  }
}

extension timespec {
  /// A time that is not negative.
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  }
}
