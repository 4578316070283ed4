import Dispatch
import Dom0
import EndToEndSupport
import HostNetworking
import Synchronization
import XenAPI

/// How long the preview of a VLAN on all hosts of a large pool takes: reading XAPI's database, and the planning itself.
struct Planning {
  let runs: Int

  func measure(_ report: Report) throws(HarnessError) {
    let host = try Host("large")
    let client = XenClient(.unixSocket(path: host.process.socket))
    let system = HostSystem(root: host.folder.path)
    var (reading, planning, hundred) = ([Double](), [Double](), [Double]())
    for _ in 0..<runs {
      var start = ContinuousClock.now
      guard let facts = Self.facts(client, system) else { throw HarnessError("the large pool's database could not be read") }
      reading.append((ContinuousClock.now - start).seconds * 1000)
      start = .now
      let one = VLANIntent.create(Self.request([77])).plan(facts)
      planning.append((ContinuousClock.now - start).seconds * 1000)
      start = .now
      let many = VLANIntent.create(Self.request(1000..<1100)).plan(facts)
      hundred.append((ContinuousClock.now - start).seconds * 1000)
      guard one.steps.count == 2, many.steps.count == 200, !one.isBlocked else { throw HarnessError("the plan of a VLAN on 64 hosts is wrong") }
    }
    report.line("VLAN on 64 hosts: the database read", reading, "ms")
    report.line("  the planning", planning, "ms", budget: 200)
    report.line("  the planning of 100 VLANs at once", hundred, "ms")
  }

  private static func request(_ tags: some Sequence<Int>) -> VLANRequest {
    VLANRequest(base: "bond0", tags: TagList(tags), target: .new(name: "VLAN {tag}", description: ""), isPoolWide: true)
  }

  private static func facts(_ client: XenClient, _ system: HostSystem) -> ChangeFacts? {
    let box = Box()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      let facts = try? await ChangeLook(client, system).facts()
      box.set(facts)
      done.signal()
    }
    done.wait()
    return box.value
  }

  private final class Box: Sendable {
    private let found = Mutex<ChangeFacts?>(nil)
    var value: ChangeFacts? { found.withLock { $0 } }
    func set(_ facts: ChangeFacts?) { found.withLock { $0 = facts } }
  }
}
