import Dom0
import Testing

@Suite struct SwitchLACPTests {
  /// One member as 2.17 writes it.
  private static func member(
    _ name: String, _ status: String = "current attached", partner: String = "00:1c:73:aa:bb:cc", key: Int = 5,
    state: String = "activity timeout aggregation synchronized collecting distributing"
  ) -> String {
    """

    member: \(name): \(status)
      port_id: 2
      port_priority: 65535
      may_enable: true

      actor sys_id: ec:f4:bb:c3:af:a8
      actor sys_priority: 65534
      actor port_id: 2
      actor port_priority: 65535
      actor key: 1
      actor state: activity aggregation synchronized collecting distributing

      partner sys_id: \(partner)
      partner sys_priority: 32768
      partner port_id: 12
      partner port_priority: 32768
      partner key: \(key)
      partner state: \(state)

    """
  }

  private static let head = """
    ---- bond0 ----
      status: active negotiated
      sys_id: ec:f4:bb:c3:af:a8
      sys_priority: 65534
      aggregation key: 1
      lacp_time: slow

    """

  private static let nobody = "00:00:00:00:00:00"

  @Test func readsBothWordings() throws {
    let text =
      Self.head + Self.member("eth0")
      + Self.member("eth1", "defaulted detached", partner: Self.nobody, key: 0, state: "timeout defaulted")
    let bonds = try SwitchLACP.parse(text)
    let bond = try #require(bonds.first)
    #expect(bonds.count == 1)
    #expect(bond.name == "bond0")
    #expect(bond.status == "active negotiated")
    #expect(bond.systemID == "ec:f4:bb:c3:af:a8")
    #expect(bond.key == 1)
    #expect(bond.rate == "slow")
    #expect(bond.members.map(\.name) == ["eth0", "eth1"])
    #expect(bond.members.map(\.word) == [.current, .defaulted])
    #expect(bond.members.map(\.isAttached) == [true, false])
    #expect(bond.members.map(\.hasPartner) == [true, false])
    #expect(bond.members[0].actor.portID == 2)
    #expect(bond.members[0].partner.systemID == "00:1c:73:aa:bb:cc")
    #expect(bond.members[0].partner.key == 5)
    #expect(bond.members[0].partner.portPriority == 32_768)
    #expect(bond.members[0].partner.state.contains("timeout"))
    let old = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in line.hasPrefix("  ") ? "\t\(line.dropFirst(2))" : String(line) }
      .joined(separator: "\n").replacing("member: ", with: "slave: ")
    #expect(old != text)
    #expect(try SwitchLACP.parse(old) == bonds)
  }

  @Test(
    arguments: [
      (member("eth0") + member("eth1"), SwitchLACP.Diagnosis.good),
      ("", .noMembers),
      (
        member("eth0", "defaulted detached", partner: nobody) + member("eth1", "defaulted detached", partner: nobody),
        .silentSwitch
      ),
      (member("eth0", "expired attached"), .silentSwitch),
      (member("eth0", "current attached", partner: nobody), .silentSwitch),
      (member("eth0") + member("eth1", "defaulted detached", partner: nobody), .silentMembers(["eth1"])),
      (member("eth0") + member("eth1", key: 6), .partedMembers([["eth0"], ["eth1"]])),
      (
        member("eth0") + member("eth1", partner: "00:1c:73:00:00:01") + member("eth2"),
        .partedMembers([["eth0", "eth2"], ["eth1"]])
      ),
      (member("eth0") + member("eth1", state: "activity aggregation"), .refusedMembers(["eth1"])),
      (member("eth0") + member("eth1", "current detached"), .refusedMembers(["eth1"])),
    ] as [(String, SwitchLACP.Diagnosis)])
  func saysWhatIsWrong(members: String, diagnosis: SwitchLACP.Diagnosis) throws {
    let bond = try #require(try SwitchLACP.parse(Self.head + members).first)
    #expect(bond.diagnosis() == diagnosis)
    #expect((diagnosis.advice(for: "bond0") == nil) == (diagnosis == .good))
  }

  @Test func blamesNoSwitchForACable() throws {
    let text = Self.head + Self.member("eth0") + Self.member("eth1", "defaulted detached", partner: Self.nobody)
    let bond = try #require(try SwitchLACP.parse(text).first)
    #expect(bond.diagnosis(withoutLink: ["eth1"]) == .good)
    #expect(bond.diagnosis(withoutLink: ["eth0"]) == .silentSwitch)
    #expect(bond.diagnosis(withoutLink: ["eth0", "eth1"]) == .noLinks)
  }

  @Test func advisesInPlainWords() {
    #expect(
      SwitchLACP.Diagnosis.silentMembers(["eth1", "eth2", "eth3"]).advice(for: "bond0")?
        .hasPrefix("Nobody speaks LACP with eth1, eth2 and eth3 of bond0") == true)
  }
}
