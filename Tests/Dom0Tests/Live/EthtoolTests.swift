import Dom0
import Testing

@Suite struct EthtoolTests {
  /// 4.19's: no JSON, continued lines beside the first.
  private let settings = """
    Settings for eth0:
    \tSupported ports: [ TP ]
    \tSupported link modes:   100baseT/Full
    \t                        1000baseT/Full
    \t                        10000baseT/Full
    \tSupported pause frame use: Symmetric
    \tSupports auto-negotiation: Yes
    \tSupported FEC modes: Not reported
    \tAdvertised link modes:  1000baseT/Full
    \t                        10000baseT/Full
    \tAdvertised pause frame use: Symmetric
    \tAdvertised auto-negotiation: Yes
    \tLink partner advertised link modes:  10000baseT/Full
    \tSpeed: 10000Mb/s
    \tDuplex: Full
    \tPort: Twisted Pair
    \tPHYAD: 0
    \tTransceiver: internal
    \tAuto-negotiation: on
    \tMDI-X: Unknown
    \tSupports Wake-on: umbg
    \tWake-on: g
    \tCurrent message level: 0x00000007 (7)
    \t\t\t       drv probe link
    \tLink detected: yes

    """

  @Test func readsSettings() throws {
    let link = try EthtoolLink.parse(settings)
    #expect(link.speed == 10_000)
    #expect(link.duplex == .full)
    #expect(link.negotiates == true)
    #expect(link.port == "Twisted Pair")
    #expect(link.hasLink == true)
    #expect(link.supportedModes == ["100baseT/Full", "1000baseT/Full", "10000baseT/Full"])
    #expect(link.advertisedModes == ["1000baseT/Full", "10000baseT/Full"])
    #expect(link.partnerModes == ["10000baseT/Full"])
    #expect(link.wakeOn == "g")
    #expect(link.fields["Current message level"] == ["0x00000007 (7)", "drv probe link"])
  }

  @Test func readsALinkThatIsDown() throws {
    let link = try EthtoolLink.parse(
      "Settings for eth0:\n\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n\tAuto-negotiation: off\n"
        + "\tLink detected: no (No cable)\n\tLink partner advertised link modes:  Not reported\n")
    #expect(link.speed == nil)
    #expect(link.duplex == nil)
    #expect(link.negotiates == false)
    #expect(link.hasLink == false)
    #expect(link.partnerModes.isEmpty)
  }

  @Test func anAnswerWithoutSettingsIsTold() {
    #expect(throws: LiveFailure.garbage(tool: "ethtool", reason: "no line begins with \"Settings for \"")) {
      try EthtoolLink.parse("hello\n")
    }
  }

  @Test func readsTheDriver() {
    let driver = EthtoolDriver.parse(
      """
      driver: ixgbe
      version: 5.9.4
      firmware-version: 0x8000095c, 19.5.12
      expansion-rom-version:
      bus-info: 0000:01:00.0
      supports-statistics: yes
      """)
    #expect(
      driver
        == EthtoolDriver.parse(
          "driver: ixgbe\nversion: 5.9.4\nfirmware-version: 0x8000095c, 19.5.12\nbus-info: 0000:01:00.0"))
    #expect(driver.firmware == "0x8000095c, 19.5.12")
    #expect(driver.bus == "0000:01:00.0")
    #expect(EthtoolDriver.parse("driver: veth\nfirmware-version:\n").firmware == nil)
  }

  @Test func readsFeatures() {
    let features = EthtoolFeature.parse(
      """
      Features for eth0:
      rx-checksumming: on
      tx-checksumming: on
      \ttx-checksum-ipv4: off [fixed]
      tcp-segmentation-offload: off [requested on]
      large-receive-offload: off
      """)
    #expect(
      features.map(\.name) == [
        "rx-checksumming", "tx-checksumming", "tx-checksum-ipv4", "tcp-segmentation-offload", "large-receive-offload",
      ])
    #expect(features.map(\.isOn) == [true, true, false, false, false])
    #expect(features.map(\.isFixed) == [false, false, true, false, false])
    #expect(features.map(\.requested) == [nil, nil, nil, true, nil])
  }

  @Test func readsRings() {
    let rings = EthtoolRings.parse(
      """
      Ring parameters for eth0:
      Pre-set maximums:
      RX:\t\t4096
      RX Mini:\tn/a
      TX:\t\t4096
      Current hardware settings:
      RX:\t\t512
      TX:\t\t256
      """)
    #expect(rings.most == ["RX": 4096, "TX": 4096])
    #expect(rings.current == ["RX": 512, "TX": 256])
  }

  @Test(
    arguments: [
      ("Permanent address: EC:f4:bb:c3:af:a8\n", "ec:f4:bb:c3:af:a8"), ("Permanent address: 00:00:00:00:00:00\n", nil),
      ("Permanent address: not set\n", nil), ("", nil),
    ] as [(String, String?)])
  func readsThePermanentAddress(text: String, address: String?) {
    #expect(PermanentAddress.parse(text) == address)
  }

  @Test func readsTables() {
    let statistics = EthtoolRow.parse("NIC statistics:\n     rx_packets: 12\n     tx_queue_0_bytes: 77\n")
    #expect(statistics == [.init(name: "rx_packets", value: "12"), .init(name: "tx_queue_0_bytes", value: "77")])
    let module = EthtoolRow.parse(
      "\tIdentifier                                : 0x03 (SFP)\n\tVendor name                               : FS\n"
        + "\tLaser output power                        : 0.5982 mW / -2.23 dBm\n")
    #expect(module.map(\.name) == ["Identifier", "Vendor name", "Laser output power"])
    #expect(module.map(\.value) == ["0x03 (SFP)", "FS", "0.5982 mW / -2.23 dBm"])
  }
}
