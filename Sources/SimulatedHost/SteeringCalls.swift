import JSON

/// Wishes about how calls go (see `Steering.swift`):
///
///     {"tasks": {"seconds": 2}}           how long calls take that are started as tasks
///     {"cancelling": {"seconds": 2}}      how long a task goes on once it is cancelled
///     {"shutdown": {"seconds": 5}}        how long virtual machines take to shut down
///     {"shutdown": {"match": {"name_label": "web-01"}, "seconds": 60, "refuses": "VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT"}}
///     {"plug": {"device": "eth1", "fails": "script error"}}   {"plug": {"device": "eth1", "fails": null}}
///     {"kernel_vlan": {"device": "eth1", "tag": 42, "there": true}}   a VLAN of this host's kernel that XAPI did not make
///     {"call": {"name": "Bond.create", "fails": ["CANNOT_CONTACT_HOST", "x"], "times": 1, "after": true}}
///     {"call": {"name": "PIF.reconfigure_ip", "dies": 3, "seconds": 2}}  XAPI dies once that call has written 3 fields;
///                                         it comes back after so many seconds, or (left out) when it is started
///     {"ha": true}   {"redo_log": true}
///     {"cluster": {"device": "eth2"}}     a cluster whose host here talks over that interface
extension SimulatedHost {
  /// nil: no such wish.
  func grantForCalls(_ name: String, _ wish: JSONValue) throws -> Int? {
    switch name {
    case "tasks":
      setTaskTime(.seconds(try Self.seconds(wish, name)))
      return 0
    case "cancelling":
      setCancelTime(.seconds(try Self.seconds(wish, name)))
      return 0
    case "shutdown": return try grantShutdown(wish)
    case "plug":
      guard let device = wish["device"]?.string else { throw Refused(text: "plug needs device") }
      setPlugFailure(device: device, message: wish["fails"]?.string)
      return 0
    case "kernel_vlan":
      guard let device = wish["device"]?.string, let tag = wish["tag"]?.int.flatMap({ Int(exactly: $0) }) else {
        throw Refused(text: "kernel_vlan needs device and tag")
      }
      setKernelVLAN(device: device, tag: tag, isThere: wish["there"]?.bool ?? true)
      return 0
    case "call": return try grantFailure(wish)
    case "ha", "redo_log":
      guard let on = wish.bool else { throw Refused(text: "\(name) needs true or false") }
      world.haDisarmed = false
      mutate(class: "pool", ref: world.pool, field: name == "ha" ? "ha_enabled" : "redo_log_enabled", value: .bool(on))
      return 1
    case "cluster":
      guard let device = wish["device"]?.string, addCluster(device: device) else {
        throw Refused(text: "cluster needs the device of a PIF of this host")
      }
      return 2
    default: return nil
    }
  }

  static func seconds(_ wish: JSONValue, _ name: String) throws -> Double {
    guard let seconds = number(wish["seconds"]), seconds >= 0 else {
      throw Refused(text: "\(name) needs seconds, not below 0")
    }
    return seconds
  }

  private func grantShutdown(_ wish: JSONValue) throws -> Int {
    guard let match = wish["match"]?.object else {
      setShutdownTime(.seconds(try Self.seconds(wish, "shutdown")))
      return 0
    }
    let vms = refs(class: "VM", where: match)
    for vm in vms {
      setShutdown(
        of: vm, time: wish["seconds"] == nil ? nil : .seconds(try Self.seconds(wish, "shutdown")),
        refusal: wish["refuses"]?.string)
    }
    return vms.count
  }

  private func grantFailure(_ wish: JSONValue) throws -> Int {
    guard let call = wish["name"]?.string else { throw Refused(text: "call needs name") }
    if let writes = wish["dies"]?.int, writes >= 0 {
      options.deathTime = wish["seconds"] == nil ? nil : .seconds(try Self.seconds(wish, "call"))
      world.behaviour.deaths[call] = Int(writes)
      return 0
    }
    let words = (wish["fails"]?.array ?? []).compactMap(\.string)
    let error = words.first.map { APIError(code: $0, parameters: Array(words.dropFirst())) }
    let times = Int(wish["times"]?.int ?? 1)
    world.behaviour.failures[call] = error.map {
      ForcedFailure(error: $0, times: times, afterTheWork: wish["after"]?.bool ?? false)
    }
    return 0
  }

  // MARK: The same for tests in this process

  /// How long calls take that are started as tasks.
  public func setTaskTime(_ time: Duration) {
    options.taskTime = time
    world.behaviour.taskTime = time
  }

  /// How long virtual machines take to shut down.
  public func setShutdownTime(_ time: Duration) { world.behaviour.shutdownTime = time }

  /// How long a task that was cancelled goes on before it ends.
  public func setCancelTime(_ time: Duration) { world.behaviour.cancelTime = time }

  /// From now on the names of the calls that come in are noted, in order, in `seenCalls`.
  public func watchCalls() { watchedCalls = [] }

  /// The names of the calls that came in since `watchCalls`.
  public var seenCalls: [String] { watchedCalls ?? [] }

  /// A virtual machine's own time to shut down, and (nil: none) the code with which it refuses to.
  public func setShutdown(of vm: String, time: Duration?, refusal: String?) {
    world.behaviour.shutdownTimes[vm] = time
    world.behaviour.shutdownRefusals[vm] = refusal
  }

  /// A VLAN that this host's kernel has without XAPI's doing.
  public func setKernelVLAN(device: String, tag: Int, isThere: Bool = true) {
    let name = "\(device).\(tag)"
    if isThere { world.behaviour.kernelVLANs.insert(name) } else { world.behaviour.kernelVLANs.remove(name) }
    somethingChangedOutside()
  }

  /// From now on networkd fails to plug a device in these words; nil mends it.
  public func setPlugFailure(device: String, message: String?) { world.behaviour.brokenPlugs[device] = message }

  /// Lets a call fail, by its name without `Async.`.
  /// - Parameters:
  ///   - error: code and parameters.
  ///   - skipped: how many calls go well before.
  ///   - times: how many calls in a row.
  ///   - after: the work is done all the same, as when contact is lost on the way back.
  public func failNext(_ call: String, with error: [String], skipping skipped: Int = 0, times: Int = 1, after: Bool = false) {
    guard let code = error.first else { return }
    world.behaviour.failures[call] = ForcedFailure(
      error: APIError(code: code, parameters: Array(error.dropFirst())), skipped: skipped, times: times, afterTheWork: after)
  }

  /// No call fails on purpose any more.
  /// - Returns: whether all that should have failed have.
  @discardableResult
  public func stopFailing() -> Bool {
    defer { world.behaviour.failures = [:] }
    return world.behaviour.failures.isEmpty
  }

  /// Lets XAPI die in the middle of a call, by its name without `Async.`: the database is as after the last field written.
  /// - Parameters:
  ///   - writes: how many fields and rows the call still writes.
  ///   - pause: how long until XAPI is there again; nil: until it is started.
  public func die(in call: String, afterWrites writes: Int, backAfter pause: Duration? = nil) {
    options.deathTime = pause
    world.behaviour.deaths[call] = writes
  }

  /// Makes a cluster with this host in it, talking over a device.
  /// - Returns: false when this host has no such PIF.
  @discardableResult
  public func addCluster(device: String) -> Bool {
    guard let pif = PIFCalls.base(world, device: device, host: world.thisHost) else { return false }
    let cluster = world.create(
      "Cluster", ["cluster_token": "t", "is_quorate": true, "live_hosts": 1, "quorum": 1, "pool_auto_join": true])
    createRow(
      class: "Cluster_host",
      [
        "PIF": .string(pif), "cluster": .string(cluster), "host": .string(world.thisHost), "enabled": true,
        "joined": true, "live": true,
      ])
    return true
  }
}
