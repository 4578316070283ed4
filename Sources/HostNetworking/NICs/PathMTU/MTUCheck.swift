import Dom0
import XenAPI

/// A question for the longest packet that reaches an address.
public struct MTUCheckRequest: Hashable, Sendable {
  public var address: InternetAddress

  public init(address: InternetAddress) { self.address = address }
}

/// What comes of it, step by step.
public enum MTUCheckNews: Hashable, Sendable {
  case over
}

struct MTUCheck: Sendable {
  init(_ request: MTUCheckRequest, _ system: HostSystem, client: XenClient?, probes: any NetworkProbes) {}

  func run(_ report: @escaping @Sendable (MTUCheckNews) -> Void) async {}
}
