import Dom0
import Testing

@Suite struct ServicesTests {
  @Test func readsUnitsInTheOrderAskedFor() throws {
    // systemd 219 keeps an order of its own, and answers for units it does not know as well.
    let units = try SystemUnit.parse(
      """
      Id=xapi.service
      LoadState=loaded
      ActiveState=failed
      SubState=failed
      UnitFileState=enabled
      Result=exit-code

      Result=success
      Id=NetworkManager.service
      LoadState=not-found
      ActiveState=inactive
      SubState=dead
      UnitFileState=

      """, asked: ["xapi.service", "NetworkManager.service"])
    #expect(units.map(\.name) == ["xapi.service", "NetworkManager.service"])
    #expect(units.map(\.active) == ["failed", "inactive"])
    #expect(units.map(\.sub) == ["failed", "dead"])
    #expect(units.map(\.hasFailed) == [true, false])
    #expect(units.map(\.exists) == [true, false])
    #expect(units.map(\.enabled) == ["enabled", nil])
    #expect(units[0].result == "exit-code")
  }

  @Test func namesAnAnswerThatIsNotForAll() {
    #expect(throws: LiveFailure.garbage(tool: "systemctl", reason: "1 answers for 2 units")) {
      try SystemUnit.parse("ActiveState=active\n", asked: ["a", "b"])
    }
    #expect(throws: LiveFailure.garbage(tool: "systemctl", reason: "no ActiveState for a")) {
      try SystemUnit.parse("Id=a\n", asked: ["a"])
    }
    #expect(throws: LiveFailure.garbage(tool: "systemctl", reason: "0 answers for 1 units")) {
      try SystemUnit.parse("", asked: ["a"])
    }
  }

  @Test func readsSourcesOfTime() throws {
    let sources = try ChronySource.parse(
      """
      ^,-,10.62.16.11,5,6,377,54,0.000496471,0.000496471,0.071449950
      ^,*,10.71.56.11,5,6,377,57,-0.000006851,-0.000118707,0.082518920
      =,?,2001:db8::1,0,6,0,4294967295,0.000000000,0.000000000,0.000000000
      """)
    #expect(sources.map(\.name) == ["10.62.16.11", "10.71.56.11", "2001:db8::1"])
    #expect(sources.map(\.state) == [.notCombined, .selected, .unreachable])
    #expect(sources.map(\.kind) == [.server, .server, .peer])
    #expect(sources.map(\.lastHeard) == [54, 57, nil])
    #expect(sources.map(\.reach) == [0xff, 0xff, 0])
    #expect(sources[1].offset == -0.000006851)
    #expect(throws: LiveFailure.garbage(tool: "chronyc", reason: "\"506 Cannot talk to daemon\" is no source of time"))
    {
      try ChronySource.parse("506 Cannot talk to daemon\n")
    }
  }

  @Test func readsHowWellTheClockIsKept() throws {
    let good = try ChronyTracking.parse(
      "0A3E100B,10.62.16.11,4,1795368005.123,-0.000006851,0.000012,0.000045,-12.3,0.001,0.045,0.002,0.0005,64.2,Normal\n")
    #expect(good.source == "10.62.16.11")
    #expect(good.stratum == 4)
    #expect(good.offset == 0.000006851)
    #expect(good.uncertainty.map { abs($0 - 0.0015) < 1e-9 } == true)
    let lost = try ChronyTracking.parse("00000000,,0,0.000000000,0.000000000,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised\n")
    #expect(lost.source == nil)
    #expect(lost.offset == nil)
    #expect(throws: LiveFailure.garbage(tool: "chronyc", reason: "\"506 Cannot talk to daemon\" tells nothing of the clock")) {
      try ChronyTracking.parse("506 Cannot talk to daemon\n")
    }
  }

  @Test func readsPeersOfNTPD() throws {
    let peers = try NTPPeer.parse(
      """
           remote           refid      st t when poll reach   delay   offset  jitter
      ==============================================================================
      *10.62.16.11     .GPS.            1 u   33   64  377    0.123   -0.456   0.789
      +10.71.56.11     10.62.16.11      2 u   5m   64   17    0.223    1.250   0.689
       10.71.56.12     .INIT.          16 u    -   64    0    0.000    0.000   0.000
      x2001:db8::7     10.0.0.1         3 u   1h 1024  377   12.000 9100.000  40.100

      """)
    #expect(peers.map(\.name) == ["10.62.16.11", "10.71.56.11", "10.71.56.12", "2001:db8::7"])
    #expect(peers.map(\.state) == [.selected, .combined, .unused, .falseTicker])
    #expect(peers.map(\.reach) == [0xff, 0x0f, 0, 0xff])
    #expect(peers.map(\.lastHeard) == [33, 300, nil, 3600])
    #expect(peers[1].offset == -0.00125)
    #expect(try NTPPeer.parse("No association ID's returned\n").isEmpty)
    #expect(throws: LiveFailure.self) { try NTPPeer.parse("ntpq: read: Connection refused\n") }
  }

  @Test func readsFirmwareNames() {
    let names = FirmwareName.parse(
      """
      BIOS device: em1
      Kernel name: eth0
      Permanent MAC: EC:F4:BB:C3:AF:A8
      Assigned MAC : EC:F4:BB:C3:AF:A8
      Driver: ixgbe
      Driver version: 5.9.4
      Firmware version: 0x8000095c, 19.5.12
      Bus Info: 0000:01:00.0
      PCI name      : 0000:01:00.0
      PCI Slot      : embedded
      SMBIOS Label: Integrated NIC 1
      sysfs Label: NIC1


      BIOS device:
      Kernel name: side-12-eth4
      Bus Info: usb-0000:00:02.0-1

      """)
    #expect(names.map(\.kernelName) == ["eth0", "side-12-eth4"])
    #expect(names.map(\.name) == ["em1", nil])
    #expect(names[0].permanentMAC == "ec:f4:bb:c3:af:a8")
    #expect(names[0].assignedMAC == "ec:f4:bb:c3:af:a8")
    #expect(names[0].firmware == "0x8000095c, 19.5.12")
    #expect(names[0].slot == "embedded")
    #expect(names[0].label == "Integrated NIC 1")
    #expect(names[1].bus == "usb-0000:00:02.0-1")
    #expect(FirmwareName.parse("").isEmpty)
  }
}
