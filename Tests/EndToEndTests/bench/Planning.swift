import Dispatch
import Dom0
import EndToEndSupport
import HostNetworking
import Synchronization
import XenAPI

/// How long the preview of a VLAN on all hosts of a large pool takes, from the key to the plan: with what the console follows of XAPI's
/// database, and beside it, in the same run, with all of it read anew.
struct Planning {
  let runs: Int

  func measure(_ report: Report) throws(HarnessError) {
    let host = try Host("large")
    let endpoint = Endpoint.unixSocket(path: host.process.socket)
    let client = XenClient(endpoint)
    let system = HostSystem(root: host.folder.path)
    let watch = HostWatch(endpoint: endpoint, system: system)
    let following = Following(watch)
    defer { following.stop() }
    guard following.hasAll(within: .now() + 60) else { throw HarnessError("the large pool was not told in a minute") }
    let live = ChangePlanning(client, system, .byTools(system), known: watch.known)
    let anew = ChangePlanning(client, system, .byTools(system))
    var (known, whole, ratios, planning, hundred) = ([Double](), [Double](), [Double](), [Double](), [Double]())
    for _ in 0..<runs {
      known.append(try Self.preview(live))
      whole.append(try Self.preview(anew))
      ratios.append((known.last ?? 0) / max(0.001, whole.last ?? 0))
      guard let facts = Self.wait({ try? await ChangeLook(client, system, known: watch.known).facts() }) else {
        throw HarnessError("the large pool's database could not be read")
      }
      var start = ContinuousClock.now
      _ = VLANIntent.create(Self.request([77])).plan(facts)
      planning.append((ContinuousClock.now - start).inMilliseconds)
      start = .now
      let many = VLANIntent.create(Self.request(1000..<1100)).plan(facts)
      hundred.append((ContinuousClock.now - start).inMilliseconds)
      guard many.steps.count == 200 else { throw HarnessError("the plan of 100 VLANs on 64 hosts is wrong") }
    }
    report.line("VLAN on 64 hosts: the whole preview", known, "ms", budget: 200)
    report.line("  yardstick: the same with the database read anew", whole, "ms")
    report.line("  the preview, per cent of the yardstick", ratios.map { $0 * 100 }, "%")
    report.line("  the planning alone", planning, "ms")
    report.line("  the planning of 100 VLANs at once", hundred, "ms")
  }

  /// - Returns: milliseconds.
  private static func preview(_ planning: ChangePlanning) throws(HarnessError) -> Double {
    let start = ContinuousClock.now
    let plan = wait { try? await planning.plan(.vlans(.create(request([77])))) }
    let time = ContinuousClock.now - start
    guard let plan, plan.steps.count == 2, !plan.isBlocked else { throw HarnessError("the plan of a VLAN on 64 hosts is wrong") }
    return time.inMilliseconds
  }

  private static func request(_ tags: some Sequence<Int>) -> VLANRequest {
    VLANRequest(base: "bond0", tags: TagList(tags), target: .new(name: "VLAN {tag}", description: ""), isPoolWide: true)
  }

  private static func wait<Value: Sendable>(_ work: @escaping @Sendable () async -> Value?) -> Value? {
    let box = Box<Value>()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      box.set(await work())
      done.signal()
    }
    done.wait()
    return box.value
  }

  private final class Box<Value: Sendable>: Sendable {
    private let found = Mutex<Value?>(nil)
    var value: Value? { found.withLock { $0 } }
    func set(_ value: Value?) { found.withLock { $0 = value } }
  }

  /// The console's own watch, as long as it is needed.
  private final class Following: Sendable {
    private let task: Task<Void, Never>
    private let all = DispatchSemaphore(value: 0)

    init(_ watch: HostWatch) {
      let all = all
      task = Task.detached {
        await watch.run { view in if view.facts != nil { all.signal() } }
        await watch.close()
      }
    }

    func hasAll(within limit: DispatchTime) -> Bool { all.wait(timeout: limit) == .success }
    func stop() { task.cancel() }
  }
}
