import Glibc
import Synchronization

/// A pseudo-terminal whose other end is a program's terminal: what the program writes arrives here byte by byte.
public final class RawTerminal: Sendable {
  /// Bytes that arrived together.
  public struct Chunk: Sendable {
    public let bytes: [UInt8]
    public let at: ContinuousClock.Instant
  }

  /// What a program opens to have this as its terminal.
  public let path: String
  private let master: Int32
  /// Kept open: the modes can be looked at after the program has gone.
  private let slave: Int32
  private let isMasterOpen = Mutex(true)

  public init(columns: Int = 80, rows: Int = 24) throws(HarnessError) {
    // What posix_openpt(3), unlockpt(3) and ptsname(3) do (ioctl_tty(2)).
    let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    var (locked, number): (Int32, Int32) = (0, 0)
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard master >= 0, ioctl(master, setLock, &locked) == 0, ioctl(master, getNumber, &number) == 0 else {
      throw .system("open /dev/ptmx", errno)
    }
    path = "/dev/pts/\(number)"
    slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard slave >= 0 else { throw .system("open \(path)", errno) }
    resize(columns: columns, rows: rows)
  }

  deinit {
    hangUp()
    close(slave)
  }

  public func resize(columns: Int, rows: Int) {
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Starts a program on this terminal, in a session of its own, as login programs do.
  public func start(
    _ arguments: [String], environment: [String: String], error: ChildProcess.Stream? = nil
  ) throws(HarnessError) -> ChildProcess {
    try ChildProcess(
      arguments, environment: environment, input: .path(path), output: .path(path), error: error ?? .path(path),
      ownSession: true)
  }

  public func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// What arrives within `limit`, or until `isEnough`, or until nothing has come for `quiet`.
  public func read(
    limit: Duration = .seconds(20), quiet: Duration? = nil, until isEnough: ([UInt8]) -> Bool = { _ in false }
  ) -> [Chunk] {
    var chunks: [Chunk] = []
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    let deadline = ContinuousClock.now + limit
    while !isEnough(all) {
      let left = ContinuousClock.now.duration(to: deadline)
      let patience = min(left, chunks.isEmpty ? left : quiet ?? left)
      guard patience > .zero else { break }
      guard poll(&waiting, 1, patience.milliseconds) > 0, waiting.revents & Int16(POLLIN) != 0 else { break }
      let count = Glibc.read(master, &buffer, buffer.count)
      guard count > 0 else { break }
      chunks.append(Chunk(bytes: Array(buffer[..<count]), at: .now))
      all += buffer[..<count]
    }
    return chunks
  }

  /// Takes the terminal away, as a modem or an SSH connection does.
  public func hangUp() {
    isMasterOpen.withLock { isOpen in
      if isOpen { close(master) }
      isOpen = false
    }
  }

  /// The terminal's modes that programs change.
  public var modes: [UInt32] {
    var modes = termios()
    tcgetattr(slave, &modes)
    return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
  }
}

extension Duration {
  /// Rounded up; fits poll(2).
  var milliseconds: Int32 {
    let parts = components
    let rest = (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(clamping: min(parts.seconds, 1_000_000) * 1000 + rest)
  }

  /// In seconds.
  public var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

extension Sequence where Element == RawTerminal.Chunk {
  public var bytes: [UInt8] { flatMap(\.bytes) }
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension Collection where Element: Equatable {
  /// True when `part` occurs in a row somewhere.
  public func holds(_ part: some Collection<Element>) -> Bool { position(of: part) != nil }

  /// The offset of the end of the first occurrence.
  public func position(of part: some Collection<Element>) -> Int? {
    let (all, part) = (Array(self), Array(part))
    guard !part.isEmpty, all.count >= part.count else { return nil }
    let start = (0...(all.count - part.count)).first { all[$0..<($0 + part.count)].elementsEqual(part) }
    return start.map { $0 + part.count }
  }
}
