import CLinux
import Glibc

/// A pipe with which one thread tells another, that sleeps in poll(2), to look up. Both ends live as long as anybody
/// who might use them.
public final class WakePipe: Sendable {
  public let reading: Int32
  private let writing: Int32

  /// nil when the process may open no more files.
  public init?() {
    guard let ends = Pipe(isBlocking: false) else { return nil }
    (reading, writing) = (ends.reading, ends.writing)
  }

  deinit {
    close(reading)
    close(writing)
  }

  /// Wakes; more than once does no harm.
  public func ring() {
    var byte: UInt8 = 1
    _ = write(writing, &byte, 1)
  }
}

/// Both ends of a pipe that no child inherits.
struct Pipe {
  let reading: Int32
  let writing: Int32

  /// Neither end takes the place of a standard stream, should one of those be closed.
  init?(isBlocking: Bool = true) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC | (isBlocking ? 0 : O_NONBLOCK)) == 0 else { return nil }
    for (index, end) in ends.enumerated() where end <= STDERR_FILENO {
      ends[index] = fcntl(end, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
      close(end)
    }
    guard ends.allSatisfy({ $0 >= 0 }) else {
      for end in ends where end >= 0 { close(end) }
      return nil
    }
    (reading, writing) = (ends[0], ends[1])
  }
}
