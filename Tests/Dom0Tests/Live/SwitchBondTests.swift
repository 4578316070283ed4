import Dom0
import Testing

@Suite struct SwitchBondTests {
  private let old = """
    ---- bond0 ----
    bond_mode: balance-tcp
    bond may use recirculation: no, Recirc-ID : -1
    bond-hash-basis: 0
    updelay: 31000 ms
    downdelay: 200 ms
    lacp_status: configured
    active slave mac: 12:60:84:5c:1f:74(eth0)

    slave eth0: enabled
    \tactive slave
    \tmay_enable: true

    slave eth1: enabled
    \tmay_enable: true

    """

  private let new = """
    ---- bond0 ----
    bond_mode: balance-tcp
    bond may use recirculation: yes, Recirc-ID : 1
    bond-hash-basis: 0
    lb_output action: disabled, bond-id: -1
    updelay: 31000 ms
    downdelay: 200 ms
    next rebalance: 6428 ms
    lacp_status: negotiated
    lacp_fallback_ab: false
    active-backup primary: <none>
    active member mac: ec:f4:bb:c3:af:a8(eth0)

    member eth0: enabled
      active member
      may_enable: true
      hash 77: 22327 kB load

    member eth1: disabled
      updelay expires in 12000 ms
      may_enable: true

    ---- bond1 ----
    bond_mode: active-backup
    lacp_status: off
    active member mac: 00:00:00:00:00:00(none)

    member eth2: disabled
      may_enable: false
    """

  @Test func readsTheWordsOf2Point5() throws {
    let bonds = try SwitchBond.parse(old)
    #expect(bonds.map(\.name) == ["bond0"])
    #expect(bonds[0].mode == "balance-tcp")
    #expect(bonds[0].lacp == .configured)
    #expect(bonds[0].fallsBack == nil)
    #expect(bonds[0].upDelay == 31_000)
    #expect(bonds[0].downDelay == 200)
    #expect(bonds[0].activeMAC == "12:60:84:5c:1f:74")
    #expect(bonds[0].activeMember == "eth0")
    #expect(bonds[0].members.map(\.name) == ["eth0", "eth1"])
    #expect(bonds[0].members.map(\.isActive) == [true, false])
    #expect(bonds[0].members.map(\.isEnabled) == [true, true])
    #expect(bonds[0].members.map(\.mayEnable) == [true, true])
  }

  @Test func readsTheWordsOf2Point17AndSeveralBonds() throws {
    let bonds = try SwitchBond.parse(new)
    #expect(bonds.map(\.name) == ["bond0", "bond1"])
    #expect(bonds[0].lacp == .negotiated)
    #expect(bonds[0].fallsBack == false)
    #expect(bonds[0].members.map(\.isEnabled) == [true, false])
    #expect(bonds[0].members.map(\.isActive) == [true, false])
    #expect(bonds[0].members[1].pending == "updelay expires in 12000 ms")
    #expect(bonds[1].lacp == .off)
    #expect(bonds[1].activeMember == nil && bonds[1].activeMAC == nil)
    #expect(bonds[1].members.map(\.mayEnable) == [false])
  }

  @Test func indentMeansNothing() throws {
    let flat = new.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }.joined(
      separator: "\n")
    let deep = new.split(separator: "\n", omittingEmptySubsequences: false).map { "\t    \($0)" }.joined(
      separator: "\r\n")
    #expect(try SwitchBond.parse(flat) == SwitchBond.parse(new))
    #expect(try SwitchBond.parse(deep) == SwitchBond.parse(new))
  }

  @Test func wordsNotKnownAreKept() throws {
    #expect(try SwitchBond.parse("---- b ----\nlacp_status: sleeping\n")[0].lacp == .other("sleeping"))
  }

  @Test func noBondsAreNoneAndGarbageIsTold() throws {
    #expect(try SwitchBond.parse("").isEmpty)
    #expect(
      throws: LiveFailure.garbage(tool: "ovs-appctl", reason: "\"no such bond\" stands where a bond's name should")
    ) {
      try SwitchBond.parse("no such bond\n")
    }
  }

  @Test(arguments: ["members", "slaves"]) func readsTheList(word: String) {
    let entries = SwitchBondEntry.parse("bond\ttype\trecircID\t\(word)\nbond0\tbalance-slb\t0\teth0, eth1\n\njunk\n")
    #expect(entries.map(\.name) == ["bond0"])
    #expect(entries.map(\.mode) == ["balance-slb"])
    #expect(entries.map(\.members) == [["eth0", "eth1"]])
  }
}
