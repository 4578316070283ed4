import JSON
import Synchronization
import XenAPI

/// Shuts VMs down cleanly, all at once, and tells of each how it goes. One that does not come to an end can be forced off or
/// left to the reboot.
public final class VMShutdown: Sendable {
  public enum GiveUp: Hashable, Sendable {
    /// Pull the plug of that VM.
    case forceOff
    /// Stop waiting for it; it runs on.
    case leave
  }

  /// Gets each change of a VM's state, by its uuid.
  public typealias Report = @Sendable (_ uuid: String, StepState) -> Void

  private let client: XenClient
  private let pace: Duration
  private let patience: Duration
  private let wishes = Mutex<[String: GiveUp]>([:])

  /// - Parameters:
  ///   - pace: between two looks at a VM's progress.
  ///   - patience: how long XAPI may take to let go of a shutdown that was called off, and then as long again to begin
  ///     to force the VM off.
  public init(_ client: XenClient, pace: Duration = .milliseconds(500), patience: Duration = .seconds(30)) {
    self.client = client
    self.pace = pace
    self.patience = patience
  }

  /// Gives one VM up; takes effect at the next look at it.
  public func giveUp(_ uuid: String, _ how: GiveUp) { wishes.withLock { $0[uuid] = how } }

  /// Ends when every VM is off, has failed or was given up. Cancelling leaves what runs to XAPI.
  /// - Returns: the last state of each VM, by uuid.
  @discardableResult
  public func run(_ vms: [ResetFacts.VM], _ report: @escaping Report = { _, _ in }) async -> [String: StepState] {
    await withTaskGroup(of: (String, StepState).self) { group in
      for vm in vms {
        group.addTask { [self] in
          report(vm.uuid, .running("asked to shut down"))
          let state = await end(vm, report)
          report(vm.uuid, state)
          return (vm.uuid, state)
        }
      }
      var states: [String: StepState] = [:]
      for await (uuid, state) in group { states[uuid] = state }
      return states
    }
  }

  private func end(_ vm: ResetFacts.VM, _ report: @escaping Report) async -> StepState {
    do throws(XenError) {
      let ref = try await reference(vm)
      switch try await follow("Async.VM.clean_shutdown", ref, vm.uuid, mayGiveUp: true, report) {
      case .ended: return .done("shut down")
      case .failed(let failure): return Self.state(failure)
      case .givenUp(.leave): return .skipped("left running: the reboot ends it")
      case .givenUp(.forceOff): return try await forcedOff(ref, vm.uuid, report)
      }
    } catch {
      return error.failure.map { Self.state($0) } ?? .failed("\(error)")
    }
  }

  /// Forces a VM off that refused to shut down.
  public func force(_ vm: ResetFacts.VM, _ report: @escaping Report = { _, _ in }) async -> StepState {
    var state: StepState
    do throws(XenError) {
      state = try await forcedOff(try await reference(vm), vm.uuid, report)
    } catch {
      state = error.failure.map { Self.state($0) } ?? .failed("\(error)")
    }
    report(vm.uuid, state)
    return state
  }

  private func forcedOff(_ ref: String, _ uuid: String, _ report: @escaping Report) async throws(XenError) -> StepState {
    report(uuid, .running("being forced off"))
    let deadline = ContinuousClock.now + patience
    while true {
      let failure: XenFailure
      do throws(XenError) {
        switch try await follow("Async.VM.hard_shutdown", ref, uuid, mayGiveUp: false, report) {
        case .ended, .givenUp: return .done("forced off")
        case .failed(let found): failure = found
        }
      } catch .failure(let found) { failure = found }
      // A clean shutdown that would not be called off in time may end yet.
      guard failure.code == "OTHER_OPERATION_IN_PROGRESS", ContinuousClock.now < deadline else { return Self.state(failure) }
      do { try await Task.sleep(for: pace) } catch { throw .transport(.cancelled) }
    }
  }

  /// A VM that has gone by itself meanwhile is where it should be.
  private static func state(_ failure: XenFailure) -> StepState {
    if failure.code == "VM_BAD_POWER_STATE", failure.parameters.last?.lowercased() == "halted" {
      return .done("is off already")
    }
    return .failed(failure.explained().sentence)
  }

  private func reference(_ vm: ResetFacts.VM) async throws(XenError) -> String {
    if let ref = vm.ref { return ref }
    guard let ref = try await client.call("VM.get_by_uuid", [.string(vm.uuid)]).string else {
      throw .nonsense("VM.get_by_uuid answered no reference")
    }
    return ref
  }

  // MARK: Tasks

  private enum Outcome {
    case ended
    case failed(XenFailure)
    case givenUp(GiveUp)
  }

  /// Starts a call in the background of XAPI and looks after its task until it ends.
  private func follow(
    _ method: String, _ vm: String, _ uuid: String, mayGiveUp: Bool, _ report: Report
  ) async throws(XenError) -> Outcome {
    guard let task = try await client.call(method, [.string(vm)]).string else {
      throw .nonsense("\(method) answered no task")
    }
    while true {
      if mayGiveUp, let wish = wishes.withLock({ $0.removeValue(forKey: uuid) }) {
        return try await calledOff(task, wish)
      }
      let record = try await client.call("task.get_record", [.string(task)])
      switch record["status"]?.string {
      case "success":
        await destroy(task)
        return .ended
      case "failure", "cancelled":
        await destroy(task)
        let info = (record["error_info"]?.array ?? []).compactMap(\.string)
        return .failed(
          XenFailure(code: info.first ?? "TASK_CANCELLED", parameters: Array(info.dropFirst())))
      default: break
      }
      if let progress = Self.percent(record["progress"]) { report(uuid, .running("\(progress) %")) }
      do { try await Task.sleep(for: pace) } catch { throw .transport(.cancelled) }
    }
  }

  /// Calls a shutdown off. A VM that is to be forced off must be let go of first: XAPI does one thing to it at a time.
  ///
  /// A request that is lost on the way would leave the shutdown running, so it is made again while the task is at work.
  private func calledOff(_ task: String, _ wish: GiveUp) async throws(XenError) -> Outcome {
    let deadline = ContinuousClock.now + patience
    while true {
      _ = try? await client.call("task.cancel", [.string(task)], limit: .seconds(5))
      guard wish == .forceOff, ContinuousClock.now < deadline else { return .givenUp(wish) }
      do { try await Task.sleep(for: pace) } catch { throw .transport(.cancelled) }
      // A task that is gone, or of which nothing can be learnt, is no longer waited for.
      guard let status = try? await client.call("task.get_status", [.string(task)], limit: .seconds(5)).string else {
        return .givenUp(wish)
      }
      switch status {
      case "pending", "cancelling": break
      case "success":
        await destroy(task)
        return .ended
      default:
        await destroy(task)
        return .givenUp(wish)
      }
    }
  }

  private func destroy(_ task: String) async { _ = try? await client.call("task.destroy", [.string(task)], limit: .seconds(5)) }

  private static func percent(_ progress: JSONValue?) -> Int? {
    guard case .double(let value)? = progress, value > 0, value <= 1 else { return nil }
    return Int(value * 100)
  }
}
