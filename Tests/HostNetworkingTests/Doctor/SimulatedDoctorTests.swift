import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// The doctor on whole simulated hosts: facts from files, tools and XAPI together.
struct SimulatedDoctorTests {
  private func with<Result>(
    _ scenario: Scenario, _ body: (Doctor, SimulatedHost) async throws -> Result
  ) async throws -> Result {
    let view = try await SimulatedView(scenario)
    let client = XenClient(.unixSocket(path: view.socket))
    var timing = DoctorTiming()
    // A busy machine is no dead host.
    (timing.look, timing.xapi, timing.whole) = (.seconds(20), .seconds(20), .seconds(60))
    let doctor = Doctor(view.system, client: client, probes: ToolProbes(view.system), timing: timing)
    let result = try await body(doctor, view.host)
    await client.logout()
    await view.close()
    return result
  }

  private func wrong(_ scenario: Scenario) async throws -> [String] {
    try await with(scenario) { doctor, _ in await doctor.run().troubles.map { "\($0.title): \($0.text)" } }
  }

  @Test(arguments: [Scenario.standalone, .pool, .member]) func healthyHostsAreWell(scenario: Scenario) async throws {
    #expect(try await wrong(scenario) == [])
  }

  @Test func whatIsKnownOfAMember() async throws {
    let report = try await with(.member) { doctor, _ in await doctor.run() }
    func text(_ rung: DoctorRung, _ subject: String = "") -> String? {
      report.lines.first { $0.id == DoctorLine.ID(rung, subject) }?.text
    }
    #expect(report.host == "xcp2")
    #expect(text(.link) == "eth0 and eth1 are up")
    #expect(text(.bond) == "LACP, agreed with the switch on 2 of 2 NICs")
    #expect(text(.address) == "10.0.4.12/24 on bond0, static")
    #expect(text(.gateway)?.hasPrefix("10.0.4.1 answers in ") == true)
    #expect(text(.dns, "10.0.4.2")?.hasPrefix("answers in ") == true)
    #expect(text(.coordinator)?.hasPrefix("xcp1 (10.0.4.11) answers at port 443") == true)
    #expect(text(.members)?.hasPrefix("xcp3 (10.0.4.13) answers") == true)
    #expect(text(.xapi) == "XAPI answers, and port 443 of 10.0.4.12 is open")
  }

  /// The cable explains DHCP, DNS and all the rest.
  @Test(arguments: [Scenario.stranded, .strandedCoordinator]) func strandedHosts(scenario: Scenario) async throws {
    #expect(try await wrong(scenario) == ["Link: eth0 and eth1 have no link"])
  }

  @Test func withoutXAPITheHostItselfTells() async throws {
    #expect(try await wrong(.xapiDown) == ["XAPI: XAPI is not running: its socket is not there"])
    let emergency = try await wrong(.emergency)
    #expect(emergency.first == "Link: eth0 and eth1 have no link")
    #expect(emergency.last?.hasPrefix("XAPI: XAPI waits: ") == true)
    let moved = try await wrong(.movedCoordinator)
    #expect(moved.first?.hasPrefix("Coordinator: the coordinator xcp1 (10.0.4.11) does not answer") == true)
  }

  @Test func anAddressCanBeTested() async throws {
    let report = try await with(.pool) { doctor, _ in await doctor.test(try DoctorTarget(parsing: "10.0.4.12:443")) }
    #expect(report.troubles == [])
    #expect(report.target == "10.0.4.12:443")
    #expect(report.lines.map(\.title) == ["On the link", "Ping", "Packets", "Connect"])
  }

  /// The errands of the screens lead to the same.
  @Test func theErrandsTellAsTheyGo() async throws {
    let view = try await SimulatedView(.standalone)
    let work = HostWork(.unixSocket(path: view.socket), system: view.system, probes: .byTools(view.system))
    let reports = Collected()
    await work.carryOut(.doctor(run: 7)) { reports.add($0) }
    await work.carryOut(.probe(try DoctorTarget(parsing: "10.0.4.1"), run: 8)) { reports.add($0) }
    await work.close()
    await view.close()
    let all = await reports.settled()
    guard case .doctor(.began(let lines), run: 7)? = all.first else {
      Issue.record("the first report is not the ladder")
      return
    }
    #expect(lines.allSatisfy { $0.state == .waiting })
    let ends = all.compactMap { report -> (UInt64, DoctorReport)? in
      if case .doctorOver(let found, let run) = report { (run, found) } else { nil }
    }
    #expect(ends.map(\.0) == [7, 8])
    #expect(ends.first?.1.lines.count == lines.count)
    #expect(ends.last?.1.target == "10.0.4.1")
  }
}

/// Reports in the order they came.
private actor Collected {
  private var reports: [ErrandReport] = []
  private let (stream, sink) = AsyncStream.makeStream(of: ErrandReport.self)

  nonisolated func add(_ report: ErrandReport) { sink.yield(report) }

  func settled() async -> [ErrandReport] {
    sink.finish()
    for await report in stream { reports.append(report) }
    return reports
  }
}
