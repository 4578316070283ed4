/// Who tells a part of the picture.
public enum Origin: Hashable, Sendable {
  case xapi
  /// This host's own files: inventory, networkd's database, management.conf and their like.
  case files
  /// The kernel, the switch and the host's tools.
  case tools
  /// XAPI's database as it was last saved on this host.
  case savedDatabase
}

/// Where a part of the picture comes from, and how fresh it is.
public struct Provenance: Hashable, Sendable {
  public enum Age: Hashable, Sendable {
    /// True when it was last asked, at that moment.
    case asked(ContinuousClock.Instant)
    /// Written to disk then, in seconds since 1970.
    case written(Int64)
  }

  public var origin: Origin
  public var age: Age

  public init(_ origin: Origin, _ age: Age) {
    self.origin = origin
    self.age = age
  }
}

/// Where each part of a `HostView` comes from; nil for a part that nobody has told of.
public struct Sources: Hashable, Sendable {
  /// The host's name, product and role.
  public var identity: Provenance?
  /// Which interfaces there are, and how they are set up.
  public var configuration: Provenance?
  /// Links, speeds and the addresses that are really there.
  public var links: Provenance?
  /// Networks and VMs by name.
  public var names: Provenance?

  public init() {}
}
