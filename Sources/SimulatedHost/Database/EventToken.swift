/// `event.from`'s token: how far the caller has seen the database and the messages on disk.
struct EventToken: Hashable, Sendable {
  var database: Int64
  var messages: Int64

  init(database: Int64, messages: Int64 = 0) {
    self.database = database
    self.messages = messages
  }

  /// Reads a token. The empty one is from before anything; anything but two decimal numbers is refused (nil).
  init?(_ text: String) {
    if text.isEmpty {
      self.init(database: 0)
      return
    }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let database = Int64(parts[0]), let messages = Int64(parts[1]) else { return nil }
    self.init(database: database, messages: messages)
  }

  /// Whether a text looks like a token that XAPI makes, as opposed to one made up.
  static func isCanonical(_ text: String) -> Bool {
    let halves = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    return halves.count == 2 && halves.allSatisfy { $0.count == 20 && $0.allSatisfy { (0x30...0x39).contains($0) } }
  }

  var text: String { "\(Self.padded(database)),\(Self.padded(max(0, messages)))" }

  private static func padded(_ number: Int64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits
  }
}
