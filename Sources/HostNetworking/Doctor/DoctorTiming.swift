/// How long the doctor waits for each answer. The longest way up the ladder is shorter than `whole`, whatever hangs.
public struct DoctorTiming: Hashable, Sendable {
  /// The host's own tools, all together.
  public var look = Duration.milliseconds(1000)
  /// XAPI, over its socket; after `look` the rest goes on without it.
  public var xapi = Duration.milliseconds(3000)
  /// How long silence must last until an address counts as nobody else's. This is what a run takes when all is well.
  public var duplicate = Duration.milliseconds(900)
  public var gateway = Duration.milliseconds(1000)
  /// Other machines of the subnet, and then other VLANs.
  public var witnesses = Duration.milliseconds(700)
  public var tags = Duration.milliseconds(900)
  /// The last of five pings.
  public var echo = Duration.milliseconds(700)
  public var packetSize = Duration.milliseconds(1500)
  public var dns = Duration.milliseconds(1600)
  public var time = Duration.milliseconds(1100)
  public var tcp = Duration.milliseconds(1600)
  /// The end of it all: what has no verdict by then is said to have none.
  public var whole = Duration.milliseconds(5200)

  public init() {}

  /// What the longest chain of questions takes when nobody answers any.
  var longest: Duration {
    let afterGateway = [
      witnesses + tags, echo + .milliseconds(400) + packetSize, max(dns, tcp), dns + time,
    ]
    return max(look + gateway + (afterGateway.max() ?? .zero), max(look, xapi) + tcp)
  }
}
