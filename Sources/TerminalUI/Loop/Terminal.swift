/// The terminal the program was started on.
public enum Terminal {
  /// Runs an application on the terminal, on the calling thread, until it quits, a signal ends it or the terminal goes
  /// away; the terminal is then as it was. `SignalGate.block()` must have been called before any other thread began.
  ///
  /// - Returns: The application's exit code, or 128 plus the number of the signal that ended it (129 when the terminal
  ///   went away).
  /// - Throws: When there is no terminal that can show a screen; it is untouched then.
  public static func run<App: Application>(
    _ app: inout App, settings: TerminalSettings = TerminalSettings()
  ) throws(TerminalError) -> Int32 {
    var loop = try EventLoop<App.Message>(settings)
    return loop.run(&app)
  }

  static func run<App: Application>(
    _ app: inout App, settings: TerminalSettings, hooks: LoopHooks
  ) throws(TerminalError) -> Int32 {
    var loop = try EventLoop<App.Message>(settings, hooks: hooks)
    return loop.run(&app)
  }
}
