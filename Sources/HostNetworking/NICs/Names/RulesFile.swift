import Dom0
import JSON

/// A file of rules for names as it was found, byte for byte.
public enum RulesFile: Hashable, Sendable {
  /// There was none: to put that back is to remove the file.
  case missing
  case bytes([UInt8])

  /// As it is at the moment.
  /// - Throws: when there is one that cannot be read.
  init(_ path: String, on system: HostSystem) throws(HostFileError) {
    do throws(HostFileError) {
      self = .bytes(try system.read(path))
    } catch .missing {
      self = .missing
    }
  }

  /// Makes the file so.
  /// - Returns: false when it was so.
  func write(_ path: String, on system: HostSystem) throws(HostFileError) -> Bool {
    guard (try? RulesFile(path, on: system)) != self else { return false }
    switch self {
    case .missing: _ = try system.remove(path)
    case .bytes(let bytes): try system.replace(path, with: bytes)
    }
    return true
  }

  // MARK: JSON

  /// The text; bytes that are no UTF-8 are kept as Latin-1, which has a character for each.
  var json: JSONValue {
    switch self {
    case .missing: .null
    case .bytes(let bytes):
      if let text = String(validating: bytes, as: UTF8.self) {
        .string(text)
      } else {
        .object(["latin1": .string(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })))])
      }
    }
  }

  /// nil for what is no such file.
  init?(_ json: JSONValue) {
    if json == .null {
      self = .missing
    } else if let text = json.string {
      self = .bytes(Array(text.utf8))
    } else if let text = json["latin1"]?.string {
      let bytes = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
      guard bytes.count == text.unicodeScalars.count else { return nil }
      self = .bytes(bytes)
    } else {
      return nil
    }
  }
}
