import CLinux
import Glibc

/// Our ends of a command's streams: gives it its input and takes what it writes, without ever letting it wait for us.
struct CommandStreams {
  /// What came out of one stream.
  struct Taken {
    fileprivate var descriptor: Int32?
    fileprivate(set) var bytes: [UInt8] = []
    fileprivate(set) var isCut = false
  }

  private(set) var output: Taken
  private(set) var errors: Taken
  private var input: Int32?
  private var waiting: ArraySlice<UInt8>
  private let limit: Int
  private var chunk = [UInt8](repeating: 0, count: 16_384)

  /// What can lie in a pipe, and more: who writes on after that is not the command, which has ended.
  private static let mostInPipe = 1 << 20

  init(of child: Spawned, input bytes: [UInt8], limit: Int) {
    output = Taken(descriptor: child.output)
    errors = Taken(descriptor: child.errors)
    input = child.input
    waiting = bytes[...]
    self.limit = max(limit, 0)
  }

  var isCut: Bool { output.isCut || errors.isCut }
  /// True while somebody may still write.
  var areOpen: Bool { output.descriptor != nil || errors.descriptor != nil }

  /// Waits until a stream or `alarm` calls, but not longer than `time`; then moves what can be moved.
  mutating func wait(for alarm: Int32, atMost time: Duration) {
    // poll(2) passes over negative ones.
    var descriptors = [
      pollfd(fd: alarm, events: Int16(POLLIN), revents: 0),
      pollfd(fd: output.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input ?? -1, events: Int16(POLLOUT), revents: 0),
    ]
    var length = timespec(time)
    guard ppoll(&descriptors, UInt(descriptors.count), &length, nil) > 0 else { return }
    if descriptors[1].revents != 0 { _ = take(\.output) }
    if descriptors[2].revents != 0 { _ = take(\.errors) }
    if descriptors[3].revents != 0 { give() }
  }

  /// Takes what an ended command has left in its pipes, without waiting for the children it may have left too.
  mutating func takeTheRest() {
    for stream in [\Self.output, \Self.errors] {
      var taken = 0
      while taken < Self.mostInPipe, let count = take(stream) { taken += count }
    }
  }

  mutating func close() {
    for descriptor in [output.descriptor, errors.descriptor, input] {
      if let descriptor { Glibc.close(descriptor) }
    }
    (output.descriptor, errors.descriptor, input) = (nil, nil, nil)
  }

  /// - Returns: how many bytes there were; nil when there are none now or ever.
  private mutating func take(_ stream: WritableKeyPath<Self, Taken>) -> Int? {
    guard let descriptor = self[keyPath: stream].descriptor else { return nil }
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else {
      if count == 0 || errno != EAGAIN && errno != EINTR {
        Glibc.close(descriptor)
        self[keyPath: stream].descriptor = nil
      }
      return nil
    }
    // What is beyond the limit is read all the same: a full pipe would stop the command.
    let room = min(count, limit - self[keyPath: stream].bytes.count)
    self[keyPath: stream].bytes += chunk[..<room]
    if room < count { self[keyPath: stream].isCut = true }
    return count
  }

  /// Writes of the input what the pipe takes; closes it after the last byte, or when nobody reads it. (SIGPIPE is
  /// blocked in this thread.)
  private mutating func give() {
    guard let descriptor = input else { return }
    let count = waiting.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count > 0 { waiting = waiting.dropFirst(count) }
    guard waiting.isEmpty || count < 0 && errno != EAGAIN && errno != EINTR else { return }
    Glibc.close(descriptor)
    input = nil
  }
}
