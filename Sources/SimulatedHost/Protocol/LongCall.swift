import JSON

/// What makes a call one that takes time.
struct LongCall: Sendable {
  /// How long it takes; zero: it is done at once.
  let duration: @Sendable (World, Arguments) -> Duration
  /// Refuses at once what cannot be done, and shows that it has begun.
  let begin: @Sendable (inout World, _ task: String, Arguments) throws(APIError) -> Void
  /// Takes back what `begin` showed, however it ended.
  let tidy: @Sendable (inout World, _ task: String, Arguments) -> Void
  let canBeCancelled: Bool

  /// Any call that was started as a task.
  static let ordinary = LongCall(
    duration: { world, _ in world.behaviour.taskTime }, begin: { _, _, _ in }, tidy: { _, _, _ in },
    canBeCancelled: false)
}

/// A call under way: its task is pending, its effect is still to come.
struct Work: Sendable {
  let task: String
  /// The caller was given the task; otherwise it waits for the result.
  let isAsync: Bool
  let duration: Duration
  let canBeCancelled: Bool
  let finish: @Sendable (inout World) throws(APIError) -> JSONValue
  let tidy: @Sendable (inout World) -> Void
}

/// Calls that take time.
extension SimulatedHost {
  /// Steps in which a task's progress is told.
  private static let steps = 10

  /// The task of an asynchronous call at once, the result of another when it is there.
  func answer(_ work: Work) async throws(APIError) -> RPCResult {
    guard work.isAsync else {
      let result = await carryOut(work)
      world.database.remove("task", work.task)
      wakeAll()
      return .value(try result.get())
    }
    let number = nextWork
    nextWork += 1
    works[number] = Task {
      let result = await self.carryOut(work)
      self.end(work, number, result)
    }
    return .value(.string(work.task))
  }

  private func end(_ work: Work, _ number: Int, _ result: Result<JSONValue, APIError>) {
    works[number] = nil
    world.database.set("task", work.task, "allowed_operations", [])
    TaskCalls.end(&world, work.task, result)
    wakeAll()
    scheduleLook()
    scheduleLeases()
    scheduleSSH()
    carryOutRequest()
  }

  private func carryOut(_ work: Work) async -> Result<JSONValue, APIError> {
    defer {
      work.tidy(&world)
      wakeAll()
    }
    for step in 1...Self.steps where work.duration > .zero {
      await pass(work.duration / Self.steps, of: work)
      if Task.isCancelled { return .failure(.internalError("the host stopped")) }
      if work.canBeCancelled, isCancelled(work.task) {
        try? await Task.sleep(for: world.behaviour.cancelTime)
        return .failure(APIError("TASK_CANCELLED", work.task))
      }
      if step < Self.steps {
        world.database.set("task", work.task, "progress", .double(Double(step) / Double(Self.steps)))
        wakeAll()
      }
    }
    do throws(APIError) { return .success(try work.finish(&world)) } catch { return .failure(error) }
  }

  /// A part of a call's time, over at once when the call is cancelled.
  private func pass(_ time: Duration, of work: Work) async {
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end, !Task.isCancelled, !(work.canBeCancelled && isCancelled(work.task)) {
      let left = end - ContinuousClock.now
      try? await Task.sleep(for: work.canBeCancelled ? min(left, .milliseconds(200)) : left)
    }
  }

  private func isCancelled(_ task: String) -> Bool {
    let operations = world.database.get("task", task, "current_operations")?.object ?? JSONObject()
    return operations.contains { $0.1 == "cancel" }
  }
}
