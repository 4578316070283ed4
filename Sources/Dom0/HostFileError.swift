/// Why a file of the host could not be read or changed.
public enum HostFileError: Error, Hashable, Sendable {
  case missing(path: String)
  case unreadable(path: String, reason: String)
  /// Larger than this file ever is. Reading stopped after `bytes`.
  case tooLarge(path: String, bytes: Int)
  /// Read well, but not what this file should hold. `reason` names the line or the key.
  case malformed(path: String, reason: String)
  /// Nothing of the change is to be seen, or it is not known to have reached the disk.
  case notChanged(path: String, reason: String)

  /// The path as the host knows it.
  public var path: String {
    switch self {
    case .missing(let path), .unreadable(let path, _), .tooLarge(let path, _), .malformed(let path, _),
      .notChanged(let path, _):
      path
    }
  }
}

extension HostFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let path): "\(path) is missing"
    case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
    case .tooLarge(let path, let bytes): "\(path) has more than \(bytes) bytes, far more than it should"
    case .malformed(let path, let reason): "\(path) is damaged: \(reason)"
    case .notChanged(let path, let reason): "\(path) could not be changed: \(reason)"
    }
  }
}
