import Testing

@testable import HostNetworking

/// The doctor in front of real gateways, cables and switches: nothing is faked.
@Suite(.serialized, .enabled(if: LabParts.mayRun, LabParts.comment)) struct RealDoctorTests {
  private func line(_ report: DoctorReport, _ rung: DoctorRung, _ subject: String = "") -> DoctorLine? {
    report.lines.first { $0.id == DoctorLine.ID(rung, subject) }
  }

  @Test func allIsWell() async throws {
    try await GatewayLab.with { lab in
      let report = await lab.report()
      print(report.json.description)
      for line in report.lines { print(line.state.name, line.title, line.text) }
      print(report.took)
    }
  }
}
