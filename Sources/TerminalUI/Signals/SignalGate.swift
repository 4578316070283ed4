import CNcurses
import Glibc

/// The signals the console takes in its message loop instead of being interrupted by them.
public enum SignalGate {
  /// Signals that end the program: the loop restores the terminal and leaves with 128 plus the signal's number.
  static let ending = [SIGTERM, SIGHUP, SIGINT, SIGQUIT]
  static let all = ending + [SIGWINCH, SIGTSTP, SIGCONT]

  /// Blocks the signals in this thread and in all that it will start. To be called first in `main`, before any other
  /// thread exists: a signal goes to whichever thread does not block it, and there it would end the program without
  /// restoring the terminal.
  ///
  /// Programs started from here inherit the blocked signals; whoever starts one has to unblock them there
  /// (`posix_spawnattr_setsigmask` with an empty set).
  public static func block() {
    var signals = set
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Lets the signals through again, in this thread.
  public static func unblock() {
    var signals = set
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  static var set: sigset_t { Self.set(of: all) }

  static func set(of signals: [Int32]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    return set
  }
}

/// Arrived signals as a descriptor to poll(2).
struct SignalInbox: ~Copyable {
  let descriptor: Int32
  private let before: sigset_t

  /// Blocks the signals in this thread for as long as the inbox lives.
  init() throws(TerminalError) {
    var signals = SignalGate.set
    var mask = sigset_t()
    pthread_sigmask(SIG_BLOCK, &signals, &mask)
    let opened = xc_signal_descriptor(&signals)
    guard opened >= 0 else {
      let code = errno
      pthread_sigmask(SIG_SETMASK, &mask, nil)
      throw TerminalError.system(call: "signalfd", code: code)
    }
    descriptor = opened
    before = mask
  }

  deinit {
    close(descriptor)
    var mask = before
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  /// The next signal that arrived; nil when there is none.
  func next() -> Int32? {
    let signal = xc_next_signal(descriptor)
    return signal == 0 ? nil : signal
  }
}
