/// Turns what ncurses reads into keys. ncurses knows the terminal's own sequences; this puts UTF-8 together, knows the
/// sequences that are not in the terminal's database entry, and copes with sequences torn apart on a slow line: what
/// is left of one, after its ESC was taken for the key, must not act as commands.
struct KeyDecoder {
  typealias Instant = ContinuousClock.Instant

  /// The bytes since an ESC that may become a sequence.
  private struct Sequence {
    var bytes: [UInt8] = []
    /// Whether Esc was given out already, because nothing had followed it.
    var isEscapeGiven = false
    var since: Instant
  }

  /// How long the rest of a torn sequence may be on its way.
  static let patience = Duration.seconds(1)
  /// No key sends more than this.
  private static let longest = 16

  private var sequence: Sequence?
  private var partial: [UInt8] = []
  private(set) var keys: [Key] = []

  /// The keys since the last call.
  mutating func take() -> [Key] {
    defer { keys.removeAll() }
    return keys
  }

  // MARK: Input

  /// A byte that ncurses made nothing of.
  mutating func feed(byte: UInt8, at now: Instant) {
    expire(at: now)
    if sequence == nil || !continueSequence(byte, at: now) { plain(byte, at: now) }
  }

  /// A key that ncurses recognised.
  mutating func feed(key: Key, at now: Instant) {
    expire(at: now)
    giveUpSequence()
    partial.removeAll()
    keys.append(key)
  }

  /// There is nothing more to read: an ESC by itself is the key.
  mutating func endOfInput(at now: Instant) {
    expire(at: now)
    guard let pending = sequence, pending.bytes.isEmpty && !pending.isEscapeGiven else { return }
    keys.append(.escape)
    sequence?.isEscapeGiven = true
    sequence?.since = now
  }

  /// When something held back has to be given out although nothing more came; nil when nothing is held back.
  var deadline: Instant? {
    guard let sequence, sequence.isEscapeGiven && sequence.bytes.count == 1 else { return nil }
    return sequence.since.advanced(by: Self.patience)
  }

  /// Gives up on a sequence that never came to its end.
  mutating func expire(at now: Instant) {
    guard let pending = sequence, now >= pending.since.advanced(by: Self.patience) else { return }
    giveUpSequence()
  }

  // MARK: Sequences

  /// A lone "[" or "O" after Esc was a key after all; what looks like more of a sequence is dropped.
  private mutating func giveUpSequence() {
    guard let pending = sequence else { return }
    sequence = nil
    if pending.isEscapeGiven, pending.bytes.count == 1, let byte = pending.bytes.first {
      keys.append(.character(Character(Unicode.Scalar(byte))))
    } else if pending.bytes.isEmpty && !pending.isEscapeGiven {
      keys.append(.escape)
    }
  }

  /// - Returns: Whether the byte was part of the sequence; if not, the sequence is over.
  private mutating func continueSequence(_ byte: UInt8, at now: Instant) -> Bool {
    guard var pending = sequence else { return false }
    guard let introducer = pending.bytes.first else {
      guard byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") else {
        giveUpSequence()
        return false
      }
      pending.bytes.append(byte)
      pending.since = now
      sequence = pending
      return true
    }
    guard byte >= 0x20 && byte < 0x7F && pending.bytes.count < Self.longest else {
      giveUpSequence()
      return false
    }
    pending.bytes.append(byte)
    pending.since = now
    let isParameter =
      introducer == UInt8(ascii: "[")
      ? byte < 0x40 || (byte == UInt8(ascii: "[") && pending.bytes.count == 2)
      : byte >= 0x30 && byte < 0x3C
    if isParameter && byte != UInt8(ascii: "$") {
      sequence = pending
      return true
    }
    sequence = nil
    if !pending.isEscapeGiven, let key = EscapeSequence.key(pending.bytes) { keys.append(key) }
    return true
  }

  // MARK: Characters

  private mutating func plain(_ byte: UInt8, at now: Instant) {
    if byte < 0x80 { partial.removeAll() }
    switch byte {
    case 0x1B: sequence = Sequence(since: now)
    case 0x09: keys.append(.tab)
    case 0x0A, 0x0D: keys.append(.enter)
    case 0x08, 0x7F: keys.append(.backspace)
    case 0x00: keys.append(.control(" "))
    case 0x01..<0x1B: keys.append(.control(Character(Unicode.Scalar(byte + 0x60))))
    case 0x1C..<0x20: keys.append(.control(Character(Unicode.Scalar(byte + 0x40))))
    case 0x20..<0x7F: keys.append(.character(Character(Unicode.Scalar(byte))))
    default: multibyte(byte)
    }
  }

  /// Puts a character of several bytes together (RFC 3629); what is not UTF-8 is dropped.
  private mutating func multibyte(_ byte: UInt8) {
    if byte >= 0xC0 { partial.removeAll() }
    if partial.isEmpty && byte < 0xC2 { return }
    partial.append(byte)
    guard let lead = partial.first, partial.count >= (lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2) else { return }
    defer { partial.removeAll() }
    guard let text = String(validating: partial, as: UTF8.self), let character = text.first else { return }
    keys.append(.character(character))
  }
}
