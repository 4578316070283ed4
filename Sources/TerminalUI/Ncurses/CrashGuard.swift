import CNcurses
import Glibc

/// Gives the terminal back when the program crashes (SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE); the crash then
/// takes its course. The only file that may call the functions of crash.h: their storage is this object file's own.
///
/// The stack overflow of another thread than the one that armed the guard finds no stack to give the terminal back on.
enum CrashGuard {
  /// - Parameters:
  ///   - descriptor: The terminal, in the modes to return to.
  ///   - reset: What the terminal is sent to be as it was.
  static func arm(descriptor: Int32, reset: String) {
    xc_crash_arm(descriptor, reset, reset.utf8.count)
  }

  static func disarm() { xc_crash_disarm() }

  /// While the terminal is the shell's, a crash leaves it alone.
  static func pause(_ isPaused: Bool) { xc_crash_pause(isPaused) }
}
