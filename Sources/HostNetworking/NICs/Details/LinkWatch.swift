import Dom0

/// The links of all NICs at one moment.
public struct LinkSnapshot: Sendable {
  public var instant: ContinuousClock.Instant

  public init(instant: ContinuousClock.Instant) { self.instant = instant }
}

/// Tells the links of all NICs whenever one changes.
struct LinkWatch: Sendable {
  private let system: HostSystem

  init(_ system: HostSystem) { self.system = system }

  func run(_ report: @escaping @Sendable (LinkSnapshot) -> Void) async {}
}
