/// A doorbell that rings when links, addresses or routes of the kernel change, so that nobody needs to look again and again.
public struct NetworkChanges: Sendable {
  public enum Source: Hashable, Sendable {
    /// The kernel tells.
    case kernel
    /// The kernel cannot be heard: rings at every interval, in case something changed.
    case clock(every: Duration, reason: String)
  }

  public let source: Source
  /// Rings once for any number of changes. For one listener; what is behind it ends with the stream.
  public let rings: AsyncStream<Void>
}
