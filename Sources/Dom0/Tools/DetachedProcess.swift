import Glibc

/// A process that goes on when this one ends: nobody waits for it, and nothing of ours is open in it.
public enum DetachedProcess {
  /// Starts a program in a process group of its own, with `/dev/null` for its streams. Should it have to survive the end of
  /// a login as well, it calls setsid(2) itself: posix_spawn of dom0's C library cannot do that for it.
  public static func start(_ arguments: [String]) throws(ToolFailure) {
    let command = Command(arguments)
    let spawn = Spawn(command: command)
    let program = try spawn.found()
    Spawn.wantEndsOfChildren()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for stream in [STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
    }
    for descriptor in Spawn.inheritable() { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var process: pid_t = 0
    let problem = Spawn.withAttributes { attributes in
      Spawn.withCStrings(arguments) { words in
        Spawn.withCStrings(Spawn.environment) { environment in
          posix_spawn(&process, program, &actions, attributes, words, environment)
        }
      }
    }
    guard problem == 0 else {
      throw .notStarted(tool: command.name, reason: String(cString: strerror(problem)))
    }
    // As long as this process lives, it is the one to bury it.
    let child = process
    _ = WorkThread.start {
      var status: Int32 = 0
      while waitpid(child, &status, 0) < 0, errno == EINTR {}
    }
  }
}
