import Testing

@testable import Dom0

/// The order of NICs at the first start of a newer release.
struct InitialDeviceRulesTests {
  @Test func readsEveryMethod() throws {
    let text = "# made by the installer\n1:pci=\"0000:05:00.0\"\n0:mac=\"00:02:C9:ED:FD:F0\"\n\n7:label=\"enp5s0\"\n"
    #expect(
      try InitialDeviceRules(parsing: Array(text.utf8)).rules == [
        .init(position: 0, method: .mac, value: "00:02:c9:ed:fd:f0"), .init(position: 1, method: .pci, value: "0000:05:00.0"),
        .init(position: 7, method: .label, value: "enp5s0"),
      ])
    #expect(try InitialDeviceRules(parsing: []).rules.isEmpty)
  }

  /// networkd passes over the whole file then.
  @Test(arguments: [
    ("0:mac=\"00:02:C9:ED:FD:F0\"\n0:pci=\"0000:05:00.0\"", "line 2: position 0 comes twice"), ("x:mac=\"00:02:C9:ED:FD:F0\"", "line 1"),
    ("0:mac=\"nonsense\"", "line 1"), ("0:mac=00:02:C9:ED:FD:F0", "line 1"), ("0:ppn=\"em1\"", "line 1"), ("0:pci=\"5\"", "line 1"), ("0", "line 1"),
  ])
  func oneBadLineSpoilsAll(_ text: String, _ reason: String) {
    do {
      _ = try InitialDeviceRules(parsing: Array(text.utf8))
      Issue.record("\(text) was taken")
    } catch {
      #expect("\(error)".contains(reason))
    }
  }
}
