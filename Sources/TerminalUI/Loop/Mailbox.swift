import CNcurses
import Glibc
import Synchronization

/// Where other threads and tasks leave messages for the application. Messages from one sender arrive in the order
/// they were posted.
public final class Mailbox<Message: Sendable>: Sendable {
  private let messages = Mutex<[Message]>([])
  /// An eventfd(2) that is readable while messages wait; -1 when the system has none left.
  let descriptor: Int32

  public init() {
    descriptor = xc_event_descriptor()
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Leaves a message and wakes the loop. From any thread; never waits for the loop.
  public func post(_ message: Message) {
    let wasEmpty = messages.withLock { waiting in
      waiting.append(message)
      return waiting.count == 1
    }
    // One wake-up is enough for all that is taken at once.
    if wasEmpty && descriptor >= 0 { _ = eventfd_write(descriptor, 1) }
  }

  /// Takes all messages that wait.
  func take() -> [Message] {
    if descriptor >= 0 {
      var count: eventfd_t = 0
      _ = eventfd_read(descriptor, &count)
    }
    return messages.withLock { waiting in
      let taken = waiting
      waiting.removeAll()
      return taken
    }
  }
}
