/// The ways to start the console that stories and figures have in common.
public enum Console {
  /// The console as `arguments` have it, on a terminal emulator.
  public static func start(_ screen: Screen, _ arguments: [String]) throws(HarnessError) -> Session {
    try Session(screen, running: [try Program.console()] + arguments)
  }

  /// Arguments for the console of a host behind a socket; of the machine it runs on it sees nothing.
  public static func arguments(socket: String, root: ScratchFolder) -> [String] {
    ["--socket", socket, "--root", root.path]
  }
}
