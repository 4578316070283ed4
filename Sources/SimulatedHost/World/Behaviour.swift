import JSON

/// How this world behaves beyond what its rows say: how long things take, and what fails when somebody tries it.
struct Behaviour: Sendable {
  /// How long calls take that were started as tasks (`Async.…`). Zero: they are done when their task is answered.
  var taskTime: Duration = .zero
  /// How long a virtual machine takes to shut down, unless it has a time of its own.
  var shutdownTime: Duration = .zero
  /// Virtual machines with a time of their own, by ref.
  var shutdownTimes: [String: Duration] = [:]
  /// Virtual machines that refuse a clean shutdown, by ref: the error's code.
  var shutdownRefusals: [String: String] = [:]
  /// How long a task that was cancelled goes on before it ends.
  var cancelTime: Duration = .zero
  /// How long a DHCP server takes to give an address.
  var leaseTime: Duration = .zero
  /// Devices whose plugging fails, and what networkd says then.
  var brokenPlugs: [String: String] = [:]
  /// Names that interface-rename cannot give to any card at a boot.
  var brokenRenames: Set<String> = []
  /// VLANs that the kernel of this host has without XAPI's doing: `eth1.42`.
  var kernelVLANs: Set<String> = []
  /// Calls under which XAPI dies, by name without `Async.`: how many fields they still write.
  var deaths: [String: Int] = [:]
  /// Calls that fail on purpose, by name without `Async.`.
  var failures: [String: ForcedFailure] = [:]
}

/// A call that fails on purpose.
struct ForcedFailure: Sendable {
  let error: APIError
  /// How many calls go well before.
  var skipped = 0
  /// How many more times.
  var times: Int
  /// The work is done all the same, as when contact is lost on the way back.
  let afterTheWork: Bool
}

/// What a call asks of the host as a whole. It answers first; `SimulatedHost` carries the request out.
enum HostRequest: Sendable, Hashable {
  case restartToolstack, stopToolstack, reboot, shutDown
}

/// What the host's `pool.conf` says once an emergency call has rewritten it; in force after the next restart.
enum PoolRole: Sendable, Hashable {
  case coordinator
  /// A member of the pool whose coordinator has this address.
  case member(of: String)
}

extension World {
  /// The error of a forced failure, when it is this call's turn; it counts down.
  mutating func takeFailure(of method: String) -> ForcedFailure? {
    guard var failure = behaviour.failures[method], failure.times > 0 else { return nil }
    if failure.skipped > 0 {
      behaviour.failures[method]?.skipped -= 1
      return nil
    }
    failure.times -= 1
    behaviour.failures[method] = failure.times > 0 ? failure : nil
    return failure
  }
}
