import Dom0

/// All that the kernel, the card's driver and its switch tell of one NIC: each part with its own success or failure, nil
/// while it has not been asked for.
public struct NICDetails: Sendable {
  public var device: String

  public init(device: String) { self.device = device }
}

/// Looks at one NIC.
struct NICLook: Sendable {
  private let system: HostSystem

  init(_ system: HostSystem) { self.system = system }

  /// - Parameter progress: called with all that is known whenever there is more.
  func details(of device: String, _ progress: @escaping @Sendable (NICDetails) -> Void) async {
    progress(NICDetails(device: device))
  }
}
