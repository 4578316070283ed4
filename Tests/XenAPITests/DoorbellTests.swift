import Testing

@testable import XenAPI

@Suite(.timeLimit(.minutes(1))) struct DoorbellTests {
  /// Far beyond the suite's limit: a wait that should end early and does not fails the test.
  private let long = Duration.seconds(3600)

  @Test func ringingEndsTheWait() async {
    let doorbell = Doorbell()
    let waiting = Task { await doorbell.wait(long) }
    while !doorbell.isAwaited { await Task.yield() }
    doorbell.ring()
    await waiting.value
  }

  @Test func ringingBeforehandEndsTheNextWaitOnly() async {
    let doorbell = Doorbell()
    doorbell.ring()
    doorbell.ring()
    await doorbell.wait(long)
    let second = Task { await doorbell.wait(long) }
    while !doorbell.isAwaited { await Task.yield() }
    doorbell.ring()
    await second.value
  }

  @Test func timeEndsTheWait() async {
    let doorbell = Doorbell()
    let start = ContinuousClock.now
    await doorbell.wait(.milliseconds(30))
    #expect(.now - start >= .milliseconds(30))
    await doorbell.wait(.zero)
  }

  @Test func cancellationEndsTheWaitAndItsLikeBeforehand() async {
    let doorbell = Doorbell()
    let waiting = Task { await doorbell.wait(long) }
    while !doorbell.isAwaited { await Task.yield() }
    waiting.cancel()
    await waiting.value
    let cancelled = Task {
      while !Task.isCancelled { await Task.yield() }
      await doorbell.wait(long)
    }
    cancelled.cancel()
    await cancelled.value
  }

  /// A timer or cancellation that comes just after its wait ended must not end the next one.
  @Test func aLateTimerDoesNotEndTheNextWait() async {
    let doorbell = Doorbell()
    doorbell.ring()
    await doorbell.wait(long)
    let second = Task { await doorbell.wait(long) }
    while !doorbell.isAwaited { await Task.yield() }
    doorbell.end(1)
    #expect(doorbell.isAwaited)
    doorbell.end(2)
    await second.value
    doorbell.end(3)
    #expect(!doorbell.isAwaited)
  }

  @Test func manyAtOnceLoseNothing() async {
    let doorbell = Doorbell()
    for _ in 0..<500 {
      async let ringing: Void = Task.detached { doorbell.ring() }.value
      await doorbell.wait(long)
      await ringing
    }
  }
}
