import Dom0
import Testing

@Suite struct RenameRulesTests {
  private func rules(_ text: String) throws -> StaticRules { try StaticRules(parsing: Array(text.utf8)) }

  @Test func readsEveryMethod() throws {
    #expect(
      try rules(SampleFiles.staticRules).rules == [
        .init(name: "eth0", method: .mac, value: "ab:cd:ef:ab:cd:ef"),
        .init(name: "eth1", method: .pci, value: "0000:01:00.1[0]"), .init(name: "eth2", method: .ppn, value: "em2"),
        .init(name: "eth3", method: .label, value: "Integrated NIC 4"),
      ])
  }

  @Test(
    arguments: [
      ("eth0=00-02-C9-ED-FD-F0", .mac, "00:02:c9:ed:fd:f0"),
      ("eth0 : mac = '0002.c9ed.fdf0'", .mac, "00:02:c9:ed:fd:f0"),
      ("eth0:guess=\"04:00.0\"", .pci, "0000:04:00.0"), ("eth0=0000:04:00.0[1]", .pci, "0000:04:00.0[1]"),
      ("eth0=p1p2", .ppn, "p1p2"), ("eth0:ppn=pci1p2", .ppn, "p1p2"), ("eth0=em3", .ppn, "em3"),
      ("  eth0=Port 1  ", .label, "Port 1"), ("eth0:label=\"a = b\" # note", .label, "a = b"),
      ("eth0:label='it's'", .label, "it's"), ("eth00:mac=\"0:1:2:3:4:5\"", .mac, "00:01:02:03:04:05"),
    ] as [(String, StaticRules.Method, String)])
  func readsTheGrammar(line: String, method: StaticRules.Method, value: String) throws {
    let rules = try rules(line)
    #expect(rules.problems.isEmpty)
    #expect(rules.rules.map(\.method) == [method])
    #expect(rules.rules.map(\.value) == [value])
  }

  @Test(arguments: [
    ("junk", "line 2 is not a rule"), ("eth1:mac", "line 2 is not a rule"), ("eth1:mac=", "line 2 is not a rule"),
    ("eth1:mac=\"00:01:02:03:04:05", "line 2 is not a rule"), ("eth1:mac=\"x\" junk", "line 2 is not a rule"),
    ("eth1:mac=\"00:01:02:03:04\"", "line 2: eth1's value \"00:01:02:03:04\" is no mac"),
    ("eth1:pci=\"0000:01:00.8\"", "line 2: eth1's value \"0000:01:00.8\" is no pci"),
    ("eth1:ppn=\"eno1\"", "line 2: eth1's value \"eno1\" is no ppn"),
    ("eth1:serial=\"1\"", "line 2: eth1's value \"1\" is no serial"),
    ("bond0:mac=\"0:1:2:3:4:5\"", "line 2: bond0 is not ethN"),
    ("eth:mac=\"0:1:2:3:4:5\"", "line 2: eth is not ethN"),
  ])
  func oneBadLineLeavesTheRest(line: String, problem: String) throws {
    let rules = try rules("eth0=em1\n\(line)\neth2=em2\n")
    #expect(rules.rules.map(\.name) == ["eth0", "eth2"])
    #expect(rules.problems == [problem])
  }

  @Test func ofTwoRulesTheLaterWins() throws {
    let rules = try rules("eth0=em1\neth1=em2\neth0=em3\n")
    #expect(rules.rules.map(\.value) == ["em2", "em3"])
    #expect(rules.problems == ["line 3: eth0 has a rule already; this one counts"])
    #expect(try self.rules("# nothing\n\n").rules.isEmpty)
  }

  @Test func writesRulesSortedByNumber() throws {
    let rules = [
      StaticRules.Rule(name: "eth10", method: .label, value: "Port 1"),
      StaticRules.Rule(name: "eth2", method: .mac, value: "AB-CD-EF-AB-CD-EF"),
    ]
    let bytes = try StaticRules.rendered(rules)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines == ["eth2:mac=\"ab:cd:ef:ab:cd:ef\"", "eth10:label=\"Port 1\""])
    #expect(try StaticRules(parsing: bytes).problems.isEmpty)
    for wrong in [
      StaticRules.Rule(name: "bond0", method: .label, value: "x"), .init(name: "eth1", method: .mac, value: "x"),
      .init(name: "eth1", method: .label, value: "a\"\neth2=\"b"), .init(name: "eth2", method: .label, value: "x"),
    ] {
      #expect(throws: SettingError.self) { try StaticRules.rendered(rules + [wrong]) }
    }
  }

  // MARK: Dynamic rules

  @Test func readsTheNamesOfTheLastBoot() throws {
    let rules = try DynamicRules(parsing: Array(SampleFiles.dynamicRules.utf8))
    #expect(rules.lastBoot == [.init(mac: "08:00:27:49:a4:92", pci: "0000:00:03.0[0]", name: "eth0")])
    #expect(rules.old.isEmpty && rules.problems.isEmpty)
    #expect(try DynamicRules(parsing: Array("# nothing yet\n".utf8)).lastBoot.isEmpty)
  }

  @Test func writesItAsItWas() throws {
    let rules = try DynamicRules(parsing: Array(SampleFiles.dynamicRules.utf8))
    let bytes = try DynamicRules.rendered(lastBoot: rules.lastBoot, old: rules.old)
    #expect(String(decoding: bytes, as: UTF8.self) == SampleFiles.dynamicRules)
    let entries = ["eth0", "eth1"].map { DynamicRules.Entry(mac: "0-1-2-3-4-5", pci: "00:10.2", name: $0) }
    let again = try DynamicRules(parsing: try DynamicRules.rendered(lastBoot: [], old: entries))
    #expect(again.lastBoot.isEmpty)
    #expect(again.old.map(\.pci) == ["0000:00:10.2", "0000:00:10.2"])
    #expect(throws: SettingError.self) {
      try DynamicRules.rendered(lastBoot: [.init(mac: "x", pci: "00:10.2", name: "eth0")], old: [])
    }
  }

  @Test func passesOverBadEntriesAndNamesThem() throws {
    let text = """
      # comment
      {"lastboot": [["00:11:22:33:44:55", "00:10.2", "eth0"], ["x"], ["00:11:22:33:44:56", "nowhere", "eth1"], 7],
        # in between
        "old": {}}
      """
    let rules = try DynamicRules(parsing: Array(text.utf8))
    #expect(rules.lastBoot.map(\.name) == ["eth0"])
    #expect(
      rules.problems == [
        "lastboot[1] is not a MAC, a PCI address and a name", "lastboot[2] is not a MAC, a PCI address and a name",
        "lastboot[3] is not a MAC, a PCI address and a name", "old is not a list",
      ])
  }

  @Test func namesTheLineThatIsNotJSON() {
    #expect(
      throws: HostFileError.malformed(path: RenameRules.dynamicPath, reason: "line 3 is not JSON: unexpected 'x'")
    ) { try DynamicRules(parsing: Array("# one\n{\n x\n}".utf8)) }
  }

  // MARK: Back to the installation

  @Test func putsBackWhatTheInstallerWrote() throws {
    let host = try TemporaryHost()
    #expect(!RenameRules.areUsed(on: host.system))
    try host.write(SampleFiles.staticRules, RenameRules.folder + "/.from_install/static-rules.conf")
    try host.write(SampleFiles.dynamicRules, RenameRules.folder + "/.from_install/dynamic-rules.json")
    try host.write(SampleFiles.staticRules, RenameRules.staticPath)
    #expect(RenameRules.areUsed(on: host.system))
    let restorations = try RenameRules.restorations(on: host.system)
    #expect(restorations.map(\.path) == [RenameRules.staticPath, RenameRules.dynamicPath])
    #expect(restorations.map(\.isChange) == [false, true])
    #expect(
      restorations.map { String(decoding: $0.bytes, as: UTF8.self) } == [
        SampleFiles.staticRules, SampleFiles.dynamicRules,
      ])
    #expect(host.text(RenameRules.dynamicPath) == nil)
  }

  @Test func aDamagedCopyIsRefused() throws {
    let host = try TemporaryHost()
    let copy = RenameRules.folder + "/.from_install/dynamic-rules.json"
    try host.write("{\"lastboot\": [", copy)
    #expect { try RenameRules.restorations(on: host.system) } throws: { ($0 as? HostFileError)?.path == copy }
    #expect(try RenameRules.restorations(on: TemporaryHost().system).isEmpty)
  }
}
