/// Why a simulated host cannot be made or started.
public enum SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Something that is no socket is at the path.
  case notASocket(path: String)
  /// Somebody serves a socket at the path already.
  case inUse(path: String)
  /// The socket cannot be made there; `reason` is the system's text.
  case cannotBind(path: String, reason: String)
  /// A file of the host's tree cannot be written; `reason` is the system's text.
  case cannotWrite(path: String, reason: String)
  /// The network of this process is not its own.
  case notIsolated(String)
  /// The recorded state is not what `state.NN.json` looks like.
  case badState(String)

  public var description: String {
    switch self {
    case .notASocket(let path): "\(path) exists and is not a socket"
    case .inUse(let path): "\(path) is served by another program"
    case .cannotBind(let path, let reason): "cannot make the socket \(path): \(reason)"
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    case .notIsolated(let why): "addresses are mirrored in a network namespace of one's own only: \(why)"
    case .badState(let what): "not a recorded state: \(what)"
    }
  }
}
