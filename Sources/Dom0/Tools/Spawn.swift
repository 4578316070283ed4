import Glibc

/// A process that was started: in a group of its own, with our ends of its streams.
struct Spawned {
  let process: pid_t
  let output: Int32
  let errors: Int32
  /// nil when it reads from `/dev/null`.
  let input: Int32?
}

/// Starts a program with nothing of ours but what it is given.
struct Spawn {
  let command: Command

  /// What a program finds in its environment: nothing that our user's shell may have put there.
  static let environment = ["PATH=\(Command.path)", "LC_ALL=C", "HOME=/root"]

  func start() throws(ToolFailure) -> Spawned {
    guard !command.arguments.contains(where: { $0.utf8.contains(0) }) else {
      throw .notStarted(tool: command.name, reason: "an argument has a NUL in it")
    }
    let program = try found()
    let streams = try Streams(hasInput: !command.input.isEmpty, tool: command.name)
    defer { streams.closeTheirs() }
    Self.wantEndsOfChildren()
    var process: pid_t = 0
    let problem = Self.withActions(for: streams) { actions in
      Self.withAttributes { attributes in
        Self.withCStrings(command.arguments) { arguments in
          Self.withCStrings(Self.environment) { environment in
            posix_spawn(&process, program, actions, attributes, arguments, environment)
          }
        }
      }
    }
    guard problem == 0 else {
      streams.closeOurs()
      throw .notStarted(tool: command.name, reason: String(cString: strerror(problem)))
    }
    return Spawned(
      process: process, output: streams.output.reading, errors: streams.errors.reading, input: streams.input?.writing)
  }

  // MARK: Finding the program

  func found() throws(ToolFailure) -> String {
    guard let name = command.arguments.first, !name.isEmpty else {
      throw .notStarted(tool: command.name, reason: "no program was named")
    }
    if name.hasPrefix("/") {
      if Self.isFile(name) { return name }
      throw .missing(tool: command.name)
    }
    guard !name.contains("/") else {
      throw .notStarted(tool: command.name, reason: "\(name) is neither a name nor an absolute path")
    }
    let candidates = Command.path.split(separator: ":").map { "\($0)/\(name)" }.filter { Self.isFile($0) }
    // One that may not be run is tried all the same when there is no other: the reason is then told.
    guard let program = candidates.first(where: { access($0, X_OK) == 0 }) ?? candidates.first else {
      throw .missing(tool: command.name)
    }
    return program
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  // MARK: Its streams

  private struct Streams {
    let output: Pipe
    let errors: Pipe
    let input: Pipe?

    init(hasInput: Bool, tool: String) throws(ToolFailure) {
      var made: [Pipe] = []
      for _ in 0..<(hasInput ? 3 : 2) {
        guard let pipe = Pipe() else {
          let reason = String(cString: strerror(errno))
          for pipe in made { Streams.close(pipe.reading, pipe.writing) }
          throw .notStarted(tool: tool, reason: reason)
        }
        made.append(pipe)
      }
      (output, errors, input) = (made[0], made[1], hasInput ? made[2] : nil)
      // Ours only: the child's ends are other open files.
      for end in [output.reading, errors.reading] + (input.map { [$0.writing] } ?? []) {
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
      }
    }

    func closeTheirs() {
      Self.close(output.writing, errors.writing)
      if let input { Self.close(input.reading) }
    }

    func closeOurs() {
      Self.close(output.reading, errors.reading)
      if let input { Self.close(input.writing) }
    }

    private static func close(_ descriptors: Int32...) {
      for descriptor in descriptors { Glibc.close(descriptor) }
    }
  }

  private static func withActions<Value>(
    for streams: Streams, _ body: (UnsafePointer<posix_spawn_file_actions_t>) -> Value
  ) -> Value {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input = streams.input {
      posix_spawn_file_actions_adddup2(&actions, input.reading, STDIN_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, streams.output.writing, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, streams.errors.writing, STDERR_FILENO)
    for descriptor in inheritable() { posix_spawn_file_actions_addclose(&actions, descriptor) }
    return body(&actions)
  }

  /// What a child would inherit: nothing of ours, but libraries and whoever started us may have been less careful.
  static func inheritable() -> [Int32] {
    guard let folder = opendir("/proc/self/fd") else { return [] }
    defer { closedir(folder) }
    var found: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard let descriptor = Int32(name), descriptor > STDERR_FILENO else { continue }
      let flags = fcntl(descriptor, F_GETFD)
      if flags >= 0, flags & FD_CLOEXEC == 0 { found.append(descriptor) }
    }
    return found
  }

  // MARK: Its beginnings

  /// Its own group, no signal blocked or ignored: this program does both.
  static func withAttributes<Value>(_ body: (UnsafePointer<posix_spawnattr_t>) -> Value) -> Value {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // Not these two, which cannot be changed: glibc 2.17 gives up when asked to.
    var every = sigset_t()
    sigemptyset(&every)
    for signal in 1...31 as ClosedRange<Int32> where signal != SIGKILL && signal != SIGSTOP {
      sigaddset(&every, signal)
    }
    posix_spawnattr_setsigdefault(&attributes, &every)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    return body(&attributes)
  }

  /// Whoever started us may have had SIGCHLD ignored, and then the kernel would not tell how a command ended.
  static func wantEndsOfChildren() {
    var action = sigaction()
    guard sigaction(SIGCHLD, nil, &action) == 0 else { return }
    let isIgnored = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    guard isIgnored || action.sa_flags & SA_NOCLDWAIT != 0 else { return }
    signal(SIGCHLD, SIG_DFL)
  }

  /// The strings as C wants them: an array of pointers with a null at its end.
  static func withCStrings<Value>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
  ) -> Value {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
    pointers[strings.count] = nil
    defer {
      for index in strings.indices { free(pointers[index]) }
      pointers.deallocate()
    }
    return body(pointers)
  }
}
