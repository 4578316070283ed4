import Dom0
import Testing

/// What tools write about NICs, as it looks on real hosts, and as it should not look.
@Suite struct NICReadingTests {
  @Test func readsChannels() {
    let channels = EthtoolChannels.parse(
      """
      Channel parameters for eth0:
      Pre-set maximums:
      RX:\t\t0
      TX:\t\t0
      Other:\t\t1
      Combined:\t63
      Current hardware settings:
      RX:\t\t0
      TX:\t\t0
      Other:\t\t1
      Combined:\t16

      """)
    #expect(channels.most == ["RX": 0, "TX": 0, "Other": 1, "Combined": 63])
    #expect(channels.current["Combined"] == 16)
  }

  @Test func readsPause() {
    let pause = EthtoolPause.parse("Pause parameters for eth0:\nAutonegotiate:\ton\nRX:\t\toff\nTX:\t\ton\n\n")
    #expect(pause == EthtoolPause(negotiates: true, receives: false, sends: true))
    #expect(EthtoolPause.parse("RX negotiated:\toff\nAutonegotiate: maybe\n") == EthtoolPause())
  }

  private static let arista = """
    Chassis ID TLV
    \tMAC: 00:1c:73:aa:bb:cc
    Port ID TLV
    \tIfname: Ethernet12
    Time to Live TLV
    \t120
    Port Description TLV
    \txcp1: eth0
    System Name TLV
    \tsw-r4-a.example
    System Description TLV
    \tArista Networks EOS version 4.28.3M
    \trunning on a DCS-7050
    System Capabilities TLV
    \tSystem capabilities:  Bridge, Router
    \tEnabled capabilities: Bridge
    Management Address TLV
    \tIPv4: 10.0.4.250
    \tIfindex: 999001
    \tOID: 
    Management Address TLV
    \tIPv6: fd00:4::250
    Port VLAN ID TLV
    \tPVID: 40
    VLAN Name TLV
    \tVID 40: Name office
    Unidentified Org Specific TLV
    \tOUI: 0x00001c, Subtype: 1, Info: 00
    End of LLDPDU TLV

    """

  @Test func readsANeighbourOfLLDPAD() {
    let neighbour = LLDPNeighbour(lldptool: Self.arista)
    #expect(neighbour.system == "sw-r4-a.example" && neighbour.chassis == "00:1c:73:aa:bb:cc")
    #expect(neighbour.port == "Ethernet12" && neighbour.portDescription == "xcp1: eth0")
    #expect(neighbour.systemDescription == "Arista Networks EOS version 4.28.3M\nrunning on a DCS-7050")
    #expect(neighbour.vlan == 40 && neighbour.addresses == ["10.0.4.250", "fd00:4::250"])
  }

  /// IEEE 802.1Q: 0 says that the port has no VLAN of its own.
  @Test func aVLANOfNoughtIsNone() {
    #expect(LLDPNeighbour(lldptool: "Port VLAN ID TLV\n\tPVID: 0\n").vlan == nil)
  }

  @Test(arguments: ["", "\n\n", "End of LLDPDU TLV\n", "\tMAC: x\n", "Agent instance for device not found\n", "\u{fffd}\0\tIfname: \n:\n"])
  func whatIsNoNeighbourIsNone(_ text: String) {
    #expect(LLDPNeighbour(lldptool: text).isEmpty)
    #expect(LLDPNeighbour(keyValues: text, of: "eth0").isEmpty)
  }

  @Test func readsANeighbourOfLLDPD() {
    let text = """
      lldp.eth1.via=LLDP
      lldp.eth1.chassis.name=elsewhere
      lldp.eth0.via=LLDP
      lldp.eth0.rid=1
      lldp.eth0.age=17 days, 09:36:51
      lldp.eth0.chassis.mac=00:1c:73:aa:bb:cc
      lldp.eth0.chassis.name=sw-r4-a
      lldp.eth0.chassis.descr=Switch OS
      Copyright=somebody
      lldp.eth0.chassis.mgmt-ip=10.0.4.250
      lldp.eth0.chassis.mgmt-ip=fd00:4::250
      lldp.eth0.chassis.Bridge.enabled=on
      lldp.eth0.port.ifname=Gi3/0/9
      lldp.eth0.port.descr=GigabitEthernet3/0/9
      lldp.eth0.vlan.vlan-id=20
      lldp.eth0.vlan.pvid=no
      lldp.eth0.vlan.vlan-id=75
      lldp.eth0.vlan.pvid=yes
      """
    let neighbour = LLDPNeighbour(keyValues: text, of: "eth0")
    #expect(neighbour.system == "sw-r4-a" && neighbour.port == "Gi3/0/9" && neighbour.portDescription == "GigabitEthernet3/0/9")
    #expect(neighbour.systemDescription == "Switch OS\nCopyright=somebody")
    #expect(neighbour.vlan == 75 && neighbour.addresses == ["10.0.4.250", "fd00:4::250"])
    #expect(LLDPNeighbour(keyValues: text, of: "eth").isEmpty)
  }

  // MARK: Who is asked

  private struct Tools: ToolRunner {
    var answers: [String: ToolOutput]

    func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
      guard let answer = answers[command.name] else { throw .missing(tool: command.name) }
      return answer
    }
  }

  private func answer(_ answers: [String: ToolOutput]) async throws -> LLDPAnswer {
    let scratch = try Scratch()
    defer { scratch.remove() }
    return try await LLDPAnswer.read("eth0", on: HostSystem(root: scratch.path, tools: Tools(answers: answers)))
  }

  private static func failed(_ text: String) -> ToolOutput { ToolOutput(exit: .code(255), errors: Array(text.utf8)) }

  @Test func theSecondToolIsAskedWhereTheFirstHasNothingToSay() async throws {
    let other = ToolOutput(output: Array("lldp.eth0.chassis.name=sw\n".utf8))
    for first in [nil, ToolOutput(), Self.failed("connect: Connection refused"), Self.failed("Device not found or inactive")] {
      var answers = ["lldpcli": other]
      answers["lldptool"] = first
      guard case .neighbour(let neighbour) = try await answer(answers) else {
        Issue.record("no neighbour")
        continue
      }
      #expect(neighbour.system == "sw")
    }
  }

  @Test func silenceDeafnessAndAbsenceAreToldApart() async throws {
    #expect(try await answer(["lldptool": ToolOutput()]) == .silence("lldptool"))
    #expect(try await answer(["lldptool": Self.failed("Device not found or inactive")]) == .deaf("lldptool"))
    await #expect(throws: LiveFailure.tool(.missing(tool: "lldptool"))) { try await answer([:]) }
    await #expect {
      _ = try await answer(["lldptool": Self.failed("connect: Connection refused")])
    } throws: {
      guard case .refused(tool: "lldptool", exit: _, message: "connect: Connection refused") = $0 as? LiveFailure else { return false }
      return true
    }
  }

  // MARK: Files

  @Test func aSlotHasAllFunctionsOfItsCard() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    try scratch.write("0000:03:00\n", to: "sys/bus/pci/slots/2/address")
    try scratch.write("0000:5e:00\n", to: "sys/bus/pci/slots/3-1/address")
    let system = HostSystem(root: scratch.path)
    #expect(PCISlot.name(of: "0000:5e:00.1", on: system) == "3-1")
    #expect(PCISlot.name(of: "0000:03:00.0", on: system) == "2")
    #expect(PCISlot.name(of: "0000:04:00.0", on: system) == nil)
    #expect(PCISlot.name(of: "usb", on: system) == nil)
    #expect(PCISlot.name(of: "0000:5e:00.1", on: HostSystem(root: scratch.path + "/sys")) == nil)
  }

  @Test func aLinkIsReadFromFewFiles() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    for (name, text) in [
      ("flags", "0x1003"), ("carrier", "1"), ("carrier_changes", "7"), ("speed", "4294967295"), ("duplex", "unknown"),
      ("ifindex", "3"), ("address", "EC:F4:BB:C3:AF:A8"), ("statistics/rx_bytes", "18446744073709551615"),
    ] { try scratch.write(text + "\n", to: "sys/class/net/eth0/\(name)") }
    let files = LinkFiles("eth0", on: HostSystem(root: scratch.path))
    #expect(files.isUp && files.hasCarrier == true && files.changes == 7 && files.index == 3)
    #expect(files.speed == nil && files.duplex == nil && files.mac == "ec:f4:bb:c3:af:a8")
    #expect(files.receivedBytes == .max && files.sentBytes == nil)
    let none = LinkFiles("eth1", on: HostSystem(root: scratch.path))
    #expect(!none.isUp && none.hasCarrier == nil && none.changes == nil && none.index == nil)
    #expect(NetworkDevice.one("../eth0", on: HostSystem(root: scratch.path)) == nil)
  }
}
